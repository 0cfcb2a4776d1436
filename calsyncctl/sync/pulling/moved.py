"""Whether what left one calendar in Google and what appeared on another are the same event, moved. Pure.

An item that vanishes from one calendar and appears on another under the same id or iCalUID within a day has moved,
whichever is read first. As long as both live they are two: the same meeting in two calendars is nothing unusual.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from calsyncctl.model.calendar import Calendar
from calsyncctl.model.copy import Copy, CopyState, Known, RemoteEvent
from calsyncctl.model.event import Event, EventKind
from calsyncctl.sync.choice import Policy
from calsyncctl.sync.policy import HERE, rules_for
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
            if one.calendar.id != gone.calendar_id:
                return one
            continue  # where somebody here moved it
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


def is_back(known: Known, item: RemoteEvent, calendar: Calendar) -> bool:
    """Tell whether a deleted event is alive again on a calendar that it had left before: it lives there, then."""
    event, copy = known.event, known.copy
    dead = event.deleted is not None and copy.state is CopyState.DELETED and event.original is None
    news = item.content is not None and item.updated > (copy.updated or "")
    return dead and news and event.calendar_id != calendar.id and takes(calendar, event)


def is_brought_back(known: Known, item: RemoteEvent, calendar: Calendar) -> bool:
    """Tell whether an event that lives elsewhere is alive again where it was deleted when it went: a calendar's own."""
    event, copy = known.event, known.copy
    lives_elsewhere = event.deleted is None and event.original is None and event.calendar_id != calendar.id
    news = copy.state is CopyState.DELETED and item.updated > (copy.updated or "")
    return lives_elsewhere and (news or copy.state is CopyState.LIVE) and organizes(item) and takes(calendar, event)


def organizes(item: RemoteEvent) -> bool:
    """Tell whether the calendar that an item stands on organizes it: an invitation is nobody's move."""
    body = item.content.body if item.content is not None else None
    return body is not None and (body.organizer_self or not body.organizer)


def is_later_home(event: Event, standing: Copy | None, item: RemoteEvent, home: Calendar, *, lived: bool) -> bool:
    """Tell whether the home that an item's mark names is later than what is known: the store is an old backup.

    `standing` is the event's copy on the item's calendar. What nobody knows by its id was made after all that is known.
    The mark of a known item may be older than a move that is known: a home that it had before (`lived`) is no news.
    """
    if event.original is not None or event.calendar_id == home.id:
        return False
    if standing is None:
        return True
    if standing.sent_version is not None or standing.state is CopyState.LEAVING:
        return False
    if standing.google_id != item.google_id:
        return standing.state is not CopyState.LIVE
    stale = item.updated < (standing.updated or "")
    return standing.state is not CopyState.DELETED and not lived and not stale


def chosen_on(calendar: Calendar, event: Event, policy: Policy) -> Policy:
    """Return who prevails on a calendar, were it the event's home."""
    return rules_for(replace(event, calendar_id=calendar.id), calendar, None, policy).policy


def takes(calendar: Calendar, event: Event) -> bool:
    """Tell whether a calendar's mode lets an event come to it from another one in Google: ours always."""
    return event.origin == HERE or kind_of(calendar.mode) is not None


def kind_on(calendar: Calendar, event: Event) -> EventKind:
    """Return the kind that an event has once it lives on a calendar."""
    kind = kind_of(calendar.mode)
    if event.origin == HERE or kind is None or event.kind not in {EventKind.EVENT, EventKind.BLOCK}:
        return event.kind
    return kind
