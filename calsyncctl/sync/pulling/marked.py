"""Items that say themselves that their event lives here now, whatever is known of other calendars.

What moves to another calendar here is marked anew in Google. A store from before such a move, an old backup, hears
of it by that mark: what is gone where it was has moved, and was not deleted. And a deleted event of which an earlier
copy is alive again, on a calendar that it had left before, lives there. Inside a write.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from calsyncctl.model.calendar import Calendar, CalendarKind
from calsyncctl.model.copy import Copy, CopyState, Known, RemoteEvent, Tag
from calsyncctl.model.event import Content, Event
from calsyncctl.model.fields import value_of, with_fields
from calsyncctl.store import calendars, copies, events, links, runs
from calsyncctl.store.db import Store
from calsyncctl.store.history import content_at
from calsyncctl.sync.canonical import fields_for
from calsyncctl.sync.editing.leaving import leave_others
from calsyncctl.sync.links import home_name, plan_copies
from calsyncctl.sync.policy import GOOGLE, HERE
from calsyncctl.sync.pulling.adopt import mark_of
from calsyncctl.sync.pulling.elsewhere import seen_since
from calsyncctl.sync.pulling.heard import AFTER_ALL
from calsyncctl.sync.pulling.joining import go_again, stranger
from calsyncctl.sync.pulling.moved import is_back, is_brought_back, is_later_home
from calsyncctl.sync.pulling.moving import (
    as_agreed,
    carry,
    rehome,
    return_from_deletion,
    stay_if_chosen,
)
from calsyncctl.sync.pulling.scene import Scene
from calsyncctl.sync.stand import stand_of

_encode = msgspec.json.Encoder().encode
_decode_content = msgspec.json.Decoder(Content).decode


class _Marked(NamedTuple):
    """An item with the event that its mark names, and the home that it names."""

    item: RemoteEvent
    event: Event
    home: Calendar


def marked_here(
    store: Store, scene: Scene, items: Mapping[str, RemoteEvent], known: Mapping[str, Known]
) -> dict[str, Known]:
    """Let events live where their marks say, if that is news here, and return those by the items' ids."""
    found: dict[str, Known] = {}
    for one in _marked(store, scene, items, known):
        name = one.item.google_id
        standing = copies.known_on(store, one.event.id, scene.calendar.id)
        copy = None if standing is None else standing.copy
        later = is_later_home(one.event, copy, one.item, one.home, lived=_lived(store, one.event, one.home))
        if later and not seen_since(store, one.event, one.item, scene.calendar):
            found[name] = _come(store, scene, one, copy)
    placed = {one.event.id for one in found.values()}
    for name, before in known.items():
        if before.event.id in placed and name not in found and items[name].content is not None:
            found[name] = _beside(store, scene, before, items[name])
            continue
        comes = _comes_back(store, scene, before, items[name]) if name not in found else None
        if comes is not None:
            found[name] = comes(store, scene, before)
    return found


def _beside(store: Store, scene: Scene, known: Known, item: RemoteEvent) -> Known:
    """Let an item go again that came along with another one of the same event, which lives here by that one now."""
    event = events.get_event(store, known.event.id)
    before = Known(copy=as_agreed(known.copy, event.version), event=event)
    agreed = stand_of(store, scene.calendar, before, scene.policy).base
    other = stranger(store, scene, item)
    go_again(store, scene, known, event.id, other, agreed)
    return _known(store, other.event, scene.calendar)


def _comes_back(
    store: Store, scene: Scene, known: Known, item: RemoteEvent
) -> Callable[[Store, Scene, Known], Known] | None:
    """Return what lets an event live where an item says that it is back, None if that is no news."""
    event, calendar = known.event, scene.calendar
    if is_back(known, item, calendar) and links.find_link(store, event.calendar_id, calendar.id) is None:
        return _come_back
    if not is_brought_back(known, item, calendar):
        return None
    return _return if has_moved_from(store, event, calendar, mark_of(item, scene.instances)) else None


