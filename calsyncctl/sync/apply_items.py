"""Items that were read → the store: decided one by one, written together, inside the caller's transaction.

The order matters in one place only: the exceptions of a deleted series go first, so that an exception which the same
answer says is alive stays so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from msgspec.structs import replace

from calsyncctl.model.calendar import Calendar
from calsyncctl.model.copy import Copy, RemoteEvent
from calsyncctl.model.event import Event
from calsyncctl.model.history import Counts
from calsyncctl.model.when import span
from calsyncctl.store import calendars, copies, events, listings, runs
from calsyncctl.store.db import Store
from calsyncctl.sync.arrival import homes_of, recognise
from calsyncctl.sync.choice import Policy
from calsyncctl.sync.classify import kind_of
from calsyncctl.sync.heard import heard_copy, settled_copy
from calsyncctl.sync.incoming import Incoming, Verdict, decide
from calsyncctl.sync.ledger import Ledger
from calsyncctl.sync.links import plan_copies
from calsyncctl.sync.policy import GOOGLE
from calsyncctl.sync.provider import OddItem
from calsyncctl.sync.series import delete_exceptions, join_series
from calsyncctl.sync.stand import stands_for
from calsyncctl.sync.telling import ACTIONS, cascaded, told

_OF_EXISTENCE = {Verdict.RESTORE, Verdict.DELETE, Verdict.CANCEL, Verdict.REVIVE}
_COPY_ONLY = {Verdict.NOTE, Verdict.LAPSE, Verdict.AGREE}


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
    policy: Policy = Policy.GOOGLE_WINS
    instance: str = ""


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of the items; `stale` are the ids to be read again."""

    counts: Counts
    odd: tuple[OddItem, ...] = ()
    stale: tuple[str, ...] = ()


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
    strangers = [item for google_id, item in latest.items() if google_id not in known]
    known |= recognise(store, scene.calendar, strangers, scene.now)
    stands = stands_for(store, scene.calendar, known.values(), scene.policy)
    decisions = [
        decide(item, known.get(google_id), stands.get(google_id), confirmed=confirmed)
        for google_id, item in latest.items()
    ]
    decisions = [one for one in decisions if one.known is not None or _is_wanted(one, scene)]
    odd: list[OddItem] = []
    added = _add(store, scene, [one for one in decisions if one.known is None], odd)
    _change(store, scene, [one for one in decisions if one.known is not None], odd)
    join_series(store, scene.calendar.id, [one.decision.item for one in added])
    _name(store, scene, decisions)
    stale = tuple(one.item.google_id for one in decisions if one.verdict is Verdict.STALE)
    return Applied(_count(decisions, odd, scene.first), tuple(odd), stale)


def _is_wanted(decision: Incoming, scene: Scene) -> bool:
    """Tell whether an unknown item is to be kept: not a tombstone, nor anything where the mode takes nothing."""
    return decision.verdict is not Verdict.NOTHING and kind_of(scene.calendar.mode) is not None


def _latest(items: Sequence[RemoteEvent]) -> dict[str, RemoteEvent]:
    """Collapse items named twice in one answer into their latest state."""
    latest: dict[str, RemoteEvent] = {}
    for item in items:
        earlier = latest.get(item.google_id)
        if earlier is None or not item.updated or item.updated >= earlier.updated:
            latest[item.google_id] = item
    return latest


def _add(store: Store, scene: Scene, decisions: list[Incoming], odd: list[OddItem]) -> list[_Placed]:
    """Keep items that were not known; those that cannot be placed in time are odd and left out."""
    kind = kind_of(scene.calendar.mode)
    if kind is None or not decisions:
        return []
    calendar, run_id = scene.calendar, scene.ledger.run(store)
    numbers, keys = iter(range(events.next_id(store), 1 << 62)), iter(scene.keys(len(decisions)))
    homes = homes_of(store, calendar, [one.item for one in decisions], scene.instance)
    added: list[_Placed] = []
    for decision in decisions:
        item, instants = decision.item, _instants(decision, calendar.zone, odd)
        if instants is None:
            continue
        event = Event(
            id=next(numbers),
            key=next(keys),
            calendar_id=homes.get(decision.item.google_id, calendar.id),
            kind=kind,
            origin=GOOGLE,
            content=decision.content,
            starts=instants[0],
            ends=instants[1],
            version=1,
            status=decision.content.status if decision.content else "cancelled",
            ical_uid=item.ical_uid,
            original=item.original,
        )
        added.append(_Placed(decision, event))
    events.insert_events(store, (one.event for one in added), run_id)
    copies.insert_copies(store, (_new_copy(one.decision, one.event, scene) for one in added))
    if not scene.first:
        runs.add_versions(
            store, (version for one in added for version in told(one.decision, one.event, run_id, scene.now))
        )
    for one in added:
        if one.event.calendar_id != calendar.id:
            plan_copies(store, one.event, scene.instance, scene.now)
    return added


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
        calendar_id=scene.calendar.id,
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
    changed = [placed for one in decisions if one.verdict in ACTIONS and (placed := _placed(store, one, scene, odd))]
    noted = [one for one in decisions if one.verdict in _COPY_ONLY]
    if not changed and not noted:
        return
    quiet = not changed and not any(one.lost for one in noted)
    run_id = None if quiet else scene.ledger.run(store)
    gone = [one.event for one in changed if one.decision.verdict is Verdict.DELETE]
    alive = {one.known.event.id for one in decisions if one.known is not None and one.item.content is not None}
    also_gone = delete_exceptions(store, scene.calendar, gone, run_id, scene.now, spared=alive)
    events.update_events(store, (one.event for one in changed), run_id)
    copies.update_copies(store, _copies(scene, changed, noted))
    events.unexpand(store, _series_of(changed))
    _spread(store, scene, changed)
    if run_id is not None:
        _tell(store, scene, run_id, changed, noted)
        runs.add_versions(store, cascaded(also_gone, run_id, scene.now))


