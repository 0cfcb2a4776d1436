"""Known items → changed events and copies.

The exceptions of a deleted series go first, so that one which the same answer says is alive stays so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from calsyncctl.model.copy import Copy, Known
from calsyncctl.model.event import Event
from calsyncctl.model.history import Action, Version
from calsyncctl.store import copies, events, runs
from calsyncctl.store.db import Store
from calsyncctl.sync.incoming import Incoming, Verdict
from calsyncctl.sync.provider import OddItem
from calsyncctl.sync.scene import ACTIONS, Placed, Scene, instants_of, version_of, versions
from calsyncctl.sync.series import delete_exceptions

_OF_EXISTENCE = {Verdict.RESTORE, Verdict.DELETE, Verdict.CANCEL}


def change_items(store: Store, scene: Scene, decisions: list[Incoming], odd: list[OddItem]) -> None:
    """Keep what is new of items that were known."""
    changed = [placed for one in decisions if one.verdict in ACTIONS and (placed := _placed(one, scene, odd))]
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
        runs.add_versions(store, versions(scene, run_id, changed))
        runs.add_versions(store, _cascaded(scene, run_id, also_gone))


def _placed(decision: Incoming, scene: Scene, odd: list[OddItem]) -> Placed | None:
    """Return the event as the decision leaves it, None if it cannot be placed in time."""
    assert decision.known is not None
    event = replace(decision.known.event, version=decision.known.event.version + 1)
    if decision.verdict is Verdict.DELETE:
        return Placed(decision, replace(event, deleted=scene.now))
    if decision.verdict is Verdict.CANCEL:
        # It keeps what it said, but takes no time any more.
        return Placed(decision, replace(event, status="cancelled", starts=None, ends=None, deleted=None))
    instants = instants_of(decision, scene.calendar.zone, odd)
    if instants is None or decision.content is None:
        return None
    content, ical_uid = decision.content, decision.item.ical_uid or event.ical_uid
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


def _changed_copies(scene: Scene, changed: Iterable[Placed], noted: Iterable[Incoming]) -> Iterator[Copy]:
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
        heard=scene.heard,
    )


def _series_of(changed: Iterable[Placed]) -> set[int]:
    """Return the series whose occurrences an exception brings, hides or gives back."""
    return {
        one.event.series_id
        for one in changed
        if one.event.series_id is not None and one.decision.verdict in _OF_EXISTENCE
    }


def _cascaded(scene: Scene, run_id: int, gone: Iterable[Event]) -> Iterator[Version]:
    for event in gone:
        yield version_of(scene, run_id, event, Action.DELETED, "its series was deleted", None)
