"""Items that nobody knows by their id: what they are after all, and which calendar's events they become.

An exception is known by its series and its original start. An event that vanished from another calendar within a day
and appears here under the same iCalUID has moved. A copy that somebody pasted on a linked calendar bears a tag which is
not its own: it is a new event, of the calendar that the original came from.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from calsyncctl.model.calendar import Calendar
from calsyncctl.model.copy import Copy, CopyState, Known, RemoteEvent
from calsyncctl.store import calendars, copies, deletions, events, links
from calsyncctl.store.db import Store
from calsyncctl.sync.links import home_name
from calsyncctl.sync.pulling.adopt import known_again, mark_of

MOVED_WITHIN = 86400
"""Seconds between vanishing there and appearing here that still make it a move."""


def recognise(
    store: Store, calendar: Calendar, strangers: Sequence[RemoteEvent], now: int, *, instances: frozenset[str]
) -> dict[str, Known]:
    """Give strangers that are known by another name their copy, and return those; inside a write."""
    found: dict[str, Known] = {}
    moves = events.any_deleted(store, now - MOVED_WITHIN) or deletions.any_waiting(store)
    alone = [item for item in strangers if item.master is None]
    for item in alone:
        _find(store, calendar, item, _by_itself(store, calendar, item, now if moves else None, instances), found)
    series = copies.event_ids(store, calendar.id, {item.master for item in strangers if item.master})
    for item in strangers:
        if item.master in series:
            _find(store, calendar, item, _exception(store, calendar, item, series[item.master]), found)
    return found


def _find(store: Store, calendar: Calendar, item: RemoteEvent, event_id: int | None, found: dict[str, Known]) -> None:
    known = None if event_id is None else copies.known_on(store, event_id, calendar.id)
    if known is not None:
        found[item.google_id] = known


def _by_itself(
    store: Store, calendar: Calendar, item: RemoteEvent, now: int | None, instances: frozenset[str]
) -> int | None:
    """Return the event that an item is by having moved (`now` None: nothing vanished lately), or by its mark."""
    moved = None if now is None else _moved(store, calendar, item, now)
    if moved is not None:
        return moved
    tag = mark_of(item, instances)
    return None if tag is None else known_again(store, calendar, item, tag)


def _exception(store: Store, calendar: Calendar, item: RemoteEvent, series_id: int) -> int | None:
    """Return the living exception that stands at the item's original start, its copy now under the item's id."""
    event_id = None if item.original is None else events.exception_at(store, series_id, item.original)
    if event_id is None or events.get_event(store, event_id).deleted is not None:
        return None
    known = copies.known_on(store, event_id, calendar.id)
    if known is None:
        copies.insert_copies(store, [_stranger(event_id, calendar, item)])
    elif known.copy.state is CopyState.PLANNED:
        copies.update_copies(store, [replace(known.copy, google_id=item.google_id)])
    else:
        return None
    return event_id


def _moved(store: Store, calendar: Calendar, item: RemoteEvent, now: int) -> int | None:
    """Return the event that vanished from another calendar lately and is this item; this calendar is its home now."""
    if item.content is None or not item.ical_uid:
        return None
    event_id = events.vanished(store, item.ical_uid, calendar.id, since=now - MOVED_WITHIN)
    if event_id is None:
        return _moved_though_held(store, calendar, item, now)
    events.set_home(store, event_id, calendar.id)
    if copies.known_on(store, event_id, calendar.id) is None:
        copies.insert_copies(store, [replace(_stranger(event_id, calendar, item), state=CopyState.DELETED)])
    return event_id


def _moved_though_held(store: Store, calendar: Calendar, item: RemoteEvent, now: int) -> int | None:
    """Return an event whose deletion elsewhere waits for somebody, though it has only moved: nobody is needed now."""
    found = deletions.waiting_elsewhere(store, item.ical_uid or "", calendar.id, since=now - MOVED_WITHIN)
    if found is None:
        return None
    event_id, copy_id = found
    (left,) = copies.known_by_id(store, [copy_id])
    standing = copies.exceptions_on(store, left.copy.calendar_id, left.copy.google_id)
    copies.update_copies(store, (_left(one) for one in (left, *standing)))
    events.set_home(store, event_id, calendar.id)
    if copies.known_on(store, event_id, calendar.id) is None:
        copies.insert_copies(store, [_stranger(event_id, calendar, item)])
    return event_id


def _left(known: Known) -> Copy:
    """Return the copy of an event that has moved away: both sides agree that it is gone there."""
    agreed = known.event.version
    return replace(known.copy, state=CopyState.DELETED, base_version=agreed, due=None, hold=None, reason=None)


def _stranger(event_id: int, calendar: Calendar, item: RemoteEvent) -> Copy:
    return Copy(
        id=0,  # the table gives it
        event_id=event_id,
        calendar_id=calendar.id,
        google_id=item.google_id,
        master_google_id=item.master,
        state=CopyState.PLANNED,
    )


def homes_of(store: Store, calendar: Calendar, items: Iterable[RemoteEvent], instance: str) -> dict[str, int]:
    """Return, by Google id, the home calendars of new items that belong to a calendar linked to this one."""
    sources = {link.source_id for link in links.list_links(store, target_id=calendar.id)}
    if not sources:
        return {}
    names = {home_name(calendars.get_calendar(store, source)): source for source in sources}
    homes: dict[str, int] = {}
    for item in items:
        series = copies.event_ids(store, calendar.id, [item.master]) if item.master else {}
        if item.master in series:
            homes[item.google_id] = events.get_event(store, series[item.master]).calendar_id
        elif item.tag is not None and item.tag.instance == instance and item.tag.home in names:
            homes[item.google_id] = names[item.tag.home]
    return homes
