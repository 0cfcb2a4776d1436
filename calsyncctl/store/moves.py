"""What moved between calendars in Google: events that left a calendar lately, and events that appeared on one lately.

Asked once for a whole page, and driven from what happened in the last hours: neither the number of events nor that of
calendars counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct

from calsyncctl.store.db import Store
from calsyncctl.store.rows import must_write

_encode = msgspec.json.Encoder().encode
_SINCE = "coalesce((SELECT id FROM version WHERE at < :since ORDER BY id DESC LIMIT 1), 0)"
"""The last row of the history from before a moment."""
_NAMES = "(SELECT value FROM json_each(:names))"
_NAMED = f"(e.ical_uid IN {_NAMES} OR e.key IN {_NAMES} OR c.google_id IN {_NAMES})"
"""An event (e) or its copy (c) bears one of the names that a page of Google's speaks of."""


class Left(Struct, frozen=True):
    """An event that Google said had left a calendar: `copy_id` is its copy there."""

    event_id: int
    copy_id: int
    ical_uid: str | None
    google_id: str
    key: str


class Appeared(Struct, frozen=True):
    """An event that appeared on a calendar lately: `copy_id` is its copy there, `at` the history's row that says so.

    `at` is 0 where it came with the first listing of a calendar that was selected lately.
    """

    event_id: int
    copy_id: int
    calendar_id: int
    ical_uid: str | None
    google_id: str
    at: int


def gone_lately(store: Store, names: Iterable[str], calendar_id: int, *, since: int) -> list[Left]:
    """Return the events that Google deleted from other calendars since a moment, by iCalUID, key or Google id."""
    rows = store.connection.execute(
        "SELECT e.id, c.id, e.ical_uid, c.google_id, e.key FROM event e JOIN copy c ON c.event_id = e.id "
        "WHERE e.deleted >= :since AND e.calendar_id <> :calendar AND c.calendar_id <> :calendar "
        "AND e.original IS NULL AND c.state = 'deleted' AND 'google' = "
        "(SELECT v.author FROM version v WHERE v.event_id = e.id ORDER BY v.id DESC LIMIT 1) "
        f"AND {_NAMED} ORDER BY e.deleted, e.id",
        _asked(names, calendar_id, since),
    )
    return _left(rows.fetchall())


def held_lately(store: Store, names: Iterable[str], calendar_id: int, *, since: int) -> list[Left]:
    """Return the events whose deletions from other calendars wait since a moment, by iCalUID, key or Google id."""
    rows = store.connection.execute(
        "SELECT e.id, c.id, e.ical_uid, c.google_id, e.key FROM copy c JOIN event e ON e.id = c.event_id "
        "WHERE c.hold = 'deletions' AND c.since >= :since AND c.calendar_id <> :calendar "
        "AND e.calendar_id <> :calendar AND e.original IS NULL AND e.deleted IS NULL "
        f"AND {_NAMED} ORDER BY c.id",
        _asked(names, calendar_id, since),
    )
    return _left(rows.fetchall())


def revived_lately(store: Store, names: Iterable[str], calendar_id: int, *, since: int, why: str) -> list[Left]:
    """Return the events that came back to other calendars since a moment, by iCalUID, key or Google id.

    They came back for a reason (`why`), or somebody here restored what Google had deleted. Those that have moved on
    since are left out.
    """
    rows = store.connection.execute(
        "SELECT DISTINCT e.id, c.id, e.ical_uid, c.google_id, e.key FROM version v JOIN event e ON e.id = v.event_id "
        "JOIN copy c ON c.event_id = e.id AND c.calendar_id <> :calendar "
        f"WHERE v.id > {_SINCE} AND v.action = 'restored' AND e.calendar_id <> :calendar "
        "AND (v.why = :why AND c.base IS NOT NULL OR v.author <> 'google' AND EXISTS (SELECT 1 FROM version u "
        "WHERE u.event_id = e.id AND u.version = v.version - 1 AND u.action = 'deleted' AND u.author = 'google')) "
        "AND NOT EXISTS (SELECT 1 FROM version w WHERE w.event_id = e.id AND w.id > v.id "
        "AND w.calendar_id IS NOT v.calendar_id) "
        "AND e.original IS NULL AND e.deleted IS NULL AND c.state IN ('live', 'stale') "
        f"AND {_NAMED} ORDER BY e.id",
        _asked(names, calendar_id, since) | {"why": why},
    )
    return _left(rows.fetchall())


