"""Full listings: begun under a number, and settled: what they did not name is asked for by its id before it counts.

A listing may be empty or cut, by a server's mood or a lost right; absence alone never deletes anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from calsyncctl.model.copy import RemoteEvent
from calsyncctl.model.history import Counts
from calsyncctl.store import calendars, copies, listings, oddities
from calsyncctl.store.db import Store
from calsyncctl.sync.provider import EventsPage, Provider
from calsyncctl.sync.pulling.apply_items import apply_items
from calsyncctl.sync.pulling.deletions import set_aside
from calsyncctl.sync.pulling.scene import Applied, Scene

ASKED_AT_ONCE = 200
"""Absent items asked for, and settled, at a time."""


def begin_listing(store: Store, calendar_id: int, query: str) -> int:
    """Begin a full listing and return its number; whatever an earlier one left unfinished is void."""
    with store.write():
        number = calendars.begin_listing(store, calendar_id, query)
        listings.open_listing(store, calendar_id, number)
    return number


def note_odd(store: Store, calendar_id: int, page: EventsPage, applied: Applied) -> None:
    """Keep which items of a page cannot be read; inside the page's own transaction."""
    odd = [(item.google_id, item.why) for item in (*page.odd, *applied.odd)]
    oddities.note(store, calendar_id, odd, seen=[item.google_id for item in page.items])


def settle_absences(store: Store, provider: Provider, scene: Scene) -> Counts:
    """Decide about every copy that a complete listing did not name, then forget the listing.

    Killed in the middle it goes on at the next pass: each chunk is settled for good in its own transaction.
    """
    calendar, listing = scene.calendar, scene.listing
    assert calendar.google_id is not None
    assert listing is not None
    counts, after = Counts(), 0
    while absent := copies.absent_copies(store, calendar.id, listing, after=after, limit=ASKED_AT_ONCE):
        answers = provider.get_events(calendar.google_id, tuple(google_id for _, google_id in absent))
        with scene.ledger.write(store):
            applied = apply_items(
                store, scene, set_aside(store, scene, _as_items(answers), confirmed=True), confirmed=True
            )
        counts, after = counts + replace_unchanged(applied.counts), absent[-1][0]
    return counts


def reread(store: Store, provider: Provider, scene: Scene, google_ids: tuple[str, ...]) -> Counts:
    """Ask again for items whose listed state was older than what is held; what is still older is not taken."""
    calendar = scene.calendar
    assert calendar.google_id is not None
    answers = provider.get_events(calendar.google_id, google_ids)
    found = [item for item in answers.values() if item is not None]
    single = replace(scene, listing=None)
    with scene.ledger.write(store):
        return apply_items(store, single, set_aside(store, single, found, confirmed=True), confirmed=True).counts


def _as_items(answers: Mapping[str, RemoteEvent | None]) -> list[RemoteEvent]:
    """Take "not there" for a tombstone without anything but its id."""
    return [
        item or RemoteEvent(google_id=google_id, etag="", updated="", content=None)
        for google_id, item in answers.items()
    ]


def replace_unchanged(counts: Counts) -> Counts:
    """Leave out what was found alive and unchanged: it is no news, and was not listed."""
    return Counts(new=counts.new, changed=counts.changed, deleted=counts.deleted, odd=counts.odd)
