"""Removing what is here of a calendar: events, copies, occurrences, history; in chunks, for people write meanwhile.

Only ever asked for by a person (`--purge`); deselecting and disconnecting hide and delete nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from calsyncctl.store.calendars import drop_cursor
from calsyncctl.store.db import Store
from calsyncctl.store.rows import among, change

CHUNK = 500
"""Events removed in one transaction: a few milliseconds of the write lock."""

_OF_EVENTS = (
    "DELETE FROM version WHERE event_id IN ({events})",
    "DELETE FROM occurrence WHERE event_id IN ({events})",
    "DELETE FROM copy WHERE event_id IN ({events})",
    "DELETE FROM event WHERE id IN ({events})",
)


TITLES = 5
"""So many titles of what waits are named."""

_UNSENT = (
    "FROM copy c JOIN event e ON e.id = c.event_id WHERE ({on} OR {home}) AND c.state <> 'deleted' "
    "AND (c.due IS NOT NULL OR c.sent_version IS NOT NULL OR (c.hold IS NOT NULL AND c.hold <> 'deletions'))"
)


@dataclass(frozen=True, slots=True)
class Unsent:
    """What was changed here and is not in Google yet: how many events, and what the first of them are called."""

    changes: int
    titles: tuple[str, ...]


def unsent_on(store: Store, calendar_ids: Iterable[int]) -> Unsent:
    """Return what waits to be sent, or is held, on some calendars: a purge would lose it."""
    ids = tuple(calendar_ids)
    (on, wanted), (home, _) = among("c.calendar_id", ids), among("e.calendar_id", ids)
    waiting, both = _UNSENT.format(on=on, home=home), (*wanted, *wanted)
    (changes,) = store.connection.execute(f"SELECT count(DISTINCT e.id) {waiting}", both).fetchone()
    titles = store.connection.execute(
        f"SELECT coalesce(e.summary, '') {waiting} GROUP BY e.id ORDER BY e.id LIMIT ?", (*both, TITLES)
    )
    return Unsent(int(changes), tuple(title or "(no title)" for (title,) in titles))


def purge_calendar(store: Store, calendar_id: int) -> None:
    """Remove a calendar's events and all that belongs to them; opens its own transactions, cut off it goes on later.

    The cursor goes first: should events be gone and the purge be cut off, the next listing is a full one, and a first
    one. Links to the calendar end, and the copies that other calendars' events have on it are forgotten: in Google
    they stay.
    """
    with store.write():
        drop_cursor(store, calendar_id)
        change(store, "calendar", calendar_id, {"last_success": None, "last_change": None, "last_reconcile": None})
        store.connection.execute("DELETE FROM listing WHERE calendar_id = ?", (calendar_id,))
        store.connection.execute("DELETE FROM link WHERE ? IN (source_id, target_id)", (calendar_id,))
    while _purge_some(store, calendar_id):
        pass
    while _purge_guests(store, calendar_id):
        pass


def _purge_guests(store: Store, calendar_id: int) -> int:
    """Forget one chunk of the copies that events of other calendars have here; return how many it was."""
    with store.write():
        done = store.connection.execute(
            "DELETE FROM copy WHERE id IN (SELECT id FROM copy WHERE calendar_id = ? LIMIT ?)", (calendar_id, CHUNK)
        )
    return done.rowcount


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
