"""Occurrences that nobody changed before: they have no row yet for what Google says of them to be held against.

They get one where that is needed: an exception that says what its series says, as if it had stood there before. The
guard's deletions wait on it, and where ours stands, what Google changed of our series is written back from it.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from calsyncctl.errors import NotFound
from calsyncctl.model.copy import Copy, CopyState, Known, RemoteEvent
from calsyncctl.model.event import Event
from calsyncctl.model.when import span
from calsyncctl.store import copies, events
from calsyncctl.store.db import Store
from calsyncctl.sync.choice import Policy
from calsyncctl.sync.editing.occurrences import exception_of, inherited
from calsyncctl.sync.editing.record import home_of
from calsyncctl.sync.pulling.scene import Scene
from calsyncctl.sync.stand import stand_of


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


def ours_unchanged(store: Store, scene: Scene, strangers: Sequence[RemoteEvent]) -> dict[str, int]:
    """Return the series (event ids) of occurrences that Google changed where ours stands, by the occurrence's id.

    Not in a full listing: there, after the store was lost, they may be our own changes.
    """
    masters = {item.master for item in strangers if item.master and item.original}
    if not masters or scene.listing is not None or scene.first:
        return {}
    series = copies.known_copies(store, scene.calendar.id, masters)
    standing = {name: one.event.id for name, one in series.items() if _is_ours(store, scene, one)}
    return {item.google_id: standing[item.master] for item in strangers if item.master in standing and item.original}


def _is_ours(store: Store, scene: Scene, series: Known) -> bool:
    if series.event.deleted is not None or series.event.content is None or series.copy.state is not CopyState.LIVE:
        return False
    rules = stand_of(store, scene.calendar, series, scene.policy).rules
    return rules.held and rules.policy is Policy.OURS


def give_rows(store: Store, scene: Scene, items: Sequence[RemoteEvent], series_of: dict[str, int]) -> set[str]:
    """Give occurrences a row as if they stood unchanged; return the ids of those that got one."""
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
    starts, ends = span(content.when, home_of(store, series).zone)
    fresh = exception_of(series, original, scene.keys(1)[0], content)
    event = replace(fresh, id=events.next_id(store), starts=starts, ends=ends)
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
