"""Items that were read → the store: decided one by one, written together, inside the caller's transaction.

The order matters in one place only: the exceptions of a deleted series go first, so that an exception which the same
answer says is alive stays so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import NamedTuple

from msgspec.structs import replace

from calsyncctl.model.calendar import Calendar
from calsyncctl.model.copy import Copy, Known, RemoteEvent
from calsyncctl.model.event import Event, EventKind
from calsyncctl.model.history import Action, Counts, Version
from calsyncctl.model.when import span
from calsyncctl.store import copies, events, listings, runs
from calsyncctl.store.db import Store
from calsyncctl.sync.classify import kind_of
from calsyncctl.sync.incoming import Incoming, Verdict, decide, settle_series
from calsyncctl.sync.ledger import Ledger
from calsyncctl.sync.provider import OddItem
from calsyncctl.sync.series import delete_exceptions, join_series, series_of

GOOGLE = "google"
"""Origin of events made there, and author of changes that came from there."""

_ACTIONS = {
    Verdict.ADD: Action.ADDED,
    Verdict.TAKE: Action.CHANGED,
    Verdict.RESTORE: Action.RESTORED,
    Verdict.DELETE: Action.DELETED,
    Verdict.CANCEL: Action.CANCELLED,
}
_OF_EXISTENCE = {Verdict.RESTORE, Verdict.DELETE, Verdict.CANCEL}


@dataclass(frozen=True, slots=True)
class Scene:
    """Where items are applied: the calendar, which listing named them, and when.

    `listing` is the number of the full listing under way, None in an incremental pull; `first` the calendar's first
    listing, which writes no versions.
    """

    calendar: Calendar
    ledger: Ledger
    keys: Callable[[int], list[str]]
    now: int
    listing: int | None
    first: bool


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of the items; `stale` are the ids to be read again."""

    counts: Counts
    odd: tuple[OddItem, ...] = ()
    stale: tuple[str, ...] = ()


class _Timed(NamedTuple):
    """A decision on an unknown item, with the instants of the event to be."""

    decision: Incoming
    starts: int | None
    ends: int | None


class _Placed(NamedTuple):
    """A decision with the event that it makes."""

    decision: Incoming
    event: Event


def apply_items(store: Store, scene: Scene, items: Sequence[RemoteEvent], *, confirmed: bool = False) -> Applied:
    """Bring the store to what the items say; inside `scene.ledger.write`.

    `confirmed`: they were asked for by their ids just now, not found in a listing.
    """
    latest = _latest(items)
    known = copies.known_copies(store, scene.calendar.id, latest) if latest else {}
    decisions = [decide(item, known.get(google_id), confirmed=confirmed) for google_id, item in latest.items()]
    decisions = settle_series(decisions)
    takes = kind_of(scene.calendar.mode) is not None
    decisions = [one for one in decisions if one.known is not None or (takes and one.verdict is not Verdict.NOTHING)]
    odd: list[OddItem] = []
    _add(store, scene, [one for one in decisions if one.known is None], odd)
    _change(store, scene, [one for one in decisions if one.known is not None], odd)
    _name(store, scene, decisions)
    stale = tuple(one.item.google_id for one in decisions if one.verdict is Verdict.STALE)
    return Applied(_count(decisions, odd, scene.first), tuple(odd), stale)


def _latest(items: Sequence[RemoteEvent]) -> dict[str, RemoteEvent]:
    """Collapse items named twice in one answer into their latest state."""
    latest: dict[str, RemoteEvent] = {}
    for item in items:
        earlier = latest.get(item.google_id)
        if earlier is None or not item.updated or item.updated >= earlier.updated:
            latest[item.google_id] = item
    return latest


def _add(store: Store, scene: Scene, decisions: list[Incoming], odd: list[OddItem]) -> None:
    """Keep items that were not known; those that cannot be placed in time are odd and left out."""
    kind = kind_of(scene.calendar.mode)
    if kind is None or not decisions:
        return
    run_id = scene.ledger.run(store)
    added = _new_events(store, scene, kind, _in_time(scene, decisions, odd))
    events.insert_events(store, (one.event for one in added), run_id)
    copies.insert_copies(store, (_new_copy(one.decision, one.event, scene) for one in added))
    join_series(store, scene.calendar.id, [one.decision.item for one in added])
    if not scene.first:
        runs.add_versions(store, _versions(scene, run_id, added))


