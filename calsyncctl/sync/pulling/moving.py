"""An event that moved in Google gets its new home: the same event, with all that was agreed on and all that waits.

What the copy on the old calendar knew is carried to the copy on the new one, so that an edit which still waits is
merged there as it would have been where it was made. Inside a write.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import msgspec
from msgspec.structs import replace

from calsyncctl.errors import NotAllowed
from calsyncctl.model.calendar import Calendar
from calsyncctl.model.copy import Base, Copy, CopyState, Known
from calsyncctl.model.event import Content, Event
from calsyncctl.model.fields import value_of, with_fields
from calsyncctl.model.history import Action, FieldChange, Lost, Version
from calsyncctl.model.when import span
from calsyncctl.store import calendars, copies, events, links, moves, runs
from calsyncctl.store.db import Store
from calsyncctl.store.history import content_at
from calsyncctl.sync.canonical import fields_for
from calsyncctl.sync.choice import Policy
from calsyncctl.sync.editing.edit import EditMeans, move_event
from calsyncctl.sync.editing.occurrences import went_along
from calsyncctl.sync.links import first_base, instance_id, plan_copies
from calsyncctl.sync.policy import GOOGLE
from calsyncctl.sync.pulling.moved import MOVED_WITHIN, chosen_on, kind_on
from calsyncctl.sync.pulling.scene import Scene
from calsyncctl.sync.pulling.telling import SELF

_encode = msgspec.json.Encoder().encode
_THIS_SIDE = {Policy.LOCAL_WINS, Policy.OURS}
_SETTLED: dict[str, Any] = {"due": None, "hold": None, "reason": None, "since": None}


def rehome(
    store: Store, scene: Scene, event: Event, calendar: Calendar, why: str = "moved to another calendar in Google"
) -> Event:
    """Let an event live on another calendar, since Google says so; return it under its next version.

    Its exceptions go with it; copies that its old home's links placed leave.
    """
    old = calendars.get_calendar(store, event.calendar_id)
    events.set_home(store, event.id, calendar.id)
    moves.set_kind_of(store, event.id, kind_on(calendar, event))
    kept = _placed(events.get_event(store, event.id), calendar)
    changes = () if old.id == calendar.id else (FieldChange("calendar", old.name, calendar.name),)
    kept = _next(store, scene, kept, why, *changes, lost=_undone(store, event))
    exceptions = events.exceptions_of(store, event.id, deleted=True)
    events.set_instants(store, ((one.id, one.starts, one.ends) for one in (_placed(x, calendar) for x in exceptions)))
    return kept


def _again(store: Store, scene: Scene, event: Event) -> Event:
    """Let an exception live again that was deleted with its series; return it under its next version."""
    return _next(store, scene, event, "its series has moved")


def return_from_deletion(store: Store, scene: Scene, gone: Event, event: Event, left: Copy) -> Copy:
    """Let the exceptions that went with a deleted event live again, now that it does; return its copy as agreed before.

    `gone` as it was deleted, `event` as `rehome` returned it, `left` one of its copies.
    """
    for one in copies.exceptions_on(store, left.calendar_id, left.google_id):
        if gone.deleted is not None and went_along(store, one.event, gone.deleted):
            back = _again(store, scene, one.event)
            copies.update_copies(store, [_undeleted(one.copy, back.version)])
    return _undeleted(left, event.version)


def _undeleted(copy: Copy, version: int) -> Copy:
    return as_agreed(copy, version) if copy.state is CopyState.DELETED else copy


def as_agreed(copy: Copy, version: int) -> Copy:
    """Return a copy as it was before its deletion was told; `version` is the event's own now, alive again."""
    state = CopyState.LIVE if copy.etag is not None else CopyState.PLANNED
    if copy.base is None:
        untold = copy.master_google_id is not None and copy.etag is None
        return replace(copy, state=state, base_version=None if untold else version, there=None)
    there = _encode(copy.base.content).decode() if state is CopyState.LIVE else None
    return replace(copy, state=state, base_version=copy.base.version, there=there, due=0)


