"""What a link is about: the events of its source, and how their copies on its target stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from calsyncctl.model.event import Event
from calsyncctl.store.db import Store
from calsyncctl.store.events import COLUMNS, read_event
from calsyncctl.store.rows import must_write


@dataclass(frozen=True, slots=True)
class LinkFigures:
    """How the copies of one link stand: in Google, waiting to be sent, held; and why, once each."""

    copies: int
    waiting: int
    held: int
    reasons: tuple[str, ...]


def link_figures(store: Store, source_id: int, target_id: int) -> LinkFigures:
    """Count the copies that a link has placed."""
    total, waiting, held = store.connection.execute(
        "SELECT count(*), count(CASE WHEN c.hold IS NULL THEN coalesce(c.due, c.sent_version) END), count(c.hold) "
        "FROM copy c JOIN event e ON e.id = c.event_id "
        "WHERE e.calendar_id = ? AND c.calendar_id = ? AND c.state <> 'deleted'",
        (source_id, target_id),
    ).fetchone()
    rows = store.connection.execute(
        "SELECT DISTINCT c.reason FROM copy c JOIN event e ON e.id = c.event_id "
        "WHERE e.calendar_id = ? AND c.calendar_id = ? AND c.reason IS NOT NULL ORDER BY c.reason LIMIT 5",
        (source_id, target_id),
    )
    return LinkFigures(total, waiting, held, tuple(reason for (reason,) in rows))


def chunks(store: Store, calendar_id: int, size: int, *, exceptions: bool) -> Iterator[list[Event]]:
    """Yield a calendar's events that are not deleted in chunks, by id: either the exceptions of series, or the rest."""
    after = 0
    while found := _chunk(store, calendar_id, size, after, exceptions):
        yield found
        after = found[-1].id


def lacking(store: Store, source_id: int, target_id: int) -> list[Event]:
    """Return the events of a source that have no copy on a target; exceptions only where their series has one."""
    rows = store.connection.execute(
        f"SELECT {COLUMNS} FROM event e WHERE e.calendar_id = ?1 AND e.deleted IS NULL AND NOT EXISTS "
        "(SELECT 1 FROM copy c WHERE c.event_id = e.id AND c.calendar_id = ?2) AND (e.series_id IS NULL OR EXISTS "
        "(SELECT 1 FROM copy s WHERE s.event_id = e.series_id AND s.calendar_id = ?2)) ORDER BY e.id",
        (source_id, target_id),
    )
    return [read_event(row) for row in rows]


def _chunk(store: Store, calendar_id: int, size: int, after: int, exceptions: bool) -> list[Event]:
    rows = store.connection.execute(
        f"SELECT {COLUMNS} FROM event e WHERE e.calendar_id = ? AND e.deleted IS NULL AND e.id > ? "
        "AND (e.series_id IS NOT NULL) = ? ORDER BY e.id LIMIT ?",
        (calendar_id, after, exceptions, size),
    )
    return [read_event(row) for row in rows]


def unplaced(store: Store, source_id: int, target_id: int) -> int:
    """Count a source's events that stand on a target not at all, or not any more."""
    (count,) = store.connection.execute(
        "SELECT count(*) FROM event e WHERE e.calendar_id = ?1 AND e.deleted IS NULL AND NOT EXISTS "
        "(SELECT 1 FROM copy c WHERE c.event_id = e.id AND c.calendar_id = ?2 "
        "AND c.state NOT IN ('planned', 'deleted', 'leaving'))",
        (source_id, target_id),
    ).fetchone()
    return int(count)


def wake_copies(store: Store, source_id: int, target_id: int, now: int) -> int:
    """Let copies that an earlier link left behind be pushed if they or their events changed since; return how many."""
    must_write(store)
    done = store.connection.execute(
        "UPDATE copy SET due = ?3 WHERE calendar_id = ?2 AND due IS NULL AND hold IS NULL AND state <> 'deleted' "
        "AND EXISTS (SELECT 1 FROM event e WHERE e.id = copy.event_id AND e.calendar_id = ?1 "
        "AND (e.version > coalesce(copy.base_version, -1) OR (copy.etag IS NULL AND copy.state = 'live')))",
        (source_id, target_id, now),
    )
    return done.rowcount


def leave_copies(store: Store, source_id: int, target_id: int, now: int) -> int:
    """Let the copies that a link placed be deleted in Google; return how many. Those never sent are forgotten here."""
    must_write(store)
    of_link = "calendar_id = :target AND event_id IN (SELECT id FROM event WHERE calendar_id = :source)"
    named = {"source": source_id, "target": target_id, "now": now}
    store.connection.execute(
        f"UPDATE copy SET state = 'deleted', due = NULL WHERE {of_link} "
        "AND state IN ('planned', 'stale') AND sent_version IS NULL",
        named,
    )
    done = store.connection.execute(
        "UPDATE copy SET state = 'leaving', due = :now, hold = NULL, reason = NULL, since = NULL "
        f"WHERE {of_link} AND state NOT IN ('deleted', 'leaving')",
        named,
    )
    return done.rowcount


def from_google(store: Store, calendar_id: int) -> int:
    """Count a calendar's events that were made in Google and are not deleted; a series once, exceptions apart."""
    (count,) = store.connection.execute(
        "SELECT count(*) FROM event WHERE calendar_id = ? AND origin = 'google' AND deleted IS NULL", (calendar_id,)
    ).fetchone()
    return int(count)


def waiting_copies(store: Store, calendar_id: int) -> int:
    """Count a calendar's copies that wait to be sent."""
    (count,) = store.connection.execute(
        "SELECT count(*) FROM copy WHERE calendar_id = ? AND due IS NOT NULL", (calendar_id,)
    ).fetchone()
    return int(count)
