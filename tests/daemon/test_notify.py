"""What systemd is told: what is said once waits for it a little, and nothing ever waits for long or raises."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from calsyncctl.daemon.notify import PATIENCE, Notify


@pytest.fixture
def line(tmp_path: Path) -> Iterator[socket.socket]:
    """Where systemd listens, too busy to read anything."""
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as made:
        made.bind(str(tmp_path / "notify"))
        made.settimeout(5)
        fill(tmp_path)
        yield made


@pytest.fixture
def notify(tmp_path: Path) -> Notify:
    return Notify({"NOTIFY_SOCKET": str(tmp_path / "notify")})


def fill(folder: Path) -> None:
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as other, suppress(BlockingIOError):
        other.setblocking(False)
        while True:
            other.sendto(b"of another unit", str(folder / "notify"))


@pytest.mark.parametrize(
    ("say", "what"),
    [(Notify.ready, b"READY=1"), (Notify.stopping, b"STOPPING=1"), (Notify.reloading, b"RELOADING=1")],
)
def test_what_is_said_once_waits_for_a_systemd_that_is_busy(
    notify: Notify, line: socket.socket, say: Callable[[Notify], None], what: bytes
) -> None:
    thread = threading.Thread(target=say, args=(notify,))
    thread.start()
    thread.join(PATIENCE / 5)
    while not (told := line.recv(100)).startswith(what):
        assert told == b"of another unit"
    thread.join(5)


def took(say: Callable[[Notify], None], notify: Notify) -> float:
    began = time.monotonic()
    say(notify)
    return time.monotonic() - began


def test_signs_of_life_do_not_wait_for_a_systemd_that_never_reads(notify: Notify, line: socket.socket) -> None:
    signs: list[Callable[[Notify], None]] = [
        Notify.alive,
        lambda one: one.status("busy"),
        lambda one: one.starting(90),
        lambda one: one.ready(again=True),
    ]
    for sign in signs:  # one that waits does so each time; the machine is not busy with others each time
        assert min(took(sign, notify) for _ in range(5)) < PATIENCE / 5


def test_what_is_said_once_waits_a_second_and_no_longer_for_a_systemd_that_never_reads(
    notify: Notify, line: socket.socket
) -> None:
    waited = [took(say, notify) for say in (Notify.ready, Notify.stopping)]
    assert PATIENCE * 0.9 <= min(waited) < PATIENCE * 1.5


def test_where_nobody_listens_nothing_is_told(tmp_path: Path) -> None:
    for address in ("", "relative", str(tmp_path / "gone"), "@of-nobody-at-all"):
        Notify({"NOTIFY_SOCKET": address}).ready()
