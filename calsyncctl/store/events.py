"""The event table: whole events in and out; ranges are read in `ranges.py`.

Rows are plain tuples and written by `executemany`: a first listing brings tens of thousands. What a row's columns
mean is model/event.py's; a row without `start` has no content, one without `starts` takes no time (a cancelled
occurrence keeps what it was).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from calsyncctl.errors import NotFound
from calsyncctl.model.event import Body, Content, Event, EventKind, When
from calsyncctl.model.shows import shows
from calsyncctl.store.db import Store

_encode = msgspec.json.Encoder().encode
_decode_body = msgspec.json.Decoder(Body).decode
_decode_lines = msgspec.json.Decoder(tuple[str, ...]).decode

COLUMNS = (
    "e.id, e.key, e.calendar_id, e.kind, e.origin, e.status, e.ical_uid, e.series_id, e.original, e.version, "
    'e.deleted, e.starts, e.ends, e.summary, e.start, e."end", e.zone, e.recurrence, e.body'
)
"""What `read_event` reads, of an event table called `e`."""

_INSERT = """
    INSERT INTO event (id, key, calendar_id, kind, origin, status, ical_uid, series_id, original, version, deleted,
        starts, ends, summary, start, "end", zone, recurrence, body, shows, run_id)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_UPDATE = """
    UPDATE event SET status = ?1, version = ?2, deleted = ?3, starts = ?4, ends = ?5, summary = ?6,
        expanded_to = CASE WHEN start IS ?7 AND "end" IS ?8 AND zone IS ?9 AND recurrence IS ?10 AND shows = ?12
            AND deleted IS ?3 THEN expanded_to END,
        start = ?7, "end" = ?8, zone = ?9, recurrence = ?10, body = ?11, shows = ?12, run_id = ?13, ical_uid = ?14
    WHERE id = ?15
"""


def next_id(store: Store) -> int:
    """Return the first free id; inside a write, a whole block from it on is free."""
    (last,) = store.connection.execute("SELECT max(id) FROM event").fetchone()
    return (last or 0) + 1


def insert_events(store: Store, events: Iterable[Event], run_id: int | None) -> None:
    """Keep new events."""
    store.connection.executemany(_INSERT, (_insert_row(event, run_id) for event in events))


def update_events(store: Store, events: Iterable[Event], run_id: int | None) -> None:
    """Keep changed events under their ids; a series whose times changed is to be expanded anew."""
    store.connection.executemany(_UPDATE, (_update_row(event, run_id) for event in events))


def _insert_row(event: Event, run_id: int | None) -> tuple[Any, ...]:
    return (
        event.id,
        event.key,
        event.calendar_id,
        event.kind,
        event.origin,
        event.status,
        event.ical_uid,
        event.series_id,
        event.original,
        event.version,
        event.deleted,
        event.starts,
        event.ends,
        *_content_row(event.content),
        run_id,
    )


def _update_row(event: Event, run_id: int | None) -> tuple[Any, ...]:
    head = (event.status, event.version, event.deleted, event.starts, event.ends)
    return (*head, *_content_row(event.content), run_id, event.ical_uid, event.id)


def _content_row(
    content: Content | None,
) -> tuple[str | None, str | None, str | None, str | None, str | None, str, int]:
    if content is None:
        return (None, None, None, None, None, "{}", 0)
    when = content.when
    lines = _encode(when.recurrence).decode() if when.recurrence else None
    return (content.summary, when.start, when.end, when.zone, lines, _encode(content.body).decode(), shows(content))


def read_event(row: Sequence[Any]) -> Event:
    """Make an event of a row of `COLUMNS`."""
    id_, key, calendar_id, kind, origin, status, ical_uid, series_id, original, version, deleted = row[:11]
    return Event(
        id=id_,
        key=key,
        calendar_id=calendar_id,
        kind=EventKind(kind),
        origin=origin,
        status=status,
        ical_uid=ical_uid,
        series_id=series_id,
        original=original,
        version=version,
        deleted=deleted,
        starts=row[11],
        ends=row[12],
        content=_read_content(status, *row[13:19]),
    )


def _read_content(
    status: str, summary: str, start: str | None, end: str, zone: str | None, recurrence: str | None, body: str
) -> Content | None:
    if start is None:
        return None
    lines = _decode_lines(recurrence) if recurrence else ()
    # A cancelled occurrence keeps its content, but not whether it was tentative: the column says it is cancelled.
    kept = "confirmed" if status == "cancelled" else status
    return Content(summary=summary, status=kept, when=When(start, end, zone, lines), body=_decode_body(body))


