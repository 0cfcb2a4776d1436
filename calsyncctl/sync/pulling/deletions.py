"""Deletions from Google, on their way through the guard: recorded with each page, decided after the last.

What is recorded stands on the copies, so a pass that ends in between loses nothing: the next one decides. What is held
stays as it is here until somebody releases or rejects it (`review.py`), while everything else flows.
"""

from __future__ import annotations

from collections.abc import Sequence

from calsyncctl.model.copy import RemoteEvent
from calsyncctl.model.history import Counts
from calsyncctl.store import calendars, copies, deletions
from calsyncctl.store.db import Store
from calsyncctl.store.deletions import Waiting
from calsyncctl.sync.guard import WINDOW, Tally, why_held
from calsyncctl.sync.pulling.apply_items import apply_items
from calsyncctl.sync.pulling.cancelled import give_rows, unchanged_before
from calsyncctl.sync.pulling.departure import let_move
from calsyncctl.sync.pulling.incoming import Incoming, Verdict, decide
from calsyncctl.sync.pulling.scene import Scene
from calsyncctl.sync.report import Held
from calsyncctl.sync.stand import stands_for

CHUNK = 500
"""Deletions done in one transaction."""

_GUARDED = {Verdict.DELETE, Verdict.CANCEL}


def set_aside(
    store: Store, scene: Scene, items: Sequence[RemoteEvent], *, last: bool = False, confirmed: bool = False
) -> list[RemoteEvent]:
    """Record the deletions among items and return the other items; inside a write.

    On the `last` page with nothing recorded before, what the guard allows is not set aside at all. `confirmed`: the
    items were asked for by their ids just now.
    """
    _alive_again(store, scene, items)
    items = let_move(store, scene, items, confirmed=confirmed)
    gone = _deletions(store, scene, items, confirmed)
    bare = unchanged_before(store, scene, items)
    if not gone and not bare:
        return list(items)
    units = _fresh(gone) | set(bare.values())
    if last and not deletions.is_waiting(store, scene.calendar.id) and _reason(store, scene, units) is None:
        return list(items)
    if give_rows(store, scene, items, bare):
        gone = _deletions(store, scene, items, confirmed)
    told = [(one.item.google_id, one.item.etag, one.item.updated) for one in gone]
    deletions.record(store, scene.calendar.id, told, scene.listing or scene.calendar.listing, scene.now)
    aside = {google_id for google_id, _, _ in told}
    return [item for item in items if item.google_id not in aside]


def _alive_again(store: Store, scene: Scene, items: Sequence[RemoteEvent]) -> None:
    """Lift the deletions of items that live again: somebody undid them in Google."""
    if not deletions.is_waiting(store, scene.calendar.id):
        return
    alive = {item.google_id: item.updated for item in items if item.content is not None}
    known = deletions.updated_of(store, scene.calendar.id, alive)
    lifted = [google_id for google_id, since in known.items() if not alive[google_id] or alive[google_id] > since]
    waiting = copies.known_copies(store, scene.calendar.id, lifted)
    deletions.lift(store, [one.copy.id for one in waiting.values()], scene.now)


def _deletions(store: Store, scene: Scene, items: Sequence[RemoteEvent], confirmed: bool) -> list[Incoming]:
    """Return the items that would delete an event here, or cancel an occurrence."""
    alive = {item.google_id for item in items if item.content is not None}
    dead = {item.google_id: item for item in items if item.content is None and item.google_id not in alive}
    if not dead:
        return []
    known = copies.known_copies(store, scene.calendar.id, dead)
    stands = stands_for(store, scene.calendar, known.values(), scene.policy)
    decisions = [
        decide(dead[google_id], one, stands.get(google_id), confirmed=confirmed) for google_id, one in known.items()
    ]
    return [one for one in decisions if one.verdict in _GUARDED and not _is_void(one)]


def _is_void(decision: Incoming) -> bool:
    """Tell whether an exception only ends since its series has no place for it any more."""
    known = decision.known
    exception = known is not None and known.event.original is not None and not known.series_deleted
    return exception and decision.verdict is Verdict.DELETE


def _fresh(gone: Sequence[Incoming]) -> set[int]:
    """Return what deletions are counted by: a series and its exceptions are one."""
    events = [one.known.event for one in gone if one.known is not None]
    return {event.series_id or event.id for event in events}


def _reason(store: Store, scene: Scene, units: set[int]) -> str | None:
    """Return why deletions are held, with those of the last hour; None if they may be done."""
    done, whole = deletions.done_since(store, scene.calendar.id, scene.now - WINDOW)
    standing = deletions.standing(store, scene.calendar.id) + whole
    return why_held(Tally(standing=standing, gone=len(done | units)))


def decide_deletions(store: Store, scene: Scene) -> tuple[Counts, list[Held]]:
    """After a pull's last page: do the deletions that were recorded, or hold them."""
    calendar_id = scene.calendar.id
    if not deletions.is_waiting(store, calendar_id):
        return Counts(), []
    waiting = deletions.waiting(store, calendar_id)
    agreed = [one for one in waiting if one.agreed]
    undecided = [one for one in waiting if not one.decided and not one.agreed]
    counts = do_deletions(store, scene, agreed) if agreed else Counts()
    if not undecided:
        return counts, []
    recent = {one.unit for one in waiting if one.decided and one.since > scene.now - WINDOW}
    reason = _reason(store, scene, {one.unit for one in undecided} | recent)
    if reason is None:
        return counts + do_deletions(store, scene, undecided), []
    with store.write():
        deletions.hold(store, [one.copy_id for one in undecided], reason)
    known = copies.known_by_id(store, [one.copy_id for one in undecided])
    return counts, [Held(one.event.id, deletions.DELETIONS, reason) for one in known]


def do_deletions(store: Store, scene: Scene, chosen: Sequence[Waiting]) -> Counts:
    """Do deletions that waited, as if they were read just now; cut off, the rest still wait."""
    counts = Counts()
    for at in range(0, len(chosen), CHUNK):
        some = chosen[at : at + CHUNK]
        items = [RemoteEvent(google_id=one.google_id, etag="", updated="", content=None) for one in some]
        with scene.ledger.write(store):
            deletions.lift(store, [one.copy_id for one in some], scene.now)
            applied = apply_items(store, scene, items)
            copies.clear_sent(store, [one.copy_id for one in some])  # whatever was sent: it is gone
            if applied.counts.deleted:
                calendars.mark_success(store, scene.calendar.id, scene.now, changed=True)
        counts += Counts(deleted=applied.counts.deleted)
    return counts
