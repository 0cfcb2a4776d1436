"""One daemon at work for all of these tests, which leave it as they found it: both ways, turned off, told, reloaded."""

from __future__ import annotations

import resource
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.test_daemon import lunch, made_there, titles_here, titles_there
from tests.support.daemon import DaemonProcess, eventually
from tests.support.desk import WORK, Desk
from tests.support.sandbox import Sandbox


@pytest.fixture(scope="module")
def desk(sandbox: Sandbox, enabled: Path, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    sandbox.reset()
    home = tmp_path_factory.mktemp("at-work") / "home"
    shutil.copytree(enabled, home)
    made = Desk(home, sandbox)
    made.connected("--select", "Team")
    return made


@pytest.fixture(scope="module")
def daemon(desk: Desk) -> Iterator[DaemonProcess]:
    with DaemonProcess(desk.home, env={"WATCHDOG_USEC": "3000000"}) as running:
        yield running


@pytest.fixture
def team(desk: Desk) -> str:
    return desk.google.calendar("Team")


@pytest.fixture
def said(daemon: DaemonProcess) -> int:
    """How many lines its log had before the test."""
    return len(daemon.heard())


@pytest.mark.feature("A14", "A1")
def test_what_is_written_here_is_in_google_within_a_second_without_anybody(
    desk: Desk, daemon: DaemonProcess, team: str, said: int
) -> None:
    waits = []
    for number in range(4):  # each right after the one before, which the tick alone would let wait for its next
        lunch(desk, f"Lunch {number}")
        waits.append(eventually(lambda title=f"Lunch {number}": title in titles_there(desk, team)))  # type: ignore[misc]
        daemon.wait_log("push: 1 new in Google", after=said)
        said = len(daemon.heard())
    assert min(waits[1:]) < 0.5


@pytest.mark.feature("A14", "E7")
def test_what_is_made_in_google_comes_when_its_calendar_is_due(
    desk: Desk, daemon: DaemonProcess, team: str, said: int
) -> None:
    made_there(desk, team, "Review")
    daemon.all_due()
    daemon.wait_log("sync: 1 new here", after=said)
    assert "Review" in titles_here(desk)


@pytest.mark.feature("A6")
def test_turning_sync_off_stops_the_daemons_work_at_once_and_on_again_starts_it(
    desk: Desk, daemon: DaemonProcess, team: str, said: int
) -> None:
    desk.ok("config", "set", "sync.enabled", "false")
    daemon.wait_told("STATUS=off")
    daemon.all_due()
    assert desk.json("daemon", "status")["enabled"] is False

    made_there(desk, team, "Back again")
    desk.ok("config", "set", "sync.enabled", "true")
    daemon.wait_log("1 new here", after=said)


@pytest.mark.feature("E8")
def test_systemd_hears_that_it_lives_and_how_it_stands(daemon: DaemonProcess) -> None:
    before = len(daemon.told)
    daemon.wait_told("WATCHDOG=1", after=before)
    daemon.wait_told(r"STATUS=1 calendars, \d+ changes waiting, last pass \d\d:", after=before)


@pytest.mark.feature("E8")
def test_sighup_reads_the_configuration_and_a_broken_one_keeps_the_old(
    desk: Desk, daemon: DaemonProcess, said: int
) -> None:
    config = desk.home / "calsyncctl" / "default" / "config.toml"
    text = config.read_text()
    config.write_text(text + "\n[sync\n")
    daemon.send(signal.SIGHUP)
    daemon.wait_told("RELOADING=1")
    daemon.wait_told("MONOTONIC_USEC=")
    daemon.wait_log("the configuration: .*is not TOML", after=said)
    assert "The daemon runs, with the configuration from before." in desk.run("daemon", "status").err
    again = len(daemon.heard())
    daemon.send(signal.SIGHUP)  # who asks again is answered again
    daemon.wait_log("the configuration: .*is not TOML", after=again)
    config.write_text(text)
    daemon.wait_log("the configuration was read again", after=again)
    lunch(desk, "After all that")
    daemon.wait_log("1 new in Google", after=again)


@pytest.mark.feature("E8")
def test_a_second_daemon_is_refused_and_told_who_the_first_is(desk: Desk, daemon: DaemonProcess) -> None:
    second = desk.run("daemon", "run")
    assert second.code == 75
    assert f"(pid {daemon.pid}, since" in second.err
    assert desk.json("daemon", "status")["pid"] == daemon.pid


@pytest.mark.feature("E8", "A18")
def test_its_status_points_to_what_only_a_person_can_do(desk: Desk, daemon: DaemonProcess, said: int) -> None:
    assert "you: calsyncctl status" not in desk.ok("daemon", "status").err
    desk.google.revoke(WORK)
    daemon.all_due()
    daemon.wait_log("connect --account", after=said)
    assert "1 thing needs you: calsyncctl status" in desk.ok("daemon", "status").err
    desk.connected("--account", WORK)


@pytest.mark.feature("A16", "E8")
def test_a_crash_writes_none_of_its_memory_to_the_disk(daemon: DaemonProcess) -> None:
    assert resource.prlimit(daemon.pid, resource.RLIMIT_CORE) == (0, 0)


@pytest.mark.feature("E8")
def test_it_ends_in_order_within_five_seconds(desk: Desk, daemon: DaemonProcess) -> None:
    begun = time.monotonic()
    assert daemon.end() == 0  # the last test of the module
    assert time.monotonic() - begun < 5
    daemon.wait_told("STOPPING=1")
    assert desk.run("daemon", "status").code == 3
