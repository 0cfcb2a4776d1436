"""Series and their exceptions: joined in whatever order they come, deleted together.

An exception is known by its series and its original start. It may come before its series, pages or passes apart: it
is kept at once, with the Google id of the series that it waits for, and joined when that comes; if it never comes
(one was invited to a single occurrence) it stands alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from calsyncctl.model.calendar import Calendar
from calsyncctl.model.copy import Base, CopyState, Known, RemoteEvent
from calsyncctl.model.event import Event
from calsyncctl.model.history import Lost
from calsyncctl.store import copies, events, links
from calsyncctl.store.db import Store
from calsyncctl.sync.choice import Policy
from calsyncctl.sync.pulling.heard import agreed_before
from calsyncctl.sync.stand import stand_of, waiting


def series_of(
    store: Store, calendar_id: int, added: Iterable[RemoteEvent], numbers: Mapping[str, int]
) -> dict[int, int]:
    """Return which of the items about to be added belong to a series already here, or among them: event id -> series.

    `numbers` are the ids that the items are to have. Where an exception stands already, a second one is left to
    `join_series`.
    """
    exceptions = [item for item in added if item.master and item.original]
    if not exceptions:
        return {}
    here = copies.event_ids(store, calendar_id, {item.master or "" for item in exceptions} - numbers.keys())
    taken = events.taken_slots(store, here.values())
    found: dict[int, int] = {}
    for item in exceptions:
        series_id = numbers.get(item.master or "") or here.get(item.master or "")
        slot = (series_id or 0, item.original or "")
        if series_id and slot not in taken:
            taken.add(slot)
            found[numbers[item.google_id]] = series_id
    events.unexpand(store, set(here.values()))
    return found


def join_series(store: Store, calendar_id: int, added: Iterable[RemoteEvent]) -> None:
    """Join what still waits: exceptions that came before their series, and those whose place a deleted one held."""
    masters = {item.master or item.google_id for item in added if item.master or _repeats(item)}
    waiting = copies.orphans(store, calendar_id, masters) if masters else []
    if not waiting:
        return
    series = copies.event_ids(store, calendar_id, {master for _, master, _ in waiting})
    joined = [(event_id, series[master], original) for event_id, master, original in waiting if master in series]
    events.free_slots(store, [(series_id, original) for _, series_id, original in joined])
    events.join_exceptions(store, [(event_id, series_id) for event_id, series_id, _ in joined])
    events.unexpand(store, {series_id for _, series_id, _ in joined})


def _repeats(item: RemoteEvent) -> bool:
    return item.content is not None and bool(item.content.when.recurrence)


def unheld_exceptions(store: Store, calendar: Calendar, items: Iterable[RemoteEvent]) -> set[str]:
    """Return the exceptions (Google ids) of series whose copy stays on a calendar though no link holds it any more.

    Such a copy says nothing to its event, and neither do they, until the series is linked again. What is said of a copy
    on its way out still counts.
    """
    masters = {item.google_id: item.master for item in items if item.master}
    series = copies.known_copies(store, calendar.id, set(masters.values())) if masters else {}
    unheld = {master for master, known in series.items() if _is_unheld(store, calendar, known)}
    return {google_id for google_id, master in masters.items() if master in unheld}


def _is_unheld(store: Store, calendar: Calendar, series: Known) -> bool:
    home = series.event.calendar_id
    stays = home != calendar.id and series.copy.state is CopyState.LIVE
    return stays and links.find_link(store, home, calendar.id) is None


def delete_exceptions(
    store: Store, calendar: Calendar, gone: Iterable[Event], run_id: int | None, now: int, *, spared: set[int]
) -> list[tuple[Event, tuple[Lost, ...]]]:
    """Delete the exceptions of series that were deleted on a google calendar, but those that the same answer says live.

    Return them with the edits that were still to be pushed: they are lost with the series.
    """
    deleted: list[tuple[Event, tuple[Lost, ...]]] = []
    for series in gone:
        if series.original is not None:
            continue  # an exception has none of its own
        standing = [event for event in events.exceptions_of(store, series.id) if event.id not in spared]
        _keep_agreed(store, calendar, standing)
        deleted += [(_deleted(event, now), _unpushed(store, calendar, event)) for event in standing]
    if deleted:
        events.update_events(store, (event for event, _ in deleted), run_id)
        copies.mark_deleted(store, [event for event, _ in deleted], calendar.id)
        copies.make_due(store, [event.id for event, _ in deleted], now)
    return deleted


def _keep_agreed(store: Store, calendar: Calendar, exceptions: Iterable[Event]) -> None:
    """Let the copies of exceptions that go with their series keep what was agreed on, should it only have moved."""
    found = [known for event in exceptions if (known := copies.known_on(store, event.id, calendar.id)) is not None]
    stands = {one.copy.id: stand_of(store, calendar, one, Policy.THEIRS) for one in found}
    copies.update_copies(store, (replace(one.copy, base=agreed_before(one, stands[one.copy.id])) for one in found))


def remember_agreed(store: Store, calendar: Calendar, master: str) -> None:
    """Let the copies of exceptions keep what is agreed on now, while their series comes back for an edit's sake.

    Should it only have moved, nothing that is told of them meanwhile was told where it went.
    """
    living = [one for one in copies.exceptions_on(store, calendar.id, master) if one.copy.state is CopyState.LIVE]
    stands = {one.copy.id: stand_of(store, calendar, one, Policy.THEIRS) for one in living}
    bases = ((one.copy, stands[one.copy.id].base_version, stands[one.copy.id].base) for one in living)
    agreed = ((copy, None if version is None or base is None else Base(version, base)) for copy, version, base in bases)
    copies.update_copies(store, (replace(copy, base=base) for copy, base in agreed))


def _deleted(event: Event, now: int) -> Event:
    return replace(event, deleted=now, version=event.version + 1)


def _unpushed(store: Store, calendar: Calendar, event: Event) -> tuple[Lost, ...]:
    known = copies.known_on(store, event.id, calendar.id)
    if known is None or event.content is None or known.copy.base_version == event.version:
        return ()
    return waiting(stand_of(store, calendar, known, Policy.THEIRS), event.content, Policy.THEIRS).lost
