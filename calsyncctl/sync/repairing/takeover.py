"""Taking over what another installation made: its events become ours here, and bear our mark in Google.

The mark alone is written, nobody is mailed. Cut off in the middle, the next `reconcile --adopt` goes on with the rest.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from calsyncctl.errors import Gone, Invalid, Outdated, Refused, Unknown
from calsyncctl.model.calendar import Calendar
from calsyncctl.model.copy import Copy, Known, RemoteEvent, Tag
from calsyncctl.store import calendars, copies, events, shades
from calsyncctl.store.db import Store
from calsyncctl.sync.links import home_name
from calsyncctl.sync.policy import HERE
from calsyncctl.sync.provider import Answer, Patch
from calsyncctl.sync.pulling.adopt import mark_of
from calsyncctl.sync.pulling.apply_items import apply_items
from calsyncctl.sync.pulling.deletions import set_aside
from calsyncctl.sync.pulling.pull import Means, scene_of
from calsyncctl.sync.repairing.survey import read_items

BATCH = 50
"""Marks written together."""


def take_over(store: Store, calendar: Calendar, means: Means, google_ids: Sequence[str]) -> None:
    """Make events ours that bear the mark of an installation to be adopted; those unknown here come with the repair.

    Raises:
        Later, NeedsReauth, Installation: as the provider says; what was done stays done.
    """
    for at in range(0, len(google_ids), BATCH):
        items = read_items(means, calendar, google_ids[at : at + BATCH])
        with store.write():
            known = copies.known_copies(store, calendar.id, [item.google_id for item in items])
            _make_ours(store, means, items, known)
        _merge(store, calendar, means, [item for item in items if item.google_id in known])
        if shades.is_shadow(store, calendar.id):
            continue  # its events are ours here; their marks wait for a reconcile after it is trusted
        _write_marks(store, calendar, means, [item for item in items if item.google_id in known])


def _merge(store: Store, calendar: Calendar, means: Means, items: Sequence[RemoteEvent]) -> None:
    """Take what they say first: the mark is written on condition of it."""
    scene = scene_of(calendar, means, means.clock.now())
    with means.ledger.write(store):
        apply_items(store, scene, set_aside(store, scene, items, confirmed=True), confirmed=True)


def _make_ours(store: Store, means: Means, items: Sequence[RemoteEvent], known: dict[str, Known]) -> None:
    for item in items:
        tag = mark_of(item, means.engine.adopt)
        if tag is None or item.google_id not in known or known[item.google_id].event.origin == HERE:
            continue
        event = known[item.google_id].event
        taken = events.by_keys(store, [tag.key]).get(tag.key, event.id) != event.id
        events.make_ours(store, event.id, event.key if taken else tag.key)


def _write_marks(store: Store, calendar: Calendar, means: Means, items: Sequence[RemoteEvent]) -> None:
    assert calendar.google_id is not None
    alive = [item for item in items if item.content is not None and mark_of(item, means.engine.adopt)]
    if not alive:
        return
    now = means.clock.now()
    with store.write():
        known = copies.known_copies(store, calendar.id, [item.google_id for item in alive])
        copies.update_copies(store, (_under_way(known[item.google_id], now) for item in alive))
    writes = tuple(_mark(store, means, item, known[item.google_id]) for item in alive)
    for item, answer in zip(alive, means.provider.write_events(calendar.google_id, writes), strict=True):
        _keep(store, known[item.google_id], answer)


def _under_way(known: Known, now: int) -> Copy:
    """Return a copy whose mark is being written: cut off there, the next push reads it first."""
    copy = known.copy
    return replace(copy, sent_version=known.event.version, due=now if copy.due is None else copy.due)


def _mark(store: Store, means: Means, item: RemoteEvent, known: Known) -> Patch:
    assert item.content is not None
    home = calendars.get_calendar(store, known.event.calendar_id)
    tag = Tag(
        instance=means.engine.instance,
        key=known.event.key,
        google_id=item.google_id,
        home=home_name(home),
        booking=item.tag.booking if item.tag is not None else "",
    )
    return Patch(
        google_id=item.google_id,
        etag=item.etag,
        before=item.content,
        after=item.content,
        fields=frozenset(),
        tag=tag,
    )


def _keep(store: Store, known: Known, answer: Answer) -> None:
    """Keep Google's new etag; an event that changed meanwhile, or may not be written to, is left for the next time.

    Raises:
        Later, NeedsReauth, Installation: as the provider says. Of an unknown outcome it stays noted that one is.
    """
    if isinstance(answer.error, Unknown):
        raise answer.error
    with store.write():
        (now,) = copies.known_by_id(store, [known.copy.id])
        edited = now.event.version != known.event.version
        kept = replace(now.copy, sent_version=None, due=now.copy.due if edited else known.copy.due)
        if answer.event is not None:
            kept = replace(kept, etag=answer.event.etag, updated=answer.event.updated or kept.updated)
        copies.update_copies(store, [kept])
    if answer.error is not None and not isinstance(answer.error, Outdated | Gone | Refused | Invalid):
        raise answer.error
