"""Which copies an event should have: on its home calendar, and on every google calendar that its home is linked to.

Missing ones are planned in the transaction that makes them missing: the id that they will be inserted under is
computed and committed before anything is sent.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from calsyncctl.ids import google_id
from calsyncctl.model.calendar import Calendar, CalendarKind
from calsyncctl.model.copy import Copy, CopyState, Known
from calsyncctl.model.event import Event
from calsyncctl.model.history import Action
from calsyncctl.model.link import Link, LinkState
from calsyncctl.store import calendars, copies, links, runs
from calsyncctl.store.db import Store
from calsyncctl.store.history import content_at
from calsyncctl.sync.policy import GOOGLE
from calsyncctl.sync.recurrence.recur import starts_of

_AHEAD = 800 * 86400
"""How far ahead of a link's beginning a series is looked for, in seconds."""


def home_name(calendar: Calendar) -> str:
    """Name a calendar in tags: Google's id, or the name of one that lives only here."""
    return calendar.google_id or f"native:{calendar.name}"


def holds(link: Link, event: Event, calendar_zone: str) -> bool:
    """Tell whether a link holds an event: one that ends after the link's beginning, a series if anything of it does."""
    if link.state is LinkState.PAUSED:
        return False
    if link.from_instant is None or event.original is not None:
        return True  # an exception goes with its series
    if event.ends is not None and event.ends > link.from_instant:
        return True
    if event.content is None or not event.content.when.recurrence or event.starts is None or event.ends is None:
        return False
    begin = link.from_instant - (event.ends - event.starts)
    return bool(starts_of(event.content.when, calendar_zone=calendar_zone, from_=begin, to=begin + _AHEAD))


def wanted_on(store: Store, event: Event) -> list[Calendar]:
    """Return the google calendars that an event should stand on, its home first."""
    home = calendars.get_calendar(store, event.calendar_id)
    if home.kind is CalendarKind.GOOGLE:
        return [home]
    held = [link for link in links.list_links(store, source_id=home.id) if holds(link, event, home.zone)]
    return [calendars.get_calendar(store, link.target_id) for link in held]


def plan_copies(store: Store, event: Event, instance: str, now: int) -> int:
    """Plan the copies that an event lacks, and those it comes back to; return how many. Inside a write."""
    standing = {copy.calendar_id: copy for copy in copies.copies_of(store, event.id)}
    wanted = {calendar.id: calendar for calendar in wanted_on(store, event)}
    missing = [calendar for calendar in wanted.values() if calendar.id not in standing]
    planned = [copy for calendar in missing if (copy := _planned(store, event, calendar, instance, now)) is not None]
    copies.insert_copies(store, planned)
    back = [copy for copy in standing.values() if copy.calendar_id in wanted and _comes_back(copy, event)]
    copies.update_copies(store, (_again(store, copy, event, now) for copy in back))
    _part_ids(store, event, wanted, instance, now)
    return len(planned) + len(back)


def _part_ids(store: Store, event: Event, wanted: Mapping[int, Calendar], instance: str, now: int) -> None:
    """Give a copy that comes back a fresh id where the event stands on another calendar under the one that it had.

    Somebody moved it there in Google, which left no more than a stub: brought back, it would be the same twice. The
    same calendar as another account sees it is no other one.
    """
    held = [copy for copy in copies.copies_of(store, event.id) if copy.calendar_id in wanted]
    taken: dict[str, str | None] = {}
    # Whose deletion got no answer may stand there still.
    for copy in sorted(held, key=lambda one: (one.state is CopyState.STALE, one.sent_version is None, one.id)):
        calendar = wanted[copy.calendar_id]
        elsewhere = taken.setdefault(copy.google_id, calendar.google_id) != calendar.google_id
        if elsewhere and copy.state is CopyState.STALE and copy.master_google_id is None:
            next_generation(store, calendar, copy.id, instance, now)


