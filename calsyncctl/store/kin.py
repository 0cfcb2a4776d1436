"""Looking an event up by what people know of it, and what it is easily taken for: `explain` asks, nothing is written.

Every question names the calendars, so that an index answers it; only titles are read one by one.
"""

from __future__ import annotations

from calsyncctl.model.event import Event
from calsyncctl.store.db import Store
from calsyncctl.store.events import COLUMNS, read_event

_ANYWHERE = "(SELECT id FROM calendar)"
MOST = 50
"""No more events than so many are returned."""


def of_google_id(store: Store, google_id: str) -> list[Event]:
    """Return the events behind a Google id on any calendar, also deleted ones."""
    rows = store.connection.execute(
        f"SELECT {COLUMNS} FROM copy c JOIN event e ON e.id = c.event_id "
        f"WHERE c.calendar_id IN {_ANYWHERE} AND c.google_id = ? ORDER BY e.id LIMIT {MOST}",
        (google_id,),
    )
    return list({event.id: event for event in map(read_event, rows)}.values())


def of_title(store: Store, title: str, *, whole: bool) -> list[Event]:
    """Return events whose title is, or (not `whole`) contains, a text, whatever its case; the living first."""
    wanted = title.strip().casefold()
    rows = store.connection.execute("SELECT id, summary FROM event WHERE summary <> '' AND series_id IS NULL")
    found = [
        event_id
        for event_id, summary in rows
        if (folded := summary.strip().casefold()) == wanted or (not whole and wanted in folded)
    ]
    marks = ",".join("?" * min(len(found), MOST))
    fitting = store.connection.execute(
        f"SELECT {COLUMNS} FROM event e WHERE e.id IN ({marks}) ORDER BY e.deleted IS NOT NULL, e.id DESC",
        found[-MOST:],
    )
    return [read_event(row) for row in fitting]


def twins(store: Store, event: Event) -> list[Event]:
    """Return the other living events of an event's title and time, on any calendar; exceptions have none."""
    content = event.content
    if content is None or event.starts is None or event.original is not None:
        return []
    # Each half is answered by an index of its own: single events by their start, series by their calendar.
    which = (
        "recurrence IS NULL AND e.deleted IS NULL AND e.starts = ?1"
        if not content.when.recurrence
        else "recurrence IS NOT NULL AND e.deleted IS NULL AND +e.starts = ?1"
    )
    rows = store.connection.execute(
        f"SELECT {COLUMNS} FROM event e WHERE e.calendar_id IN {_ANYWHERE} AND e.{which} AND e.id <> ?2 "
        f"AND e.series_id IS NULL AND e.status <> 'cancelled' ORDER BY e.id LIMIT {MOST}",
        (event.starts, event.id),
    )
    title = content.summary.strip().casefold()
    return [one for one in map(read_event, rows) if one.content and one.content.summary.strip().casefold() == title]


def arrival(store: Store, event_id: int) -> tuple[int | None, str | None]:
    """Return the run that wrote an event last, and the id that its caller gave it."""
    row = store.connection.execute("SELECT run_id, ref FROM event WHERE id = ?", (event_id,)).fetchone()
    return (None, None) if row is None else (row[0], row[1])
