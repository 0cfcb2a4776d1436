"""Items that nobody knows by their id: what they are after all, and which calendar's events they become.

An exception is known by its series and its original start. An event that left another calendar within a day and appears
here under the same id or iCalUID has moved. A copy that somebody pasted on a linked calendar bears a tag which is
not its own: it is a new event, of the calendar that the original came from.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from msgspec.structs import replace

from calsyncctl.model.calendar import Calendar
from calsyncctl.model.copy import Copy, CopyState, Known, RemoteEvent
from calsyncctl.store import calendars, copies, events, links
from calsyncctl.store.db import Store
from calsyncctl.sync.links import first_base, home_name
from calsyncctl.sync.pulling.adopt import is_elsewhere, known_again, mark_of
from calsyncctl.sync.pulling.marked import marked_here
from calsyncctl.sync.pulling.moved_here import moved_here
from calsyncctl.sync.pulling.scene import Scene


def recognise(
    store: Store, scene: Scene, items: Mapping[str, RemoteEvent], known: Mapping[str, Known]
) -> dict[str, Known]:
    """Give items that are known by another name, or from another home, their copy, and return those; inside a write.

    `items` and what is `known` of them are by Google id. Copies that other items had may be these items' from then on.
    """
    found = marked_here(store, scene, items, known)
    rest = {name: item for name, item in items.items() if name not in found}
    found |= moved_here(store, scene, rest, known)
    strangers = [item for name, item in items.items() if name not in known and name not in found]
    taken = {one.event.key for one in found.values()}
    for item in strangers:
        tag = mark_of(item, scene.instances) if item.master is None else None
        if tag is not None and tag.key not in taken:  # of two of one mark the second is an event of its own
            _find(store, scene.calendar, item, known_again(store, scene.calendar, item, tag.key), found)
            taken |= {tag.key} if item.google_id in found else set()
    series = copies.event_ids(store, scene.calendar.id, {item.master for item in strangers if item.master})
    for item in strangers:
        if item.master in series:
            _find(store, scene.calendar, item, _exception(store, scene.calendar, item, series[item.master]), found)
    return found


def _find(store: Store, calendar: Calendar, item: RemoteEvent, event_id: int | None, found: dict[str, Known]) -> None:
    known = None if event_id is None else copies.known_on(store, event_id, calendar.id)
    if known is not None:
        found[item.google_id] = known


def _exception(store: Store, calendar: Calendar, item: RemoteEvent, series_id: int) -> int | None:
    """Return the exception that stands at the item's original start, its copy now under the item's id."""
    event_id = None if item.original is None else events.exception_at(store, series_id, item.original)
    if event_id is None:
        return None
    known, gone = copies.known_on(store, event_id, calendar.id), events.get_event(store, event_id).deleted is not None
    if known is None:  # gone: with its series, which has moved here
        copies.insert_copies(store, [_along(store, series_id, event_id, calendar, item, gone=gone)])
    elif known.copy.google_id == item.google_id:
        return event_id  # it has moved here with its series just now
    elif gone:
        return None
    elif known.copy.state is CopyState.PLANNED:
        copies.update_copies(store, [replace(known.copy, google_id=item.google_id)])
    else:
        return None
    return event_id


def _along(store: Store, series_id: int, event_id: int, calendar: Calendar, item: RemoteEvent, *, gone: bool) -> Copy:
    """Return an exception's copy where its series stands; where that is to go from, what is said there still counts."""
    series, copy = copies.known_on(store, series_id, calendar.id), _stranger(event_id, calendar, item)
    if gone or series is None or series.copy.state is not CopyState.LEAVING:
        return replace(copy, state=CopyState.DELETED if gone else CopyState.PLANNED)
    base = first_base(store, events.get_event(store, event_id), item.master)
    return replace(copy, state=CopyState.LEAVING, base_version=base)


def _stranger(event_id: int, calendar: Calendar, item: RemoteEvent) -> Copy:
    return Copy(
        id=0,  # the table gives it
        event_id=event_id,
        calendar_id=calendar.id,
        google_id=item.google_id,
        master_google_id=item.master,
        state=CopyState.PLANNED,
    )


def homes_of(store: Store, calendar: Calendar, items: Collection[RemoteEvent], instance: str) -> dict[str, int]:
    """Return, by Google id, the home calendars of new items that are not at home on this one.

    They belong to a calendar linked to this one, or to a series that has another home: it may be moving there now.
    """
    masters = {item.google_id: item.master for item in items if item.master}
    series = copies.event_ids(store, calendar.id, set(masters.values())) if masters else {}
    homes = {master: events.get_event(store, event_id).calendar_id for master, event_id in series.items()}
    sources = {link.source_id for link in links.list_links(store, target_id=calendar.id)}
    names = {home_name(calendars.get_calendar(store, source)): source for source in sources}
    for item in items:
        if _is_of_link(item, instance, names) and not is_elsewhere(store, calendar, item):
            homes[item.google_id] = names[item.tag.home if item.tag else ""]
    # Last, since a series may come with its exceptions, of which those that are cancelled bear no tag.
    return homes | {google_id: homes[master] for google_id, master in masters.items() if master in homes}


def _is_of_link(item: RemoteEvent, instance: str, names: Collection[str]) -> bool:
    return item.tag is not None and item.tag.instance == instance and item.tag.home in names
