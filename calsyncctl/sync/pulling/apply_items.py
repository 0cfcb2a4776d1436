"""Items that were read → the store: decided one by one, written together, inside the caller's transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from calsyncctl.model.copy import Known, RemoteEvent
from calsyncctl.model.history import Counts
from calsyncctl.store import copies, listings
from calsyncctl.store.db import Store
from calsyncctl.sync.provider import OddItem
from calsyncctl.sync.pulling.added import add_items
from calsyncctl.sync.pulling.adopt import belongs
from calsyncctl.sync.pulling.arrival import recognise
from calsyncctl.sync.pulling.belonging import on_their_ground
from calsyncctl.sync.pulling.cancelled import give_rows, ours_unchanged
from calsyncctl.sync.pulling.changed import change_items
from calsyncctl.sync.pulling.classify import kind_of
from calsyncctl.sync.pulling.halves import with_divided
from calsyncctl.sync.pulling.incoming import Incoming, Verdict, decide, settle_series
from calsyncctl.sync.pulling.overtaken import carry_overtaken, with_cancelled
from calsyncctl.sync.pulling.rests import divide_rests
from calsyncctl.sync.pulling.scene import Applied, Scene
from calsyncctl.sync.pulling.series import unheld_exceptions
from calsyncctl.sync.stand import Stand, stands_for

_CHANGED = (Verdict.TAKE, Verdict.RESTORE, Verdict.REVIVE, Verdict.WRITE_BACK)
_UNCHANGED = (Verdict.NOTHING, Verdict.NOTE, Verdict.AGREE, Verdict.LAPSE, Verdict.UNDO)


def apply_items(store: Store, scene: Scene, items: Sequence[RemoteEvent], *, confirmed: bool = False) -> Applied:
    """Bring the store to what the items say; inside `scene.ledger.write`.

    `confirmed`: they were asked for by their ids just now, not found in a listing.
    """
    latest = _latest(items)
    known = copies.known_copies(store, scene.calendar.id, latest) if latest else {}
    if recognise(store, scene, latest, known):
        known = copies.known_copies(store, scene.calendar.id, latest)
    known |= _stood_unchanged(store, scene, [item for google_id, item in latest.items() if google_id not in known])
    stands = stands_for(store, scene.calendar, known.values(), scene.policy)
    decisions = [
        decide(item, known.get(google_id), stands.get(google_id), confirmed=confirmed)
        for google_id, item in latest.items()
    ]
    decisions = settle_series(_with_series_back(decisions, stands, confirmed=confirmed))
    decisions = with_cancelled(store, scene, with_divided(store, decisions))
    unheld = unheld_exceptions(store, scene.calendar, [one.item for one in decisions if one.known is None])
    decisions = [one for one in decisions if one.known is not None or _is_taken(scene, one, unheld)]
    decisions = on_their_ground(store, scene, decisions)
    scene.on_decided(scene.calendar, decisions)
    odd: list[OddItem] = []
    add_items(store, scene, [one for one in decisions if one.known is None], odd)
    change_items(store, scene, [one for one in decisions if one.known is not None], odd)
    divide_rests(store, scene, decisions)
    carry_overtaken(store, scene, decisions)
    _name(store, scene, decisions)
    stale = tuple(one.item.google_id for one in decisions if one.verdict is Verdict.STALE)
    return Applied(_count(decisions, odd, scene.first), tuple(odd), stale)


def _with_series_back(decisions: list[Incoming], stands: Mapping[str, Stand], *, confirmed: bool) -> list[Incoming]:
    """Decide anew on exceptions that were deleted here with a series that lives again: as if they lived."""
    back = {
        one.known.event.id: one.known.event.deleted
        for one in decisions
        if one.known is not None and one.verdict is Verdict.RESTORE and one.lost
    }
    if not back:
        return decisions
    return [
        decide(one.item, _living(one.known), stands.get(one.item.google_id), confirmed=confirmed)
        if one.known is not None
        and one.known.event.deleted is not None
        and one.known.event.deleted == back.get(one.known.event.series_id or 0)
        else one
        for one in decisions
    ]


def _living(known: Known) -> Known:
    return replace(known, event=replace(known.event, deleted=None), series_deleted=False)


def _stood_unchanged(store: Store, scene: Scene, strangers: Sequence[RemoteEvent]) -> dict[str, Known]:
    """Give occurrences of ours that Google changed where ours stands a row, and return what is then known of them."""
    series = ours_unchanged(store, scene, strangers)
    given = give_rows(store, scene, strangers, series) if series else set()
    return copies.known_copies(store, scene.calendar.id, given) if given else {}


def _is_taken(scene: Scene, decision: Incoming, unheld: set[str]) -> bool:
    """Tell whether an unknown item is to be kept: by the mode, or since it bears our mark."""
    if decision.verdict is Verdict.NOTHING or decision.item.google_id in unheld:
        return False
    return kind_of(scene.calendar.mode) is not None or belongs(decision.item, scene.instances)


def _latest(items: Sequence[RemoteEvent]) -> dict[str, RemoteEvent]:
    """Collapse items named twice in one answer into their latest state."""
    latest: dict[str, RemoteEvent] = {}
    for item in items:
        earlier = latest.get(item.google_id)
        if earlier is None or not item.updated or item.updated >= earlier.updated:
            latest[item.google_id] = item
    return latest


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
        changed=sum(tally[verdict] for verdict in _CHANGED),
        deleted=tally[Verdict.DELETE] + tally[Verdict.CANCEL],
        unchanged=sum(tally[verdict] for verdict in _UNCHANGED),
        odd=len(odd),
        stale=tally[Verdict.STALE],
    )
