"""The occurrence table: a cache of when series take place, and which series are not expanded far enough for a range.

An event's `expanded_from` and `expanded_to` say which window its rows here cover; NULL: none. Whatever changes a
series or its exceptions only clears them; reading a range expands what it needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from calsyncctl.model.event import Event
from calsyncctl.store.db import Store
from calsyncctl.store.events import COLUMNS, read_event

_encode = msgspec.json.Encoder().encode
_WAITING = """
    e.calendar_id IN (SELECT value FROM json_each(?)) AND e.recurrence IS NOT NULL AND e.deleted IS NULL
    AND e.starts < ? AND (e.expanded_to IS NULL OR e.expanded_from > ? OR e.expanded_to < ?)
"""


class Window(msgspec.Struct, frozen=True):
    """A stretch of time that is covered, in UTC seconds."""

    from_: int
    to: int


class Unexpanded(msgspec.Struct, frozen=True):
    """A series whose occurrences in a range are not known yet, with the window that is."""

    event: Event
    covered: Window | None


def waiting_series(
    store: Store, calendar_ids: Sequence[int], *, from_: int, to: int, limit: int, after: int = 0
) -> list[Unexpanded]:
    """Return series that a range needs expanded, in the order of ids from one on."""
    rows = store.connection.execute(
        f"SELECT e.expanded_from, e.expanded_to, {COLUMNS} FROM event e WHERE {_WAITING} AND e.id > ? "
        "ORDER BY e.id LIMIT ?",
        (_encode(list(calendar_ids)).decode(), to, from_, to, after, limit),
    )
    return [
        Unexpanded(
            read_event(row[2:]), None if row[1] is None else Window(row[0] if row[0] is not None else row[1], row[1])
        )
        for row in rows
    ]


def keep_occurrences(store: Store, series: Event, spans: Iterable[tuple[int, int]], covered: Window) -> None:
    """Keep when a series takes place within a window, (starts, ends) each, in place of what was kept before."""
    store.connection.execute("DELETE FROM occurrence WHERE event_id = ?", (series.id,))
    store.connection.executemany(
        "INSERT OR IGNORE INTO occurrence (calendar_id, starts, event_id, ends, shows) "
        "SELECT calendar_id, ?, id, ?, shows FROM event WHERE id = ?",
        ((starts, ends, series.id) for starts, ends in spans),
    )
    store.connection.execute(
        "UPDATE event SET expanded_from = ?, expanded_to = ? WHERE id = ?", (covered.from_, covered.to, series.id)
    )
