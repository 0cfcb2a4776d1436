"""The quota ledger: leases of the sliding minute, what each day cost by account and kind, and who rests.

A lease counts as spent from the moment it is given, in the minute and in the day; what was not used of it is taken
back when it is settled. So whatever crashes is counted too high by a block at most, never too low.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from calsyncctl.model.quota import (
    PROJECT,
    REACH,
    SLOT,
    SLOTS,
    Cost,
    Lease,
    Limits,
    Used,
    Wish,
    day_of,
    slot_of,
    units_of,
)
from calsyncctl.store.db import Store
from calsyncctl.store.rows import must_write

KEPT_DAYS: Final = 35
"""Days that the ledger keeps, for looking back."""
_TOTAL: Final = ""
"""The kind of the row that sums a day, leases in hand included."""
_LONGEST_REST: Final = 64.0
_FORGIVEN: Final = 600
"""Seconds after which a refusal counts as the first again."""


@dataclass(frozen=True, slots=True)
class Rest:
    """Google refused a user (or the project) for its rates: since when, until when, how often in a row."""

    user: str
    since: int
    until: int
    tries: int
    reason: str


def lease(store: Store, client: str, wish: Wish, limits: Limits, now: int) -> Lease:
    """Lease a block, or say for how long there is no room; inside `store.write()`."""
    must_write(store)
    slot = slot_of(now)
    resting = _resting(store, client, wish.user, now)
    if resting is not None:
        return Lease(0, slot, float(resting.until - now), "user rest" if resting.user else "project rest")
    reach = REACH[wish.priority]
    most = {wish.user: int(reach * limits.per_user), PROJECT: int(reach * limits.per_minute)}
    least = max(1, min(wish.least, *most.values()))  # what is larger than the limit itself goes when nothing else does
    room = wish.most
    for user, why in ((wish.user, "user"), (PROJECT, "project")):
        left = max(1, most[user]) - in_minute(store, client, user, now)
        if left < least:
            return Lease(0, slot, _wait(store, client, user, least - left, now), why)
        room = min(room, left)
    day = day_of(now)
    left = int(reach * limits.per_day) - spent_in_day(store, client, day.name)
    if left < least:
        return Lease(0, slot, float(max(1, day.ends - now)), "day")
    given = max(least, min(room, left))
    for user in (wish.user, PROJECT):
        _add_lease(store, client, user, slot, given)
    _add_spend(store, client, day.name, PROJECT, _TOTAL, Cost(0, given))
    return Lease(given, slot)


def settle(store: Store, client: str, settled: Iterable[Used]) -> None:
    """Account for blocks that are done with: what they were spent on, and what goes back; inside `store.write()`."""
    must_write(store)
    for one in settled:
        day = day_of(one.slot * SLOT).name
        unused = one.leased - units_of(one.costs)
        for kind, cost in one.costs.items():
            _add_spend(store, client, day, one.user, kind, cost)
        requests = sum(cost.requests for cost in one.costs.values())
        _add_spend(store, client, day, PROJECT, _TOTAL, Cost(requests, -unused))
        if unused:
            for user in (one.user, PROJECT):
                _add_lease(store, client, user, one.slot, -unused)


def in_minute(store: Store, client: str, user: str, now: int) -> int:
    """Return the units of the sliding minute, of a user or of the project."""
    slot = slot_of(now)
    row = store.connection.execute(
        "SELECT sum(units) FROM lease WHERE client = ? AND user = ? AND slot > ? AND slot <= ?",
        (client, user, slot - SLOTS, slot + SLOTS),  # of a clock that was set back, the last minute still counts
    ).fetchone()
    return int(row[0] or 0)


def spent_in_day(store: Store, client: str, day: str) -> int:
    """Return the units of a quota day, leases in hand included."""
    row = store.connection.execute(
        "SELECT units FROM spend WHERE client = ? AND day = ? AND user = ? AND kind = ?",
        (client, day, PROJECT, _TOTAL),
    ).fetchone()
    return int(row[0]) if row else 0


def of_day(store: Store, client: str, day: str) -> dict[tuple[str, str], Cost]:
    """Return what a quota day was spent on, by user and kind; leases in hand are in none of them."""
    rows = store.connection.execute(
        "SELECT user, kind, requests, units FROM spend WHERE client = ? AND day = ? AND kind <> ? ORDER BY user, kind",
        (client, day, _TOTAL),
    )
    return {(user, kind): Cost(requests, units) for user, kind, requests, units in rows}


def rest(store: Store, client: str, user: str, *, asked: float | None, jitter: float, reason: str, now: int) -> int:
    """Let a user (or the project) rest after a refusal, and return until when; inside `store.write()`.

    Waits double with each refusal in a row, with full jitter, on top of what Google asked for. What comes while one
    rests already, from requests that were under way, only lengthens the rest if Google asks for more.
    """
    must_write(store)
    known = _rest_of(store, client, user)
    if known is not None and known.until > now:
        until = max(known.until, now + math.ceil(asked or 0))
        tries, since = known.tries, known.since
    else:
        again = known is not None and now - known.until < _FORGIVEN
        tries, since = (known.tries + 1, known.since) if known is not None and again else (1, now)
        spread = jitter * min(_LONGEST_REST, 2.0 ** min(tries, 16))
        until = now + max(1, math.ceil((asked or 0) + spread))
    store.connection.execute(
        "INSERT OR REPLACE INTO rest (client, user, since, until, tries, reason) VALUES (?, ?, ?, ?, ?, ?)",
        (client, user, since, until, tries, reason),
    )
    return until


def rests(store: Store, client: str, now: int) -> Sequence[Rest]:
    """Return who rests now."""
    rows = store.connection.execute(
        "SELECT user, since, until, tries, reason FROM rest WHERE client = ? AND until > ? ORDER BY user", (client, now)
    )
    return [Rest(*row) for row in rows]


def sweep(store: Store, now: int) -> None:
    """Forget what no window and no look back needs any more; inside `store.write()`."""
    must_write(store)
    slot = slot_of(now)
    store.connection.execute("DELETE FROM lease WHERE slot <= ? OR slot > ?", (slot - 2 * SLOTS, slot + SLOTS))
    store.connection.execute("DELETE FROM spend WHERE day < ?", (day_of(now - KEPT_DAYS * 86400).name,))
    store.connection.execute("DELETE FROM rest WHERE until < ?", (now - 2 * _FORGIVEN,))


def _wait(store: Store, client: str, user: str, missing: int, now: int) -> float:
    """Return the seconds until so many units of the minute are free again."""
    slot = slot_of(now)
    rows = store.connection.execute(
        "SELECT slot, units FROM lease WHERE client = ? AND user = ? AND slot > ? AND slot <= ? ORDER BY slot",
        (client, user, slot - SLOTS, slot + SLOTS),
    )
    for taken, units in rows:
        missing -= units
        if missing <= 0:
            return float(max(1, (taken + SLOTS) * SLOT - now))
    return float(SLOTS * SLOT)


def _resting(store: Store, client: str, user: str, now: int) -> Rest | None:
    """Return the longer of the user's and the project's rest, if one of them rests."""
    found = [one for one in (_rest_of(store, client, name) for name in (user, PROJECT)) if one and one.until > now]
    return max(found, key=lambda one: one.until, default=None)


def _rest_of(store: Store, client: str, user: str) -> Rest | None:
    row = store.connection.execute(
        "SELECT user, since, until, tries, reason FROM rest WHERE client = ? AND user = ?", (client, user)
    ).fetchone()
    return Rest(*row) if row else None


def _add_lease(store: Store, client: str, user: str, slot: int, units: int) -> None:
    store.connection.execute(
        "INSERT INTO lease (client, user, slot, units) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (client, user, slot) DO UPDATE SET units = units + excluded.units",
        (client, user, slot, units),
    )


def _add_spend(store: Store, client: str, day: str, user: str, kind: str, cost: Cost) -> None:
    store.connection.execute(
        "INSERT INTO spend (client, day, user, kind, requests, units) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (client, day, user, kind) DO UPDATE SET "
        "requests = requests + excluded.requests, units = units + excluded.units",
        (client, day, user, kind, cost.requests, cost.units),
    )
