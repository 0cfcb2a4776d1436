"""Items whose marks name events that stand on another calendar under the items' very ids.

One mark's id is in one place. So such an item has moved to here since it was last heard of there, whenever that
calendar is read; or, if what was heard there is younger, it is what was left over of a move, and goes again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from calsyncctl.ids import google_id
from calsyncctl.model.calendar import TAKING_PART, Calendar, CalendarKind
from calsyncctl.model.copy import Copy, CopyState, Known, RemoteEvent
from calsyncctl.model.event import Event
from calsyncctl.store import calendars, copies, events, links, moves, runs
from calsyncctl.store.db import Store
from calsyncctl.sync.editing.record import THE_SAME
from calsyncctl.sync.policy import WhenGone
from calsyncctl.sync.pulling.adopt import mark_of
from calsyncctl.sync.pulling.joining import go_again, stranger
from calsyncctl.sync.pulling.moved import MOVED_WITHIN, organizes
from calsyncctl.sync.pulling.scene import Scene
from calsyncctl.sync.stand import stand_of

_ALIVE = {CopyState.LIVE, CopyState.LEAVING}


class Elsewhere(NamedTuple):
    """What is known, on other calendars, of items: by the items' ids."""

    moved: dict[str, moves.Left]
    left_over: dict[str, Known]
    """The younger ones, elsewhere, of the same event."""


def elsewhere(store: Store, scene: Scene, items: Mapping[str, RemoteEvent], known: Mapping[str, Known]) -> Elsewhere:
    """Return where else the events of living items stand under the items' ids, by the marks that these bear."""
    moved: dict[str, moves.Left] = {}
    left_over: dict[str, Known] = {}
    asked = {name: item for name, item in items.items() if name not in known or _goes(known[name])}
    ids = _events_of(store, scene, asked)
    folded = _folded(store, scene, ids)
    for name, item in asked.items():
        here = known.get(name)
        if name not in ids or (here is not None and here.event.id != ids[name]):
            continue
        one = _standing(store, scene, ids[name], item) or folded.get(name)
        one = one or _placed_elsewhere(store, scene, ids[name], item)
        if one is None:
            continue
        superseded = one.copy.event_id != one.event.id or _is_younger(one.copy, item)
        if superseded and here is None:
            left_over[name] = one
        elif not superseded and (here is None or one.copy.state is CopyState.LIVE):
            moved[name] = moves.Left(one.event.id, one.copy.id, None, name, one.event.key)
    return Elsewhere(moved, left_over)


def _goes(known: Known) -> bool:
    return known.copy.state is CopyState.LEAVING and known.event.original is None


def _events_of(store: Store, scene: Scene, items: Mapping[str, RemoteEvent]) -> dict[str, int]:
    """Return the events of items: by their marks, or since they were moved here lately and bear none yet."""
    tags = {name: tag.key for name, item in items.items() if (tag := mark_of(item, scene.instances)) is not None}
    by_key = events.by_keys(store, set(tags.values())) if tags else {}
    own = [name for name, item in items.items() if item.tag is None and organizes(item)]
    moved = moves.moved_by_hand(store, own, scene.calendar.id, since=scene.now - MOVED_WITHIN) if own else {}
    return moved | {name: by_key[key] for name, key in tags.items() if key in by_key}


def seen_since(store: Store, event: Event, item: RemoteEvent, calendar: Calendar) -> bool:
    """Tell whether an event was seen alive under an item's id on another calendar, after all that the item says."""
    there = (one for one in copies.copies_of(store, event.id) if one.google_id == item.google_id)
    return any(one.calendar_id != calendar.id and _is_younger(one, item) for one in there)


def _is_younger(copy: Copy, item: RemoteEvent) -> bool:
    """Tell whether a copy was seen alive after an item moved away from there."""
    if copy.google_id != item.google_id:
        return copy.state is CopyState.LIVE  # it took the item's place there
    return copy.state in _ALIVE and item.updated < (copy.updated or "")


def _standing(store: Store, scene: Scene, event_id: int, item: RemoteEvent) -> Known | None:
    """Return the copy of an event on another calendar under an id, the likeliest to be there first."""
    event = events.get_event(store, event_id)
    there = [one for one in copies.copies_of(store, event_id) if one.google_id == item.google_id]
    there = [one for one in there if _counts(store, scene, one)]
    there.sort(key=lambda one: (one.state not in _ALIVE, one.state is CopyState.DELETED, one.id))
    return Known(copy=there[0], event=event) if there else None


def _counts(store: Store, scene: Scene, copy: Copy) -> bool:
    """Tell whether a copy's calendar is another one that takes part, and lets its events go with what is deleted there.

    What a link that is no more left standing there is not the event's. The same calendar in Google as another account
    sees it is no other one.
    """
    calendar = calendars.get_calendar(store, copy.calendar_id)
    if calendar.state not in TAKING_PART or calendar.google_id == scene.calendar.google_id:
        return False
    (known,) = copies.known_by_id(store, [copy.id])
    if known.event.calendar_id == calendar.id or copy.state is CopyState.LEAVING:
        return True
    if links.find_link(store, known.event.calendar_id, calendar.id) is None:
        return copy.state is CopyState.DELETED
    return stand_of(store, calendar, known, scene.policy).rules.when_gone is WhenGone.DELETE


def _folded(store: Store, scene: Scene, ids: Mapping[str, int]) -> dict[str, Known]:
    """Return events with the copies, on other calendars, of what turned out to be them, and was to go there."""
    found: dict[str, Known] = {}
    for calendar in calendars.list_calendars(store, kinds=[CalendarKind.GOOGLE]) if ids else ():
        if calendar.google_id == scene.calendar.google_id:
            continue
        for name, known in copies.known_copies(store, calendar.id, ids).items():
            history = runs.versions_of(store, known.event.id) if known.event.deleted is not None else []
            if history and (history[-1].why or "").startswith(THE_SAME):
                found.setdefault(name, Known(copy=known.copy, event=events.get_event(store, ids[name])))
    return found


def _placed_elsewhere(store: Store, scene: Scene, event_id: int, item: RemoteEvent) -> Known | None:
    """Return an event with the copy that took the place, on another calendar, of one that was made there under an id.

    The id that a copy is made under tells its calendar.
    """
    event = events.get_event(store, event_id)
    for copy in copies.copies_of(store, event_id):
        calendar = calendars.get_calendar(store, copy.calendar_id)
        made = (
            google_id(instance, event.key, calendar.google_id or "", generation)
            for instance in scene.instances
            for generation in range(copy.generation + 1)
        )
        if item.google_id in made and _counts(store, scene, copy):
            return Known(copy=copy, event=event)
    return None


def let_go(store: Store, scene: Scene, item: RemoteEvent, known: Known) -> Known:
    """Let an item go again that is left over of an event, which stands elsewhere as is `known`."""
    agreed = stand_of(store, calendars.get_calendar(store, known.copy.calendar_id), known, scene.policy).base
    other = stranger(store, scene, item)
    go_again(store, scene, known, known.event.id, other, agreed)
    return copies.known_by_id(store, [other.copy.id])[0]
