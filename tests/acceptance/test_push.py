"""Push channels with the real daemon: Google's messages really arrive, and whatever goes wrong costs freshness only."""

from __future__ import annotations

import socket
import sqlite3
import time
import urllib.error
import urllib.request
from contextlib import closing
from typing import Any

import pytest

from calsyncctl.paths import paths_of
from tests.acceptance.test_daemon import made_there, titles_here
from tests.support.daemon import DaemonProcess, eventually
from tests.support.desk import SUPPORT, WORK, Desk
from tests.support.run import environment


def free_port() -> int:
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def told(desk: Desk) -> DaemonProcess:
    """Return a daemon whose port Google reaches directly, as it may on this machine."""
    port = free_port()
    env = {"CALSYNCCTL_DAEMON_PORT": str(port), "CALSYNCCTL_DAEMON_PUBLIC_URL": f"http://127.0.0.1:{port}"}
    return DaemonProcess(desk.home, env=env)


def living(desk: Desk) -> list[dict[str, Any]]:
    """Return the channels that Google has open."""
    return list(desk.google.admin("GET", "/channels")["channels"])


def rows(desk: Desk, query: str) -> list[tuple[Any, ...]]:
    store = paths_of("default", environment(desk.home)).store_file
    with closing(sqlite3.connect(store)) as there:
        return there.execute(query).fetchall()


def heard(desk: Desk, count: int) -> bool:
    return rows(desk, "SELECT count(*) FROM channel WHERE heard IS NOT NULL") == [(count,)]


@pytest.mark.feature("E7", "A14")
def test_what_is_made_in_google_arrives_within_two_seconds_and_polls_become_hourly(desk: Desk) -> None:
    desk.connected("--select", "Team")
    with told(desk) as daemon:
        daemon.wait_log(f"push channels of {WORK}: 2 opened")
        eventually(lambda: heard(desk, 2))
        begun = time.monotonic()
        made_there(desk, desk.google.calendar("Team"), "Review")
        daemon.wait_log("sync: 1 new here")
        assert time.monotonic() - begun < 2
        eventually(lambda: rows(desk, "SELECT due - last_success > 1800 FROM calendar WHERE name = 'Team'") == [(1,)])
    assert "Review" in titles_here(desk)