def _again(store: Store, copy: Copy, event: Event, now: int) -> Copy:
    """Return a copy that is to be there again: brought back, or placed if it never was there."""
    never_told = copy.etag is None and not copy.base_version
    if copy.state is CopyState.LEAVING and copy.sent_version is None and not never_told:
        return replace(copy, state=CopyState.LIVE, due=now)  # it was to go, and is still there
    if copy.etag is not None:
        # Should somebody bring it back there meanwhile, it says what both sides agreed on before it went.
        agreed = copy.base_version if copy.base is None else copy.base.version
        return replace(copy, state=CopyState.STALE, base_version=agreed, due=now)
    base = first_base(store, event, copy.master_google_id)
    # Of an occurrence nobody knows whether it was cancelled there meanwhile: Google is asked first.
    state = CopyState.PLANNED if copy.master_google_id is None else CopyState.STALE
    return replace(copy, state=state, base_version=base, there=None, due=now)


def _comes_back(copy: Copy, event: Event) -> bool:
    return event.deleted is None and copy.state in {CopyState.DELETED, CopyState.LEAVING}


def _planned(store: Store, event: Event, calendar: Calendar, instance: str, now: int) -> Copy | None:
    """Return the copy to be; None for an exception whose series is not on the calendar."""
    assert calendar.google_id is not None
    series = None
    if event.series_id is None:
        new_id, master = google_id(instance, event.key, calendar.google_id, 0), None
    else:
        series = copies.known_on(store, event.series_id, calendar.id)
        if series is None or event.original is None:
            return None
        master = series.copy.google_id
        new_id = instance_id(master, event.original)
    return Copy(
        id=0,  # the table gives it
        event_id=event.id,
        calendar_id=calendar.id,
        google_id=new_id,
        master_google_id=master,
        base_version=first_base(store, event, master),
        state=_untold(series),
        due=now,
    )


def _untold(series: Known | None) -> CopyState:
    """Return the state of a copy that was never told, of an exception of a `series` on that calendar, or of no series.

    Where the series comes back, it lacks there what was cancelled of it before: the exception is to come back, too.
    """
    return CopyState.STALE if series is not None and series.copy.state is CopyState.STALE else CopyState.PLANNED


def first_base(store: Store, event: Event, master: str | None) -> int | None:
    """Return the base of a copy that was never placed: none, but for an exception that was made here.

    Its first version says what it changed of its occurrence, which then is version 0.
    """
    history = runs.versions_of(store, event.id) if master is not None else []
    changed = bool(history) and history[0].version == 1 and history[0].action is not Action.ADDED
    # Of what came back in Google from a bare cancellation nobody knows what it said before.
    back = changed and history[0].author == GOOGLE and event.status != "cancelled"
    return 0 if changed and not back else None


def to_be_told_whole(store: Store, event: Event, copy: Copy, now: int) -> Copy:
    """Return a copy that says more from now on than what was agreed on with it: all that it does not say is due."""
    if event.status == "cancelled":
        return copy
    if copy.state in {CopyState.LIVE, CopyState.LEAVING}:
        base = content_at(store, event, copy.base_version or 0)
        there = copy.there or (msgspec.json.encode(base).decode() if base is not None else None)
        return replace(copy, there=there, base_version=None, due=now)
    if copy.state is CopyState.PLANNED and copy.master_google_id is not None and copy.sent_version is None:
        return replace(copy, base_version=first_base(store, event, copy.master_google_id), due=now)
    return copy


def instance_id(master: str, original: str) -> str:
    """Return the id of one occurrence (Google's events reference, recurring events): the series' and the start."""
    return f"{master}_{original.replace('-', '')}"


def next_generation(store: Store, calendar: Calendar, copy_id: int, instance: str, now: int) -> None:
    """Give a copy a fresh id, since a deleted event holds the one before; its exceptions follow. Inside a write."""
    assert calendar.google_id is not None
    known = copies.known_by_id(store, [copy_id])[0]
    copy, event = known.copy, known.event
    generation = copy.generation + 1
    fresh = replace(
        _afresh(copy, google_id(instance, event.key, calendar.google_id, generation), now), generation=generation
    )
    copies.update_copies(store, [fresh])
    standing = [one for one in copies.exceptions_on(store, calendar.id, copy.google_id) if one.event.original]
    copies.update_copies(
        store,
        (
            replace(
                _afresh(one.copy, instance_id(fresh.google_id, one.event.original or ""), now),
                master_google_id=fresh.google_id,
            )
            for one in standing
        ),
    )


def _afresh(copy: Copy, new_id: str, now: int) -> Copy:
    return replace(
        copy,
        google_id=new_id,
        etag=None,
        updated=None,
        there=None,
        base_version=None,
        sent_version=None,
        state=CopyState.PLANNED,
        due=now,
    )
