"""Events that left another calendar lately and are here now: they have moved in Google, and this is their home.

Whether their deletion was done already, waits for somebody, or was undone for an edit's sake: they are as if they had
never been gone, and what was edited of them is merged here. Inside a write.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from msgspec.structs import replace

from calsyncctl.model.calendar import Calendar
from calsyncctl.model.copy import Base, Copy, CopyState, Known, RemoteEvent
from calsyncctl.model.event import Event
from calsyncctl.model.history import Action, Version
from calsyncctl.store import copies, events, links, moves, runs
from calsyncctl.store.db import Store
from calsyncctl.store.history import content_at
from calsyncctl.sync.editing.leaving import leave_others
from calsyncctl.sync.links import home_name
from calsyncctl.sync.policy import GOOGLE
from calsyncctl.sync.pulling.adopt import known_again, mark_of
from calsyncctl.sync.pulling.elsewhere import elsewhere, let_go
from calsyncctl.sync.pulling.joining import join, stands_there, stranger
from calsyncctl.sync.pulling.moved import MOVED_WITHIN, organizes, takes
from calsyncctl.sync.pulling.moving import (
    as_agreed,
    as_home,
    carry,
    forget_told,
    home_before,
    rehome,
    return_from_deletion,
    stay_if_moved,
)
from calsyncctl.sync.pulling.scene import Scene
from calsyncctl.sync.pulling.telling import REVIVED

_Comes = Callable[[Store, Scene, RemoteEvent, moves.Left], Known]
"""What lets an event that left another calendar live here."""


def moved_here(
    store: Store, scene: Scene, items: Mapping[str, RemoteEvent], known: Mapping[str, Known]
) -> dict[str, Known]:
    """Let events that left another calendar lately live here now, and return them by the items' ids."""
    alive = {name: item for name, item in items.items() if item.content is not None and item.master is None}
    moved, left_over = elsewhere(store, scene, alive, known)
    away = {
        name: item
        for name, item in alive.items()
        if name not in known or name in moved or _is_away(store, known[name], scene.calendar)
    }
    if not away:
        return {}
    keys = {name: _key(scene, item) for name, item in away.items()}
    names = {*away, *(item.ical_uid for item in away.values() if item.ical_uid), *filter(None, keys.values())}
    since, here = scene.now - MOVED_WITHIN, scene.calendar.id
    left = [
        *((one, _return_to) for one in moves.gone_lately(store, names, here, since=since)),
        *((one, _return_to) for one in moves.held_lately(store, names, here, since=since)),
        *((one, _return_revived) for one in moves.revived_lately(store, names, here, since=since, why=REVIVED)),
        *((one, _return_to) for one in _lapsed(store, scene, away.values())),
        *((one, _return_parted) for one in moves.parted_lately(store, names, here, since=since)),
    ]
    by_name = {name: pair for pair in left for name in (pair[0].key, pair[0].ical_uid, pair[0].google_id) if name}
    found: dict[str, Known] = {}
    for name, item in away.items():
        pair = by_name.get(name) or by_name.get(item.ical_uid or "") or by_name.get(keys[name] or "")
        if name in left_over and (pair is None or pair[1] is _return_parted):
            found[name] = let_go(store, scene, item, left_over[name])
            continue
        by_mark = (moved[name], _return_parted) if name in moved else None
        chosen = [one for one in (pair, by_mark) if one and _may_move(store, scene, item, *one, known.get(name))]
        if chosen:
            first = _stand_first(store, scene, item, chosen[0][0], found.keys() | alive.keys())
            found[name] = first or _come(store, scene, item, *chosen[0], items)
    return found


def _stand_first(
    store: Store, scene: Scene, item: RemoteEvent, left: moves.Left, alive: Collection[str]
) -> Known | None:
    """Let an item be the copy here of an event that was moved to here and does not stand here yet; None: it does.

    `alive`: the ids of what stands here.
    """
    event = events.get_event(store, left.event_id)
    standing = copies.known_on(store, event.id, scene.calendar.id)
    taken = standing is not None and standing.copy.google_id in alive
    if event.calendar_id != scene.calendar.id or taken:
        return None
    event_id = known_again(store, scene.calendar, item, event.key)
    return None if event_id is None else copies.known_on(store, event_id, scene.calendar.id)


def _come(
    store: Store,
    scene: Scene,
    item: RemoteEvent,
    left: moves.Left,
    comes: _Comes,
    items: Mapping[str, RemoteEvent],
) -> Known:
    """Let an event live here; where it stands already, by a link, it stands once, and what came goes again.

    `items`: what is read of this calendar with the item.
    """
    event = events.get_event(store, left.event_id)
    there = copies.known_on(store, event.id, scene.calendar.id)
    read = None if there is None or there.copy.google_id == item.google_id else items.get(there.copy.google_id)
    if read is not None:
        stands = read.content is not None
    else:
        stands = event.calendar_id == scene.calendar.id or stands_there(store, event, scene.calendar, item.google_id)
    if not stands:
        return comes(store, scene, item, left)
    known, other = copies.known_by_id(store, [left.copy_id])[0], stranger(store, scene, item)
    before = known
    if known.copy.state is CopyState.DELETED or comes is _return_revived:
        before = replace(known, copy=as_agreed(known.copy, event.version))
    join(store, scene, before, scene.calendar, other)
    if known.copy.state is CopyState.LIVE or known.copy.sent_version is not None:  # it was brought back there already
        copies.update_copies(store, [replace(known.copy, state=CopyState.LEAVING, due=scene.now)])
    return copies.known_by_id(store, [other.copy.id])[0]


