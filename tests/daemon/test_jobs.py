"""The jobs, on a real profile and without their scheduler: who is told what, and when."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from calsyncctl.clock import SystemClock
from calsyncctl.daemon.jobs import STUCK
from calsyncctl.daemon.run import Daemon
from calsyncctl.flags import Flags
from calsyncctl.runtime import Runtime
from tests.support.run import environment, run


@pytest.fixture
def line(tmp_path: Path) -> Iterator[socket.socket]:
    """Where systemd listens."""
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as made:
        made.bind(str(tmp_path / "notify"))
        made.setblocking(False)
        yield made


@pytest.fixture
def daemon(tmp_path: Path, line: socket.socket) -> Iterator[Daemon]:
    assert run("init", "--vault", "file", home=tmp_path).code == 0
    made = Daemon(Runtime(Flags(), environment(tmp_path, {"NOTIFY_SOCKET": str(tmp_path / "notify")}), SystemClock()))
    yield made
    made.parts.drop_store()
    made.parts.run.close()


def said(line: socket.socket) -> list[str]:
    found = []
    while True:
        try:
            found.append(line.recv(1000).decode())
        except BlockingIOError:
            return found


def test_the_watchdog_is_fed_only_while_the_others_advance(daemon: Daemon, line: socket.socket) -> None:
    daemon.jobs.heartbeat()
    assert "WATCHDOG=1" in said(line)
    for name in ("silent_for", "waker_silent_for"):
        setattr(daemon.jobs, name, lambda *_: STUCK + 1)
        daemon.jobs.heartbeat()
        assert "WATCHDOG=1" not in said(line)
        setattr(daemon.jobs, name, lambda *_: 0.0)


def test_with_nothing_to_do_it_is_ready_at_its_first_tick_and_says_so_once(daemon: Daemon, line: socket.socket) -> None:
    daemon.jobs.heartbeat()
    assert any(one.startswith("EXTEND_TIMEOUT_USEC=") for one in said(line))
    daemon.jobs.tick()
    daemon.jobs.tick()
    assert said(line).count("READY=1") == 1


def test_every_job_can_run_on_an_empty_profile(daemon: Daemon) -> None:
    jobs = daemon.jobs.all()
    for job in jobs:
        job.act()
    assert len({job.name for job in jobs}) == len(jobs)
    assert daemon.crew.idle
