"""What goes along when an event moves to another calendar here, and what cannot: at Google it is a new event there."""

from __future__ import annotations

from msgspec.structs import replace

from calsyncctl.model.calendar import Calendar, CalendarKind
from calsyncctl.model.copy import CopyState
from calsyncctl.model.event import Event
from calsyncctl.store import copies
from calsyncctl.store.db import Store


def take_along(store: Store, event: Event, old: Calendar, new: Calendar) -> None:
    """Let what the model does not name (source, attachments, other programs' properties) be placed there, too.

    Inside a write.
    """
    left, planned = copies.known_on(store, event.id, old.id), copies.known_on(store, event.id, new.id)
    if left is not None and planned is not None and planned.copy.state is CopyState.PLANNED:
        copies.update_copies(store, [replace(planned.copy, extra=left.copy.extra)])


def stays_behind(event: Event, old: Calendar) -> tuple[str, ...]:
    """Return, in words, what an event has on a calendar that cannot move with it."""
    if event.content is None or old.kind is not CalendarKind.GOOGLE:
        return ()
    body = event.content.body
    replied = any(guest.reply != "needsAction" for guest in body.attendees if not (guest.self or guest.organizer))
    told = [(bool(body.meet), "its Meet link"), (replied, "what its guests replied")]
    return tuple(text for there, text in told if there)
