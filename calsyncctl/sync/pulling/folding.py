"""Two events that turn out to be one: the younger ends, and what somebody edited of it is kept in the older.

Inside a write.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from calsyncctl.model.calendar import Calendar
from calsyncctl.model.copy import CopyState, Known
from calsyncctl.model.event import Content, Event
from calsyncctl.model.history import Action, Version
from calsyncctl.store import copies, events, moves, runs
from calsyncctl.store.db import Store
from calsyncctl.sync.canonical import fields_for
from calsyncctl.sync.changes import differences
from calsyncctl.sync.choice import Policy
from calsyncctl.sync.editing.occurrences import follow_series
from calsyncctl.sync.editing.record import THE_SAME, Act, Fact, home_of, keep_changed, placed
from calsyncctl.sync.merge import Sides, merge
from calsyncctl.sync.policy import GOOGLE
from calsyncctl.sync.pulling.scene import Scene
from calsyncctl.sync.pulling.telling import SELF
from calsyncctl.sync.stand import stand_of


class Fold(Struct, frozen=True):
    """One event that is another: `known` as it was on their calendar, `into` the other's id."""

    known: Known
    into: int
    base: Content | None
    """What both sides agreed on of it last."""


def fold(store: Store, scene: Scene, younger: Known, older: Event, calendar: Calendar) -> list[Fold]:
    """Take one event for another, exception by exception; return what was folded, the event itself first.

    An exception that only the younger has is the older's from now on. Both live on `calendar` by now.
    """
    folds = [_fold(store, scene, younger, older.id, calendar)]
    for exception in events.exceptions_of(store, younger.event.id, deleted=True):
        original = exception.original or ""
        standing = events.exception_at(store, older.id, original)
        if standing is None or events.get_event(store, standing).deleted is not None:
            events.free_slots(store, [(older.id, original)])
            events.join_exceptions(store, [(exception.id, older.id)])
            continue
        known = copies.known_on(store, exception.id, calendar.id)
        if known is not None:
            folds.append(_fold(store, scene, known, standing, calendar))
    moves.forget_copies(store, [one.known.copy.id for one in folds])
    return folds


def _fold(store: Store, scene: Scene, younger: Known, into: int, calendar: Calendar) -> Fold:
    base = stand_of(store, calendar, younger, scene.policy).base
    end(store, scene, younger.event, into)
    return Fold(younger, into, base)


def end(store: Store, scene: Scene, event: Event, into: int) -> None:
    """Delete an event that is another one; its exceptions are the caller's."""
    if event.deleted is not None:
        return
    run_id, key = scene.ledger.run(store), events.get_event(store, into).key
    ended = replace(event, deleted=scene.now, version=event.version + 1)
    events.update_events(store, [ended], run_id)
    why = f"{THE_SAME}{key[:8]}, which has moved here"
    runs.add_versions(store, [_row(ended, run_id, scene.now, why)])


def _row(event: Event, run_id: int, now: int, why: str) -> Version:
    return Version(
        event_id=event.id,
        version=event.version,
        run_id=run_id,
        calendar_id=event.calendar_id,
        at=now,
        author=SELF,
        action=Action.DELETED,
        why=why,
    )


def keep_edits(store: Store, scene: Scene, one: Fold) -> None:
    """Let an event say what somebody edited of the one that was folded into it and that Google was not told yet.

    Where both were edited the younger's edit stands, and the older's is kept in the history.
    """
    was, copy = one.known.event, one.known.copy
    edited = was.version != copy.base_version and copy.state is not CopyState.DELETED and was.deleted is None
    if not edited or one.base is None or was.content is None:
        return
    cancels = was.status == "cancelled"
    act = Act(_editor(store, was), scene.now, scene.instance)
    take_in(store, act, one.into, one.base, was.content, cancels=cancels)


def take_in(
    store: Store,
    act: Act,
    into: int,
    base: Content,
    said: Content,
    *,
    why: str = "edited while it stood on both calendars",
    policy: Policy = Policy.GOOGLE_WINS,
    cancels: bool = False,
) -> None:
    """Let an event say what somebody made of another one that is the same; `base`: what both agreed on before.

    Where both were edited the other's edit stands (by `policy`), and the event's own is kept in the history.
    """
    now = events.get_event(store, into)
    if now.content is None or now.deleted is not None:
        return
    sides = Sides(base=base, here=now.content, before=base, there=said)
    result = merge(sides, fields_for(home=True, guests=True), policy, home=False)
    changes = differences(now.content, result.content)
    kept, cancels = placed(now, result.content, home_of(store, now)), cancels and now.status != "cancelled"
    if cancels:
        kept = replace(kept, status="cancelled", starts=None, ends=None)
    if changes or result.lost or cancels:
        action = Action.CANCELLED if cancels else Action.CHANGED
        kept = keep_changed(store, act, kept, Fact(action, why, changes, result.lost))
        if changes and now.content.when.recurrence:
            follow_series(store, act, kept, now.content)


def _editor(store: Store, event: Event) -> str:
    """Return who edited an event last."""
    authors = [row.author for row in runs.versions_of(store, event.id) if row.author not in {GOOGLE, SELF}]
    return authors[-1] if authors else SELF
