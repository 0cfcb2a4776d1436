"""The copy table: where an event stands at the provider, and what was last heard of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from calsyncctl.model.copy import Base, Copy, CopyState, Known
from calsyncctl.model.event import Event
from calsyncctl.store import events
from calsyncctl.store.db import Store
from calsyncctl.store.rows import no_row

_encode = msgspec.json.Encoder().encode
_decode_base = msgspec.json.Decoder(Base).decode

_COLUMNS = (
    "c.id, c.event_id, c.calendar_id, c.google_id, c.master_google_id, c.etag, c.updated, c.base_version, c.there, "
    "c.extra, c.heard, c.state, c.hold, c.reason, c.since, c.generation, c.sent_version, c.due, c.tries, c.writes, "
    "c.writes_since, c.base"
)
_WIDTH = 22
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
        "extra, heard, state, generation, due) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
                copy.generation,
                copy.due,
            )
            for copy in copies
        ),
    )


def update_copies(store: Store, copies: Iterable[Copy]) -> None:
    """Keep copies as they are now, under their ids."""
    store.connection.executemany(
        "UPDATE copy SET google_id = ?, master_google_id = ?, etag = ?, updated = ?, base_version = ?, there = ?, "
        "extra = ?, heard = ?, state = ?, hold = ?, reason = ?, since = ?, generation = ?, sent_version = ?, due = ?, "
        "tries = ?, writes = ?, writes_since = ?, base = ? WHERE id = ?",
        (
            (
                copy.google_id,
                copy.master_google_id,
                copy.etag,
                copy.updated,
                copy.base_version,
                copy.there,
                copy.extra,
                copy.heard,
                copy.state,
                copy.hold,
                copy.reason,
                copy.since,
                copy.generation,
                copy.sent_version,
                copy.due,
                copy.tries,
                copy.writes,
                copy.writes_since,
                None if copy.base is None else _encode(copy.base).decode(),
                copy.id,
            )
            for copy in copies
        ),
    )


def get_copy(store: Store, copy_id: int) -> Copy:
    """Return one copy.

    Raises:
        NotFound: it is not there (any more).
    """
    row = store.connection.execute(f"SELECT {_COLUMNS} FROM copy c WHERE c.id = ?", (copy_id,)).fetchone()
    if row is None:
        raise no_row("copy", copy_id)
    return _read_copy(row)


class Due(NamedTuple):
    """A copy that waits to be pushed, since when, and in which phase of a push it may be."""

    copy_id: int
    phase: int
    due: int


def due_copies(store: Store, calendar_id: int, now: int, *, after: int = -1) -> list[Due]:
    """Return a calendar's copies that wait to be pushed, in the order of the phases; only what is due `after` a moment.

    New and changed events first, then exceptions, whose series must be there, then deletions.
    """
    # The plus keeps SQLite on the index of what is due: it would look at every copy on the calendar.
    rows = store.connection.execute(
        "SELECT c.id, CASE WHEN c.state = 'leaving' OR e.deleted IS NOT NULL THEN 2 "
        "WHEN e.original IS NOT NULL THEN 1 ELSE 0 END AS phase, c.due "
        "FROM copy c JOIN event e ON e.id = c.event_id WHERE c.due <= ? AND c.due > ? AND +c.calendar_id = ? "
        "ORDER BY phase, c.due, c.id",
        (now, after, calendar_id),
    )
    return [Due(*row) for row in rows]


def has_series_due(store: Store, calendar_id: int, now: int) -> bool:
    """Tell whether something is to be written to a series that stands on a calendar."""
    row = store.connection.execute(
        "SELECT 1 FROM copy c JOIN event e ON e.id = c.event_id WHERE c.due <= ? AND +c.calendar_id = ? "
        "AND c.hold IS NULL AND c.state <> 'planned' AND e.recurrence IS NOT NULL LIMIT 1",
        (now, calendar_id),
    )
    return row.fetchone() is not None


def known_by_id(store: Store, copy_ids: Iterable[int]) -> list[Known]:
    """Return copies with their events, in the order of the ids."""
    ids = list(copy_ids)
    rows = store.connection.execute(
        f"SELECT {_COLUMNS}, s.deleted IS NOT NULL, {events.COLUMNS} FROM copy c JOIN event e ON e.id = c.event_id "
        f"LEFT JOIN event s ON s.id = e.series_id WHERE c.id IN {_CHOSEN}",
        (_encode(ids).decode(),),
    )
    found = {row[0]: _known(row) for row in rows}
    return [found[copy_id] for copy_id in ids if copy_id in found]


def make_due(store: Store, event_ids: Iterable[int], now: int) -> None:
    """Let all copies of events wait to be pushed; a hold that waits for the event to change ends.

    Copies that both sides know to be gone are left alone.
    """
    store.connection.executemany(
        "UPDATE copy SET due = ?2, tries = 0, hold = NULL, reason = NULL, since = NULL "
        "WHERE event_id = ?1 AND state <> 'deleted' AND (hold IS NULL OR hold IN ('refused', 'invalid'))",
        ((event_id, now) for event_id in event_ids),
    )


def mark_sent(store: Store, sent: Iterable[tuple[int, int]]) -> None:
    """Note, before a write, which version it carries: pairs of (copy id, version)."""
    store.connection.executemany("UPDATE copy SET sent_version = ?2 WHERE id = ?1", sent)


def clear_sent(store: Store, copy_ids: Iterable[int]) -> None:
    """Note that the writes of copies were answered: what became of them is known."""
    store.connection.executemany("UPDATE copy SET sent_version = NULL WHERE id = ?", ((one,) for one in copy_ids))


def living_on(store: Store, calendar_id: int, *, after: int, limit: int) -> list[tuple[int, str]]:
    """Return (copy id, Google id) of living copies on a calendar, from a copy id on."""
    rows = store.connection.execute(
        "SELECT id, google_id FROM copy WHERE calendar_id = ? AND state = 'live' AND id > ? ORDER BY id LIMIT ?",
        (calendar_id, after, limit),
    )
    return [(copy_id, google_id) for copy_id, google_id in rows]


def open_on(store: Store, calendar_id: int, *, after: int, limit: int) -> list[int]:
    """Return the copies on a calendar that are not simply agreed on: due, unanswered, held, stale, planned; by id."""
    rows = store.connection.execute(
        "SELECT id FROM copy WHERE calendar_id = ? AND id > ? AND (due IS NOT NULL OR sent_version IS NOT NULL "
        "OR hold IS NOT NULL OR state IN ('stale', 'planned')) ORDER BY id LIMIT ?",
        (calendar_id, after, limit),
    )
    return [copy_id for (copy_id,) in rows]


def wake_planned(store: Store, calendar_id: int, now: int) -> None:
    """Let copies that were planned on a calendar and never sent wait to be pushed."""
    store.connection.execute(
        "UPDATE copy SET due = ?2 WHERE calendar_id = ?1 AND state = 'planned' AND due IS NULL AND hold IS NULL",
        (calendar_id, now),
    )


def set_writes(store: Store, copy_id: int, writes: int, since: int | None) -> None:
    """Keep the loop breaker's count of a copy."""
    store.connection.execute("UPDATE copy SET writes = ?, writes_since = ? WHERE id = ?", (writes, since, copy_id))


