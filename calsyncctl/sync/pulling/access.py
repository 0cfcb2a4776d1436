"""What a page says of the calendar itself, before its items count: the access role and the time zone of now."""

from __future__ import annotations

from dataclasses import dataclass

from calsyncctl.errors import Refused
from calsyncctl.model.calendar import Calendar, CalendarState, Mode, can_read, can_write
from calsyncctl.model.when import span
from calsyncctl.store import calendars, copies, events
from calsyncctl.store.db import Store
from calsyncctl.sync.provider import EventsPage

_UNTIL_READ_AGAIN = "It is tried again at every sync."


@dataclass(frozen=True, slots=True)
class Standing:
    """A calendar as a page finds it, and what is to be said about the change."""

    calendar: Calendar
    warnings: tuple[str, ...] = ()


def check_readable(calendar: Calendar, page: EventsPage) -> None:
    """Refuse a page that shows busy times only: its items are no events.

    Raises:
        Refused: the account may not read the calendar's events any more.
    """
    if not can_read(page.access):
        raise Refused(
            f"Google now shows only busy times of “{calendar.name}” (role {page.access}).",
            f"Ask its owner to share all event details. {_UNTIL_READ_AGAIN}",
        )


def note_standing(store: Store, calendar: Calendar, page: EventsPage, now: int) -> Standing:
    """Bring the calendar's role, zone, mode and state to what a readable page tells; inside a write."""
    warnings: tuple[str, ...] = ()
    if calendar.state is CalendarState.HOLD:
        calendars.set_calendar_state(store, calendar.id, CalendarState.SELECTED, since=now)
    if (page.access, page.zone) != (calendar.access, calendar.zone):
        calendars.set_access(store, calendar.id, page.access, page.zone)
        copies.retry_refused(store, calendar.id, now)
    if calendar.mode not in {None, Mode.READ_ONLY} and not can_write(page.access):
        assert calendar.mode is not None
        calendars.select_calendar(store, calendar.id, Mode.READ_ONLY, now)
        calendars.keep_lost_mode(store, calendar.id, calendar.mode)
        copies.hold_due(store, calendar.id, f"“{calendar.name}” cannot be written to (role {page.access})", now)
        warnings = (
            f"“{calendar.name}” cannot be written to any more (role {page.access}): it syncs read-only from now on.",
        )
    elif can_write(page.access) and (before := calendars.lost_mode(store, calendar.id)) is not None:
        calendars.set_mode(store, calendar.id, before)
        copies.retry_refused(store, calendar.id, now)
        warnings = (f"“{calendar.name}” can be written to again (role {page.access}): it syncs {before} as before.",)
    fresh = calendars.get_calendar(store, calendar.id)
    if fresh.zone != calendar.zone:
        _move_all_day(store, fresh)
    return Standing(fresh, warnings)


def is_as_known(calendar: Calendar, page: EventsPage) -> bool:
    """Tell whether a page says nothing new of the calendar itself."""
    lost = calendar.mode not in {None, Mode.READ_ONLY} and not can_write(page.access)
    back = calendar.mode is Mode.READ_ONLY and can_write(page.access)  # perhaps: the store knows
    same = (page.access, page.zone) == (calendar.access, calendar.zone)
    return same and not lost and not back and calendar.state is not CalendarState.HOLD


def _move_all_day(store: Store, calendar: Calendar) -> None:
    """All-day events begin at midnight in the calendar's zone: another zone, other instants."""
    moved = [
        (event.id, *(span(event.content.when, calendar.zone) if event.starts is not None else (None, None)))
        for event in events.all_day_events(store, calendar.id)
        if event.content is not None
    ]
    events.set_instants(store, moved)