def forget_told(store: Store, left: Copy) -> None:
    """Let the exceptions of a series that came back to Google, though it had moved, stand as they did before.

    What they were told since, they were told where they are not any more.
    """
    along = copies.exceptions_on(store, left.calendar_id, left.google_id)
    copies.update_copies(store, (_untold(store, one) for one in along if one.copy.state is not CopyState.DELETED))


def _untold(store: Store, known: Known) -> Copy:
    copy = replace(known.copy, sent_version=None, due=None)
    if copy.base is not None and copy.base.version:
        there = _encode(copy.base.content).decode()
        return replace(copy, state=CopyState.LIVE, base_version=copy.base.version, there=there)
    base = first_base(store, known.event, copy.master_google_id)
    return replace(copy, state=CopyState.PLANNED, etag=None, there=None, base_version=base, base=None)


def _undone(store: Store, event: Event) -> tuple[Lost, ...]:
    """Return the deletion that somebody here made and that a move in Google undoes; Google's own was only the move."""
    history = runs.versions_of(store, event.id)
    by_hand = event.deleted is not None and bool(history) and history[-1].author not in {GOOGLE, SELF}
    return (Lost("deleted", True, False),) if by_hand else ()


def _next(
    store: Store, scene: Scene, event: Event, why: str, *changes: FieldChange, lost: tuple[Lost, ...] = ()
) -> Event:
    """Keep an event under its next version, alive, since Google says so."""
    run_id = scene.ledger.run(store)
    kept = replace(event, version=event.version + 1, deleted=None)
    events.update_events(store, [kept], run_id)
    runs.add_versions(
        store,
        [
            Version(
                event_id=event.id,
                version=kept.version,
                run_id=run_id,
                calendar_id=event.calendar_id,
                at=scene.now,
                author=GOOGLE,
                action=Action.CHANGED if event.deleted is None else Action.RESTORED,
                why=why,
                changes=changes,
                lost=lost,
            )
        ],
    )
    return kept


def _placed(event: Event, calendar: Calendar) -> Event:
    """Return an event with the instants of its times on a calendar; one that takes no time has none."""
    if event.content is None or event.starts is None or not event.content.when.all_day:
        return event
    starts, ends = span(event.content.when, calendar.zone)
    return replace(event, starts=starts, ends=ends)


def carry(store: Store, scene: Scene, event: Event, left: Copy, calendar: Calendar, google_id: str) -> Known:
    """Let an event stand on a calendar under an id, with what was known of it where it was; return it as it is known.

    `event` as `rehome` returned it. The old copy is gone, by both sides' word.
    """
    base = left.base_version
    if base == event.version - 1 and left.base is None:
        base = event.version  # moving is no edit
    _stand(store, event, left, calendar, google_id, base)
    standing = copies.exceptions_on(store, left.calendar_id, left.google_id)
    gone_from(store, event, left)
    for one in standing if left.google_id == google_id else ():  # under another id nothing is known of them
        if one.event.original is not None and one.event.deleted is None:
            name, old = instance_id(google_id, one.event.original), _undeleted(one.copy, one.event.version)
            if copies.event_ids(store, calendar.id, [name]).get(name, one.event.id) == one.event.id:
                _stand(store, one.event, old, calendar, name, old.base_version, master=google_id)
    _plan_exceptions(store, scene, event, calendar, google_id)
    known = copies.known_on(store, event.id, calendar.id)
    assert known is not None
    return known


def _plan_exceptions(store: Store, scene: Scene, event: Event, calendar: Calendar, google_id: str) -> None:
    """Let those exceptions of a series stand on a calendar, too, that were never told where it was."""
    for one in events.exceptions_of(store, event.id):
        known = copies.known_on(store, one.id, calendar.id)
        if known is not None and known.copy.master_google_id != google_id and one.original is not None:
            name = instance_id(google_id, one.original)
            untold = replace(known.copy, google_id=name, master_google_id=google_id, etag=None, base_version=None)
            copies.update_copies(store, [replace(untold, state=CopyState.DELETED, sent_version=None)])
        plan_copies(store, one, scene.instance, scene.now)


def gone_from(store: Store, event: Event, left: Copy) -> None:
    """Note that a copy is gone by both sides' word, and those of its event's exceptions with it."""
    copies.update_copies(store, [_gone(store, left, event)])
    along = copies.exceptions_on(store, left.calendar_id, left.google_id)
    copies.update_copies(store, [_gone(store, one.copy, one.event) for one in along])