def exceptions_on(store: Store, calendar_id: int, master: str) -> list[Known]:
    """Return the copies of a series' exceptions on a calendar."""
    rows = store.connection.execute(
        "SELECT id FROM copy WHERE calendar_id = ? AND master_google_id = ?", (calendar_id, master)
    ).fetchall()
    return known_by_id(store, [copy_id for (copy_id,) in rows])


def hold_due(store: Store, calendar_id: int, reason: str, now: int) -> None:
    """Let what waits for a calendar wait for its right to be written to."""
    store.connection.execute(
        "UPDATE copy SET hold = 'refused', reason = ?2, since = ?3, due = NULL "
        "WHERE calendar_id = ?1 AND due IS NOT NULL AND hold IS NULL",
        (calendar_id, reason, now),
    )


def retry_refused(store: Store, calendar_id: int, now: int) -> None:
    """Try copies of a calendar that Google refused or found invalid again, since its role or mode changed."""
    store.connection.execute(
        "UPDATE copy SET hold = NULL, reason = NULL, since = NULL, due = ? "
        "WHERE calendar_id = ? AND hold IN ('refused', 'invalid')",
        (now, calendar_id),
    )


def mark_deleted(store: Store, gone: Iterable[Event], calendar_id: int) -> None:
    """Note that the copies of deleted events on a calendar are deleted too: both sides agree on it."""
    store.connection.executemany(
        "UPDATE copy SET state = 'deleted', base_version = ?, due = NULL, sent_version = NULL "
        "WHERE event_id = ? AND calendar_id = ?",
        ((event.version, event.id, calendar_id) for event in gone),
    )


