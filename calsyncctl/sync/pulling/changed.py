"""Known items → changed events and copies.

The exceptions of a deleted series go first, so that one which the same answer says is alive stays so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from calsyncctl.model.copy import Copy, CopyState
from calsyncctl.model.event import Event
from calsyncctl.store import calendars, copies, events, runs
from calsyncctl.store.db import Store
from calsyncctl.sync.editing.occurrences import follow_series, follow_untold, restore_exceptions
from calsyncctl.sync.editing.record import Act
from calsyncctl.sync.provider import OddItem
from calsyncctl.sync.pulling.adopt import is_anothers
from calsyncctl.sync.pulling.halves import divide_again, note_revived_halves, tell_later_halves
from calsyncctl.sync.pulling.heard import AFTER_ALL, heard_copy, settled_copy, unmarked
from calsyncctl.sync.pulling.incoming import Incoming, Verdict
from calsyncctl.sync.pulling.overtaken import carry_untold
from calsyncctl.sync.pulling.scene import Placed, Scene, instants_of
from calsyncctl.sync.pulling.series import delete_exceptions, remember_agreed
from calsyncctl.sync.pulling.telling import ACTIONS, SELF, cascaded, told

_OF_EXISTENCE = {Verdict.RESTORE, Verdict.DELETE, Verdict.CANCEL, Verdict.REVIVE}
_COPY_ONLY = {Verdict.NOTE, Verdict.LAPSE, Verdict.AGREE, Verdict.UNDO}
_GONE_FROM_THERE = {Verdict.LAPSE, Verdict.REVIVE, Verdict.UNDO}


def change_items(store: Store, scene: Scene, decisions: list[Incoming], odd: list[OddItem]) -> None:
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
    _carry_exceptions(store, scene, (*(one.decision for one in changed), *noted))
    events.unexpand(store, _series_of(changed))
    _spread(store, scene, changed)
    if run_id is not None:
        _tell(store, scene, run_id, changed, noted)
        runs.add_versions(store, cascaded(also_gone, run_id, scene.now))
    _restore_exceptions(store, scene, changed, run_id)
    _follow(store, scene, changed, run_id)
    _tell_halves(store, scene, (*(one.decision for one in changed), *noted), run_id)


def _carry_exceptions(store: Store, scene: Scene, decisions: Iterable[Incoming]) -> None:
    """Let the copies of exceptions go from Google with their series, and come back after it."""
    for one in decisions:
        if one.verdict is Verdict.REVIVE:
            remember_agreed(store, scene.calendar, one.item.google_id)
        if one.verdict in _GONE_FROM_THERE:
            copies.lapse_exceptions(store, scene.calendar.id, one.item.google_id, scene.now + AFTER_ALL)
        elif one.verdict is Verdict.AGREE:
            copies.end_leaving(store, scene.calendar.id, one.item.google_id)
        elif one.known is not None and one.known.copy.state is CopyState.STALE and one.item.content is not None:
            copies.wake_exceptions(store, scene.calendar.id, one.item.google_id, scene.now)


def _restore_exceptions(store: Store, scene: Scene, changed: Iterable[Placed], run_id: int | None) -> None:
    """Let the exceptions that were deleted here with a series live again with it, since it was edited in Google.

    So they do where a link's copy alone is back: they stood on the others. Those that have no place in it stay gone.
    """
    for decision, event in changed:
        was = decision.known.event if decision.known is not None else None
        whole = decision.lost or event.calendar_id != scene.calendar.id
        if decision.verdict is Verdict.RESTORE and whole and was is not None and was.deleted is not None:
            act = Act(SELF, scene.now, scene.instance, run_id)
            restore_exceptions(store, act, event, was.deleted)
            if was.content is not None and event.series_id is None:
                follow_series(store, act, event, was.content)


def _follow(store: Store, scene: Scene, changed: Iterable[Placed], run_id: int | None) -> None:
    """Let exceptions follow their series; of one that simply follows Google only those that nobody told it of."""
    act = Act(SELF, scene.now, scene.instance, run_id)
    for decision, event in changed:
        before = decision.known.event.content if decision.known is not None else None
        repeats = event.content is not None and event.content.when.recurrence
        if decision.verdict is Verdict.TAKE and before is not None and repeats:
            event = divide_again(store, scene, decision, event)
            carry_untold(store, scene, act, decision, before)
            follow = follow_series if decision.stand is not None else follow_untold
            follow(store, act, event, before)


def _tell_halves(store: Store, scene: Scene, decisions: Iterable[Incoming], run_id: int | None) -> None:
    """Let what goes on from divided series hear what Google says of the whole: also what is no news of the rest."""
    act = Act(SELF, scene.now, scene.instance, run_id)
    for decision in decisions:
        if decision.verdict in {Verdict.TAKE, Verdict.NOTE}:
            tell_later_halves(store, scene, act, decision)
        elif decision.verdict is Verdict.REVIVE:
            note_revived_halves(store, act, decision)


def _copies(scene: Scene, changed: Iterable[Placed], noted: Iterable[Incoming]) -> Iterator[Copy]:
    for decision, event in changed:
        settled = settled_copy(heard_copy(decision, scene.heard), decision, event, scene.now)
        back = decision.verdict is Verdict.RESTORE and is_anothers(decision.item, event.key, scene.instances)
        yield unmarked(settled, decision.item, scene.now) if back and scene.calendar.writable else settled
    for decision in noted:
        assert decision.known is not None
        if decision.verdict is Verdict.UNDO:
            agreed = decision.known.copy.sent_version
            heard = heard_copy(decision, scene.heard)
            yield replace(heard, state=CopyState.STALE, base_version=agreed, due=scene.now)
            continue
        yield settled_copy(heard_copy(decision, scene.heard), decision, decision.known.event, scene.now)


def _spread(store: Store, scene: Scene, changed: Iterable[Placed]) -> None:
    """Let the other copies of changed events wait to be pushed; those that simply follow Google have none."""
    changed = list(changed)
    back = {one.event.id for one in changed if one.decision.verdict is Verdict.RESTORE}
    spread = [one for one in changed if one.decision.stand is not None or one.event.calendar_id != scene.calendar.id]
    for decision, event in spread:
        assert decision.known is not None
        if decision.verdict is Verdict.RESTORE or event.series_id in back:
            copies.revive_others(store, event.id, decision.known.copy.id)
        copies.make_others_due(store, event.id, decision.known.copy.id, scene.now)


def _tell(store: Store, scene: Scene, run_id: int, changed: list[Placed], noted: list[Incoming]) -> None:
    """Write the history: not of a first listing, unless it met what was here before."""
    placed = [one for one in changed if not scene.first or one.decision.stand is not None]
    journalled = [Placed(one, one.known.event) for one in noted if one.lost and one.known is not None]
    runs.add_versions(
        store,
        (version for one in (*placed, *journalled) for version in told(one.decision, one.event, run_id, scene.now)),
    )


def _placed(store: Store, decision: Incoming, scene: Scene, odd: list[OddItem]) -> Placed | None:
    """Return the event as the decision leaves it, None if it cannot be placed in time."""
    assert decision.known is not None
    raised = 2 if decision.verdict is Verdict.WRITE_BACK else 1  # Google's change, and ours again
    event = replace(decision.known.event, version=decision.known.event.version + raised)
    if decision.verdict is Verdict.DELETE:
        return Placed(decision, replace(event, deleted=scene.now))
    if decision.verdict is Verdict.CANCEL:
        # It keeps what it said, but takes no time any more.
        return Placed(decision, replace(event, status="cancelled", starts=None, ends=None, deleted=None))
    if decision.verdict is Verdict.REVIVE:
        return Placed(decision, event)
    instants = instants_of(decision, _zone_of(store, scene, event), odd)
    if instants is None or decision.content is None:
        return None
    content, ical_uid = decision.content, event.ical_uid
    if event.calendar_id == scene.calendar.id:
        ical_uid = decision.item.ical_uid or ical_uid
    return Placed(
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


def _series_of(changed: Iterable[Placed]) -> set[int]:
    """Return the series whose occurrences an exception brings, hides or gives back."""
    return {
        one.event.series_id
        for one in changed
        if one.event.series_id is not None and one.decision.verdict in _OF_EXISTENCE
    }
