"""What was spent of Google's quota and what is left, today and this minute: the ledger with names instead of keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from calsyncctl.health.snapshot import moment
from calsyncctl.model.account import AccountState
from calsyncctl.model.quota import PROJECT, Cost, Limits, day_of, user_key
from calsyncctl.store import accounts, spend
from calsyncctl.store.db import Store

GONE = "(no longer known)"
"""Stands for accounts that were removed since."""


@dataclass(frozen=True, slots=True)
class SpanFacts:
    """A day or a minute: `limit` is this profile's part."""

    spent: int
    left: int
    limit: int


@dataclass(frozen=True, slots=True)
class KindFacts:
    """What one kind of request cost today."""

    kind: str
    requests: int
    units: int


@dataclass(frozen=True, slots=True)
class SpenderFacts:
    """What one account cost today, and in this minute; `resting_until` where Google asked it to slow down."""

    account: str
    requests: int
    units: int
    minute: int
    kinds: tuple[KindFacts, ...]
    resting_until: datetime | None


@dataclass(frozen=True, slots=True)
class QuotaFacts:
    """The ledger of one OAuth client at one moment."""

    day: str
    ends: datetime
    today: SpanFacts
    minute: SpanFacts
    per_user: int
    kinds: tuple[KindFacts, ...]
    accounts: tuple[SpenderFacts, ...]
    in_hand: int
    """Units leased and not accounted for: under way, or lost with a process that died."""
    resting_until: datetime | None
    """Until when the whole project rests, because Google asked for it."""


def take_quota(store: Store, client: str, limits: Limits, now: int) -> QuotaFacts:
    """Gather the facts of a client's quota."""
    day = day_of(now)
    spent, minute = spend.spent_in_day(store, client, day.name), spend.in_minute(store, client, PROJECT, now)
    costs = spend.of_day(store, client, day.name)
    rests = {one.user: one.until for one in spend.rests(store, client, now)}
    accounted = sum(cost.units for cost in costs.values())
    names = {user_key(one.sub): (one.email, one.state) for one in accounts.list_accounts(store)}
    shown = {key for key, (_, state) in names.items() if state is not AccountState.DISCONNECTED}
    users = sorted(shown | {user for user, _ in costs}, key=lambda user: names.get(user, (GONE,))[0])
    return QuotaFacts(
        day=day.name,
        ends=_at(day.ends),
        today=SpanFacts(spent, max(0, limits.per_day - spent), limits.per_day),
        minute=SpanFacts(minute, max(0, limits.per_minute - minute), limits.per_minute),
        per_user=limits.per_user,
        kinds=_by_kind(costs.items()),
        accounts=tuple(
            _spender(
                names.get(user, (GONE,))[0],
                _by_kind(((one, kind), cost) for (one, kind), cost in costs.items() if one == user),
                spend.in_minute(store, client, user, now),
                rests.get(user),
            )
            for user in users
        ),
        in_hand=max(0, spent - accounted),
        resting_until=moment(rests.get(PROJECT)),
    )


def not_polls(facts: QuotaFacts) -> int:
    """Return the day's units that went into anything but polls."""
    return sum(one.units for one in facts.kinds if one.kind != "poll")


def _spender(account: str, kinds: tuple[KindFacts, ...], minute: int, until: int | None) -> SpenderFacts:
    requests, units = sum(one.requests for one in kinds), sum(one.units for one in kinds)
    return SpenderFacts(account, requests, units, minute, kinds, moment(until))


def _by_kind(costs: Iterable[tuple[tuple[str, str], Cost]]) -> tuple[KindFacts, ...]:
    summed: dict[str, Cost] = {}
    for (_, kind), cost in costs:
        summed[kind] = summed.get(kind, Cost()) + cost
    return _sorted(summed)


def _sorted(summed: Mapping[str, Cost]) -> tuple[KindFacts, ...]:
    facts = (KindFacts(kind, cost.requests, cost.units) for kind, cost in summed.items())
    return tuple(sorted(facts, key=lambda one: (-one.units, one.kind)))


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
