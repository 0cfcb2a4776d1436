"""Trouble around the daemon: each kind has a sentence and an end, and none of them loses or doubles anything."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import calsyncctl
from calsyncctl.clock import SystemClock
from calsyncctl.daemon import presence
from calsyncctl.daemon.presence import Told
from calsyncctl.daemon.run import GRACE, PATIENCE
from calsyncctl.flags import Flags
from calsyncctl.model.secrets import CLIENT_SECRET
from calsyncctl.paths import paths_of
from calsyncctl.runtime import Runtime
from calsyncctl.store.calendars import list_calendars
from calsyncctl.store.db import open_store
from tests.acceptance.test_daemon import lunch, made_there, titles_here, titles_there
from tests.support.daemon import DaemonProcess, eventually
from tests.support.desk import WORK, Desk
from tests.support.run import environment, start

FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)


def store_of(desk: Desk) -> Path:
    return desk.home / "calsyncctl" / "default" / "calsyncctl.db"


@pytest.fixture
def team(desk: Desk) -> str:
    """A connected desk's calendar."""
    desk.connected("--select", "Team")
    return desk.google.calendar("Team")


@pytest.fixture
def daemon(desk: Desk, team: str) -> Iterator[DaemonProcess]:
    with DaemonProcess(desk.home) as running:
        yield running


@pytest.mark.feature("A14", "C11")
def test_an_hour_without_network_is_said_once_and_over_by_itself(desk: Desk, team: str, daemon: DaemonProcess) -> None:
    desk.google.fault(drop="before", count=0)
    for _ in range(3):
        daemon.all_due()
        lunch(desk)
        daemon.wait_log("WARNING.*“Team”.*")
    assert sum("WARNING" in line for line in daemon.heard()) == 1
    desk.google.clear_faults()
    daemon.all_due()
    daemon.wait_log("“Team”.*well again")
    eventually(lambda: titles_there(desk, team).count("Lunch") == 3)


def test_a_secret_of_the_google_app_that_was_changed_by_init_is_used_without_a_restart(desk: Desk, team: str) -> None:
    secrets = Runtime(Flags(), environment(desk.home), SystemClock()).secrets
    right = secrets.get(CLIENT_SECRET)
    secrets.set(CLIENT_SECRET, "rotated")
    desk.google.expire_access_tokens(WORK)
    with DaemonProcess(desk.home) as daemon:
        daemon.wait_log("WARNING.*OAuth client")
        desk.ok("init", "--sandbox", "--sandbox-address", desk.google.root)
        assert secrets.get(CLIENT_SECRET) == right != "rotated"
        made_there(desk, team, "Review")
        daemon.all_due()
        daemon.wait_log("well again")
        eventually(lambda: "Review" in titles_here(desk))
        assert daemon.end() == 0


@pytest.mark.deep  # every write waits its five seconds first
def test_a_store_that_another_process_holds_is_waited_for(desk: Desk, team: str, daemon: DaemonProcess) -> None:
    with closing(sqlite3.connect(store_of(desk), isolation_level=None)) as other:
        daemon.all_due()
        other.execute("BEGIN IMMEDIATE")
        made_there(desk, team, "Review")
        daemon.wait_log("Another calsyncctl is writing to the store")
        other.execute("ROLLBACK")
    daemon.all_due()
    eventually(lambda: "Review" in titles_here(desk))
    assert daemon.end() == 0


def seconds_to_end(daemon: DaemonProcess) -> float:
    began = time.monotonic()
    assert daemon.end() == 0
    return time.monotonic() - began


def test_it_ends_within_five_seconds_though_another_process_holds_the_store(desk: Desk, team: str) -> None:
    with DaemonProcess(desk.home) as daemon:
        daemon.all_due()
        undisturbed = seconds_to_end(daemon)  # what an end costs on a machine that is as busy as this one is now
    with DaemonProcess(desk.home) as daemon, closing(sqlite3.connect(store_of(desk), isolation_level=None)) as other:
        daemon.all_due()
        other.execute("BEGIN IMMEDIATE")
        assert seconds_to_end(daemon) - undisturbed < GRACE + PATIENCE < 5


def test_a_full_disk_stops_the_work_and_not_the_daemon(desk: Desk, team: str, daemon: DaemonProcess) -> None:
    _, hard = resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE, (1, hard))
    made_there(desk, team, "Review")
    daemon.all_due()
    daemon.wait_told("STATUS=The store .* cannot")
    resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE, (hard, hard))
    daemon.all_due()
    eventually(lambda: "Review" in titles_here(desk))
    daemon.wait_told("STATUS=1 calendars", after=len(daemon.told))


