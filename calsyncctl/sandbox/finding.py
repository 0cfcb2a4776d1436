"""Finding an event by its id, also an occurrence that nobody has written to yet."""

from __future__ import annotations

from calsyncctl.sandbox.recurrence import has_occurrence, instance, start_of_suffix
from calsyncctl.sandbox.refusals import refuse
from calsyncctl.sandbox.state import Calendar, Event


def look(calendar: Calendar, event_id: str) -> Event | None:
    """Return the event, or make up the occurrence that the id names; None without either."""
    event = calendar.events.get(event_id)
    if event is not None:
        return None if event.purged else event
    master_id, _, suffix = event_id.rpartition("_")
    master = calendar.events.get(master_id)
    if master is None or master.cancelled or "recurrence" not in master.body:
        return None
    start = start_of_suffix(master, suffix)
    return instance(master, start) if start is not None and has_occurrence(master, start) else None


def find(calendar: Calendar, event_id: str) -> Event:
    """Return the event or occurrence; 404 without either."""
    event = look(calendar, event_id)
    if event is None:
        raise refuse("notFound")
    return event
