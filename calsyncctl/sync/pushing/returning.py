"""An edit that got in though it cannot be pushed: Google's value returns here, and ours is kept in the history."""

from __future__ import annotations

from msgspec.structs import replace

from calsyncctl.model.event import Event
from calsyncctl.model.history import Action, Lost, Version
from calsyncctl.model.when import span
from calsyncctl.store import calendars, copies, events, runs
from calsyncctl.store.db import Store
from calsyncctl.sync.changes import differences
from calsyncctl.sync.choice import Policy
from calsyncctl.sync.editing.occurrences import drop_exceptions, misfits, restore_exceptions
from calsyncctl.sync.editing.record import Act
from calsyncctl.sync.pulling.telling import SELF
from calsyncctl.sync.pushing.outgoing import Duty
from calsyncctl.sync.stand import waiting


def give_back(store: Store, duty: Duty, run_id: int, now: int) -> None:
    """Let an event say again what Google says of it; inside a write."""
    event, copy = duty.known.event, duty.known.copy
    if event.content is None:
        return
    result = waiting(duty.stand, event.content, Policy.THEIRS)
    gone = event.deleted is not None or event.status == "cancelled"
    lost = (*result.lost, *((Lost("deleted", True, False),) if gone else ()))
    starts, ends = span(result.content.when, calendars.get_calendar(store, event.calendar_id).zone)
    returned = replace(
        event,
        content=result.content,
        status=result.content.status,
        starts=starts,
        ends=ends,
        deleted=None,
        version=event.version + 1,
    )
    events.update_events(store, [returned], run_id)
    runs.add_versions(
        store,
        [
            Version(
                event_id=event.id,
                version=returned.version,
                run_id=run_id,
                calendar_id=copy.calendar_id,
                at=now,
                author=SELF,
                action=Action.RESTORED if gone else Action.CHANGED,
                why="the edit cannot be written to Google",
                changes=differences(event.content, result.content),
                lost=lost,
            )
        ],
    )
    copies.update_copies(store, [replace(copy, base_version=returned.version, due=None)])
    copies.make_others_due(store, event.id, copy.id, now)
    _with_exceptions(store, Act(SELF, now, duty.tag.instance, run_id), event, returned)


def _with_exceptions(store: Store, act: Act, was: Event, returned: Event) -> None:
    """Let what belongs to a series return with it, and drop what only the edit had a place for."""
    if returned.series_id is not None:
        events.unexpand(store, {returned.series_id})
        return
    assert returned.content is not None
    if was.deleted is not None:
        restore_exceptions(store, act, returned, was.deleted)
    if was.content is not None and was.content.when != returned.content.when:
        drop_exceptions(store, act, misfits(store, returned, returned.content), "its series is where it was")
