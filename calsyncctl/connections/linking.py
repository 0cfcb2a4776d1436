"""Links made, changed and taken away: from a calendar that lives only here to one in Google.

A link holds events from an instant on. What it holds already is planned here, in the same transaction: the ids that
the copies will have are committed before anything is sent. Taking a link away deletes nothing in Google.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

from calsyncctl.errors import NotAllowed, UsageFault
from calsyncctl.model.calendar import Calendar, CalendarKind, CalendarState, Mode
from calsyncctl.model.copy import CopyState
from calsyncctl.model.event import Event
from calsyncctl.model.link import Link, LinkState, WhenDeleted
from calsyncctl.store import calendars, copies, linked, links
from calsyncctl.store.db import Store
from calsyncctl.sync.links import plan_copies

CHUNK = 500
"""Events planned in one transaction."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a link is to be; None: as usual, or as it is. `from_` is UTC seconds."""

    from_: int | None = None
    when_deleted: WhenDeleted | None = None
    invites: bool | None = None


@dataclass(frozen=True, slots=True)
class Linked:
    """A link, and how many copies were planned for it."""

    link: Link
    planned: int


def add_link(store: Store, source: Calendar, target: Calendar, terms: Terms, *, instance: str, now: int) -> Linked:
    """Link two calendars; the same again changes nothing.

    Raises:
        UsageFault: these cannot be linked, or are linked otherwise.
        NotAllowed: the target cannot be written to.
    """
    _check(source, target)
    standing = links.find_link(store, source.id, target.id)
    usual = WhenDeleted.DELETE if source.kind is CalendarKind.NATIVE else WhenDeleted.REPUBLISH
    if standing is not None:
        same = _same(standing, terms, source, target)
        return _fill(store, same, instance, now) if same.state is LinkState.FILLING else Linked(same, 0)
    link = Link(
        source_id=source.id,
        target_id=target.id,
        from_instant=now if terms.from_ is None else terms.from_,
        when_deleted=terms.when_deleted or usual,
        invites=bool(terms.invites),
        since=now,
    )
    if link.invites:
        _check_guests(store, source.id)
    return _begin(store, link, instance, now)


def edit_link(store: Store, link: Link, terms: Terms, *, instance: str, now: int) -> Linked:
    """Change what a link holds or means; copies that it no longer holds stay as they are."""
    changed = replace(
        link,
        from_instant=link.from_instant if terms.from_ is None else terms.from_,
        when_deleted=terms.when_deleted or link.when_deleted,
        invites=link.invites if terms.invites is None else terms.invites,
    )
    if changed.invites is not link.invites:
        _check_guests(store, link.source_id)
    return _begin(store, changed, instance, now)


@dataclass(frozen=True, slots=True)
class Backfill:
    """Everything that a source has, to be sent to a target: how many events that is, and what is linked now."""

    source: Calendar
    target: Calendar
    link: Link | None
    events: int


def plan_backfill(store: Store, source: Calendar, target: Calendar) -> Backfill:
    """Say what pushing everything would send; nothing is changed.

    Raises:
        UsageFault, NotAllowed: these two cannot be linked.
    """
    _check(source, target)
    link = links.find_link(store, source.id, target.id)
    return Backfill(source, target, link, linked.unplaced(store, source.id, target.id))


def backfill(store: Store, plan: Backfill, terms: Terms, *, instance: str, now: int) -> Linked:
    """Let a link hold everything from the beginning; what it lacks waits to be sent."""
    usual = WhenDeleted.DELETE if plan.source.kind is CalendarKind.NATIVE else WhenDeleted.REPUBLISH
    link = plan.link or Link(plan.source.id, plan.target.id, None, terms.when_deleted or usual, bool(terms.invites))
    whole = replace(link, from_instant=None, since=link.since or now)
    if plan.link is None and whole.invites:
        _check_guests(store, plan.source.id)
    return _begin(store, whole, instance, now)


def delete_link(store: Store, link: Link, *, remove_copies: bool, now: int) -> int:
    """Take a link away; return how many copies will be deleted in Google, none unless asked."""
    with store.write():
        links.delete_link(store, link.source_id, link.target_id)
        return linked.leave_copies(store, link.source_id, link.target_id, now) if remove_copies else 0