def _copies(scene: Scene, changed: Iterable[_Placed], noted: Iterable[Incoming]) -> Iterator[Copy]:
    listing = scene.listing or scene.calendar.listing
    for decision, event in changed:
        yield settled_copy(heard_copy(decision, listing), decision, event, scene.now)
    for decision in noted:
        assert decision.known is not None
        yield settled_copy(heard_copy(decision, listing), decision, decision.known.event, scene.now)


def _spread(store: Store, scene: Scene, changed: Iterable[_Placed]) -> None:
    """Let the other copies of changed events wait to be pushed; those that simply follow Google have none."""
    spread = [one for one in changed if one.decision.stand is not None or one.event.calendar_id != scene.calendar.id]
    for decision, event in spread:
        assert decision.known is not None
        copies.make_others_due(store, event.id, decision.known.copy.id, scene.now)


def _tell(store: Store, scene: Scene, run_id: int, changed: list[_Placed], noted: list[Incoming]) -> None:
    """Write the history: not of a first listing, unless it met what was here before."""
    placed = [one for one in changed if not scene.first or one.decision.stand is not None]
    journalled = [_Placed(one, one.known.event) for one in noted if one.lost and one.known is not None]
    runs.add_versions(
        store,
        (version for one in (*placed, *journalled) for version in told(one.decision, one.event, run_id, scene.now)),
    )


def _placed(store: Store, decision: Incoming, scene: Scene, odd: list[OddItem]) -> _Placed | None:
    """Return the event as the decision leaves it, None if it cannot be placed in time."""
    assert decision.known is not None
    raised = 2 if decision.verdict is Verdict.WRITE_BACK else 1  # Google's change, and ours again
    event = replace(decision.known.event, version=decision.known.event.version + raised)
    if decision.verdict is Verdict.DELETE:
        return _Placed(decision, replace(event, deleted=scene.now))
    if decision.verdict is Verdict.CANCEL:
        # It keeps what it said, but takes no time any more.
        return _Placed(decision, replace(event, status="cancelled", starts=None, ends=None, deleted=None))
    if decision.verdict is Verdict.REVIVE:
        return _Placed(decision, event)
    instants = _instants(decision, _zone_of(store, scene, event), odd)
    if instants is None or decision.content is None:
        return None
    content, ical_uid = decision.content, event.ical_uid
    if event.calendar_id == scene.calendar.id:
        ical_uid = decision.item.ical_uid or ical_uid
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


def _zone_of(store: Store, scene: Scene, event: Event) -> str:
    """Return the zone of the event's own calendar: its all-day times are meant there."""
    if event.calendar_id == scene.calendar.id:
        return scene.calendar.zone
    return calendars.get_calendar(store, event.calendar_id).zone


def _series_of(changed: Iterable[_Placed]) -> set[int]:
    """Return the series whose occurrences an exception brings, hides or gives back."""
    return {
        one.event.series_id
        for one in changed
        if one.event.series_id is not None and one.decision.verdict in _OF_EXISTENCE
    }


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
        changed=sum(tally[verdict] for verdict in (Verdict.TAKE, Verdict.RESTORE, Verdict.REVIVE, Verdict.WRITE_BACK)),
        deleted=tally[Verdict.DELETE] + tally[Verdict.CANCEL],
        unchanged=sum(tally[verdict] for verdict in (Verdict.NOTHING, Verdict.NOTE, Verdict.AGREE, Verdict.LAPSE)),
        odd=len(odd),
        stale=tally[Verdict.STALE],
    )
