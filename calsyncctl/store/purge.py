"""Removing what is here of a calendar: events, copies, occurrences, history; in chunks, for people write meanwhile.

Only ever asked for by a person (`--purge`); deselecting and disconnecting hide and delete nothing.
"""

from __future__ import annotations

from calsyncctl.store.calendars import drop_cursor
from calsyncctl.store.db import Store

CHUNK = 500
"""Events removed in one transaction: a few milliseconds of the write lock."""

_OF_EVENTS = (
    "DELETE FROM version WHERE event_id IN ({events})",
    "DELETE FROM occurrence WHERE event_id IN ({events})",
    "DELETE FROM copy WHERE event_id IN ({events})",
    "DELETE FROM event WHERE id IN ({events})",
)


def purge_calendar(store: Store, calendar_id: int) -> None:
    """Remove a calendar's events and all that belongs to them; opens its own transactions, cut off it goes on later.

    The cursor goes first: should events be gone and the purge be cut off, the next listing is a full one.
    """
    with store.write():
        drop_cursor(store, calendar_id)
        store.connection.execute("DELETE FROM listing WHERE calendar_id = ?", (calendar_id,))
    while _purge_some(store, calendar_id):
        pass


def _purge_some(store: Store, calendar_id: int) -> int:
    """Remove one chunk, exceptions before their series (they refer to them); return how many events it was."""
    with store.write():
        ids = store.connection.execute(
            "SELECT id FROM event WHERE calendar_id = ? ORDER BY series_id IS NULL, id LIMIT ?", (calendar_id, CHUNK)
        ).fetchall()
        marks = ", ".join("?" * len(ids))
        for statement in _OF_EVENTS:
            store.connection.execute(statement.format(events=marks), [row[0] for row in ids])
    return len(ids)
