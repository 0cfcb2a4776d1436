"""What stands beside its own event: an item that bears an event's mark, on a calendar that does not hold that event.

A move in Google left it there that nobody heard of in time, and it became an event of its own here. It goes again, and
what was edited of it since is taken in by the event that its mark names.
"""

from __future__ import annotations

from collections.abc import Sequence

from calsyncctl.model.calendar import Calendar
from calsyncctl.model.copy import CopyState, Known, RemoteEvent
from calsyncctl.model.event import Event
from calsyncctl.store import calendars, copies, events, runs
from calsyncctl.store.db import Store
from calsyncctl.store.history import content_at
from calsyncctl.sync.choice import Policy
from calsyncctl.sync.editing.occurrences import delete_exceptions
from calsyncctl.sync.editing.record import Act
from calsyncctl.sync.links import wanted_on
from calsyncctl.sync.policy import rules_for
from calsyncctl.sync.pulling.adopt import mark_of
from calsyncctl.sync.pulling.joining import go_again
from calsyncctl.sync.pulling.scene import Scene
from calsyncctl.sync.pulling.telling import SELF


def stands_beside(
    store: Store, calendar: Calendar, item: RemoteEvent, known: Known | None, ours: frozenset[str]
) -> Event | None:
    """Return the event that an item is by its mark, if that stands elsewhere only; None: it is what it is known as.

    Where nothing of it can be pushed it stays, as what it is known as: it could not go from there.
    """
    mark = mark_of(item, ours)
    if known is None or mark is None or item.content is None or item.master is not None:
        return None
    if known.event.deleted is not None or known.event.key == mark.key:
        return None
    if not rules_for(known.event, calendar, None, Policy.GOOGLE_WINS).pushes:
        return None
    event_id = events.by_keys(store, [mark.key]).get(mark.key)
    event = None if event_id is None else events.get_event(store, event_id)
    if event is None or event.deleted is not None:
        return None
    held = wanted_on(store, event)
    here = calendar.id in {one.id for one in held}
    return None if here or not _stands(store, event, held, known) else event


def _stands(store: Store, event: Event, held: Sequence[Calendar], beside: Known) -> bool:
    """Tell whether an event surely stands on one of its calendars: that was read since the other one appeared."""
    history = runs.versions_of(store, beside.event.id)
    appeared = history[0].at if history else 0
    for calendar in held:
        standing = copies.known_on(store, event.id, calendar.id)
        read = calendars.get_calendar(store, calendar.id).last_success or 0
        if standing is not None and standing.copy.state is CopyState.LIVE and read > appeared > 0:
            return True
    return False


def let_go_beside(store: Store, scene: Scene, items: Sequence[RemoteEvent]) -> None:
    """Let what stands beside its own event go again; inside a write."""
    for item in items:
        known = copies.known_copies(store, scene.calendar.id, [item.google_id]).get(item.google_id)
        event = stands_beside(store, scene.calendar, item, known, scene.instances)
        if known is not None and event is not None:
            act = Act(SELF, scene.now, scene.instance, scene.ledger.run(store))
            delete_exceptions(store, act, known.event)
            go_again(store, scene, known, event.id, known, content_at(store, known.event, 1))