def parted_lately(store: Store, names: Iterable[str], calendar_id: int, *, since: int) -> list[Left]:
    """Return the events that are gone from other calendars since somebody moved or deleted them here, after a moment.

    By key or Google id; those that live on this calendar by Google id only.
    """
    rows = store.connection.execute(
        "SELECT DISTINCT e.id, c.id, NULL, c.google_id, e.key FROM version v JOIN event e ON e.id = v.event_id "
        "JOIN copy c ON c.event_id = e.id AND c.calendar_id <> :calendar AND c.state = 'deleted' "
        f"WHERE v.id > {_SINCE} AND v.author NOT IN ('google', 'calsyncctl') AND e.original IS NULL "
        "AND CASE WHEN e.deleted IS NULL THEN v.changes ->> '$.calendar' IS NOT NULL "
        "AND c.calendar_id <> e.calendar_id "
        f"AND (e.calendar_id <> :calendar OR c.google_id IN {_NAMES}) "
        "ELSE v.action = 'deleted' AND v.version = e.version END "
        f"AND (e.key IN {_NAMES} OR c.google_id IN {_NAMES}) ORDER BY e.id",
        _asked(names, calendar_id, since),
    )
    return _left(rows.fetchall())


def moved_by_hand(store: Store, google_ids: Iterable[str], calendar_id: int, *, since: int) -> dict[str, int]:
    """Return the events that somebody here moved since a moment, by the ids that they have, or had, elsewhere."""
    rows = store.connection.execute(
        "SELECT DISTINCT c.google_id, e.id FROM version v JOIN event e ON e.id = v.event_id AND e.original IS NULL "
        "JOIN copy c ON c.event_id = e.id AND c.calendar_id <> :calendar "
        f"WHERE v.id > {_SINCE} AND v.author NOT IN ('google', 'calsyncctl') "
        "AND v.changes ->> '$.calendar' IS NOT NULL AND c.google_id IN (SELECT value FROM json_each(:names))",
        {"since": since, "calendar": calendar_id, "names": _encode(list(google_ids)).decode()},
    )
    return dict(rows.fetchall())


def moved_since(store: Store, event_id: int, since: int, *, by_hand: bool = False) -> bool:
    """Tell whether an event was moved to another calendar since a moment; `by_hand`: here, by somebody."""
    row = store.connection.execute(
        "SELECT 1 FROM version WHERE event_id = ?1 AND at >= ?2 AND changes ->> '$.calendar' IS NOT NULL "
        "AND (?3 = 0 OR author NOT IN ('google', 'calsyncctl')) LIMIT 1",
        (event_id, since, by_hand),
    ).fetchone()
    return row is not None


def appeared_lately(store: Store, names: Iterable[str], calendar_id: int, *, since: int) -> list[Appeared]:
    """Return living events that Google brought to other calendars since a moment, by iCalUID or Google id."""
    asked = _asked(names, calendar_id, since)
    alive = (
        "JOIN copy c ON c.event_id = e.id AND c.calendar_id = e.calendar_id JOIN calendar k ON k.id = e.calendar_id "
        "WHERE e.calendar_id <> :calendar AND e.original IS NULL AND e.deleted IS NULL AND c.state = 'live' "
        "AND c.hold IS NOT 'deletions' AND k.state IN ('selected', 'hold') "
        f"AND (e.ical_uid IN {_NAMES} OR c.google_id IN {_NAMES}) "
    )
    told = store.connection.execute(
        "SELECT e.id, c.id, c.calendar_id, e.ical_uid, c.google_id, max(v.id) FROM version v "
        f"JOIN event e ON e.id = v.event_id {alive} AND v.id > {_SINCE} AND v.author = 'google' "
        "AND v.action IN ('added', 'restored') GROUP BY e.id",
        asked,
    ).fetchall()
    listed = store.connection.execute(
        f"SELECT e.id, c.id, c.calendar_id, e.ical_uid, c.google_id, 0 FROM event e {alive} AND k.since >= :since "
        "AND e.origin = 'google' AND NOT EXISTS (SELECT 1 FROM version v WHERE v.event_id = e.id)",
        asked,
    ).fetchall()
    return [Appeared(*row) for row in (*told, *listed)]