def _in_time(scene: Scene, decisions: Iterable[Incoming], odd: list[OddItem]) -> list[_Timed]:
    """Put unknown items in time and in order: series before exceptions, and by Google id.

    In that order neighbours in the indexes are written together, which saves a fifth of the time.
    """
    zone = scene.calendar.zone
    timed = [
        _Timed(one, instants[0], instants[1])
        for one in decisions
        if (instants := _instants(one, zone, odd)) is not None
    ]
    timed.sort(key=lambda one: (one.decision.item.master is not None, one.decision.item.google_id))
    return timed


def _new_events(store: Store, scene: Scene, kind: EventKind, timed: Sequence[_Timed]) -> list[_Placed]:
    """Make the events of unknown items."""
    calendar, first = scene.calendar, events.next_id(store)
    items = [one.decision.item for one in timed]
    numbers = {item.google_id: number for number, item in enumerate(items, first)}
    series = series_of(store, calendar.id, items, numbers)
    return [
        _Placed(
            decision,
            Event(
                id=number,
                key=key,
                calendar_id=calendar.id,
                kind=kind,
                origin=GOOGLE,
                content=decision.content,
                starts=starts,
                ends=ends,
                version=1,
                status=decision.content.status if decision.content else "cancelled",
                ical_uid=decision.item.ical_uid,
                series_id=series.get(number),
                original=decision.item.original,
            ),
        )
        for number, key, (decision, starts, ends) in zip(count(first), sorted(scene.keys(len(timed))), timed)
    ]


def _instants(decision: Incoming, zone: str, odd: list[OddItem]) -> tuple[int | None, int | None] | None:
    """Return start and end of the event to be, (None, None) for one that takes no time; None: it cannot be placed."""
    if decision.content is None:
        return None, None
    try:
        return span(decision.content.when, zone)
    except (ValueError, OverflowError):
        odd.append(OddItem(decision.item.google_id, "its times cannot be read"))
        return None


def _new_copy(decision: Incoming, event: Event, scene: Scene) -> Copy:
    item = decision.item
    return Copy(
        id=0,  # the table gives it
        event_id=event.id,
        calendar_id=event.calendar_id,
        google_id=item.google_id,
        master_google_id=item.master,
        etag=item.etag,
        updated=item.updated,
        base_version=event.version,
        extra=item.extra or None,
        heard=scene.listing or scene.calendar.listing,
    )


def _change(store: Store, scene: Scene, decisions: list[Incoming], odd: list[OddItem]) -> None:
    """Keep what is new of items that were known."""
    changed = [placed for one in decisions if one.verdict in _ACTIONS and (placed := _placed(one, scene, odd))]
    noted = [one for one in decisions if one.verdict is Verdict.NOTE and one.known is not None]
    if not changed and not noted:
        return
    run_id = scene.ledger.run(store) if changed else None
    gone = [one.event for one in changed if one.decision.verdict is Verdict.DELETE]
    alive = {one.known.event.id for one in decisions if one.known is not None and one.item.content is not None}
    also_gone = delete_exceptions(store, gone, run_id, scene.now, spared=alive)
    events.update_events(store, (one.event for one in changed), run_id)
    copies.update_copies(store, _changed_copies(scene, changed, noted))
    events.unexpand(store, _series_of(changed))
    if not scene.first and run_id is not None:
        runs.add_versions(store, _versions(scene, run_id, changed))
        runs.add_versions(store, _cascaded(scene, run_id, also_gone))


