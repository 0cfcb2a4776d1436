"""An event that somebody moves, in Google, to a calendar where it stands already by a link: it lives there, once.

The copy that stood there stays; what somebody edited of the one that came is taken in, and that one goes again.
Inside a write.
"""

from __future__ import annotations

from dataclasses import replace as place_at

import msgspec
from msgspec.structs import replace

from calsyncctl.model.calendar import Calendar
from calsyncctl.model.copy import Copy, CopyState, Known, RemoteEvent
from calsyncctl.model.event import Content, Event, EventKind
from calsyncctl.model.fields import value_of, with_fields
from calsyncctl.model.history import Action, Version
from calsyncctl.store import calendars, copies, events, links, runs
from calsyncctl.store.db import Store
from calsyncctl.store.history import content_at
from calsyncctl.sync.canonical import fields_for
from calsyncctl.sync.editing.leaving import leave_others
from calsyncctl.sync.editing.record import Act
from calsyncctl.sync.links import plan_copies, to_be_told_whole
from calsyncctl.sync.policy import GOOGLE, HERE
from calsyncctl.sync.pulling.folding import end, take_in
from calsyncctl.sync.pulling.moving import gone_from, home_before, rehome, return_from_deletion
from calsyncctl.sync.pulling.scene import Scene
from calsyncctl.sync.stand import stand_of

_encode = msgspec.json.Encoder().encode
_decode_content = msgspec.json.Decoder(Content).decode


def stands_there(store: Store, event: Event, calendar: Calendar, google_id: str) -> bool:
    """Tell whether an event stands on a calendar under another id, as far as is known: it cannot come there twice."""
    known = copies.known_on(store, event.id, calendar.id)
    if known is None or known.copy.google_id == google_id:
        return False
    unsent = known.copy.state in {CopyState.PLANNED, CopyState.STALE} and known.copy.sent_version is None
    return not unsent and known.copy.state is not CopyState.DELETED


def join(store: Store, scene: Scene, known: Known, calendar: Calendar, other: Known) -> None:
    """Let an event live on a calendar where it stands; `known` is its copy that moved there, as `other` by now."""
    before, left = known.event, known.copy
    agreed = stand_of(store, calendars.get_calendar(store, left.calendar_id), known, scene.policy).base
    there = place_at(scene, calendar=calendar)
    event = before if _lives_there(before, calendar) else rehome(store, there, before, calendar)
    if before.deleted is not None:
        return_from_deletion(store, there, before, event, left)
    standing = copies.known_on(store, event.id, calendar.id)
    assert standing is not None
    gone_from(store, event, left)
    copies.update_copies(store, [_home(standing.copy, _said(store, standing), scene.now)])
    for exception in events.exceptions_of(store, event.id):
        plan_copies(store, exception, scene.instance, scene.now)
        own = copies.known_on(store, exception.id, calendar.id)
        if own is not None:
            copies.update_copies(store, [to_be_told_whole(store, exception, own.copy, scene.now)])
    leave_others(store, event, scene.now)
    go_again(store, there, known, event.id, other, agreed)


def go_again(store: Store, scene: Scene, was: Known, into: int, other: Known, agreed: Content | None) -> None:
    """Let what came beside an event go again; what was edited of it since both sides `agreed` is taken in.

    `was`: the copy that it was of an event. Of what that did not carry, guests above all, it says nothing.
    """
    end(store, scene, other.event, into)
    copies.make_due(store, [other.event.id], scene.now)
    if agreed is not None and other.event.content is not None:
        told = {field: value_of(other.event.content, field) for field in _told_by(store, was)}
        take_in(store, Act(GOOGLE, scene.now, scene.instance), into, agreed, with_fields(agreed, told))


def _told_by(store: Store, known: Known) -> tuple[str, ...]:
    """Return the fields that a copy said of its event where that lived then."""
    there = known.copy.calendar_id
    lived = home_before(store, known.event, known.copy)
    link = links.find_link(store, lived, there)
    return fields_for(home=lived == there, guests=lived == there or (link is not None and link.invites))


def _lives_there(event: Event, calendar: Calendar) -> bool:
    return event.deleted is None and event.calendar_id == calendar.id


def _home(copy: Copy, said: Content | None, now: int) -> Copy:
    """Return a link's copy that is the home copy by now: its mark is to say so, and it all that only those say.

    One that was to go stays after all; whether it went already is asked.
    """
    if copy.sent_version is not None or said is None or copy.state not in {CopyState.LIVE, CopyState.LEAVING}:
        return replace(copy, state=CopyState.STALE if copy.state is CopyState.LEAVING else copy.state, due=now)
    return replace(copy, state=CopyState.LIVE, base_version=None, there=_encode(said).decode(), due=now)


def stranger(store: Store, scene: Scene, item: RemoteEvent) -> Known:
    """Keep an item that is to go again, as an event of its own."""
    assert item.content is not None
    event = Event(
        id=events.next_id(store),
        key=scene.keys(1)[0],
        calendar_id=scene.calendar.id,
        kind=EventKind.EVENT,
        origin=HERE,
        content=item.content,
        starts=None,
        ends=None,
        version=1,
        status=item.content.status,
        ical_uid=item.ical_uid,
    )
    events.insert_events(store, [event], scene.ledger.run(store))
    runs.add_versions(store, [_added(scene, event, scene.ledger.run(store))])
    copies.insert_copies(store, [_as_told(item, event, scene)])
    known = copies.known_on(store, event.id, scene.calendar.id)
    assert known is not None
    return known


def _added(scene: Scene, event: Event, run_id: int) -> Version:
    return Version(
        event_id=event.id,
        version=event.version,
        run_id=run_id,
        calendar_id=event.calendar_id,
        at=scene.now,
        author=GOOGLE,
        action=Action.ADDED,
        why="Google says so",
    )


def _as_told(item: RemoteEvent, event: Event, scene: Scene) -> Copy:
    """Return the copy of an item; its mark is not its own, which is mended should it live on."""
    return Copy(
        id=0,  # the table gives it
        event_id=event.id,
        calendar_id=scene.calendar.id,
        google_id=item.google_id,
        etag=item.etag,
        updated=item.updated,
        there=_encode(item.content).decode(),
        heard=scene.heard,
    )


def _said(store: Store, known: Known) -> Content | None:
    """Return what Google said last of a copy."""
    copy = known.copy
    return _decode_content(copy.there) if copy.there else content_at(store, known.event, copy.base_version or 1)
