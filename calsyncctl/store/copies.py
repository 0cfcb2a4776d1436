"""The copy table: where an event stands at the provider, and what was last heard of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from calsyncctl.model.copy import Copy, Known
from calsyncctl.model.event import Event
from calsyncctl.store import events
from calsyncctl.store.db import Store

_encode = msgspec.json.Encoder().encode

_COLUMNS = (
    "c.id, c.event_id, c.calendar_id, c.google_id, c.master_google_id, c.etag, c.updated, c.base_version, c.there, "
    "c.extra, c.heard, c.state, c.hold, c.reason, c.since"
)
_WIDTH = 15
_CHOSEN = "(SELECT value FROM json_each(?))"


def known_copies(store: Store, calendar_id: int, google_ids: Iterable[str]) -> dict[str, Known]:
    """Return what is known of items on a calendar, by Google id; what is not known is left out."""
    rows = store.connection.execute(
        f"SELECT {_COLUMNS}, s.deleted IS NOT NULL, {events.COLUMNS} FROM copy c JOIN event e ON e.id = c.event_id "
        f"LEFT JOIN event s ON s.id = e.series_id WHERE c.calendar_id = ? AND c.google_id IN {_CHOSEN}",
        (calendar_id, _encode(list(google_ids)).decode()),
    )
    return {row[3]: _known(row) for row in rows}


def event_ids(store: Store, calendar_id: int, google_ids: Iterable[str]) -> dict[str, int]:
    """Return the events behind Google ids on a calendar; what is not known is left out."""
    rows = store.connection.execute(
        f"SELECT google_id, event_id FROM copy WHERE calendar_id = ? AND google_id IN {_CHOSEN}",
        (calendar_id, _encode(list(google_ids)).decode()),
    )
    return dict(rows.fetchall())


def copies_of(store: Store, event_id: int) -> list[Copy]:
    """Return the copies of an event, one for each calendar that it stands on."""
    rows = store.connection.execute(
        f"SELECT {_COLUMNS} FROM copy c WHERE c.event_id = ? ORDER BY c.calendar_id", (event_id,)
    )
    return [_read_copy(row) for row in rows]


def insert_copies(store: Store, copies: Iterable[Copy]) -> None:
    """Keep new copies; their ids are given by the table."""
    store.connection.executemany(
        "INSERT INTO copy (event_id, calendar_id, google_id, master_google_id, etag, updated, base_version, there, "
        "extra, heard, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                copy.event_id,
                copy.calendar_id,
                copy.google_id,
                copy.master_google_id,
                copy.etag,
                copy.updated,
                copy.base_version,
                copy.there,
                copy.extra,
                copy.heard,
                copy.state,
            )
            for copy in copies
        ),
    )


def update_copies(store: Store, copies: Iterable[Copy]) -> None:
    """Keep what was newly heard of copies, under their ids."""
    store.connection.executemany(
        "UPDATE copy SET master_google_id = ?, etag = ?, updated = ?, base_version = ?, there = ?, extra = ?, "
        "heard = ?, state = ? WHERE id = ?",
        (
            (
                copy.master_google_id,
                copy.etag,
                copy.updated,
                copy.base_version,
                copy.there,
                copy.extra,
                copy.heard,
                copy.state,
                copy.id,
            )
            for copy in copies
        ),
    )


def mark_deleted(store: Store, gone: Iterable[Event]) -> None:
    """Note that the copies of deleted events on their own calendars are deleted too: both sides agree on it."""
    store.connection.executemany(
        "UPDATE copy SET state = 'deleted', base_version = ? WHERE event_id = ? AND calendar_id = ?",
        ((event.version, event.id, event.calendar_id) for event in gone),
    )


def orphans(store: Store, calendar_id: int, masters: Iterable[str]) -> list[tuple[int, str, str]]:
    """Return exceptions that wait for one of these series: (event id, the series' Google id, original start)."""
    rows = store.connection.execute(
        "SELECT c.event_id, c.master_google_id, e.original FROM copy c JOIN event e ON e.id = c.event_id "
        f"WHERE c.calendar_id = ? AND c.master_google_id IN {_CHOSEN} AND c.master_google_id IS NOT NULL "
        "AND e.series_id IS NULL AND e.original IS NOT NULL ORDER BY c.event_id",
        (calendar_id, _encode(list(masters)).decode()),
    )
    return [tuple(row) for row in rows]


def absent_copies(store: Store, calendar_id: int, listing: int, *, after: int, limit: int) -> list[tuple[int, str]]:
    """Return (copy id, Google id) of living copies that a complete listing did not name, from a copy id on.

    Those last heard of in this very listing are not absent: they came in, or were written, while it ran.
    """
    rows = store.connection.execute(
        "SELECT c.id, c.google_id FROM copy c WHERE c.calendar_id = ? AND c.id > ? AND c.state = 'live' "
        "AND (c.heard IS NULL OR c.heard < ?) AND NOT EXISTS (SELECT 1 FROM listing l "
        "WHERE l.calendar_id = c.calendar_id AND l.listing = ? AND l.google_id = c.google_id) ORDER BY c.id LIMIT ?",
        (calendar_id, after, listing, listing, limit),
    )
    return [(id_, google_id) for id_, google_id in rows]


def _known(row: Sequence[Any]) -> Known:
    return Known(copy=_read_copy(row), series_deleted=bool(row[_WIDTH]), event=events.read_event(row[_WIDTH + 1 :]))


def _read_copy(row: Sequence[Any]) -> Copy:
    return Copy(
        id=row[0],
        event_id=row[1],
        calendar_id=row[2],
        google_id=row[3],
        master_google_id=row[4],
        etag=row[5],
        updated=row[6],
        base_version=row[7],
        there=row[8],
        extra=row[9],
        heard=row[10],
        state=row[11],
        hold=row[12],
        reason=row[13],
        since=row[14],
    )