def has_moved_from(store: Store, event: Event, calendar: Calendar, mark: Tag | None) -> bool:
    """Tell whether an event left a calendar since it lives elsewhere now: no link merely let it go from there.

    `mark` is its item's there. One that names another home, where the event never lived as far as is known, was a
    link's copy, also if that native calendar and its link are gone with a lost store; so is one that names the home
    which it has.
    """
    if event.calendar_id == calendar.id or links.find_link(store, event.calendar_id, calendar.id) is not None:
        return False
    home = calendars.get_calendar(store, event.calendar_id)
    if mark is not None and mark.home == home_name(home) != home_name(calendar):
        return False
    elsewhere = mark is not None and mark.home not in {"", home_name(calendar)}
    of_a_link = elsewhere and not any(_lived(store, event, one) for one in _named(store, mark))
    return (home.kind is CalendarKind.GOOGLE and not of_a_link) or _lived(store, event, calendar)


def _named(store: Store, mark: Tag | None) -> list[Calendar]:
    """Return the calendar that a mark names as the home, if it is known."""
    return [one for one in calendars.list_calendars(store) if mark is not None and home_name(one) == mark.home]


def _return(store: Store, scene: Scene, known: Known) -> Known:
    """Let an event that lives elsewhere be where somebody brought it back to: it lives there, or it goes again."""
    before, copy = known.event, known.copy
    event = rehome(store, scene, before, scene.calendar, "brought back in Google where it was before")
    back = copy
    if copy.state is CopyState.DELETED:
        back = replace(copy, state=CopyState.LIVE, there=None) if copy.base is None else as_agreed(copy, event.version)
    copies.update_copies(store, [replace(back, due=scene.now, sent_version=None)])
    for exception in events.exceptions_of(store, event.id):
        plan_copies(store, exception, scene.instance, scene.now)
    leave_others(store, event, scene.now)
    stay_if_chosen(store, scene, before, scene.calendar, "brought back in Google where it was before it moved here")
    return _known(store, event, scene.calendar)


def _marked(store: Store, scene: Scene, items: Mapping[str, RemoteEvent], known: Mapping[str, Known]) -> list[_Marked]:
    """Return the items whose marks name another home than their events have here."""
    homes = _homes(store, scene.calendar)
    tags = {
        name: tag
        for name, item in items.items()
        if item.content is not None and item.master is None and (tag := mark_of(item, scene.instances)) is not None
        if tag.home in homes and (name not in known or known[name].event.calendar_id != homes[tag.home].id)
    }
    ids = events.by_keys(store, [tag.key for tag in tags.values()]) if tags else {}
    return [
        _Marked(items[name], events.get_event(store, ids[tag.key]), homes[tag.home])
        for name, tag in tags.items()
        if tag.key in ids and (name not in known or known[name].event.id == ids[tag.key])
    ]


def _homes(store: Store, calendar: Calendar) -> dict[str, Calendar]:
    """Return, by their names in marks, the calendars whose events stand on this one: itself, and its links' sources."""
    sources = [calendars.get_calendar(store, link.source_id) for link in links.list_links(store, target_id=calendar.id)]
    return {home_name(one): one for one in (calendar, *sources)}


def _lived(store: Store, event: Event, home: Calendar) -> bool:
    """Tell whether the event has lived on a calendar before, as far as the history knows."""
    history = runs.versions_of(store, event.id)
    left = {change.before for version in history for change in version.changes if change.field == "calendar"}
    return home.name in left or any(version.calendar_id == home.id for version in history)


