"""Signs of life of the threads that work: who does what, and since when without one.

A thread may hang inside a library (a name that is being resolved, a keyring that does not answer, a loop without an
end) while every job goes on: whoever only looks at the jobs would feed the watchdog for ever.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass

from calsyncctl.model.calendar import Calendar
from calsyncctl.sync.outcome import CalendarOutcome

BOUND = 900.0
"""Seconds without a sign of life after which work counts as hanging, where no watchdog says otherwise.

Work gives one at each request and each answer, and at each page that is stored. A request with its answer ends within
three minutes (`google/transport.py`), and waits eight seconds at most for its quota; the rest is for computing.
"""
WATCHDOGS = 10
"""The same as so many of systemd's watchdogs (`WatchdogSec=`, 90 s in the unit)."""

FRAMES = 12
"""The innermost lines of the program that are told of work that hangs."""


def bound_for(watchdog: float | None) -> float:
    """Return the seconds after which work counts as hanging; `watchdog`: systemd's, None without one."""
    return BOUND if watchdog is None else min(BOUND, WATCHDOGS * watchdog)


@dataclass(frozen=True, slots=True)
class Silence:
    """Work that gives no sign of life: what, for how many seconds, and in which thread."""

    what: str
    seconds: float
    thread: int

    @property
    def where(self) -> str:
        """Where in the program it is just now."""
        return where_is(self.thread)


def where_is(thread: int | None) -> str:
    """Say where in the program a thread is just now: files, lines and functions, no values."""
    frame = sys._current_frames().get(thread or 0)
    return "" if frame is None else "".join(traceback.format_stack(frame)[-FRAMES:]).rstrip()


class Pulse:
    """What is being worked on; a progress of passes, too. Safe between threads."""

    def __init__(self) -> None:
        self._signs: dict[int, tuple[str, float]] = {}
        """Thread -> what it does, and when it gave its last sign; each writes its own entry only."""

    @contextlib.contextmanager
    def working(self, what: str) -> Iterator[None]:
        """Work on something in the calling thread."""
        self._signs[threading.get_ident()] = (what, time.monotonic())
        try:
            yield
        finally:
            self._signs.pop(threading.get_ident(), None)

    def beat(self) -> None:
        """Give a sign of life, if the calling thread works on something."""
        here = threading.get_ident()
        known = self._signs.get(here)
        if known is not None:
            self._signs[here] = (known[0], time.monotonic())

    def where(self) -> str:
        """Say where what works the longest is, and the main thread, which watches over all."""
        longest = self.longest()
        main = where_is(threading.main_thread().ident)
        return f"{longest.where if longest else 'nothing works'}\nand the main thread is here:\n{main}"

    def longest(self) -> Silence | None:
        """Return what has given no sign for the longest time; None if nothing is being done."""
        signs = self._signs.copy()
        if not signs:
            return None
        thread, (what, last) = min(signs.items(), key=lambda one: one[1][1])
        return Silence(what, time.monotonic() - last, thread)

    # As the progress of a pass

    def started(self, calendar: Calendar) -> None:
        """Give a sign of life: a calendar's turn has come."""
        self.beat()

    def page(self, calendar: Calendar, items_so_far: int) -> None:
        """Give a sign of life: a page is stored."""
        self.beat()

    def sent(self, calendar: Calendar, events_so_far: int) -> None:
        """Give a sign of life: something was sent."""
        self.beat()

    def finished(self, calendar: Calendar, outcome: CalendarOutcome) -> None:
        """Give a sign of life: a calendar is done."""
        self.beat()