def _key(scene: Scene, item: RemoteEvent) -> str | None:
    """Return the event's key by an item's mark, if that names this calendar as its home: it was moved to here, then."""
    tag = mark_of(item, scene.instances)
    return tag.key if tag is not None and tag.home == home_name(scene.calendar) else None


def _lapsed(store: Store, scene: Scene, items: Iterable[RemoteEvent]) -> list[moves.Left]:
    """Return the events, by the items' marks, of which the copy is gone where they live though they live on."""
    keys = {tag.key for item in items if (tag := mark_of(item, scene.instances)) is not None}
    homes = [events.get_event(store, one) for one in (events.by_keys(store, keys) if keys else {}).values()]
    known = [copies.known_on(store, event.id, event.calendar_id) for event in homes]
    return [
        moves.Left(one.event.id, one.copy.id, one.event.ical_uid, one.copy.google_id, one.event.key)
        for one in known
        if one is not None and one.copy.state is CopyState.STALE and one.event.deleted is None
    ]


def _is_away(store: Store, known: Known, calendar: Calendar) -> bool:
    """Tell whether an item is known here as of an event that lives elsewhere, and neither kept here nor to go."""
    kept = known.copy.state is CopyState.LIVE and links.find_link(store, known.event.calendar_id, calendar.id)
    stays = known.copy.state is not CopyState.LEAVING and not kept
    return stays and known.event.calendar_id != calendar.id and known.event.original is None


def _may_move(
    store: Store, scene: Scene, item: RemoteEvent, left: moves.Left, kind: _Comes, known: Known | None
) -> bool:
    """Tell whether an event that left another calendar may be this item: that is nobody else, and the mode takes it."""
    if known is not None and known.event.id != left.event_id:
        return False
    event = events.get_event(store, left.event_id)
    if event.calendar_id == scene.calendar.id:
        return known is None and _went_along(scene, item, left, kind)
    if not takes(scene.calendar, event):
        return False
    if kind is _return_parted and not organizes(item):
        return False  # an invitation to what was deleted or moved here
    return known is not None or not item.ical_uid or not moves.stands(store, item.ical_uid, scene.calendar.id)


def _went_along(scene: Scene, item: RemoteEvent, left: moves.Left, kind: _Comes) -> bool:
    """Tell whether an item is what was left behind by an event that was moved to here: where it was, or a link's copy.

    It was moved to here as well, in Google.
    """
    tag = mark_of(item, scene.instances)
    its = item.tag is None or (tag is not None and tag.key == left.key)
    return kind is _return_parted and item.google_id == left.google_id and its and organizes(item)


def _return_to(store: Store, scene: Scene, item: RemoteEvent, left: moves.Left) -> Known:
    """An event that Google deleted elsewhere, or is to delete once somebody agrees, has only moved: it lives here."""
    before, old = events.get_event(store, left.event_id), copies.get_copy(store, left.copy_id)
    event = rehome(store, scene, before, scene.calendar)
    back = return_from_deletion(store, scene, before, event, old)
    return _stand(store, scene, item, before, event, back)


def _return_parted(store: Store, scene: Scene, item: RemoteEvent, left: moves.Left) -> Known:
    """An event that somebody here deleted, or moved elsewhere, while it moved to here in Google: it has one home."""
    before, old = events.get_event(store, left.event_id), copies.get_copy(store, left.copy_id)
    event = rehome(store, scene, before, scene.calendar)
    back = return_from_deletion(store, scene, before, event, old)
    stands = old.state in {CopyState.LIVE, CopyState.LEAVING} or old.sent_version is not None  # as far as is known
    known = _stand(store, scene, item, before, event, back, still=old if stands else None)
    stay_if_moved(store, scene, before, scene.calendar)
    return known


def _return_revived(store: Store, scene: Scene, item: RemoteEvent, left: moves.Left) -> Known:
    """An event that came back elsewhere for an edit's sake, or by somebody here, though it had only moved."""
    before, old = events.get_event(store, left.event_id), copies.get_copy(store, left.copy_id)
    event = rehome(store, scene, before, scene.calendar)
    agreed = as_agreed(_with_base(store, event, old), event.version)
    came_back = old.state is CopyState.LIVE or old.sent_version is not None
    if came_back:
        forget_told(store, old)
    return _stand(store, scene, item, before, event, agreed, still=old if came_back else None)


def _stand(
    store: Store,
    scene: Scene,
    item: RemoteEvent,
    before: Event,
    event: Event,
    back: Copy,
    *,
    still: Copy | None = None,
) -> Known:
    """Let an event stand here by an item, with what was agreed on where it was; return it as it is known.

    `before` as it was, `event` as `rehome` returned it, `back` the copy there as agreed on, and `still` the one that is
    there nonetheless: it goes.
    """
    left_copy = as_home(store, event, home_before(store, before, back), back, item.content)
    known = carry(store, scene, event, left_copy, scene.calendar, item.google_id)
    if still is not None:
        copies.update_copies(store, [replace(still, state=CopyState.LEAVING, due=scene.now)])
    leave_others(store, event, scene.now)
    return known


def _with_base(store: Store, event: Event, old: Copy) -> Copy:
    """Return a copy with what was agreed on when Google deleted it: nothing since was told where it went."""
    gone = [one.version for one in runs.versions_of(store, event.id) if _is_googles_deletion(one)]
    content = content_at(store, event, gone[-1]) if gone else None
    return old if old.base is not None or content is None else replace(old, base=Base(gone[-1], content))


def _is_googles_deletion(version: Version) -> bool:
    return version.action is Action.DELETED and version.author == GOOGLE
