"""How the quota day will end, and how far intervals are stretched for it: what daemon and `status --quota` both ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from calsyncctl.daemon.pace import demand, seconds_left, stretch, within_minutes
from calsyncctl.model.quota import Limits, Liveliness, day_of
from calsyncctl.store import spend
from calsyncctl.store.db import Store
from calsyncctl.store.due import liveliness


@dataclass(frozen=True, slots=True)
class Outlook:
    """How the day will go on."""

    stretch: float
    why: str
    """`day`, `minute`, or empty where nothing is stretched."""
    polls: int
    """What the calendars ask for until the day ends, unstretched."""
    forecast: int
    """Units that the day will have cost when it ends."""


def outlook(
    calendars: Sequence[Liveliness], *, spent: int, otherwise: int, limits: Limits, now: int, polling: bool
) -> Outlook:
    """Look ahead: polls at their stretched pace if a daemon is `polling`, everything else as the day went so far.

    `spent` are the day's units, `otherwise` those of them that were no polls; without a daemon all count as such.
    """
    day = day_of(now)
    remaining, gone = seconds_left(day, now), max(3600, now - day.starts)
    wanted = demand(now, calendars)
    by_day, by_minute = stretch(spent, limits.per_day, now, wanted), within_minutes(limits, wanted)
    factor = max(by_day, by_minute)
    usual = (otherwise if polling else spent) * remaining / gone
    polls = wanted * remaining
    ahead = usual + (polls / factor if polling else 0)
    why = "" if factor <= 1 else "day" if by_day >= by_minute else "minute"
    return Outlook(factor, why, round(polls), spent + round(ahead))


def stretch_now(store: Store, client: str, limits: Limits, now: int) -> float:
    """Return the factor for every interval now; some milliseconds for ten thousand calendars: ask once a minute."""
    spent = spend.spent_in_day(store, client, day_of(now).name)
    return outlook(liveliness(store, now), spent=spent, otherwise=0, limits=limits, now=now, polling=True).stretch