@pytest.fixture
def small_disk(desk: Desk) -> Iterator[Path]:
    """A disk of its own for everything that the profile is."""
    folder = desk.home / "calsyncctl"
    shutil.copytree(folder, desk.home / "kept")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("mounting is not allowed here")
    shutil.copytree(desk.home / "kept", folder, dirs_exist_ok=True)
    yield folder
    subprocess.run(["umount", "-l", folder], check=False)


def fill_up(disk: Path) -> Path:
    """Leave no room on a disk; return the file to remove for some."""
    fill = disk / "fill"
    with suppress(OSError), fill.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass
    return fill


def test_a_daemon_that_begins_on_a_full_disk_waits_for_room(desk: Desk, small_disk: Path) -> None:
    desk.connected("--select", "Team")
    fill = fill_up(small_disk)
    with DaemonProcess(desk.home, ready=False) as daemon:
        daemon.wait_log("WARNING store: .* cannot grow: the disk is full")
        daemon.wait_told("STATUS=The store .* the disk is full")
        assert "is full." in desk.run("daemon", "status").err
        fill.unlink()
        daemon.wait_told("READY=1")


def test_a_disk_without_room_for_the_daemon_s_own_notes_is_still_told(desk: Desk, small_disk: Path) -> None:
    desk.connected("--select", "Team")
    with DaemonProcess(desk.home, env={"WATCHDOG_USEC": "3000000"}) as daemon:
        desk.google.fault(path="events.list", delay=1.5)
        made_there(desk, desk.google.calendar("Team"), "Review")
        daemon.all_due()
        fill = fill_up(small_disk)
        daemon.wait_told("STATUS=The store .* cannot grow: the disk is full")
        assert "the disk is full" in desk.ok("daemon", "status").out
        assert "Daemon: The store" in desk.ok("status").out
        fill.unlink()
        daemon.wait_told("STATUS=1 calendars", after=len(daemon.told))
        eventually(lambda: "Review" in titles_here(desk))
        assert desk.json("daemon", "status")["trouble"] is None


def test_a_damaged_store_ends_the_daemon_with_a_sentence(desk: Desk, team: str) -> None:
    store = store_of(desk)
    store.write_bytes(b"not a store, not any more " * 1000)
    for beside in ("-wal", "-shm"):
        store.with_name(store.name + beside).unlink(missing_ok=True)
    ended = desk.run("daemon", "run")
    assert ended.code == 1
    assert f"The store {store} is not a calsyncctl store." in ended.err
    status = desk.run("daemon", "status")
    assert status.code == 3
    assert f"No daemon runs for the profile “default”. The store {store} is not a calsyncctl store." in status.err


def test_a_store_that_is_damaged_under_the_daemon_ends_it(desk: Desk, team: str, daemon: DaemonProcess) -> None:
    store = store_of(desk)
    with closing(sqlite3.connect(store)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with store.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * (store.stat().st_size - 100))
    made_there(desk, team, "Review")
    assert daemon.wait() == 1
    daemon.wait_log(r"\(end\)")
    assert any("is damaged" in line or "is not a calsyncctl store" in line for line in daemon.heard())


def test_the_daemons_status_tells_of_a_damaged_store_that_the_daemon_has_not_met_yet(desk: Desk, team: str) -> None:
    paths = paths_of("default", environment(desk.home))
    with presence.hold(paths):
        presence.tell(paths, Told(pid=os.getpid(), version="", since=1, at=int(time.time()), ready=True))
        store_of(desk).write_bytes(b"not a store, not any more " * 1000)
        status = desk.run("daemon", "status")
    assert status.code == 0  # it runs
    assert f"The store {store_of(desk)} is not a calsyncctl store." in status.err
    assert "calsyncctl profile restore FILE" in status.err


