"""Deletions that are none: the event stands on another calendar already, whose items were read before.

It becomes one event again. The one that was here first keeps its key, its history and what waits of its edits; the
one that appeared meanwhile is folded into it, with what somebody edited of it. Inside a write.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace as place_at

import msgspec

from calsyncctl.model.calendar import Calendar
from calsyncctl.model.copy import CopyState, Known, RemoteEvent
from calsyncctl.model.event import Content
from calsyncctl.store import calendars, copies, events, moves
from calsyncctl.store.db import Store
from calsyncctl.store.history import content_at
from calsyncctl.sync.editing.leaving import leave_others
from calsyncctl.sync.policy import WhenGone
from calsyncctl.sync.pulling.apply_items import apply_items
from calsyncctl.sync.pulling.folding import fold, keep_edits
from calsyncctl.sync.pulling.incoming import Incoming, Verdict, decide
from calsyncctl.sync.pulling.joining import join, stands_there
from calsyncctl.sync.pulling.moved import MOVED_WITHIN, Newcomer, successor, takes
from calsyncctl.sync.pulling.moving import (
    as_home,
    carry,
    home_before,
    rehome,
    return_from_deletion,
    stay_if_moved,
)
from calsyncctl.sync.pulling.scene import Scene
from calsyncctl.sync.stand import stands_for

_decode_content = msgspec.json.Decoder(Content).decode


def let_move(store: Store, scene: Scene, items: Sequence[RemoteEvent], *, confirmed: bool) -> list[RemoteEvent]:
    """Let events whose deletion is told, and which stand elsewhere since lately, move there; return the other items.

    `confirmed`: the items were asked for by their ids just now.
    """
    dead = {item.google_id: item for item in items if item.content is None}
    known = copies.known_copies(store, scene.calendar.id, dead) if dead else {}
    living = {name: one for name, one in known.items() if _may_have_moved(one, scene.now)}
    newcomers = _newcomers(store, scene, living)
    if not newcomers:
        return list(items)
    stands = stands_for(store, scene.calendar, living.values(), scene.policy)
    moved: set[str] = set()
    for name, one in living.items():
        decision = decide(dead[name], one, stands.get(name), confirmed=confirmed)
        to = successor(one.event, name, moves.last_arrival(store, one.event.id, scene.calendar.id), newcomers)
        leaves = _leaves(decision, one, scene.calendar) or _left_here(store, decision, one, scene.now)
        if to is not None and leaves and takes(to.calendar, one.event):
            newcomers.remove(to)
            scene.on_decided(scene.calendar, [decision])
            if stands_there(store, one.event, to.calendar, to.google_id):
                join(store, scene, one, to.calendar, copies.known_by_id(store, [to.copy_id])[0])
            else:
                _move(store, scene, one, to)
            moved.add(name)
    return [item for item in items if item.google_id not in moved and item.master not in moved]


def _may_have_moved(known: Known, now: int) -> bool:
    """Tell whether an event may have moved: it lives, or was deleted lately and this calendar tells only now."""
    event = known.event
    lately = event.deleted is not None and event.deleted >= now - MOVED_WITHIN
    return event.original is None and (event.deleted is None or (lately and known.copy.state is not CopyState.DELETED))


def _left_here(store: Store, decision: Incoming, known: Known, now: int) -> bool:
    """Tell whether it was to go from here anyhow, deleted or moved lately: in Google it moved before that."""
    if decision.verdict is not Verdict.AGREE:
        return False
    return known.event.deleted is not None or moves.moved_since(store, known.event.id, now - MOVED_WITHIN)


def _leaves(decision: Incoming, known: Known, calendar: Calendar) -> bool:
    """Tell whether a deletion lets the event go: where it lives, or where its link would have it deleted."""
    deletes = known.event.calendar_id == calendar.id
    if decision.stand is not None and not deletes:
        deletes = decision.stand.rules.when_gone is WhenGone.DELETE
    return decision.verdict is Verdict.DELETE or (deletes and decision.verdict in {Verdict.REVIVE, Verdict.LAPSE})


def _newcomers(store: Store, scene: Scene, living: dict[str, Known]) -> list[Newcomer]:
    if not living:
        return []
    here = scene.calendar.id
    names = {*living, *(one.event.ical_uid for one in living.values() if one.event.ical_uid)}
    found = [
        *moves.known_elsewhere(store, [one.event.id for one in living.values()], here),
        *moves.appeared_lately(store, names, here, since=scene.now - MOVED_WITHIN),
    ]
    return [
        Newcomer(
            events.get_event(store, one.event_id),
            one.copy_id,
            calendars.get_calendar(store, one.calendar_id),
            one.google_id,
            one.at,
        )
        for one in found
    ]


def _move(store: Store, scene: Scene, known: Known, to: Newcomer) -> None:
    """Let an event live where it went, and say what Google says of it there."""
    (there,) = copies.known_by_id(store, [to.copy_id])
    before = known.event
    event = rehome(store, scene, before, to.calendar)
    back = known.copy if before.deleted is None else return_from_deletion(store, scene, before, event, known.copy)
    along = copies.exceptions_on(store, to.calendar.id, there.copy.google_id)
    known_there = [there, *(one for one in along if one.copy.state is not CopyState.DELETED)]
    items = [_as_read(store, one, to.calendar) for one in known_there]
    folds = fold(store, scene, there, event, to.calendar) if there.event.id != event.id else []
    left = as_home(store, event, home_before(store, before, known.copy), back, items[0].content)
    carry(store, scene, event, left, to.calendar, to.google_id)
    leave_others(store, event, scene.now)
    apply_items(store, place_at(scene, calendar=to.calendar, listing=None, first=False), items, confirmed=True)
    for each in folds:
        keep_edits(store, scene, each)
    if known.copy.state is CopyState.LEAVING:
        stay_if_moved(store, scene, before, to.calendar)


def _as_read(store: Store, known: Known, calendar: Calendar) -> RemoteEvent:
    """Return what Google said last of a copy, as if it were read now."""
    event, copy = known.event, known.copy
    cancelled = event.status == "cancelled" and copy.base_version == event.version
    said = _decode_content(copy.there) if copy.there else content_at(store, event, copy.base_version or 1)
    content = None if cancelled or copy.state is not CopyState.LIVE else said
    private = content is not None and content.body.visibility in {"private", "confidential"}
    return RemoteEvent(
        google_id=copy.google_id,
        etag=copy.etag or "",
        updated=copy.updated or "",
        content=content,
        ical_uid=event.ical_uid,
        master=copy.master_google_id,
        original=event.original,
        extra=copy.extra or "",
        hidden=private and not calendar.writable,
    )
