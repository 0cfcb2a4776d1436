"""The guard: how many deletions from Google one calendar may bring in an hour before somebody looks. Pure.

The threshold is architecture's: more than `max(10, 10 %)` of the calendar, or all of more than two events. What people
delete here never comes this way.
"""

from __future__ import annotations

from msgspec import Struct

WINDOW = 3600
"""Deletions of so many seconds are judged together."""
ALWAYS_ALLOWED = 10
"""So many go through, however small the calendar, unless they would empty it."""
SHARE = 10
"""One in so many of a calendar's events goes through."""
EMPTIED_ABOVE = 2
"""A calendar of more events than this is not emptied unseen."""


class Tally(Struct, frozen=True, kw_only=True):
    """One calendar's last hour, a series counted once. What somebody released after a look is in neither number."""

    standing: int
    """Events that stood before the first of these deletions."""
    gone: int
    """Deletions: those done already, and those that wait for the decision."""


def why_held(tally: Tally) -> str | None:
    """Return why the deletions that wait are held, None if they may be done."""
    if tally.standing > EMPTIED_ABOVE and tally.gone >= tally.standing:
        return f"all {tally.standing:,} events were deleted in Google"
    if tally.gone > max(ALWAYS_ALLOWED, tally.standing // SHARE):
        return f"{tally.gone:,} of {tally.standing:,} events were deleted in Google within an hour"
    return None
