"""Events in Google that bear our mark and are unknown here: the store was lost, or an old backup is in its place.

They become what they were: made here, under the key that the mark names, on the calendar that it names if that is
linked again. So nothing is inserted a second time. A mark counts only under the Google id that it names: what was
copied by hand is a new event.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from calsyncctl.model.calendar import Calendar, CalendarKind
from calsyncctl.model.copy import Copy, CopyState, RemoteEvent, Tag
from calsyncctl.model.event import Event
from calsyncctl.store import calendars, copies, events, links
from calsyncctl.store.db import Store
from calsyncctl.sync.links import home_name


def mark_of(item: RemoteEvent, instances: frozenset[str]) -> Tag | None:
    """Return the mark of one of these installations, if the item bears it under the id that it names."""
    tag = item.tag
    return tag if tag is not None and tag.instance in instances and tag.google_id == item.google_id else None


def is_anothers(item: RemoteEvent, key: str, instances: frozenset[str]) -> bool:
    """Tell whether an item's mark names another event than the one that it is: it is to bear its own."""
    tag = mark_of(item, instances)
    return tag is not None and item.master is None and item.content is not None and tag.key != key


def belongs(item: RemoteEvent, instances: frozenset[str]) -> bool:
    """Tell whether an item is ours: by its own mark, or as an exception by the one that it has from its series."""
    if mark_of(item, instances) is not None:
        return True
    tag = item.tag
    inherited = tag is not None and item.master is not None and tag.google_id == item.master
    return inherited and tag is not None and tag.instance in instances


def keys_of(
    store: Store, items: Sequence[RemoteEvent], fresh: Iterable[str], instances: frozenset[str]
) -> dict[str, str]:
    """Return keys for new events, by Google id: what the mark names as long as nobody else has it, else a fresh one."""
    marks = {item.google_id: tag.key for item in items if (tag := mark_of(item, instances)) is not None}
    taken = set(events.by_keys(store, marks.values())) if marks else set()
    keys: dict[str, str] = {}
    for item, key in zip(items, sorted(fresh), strict=True):
        named = marks.get(item.google_id)
        keys[item.google_id] = key if named is None or named in taken else named
        taken.add(keys[item.google_id])
    return keys


def is_elsewhere(store: Store, calendar: Calendar, item: RemoteEvent) -> bool:
    """Tell whether what an item's mark names is known on another calendar under the item's id; no two get the same.

    The same calendar in Google as another account sees it is no other one.
    """
    event_id = None if item.tag is None else events.by_keys(store, [item.tag.key]).get(item.tag.key)
    known = [] if event_id is None else copies.copies_of(store, event_id)
    others = {copy.calendar_id for copy in known if copy.google_id == item.google_id}
    return any(calendars.get_calendar(store, one).google_id != calendar.google_id for one in others)


def known_again(store: Store, calendar: Calendar, item: RemoteEvent, key: str) -> int | None:
    """Return the event that an item's mark names (`key`), its copy here now under the item's id; inside a write.

    None if there is none, or if its copy stands under another id: then the item is there twice. None as well if the
    item stands on another calendar under this very id, unless the event lives here: it was moved in Google, or is to
    be seen on both. An event that is deleted here lives again by it: what nobody knows by its id was made after all
    that is known; but not by a copy that no link holds any more, which says nothing to its event.
    """
    event_id = events.by_keys(store, [key]).get(key)
    if event_id is None or item.content is None:
        return None
    known, event = copies.known_on(store, event_id, calendar.id), events.get_event(store, event_id)
    if event.calendar_id != calendar.id and is_elsewhere(store, calendar, item):
        return None
    if known is None and event.deleted is not None and _is_left_behind(store, calendar, item, event):
        copies.insert_copies(store, [_left_behind(calendar, item, event)])
        return event_id
    gone = {"state": CopyState.DELETED, "base_version": event.version} if event.deleted is not None else {}
    if known is None:
        planned = Copy(
            id=0,  # the table gives it
            event_id=event_id,
            calendar_id=calendar.id,
            google_id=item.google_id,
            state=CopyState.PLANNED,
        )
        copies.insert_copies(store, [replace(planned, **gone)])
    elif known.copy.state is not CopyState.LIVE and known.copy.sent_version is None:
        fresh = replace(known.copy, google_id=item.google_id, etag=None, updated=None, **gone)
        copies.update_copies(store, [fresh])
    else:
        return None
    return event_id


def _is_left_behind(store: Store, calendar: Calendar, item: RemoteEvent, event: Event) -> bool:
    """Tell whether an item is the copy of a link that is no more: its mark names the home that its event has."""
    home = calendars.get_calendar(store, event.calendar_id)
    named = item.tag is not None and item.tag.home == home_name(home)
    return named and home.kind is CalendarKind.NATIVE and links.find_link(store, home.id, calendar.id) is None


def _left_behind(calendar: Calendar, item: RemoteEvent, event: Event) -> Copy:
    """Return the copy of an item that was not told that its event is deleted; it is, should it be linked again."""
    return Copy(
        id=0,  # the table gives it
        event_id=event.id,
        calendar_id=calendar.id,
        google_id=item.google_id,
        etag=item.etag,
        updated=item.updated,
        base_version=event.version - 1,
        heard=calendar.listing,
        state=CopyState.LIVE,
    )
