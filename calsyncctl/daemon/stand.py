"""How the daemon stands: what it tells of itself to systemd, to `daemon status` and to pages. Safe between threads."""

from __future__ import annotations

import os
import threading

import msgspec

from calsyncctl import __version__
from calsyncctl.daemon.presence import Told


class Stand:
    """The one place where it is kept; `told()` is a snapshot of it."""

    def __init__(self, since: int) -> None:
        self._guard = threading.Lock()
        self._told = Told(pid=os.getpid(), version=__version__, since=since, at=since)

    def note(self, **facts: object) -> Told:
        """Note facts, and return how it stands now."""
        with self._guard:
            self._told = msgspec.structs.replace(self._told, **facts)
            return self._told

    def become_ready(self) -> bool:
        """Be ready, and return whether that is news."""
        with self._guard:
            news = not self._told.ready
            self._told = msgspec.structs.replace(self._told, ready=True)
            return news

    def passed(self, now: int) -> None:
        """Count a pass that ended now."""
        with self._guard:
            self._told = msgspec.structs.replace(self._told, last_pass=now, passes=self._told.passes + 1)

    @property
    def told(self) -> Told:
        """How it stands."""
        with self._guard:
            return self._told
