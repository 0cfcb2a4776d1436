"""Telling the log of trouble once per state, not once per pass; what strikes every calendar alike, once for all."""

from __future__ import annotations

import logging
import threading
from collections import Counter

from calsyncctl.errors import CalsyncError, Installation, Later, VaultFault


class Once:
    """Remembers what is known to be wrong, and logs only what is news. Safe between threads."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._known: dict[str, str] = {}
        self._sentences: dict[str, str] = {}
        self._shared: dict[str, str] = {}
        """Places whose trouble is not their own, with its sentence."""
        self._tellers: dict[str, str] = {}
        """Such a sentence -> the place that told it, under which its end is told as well."""
        self._guard = threading.Lock()
        self.counts: Counter[str] = Counter()
        """How often each kind of trouble was met, news or not."""

    def wrong(self, where: str, error: CalsyncError) -> None:
        """Log trouble at a place, unless the same kind of trouble is known there already."""
        with self._guard:
            self.counts[error.kind] += 1
        self.say(where, error.kind, f"{error.what} {error.what_to_do}".strip(), shared=_strikes_all(error))

    def say(self, where: str, state: str, sentence: str, *, shared: bool = False) -> None:
        """Log a sentence when a place comes into a state, not while it stays in it.

        One that is `shared` is no news either while another place has the same.
        """
        with self._guard:
            news = self._known.get(where) != state and not (shared and sentence in self._shared.values())
            self._known[where] = state
            self._sentences[where] = sentence
            teller = where if news else self._tellers.get(self._shared.get(where, ""), where)
            self._drop(where)
            if shared:
                self._shared[where] = sentence
                self._tellers.setdefault(sentence, teller)
        self._log.log(logging.WARNING if news else logging.DEBUG, "%s: %s", where, sentence)

    def well(self, where: str) -> None:
        """Log that a place is well again, if it was not; of shared trouble only once all are, for who told of it."""
        with self._guard:
            before = self._known.pop(where, None)
            self._sentences.pop(where, None)
            shared, teller = where in self._shared, self._drop(where)
        if before is not None:
            over = not shared or teller is not None
            self._log.log(logging.INFO if over else logging.DEBUG, "%s: well again", teller or where)

    def forget(self, where: str) -> None:
        """Forget a place's state without a word: what comes next is news."""
        with self._guard:
            for known in (self._known, self._sentences):
                known.pop(where, None)
            self._drop(where)

    def _drop(self, where: str) -> str | None:
        """Take a place out of those that share a trouble; return who told of it, if this was the last of them."""
        sentence = self._shared.pop(where, None)
        if sentence is None or sentence in self._shared.values():
            return None
        return self._tellers.pop(sentence, where)

    def sentences(self, *places: str) -> tuple[str, ...]:
        """Return what is wrong at these places, in sentences."""
        with self._guard:
            return tuple(f"{one}: {self._sentences[one]}" for one in places if one in self._sentences)

    @property
    def wrongs(self) -> dict[str, str]:
        """Return what is known to be wrong: the place, and its state."""
        with self._guard:
            return dict(self._known)


def bug(error: BaseException) -> CalsyncError:
    """Return a bug as trouble to be told; its traceback is the log's affair."""
    return CalsyncError(
        f"An error in calsyncctl ({type(error).__name__}).", "This is a bug: its traceback is in the log."
    )


def _strikes_all(error: CalsyncError) -> bool:
    """Tell whether trouble is of the network, the vault or the Google app, and not of one calendar."""
    if isinstance(error, Later):
        return error.scope != "calendar"
    return isinstance(error, Installation | VaultFault)
