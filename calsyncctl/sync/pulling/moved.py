"""Whether what left one calendar in Google and what appeared on another are the same event, moved. Pure.

An item that vanishes from one calendar and appears on another under the same id or iCalUID within a day has moved,
whichever is read first. As long as both live they are two: the same meeting in two calendars is nothing unusual.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from calsyncctl.model.calendar import Calendar
from calsyncctl.model.event import Event, EventKind
from calsyncctl.sync.policy import HERE
from calsyncctl.sync.pulling.classify import kind_of

MOVED_WITHIN = 86400
"""Seconds between vanishing there and appearing here that still make it a move."""


class Newcomer(Struct, frozen=True):
    """What may be where a vanished event went: the event that stands there, since when, and under which names."""

    event: Event
    copy_id: int
    calendar: Calendar
    google_id: str
    at: int
    """The history's row that brought it; 0: a calendar's first listing, or nobody knows."""


def successor(gone: Event, google_id: str, came: int, newcomers: Iterable[Newcomer]) -> Newcomer | None:
    """Return where an event went that vanished from its calendar; None: it is deleted.

    `google_id` is its name there, `came` the history's row by which Google brought it there (0: long ago).
    """
    for one in newcomers:
        if one.event.id == gone.id:
            return one
        same = one.google_id == google_id or (gone.ical_uid is not None and one.event.ical_uid == gone.ical_uid)
        if (
            same
            and one.event.id != gone.id
            and _came_after(one, gone, came)
            and not _was_its_organizer(gone, one.event)
        ):
            return one
    return None


def _came_after(newcomer: Newcomer, gone: Event, came: int) -> bool:
    """Tell whether one event is younger than another: an invitation that is taken away leaves the older one alone."""
    return newcomer.at > came if newcomer.at else newcomer.event.id > gone.id


def _was_its_organizer(gone: Event, other: Event) -> bool:
    """Tell whether a calendar organized the meeting already while it stood on both: then nothing came to it."""
    if gone.content is None or other.content is None or not other.content.body.organizer_self:
        return False
    organizer = gone.content.body.organizer
    return bool(organizer) and not gone.content.body.organizer_self and organizer == other.content.body.organizer


def takes(calendar: Calendar, event: Event) -> bool:
    """Tell whether a calendar's mode lets an event come to it from another one in Google: ours always."""
    return event.origin == HERE or kind_of(calendar.mode) is not None


def kind_on(calendar: Calendar, event: Event) -> EventKind:
    """Return the kind that an event has once it lives on a calendar."""
    kind = kind_of(calendar.mode)
    if event.origin == HERE or kind is None or event.kind not in {EventKind.EVENT, EventKind.BLOCK}:
        return event.kind
    return kind
