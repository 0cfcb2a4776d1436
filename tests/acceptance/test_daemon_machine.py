"""What a machine does to the daemon: no names for an hour, another zone, a sleep after which its lines are dead."""

from __future__ import annotations

import socket
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from calsyncctl.store.calendars import list_calendars
from calsyncctl.store.db import open_store
from tests.acceptance.test_daemon import lunch, titles_there
from tests.soak.weather import FAKETIME, Clock
from tests.support.daemon import DaemonProcess, eventually
from tests.support.desk import Desk
from tests.support.machine import Machine, machine, may_have_machines
from tests.support.relay import Relay

pytestmark = pytest.mark.skipif(FAKETIME is None, reason="needs libfaketime (Debian: faketime)")
needs_mounts = pytest.mark.skipif(not may_have_machines(), reason="needs root, and mounts of one's own (unshare)")
QUARTER = 900


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    return Clock(tmp_path / "clock")


@pytest.fixture
def here(tmp_path: Path) -> Machine:
    return machine(tmp_path / "etc")


def set_clock(desk: Desk, clock: Clock, daemon: DaemonProcess, seconds: int) -> None:
    """Let it be so many seconds after the start, here and in Google, and let the daemon notice."""
    desk.google.settings(clock_offset_seconds=seconds)
    said = len(daemon.heard())
    clock.set(seconds)
    daemon.wait_log("the clock went forward", after=said)


def lunches(desk: Desk, calendar: str) -> list[str]:
    return sorted(one for one in titles_there(desk, calendar) if one.startswith("Lunch"))


@pytest.mark.long
@needs_mounts
@pytest.mark.feature("A14", "C11")
def test_an_hour_without_names_is_told_once_and_over_within_a_quarter_of_an_hour(
    desk: Desk, clock: Clock, here: Machine
) -> None:
    desk.connected("--select", "Team")
    team = desk.google.calendar("Team")
    desk.ok("config", "set", "google.api_root", f"http://localhost:{urlsplit(desk.google.root).port}")
    here.names(known=True)
    with DaemonProcess(desk.home, env=clock.env, args=("--verbose",), prefix=here.prefix) as daemon:
        lunch(desk, "Lunch 0")
        eventually(lambda: "Lunch 0" in titles_there(desk, team))
        here.names(known=False)
        for quarter in range(1, 5):
            set_clock(desk, clock, daemon, quarter * QUARTER)  # no line from before is left
            said = len(daemon.heard())
            lunch(desk, f"Lunch {quarter}")
            daemon.wait_log("“Team”.*No such host, or no network: localhost", after=said)
        assert len([one for one in daemon.heard() if "WARNING" in one and "No such host" in one]) == 1
        (passing,) = desk.json("status")["passing"]
        assert "No such host, or no network" in passing["what"]
        assert lunches(desk, team) == ["Lunch 0"]

        here.names(known=True)
        set_clock(desk, clock, daemon, 5 * QUARTER)
        daemon.all_due()  # where a push went first, the next poll comes some minutes later, and says so
        daemon.wait_log("“Team”.*well again")
        eventually(lambda: len(lunches(desk, team)) == 5)
        assert daemon.end() == 0
    assert lunches(desk, team) == [f"Lunch {number}" for number in range(5)]


@pytest.mark.long
@needs_mounts
@pytest.mark.feature("A14", "E8")
def test_a_name_that_is_asked_for_without_an_end_is_a_hang_and_keeps_nobody_from_ending_it(
    desk: Desk, here: Machine
) -> None:
    desk.connected("--select", "Team")
    desk.ok("config", "set", "google.api_root", f"http://localhost:{urlsplit(desk.google.root).port}")
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as silent:
        silent.bind(("127.0.77.1", 53))
        here.names(known=False, server="127.0.77.1")
        with DaemonProcess(desk.home, env={"WATCHDOG_USEC": "300000"}, prefix=here.prefix, ready=False) as daemon:
            daemon.wait_told("STATUS=The sync of account #1 gives no sign of life")
            daemon.wait_log("getaddrinfo")  # where it hangs
            begun = time.monotonic()
            assert daemon.end() == 0
            assert time.monotonic() - begun < 6


@pytest.mark.long
@needs_mounts
@pytest.mark.feature("A14")
def test_another_zone_of_the_machine_counts_at_once(desk: Desk, clock: Clock, here: Machine) -> None:
    desk.connected("--select", "Team")
    now = datetime.now(UTC)
    late = now.replace(minute=58, second=0) + timedelta(hours=1)
    offset = int((late - now).total_seconds())
    here.zone(_where_it_is(12, late.hour))
    clock.set(offset)
    with DaemonProcess(desk.home, env={**clock.env, "TZ": ""}, prefix=here.prefix) as daemon:
        set_clock(desk, clock, daemon, offset + 10)  # every job has its turn
        daemon.wait_told("STATUS=", after=len(daemon.told))
        assert not _compared(desk)  # it is noon
        here.zone(_where_it_is(5, late.hour))
        set_clock(desk, clock, daemon, offset + 20)
        eventually(lambda: _compared(desk))


def _where_it_is(hour: int, utc: int) -> str:
    """Name a zone in which it is that hour; the sign of these is the other way round."""
    behind = (utc - hour) % 24
    return f"Etc/GMT-{24 - behind}" if behind > 12 else f"Etc/GMT+{behind}"


def _compared(desk: Desk) -> bool:
    with closing(open_store(desk.home / "calsyncctl" / "default" / "calsyncctl.db")) as store:
        return any(one.last_reconcile is not None for one in list_calendars(store))


@pytest.mark.feature("A14")
def test_after_a_sleep_no_line_from_before_it_is_waited_on(desk: Desk, clock: Clock) -> None:
    desk.connected("--select", "Team")
    team = desk.google.calendar("Team")
    port = urlsplit(desk.google.root).port
    assert port is not None
    with Relay(port) as wire:
        desk.ok("config", "set", "google.api_root", f"http://127.0.0.1:{wire.port}")
        with DaemonProcess(desk.home, env=clock.env) as daemon:
            assert wire.freeze() >= 1  # as a router does that has forgotten them
            set_clock(desk, clock, daemon, 8 * 3600)
            lunch(desk)
            assert eventually(lambda: "Lunch" in titles_there(desk, team)) < 15  # a dead line is silent for a minute
