"""What is to be done, and in which order: pure. One account's work is never done twice at the same time.

People's writes come first, then what is due, then comparing everything. A wish made while its account is being worked
on is kept for afterwards: no kick is lost. Now and then the least urgent goes first: writes without an end, as of an
import, or more calendars than the crew has time for, keep nothing else waiting for ever.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum


class Kind(IntEnum):
    """Kinds of work, the most urgent first."""

    PUSH = 0
    SYNC = 1
    LIST = 2
    """Read an account's list of calendars."""
    WATCH = 3
    """Open and stop its push channels."""
    REFRESH = 4
    RECONCILE = 5


OF_ACCOUNT = {Kind.LIST, Kind.WATCH, Kind.REFRESH}
"""Work on an account itself, not on some of its calendars."""
_AT_ONCE = {Kind.PUSH: 500, Kind.SYNC: 10, Kind.LIST: 1, Kind.WATCH: 1, Kind.REFRESH: 1, Kind.RECONCILE: 1}
"""How many calendars of an account are worked on before something more urgent may come between."""

LEAST_URGENT = 7
"""Of so many tasks one is the least urgent; an odd number, so that two accounts in turn both come to it."""


@dataclass(frozen=True, slots=True)
class Task:
    """One piece of work: calendars of one account (none where the account itself is meant)."""

    kind: Kind
    account_id: int
    calendar_ids: tuple[int, ...]


class Wishes:
    """What is wanted and what is being done; not safe between threads by itself."""

    def __init__(self) -> None:
        self._wanted: dict[Kind, dict[int, dict[int, None]]] = {kind: {} for kind in Kind}
        self._doing: dict[int, Task] = {}
        self._taken = 0

    def want(self, kind: Kind, account_id: int, calendar_ids: Iterable[int], *, again: bool = False) -> None:
        """Wish for work; calendars that the same kind of work is going on with are left out, unless `again`."""
        doing = self._doing.get(account_id)
        going_on = set(doing.calendar_ids) if doing is not None and doing.kind is kind and not again else set()
        fresh = [one for one in calendar_ids if one not in going_on]
        if fresh or kind in OF_ACCOUNT:
            self._wanted[kind].setdefault(account_id, {}).update(dict.fromkeys(fresh))

    def take(self) -> Task | None:
        """Return the most urgent work of an account that nobody works on, as begun; None if there is none."""
        turn = (self._taken + 1) % LEAST_URGENT == 0
        for kind in sorted(Kind, reverse=turn):
            for account_id, calendars in self._wanted[kind].items():
                if account_id not in self._doing:
                    return self._begin(kind, account_id, calendars)
        return None

    def _begin(self, kind: Kind, account_id: int, calendars: dict[int, None]) -> Task:
        chosen = tuple(list(calendars)[: _AT_ONCE[kind]])
        for one in chosen:
            del calendars[one]
        rest = self._wanted[kind].pop(account_id)
        if rest:  # at the end of the queue: every account gets its turn
            self._wanted[kind][account_id] = rest
        self._taken += 1
        task = Task(kind, account_id, chosen)
        self._doing[account_id] = task
        return task

    def end(self, task: Task) -> None:
        """Note that a piece of work is over, however it went."""
        self._doing.pop(task.account_id, None)

    def forget(self) -> None:
        """Drop every wish that is not being worked on."""
        for accounts in self._wanted.values():
            accounts.clear()

    @property
    def idle(self) -> bool:
        """Whether nothing is wanted and nothing being done."""
        return not self._doing and not any(self._wanted.values())
