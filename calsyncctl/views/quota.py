"""`calsyncctl status --quota`: what was spent of Google's quota, what is left, and what the day will have cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from calsyncctl.health.quota import KindFacts, QuotaFacts, SpanFacts, SpenderFacts
from calsyncctl.layout import Column


@dataclass(frozen=True, slots=True)
class Quota:
    """What `status --quota` tells; as JSON, exactly this. Units are Google's: a PATCH is three, all else one."""

    profile: str
    day: str
    ends: datetime
    today: SpanFacts
    forecast: int
    minute: SpanFacts
    per_user: int
    polling: bool
    """Whether a daemon runs, so that calendars are polled until the day ends."""
    calendars: int
    polls: int
    """Polls that the calendars ask for until the day ends, unstretched."""
    stretch: float
    why: str
    kinds: tuple[KindFacts, ...]
    accounts: tuple[SpenderFacts, ...]
    in_hand: int
    resting_until: datetime | None


def counted(value: Any) -> str:
    """Show a number with its thousands apart."""
    return "–" if value is None else f"{value:,}"


SPANS = (
    Column("span", ""),
    Column("spent", "SPENT", right=True, show=counted),
    Column("left", "LEFT", right=True, show=counted),
    Column("limit", "LIMIT", right=True, show=counted),
    Column("forecast", "FORECAST", right=True, show=counted),
)
KINDS = (
    Column("kind", "KIND", flexible=True),
    Column("requests", "REQUESTS", right=True, show=counted),
    Column("units", "UNITS", right=True, show=counted),
)
SPENDERS = (
    Column("account", "ACCOUNT", flexible=True),
    Column("requests", "REQUESTS", right=True, show=counted),
    Column("units", "UNITS", right=True, show=counted),
    Column("minute", "THIS MINUTE", right=True, show=counted),
    Column("resting_until", "RESTS UNTIL", drop=1),
)


@dataclass(frozen=True, slots=True)
class Span:
    """One line of the first table."""

    span: str
    spent: int
    left: int
    limit: int
    forecast: int | None


def quota_of(
    profile: str,
    facts: QuotaFacts,
    *,
    forecast: int,
    polling: bool,
    calendars: int,
    polls: int,
    stretch: float,
    why: str,
) -> Quota:
    """Put the ledger and the outlook together."""
    return Quota(
        profile=profile,
        day=facts.day,
        ends=facts.ends,
        today=facts.today,
        forecast=forecast,
        minute=facts.minute,
        per_user=facts.per_user,
        polling=polling,
        calendars=calendars,
        polls=polls,
        stretch=round(stretch, 2),
        why=why,
        kinds=facts.kinds,
        accounts=facts.accounts,
        in_hand=facts.in_hand,
        resting_until=facts.resting_until,
    )


def spans(quota: Quota) -> tuple[Span, ...]:
    """Return the lines of the first table."""
    today, minute = quota.today, quota.minute
    return (
        Span("today", today.spent, today.left, today.limit, quota.forecast),
        Span("this minute", minute.spent, minute.left, minute.limit, None),
    )


def quota_head(quota: Quota, when: Callable[[datetime | None], str]) -> str:
    """Draw what stands above the tables."""
    return "\n".join(_lines(quota, when))


def _lines(quota: Quota, when: Callable[[datetime | None], str]) -> Iterator[str]:
    yield f"Quota of the profile {quota.profile}, in Google's units; the day ends {when(quota.ends)}"
    if quota.resting_until is not None:
        yield f"Google asked this installation to slow down, until {when(quota.resting_until)}."
    yield why_stretched(quota)
    if not quota.polling:
        yield "No daemon runs: nothing is polled by itself, and the forecast goes on as the day went so far."


def why_stretched(quota: Quota) -> str:
    """Say whether intervals between polls are stretched, how far, and why."""
    asked = f"{quota.calendars:,} calendars ask for {quota.polls:,} polls until the day ends"
    if quota.stretch <= 1:
        return f"Polls need no stretching: {asked}, and {quota.today.left:,} units are left."
    does = "Polls are" if quota.polling else "A daemon's polls would be"
    reason = {
        "day": f"and {quota.today.left:,} units are left for everything",
        "minute": f"and a minute has {quota.minute.limit:,} units",
    }[quota.why]
    return f"{does} stretched {quota.stretch:.1f} times: {asked}, {reason}."
