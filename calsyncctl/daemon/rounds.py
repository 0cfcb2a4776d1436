"""When each account's list of calendars is read though nobody told of a change: daily, each at its own time.

Without push channels nobody tells at all, and with them a message may get lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

DAILY = 24 * 3600
AT_FIRST = 3600
"""Seconds after its start within which the daemon reads every list: what was told between two lives was lost."""


class Rounds:
    """Remembers when each account's turn is. Times are UTC seconds; `random` gives numbers in [0, 1)."""

    def __init__(self, random: Callable[[], float]) -> None:
        self._random = random
        self._next: dict[int, int] = {}

    def due(self, account_ids: Iterable[int], now: int) -> list[int]:
        """Return the accounts whose turn it is, and plan their next; a clock that was set back keeps none waiting."""
        found, known = [], self._next
        self._next = {}
        for one in account_ids:
            turn = known.get(one)
            if turn is None:
                turn = now + int(AT_FIRST * self._random())
            elif turn <= now or turn > now + DAILY:
                found.append(one)
                turn = now + int(DAILY * (0.75 + self._random() / 4))
            self._next[one] = turn
        return found