@pytest.mark.feature("A1")
def test_an_edit_here_puts_nothing_back_that_comes_from_google_at_the_same_moment(desk: Desk, team: str) -> None:
    lunch(desk)
    (key,) = (one["key"] for one in desk.events("--days", "3") if one["summary"] == "Lunch")
    with closing(sqlite3.connect(store_of(desk), isolation_level=None)) as a_pass:
        a_pass.execute("BEGIN IMMEDIATE")
        a_pass.execute("UPDATE event SET body = json_set(body, '$.location', 'Room 4') WHERE key = ?", (key,))
        edit = start("events", "edit", key, "--description", "Bring the papers", home=desk.home)
        with pytest.raises(subprocess.TimeoutExpired):  # whoever reads first has read by now
            edit.communicate(timeout=2.5)
        a_pass.execute("COMMIT")
    edit.communicate(timeout=30)
    event = desk.json("events", "show", key)
    assert (event["location"], event["description"]) == ("Room 4", "Bring the papers")


def test_a_store_that_is_deleted_under_the_daemon_ends_it_before_it_works_for_nobody(
    desk: Desk, team: str, daemon: DaemonProcess
) -> None:
    store_of(desk).rename(desk.home / "kept.db")
    assert daemon.wait() == 1
    daemon.wait_log(f"The store {store_of(desk)} is gone.")
    assert not store_of(desk).exists()
    again = desk.run("daemon", "run")  # as systemd does: no empty store is begun on an empty mount point
    assert (again.code, store_of(desk).exists()) == (1, False)
    status = desk.run("daemon", "status")
    assert (status.code, store_of(desk).exists()) == (3, False)
    assert f"The store {store_of(desk)} is gone." in status.err


def test_a_store_that_is_replaced_under_the_daemon_ends_it_to_be_started_anew(
    desk: Desk, team: str, daemon: DaemonProcess
) -> None:
    with closing(sqlite3.connect(store_of(desk))) as old, closing(sqlite3.connect(desk.home / "backup.db")) as backup:
        old.backup(backup)
    (desk.home / "backup.db").replace(store_of(desk))
    assert daemon.wait() == 75
    daemon.wait_log("Another file lies in the place of the store")


def test_asked_twice_to_end_it_ends_in_order_all_the_same(desk: Desk, team: str, daemon: DaemonProcess) -> None:
    daemon.send(signal.SIGTERM)
    daemon.wait_log("INFO ends")
    for _ in range(100):
        daemon.send(signal.SIGTERM)
        threading.Event().wait(0.005)
    assert daemon.wait() == 0


@pytest.fixture
def deaf(desk: Desk) -> Iterator[tuple[str, ...]]:
    """A command that becomes another whose stderr is full: nobody reads it."""
    pipe = desk.home / "unread"
    os.mkfifo(pipe)
    end = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
    with suppress(BlockingIOError):
        for _ in range(10_000):
            os.write(end, b"x" * 4096)
    yield ("sh", "-c", 'exec "$@" 2> "$0"', str(pipe))
    os.close(end)


def test_it_ends_although_nobody_reads_why(desk: Desk, team: str, deaf: tuple[str, ...]) -> None:
    with DaemonProcess(desk.home, prefix=deaf) as daemon:
        store_of(desk).rename(desk.home / "kept.db")
        assert daemon.wait() == 1
    log = desk.home / "calsyncctl" / "default" / "state" / "calsyncctl.log"
    assert f"The store {store_of(desk)} is gone." in log.read_text(encoding="utf-8")


def test_a_daemon_whose_lock_was_deleted_ends_before_a_second_one_works_beside_it(
    desk: Desk, team: str, daemon: DaemonProcess
) -> None:
    state = desk.home / "calsyncctl" / "default" / "state"
    subprocess.run(["rm", "--recursive", "--force", str(state)], check=True)
    assert daemon.wait() == 75
    daemon.wait_log(r"daemon\.lock.* was removed")
    assert not state.exists()


def test_a_profile_that_is_removed_under_the_daemon_gets_no_folder_back(
    desk: Desk, team: str, daemon: DaemonProcess
) -> None:
    profile = desk.home / "calsyncctl" / "default"
    profile.rename(desk.home / "removed")
    assert daemon.wait() == 1
    assert not profile.exists()


def test_a_configuration_that_is_gone_stops_the_work_and_says_so(desk: Desk, team: str, daemon: DaemonProcess) -> None:
    config = desk.home / "calsyncctl" / "default" / "config.toml"
    kept = config.rename(desk.home / "kept.toml")
    daemon.wait_log("the configuration is gone: nothing is done")
    daemon.wait_told("STATUS=off: the configuration is gone")
    status = desk.run("daemon", "status")
    assert status.code == 6
    assert "The daemon runs, and does nothing until it is there again." in status.err
    assert f"Put {config} back" in status.err
    kept.rename(config)
    daemon.wait_log("the work goes on")
    lunch(desk)
    daemon.wait_log("push: 1 new in Google")