def _come(store: Store, scene: Scene, one: _Marked, standing: Copy | None) -> Known:
    """Let an event live where its mark says, with what was known of it where it was."""
    item, before, home = one
    adopted = _is_adopted(store, before)
    left = standing if adopted else _left(store, scene, before, standing, item.google_id)
    stands = left is not None and left.state is CopyState.LIVE and left.hold is None
    event = rehome(store, scene, before, home)
    events.set_home(store, event.id, home.id, origin=HERE)
    event = events.get_event(store, event.id)
    if before.deleted is not None and left is not None:
        left = return_from_deletion(store, scene, before, event, left)
    if left is not None and home.id == scene.calendar.id:
        left = _with_homes_own(store, event, before.calendar_id, left)
    if left is None:
        copies.insert_copies(store, [_planned(event, scene.calendar, item.google_id)])
    elif left.calendar_id == scene.calendar.id:
        copies.update_copies(store, [replace(left, google_id=item.google_id)])
    else:
        carry(store, scene, event, left, scene.calendar, item.google_id)
        if stands:  # as far as is known: if it is there indeed, the move was cut off
            later = scene.now + AFTER_ALL
            copies.update_copies(store, [replace(left, state=CopyState.LEAVING, due=later)])
    if not adopted:
        leave_others(store, event, scene.now)
    _keep_promises(store, scene, event)
    return _known(store, event, scene.calendar)


def _is_adopted(store: Store, event: Event) -> bool:
    """Tell whether an event of ours was known again by the mark of an item, as far as is known, and not moved since.

    Where that stands it need not have lived: a link that is gone with the lost store may have placed it.
    """
    history = runs.versions_of(store, event.id)
    made_here = any(version.version == 1 and version.author != GOOGLE for version in history)
    moved = any(change.field == "calendar" for version in history for change in version.changes)
    return not made_here and not moved and event.origin == HERE and event.deleted is None


def _keep_promises(store: Store, scene: Scene, event: Event) -> None:
    """Plan what other links of an event's home promise."""
    plan_copies(store, event, scene.instance, scene.now + AFTER_ALL)
    for exception in events.exceptions_of(store, event.id):
        plan_copies(store, exception, scene.instance, scene.now + AFTER_ALL)


def _come_back(store: Store, scene: Scene, known: Known) -> Known:
    """Let a deleted event live where a copy of it is alive again, and nowhere else."""
    event = rehome(store, scene, known.event, scene.calendar)
    copies.update_copies(store, [replace(known.copy, state=CopyState.LIVE, there=None, due=None, sent_version=None)])
    leave_others(store, event, scene.now)  # where it lived the deletion may not be told yet
    return _known(store, event, scene.calendar)


def _known(store: Store, event: Event, calendar: Calendar) -> Known:
    known = copies.known_on(store, event.id, calendar.id)
    assert known is not None
    return known


def _with_homes_own(store: Store, event: Event, old_home: int, left: Copy) -> Copy:
    """Return a link's copy as one that may become the home copy: of what only those say Google's word is news.

    It counts as agreed on as the event says it, and as said so by Google until now.
    """
    agreed = left.base.content if left.base is not None and left.base.version == left.base_version else None
    agreed = agreed or content_at(store, event, left.base_version or 0) or event.content
    if left.calendar_id == old_home or agreed is None:
        return left
    link = links.find_link(store, old_home, left.calendar_id)
    merged = fields_for(home=False, guests=link is not None and link.invites and event.origin == HERE)
    own = [field for field in fields_for(home=True, guests=True) if field not in merged]
    there = _decode_content(left.there) if left.there else agreed
    there = with_fields(there, {field: value_of(agreed, field) for field in own})
    return replace(left, there=_encode(there).decode(), due=0)


def _left(store: Store, scene: Scene, event: Event, standing: Copy | None, google_id: str) -> Copy | None:
    """Return the copy that knows best what was agreed on: the one that stands here, bears this id, or is at home."""
    if standing is not None and standing.state is CopyState.LIVE:
        return standing
    there = [one for one in copies.copies_of(store, event.id) if one.calendar_id != scene.calendar.id]
    there.sort(
        key=lambda one: (
            one.google_id != google_id,
            one.calendar_id != event.calendar_id,
            one.state is not CopyState.LIVE,
            one.id,
        )
    )
    return there[0] if there else standing


def _planned(event: Event, calendar: Calendar, google_id: str) -> Copy:
    return Copy(
        id=0,  # the table gives it
        event_id=event.id,
        calendar_id=calendar.id,
        google_id=google_id,
        state=CopyState.PLANNED,
    )
