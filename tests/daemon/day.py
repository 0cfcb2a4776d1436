"""A simulated quota day: many calendars, people who change things during working hours, and the pace that polls them.

Nothing is asked of anybody: the program's own `pace` decides when each calendar is due, over a clock that is counted
up. `python -m tests.daemon.day` prints the table of docs/scaling.md.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median, quantiles

from calsyncctl.daemon.outlook import outlook
from calsyncctl.daemon.pace import next_due
from calsyncctl.model.quota import Limits, Liveliness, day_of

STARTS = day_of(1_795_176_000).starts  # a Friday in November 2026
LIMITS = Limits.of_share(0.8, per_minute=10_000, per_user=600, per_day=1_000_000)
PER_ACCOUNT = 4
"""Selected calendars of one account."""
LOOKED_AT = 900
"""Seconds between two looks at the stretch; the daemon looks every minute."""
KINDS = ((0.2, 0.0), (0.6, 2.0), (0.2, 10.0))
"""Shares of the calendars, and how many times a day somebody sits down at them in Google: dormant, usual, busy."""
SITTING = 3
"""Changes of one sitting, a minute or two apart."""
HERE = 2
"""Edits made here a day, in calendars that are not dormant: one insert (1 unit) and one patch (3)."""
LOST = 0.02
"""Notifications of push channels that never come; the others take one to five seconds."""


@dataclass(slots=True)
class Day:
    """What one day came to."""

    calendars: int
    channels: bool
    polls: int = 0
    units: int = 0
    stretch: float = 1.0
    per_second: list[int] = field(default_factory=lambda: [0] * 90_060)
    """Units of each second of the day, which has at most 25 hours."""
    per_user: dict[tuple[int, int], int] = field(default_factory=dict)
    """(account, minute) -> units."""
    freshness: list[float] = field(default_factory=list)
    """Seconds from each change in Google until it was seen here."""

    @property
    def peak(self) -> int:
        """The most units of any sliding minute."""
        most = window = 0
        for second, units in enumerate(self.per_second):
            window += units - (self.per_second[second - 60] if second >= 60 else 0)
            most = max(most, window)
        return most

    @property
    def peak_user(self) -> int:
        """The most units of an account in two neighbouring minutes: no sliding minute has more."""
        return max(units + self.per_user.get((user, at + 1), 0) for (user, at), units in self.per_user.items())

    @property
    def median(self) -> float:
        """The median freshness in seconds."""
        return median(self.freshness)

    @property
    def p95(self) -> float:
        """The freshness that 95 of 100 changes keep, in seconds."""
        return quantiles(self.freshness, n=20)[18]

    def spend(self, calendar: int, at: int, units: int) -> None:
        """Count units."""
        user, minute = calendar // PER_ACCOUNT, at // 60
        self.units += units
        self.per_second[at - STARTS] += units
        self.per_user[user, minute] = self.per_user.get((user, minute), 0) + units


@dataclass(slots=True)
class _Calendar:
    changes: list[float]
    """When it is changed in Google, the latest first."""
    last_change: int | None = None


def simulate(calendars: int, *, channels: bool, limits: Limits = LIMITS, seed: int = 7) -> Day:
    """Live through one day."""
    chance = random.Random(seed)
    day, ends = Day(calendars, channels), day_of(STARTS).ends
    known = [_Calendar(_changes(chance)) for _ in range(calendars)]
    queue = [(STARTS + int(chance.random() * 300), number, False) for number in range(calendars)]
    if channels:
        queue += _notified(known, chance)
    heapq.heapify(queue)
    extra = sorted(_written_and_listed(calendars, chance), reverse=True)
    look, stretch = STARTS, 1.0
    while queue and queue[0][0] < ends:
        at, number, hint = heapq.heappop(queue)
        while extra and extra[-1][0] <= at:
            when, where, units = extra.pop()
            day.spend(where, when, units)
        if at >= look:
            stretch, look = _stretch(day, known, channels, limits, at), at + LOOKED_AT
            day.stretch = max(day.stretch, stretch)
        one = known[number]
        day.polls += 1
        day.spend(number, at, 1)
        while one.changes and one.changes[-1] <= at:
            day.freshness.append(at - one.changes.pop())
            one.last_change = at
        if not hint:
            due = next_due(at, last_change=one.last_change, channel=channels, stretch=stretch, random=chance.random())
            heapq.heappush(queue, (due, number, False))
    return day


def _stretch(day: Day, known: list[_Calendar], channels: bool, limits: Limits, now: int) -> float:
    lively = [Liveliness(one.last_change, channels) for one in known]
    return outlook(lively, spent=day.units, otherwise=0, limits=limits, now=now, polling=True).stretch


def _changes(chance: random.Random) -> list[float]:
    share, sittings = chance.random(), 0.0
    for part, many in KINDS:
        if share < part:
            sittings = many
            break
        share -= part
    moments: list[float] = []
    for _ in range(round(sittings * (0.5 + chance.random()))):
        at = _working_hour(chance)
        for _ in range(SITTING):
            moments.append(at)
            at += 30 + chance.random() * 120
    return sorted(moments, reverse=True)


def _working_hour(chance: random.Random) -> float:
    """Return a moment of the day: office hours somewhere between London and California, most of them in the middle."""
    return STARTS + 3600 * (1 + 16 * (chance.random() + chance.random() + chance.random()) / 3)


def _notified(known: list[_Calendar], chance: random.Random) -> Iterator[tuple[int, int, bool]]:
    for number, one in enumerate(known):
        for at in one.changes:
            if chance.random() >= LOST:
                yield int(at + 1 + 4 * chance.random()) + 1, number, True


def _written_and_listed(calendars: int, chance: random.Random) -> Iterator[tuple[int, int, int]]:
    """Yield what is spent beside the polls: edits made here, and each calendar's nightly comparison."""
    for number in range(calendars):
        yield STARTS + int(chance.random() * 6 * 3600), number, 1
        if chance.random() >= KINDS[0][0]:
            for units in (1, 3)[:HERE]:
                yield int(_working_hour(chance)), number, units


def row(day: Day) -> str:
    """Return the day's line of the table in docs/scaling.md."""
    kind = "yes" if day.channels else "no"
    figures = (day.polls, day.units, day.peak)
    shown = " | ".join(f"{one:,}" for one in figures)
    return f"| {day.calendars:,} | {kind} | {shown} | {day.stretch:.1f} | {day.median:,.0f} s | {day.p95:,.0f} s |"


SIZES = (1_000, 2_700, 10_000)


if __name__ == "__main__":
    for size in SIZES:
        for channels in (False, True):
            print(row(simulate(size, channels=channels)), flush=True)
