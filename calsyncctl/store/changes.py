"""Which events have changed since a moment: for platforms that keep a mirror of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from calsyncctl.model.event import Event
from calsyncctl.store.db import Store
from calsyncctl.store.events import COLUMNS, read_event
from calsyncctl.store.rows import among

CHUNK = 500


def changed_since(store: Store, moment: int, calendar_ids: Iterable[int] | None = None) -> Iterator[Event]:
    """Yield the events that came, changed or were deleted from a moment on (UTC seconds), by id.

    Rather one too many than one too few: what a pass touched counts from the pass's end.
    """
    chosen, values = among("e.calendar_id", calendar_ids)
    ids = store.connection.execute(
        f"SELECT e.id FROM event e WHERE {chosen} AND (e.id IN (SELECT event_id FROM version WHERE at >= ?) "
        "OR e.run_id IN (SELECT id FROM run WHERE coalesce(ended, ?) >= ?)) ORDER BY e.id",
        (*values, moment, moment, moment),
    ).fetchall()
    for at in range(0, len(ids), CHUNK):
        some = [event_id for (event_id,) in ids[at : at + CHUNK]]
        wanted, named = among("e.id", some)
        for row in store.connection.execute(f"SELECT {COLUMNS} FROM event e WHERE {wanted} ORDER BY e.id", named):
            yield read_event(row)
