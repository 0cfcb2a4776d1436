"""Reading the whole store once, as one state, however large it is and whatever is written meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from calsyncctl.model.event import Event
from calsyncctl.store.db import Store
from calsyncctl.store.events import COLUMNS, read_event


@contextmanager
def one_state(store: Store) -> Iterator[None]:
    """Read one state of the store for the length of the block: a transaction that never writes and blocks nobody."""
    store.connection.execute("BEGIN")
    try:
        yield
    finally:
        store.connection.execute("ROLLBACK")


def all_events(store: Store) -> Iterator[Event]:
    """Yield every event, deleted ones too, a series before its exceptions, one row at a time."""
    for row in store.connection.execute(f"SELECT {COLUMNS} FROM event e ORDER BY e.series_id IS NOT NULL, e.id"):
        yield read_event(row)


def keys_of_series(store: Store) -> dict[int, str]:
    """Return the keys of the events that others are exceptions of."""
    return dict(
        store.connection.execute(
            "SELECT id, key FROM event WHERE id IN (SELECT series_id FROM event WHERE series_id IS NOT NULL)"
        ).fetchall()
    )