def fill_links(store: Store, instance: str, now: int) -> int:
    """Go on with links whose making was cut off; return how many copies are planned by that."""
    cut_off = [link for link in links.list_links(store) if link.state is LinkState.FILLING]
    return sum(_fill(store, link, instance, now).planned for link in cut_off)


def _begin(store: Store, link: Link, instance: str, now: int) -> Linked:
    """Save a link as one that is being filled, and fill it."""
    filling = replace(link, state=LinkState.FILLING)
    with store.write():
        links.save_link(store, filling)
    return _fill(store, filling, instance, now)


def _fill(store: Store, link: Link, instance: str, now: int) -> Linked:
    """Plan what the link holds already, in chunks; until all of it is, the link says that it is being filled."""
    planned, filled = 0, replace(link, state=LinkState.ACTIVE)
    for exceptions in (False, True):  # an exception is planned under the id of its series' copy
        for chunk in linked.chunks(store, link.source_id, CHUNK, exceptions=exceptions):
            with store.write():
                planned += sum(plan_copies(store, event, instance, now) for event in chunk)
    with store.write():
        planned += linked.wake_copies(store, link.source_id, link.target_id, now)
        if links.find_link(store, link.source_id, link.target_id) == link:  # nobody changed it meanwhile
            links.save_link(store, filled)
    return Linked(filled, planned)


_NOT_THERE = {CopyState.PLANNED, CopyState.DELETED}


def _check_guests(store: Store, source_id: int) -> None:
    """See that no guests stand on the copies that invite now, where they would go on being mailed.

    Raises:
        NotAllowed: there are some.
    """
    inviting = [link.target_id for link in links.list_links(store, source_id=source_id) if link.invites]
    for target in map(partial(calendars.get_calendar, store), inviting):
        if any(_has_guests(store, event, target) for event in _events(store, source_id)):
            raise NotAllowed(
                f"Guests are invited by the copies on “{target.name}”: invited anew, they hear from two calendars.",
                "Take that link away with its copies first: calsyncctl links delete … --remove-copies",
            )


def _events(store: Store, source_id: int) -> Iterator[Event]:
    for exceptions in (False, True):
        yield from chain.from_iterable(linked.chunks(store, source_id, CHUNK, exceptions=exceptions))


def _has_guests(store: Store, event: Event, target: Calendar) -> bool:
    if event.content is None or not event.content.body.attendees:
        return False
    known = copies.known_on(store, event.id, target.id)
    return known is not None and (known.copy.state not in _NOT_THERE or known.copy.sent_version is not None)


def _check(source: Calendar, target: Calendar) -> None:
    if source.kind is CalendarKind.GOOGLE:
        raise UsageFault(
            f"“{source.name}” lives in Google; only a calendar that lives only here can be linked.",
            "Add one: calsyncctl calendars add NAME",
        )
    if target.kind is not CalendarKind.GOOGLE:
        raise UsageFault(
            f"“{target.name}” is not in Google, so nothing can be linked to it.", "Name a google calendar."
        )
    if not target.writable:
        raise NotAllowed(
            f"“{target.name}” cannot be a target: your access role is {target.access}.",
            "Ask its owner for the right to change events, then: calsyncctl calendars refresh",
        )
    if target.state is CalendarState.AVAILABLE:
        raise UsageFault(
            f"“{target.name}” takes no part in sync yet.",
            f"Select it: calsyncctl calendars select {target.typed}",
        )
    if target.mode is Mode.READ_ONLY:
        raise NotAllowed(
            f"“{target.name}” is read-only here, so it cannot be a target.",
            f"Select it again: calsyncctl calendars select {target.typed} --mode two-way",
        )


def _same(link: Link, terms: Terms, source: Calendar, target: Calendar) -> Link:
    """Return a link that stands already as it was asked for.

    Raises:
        UsageFault: it was asked for otherwise.
    """
    asked = replace(
        link,
        from_instant=link.from_instant if terms.from_ is None else terms.from_,
        when_deleted=terms.when_deleted or link.when_deleted,
        invites=link.invites if terms.invites is None else terms.invites,
    )
    if asked != link:
        raise UsageFault(
            f"“{source.name}” is linked to “{target.name}” already, on other terms.",
            f"Change them: calsyncctl links edit {source.typed} {target.typed} …",
        )
    return link
