"""Which local edits are refused when they are made, since Google would refuse them or the mode sends nothing. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from calsyncctl.errors import NotAllowed
from calsyncctl.model.calendar import Calendar, CalendarKind, CalendarState, Mode
from calsyncctl.model.event import Attendee, Content, Event, EventKind
from calsyncctl.model.fields import value_of
from calsyncctl.model.history import Version
from calsyncctl.sync.canonical import OWN, SHARED
from calsyncctl.sync.editing.record import THE_SAME
from calsyncctl.sync.policy import GOOGLE

_ALONE = frozenset({*OWN, "transparency"})
"""What somebody who was only invited may change: it belongs to their own copy."""


def check_calendar(calendar: Calendar) -> None:
    """See that events made here may go to a calendar.

    Raises:
        NotAllowed: they may not; the sentence says why.
    """
    if calendar.kind is not CalendarKind.GOOGLE:
        return
    if calendar.state is CalendarState.AVAILABLE:
        raise NotAllowed(
            f"“{calendar.name}” is not selected, so nothing goes there.",
            f"Select it: calsyncctl calendars select {calendar.typed}",
        )
    if calendar.state is CalendarState.HOLD:
        raise NotAllowed(f"“{calendar.name}” is on hold: {calendar.reason}.", "See: calsyncctl calendars list")
    if not calendar.writable:
        raise NotAllowed(
            f"“{calendar.name}” is read-only: your access role there is {calendar.access}.",
            "Ask its owner for the right to change events.",
        )
    if calendar.mode is Mode.READ_ONLY:
        raise NotAllowed(
            f"“{calendar.name}” is synced read-only.",
            f"Let it sync both ways: calsyncctl calendars mode {calendar.typed} two-way",
        )


def check_event(event: Event, calendar: Calendar) -> None:
    """See that an event on a calendar may be edited here at all.

    Raises:
        NotAllowed: it may not; the sentence says why.
    """
    check_calendar(calendar)
    if calendar.kind is not CalendarKind.GOOGLE or event.origin != GOOGLE:
        return
    one_way = calendar.mode in {Mode.ONE_WAY, Mode.PUSH_ONLY}
    if one_way or (calendar.mode is Mode.SMART and event.kind is EventKind.BLOCK):
        raise NotAllowed(
            f"Events made in Google stay as they are there: “{calendar.name}” syncs {calendar.mode}.",
            "Change it in Google, or let the calendar sync both ways.",
        )


def check_change(event: Event, calendar: Calendar, content: Content) -> None:
    """See that what an edit changes could be written to Google.

    Raises:
        NotAllowed: something of it could not.
    """
    check_event(event, calendar)
    if calendar.kind is not CalendarKind.GOOGLE or event.content is None:
        return
    before, changed = event.content, _changed(event.content, content)
    body = before.body
    if body.event_type != "default":
        raise NotAllowed(f"An event of the type {body.event_type} can only be changed in Google.")
    if body.locked and changed & {"summary", "description", "location", "when"}:
        raise NotAllowed("This event is locked: only its organizer can change it.")
    if body.attendees_omitted and "attendees" in changed:
        raise NotAllowed("Google shows only some of this event's guests, so the list cannot be changed here.")
    invited = bool(body.organizer) and not body.organizer_self and not body.guests_can_modify
    if invited and changed - _ALONE and not _only_own_reply(before, content, changed):
        raise NotAllowed(
            f"Only its organizer, {body.organizer}, can change this event.",
            "You can answer the invitation, and change reminders, colour and visibility.",
        )


def check_is_itself(event: Event, history: Sequence[Version]) -> None:
    """See that a deleted event did not turn out to be another one: back beside that it would stand twice.

    Raises:
        NotAllowed: it did.
    """
    why = history[-1].why if history and event.deleted is not None else ""
    if why.startswith(THE_SAME):
        other = why.removeprefix(THE_SAME)[:8]
        raise NotAllowed(f"This is the event {other} by now.", f"See: calsyncctl events history {other}")


def _changed(before: Content, after: Content) -> set[str]:
    return {field for field in (*SHARED, *OWN) if value_of(before, field) != value_of(after, field)}


def _only_own_reply(before: Content, after: Content, changed: set[str]) -> bool:
    if changed - _ALONE != {"attendees"}:
        return False
    was, now = _others(before.body.attendees), _others(after.body.attendees)
    return was == now and len(before.body.attendees) == len(after.body.attendees)


def _others(guests: tuple[Attendee, ...]) -> list[Attendee]:
    return [guest for guest in guests if not guest.self]
