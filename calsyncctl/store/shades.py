"""What a shadow account's calendars keep back: copies on hold of the kind `shadow`.

Such a hold keeps what is known of a write without an answer, so that trust goes on where it stopped.
"""

from __future__ import annotations

from calsyncctl.store.db import Store
from calsyncctl.store.rows import must_write

SHADOW = "shadow"
"""The kind of hold."""


def is_shadow(store: Store, calendar_id: int) -> bool:
    """Tell whether a calendar belongs to a shadow account."""
    found = store.connection.execute(
        "SELECT 1 FROM calendar c JOIN account a ON a.id = c.account_id WHERE c.id = ? AND a.shadow", (calendar_id,)
    ).fetchone()
    return found is not None


def waits_for(store: Store, calendar_id: int) -> tuple[int, int]:
    """Count a calendar's copies that wait to be pushed, and the shadow holds under which nothing waits any more."""
    (due,) = store.connection.execute(
        "SELECT count(*) FROM copy WHERE calendar_id = ? AND due IS NOT NULL", (calendar_id,)
    ).fetchone()
    (idle,) = store.connection.execute(f"SELECT count(*) FROM copy WHERE {_IDLE}", (calendar_id,)).fetchone()
    return int(due), int(idle)


def keep_back(store: Store, calendar_id: int, reason: str, now: int) -> None:
    """Put what waits to be pushed on hold, and end the holds under which nothing waits any more."""
    must_write(store)
    store.connection.execute(
        "UPDATE copy SET reason = CASE WHEN hold IS NULL THEN ?2 ELSE reason END, "
        "since = CASE WHEN hold IS NULL THEN ?3 ELSE since END, hold = coalesce(hold, 'shadow'), due = NULL "
        "WHERE calendar_id = ?1 AND due IS NOT NULL",
        (calendar_id, reason, now),
    )
    store.connection.execute(f"UPDATE copy SET hold = NULL, reason = NULL, since = NULL WHERE {_IDLE}", (calendar_id,))


_IDLE = (
    "calendar_id = ? AND hold = 'shadow' AND sent_version IS NULL AND state <> 'leaving' AND "
    "(base_version IS (SELECT e.version FROM event e WHERE e.id = copy.event_id) AND state IN ('live', 'deleted') "
    "OR state IN ('planned', 'deleted') AND etag IS NULL "
    "AND EXISTS (SELECT 1 FROM event e WHERE e.id = copy.event_id AND e.deleted IS NOT NULL))"
)
"""Both sides agree by now, or it was deleted before it ever was in Google."""


def let_all_go(store: Store, account_id: int, now: int) -> int:
    """End an account's shadow holds: what waited is due. Return how many."""
    must_write(store)
    return store.connection.execute(
        "UPDATE copy SET hold = NULL, reason = NULL, since = NULL, due = ?2 "
        "WHERE hold = 'shadow' AND calendar_id IN (SELECT id FROM calendar WHERE account_id = ?1)",
        (account_id, now),
    ).rowcount


def count_kept_back(store: Store) -> dict[int, int]:
    """Count shadow holds by account."""
    rows = store.connection.execute(
        "SELECT c.account_id, count(*) FROM copy x JOIN calendar c ON c.id = x.calendar_id "
        "WHERE x.hold = 'shadow' GROUP BY c.account_id"
    )
    return {int(account_id): int(count) for account_id, count in rows}
