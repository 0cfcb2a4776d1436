"""A connection made on a laptop with a browser, handed over to a server without one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.desk import WORK, Desk
from tests.support.sandbox import Sandbox


@pytest.fixture
def server(google: Sandbox, enabled: Path, tmp_path: Path) -> Desk:
    home = tmp_path / "server"
    shutil.copytree(enabled, home)
    (home / "word").write_text("correct horse battery staple\n")
    return Desk(home, google)


@pytest.fixture
def parcel(desk: Desk, server: Desk) -> Path:
    desk.connected("--select", "Team")
    file = desk.home / "work.sealed"
    desk.ok("accounts", "export", "work", str(file), "--passphrase-file", str(server.home / "word"))
    return file


@pytest.mark.feature("E15")
def test_a_handed_over_connection_works_and_its_calendars_are_selected(server: Desk, parcel: Path) -> None:
    said = server.json("accounts", "import", str(parcel), "--passphrase-file", str(server.home / "word"))

    assert (said["email"], said["state"], said["selected"]) == (WORK, "active", 1)
    assert [one["name"] for one in server.json("sync")["calendars"]] == ["Team"]


@pytest.mark.feature("E15", "A16")
def test_the_file_is_sealed_and_nobody_elses(parcel: Path) -> None:
    assert parcel.stat().st_mode & 0o777 == 0o600
    assert WORK.encode() not in parcel.read_bytes()


@pytest.mark.feature("E15")
def test_a_wrong_passphrase_opens_nothing(server: Desk, parcel: Path) -> None:
    (server.home / "word").write_text("wrong\n")

    result = server.run("accounts", "import", str(parcel), "--passphrase-file", str(server.home / "word"))
    assert result.code == 2
    assert "passphrase is wrong" in result.err
    assert server.json("accounts", "list") == []


@pytest.mark.feature("E15")
def test_a_connection_that_google_no_longer_accepts_is_not_kept(server: Desk, parcel: Path) -> None:
    server.google.revoke(WORK)

    result = server.run("accounts", "import", str(parcel), "--passphrase-file", str(server.home / "word"))
    assert result.code == 1
    assert "no longer accept" in result.err
    assert server.json("accounts", "list") == []


@pytest.mark.feature("E15")
def test_importing_twice_repairs_in_place(server: Desk, parcel: Path) -> None:
    for _ in range(2):
        server.ok("accounts", "import", str(parcel), "--passphrase-file", str(server.home / "word"))

    assert len(server.json("accounts", "list")) == 1


def test_an_export_never_replaces_a_file(desk: Desk, parcel: Path, server: Desk) -> None:
    result = desk.run("accounts", "export", "work", str(parcel), "--passphrase-file", str(server.home / "word"))

    assert result.code == 2
    assert "cannot be written" in result.err
