"""Signals, waited for by the main thread through a pipe.

A handler that touches a lock may find it held by the very thread that it interrupts; so these only take note, and what
wakes the thread is the byte that the interpreter itself writes (`signal.set_wakeup_fd`).
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
from collections.abc import Iterator
from types import FrameType

CAUGHT = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Signals:
    """What arrived, and a bell that other threads may ring."""

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe()
        for end in (self._reader, self._writer):
            os.set_blocking(end, False)
        self._arrived: list[int] = []

    def wait(self, seconds: float) -> list[int]:
        """Wait so long, or until a signal comes or the bell rings; return the signals that came since the last call."""
        select.select([self._reader], [], [], max(0.0, seconds))
        with contextlib.suppress(BlockingIOError):
            while os.read(self._reader, 512):
                pass
        arrived, self._arrived = self._arrived, []
        return arrived

    def ring(self) -> None:
        """End the wait; from any thread."""
        with contextlib.suppress(BlockingIOError, OSError):
            os.write(self._writer, b"!")

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._arrived.append(number)

    @contextlib.contextmanager
    def caught(self) -> Iterator[None]:
        """Catch the signals while the block runs; only the main thread may."""
        before = {number: signal.signal(number, self._note) for number in CAUGHT}
        wakeup = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(wakeup)
            for number, handler in before.items():
                signal.signal(number, handler)
