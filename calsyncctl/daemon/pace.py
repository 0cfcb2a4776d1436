"""When a calendar is asked next: pure. Lively ones often, quiet ones seldom, stretched where the day would not last.

The numbers behind it, and a simulated day of ten thousand calendars, are in docs/scaling.md.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

from calsyncctl.model.quota import REACH, Day, Limits, Liveliness, Priority, day_of
from calsyncctl.store.due import FARTHEST

LIVELY: Final = 15.0
"""Seconds between two polls of a calendar that changed just now."""
QUIET: Final = 300.0
"""Seconds between two polls of one that has been quiet for long."""
UNDER_CHANNEL: Final = 3600.0
"""Seconds between two polls under a push channel, which tells of changes itself; polling is the safety net."""
COOLING: Final = 8.0
"""A calendar is asked again after this fraction of the time that it has been quiet: an eighth."""
JITTER: Final = 0.25
"""Intervals vary by so much either way, so that polls never march in step."""
LARGEST_STRETCH: Final = 48.0
"""Four hours for a quiet calendar; what still does not fit is stopped by the budget itself."""
FOR_POLLS: Final = 0.93
"""The part of what is left for polls that they plan with: the day gets livelier, and listings come on top."""
FALLS: Final = 0.75
"""A stretch that falls below this part of the one that was planned with draws near what was planned."""
SLOWEST_TRY: Final = 900.0
"""Seconds at most between two tries of a calendar in trouble, however stretched, so that its end is noticed."""
SLOWEST_POLL: Final = 0.75 * FARTHEST
"""Seconds at most between two polls, before jitter: what is due later than `FARTHEST` is taken for a wrong clock's."""


def interval(now: int, *, last_change: int | None, channel: bool) -> float:
    """Return the seconds between two polls, unstretched and without jitter.

    15 s in the two minutes after a change, then an eighth of the quiet time, out to 5 min after 40 minutes.
    """
    if channel:
        return UNDER_CHANNEL
    if last_change is None:
        return QUIET
    return min(QUIET, max(LIVELY, (now - last_change) / COOLING))


def longest_wait(stretch: float, *, channel: bool) -> int:
    """Return the seconds that a calendar in no trouble waits at most for its next poll, jitter included."""
    pause = (UNDER_CHANNEL if channel else QUIET) * max(1.0, stretch)
    return math.ceil(min(pause, SLOWEST_POLL) * (1 + JITTER))


def next_due(
    now: int,
    *,
    last_change: int | None,
    channel: bool,
    stretch: float,
    random: float,
    troubled_since: int | None = None,
    until: int | None = None,
) -> int:
    """Return when a calendar that was asked just now is asked again, in UTC seconds.

    `random` is in [0, 1). `troubled_since`: since when its tries fail, so that a long trouble is tried less often;
    `until`: not before, because Google said so. Never later than `FARTHEST`.
    """
    # In trouble a channel is no help: what it told of could not be asked for.
    pause = interval(now, last_change=last_change, channel=channel and troubled_since is None) * max(1.0, stretch)
    if troubled_since is not None:
        pause = max(pause, (now - troubled_since) / 2)
    pause = min(pause, SLOWEST_POLL if troubled_since is None else SLOWEST_TRY)
    jittered = pause * (1 - JITTER + 2 * JITTER * random)
    if troubled_since is not None:  # nobody waits longer than is said
        jittered = min(jittered, SLOWEST_TRY)
    due = now + max(1, round(jittered))
    return due if until is None else min(max(due, until), now + FARTHEST)


def demand(now: int, calendars: Iterable[Liveliness]) -> float:
    """Return how many polls a second some calendars ask for, unstretched; a poll is one quota unit."""
    return sum(1.0 / interval(now, last_change=one.last_change, channel=one.channel) for one in calendars)


def stretch(spent: int, limit: int, now: int, demand: float) -> float:
    """Return the factor for every interval, so that polls fit into what is left of the day: 1 where they do anyway.

    `spent` and `limit` are units of this quota day (midnight to midnight Pacific), `demand` polls a second. Polls keep
    within their reach: the last tenth of the day's units is for what people write.
    """
    left = FOR_POLLS * max(0.0, REACH[Priority.POLL] * limit - spent)
    needed = demand * seconds_left(day_of(now), now)
    if needed <= left:
        return 1.0
    return min(LARGEST_STRETCH, needed / left) if left > 0 else LARGEST_STRETCH


def within_minutes(limits: Limits, demand: float) -> float:
    """Return the factor that the project's minute asks for: 1 up to some 33,000 quiet calendars."""
    return max(1.0, 60 * demand / (FOR_POLLS * REACH[Priority.POLL] * limits.per_minute))


def seconds_left(day: Day, now: int) -> int:
    """Return the seconds until the quota day ends, at least one."""
    return max(1, day.ends - now)
