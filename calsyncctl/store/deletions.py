"""Deletions that wait: recorded on the copies that Google deleted, until the guard, or somebody, decides.

A copy whose `hold` is `deletions` waits; as long as it has no reason, the guard has not decided yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from calsyncctl.store.db import Store
from calsyncctl.store.rows import must_write

DELETIONS = "deletions"
"""The kind of hold."""
RELEASE = "release"
"""The kind of a run in which somebody released deletions: what it deleted counts no more."""

_encode = msgspec.json.Encoder().encode
_CHOSEN = "(SELECT value FROM json_each(?))"
_SERIES = "coalesce(e.series_id, e.id)"
"""What deletions are counted by: a series and its exceptions are one."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One deletion that waits. `unit` is the series, or the event itself; `since` when it was recorded."""

    copy_id: int
    google_id: str
    unit: int
    decided: bool
    since: int
    agreed: bool
    """The event is gone here too by now: nothing is left to decide."""


def record(store: Store, calendar_id: int, told: Iterable[tuple[str, str, str]], listing: int, now: int) -> None:
    """Record deletions: (Google id, etag, updated) as Google told them. One that waits already keeps its place."""
    must_write(store)
    store.connection.executemany(
        "UPDATE copy SET reason = CASE WHEN hold IS 'deletions' THEN reason END, "
        "since = CASE WHEN hold IS 'deletions' THEN since ELSE ?5 END, hold = 'deletions', due = NULL, "
        "etag = coalesce(nullif(?3, ''), etag), updated = coalesce(nullif(?4, ''), updated), heard = ?6 "
        "WHERE calendar_id = ?1 AND google_id = ?2",
        ((calendar_id, google_id, etag, updated, now, listing) for google_id, etag, updated in told),
    )


def waiting(store: Store, calendar_id: int) -> list[Waiting]:
    """Return the deletions that wait on a calendar, series before their exceptions."""
    rows = store.connection.execute(
        f"SELECT c.id, c.google_id, {_SERIES}, c.reason IS NOT NULL, c.since, "
        "e.deleted IS NOT NULL OR e.status = 'cancelled' "
        "FROM copy c JOIN event e ON e.id = c.event_id WHERE c.calendar_id = ? AND c.hold = 'deletions' "
        "ORDER BY e.original IS NOT NULL, c.id",
        (calendar_id,),
    )
    return [Waiting(row[0], row[1], row[2], bool(row[3]), row[4], bool(row[5])) for row in rows]


def is_waiting(store: Store, calendar_id: int) -> bool:
    """Tell whether any deletion waits on a calendar."""
    found = store.connection.execute(
        "SELECT 1 FROM copy WHERE calendar_id = ? AND hold = 'deletions' LIMIT 1", (calendar_id,)
    ).fetchone()
    return found is not None


def updated_of(store: Store, calendar_id: int, google_ids: Iterable[str]) -> dict[str, str]:
    """Return when the deletions that wait among these were made, by Google id; empty where Google did not tell."""
    rows = store.connection.execute(
        "SELECT google_id, coalesce(updated, '') FROM copy WHERE calendar_id = ? AND hold = 'deletions' "
        f"AND google_id IN {_CHOSEN}",
        (calendar_id, _encode(list(google_ids)).decode()),
    )
    return dict(rows.fetchall())


def hold(store: Store, copy_ids: Iterable[int], reason: str) -> None:
    """Note that the guard holds deletions; they wait for somebody."""
    must_write(store)
    store.connection.executemany(
        "UPDATE copy SET reason = ?2 WHERE id = ?1 AND hold = 'deletions'", ((one, reason) for one in copy_ids)
    )


def lift(store: Store, copy_ids: Iterable[int], now: int) -> None:
    """Let deletions wait no more; edits that waited behind them are due."""
    must_write(store)
    store.connection.executemany(
        "UPDATE copy SET hold = NULL, reason = NULL, since = NULL, due = CASE WHEN base_version IS NOT "
        "(SELECT version FROM event e WHERE e.id = copy.event_id) THEN ?2 END WHERE id = ?1 AND hold = 'deletions'",
        ((one, now) for one in copy_ids),
    )


def standing(store: Store, calendar_id: int) -> int:
    """Count what stands on a calendar, a series once."""
    (count,) = store.connection.execute(
        "SELECT count(*) FROM copy c JOIN event e ON e.id = c.event_id WHERE c.calendar_id = ? AND c.state = 'live' "
        "AND c.master_google_id IS NULL AND e.deleted IS NULL",
        (calendar_id,),
    ).fetchone()
    return int(count)


def done_since(store: Store, calendar_id: int, since: int) -> tuple[set[int], int]:
    """Return what Google's deletions took from a calendar since a moment, or since somebody last released some there.

    The units that it touched, a series being one, and how many whole events there were among it.
    """
    (first,) = store.connection.execute(
        "SELECT coalesce((SELECT id FROM version WHERE at < ? ORDER BY id DESC LIMIT 1), 0)", (since,)
    ).fetchone()
    of_calendar = (
        "FROM version v JOIN event e ON e.id = v.event_id JOIN copy c ON c.event_id = e.id AND c.calendar_id = ?1 "
        "LEFT JOIN run r ON r.id = v.run_id WHERE v.id > ?2 AND v.author = 'google'"
    )
    (released,) = store.connection.execute(
        f"SELECT coalesce(max(v.id), 0) {of_calendar} AND r.kind = 'release'", (calendar_id, first)
    ).fetchone()
    rows = store.connection.execute(
        f"SELECT DISTINCT {_SERIES}, e.id, v.action = 'deleted' AND e.original IS NULL {of_calendar} "
        "AND v.action IN ('deleted', 'cancelled') AND (e.deleted IS NOT NULL OR e.status = 'cancelled')",
        (calendar_id, max(first, released)),
    ).fetchall()
    return {unit for unit, _, _ in rows}, len({event_id for _, event_id, whole in rows if whole})