def _placed(decision: Incoming, scene: Scene, odd: list[OddItem]) -> _Placed | None:
    """Return the event as the decision leaves it, None if it cannot be placed in time."""
    assert decision.known is not None
    event = replace(decision.known.event, version=decision.known.event.version + 1)
    if decision.verdict is Verdict.DELETE:
        return _Placed(decision, replace(event, deleted=scene.now))
    if decision.verdict is Verdict.CANCEL:
        # It keeps what it said, but takes no time any more.
        return _Placed(decision, replace(event, status="cancelled", starts=None, ends=None, deleted=None))
    instants = _instants(decision, scene.calendar.zone, odd)
    if instants is None or decision.content is None:
        return None
    content, ical_uid = decision.content, decision.item.ical_uid or event.ical_uid
    return _Placed(
        decision,
        replace(
            event,
            content=content,
            status=content.status,
            starts=instants[0],
            ends=instants[1],
            ical_uid=ical_uid,
            deleted=None,
        ),
    )


def _changed_copies(scene: Scene, changed: Iterable[_Placed], noted: Iterable[Incoming]) -> Iterator[Copy]:
    for decision, event in changed:
        assert decision.known is not None
        state = "deleted" if decision.verdict is Verdict.DELETE else "live"
        yield replace(_heard(decision, decision.known, scene), base_version=event.version, state=state)
    for decision in noted:
        assert decision.known is not None
        yield _heard(decision, decision.known, scene)


def _heard(decision: Incoming, known: Known, scene: Scene) -> Copy:
    """Return the copy with Google's last answer. A tombstone often has neither time nor tag: the old ones stay."""
    item, copy = decision.item, known.copy
    return replace(
        copy,
        master_google_id=item.master or copy.master_google_id,
        etag=item.etag or copy.etag,
        updated=item.updated or copy.updated,
        there=decision.there,
        extra=copy.extra if item.content is None or item.hidden else item.extra or None,
        heard=scene.listing or scene.calendar.listing,
    )


def _series_of(changed: Iterable[_Placed]) -> set[int]:
    """Return the series whose occurrences an exception brings, hides or gives back."""
    return {
        one.event.series_id
        for one in changed
        if one.event.series_id is not None and one.decision.verdict in _OF_EXISTENCE
    }


def _versions(scene: Scene, run_id: int, placed: Iterable[_Placed]) -> Iterator[Version]:
    for decision, event in placed:
        yield _version(scene, run_id, event, _ACTIONS[decision.verdict], "Google says so", decision)


def _cascaded(scene: Scene, run_id: int, gone: Iterable[Event]) -> Iterator[Version]:
    for event in gone:
        yield _version(scene, run_id, event, Action.DELETED, "its series was deleted", None)


def _version(scene: Scene, run_id: int, event: Event, action: Action, why: str, decision: Incoming | None) -> Version:
    return Version(
        event_id=event.id,
        version=event.version,
        run_id=run_id,
        calendar_id=event.calendar_id,
        at=scene.now,
        author=GOOGLE,
        action=action,
        why=why,
        changes=decision.changes if decision is not None else (),
    )


def _name(store: Store, scene: Scene, decisions: Iterable[Incoming]) -> None:
    """Note which known items a full listing named; new and changed ones say so by their copies."""
    if scene.listing is not None:
        quiet = {Verdict.NOTHING, Verdict.STALE}
        named = [one.item.google_id for one in decisions if one.known is not None and one.verdict in quiet]
        listings.name_items(store, scene.calendar.id, scene.listing, named)


def _count(decisions: Iterable[Incoming], odd: list[OddItem], first: bool) -> Counts:
    """Count the items; the occurrences that a first listing cancels are no news to anybody."""
    unreadable = {item.google_id for item in odd}
    tally = Counter(
        one.verdict
        for one in decisions
        if one.item.google_id not in unreadable and not (first and one.known is None and one.content is None)
    )
    return Counts(
        new=tally[Verdict.ADD],
        changed=tally[Verdict.TAKE] + tally[Verdict.RESTORE],
        deleted=tally[Verdict.DELETE] + tally[Verdict.CANCEL],
        unchanged=tally[Verdict.NOTHING] + tally[Verdict.NOTE],
        odd=len(odd),
        stale=tally[Verdict.STALE],
    )
