"""What became of a write: each answer is kept in a transaction of its own, and says what both sides agree on now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from calsyncctl.model.calendar import Calendar
from calsyncctl.model.copy import Base, Copy, CopyState, Known, RemoteEvent
from calsyncctl.model.event import Content, Event
from calsyncctl.model.fields import value_of, with_fields
from calsyncctl.store import copies, events
from calsyncctl.store.db import Store
from calsyncctl.store.history import content_at
from calsyncctl.sync.canonical import GOOGLES, alike
from calsyncctl.sync.provider import Insert, Patch

_encode = msgspec.json.Encoder().encode
_decode_content = msgspec.json.Decoder(Content).decode
_UNHELD: dict[str, Any] = {"hold": None, "reason": None, "since": None, "tries": 0}


def keep_answer(store: Store, calendar: Calendar, known: Known, item: RemoteEvent, now: int, *, meet: bool) -> None:
    """Keep what Google made of an insert or a patch; `known` is what was sent. Inside a write.

    The event may have changed since, or a Meet asked for is still being made: then its copy waits again.
    """
    copy_id, version = known.copy.id, known.event.version
    known = copies.known_by_id(store, [copy_id])[0]
    event = _absorbed(store, calendar, known.event, item)
    said = content_at(store, event, version)
    awaited = meet and item.content is not None and not item.content.body.meet
    newer = event.version > version or known.copy.state is CopyState.LEAVING or awaited
    leaving = known.copy.state is CopyState.LEAVING
    kept = replace(
        known.copy,
        etag=item.etag,
        updated=item.updated or known.copy.updated,
        extra=item.extra or None,
        there=None if item.content == said else _encode(item.content).decode(),
        base_version=version,
        state=CopyState.LEAVING if leaving else CopyState.LIVE,
        sent_version=None,
        heard=calendar.listing,
        due=now if newer else None,
        **_UNHELD,
    )
    copies.update_copies(store, [kept])
    if known.copy.state is CopyState.STALE and known.copy.master_google_id is None:
        copies.wake_exceptions(store, calendar.id, known.copy.google_id, now)


def as_written(write: Insert | Patch, item: RemoteEvent, fields: tuple[str, ...]) -> RemoteEvent:
    """Return an answer with only the written fields new: what else differs there was changed by somebody else."""
    if isinstance(write, Insert) or write.before is None or item.content is None:
        return item
    before = {field: value_of(write.before, field) for field in fields if field not in write.fields}
    unseen = {field: value for field, value in before.items() if not alike(field, value, value_of(item.content, field))}
    return replace(item, content=with_fields(item.content, unseen)) if unseen else item


def _absorbed(store: Store, calendar: Calendar, event: Event, item: RemoteEvent) -> Event:
    """Take what Google alone decides from the home copy's answer: nobody changed it, so there is no new version."""
    if event.calendar_id != calendar.id or event.content is None or item.content is None:
        return event
    fresh = replace(event, content=with_googles(event.content, item.content), ical_uid=item.ical_uid or event.ical_uid)
    if fresh != event:
        events.update_events(store, [fresh], None)
    return fresh


def absorb_unheard(
    store: Store, calendar: Calendar, known: Iterable[Known], answers: Mapping[str, RemoteEvent | None]
) -> None:
    """Take what Google alone decides of occurrences that were never heard of: no news of theirs; inside a write."""
    for one in known:
        item = answers.get(one.copy.google_id)
        if item is not None and one.copy.master_google_id is not None and one.copy.etag is None:
            _absorbed(store, calendar, one.event, item)


def keep_graves(store: Store, copy_ids: Iterable[int], answers: Mapping[str, RemoteEvent | None]) -> None:
    """Keep the etags of deleted events that are to come back: what brings them back is conditional on them."""
    for one in copies.known_by_id(store, copy_ids):
        item = answers.get(one.copy.google_id)
        if one.copy.state is CopyState.STALE and (item is None or item.content is None):
            copies.update_copies(store, [replace(one.copy, etag=item.etag or None if item is not None else None)])


def with_googles(here: Content, there: Content) -> Content:
    """Return a content with what Google alone decides, down to who among the guests organizes."""
    values = {field: value_of(there, field) for field in GOOGLES}
    marks = {guest.email.casefold(): guest for guest in there.body.attendees}
    known = {guest.email.casefold() for guest in here.body.attendees}
    marked = [
        replace(guest, organizer=mark.organizer, self=mark.self, resource=mark.resource)
        if (mark := marks.get(guest.email.casefold()))
        else guest
        for guest in here.body.attendees
    ]
    added = [guest for guest in there.body.attendees if guest.organizer and guest.email.casefold() not in known]
    values["attendees"] = tuple(sorted((*marked, *added), key=lambda guest: guest.email))
    return with_fields(here, values)


