"""What is not as it should be: offline, a wrong client, a wrong clock, two terminals at once."""

from __future__ import annotations

import contextlib
import json
import socket
import sqlite3
from pathlib import Path

import pytest

from tests.support.desk import WORK, Desk
from tests.support.run import start


@pytest.fixture
def nowhere() -> str:
    """An address of this machine at which nobody answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


def test_offline_everything_that_is_here_can_be_looked_at(desk: Desk, nowhere: str) -> None:
    desk.connected("--select", "Team")
    offline = {"CALSYNCCTL_GOOGLE_API_ROOT": nowhere}

    result = desk.run("sync", env=offline)
    assert result.code == 75
    assert "Nothing answers at 127.0.0.1" in result.err
    for look in (["status"], ["events", "list"], ["calendars", "list"], ["accounts", "list"]):
        assert desk.run(*look, env=offline).code == 0
    assert [one["kind"] for one in desk.json("status")["passing"]] == ["passing"]


def test_offline_nobody_is_sent_to_a_browser(desk: Desk, nowhere: str) -> None:
    offline = {"CALSYNCCTL_GOOGLE_TOKEN_URI": f"{nowhere}/token"}

    result = desk.run("connect", "--timeout", "30", env=desk.browser() | offline)
    assert (result.code, result.err.count("\n")) == (75, 2)
    assert "Nothing answers at 127.0.0.1" in result.err
    assert "by itself" not in result.err
    assert not desk.record.exists()


def test_a_lost_key_stands_in_status_and_log_until_it_is_back(desk: Desk) -> None:
    desk.connected("--select", "Team")
    key = next(desk.home.rglob("vault.key"))
    kept = key.read_bytes()
    key.unlink()

    assert desk.run("sync").code == 1
    (need,) = desk.json("status")["needs"]
    assert (need["kind"], need["calendar"]) == ("failing", "Team")
    assert need["what_to_do"].startswith("Restore it from a backup")
    assert "backup" in desk.ok("explain", "Team").out
    assert "vault" in next(desk.home.rglob("calsyncctl.log")).read_text()

    key.write_bytes(kept)
    key.chmod(0o600)
    desk.ok("sync")
    assert desk.json("status")["needs"] == []


def test_offline_a_disconnect_waits_for_the_next_run(desk: Desk, nowhere: str) -> None:
    desk.connected("--select", "Team")

    result = desk.run("disconnect", "work", "--yes", env={"CALSYNCCTL_GOOGLE_REVOKE_URI": f"{nowhere}/revoke"})
    assert result.code == 75
    assert "Revoked" not in result.out
    assert desk.json("status")["needs"][0]["kind"] == "disconnecting"
    assert desk.json("sync")["disconnected"] == [WORK]


def test_a_client_that_google_does_not_know_is_named(desk: Desk, tmp_path: Path) -> None:
    client = json.loads(json.dumps(desk.google.info["client"]))
    client["installed"]["client_secret"] = "wrong"
    file = tmp_path / "client.json"
    file.write_text(json.dumps(client))
    file.chmod(0o600)

    result = desk.run("connect", env={**desk.browser(), "CALSYNCCTL_CLIENT_SECRETS": str(file)})
    assert result.code == 1
    assert "OAuth client (invalid_client)" in result.err
    assert desk.json("accounts", "list") == []


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("{}", "client file"),
        ("not json", "not a client file"),
        ('{"web": {"client_id": "x"}}', "web"),
        ('{"installed": {"client_id": "x", "auth_uri": "https://a/", "token_uri": "https://b/"}}', "no client_secret"),
    ],
)
def test_a_client_file_that_cannot_be_used_says_why(desk: Desk, tmp_path: Path, content: str, what: str) -> None:
    file = tmp_path / "client.json"
    file.write_text(content)
    file.chmod(0o600)

    result = desk.run("connect", env={"CALSYNCCTL_CLIENT_SECRETS": str(file)})
    assert result.code == 1
    assert what in result.err


def test_without_any_google_app_connect_says_how_to_get_one(desk: Desk) -> None:
    desk.ok("config", "unset", "google.client_id")

    result = desk.connect()
    assert result.code == 1
    assert "calsyncctl help google-project" in result.err


def test_a_wrong_clock_is_named(desk: Desk) -> None:
    desk.google.settings(clock_offset_seconds=3 * 86400)

    result = desk.connect()
    assert result.code == 1
    assert "clock" in result.err
    assert desk.json("accounts", "list") == []


def test_two_terminals_at_once_bring_every_event_once(desk: Desk) -> None:
    desk.connected("--select", "primary", "--select", "Team", "--no-sync")
    with start("sync", home=desk.home) as one, start("sync", home=desk.home) as other:
        outputs = [one.communicate(timeout=60), other.communicate(timeout=60)]

    assert [one.returncode, other.returncode] == [0, 0], outputs
    assert desk.calendar("Team")["events"] == 11
    keys = [(row["key"], row["start"]) for row in desk.events("--from", "-60d", "--days", "400")]
    assert len(keys) == len(set(keys)) > 50


def test_two_connects_at_once_make_one_account(desk: Desk) -> None:
    lines = [start("connect", "--no-sync", home=desk.home, env=desk.browser()) for _ in range(2)]
    outputs = [line.communicate(timeout=60) for line in lines]

    assert [line.returncode for line in lines] == [0, 0], outputs
    assert len(desk.json("accounts", "list")) == 1


@pytest.mark.feature("A6")
def test_before_init_every_command_says_so(desk: Desk) -> None:
    for line in (["connect"], ["sync"], ["accounts", "list"], ["events", "list"], ["status"], ["disconnect", "x"]):
        result = desk.run("--profile", "other", *line)
        assert (result.code, result.err.count("--profile other init")) == (6, 1)


@pytest.mark.feature("A6", "B6")
def test_turned_off_nothing_is_asked_of_google(desk: Desk) -> None:
    desk.connected("--select", "Team")
    desk.ok("config", "set", "sync.enabled", "false")
    desk.google.reset_counters()

    assert desk.run("sync").code == 6
    assert desk.google.requests() == {}


def test_verbose_shows_the_traceback_of_a_bug_that_a_sync_survives(desk: Desk) -> None:
    desk.connected("--select", "Team")
    with contextlib.closing(sqlite3.connect(desk.home / "calsyncctl" / "default" / "calsyncctl.db")) as store:
        store.execute("UPDATE calendar SET cursor = NULL WHERE name = 'Team'")
        store.execute("UPDATE event SET body = 'no JSON'")
        store.execute("UPDATE copy SET there = 'no JSON' WHERE there IS NOT NULL")
        store.commit()

    quiet, verbose = desk.run("sync"), desk.run("sync", "--verbose")
    assert (quiet.code, "Traceback" in quiet.err) == (1, False)
    assert (verbose.code, verbose.err.count("Traceback")) == (1, 1)


def test_a_use_limit_is_told_at_once_with_when_it_is_tried_again(desk: Desk) -> None:
    desk.connected("--select", "Team")
    desk.google.fault(path="events.list", status=403, reason="quotaExceeded", count=0)

    assert desk.run("sync").code == 75
    (told,) = desk.json("status")["passing"]
    assert told["until"] > told["since"]
    assert "; tried again 20" in desk.ok("status").out
