"""Cancelled occurrences that nobody changed before: they have no row yet on which a deletion could wait.

Where the guard holds them, they get one: an exception that says what its series says, as if it had stood there before.
"""

from __future__ import annotations

from collections.abc import Sequence

from calsyncctl.errors import NotFound
from calsyncctl.model.copy import Copy, RemoteEvent
from calsyncctl.model.event import Event
from calsyncctl.model.when import span
from calsyncctl.store import copies, events
from calsyncctl.store.db import Store
from calsyncctl.sync.editing.occurrences import inherited
from calsyncctl.sync.pulling.scene import Scene


def unchanged_before(store: Store, scene: Scene, items: Sequence[RemoteEvent]) -> dict[str, int]:
    """Return the series (event ids) of cancelled occurrences that have no row here, by the occurrence's Google id.

    Only where their series live on this calendar, and not in a full listing, which tells old cancellations again.
    """
    dead = {item.google_id: item.master for item in items if item.content is None and item.master and item.original}
    if not dead or scene.listing is not None or scene.first:
        return {}
    known = copies.event_ids(store, scene.calendar.id, dead)
    masters = copies.event_ids(store, scene.calendar.id, {master for master in dead.values() if master})
    found = {name: masters[master] for name, master in dead.items() if name not in known and master in masters}
    homes = {series: events.get_event(store, series) for series in set(found.values())}
    return {name: one for name, one in found.items() if _lives_here(homes[one], scene)}


def _lives_here(series: Event, scene: Scene) -> bool:
    return series.calendar_id == scene.calendar.id and series.deleted is None and series.content is not None


def give_rows(store: Store, scene: Scene, items: Sequence[RemoteEvent], series_of: dict[str, int]) -> set[str]:
    """Give cancelled occurrences a row as if they stood unchanged; return the ids of those that got one."""
    given: set[str] = set()
    for item in items:
        series_id = series_of.get(item.google_id)
        if series_id is not None and _give_row(store, scene, item, events.get_event(store, series_id)):
            given.add(item.google_id)
    return given


def _give_row(store: Store, scene: Scene, item: RemoteEvent, series: Event) -> bool:
    original = item.original or ""
    if events.exception_at(store, series.id, original) is not None:
        return False
    try:
        content = inherited(store, series, original)
    except NotFound:  # the rule has no such occurrence: nothing is lost with it
        return False
    starts, ends = span(content.when, scene.calendar.zone)
    event = Event(
        id=events.next_id(store),
        key=scene.keys(1)[0],
        calendar_id=series.calendar_id,
        kind=series.kind,
        origin=series.origin,
        content=content,
        starts=starts,
        ends=ends,
        version=1,
        status=content.status,
        ical_uid=series.ical_uid,
        series_id=series.id,
        original=original,
    )
    events.insert_events(store, [event], scene.ledger.run(store))
    copies.insert_copies(
        store,
        [
            Copy(
                id=0,  # the table gives it
                event_id=event.id,
                calendar_id=scene.calendar.id,
                google_id=item.google_id,
                master_google_id=item.master,
                base_version=1,
                heard=scene.heard,
            )
        ],
    )
    events.unexpand(store, {series.id})
    return True