def looked(store: Store, copy_id: int, now: int) -> None:
    """Note that a Meet was looked for: it is looked for again a little later, if it is not there; inside a write."""
    copy = copies.get_copy(store, copy_id)
    copies.update_copies(store, [replace(copy, tries=copy.tries + 1, due=now + 30 * 2**copy.tries)])


def keep_deletion(store: Store, copy_id: int, version: int, now: int) -> None:
    """Keep that Google deleted what was to be deleted, or had done so before; inside a write."""
    known = copies.known_by_id(store, [copy_id])[0]
    event, copy = known.event, known.copy
    if copy.state is CopyState.DELETED and event.deleted is None:
        # An occurrence that went with its series, which was deleted just before.
        kept = replace(copy, sent_version=None, due=None, **_UNHELD)
    elif copy.state is not CopyState.LEAVING and event.deleted is None and event.status != "cancelled":
        # Brought back here while the deletion was under way.
        kept = replace(copy, state=CopyState.STALE, base_version=version, sent_version=None, due=now, **_UNHELD)
    else:
        kept = replace(copy, state=gone_state(known), base_version=version, sent_version=None, due=None, **_UNHELD)
        if copy.state is CopyState.LEAVING:
            kept = replace(kept, base=_agreed_if_else(store, known))
            along = copies.exceptions_on(store, copy.calendar_id, copy.google_id)
            gone = [replace(one.copy, state=CopyState.DELETED, due=None, sent_version=None) for one in along]
            copies.update_copies(store, gone)
    copies.update_copies(store, [kept])


def _agreed_if_else(store: Store, known: Known) -> Base | None:
    """Return what was agreed on of an event that leaves a calendar, if it says something else by now.

    Should somebody bring it back there, what it says is compared with that.
    """
    copy = known.copy
    if copy.base is not None and copy.base.version == copy.base_version:
        return copy.base
    if copy.base_version is None:  # it was to be told whole
        agreed = _decode_content(copy.there) if copy.there else None
    else:
        agreed = content_at(store, known.event, copy.base_version)
    return None if agreed is None or agreed == known.event.content else Base(copy.base_version or 0, agreed)


def gone_state(known: Known) -> CopyState:
    """Return the state of a copy that both sides know to be gone; a cancelled occurrence is said by a living one."""
    cancelled = known.event.deleted is None and known.copy.state is not CopyState.LEAVING
    return CopyState.LIVE if cancelled and known.event.original is not None else CopyState.DELETED


def settle(store: Store, known: Known) -> None:
    """Keep that nothing is left to be written; inside a write.

    What leaves and stands there all the same, by another account's copy, is news should this account read it again.
    """
    leaves = known.copy.state is CopyState.LEAVING
    gone = known.event.deleted is not None or leaves
    cancelled = known.event.status == "cancelled"
    state = gone_state(known) if gone or cancelled else known.copy.state
    kept = replace(known.copy, state=state, base_version=known.event.version, due=None)
    copies.update_copies(store, [replace(kept, updated=None) if leaves else kept])
    if leaves and known.copy.master_google_id is None:
        copies.end_leaving(store, known.copy.calendar_id, known.copy.google_id)


def rest(store: Store, copy: Copy) -> None:
    """Let a copy that no link holds stand as it is, with what waits; inside a write."""
    copies.update_copies(store, [replace(copy, due=None)])


def hold(store: Store, copy_id: int, kind: str, reason: str, now: int) -> None:
    """Put a copy on hold: it waits until the event, the right or the program changes; inside a write."""
    copy = copies.get_copy(store, copy_id)
    held = replace(copy, hold=kind, reason=reason, since=now, due=None, sent_version=None, tries=copy.tries + 1)
    copies.update_copies(store, [held])


PUT_OFF = 60
"""Seconds that a copy waits after it was read and written again in vain; each time twice as long, up to an hour."""


def put_off(store: Store, copy_ids: Iterable[int], now: int) -> int:
    """Let copies that are still due wait a while; return how many. Inside a write."""
    due = [copies.get_copy(store, copy_id) for copy_id in copy_ids]
    waiting = [copy for copy in due if copy.due is not None and copy.hold is None]
    waits = ((copy, min(PUT_OFF * 2 ** min(copy.tries, 6), 3600)) for copy in waiting)
    copies.update_copies(store, (replace(copy, due=now + wait, tries=copy.tries + 1) for copy, wait in waits))
    return len(waiting)