def known_elsewhere(store: Store, event_ids: Iterable[int], calendar_id: int) -> list[Appeared]:
    """Return where else events stand, though they do not live there and no link holds them: they were brought there.

    Under the id that they have on the calendar; or under any, if that is where they live.
    """
    rows = store.connection.execute(
        "SELECT e.id, o.id, o.calendar_id, e.ical_uid, o.google_id, 0 FROM event e "
        "JOIN copy c ON c.event_id = e.id AND c.calendar_id = ?1 "
        "JOIN copy o ON o.event_id = e.id AND o.calendar_id <> ?1 "
        "AND (o.google_id = c.google_id OR e.calendar_id = ?1) "
        "JOIN calendar k ON k.id = o.calendar_id AND k.state IN ('selected', 'hold') "
        "WHERE e.id IN (SELECT value FROM json_each(?2)) AND o.state = 'live' AND o.calendar_id <> e.calendar_id "
        "AND NOT EXISTS (SELECT 1 FROM link l WHERE l.source_id = e.calendar_id AND l.target_id = o.calendar_id)",
        (calendar_id, _encode(list(event_ids)).decode()),
    )
    return [Appeared(*row) for row in rows.fetchall()]


def unfinished(store: Store, calendar_ids: Iterable[int], until: int) -> list[int]:
    """Return those of the calendars to which, or from which, something can go now that every calendar was read.

    Copies that come back there, and copies of events that have their new home by now.
    """
    # The pluses, and no order, keep SQLite on the index of what is due.
    rows = store.connection.execute(
        "SELECT DISTINCT +c.calendar_id FROM copy c JOIN event e ON e.id = c.event_id "
        "LEFT JOIN copy h ON h.event_id = e.id AND h.calendar_id = e.calendar_id "
        "WHERE c.due <= ?1 AND c.hold IS NULL AND +c.calendar_id IN (SELECT value FROM json_each(?2)) "
        "AND (c.state = 'stale' AND e.deleted IS NULL "
        "OR c.state = 'leaving' AND (h.id IS NULL OR h.state NOT IN ('planned', 'stale')))",
        (until, _encode(list(calendar_ids)).decode()),
    )
    return sorted(calendar_id for (calendar_id,) in rows)


def last_arrival(store: Store, event_id: int, calendar_id: int) -> int:
    """Return the history's row by which Google brought an event to a calendar, 0 if a first listing or nobody did.

    An edit there that undid a deletion here brought nothing: it stood there all the time.
    """
    (row,) = store.connection.execute(
        "SELECT coalesce(max(id), 0) FROM version WHERE event_id = ?1 AND author = 'google' AND (action = 'added' "
        "OR (action = 'restored' AND CASE WHEN changes ->> '$.calendar' IS NULL THEN lost IS NULL "
        "ELSE calendar_id = ?2 END))",
        (event_id, calendar_id),
    ).fetchone()
    return int(row)


def stands(store: Store, ical_uid: str, calendar_id: int) -> bool:
    """Tell whether a living event of an iCalUID stands on a calendar; an exception is none of its own."""
    row = store.connection.execute(
        "SELECT 1 FROM event WHERE calendar_id = ? AND ical_uid = ? AND original IS NULL AND deleted IS NULL LIMIT 1",
        (calendar_id, ical_uid),
    ).fetchone()
    return row is not None


def forget_copies(store: Store, copy_ids: Iterable[int]) -> None:
    """Forget copies whose events have become others: nothing of them is left in Google but under the others' name."""
    must_write(store)
    store.connection.executemany("DELETE FROM copy WHERE id = ?", ((one,) for one in copy_ids))


def set_kind_of(store: Store, event_id: int, kind: str) -> None:
    """Let an event from Google, with its exceptions, be of the kind that its calendar's mode asks for."""
    must_write(store)
    store.connection.execute(
        "UPDATE event SET kind = ?2 WHERE (id = ?1 OR series_id = ?1) AND origin = 'google' "
        "AND kind IN ('event', 'block')",
        (event_id, kind),
    )


def _asked(names: Iterable[str], calendar_id: int, since: int) -> dict[str, Any]:
    return {"names": _encode(list(names)).decode(), "calendar": calendar_id, "since": since}


def _left(rows: Iterable[tuple[Any, ...]]) -> list[Left]:
    return [Left(*row) for row in rows]
