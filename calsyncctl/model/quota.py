"""Google's quota as this program counts it: limits, priorities, what a request costs, and what a budget answers.

Figures: Google's quota page for Calendar (May 2026): 10,000 units a minute for a project, 600 for one user of it, a
million a day before billing; a PATCH counts three, each part of a batch for itself. The days are Pacific ones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from functools import lru_cache
from typing import Final, Protocol
from zoneinfo import ZoneInfo

PATCH_UNITS: Final = 3
_PACIFIC: Final = "America/Los_Angeles"


class Priority(IntEnum):
    """Who goes first where there is not enough for everybody."""

    PEOPLE = 0
    """Writes: what somebody here did; and reads that such a write waits for."""
    POLL = 1
    """Asking what changed, and other reads."""
    BACKFILL = 2
    """Full listings."""


REACH: Final[Mapping[Priority, float]] = {Priority.PEOPLE: 1.0, Priority.POLL: 0.9, Priority.BACKFILL: 0.7}
"""How much of each limit a priority may fill: what is kept back from it is there for those before it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """This profile's part of Google's limits, in quota units."""

    per_minute: int
    per_user: int
    per_day: int

    @classmethod
    def of_share(cls, share: float, *, per_minute: int, per_user: int, per_day: int) -> Limits:
        """Take a share (0 to 1) of what Google grants the project; at least one unit of each."""
        return cls(*(max(1, int(share * limit)) for limit in (per_minute, per_user, per_day)))


@dataclass(frozen=True, slots=True)
class Cost:
    """What some requests of one kind cost."""

    requests: int = 0
    units: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.requests + other.requests, self.units + other.units)


Costs = Mapping[str, Cost]
"""Kind of request -> what it cost: `poll`, `listing`, `read`, `insert`, `patch`, `delete`, `calendars`, `other`."""


def units_of(costs: Costs) -> int:
    """Return how many units some requests cost together."""
    return sum(cost.units for cost in costs.values())


@dataclass(frozen=True, slots=True)
class Used:
    """What became of one leased block: of `leased` units of that slot, those of `costs` were spent."""

    user: str
    slot: int
    leased: int
    costs: Costs


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to spend now: `least` units at once, `most` as a block for what follows."""

    user: str
    least: int
    most: int
    priority: Priority


@dataclass(frozen=True, slots=True)
class Lease:
    """A budget's answer: a block of units good within one slot, or (units 0) for how long there is none, and why."""

    units: int
    slot: int
    wait: float = 0.0
    why: str = ""


@dataclass(frozen=True, slots=True)
class Liveliness:
    """What a calendar's pace depends on: its last change (UTC seconds; None: none known), whether it has a channel."""

    last_change: int | None
    channel: bool = False


class Budget(Protocol):
    """Where leases come from: one per OAuth client, kept by all processes together."""

    @property
    def limits(self) -> Limits:
        """What may be spent."""
        ...

    def lease(self, wish: Wish, settled: Sequence[Used], now: int) -> Lease:
        """Lease a block, after accounting for blocks that are done with."""
        ...

    def settle(self, settled: Sequence[Used], now: int) -> None:
        """Account for blocks that are done with."""
        ...

    def rest(self, user: str, *, asked: float | None, jitter: float, reason: str, now: int) -> None:
        """Note that Google refused for its rates: one user rests, or (`PROJECT`) the whole project does.

        `asked` is the Retry-After in seconds, `jitter` in [0, 1) spreads the waits that double with each refusal.
        """
        ...


PROJECT: Final = ""
"""Stands where a user would, for the project as a whole."""


def user_key(sub: str) -> str:
    """Return the key under which an account's spending is counted, the same before it has a row."""
    return hashlib.sha256(sub.encode()).hexdigest()[:16]


def client_key(client_id: str) -> str:
    """Return the key under which the spending of an OAuth client is counted."""
    return hashlib.sha256(client_id.encode()).hexdigest()[:16]


SLOT: Final = 2
"""Seconds of a slot: a lease is good within its slot, and windows are summed by slots."""
SLOTS: Final = 32
"""Slots that a minute's limit is held over, the current one with them: the sliding minute, a slot's own length, and
two seconds that a request may take to reach Google."""


def slot_of(now: int) -> int:
    """Return the slot of a moment."""
    return now // SLOT


@dataclass(frozen=True, slots=True)
class Day:
    """One of Google's quota days, from midnight to midnight Pacific time: 23 to 25 hours."""

    name: str
    """Its date, as 2026-11-20."""
    starts: int
    ends: int


def day_of(now: int) -> Day:
    """Return the quota day of a moment."""
    return _day_of_quarter(now // 900)


@lru_cache(maxsize=8)
def _day_of_quarter(quarter: int) -> Day:
    """Return the day of a quarter of an hour: no day begins within one, and working it out takes 25 µs."""
    zone = ZoneInfo(_PACIFIC)
    midnight = datetime.fromtimestamp(900 * quarter, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    following = (midnight + timedelta(days=1)).replace(tzinfo=zone)  # wall time: the zone finds the offset
    starts, ends = (int(moment.astimezone(UTC).timestamp()) for moment in (midnight, following))
    return Day(midnight.date().isoformat(), starts, ends)
