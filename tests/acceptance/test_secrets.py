"""No token reaches the store, the config, logs, output, arguments or tracebacks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.desk import WORK, Desk

TOKEN = re.compile(rb"ya29\.|1//0|GOCSPX-|4/0A")
"""How Google's access and refresh tokens, client secrets and codes begin; the sandbox's do, too."""


def leaks(home: Path) -> list[str]:
    """Name the files under a home that hold a secret."""
    return [str(one.relative_to(home)) for one in home.rglob("*") if one.is_file() and TOKEN.search(one.read_bytes())]


@pytest.mark.feature("A16")
def test_no_secret_is_in_any_file_or_word_of_a_working_day(desk: Desk) -> None:
    said = [
        desk.connected("--select", "Team", "--verbose"),
        desk.ok("sync", "--verbose"),
        desk.ok("accounts", "show", WORK, "--json"),
        desk.ok("config", "show", "--json"),
        desk.ok("status", "--json"),
    ]
    desk.google.expire_access_tokens(WORK)
    said += [desk.ok("sync", "--verbose"), desk.ok("disconnect", "work", "--yes")]

    assert not [one for one in said if TOKEN.search((one.out + one.err).encode())]
    desk.record.unlink()  # the browser's own notes: what it was shown is looked at below
    assert leaks(desk.home) == []


@pytest.mark.feature("A16")
def test_the_browser_is_given_and_shown_no_token(desk: Desk) -> None:
    desk.connected("--no-sync")

    assert not TOKEN.search(desk.record.read_bytes())


@pytest.mark.feature("A16")
@pytest.mark.parametrize("path", ["/token", "calendarList.list", "/v1/userinfo"])
@pytest.mark.parametrize("body", ["not-json", "truncate"])
def test_answers_that_cannot_be_read_are_not_quoted(desk: Desk, path: str, body: str) -> None:
    desk.google.fault(path=path, body=body, count=0)

    result = desk.connect("--no-sync", "--verbose")
    assert not TOKEN.search((result.out + result.err).encode())
    assert "Traceback" not in result.err
    desk.record.unlink()
    assert leaks(desk.home) == []


BUG = """
import calsyncctl.google.tokens as tokens

def token(self):
    held = [self._secrets.get(f"{kind}:{self._sub}") for kind in ("access", "refresh")]
    raise RuntimeError(f"a bug with {held}", self._client)

tokens.AccessTokens.token = token
"""
"""Makes a bug happen where tokens are at hand, as careless as it can be: they stand in the exception itself."""


@pytest.mark.feature("A16")
def test_the_traceback_of_a_bug_holds_no_token(desk: Desk) -> None:
    desk.connected("--select", "Team", "--no-sync")
    desk.record.unlink()
    (desk.home / "sitecustomize.py").write_text(BUG)

    result = desk.run("sync", "--verbose", env={"PYTHONPATH": str(desk.home)})
    assert result.code == 1
    assert "An error in calsyncctl (RuntimeError) stopped the sync of “Team”. This is a bug" in result.err
    (log,) = desk.home.rglob("*.log")
    assert "Traceback" in log.read_text()
    assert not TOKEN.search((result.out + result.err).encode())
    assert leaks(desk.home) == []


@pytest.mark.feature("A16")
def test_files_belong_to_nobody_else(desk: Desk) -> None:
    desk.connected("--select", "Team")

    profile = desk.home / "calsyncctl" / "default"
    modes = {(one.is_dir(), one.stat().st_mode & 0o777) for one in [profile, *profile.rglob("*")]}
    assert modes <= {(True, 0o700), (False, 0o600)}