def test_a_log_whose_place_is_taken_stops_nothing(desk: Desk, team: str, daemon: DaemonProcess) -> None:
    log = desk.home / "calsyncctl" / "default" / "state" / "calsyncctl.log"
    log.unlink()
    log.mkdir()
    for number in range(6):  # more than there are threads that could fall
        lunch(desk, f"Lunch {number}")
        eventually(lambda title=f"Lunch {number}": title in titles_there(desk, team))  # type: ignore[misc]
    assert daemon.end() == 0


def test_a_newer_program_at_the_same_store_ends_the_daemon_to_be_started_anew(
    desk: Desk, team: str, daemon: DaemonProcess
) -> None:
    with closing(sqlite3.connect(store_of(desk))) as newer, newer:
        newer.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('calsyncctl', 'm999_later', '')"
        )
        newer.execute("CREATE TABLE later (id INTEGER PRIMARY KEY)")
    assert daemon.wait() == 75
    daemon.wait_log("A newer calsyncctl has brought the store to its version")


def test_another_version_in_the_place_of_the_running_one_ends_it_to_be_started_anew(
    desk: Desk, team: str, tmp_path: Path
) -> None:
    copied = shutil.copytree(Path(calsyncctl.__file__).parent, tmp_path / "program" / "calsyncctl")
    with DaemonProcess(desk.home, env={"PYTHONPATH": str(tmp_path / "program")}) as daemon:
        (copied / "__init__.py").write_text('__version__ = "99.0"\n')
        assert daemon.wait() == 75
        daemon.wait_log("calsyncctl 99.0 was installed in the place of this one")


@pytest.mark.skipif(FAKETIME is None, reason="needs libfaketime (Debian: faketime)")
@pytest.mark.feature("A14")
@pytest.mark.long
def test_a_clock_that_is_set_back_and_forward_stops_nothing(desk: Desk, team: str, tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    clock.write_text("+0")
    env = {
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    desk.env.update(env)  # commands live on the same machine
    with DaemonProcess(desk.home, env=env) as daemon:
        for offset, said in (("-7200", "back"), ("+86400", "forward"), ("+0", "back")):
            draft = tmp_path / "draft"
            draft.write_text(offset)
            shutil.move(draft, clock)
            daemon.wait_log(f"the clock went {said} by", after=len(daemon.heard()))
            lunch(desk, f"Lunch {offset}")
            eventually(lambda title=f"Lunch {offset}": title in titles_there(desk, team))  # type: ignore[misc]
            made_there(desk, team, f"Review {offset}")
            daemon.all_due()
            eventually(lambda title=f"Review {offset}": title in titles_here(desk))  # type: ignore[misc]
        assert daemon.end() == 0


@pytest.mark.skipif(FAKETIME is None, reason="needs libfaketime (Debian: faketime)")
@pytest.mark.feature("A14")
def test_what_was_written_by_a_clock_that_ran_ahead_does_not_wait_for_it(desk: Desk, team: str) -> None:
    add = ("events", "add", "Team", "Lunch", "--start", "2027-03-01 12:00", "--for", "45m")
    desk.ok(*add, env={"LD_PRELOAD": str(FAKETIME), "FAKETIME": "+10h"})
    with DaemonProcess(desk.home) as daemon:
        daemon.wait_log("the clock went back by 3[56]... seconds while no daemon ran")
        eventually(lambda: "Lunch" in titles_there(desk, team))


@pytest.mark.skipif(FAKETIME is None, reason="needs libfaketime (Debian: faketime)")
@pytest.mark.feature("A14")
def test_at_night_everything_is_compared(desk: Desk, team: str) -> None:
    now = datetime.now(UTC)
    dawn = now.replace(hour=5, minute=59, second=0) + timedelta(days=1)
    env = {"LD_PRELOAD": str(FAKETIME), "FAKETIME": f"+{int((dawn - now).total_seconds())}"}
    desk.env.update({**env, "FAKETIME_DONT_FAKE_MONOTONIC": "1"})
    assert not _compared(desk)
    with DaemonProcess(desk.home, env=desk.env) as daemon:
        eventually(lambda: _compared(desk))
        assert daemon.end() == 0


def _compared(desk: Desk) -> bool:
    with closing(open_store(store_of(desk))) as store:
        return any(one.last_reconcile is not None for one in list_calendars(store))