def as_home(store: Store, event: Event, old_home: int, left: Copy, said: Content | None) -> Copy:
    """Return a link's copy as one that may become the home copy: what only those say was never agreed on with it.

    `said` is what Google says where it is now; `event` lives there already, `old_home` is where it lived.
    """
    if left.calendar_id == old_home or said is None or event.content is None:
        return left
    link = links.find_link(store, old_home, left.calendar_id)
    guests = link is not None and link.invites
    fresh = set(fields_for(home=True, guests=True)) - set(fields_for(home=False, guests=guests))
    version = event.version if left.base_version is None else left.base_version
    known = left.base.content if left.base is not None and left.base.version == version else None
    agreed = known or content_at(store, event, version) or event.content
    agreed = with_fields(agreed, {field: value_of(said, field) for field in fresh})
    return replace(left, base_version=version, base=Base(version, agreed), there=_encode(agreed).decode(), due=0)


def _stand(
    store: Store,
    event: Event,
    left: Copy,
    calendar: Calendar,
    google_id: str,
    base: int | None,
    *,
    master: str | None = None,
) -> None:
    """Give an event its copy on a calendar, or the one that it has there another id."""
    if copies.known_on(store, event.id, calendar.id) is None:
        fresh = Copy(id=0, event_id=event.id, calendar_id=calendar.id, google_id=google_id)  # the table gives its id
        copies.insert_copies(store, [fresh])
    known = copies.known_on(store, event.id, calendar.id)
    assert known is not None
    waits = left.due is not None or base != event.version
    stood = replace(
        left,
        id=known.copy.id,
        calendar_id=calendar.id,
        google_id=google_id,
        master_google_id=master,
        etag=None,
        updated=None,
        base_version=base,
        state=CopyState.PLANNED if left.state is CopyState.PLANNED else CopyState.LIVE,
        heard=calendar.listing,
        **(_SETTLED | {"due": left.due if left.due is not None else 0 if waits else None}),
    )
    copies.update_copies(store, [stood])


def _gone(store: Store, left: Copy, event: Event) -> Copy:
    base = left.base if left.base is not None and left.base.version == left.base_version else None
    if base is None and left.base_version is not None:
        agreed = content_at(store, event, left.base_version)
        base = Base(left.base_version, agreed) if agreed is not None and agreed != event.content else None
    state = CopyState.DELETED
    return replace(left, state=state, base_version=event.version, base=base, sent_version=None, **_SETTLED)


def home_before(store: Store, event: Event, left: Copy) -> int:
    """Return where an event lived while a copy of it, which it has left since, was agreed on."""
    if event.calendar_id == left.calendar_id or links.find_link(store, event.calendar_id, left.calendar_id) is not None:
        return event.calendar_id
    homes = [version.calendar_id for version in runs.versions_of(store, event.id)]
    unknown = not homes or homes[0] == event.calendar_id
    return left.calendar_id if left.calendar_id in homes or unknown else event.calendar_id


def stay_if_moved(store: Store, scene: Scene, before: Event, calendar: Calendar) -> None:
    """Let an event that moved in Google stay where somebody here moved it at the same time, if this side prevails.

    `before`: the event as it was; `calendar`: where it lives now. What was said of it there is taken, then it leaves.
    """
    if moves.moved_since(store, before.id, scene.now - MOVED_WITHIN, by_hand=True):
        stay_if_chosen(store, scene, before, calendar, "it was moved here at the same time as in Google")


def stay_if_chosen(store: Store, scene: Scene, before: Event, calendar: Calendar, why: str) -> None:
    """Let an event that Google has on another calendar go from there if this side prevails; as `stay_if_moved`."""
    if before.deleted is not None or chosen_on(calendar, before, scene.policy) not in _THIS_SIDE:
        return
    means = EditMeans(author=SELF, now=scene.now, instance=scene.instance, run=scene.ledger.run(store))
    home = calendars.get_calendar(store, before.calendar_id)
    with suppress(NotAllowed):  # then nothing can be pushed to where it was moved here
        move_event(store, means, before.id, home, why=why)