def get_event(store: Store, event_id: int) -> Event:
    """Return an event, also a deleted one.

    Raises:
        NotFound: there is none of that id.
    """
    row = store.connection.execute(f"SELECT {COLUMNS} FROM event e WHERE e.id = ?", (event_id,)).fetchone()
    if row is None:
        raise NotFound(f"There is no event #{event_id}.", "List them: calsyncctl events list")
    return read_event(row)


def events_of_key(store: Store, prefix: str, limit: int = 10) -> list[Event]:
    """Return events whose key begins so, also deleted ones."""
    rows = store.connection.execute(
        f"SELECT {COLUMNS} FROM event e WHERE e.key >= ? AND e.key < ? ORDER BY e.key LIMIT ?",
        (prefix, prefix + "\U0010ffff", limit),
    )
    return [read_event(row) for row in rows]


def by_keys(store: Store, keys: Iterable[str]) -> dict[str, int]:
    """Return the events of these keys, also deleted ones: ids by key."""
    rows = store.connection.execute(
        "SELECT key, id FROM event WHERE key IN (SELECT value FROM json_each(?))", (_encode(list(keys)).decode(),)
    )
    return dict(rows.fetchall())


def make_ours(store: Store, event_id: int, key: str) -> None:
    """Let an event, with its exceptions, count as made here; under the key that its mark names."""
    store.connection.execute("UPDATE event SET key = ? WHERE id = ?", (key, event_id))
    store.connection.execute(
        "UPDATE event SET origin = 'here', kind = CASE kind WHEN 'block' THEN 'event' ELSE kind END "
        "WHERE id = ?1 OR series_id = ?1",
        (event_id,),
    )


def exceptions_of(store: Store, series_id: int, *, deleted: bool = False) -> list[Event]:
    """Return the exceptions of a series, by original start; cancelled ones too, deleted ones if asked."""
    rows = store.connection.execute(
        f"SELECT {COLUMNS} FROM event e WHERE e.series_id = ? AND (e.deleted IS NULL OR ?) ORDER BY e.original",
        (series_id, deleted),
    )
    return [read_event(row) for row in rows]


def originals_of(store: Store, series_id: int) -> list[str]:
    """Return the original starts that a series' exceptions stand for, cancelled ones too, in order."""
    rows = store.connection.execute(
        "SELECT original FROM event WHERE series_id = ? AND deleted IS NULL ORDER BY original", (series_id,)
    )
    return [original for (original,) in rows]


def exception_at(store: Store, series_id: int, original: str) -> int | None:
    """Return the exception that stands for an occurrence of a series, also a cancelled or deleted one."""
    row = store.connection.execute(
        "SELECT id FROM event WHERE series_id = ? AND original = ?", (series_id, original)
    ).fetchone()
    return None if row is None else int(row[0])


def set_home(store: Store, event_id: int, calendar_id: int, *, origin: str | None = None) -> None:
    """Give an event another home calendar, and an origin if it has a new one; its exceptions go with it.

    A caller's own id that another event has there already stays with that one.
    """
    store.connection.execute("DELETE FROM occurrence WHERE event_id = ?", (event_id,))
    store.connection.execute(
        "UPDATE event SET ref = NULL WHERE id = ?1 AND EXISTS "
        "(SELECT 1 FROM event o WHERE o.calendar_id = ?2 AND o.ref = event.ref AND o.id <> ?1)",
        (event_id, calendar_id),
    )
    store.connection.execute(
        "UPDATE event SET calendar_id = ?2, origin = coalesce(?3, origin), expanded_from = NULL, expanded_to = NULL "
        "WHERE id = ?1 OR series_id = ?1",
        (event_id, calendar_id, origin),
    )


def left_for(store: Store, calendar_id: int, now: int) -> list[tuple[int, int]]:
    """Return (calendar id, copy id) of due copies on the account's other calendars that events left for this one.

    Not of series: what Google says of their occurrences there is to be read before.
    """
    # The pluses keep SQLite on the index of what is due.
    rows = store.connection.execute(
        "SELECT c.calendar_id, c.id FROM copy c JOIN event e ON e.id = c.event_id JOIN calendar o "
        "ON o.id = +c.calendar_id JOIN calendar h ON h.id = e.calendar_id AND h.account_id = o.account_id "
        "WHERE c.due <= ?2 AND c.state = 'leaving' AND c.hold IS NULL AND +e.calendar_id = ?1 AND o.id <> ?1 "
        "AND e.deleted IS NULL AND e.recurrence IS NULL AND o.state = 'selected' ORDER BY c.calendar_id, c.id",
        (calendar_id, now),
    )
    return [(left, copy_id) for left, copy_id in rows]