def make_stale_due(store: Store, event_id: int, now: int) -> None:
    """Let the stale copies of an event be made afresh."""
    store.connection.execute(
        "UPDATE copy SET due = ? WHERE event_id = ? AND state = 'stale' AND hold IS NULL", (now, event_id)
    )


def lapse_exceptions(store: Store, calendar_id: int, master: str, now: int) -> None:
    """Note that the exceptions of a series went with it from a calendar, though they live here.

    If one of them still waits to be told there, the series is made afresh for it.
    """
    store.connection.execute(
        "UPDATE copy SET due = ?3 WHERE calendar_id = ?1 AND google_id = ?2 AND EXISTS (SELECT 1 FROM copy x "
        "WHERE x.calendar_id = ?1 AND x.master_google_id = ?2 AND x.due IS NOT NULL)",
        (calendar_id, master, now),
    )
    store.connection.execute(
        "UPDATE copy SET state = 'stale', due = NULL, sent_version = NULL "
        "WHERE calendar_id = ? AND master_google_id = ? AND state = 'live'",
        (calendar_id, master),
    )


def end_leaving(store: Store, calendar_id: int, master: str) -> None:
    """Note that the exceptions of a series that left a calendar are gone from there with it."""
    store.connection.execute(
        "UPDATE copy SET state = 'deleted', due = NULL, sent_version = NULL "
        "WHERE calendar_id = ? AND master_google_id = ? AND state = 'leaving'",
        (calendar_id, master),
    )


def wake_exceptions(store: Store, calendar_id: int, master: str, now: int) -> None:
    """Let the exceptions of a series that is there again be made afresh on its calendar."""
    store.connection.execute(
        "UPDATE copy SET due = ? WHERE calendar_id = ? AND master_google_id = ? AND state = 'stale' AND hold IS NULL",
        (now, calendar_id, master),
    )


def make_others_due(store: Store, event_id: int, copy_id: int, now: int) -> None:
    """Let the other copies of an event wait to be pushed, since one of them brought a change."""
    store.connection.execute(
        "UPDATE copy SET due = ?3 WHERE event_id = ?1 AND id <> ?2 AND state <> 'deleted' AND hold IS NULL",
        (event_id, copy_id, now),
    )


def revive_others(store: Store, event_id: int, copy_id: int) -> None:
    """Note that the other copies of an event that lives again are gone there, or may be, and are to be there as well.

    One whose deletion was never sent is there still; of an occurrence a living copy may say that it is cancelled.
    """
    store.connection.execute(
        "UPDATE copy SET state = CASE WHEN etag IS NULL AND master_google_id IS NULL THEN 'planned' ELSE 'stale' END "
        "WHERE event_id = ?1 "
        "AND id <> ?2 AND (state = 'deleted' OR state = 'live' AND "
        "(sent_version IS NOT NULL OR master_google_id IS NOT NULL)) AND EXISTS (SELECT 1 FROM event e, link l "
        "WHERE e.id = copy.event_id AND l.source_id = e.calendar_id AND l.target_id = copy.calendar_id)",
        (event_id, copy_id),
    )


def known_on(store: Store, event_id: int, calendar_id: int) -> Known | None:
    """Return an event's copy on a calendar, with the event; None if it has none there."""
    row = store.connection.execute(
        "SELECT id FROM copy WHERE event_id = ? AND calendar_id = ?", (event_id, calendar_id)
    ).fetchone()
    return None if row is None else known_by_id(store, row)[0]


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
        state=CopyState(row[11]),
        hold=row[12],
        reason=row[13],
        since=row[14],
        generation=row[15],
        sent_version=row[16],
        due=row[17],
        tries=row[18],
        writes=row[19],
        writes_since=row[20],
        base=None if row[21] is None else _decode_base(row[21]),
    )
