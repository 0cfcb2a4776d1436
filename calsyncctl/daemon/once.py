"""Telling the log of trouble once per state, not once per pass."""

from __future__ import annotations

import logging
import threading

from calsyncctl.errors import CalsyncError


class Once:
    """Remembers what is known to be wrong, and logs only what is news. Safe between threads."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._known: dict[str, str] = {}
        self._guard = threading.Lock()

    def wrong(self, where: str, error: CalsyncError) -> None:
        """Log trouble at a place, unless the same kind of trouble is known there already."""
        self.say(where, error.kind, f"{error.what} {error.what_to_do}".strip())

    def say(self, where: str, state: str, sentence: str) -> None:
        """Log a sentence when a place comes into a state, not while it stays in it."""
        with self._guard:
            news = self._known.get(where) != state
            self._known[where] = state
        self._log.log(logging.WARNING if news else logging.DEBUG, "%s: %s", where, sentence)

    def well(self, where: str) -> None:
        """Log that a place is well again, if it was not."""
        with self._guard:
            before = self._known.pop(where, None)
        if before is not None:
            self._log.info("%s: well again", where)

    @property
    def wrongs(self) -> dict[str, str]:
        """Return what is known to be wrong: the place, and its state."""
        with self._guard:
            return dict(self._known)
