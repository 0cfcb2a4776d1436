"""Copies on hold: which, of what kind, and how one is let go."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import msgspec

from calsyncctl.model.copy import Known
from calsyncctl.store import copies
from calsyncctl.store.db import Store
from calsyncctl.store.deletions import DELETIONS
from calsyncctl.store.rows import must_write


@dataclass(frozen=True, slots=True)
class HeldDeletions:
    """The deletions that wait on one calendar. `since` is the earliest, in UTC seconds."""

    calendar_id: int
    count: int
    reason: str
    since: int


def held_deletions(store: Store) -> list[HeldDeletions]:
    """Return the calendars with deletions that the guard holds."""
    rows = store.connection.execute(
        "SELECT calendar_id, count(*), max(reason), min(since) FROM copy "
        "WHERE hold = 'deletions' AND reason IS NOT NULL GROUP BY calendar_id ORDER BY calendar_id"
    )
    return [HeldDeletions(*row) for row in rows]


def held_copies(store: Store, *, kind: str | None = None, calendar_id: int | None = None) -> list[Known]:
    """Return the copies on hold, of a kind and on a calendar if given; without a kind all but deletions."""
    rows = store.connection.execute(
        "SELECT id FROM copy WHERE hold IS NOT NULL AND (?2 IS NULL OR calendar_id = ?2) AND "
        "CASE WHEN ?1 IS NULL THEN hold <> ?3 ELSE hold = ?1 AND (hold <> ?3 OR reason IS NOT NULL) END "
        "ORDER BY calendar_id, since, id",
        (kind, calendar_id, DELETIONS),
    ).fetchall()
    return copies.known_by_id(store, [copy_id for (copy_id,) in rows])


def count_held(store: Store, calendar_ids: Collection[int] | None = None) -> dict[str, int]:
    """Count the copies on hold, by kind, on some calendars or on all.

    Deletions that the guard has not decided about do not count.
    """
    rows = store.connection.execute(
        "SELECT hold, count(*) FROM copy WHERE hold IS NOT NULL AND (hold <> ?1 OR reason IS NOT NULL) "
        "AND (?2 IS NULL OR calendar_id IN (SELECT value FROM json_each(?2))) GROUP BY hold",
        (DELETIONS, None if calendar_ids is None else msgspec.json.encode(sorted(calendar_ids)).decode()),
    )
    return dict(rows.fetchall())


def count_conflicts(store: Store) -> int:
    """Count the changes whose conflicts nobody has settled."""
    (count,) = store.connection.execute(
        "SELECT count(*) FROM version WHERE lost IS NOT NULL AND settled IS NULL"
    ).fetchone()
    return int(count)


def let_go(store: Store, copy_ids: Iterable[int], due: int | None) -> None:
    """End holds: tried at `due` (None: at the event's next change); what was counted begins anew."""
    must_write(store)
    store.connection.executemany(
        "UPDATE copy SET hold = NULL, reason = NULL, since = NULL, tries = 0, writes = 0, writes_since = NULL, "
        "due = ?2 WHERE id = ?1",
        ((copy_id, due) for copy_id in copy_ids),
    )
