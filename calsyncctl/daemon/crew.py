"""The threads that do the work: each takes the most urgent wish of an account that nobody else works on.

They are daemon threads: an answer of Google's that does not come must not keep the process from ending.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable

from calsyncctl.daemon.pulse import Pulse
from calsyncctl.daemon.wishes import Kind, Task, Wishes

_log = logging.getLogger(__name__)

WAITS = 2.0
"""Seconds of a sync, such as the first listing of a large calendar, after which it makes way for people's writes."""


class Stop(threading.Event):
    """Once set, asks a piece of work to end after the page or batch in hand."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = time.monotonic()
        self.makes_way = False
        """Whether it is set for something more urgent alone: what is left of it is to be done soon."""


Work = Callable[[Task, Stop], None]
"""Does one piece of work."""


class Crew:
    """So many threads, and what they are to do."""

    def __init__(self, work: Work, pulse: Pulse | None = None) -> None:
        self._work = work
        self._pulse = pulse or Pulse()
        self._wishes = Wishes()
        self._change = threading.Condition()
        self._stops: dict[Task, Stop] = {}
        self._size = 0
        self._threads = 0
        self._stopped = False

    def resize(self, size: int) -> None:
        """Work with so many threads from now on."""
        with self._change:
            self._size = size
            for number in range(self._threads, size):
                threading.Thread(target=self._serve, args=(number,), name=f"crew-{number}", daemon=True).start()
            self._threads = max(self._threads, size)
            self._change.notify_all()

    def want(self, kind: Kind, account_id: int, calendar_ids: Iterable[int] = (), *, again: bool = False) -> None:
        """Wish for work; `again` also for calendars that the same kind of work is going on with."""
        with self._change:
            if not self._stopped:
                self._wishes.want(kind, account_id, calendar_ids, again=again)
                if kind is Kind.PUSH:
                    self._make_way(account_id)
                self._change.notify_all()

    def _make_way(self, account_id: int) -> None:
        """Let a sync of an account that has lasted for a while end for what somebody wrote; it goes on after that."""
        for task, stop in self._stops.items():
            lasts = time.monotonic() - stop.begun >= WAITS and not stop.is_set()
            if lasts and task.account_id == account_id and task.kind is Kind.SYNC:
                stop.makes_way = True
                stop.set()

    def call_off(self) -> None:
        """Drop every wish, and ask what is going on to end."""
        with self._change:
            self._wishes.forget()
            for stop in self._stops.values():
                stop.makes_way = False
                stop.set()

    def stop(self) -> None:
        """Call everything off, and take no more wishes."""
        with self._change:
            self._stopped = True
        self.call_off()
        with self._change:
            self._change.notify_all()

    def wait_idle(self, seconds: float) -> bool:
        """Wait until nothing is wanted or being done, at most so long; return whether that is so."""
        deadline = time.monotonic() + seconds
        with self._change:
            return self._change.wait_for(lambda: self._wishes.idle, max(0.0, deadline - time.monotonic()))

    @property
    def idle(self) -> bool:
        """Whether nothing is wanted and nothing being done."""
        return self.wait_idle(0.0)

    def _serve(self, number: int) -> None:
        while True:
            with self._change:
                task = None
                while not self._dismissed(number) and (task := self._wishes.take()) is None:
                    self._change.wait()
                if task is None:
                    self._threads -= 1
                    self._change.notify_all()
                    return
                self._stops[task] = stop = Stop()
            self._do(task, stop)

    def _dismissed(self, number: int) -> bool:
        """Tell whether a thread is one too many, or all are sent home; the last ones go first."""
        return self._stopped or (number >= self._size and number == self._threads - 1)

    def _do(self, task: Task, stop: Stop) -> None:
        try:
            with self._pulse.working(f"{task.kind.name.lower()} of account #{task.account_id}"):
                self._work(task, stop)
        except BaseException as error:  # a bug: it costs this piece of work, and neither another nor this thread
            _log.error("bug in %s of account #%d", task.kind.name.lower(), task.account_id, exc_info=error)
        finally:
            with self._change:
                del self._stops[task]
                self._wishes.end(task)
                self._change.notify_all()
