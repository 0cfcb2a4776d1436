"""A profile backed up while it works, and put back: nothing doubled, nothing lost, nothing written until trusted."""

from __future__ import annotations

import signal
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.test_secrets import leaks
from tests.store.build import old_store
from tests.support.daemon import DaemonProcess
from tests.support.desk import SUPPORT, WORK, Desk
from tests.support.run import start

Json = dict[str, Any]


def slot(title: str, day: int) -> Json:
    start, end = ({"dateTime": f"2030-01-{day:02}T{hour}:00:00Z"} for hour in ("09", "10"))
    return {"summary": title, "start": start, "end": end}


@pytest.fixture
def calendar(desk: Desk) -> str:
    """The id of a selected google calendar with three events."""
    made = desk.google.add_calendar(WORK, "Planning")
    for number in range(1, 4):
        desk.google.insert(made, slot(f"Item {number}", number))
    desk.connected("--select", "Planning")
    return made


def titles(desk: Desk) -> list[str]:
    return sorted(one["summary"] for one in desk.events("--from", "2030-01-01", "--to", "2030-02-01"))


def there(desk: Desk, calendar: str) -> list[str]:
    return sorted(one["summary"] for one in desk.google.listed(calendar))


def add(desk: Desk, title: str, day: int) -> str:
    made = desk.json("events", "add", "Planning", title, "--start", f"2030-01-{day:02} 12:00", "--push")
    return str(made["key"])


@pytest.mark.feature("E13", "E17")
def test_after_a_restore_nothing_is_doubled_and_nothing_is_lost(desk: Desk, calendar: str) -> None:
    early = add(desk, "Before", 10)
    desk.ok("calendars", "add", "Rooms")
    desk.ok("links", "add", "Rooms", "Planning")
    desk.ok("sync")
    backup = desk.json("profile", "backup")
    add(desk, "Ours after", 11)
    desk.ok("events", "add", "Rooms", "Room after", "--start", "2030-01-13 12:00")
    desk.ok("events", "edit", early, "--title", "Before, edited", "--push")
    desk.google.insert(calendar, slot("Theirs after", 12))
    desk.google.patch(calendar, desk.google.listed(calendar)[0]["id"], {"summary": "Item 1, edited"})
    desk.ok("sync")
    wanted = titles(desk)
    desk.google.expire_sync_tokens()  # as with an old backup: everything is listed anew
    desk.google.reset_counters()

    restored = desk.json("profile", "restore", backup["file"], "--yes")
    assert (restored["shadows"], restored["events"]) == ([WORK], backup["events"])
    assert "Ours after" not in titles(desk)
    desk.run("reconcile")
    assert titles(desk) == wanted
    desk.ok("accounts", "trust", WORK)
    desk.ok("sync")

    assert (titles(desk), there(desk, calendar)) == (wanted, wanted)
    assert desk.google.counters()["writes"] == 0
    assert desk.ok("reconcile", "--check", "--json").json()["calendars"][0]["counts"] == []


@pytest.mark.feature("E13", "E19")
def test_after_a_restore_nothing_is_written_until_the_account_is_trusted(desk: Desk, calendar: str) -> None:
    backup = desk.json("profile", "backup")
    desk.json("profile", "restore", backup["file"], "--yes")
    assert desk.json("profile", "show")["restored"] is not None
    assert "restored" in [need["kind"] for need in desk.json("status")["needs"]]

    desk.run("events", "add", "Planning", "Held", "--start", "2030-01-20 12:00", "--push")
    desk.run("sync")
    assert "Held" not in there(desk, calendar)
    desk.run("-q", "reconcile")  # as cron does: nobody looked
    assert desk.json("profile", "show")["restored"] is not None
    told = desk.run("reconcile")
    assert f"calsyncctl accounts trust {WORK}" in told.err
    assert desk.json("profile", "show")["restored"] is None
    assert "Held" not in there(desk, calendar)

    desk.ok("accounts", "trust", WORK)
    desk.ok("sync")
    assert "Held" in there(desk, calendar)


@pytest.mark.feature("E13")
def test_a_backup_is_made_while_others_write_and_holds_one_state(desk: Desk, calendar: str) -> None:
    store = next(desk.home.rglob("calsyncctl.db"))
    with sqlite3.connect(store, isolation_level=None) as writing:
        writing.execute("BEGIN IMMEDIATE")
        writing.execute("UPDATE event SET summary = 'Half done'")
        backup = desk.json("profile", "backup", str(desk.home / "mine.sqlite"))
        writing.execute("ROLLBACK")
    writing.close()

    file = Path(backup["file"])
    assert (file, file.stat().st_mode & 0o777) == (desk.home / "mine.sqlite", 0o600)
    with sqlite3.connect(file) as copied:
        assert copied.execute("SELECT count(*) FROM event WHERE summary = 'Half done'").fetchone() == (0,)
    copied.close()
    assert [one for one in leaks(desk.home) if one.endswith(".sqlite")] == []


