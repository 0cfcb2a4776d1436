"""Which calendars fail, since when and at what: pure. What can do with less says nothing of what needs more.

A push may go through on a day whose polls are spent; if it called the calendar well, the log would say so, and the
opposite with the next poll, all day long.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from calsyncctl.daemon.wishes import Kind
from calsyncctl.errors import CalsyncError, Later


@dataclass(frozen=True, slots=True)
class _Trouble:
    since: int
    kind: Kind
    quota: bool
    """Whether it failed for want of quota of ours: listings are refused while polls still go."""


class Failing:
    """The calendars in trouble, by id. Times are UTC seconds."""

    def __init__(self) -> None:
        self._known: dict[int, _Trouble] = {}

    def note(self, calendar_id: int, kind: Kind, error: CalsyncError, now: int) -> None:
        """Note that work on a calendar failed; since when it fails stays, and what else is known of it."""
        known = self._known.get(calendar_id)
        fresh = _Trouble(now, kind, isinstance(error, Later) and error.of_ours)
        if known is None:
            self._known[calendar_id] = fresh
        elif kind is not Kind.PUSH:
            self._known[calendar_id] = replace(fresh, since=known.since)

    def end(self, calendar_id: int, kind: Kind) -> bool:
        """Note that work on a calendar went well; return whether all is well with it now."""
        known = self._known.get(calendar_id)
        if known is not None and not _proves(kind, known):
            return False
        self._known.pop(calendar_id, None)
        return True

    def since(self, calendar_id: int) -> int | None:
        """Return since when a calendar fails, None if it does not."""
        known = self._known.get(calendar_id)
        return None if known is None else known.since


def _proves(kind: Kind, trouble: _Trouble) -> bool:
    """Tell whether success of a kind of work ends a trouble: a sync pushes, too, and a reconcile does everything."""
    if kind is Kind.PUSH:
        return trouble.kind is Kind.PUSH
    return kind is Kind.RECONCILE or trouble.kind is not Kind.RECONCILE or not trouble.quota
