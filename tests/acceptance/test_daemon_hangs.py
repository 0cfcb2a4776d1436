"""A worker of the real daemon that hangs: told, the watchdog not fed, and systemd's next one loses nothing."""

from __future__ import annotations

import json
import signal

import pytest

from tests.acceptance.test_daemon import lunch, titles_there
from tests.support.daemon import DaemonProcess, eventually
from tests.support.desk import Desk

WATCHDOG = {"WATCHDOG_USEC": "300000"}
"""A hang is ten of these, three seconds."""


@pytest.mark.feature("E8", "A14")
def test_an_answer_that_trickles_for_ever_costs_a_restart_and_doubles_nothing(desk: Desk) -> None:
    desk.connected("--select", "Team")
    team = desk.google.calendar("Team")
    with DaemonProcess(desk.home, env=WATCHDOG) as daemon:
        daemon.wait_told("WATCHDOG=1")
        desk.google.fault(path="events.insert", drip=2, apply=True)  # never silent for as long as a socket may be
        lunch(desk)
        daemon.wait_told("STATUS=The push of account #1 gives no sign of life for 3 seconds")
        said = len(daemon.told)
        daemon.wait_told("STATUS=", after=said + 1)
        assert "WATCHDOG=1" not in daemon.told[said:]
        daemon.wait_log("ERROR.*what works the longest is here")
        status = desk.run("daemon", "status", "--json")
        assert "gives no sign of life" in json.loads(status.out)["trouble"]
        daemon.end(signal.SIGABRT)  # as the watchdog does
    desk.google.clear_faults()
    with DaemonProcess(desk.home):
        eventually(lambda: "Lunch" in titles_there(desk, team))
        desk.ok("sync")
    assert titles_there(desk, team).count("Lunch") == 1