@pytest.mark.feature("E13")
def test_a_file_is_replaced_only_after_a_yes(desk: Desk) -> None:
    (desk.home / "mine").write_text("dear")

    for command in ("backup", "export"):
        refused = desk.run("profile", command, "mine")
        assert (refused.code, "Replace mine?" in refused.err) == (2, True)
    assert (desk.home / "mine").read_text() == "dear"
    assert desk.run("profile", "backup", "mine", "--yes").code == 0
    assert Path(desk.json("profile", "backup", str(desk.home))["file"]).name.endswith("-asked.sqlite")


@pytest.mark.feature("E13")
def test_neither_a_backup_nor_an_export_is_written_over_the_profile_itself(desk: Desk) -> None:
    for name in ("calsyncctl.db", "config.toml"):
        file = next(desk.home.rglob(name))
        before = file.read_bytes()
        for line in ("backup", "export"):
            refused = desk.run("profile", line, str(file), "--yes")
            assert (refused.code, "belongs to the profile itself" in refused.err) == (2, True)
        assert file.read_bytes() == before


@pytest.mark.feature("E13")
def test_what_is_no_backup_of_this_installation_is_refused(desk: Desk) -> None:
    desk.ok("profile", "backup", "mine")
    (desk.home / "notes").write_text("not a database, but long enough to be taken for one " * 40)
    store = next(desk.home.rglob("calsyncctl.db"))
    before = desk.json("status")

    def refusal(file: str) -> str:
        result = desk.run("profile", "restore", file, "--yes")
        assert result.code in (1, 2, 3)
        return result.err

    assert "is not a backup of a calsyncctl store" in refusal("notes")
    assert "There is no file nothing" in refusal("nothing")
    assert "is the store itself" in refusal(str(store))
    desk.ok("config", "set", "instance", "another00000", "--yes")
    assert "is of another installation" in refusal("mine")
    assert desk.json("status")["accounts"] == before["accounts"]


@pytest.mark.feature("E13")
def test_a_restore_is_refused_while_another_command_works_and_names_it(desk: Desk, calendar: str) -> None:
    desk.ok("profile", "backup", "mine")
    desk.google.fault(path="events.list", delay=1, count=1)
    desk.google.reset_counters()
    with start("sync", home=desk.home, env=desk.env) as busy:
        while "GET events.list" not in desk.google.requests():
            assert busy.poll() is None
        busy.send_signal(signal.SIGSTOP)
        refused = desk.run("profile", "restore", "mine", "--yes")
        busy.send_signal(signal.SIGCONT)
        busy.communicate(timeout=60)

    assert refused.code == 75
    assert f"calsyncctl sync is working on it (pid {busy.pid}" in refused.err
    assert desk.run("profile", "restore", "mine", "--yes").code == 0


@pytest.mark.feature("E13")
def test_while_the_daemon_runs_a_backup_is_made_and_a_restore_refused(desk: Desk, calendar: str) -> None:
    with DaemonProcess(desk.home) as daemon:
        assert desk.json("profile", "backup", "mine")["events"] == 3
        refused = desk.run("profile", "restore", "mine", "--yes")
        assert (refused.code, f"calsyncctl daemon run is working on it (pid {daemon.pid}" in refused.err) == (75, True)
        refused = desk.run("profile", "delete", "default", "--yes")
        assert (refused.code, "daemon run" in refused.err) == (75, True)


@pytest.mark.feature("E13")
def test_a_store_of_an_older_version_is_backed_up_before_it_is_changed(desk: Desk) -> None:
    profile = desk.home / "calsyncctl" / "default"
    for one in profile.glob("calsyncctl.db*"):
        one.unlink()
    old_store(profile / "calsyncctl.db", "m003_events").conn.close()

    desk.ok("status")
    (made,) = (profile / "backups").iterdir()
    assert made.name.endswith("-m003.sqlite")
    assert desk.json("profile", "restore", str(made), "--yes")["events"] == 0


@pytest.mark.feature("E13")
def test_a_damaged_store_is_put_aside_and_replaced(desk: Desk, calendar: str) -> None:
    desk.ok("profile", "backup", "mine")
    store = next(desk.home.rglob("calsyncctl.db"))
    store.write_bytes(b"SQLite format 3\0" + b"\xff" * 9000)
    assert desk.run("status").code == 1

    restored = desk.json("profile", "restore", "mine", "--yes")
    assert restored["kept"].endswith("-damaged.sqlite")
    assert len(titles(desk)) == 3
    profile = desk.home / "calsyncctl" / "default"
    assert not [one for one in profile.rglob("*") if one.is_file() and one.stat().st_mode & 0o077]
    assert not (profile / ".restoring").exists()


@pytest.mark.feature("E13")
def test_what_was_there_is_kept_and_can_be_put_back_in_turn(desk: Desk, calendar: str) -> None:
    desk.ok("profile", "backup", "mine")
    add(desk, "Later", 20)
    desk.connected("--no-sync", email=SUPPORT)

    restored = desk.json("profile", "restore", "mine", "--yes")
    kept = restored["kept"]
    assert restored["unknown"] == [SUPPORT]
    assert "Later" not in titles(desk)
    desk.ok("profile", "restore", kept, "--yes")
    assert "Later" in titles(desk)