def event_of_ref(store: Store, calendar_id: int, ref: str) -> Event | None:
    """Return the event that a caller made under an id of their own, wherever it lives now, also a deleted one.

    Of several, from before it counted for the whole profile, the one on this calendar.
    """
    row = store.connection.execute(
        f"SELECT {COLUMNS} FROM event e WHERE e.calendar_id IN (SELECT id FROM calendar) AND e.ref = ?2 "
        "ORDER BY e.calendar_id <> ?1, e.id LIMIT 1",
        (calendar_id, ref),
    ).fetchone()
    return None if row is None else read_event(row)


def set_wishes(store: Store, event_id: int, *, ref: str | None, meet: bool) -> None:
    """Keep the caller's own id of an event, and whether its copies ask for a Meet."""
    store.connection.execute("UPDATE event SET ref = ?, meet = ? WHERE id = ?", (ref, meet, event_id))


def wants_meet(store: Store, event_ids: Iterable[int]) -> set[int]:
    """Return those of the events whose copies ask for a Meet."""
    rows = store.connection.execute(
        "SELECT id FROM event WHERE meet = 1 AND id IN (SELECT value FROM json_each(?))",
        (_encode(list(event_ids)).decode(),),
    )
    return {event_id for (event_id,) in rows}


def refuse_meet(store: Store, event_id: int) -> None:
    """Note that Google gives no Meet to an event's copies: it is not asked for again."""
    store.connection.execute("UPDATE event SET meet = 2 WHERE id = ?", (event_id,))


def join_exceptions(store: Store, pairs: Iterable[tuple[int, int]]) -> None:
    """Join exceptions to their series: pairs of (exception's id, series' id).

    An occurrence has one exception: where another one stands already, the newcomer goes on standing alone.
    """
    store.connection.executemany("UPDATE OR IGNORE event SET series_id = ?2 WHERE id = ?1", pairs)


def taken_slots(store: Store, series_ids: Iterable[int]) -> set[tuple[int, str]]:
    """Return the (series id, original start) at which an exception stands, also a deleted one."""
    rows = store.connection.execute(
        "SELECT series_id, original FROM event WHERE series_id IN (SELECT value FROM json_each(?))",
        (_encode(list(series_ids)).decode(),),
    )
    return {(series_id, original) for series_id, original in rows}


def free_slots(store: Store, slots: Iterable[tuple[int, str]]) -> None:
    """Take deleted exceptions off their (series id, original start), so that another may stand there."""
    store.connection.executemany(
        "UPDATE event SET series_id = NULL WHERE series_id = ? AND original = ? AND deleted IS NOT NULL", slots
    )


def count_events(store: Store, calendar_ids: Iterable[int]) -> dict[int, int]:
    """Count what stands in each calendar: single events, series (once each) and exceptions, not cancelled ones."""
    counted = {}
    for calendar_id in calendar_ids:
        # Two index-only counts; the partial indexes hold neither deleted events nor series.
        (single,) = store.connection.execute(
            "SELECT count(*) FROM event WHERE calendar_id = ? AND starts IS NOT NULL "
            "AND recurrence IS NULL AND deleted IS NULL",
            (calendar_id,),
        ).fetchone()
        (series,) = store.connection.execute(
            "SELECT count(*) FROM event WHERE calendar_id = ? AND recurrence IS NOT NULL AND deleted IS NULL",
            (calendar_id,),
        ).fetchone()
        counted[calendar_id] = single + series
    return counted


def all_day_events(store: Store, calendar_id: int) -> list[Event]:
    """Return the events given in dates: their instants follow the calendar's zone."""
    rows = store.connection.execute(
        f"SELECT {COLUMNS} FROM event e WHERE e.calendar_id = ? AND length(e.start) = 10", (calendar_id,)
    )
    return [read_event(row) for row in rows]


def set_instants(store: Store, instants: Iterable[tuple[int, int | None, int | None]]) -> None:
    """Set what (event id, starts, ends) say; a series is to be expanded anew. No new version: nobody changed it."""
    store.connection.executemany(
        "UPDATE event SET starts = ?2, ends = ?3, expanded_from = NULL, expanded_to = NULL WHERE id = ?1", instants
    )


def set_kind(store: Store, calendar_id: int, kind: EventKind) -> None:
    """Make every event that came from the provider on a calendar of one kind, as a change of its mode asks."""
    store.connection.execute(
        "UPDATE event SET kind = ? WHERE calendar_id = ? AND origin = 'google' AND kind IN ('event', 'block')",
        (kind, calendar_id),
    )


def unexpand(store: Store, series_ids: Iterable[int]) -> None:
    """Note that the occurrences of series are out of date; reading a range expands them again."""
    store.connection.executemany(
        "UPDATE event SET expanded_from = NULL, expanded_to = NULL WHERE id = ? AND expanded_to IS NOT NULL",
        ((series_id,) for series_id in series_ids),
    )
