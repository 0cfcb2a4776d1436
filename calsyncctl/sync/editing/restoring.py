"""Bringing back what was deleted or said before: an event, a series with its exceptions, one occurrence.

A restored event is an edit like any other: it says what the event is to be, and `push` brings the copies there.
"""

from __future__ import annotations

import dataclasses

from msgspec.structs import replace

from calsyncctl.errors import NotFound, UsageFault
from calsyncctl.model.event import Body, Content, Event
from calsyncctl.model.fields import value_of, with_fields
from calsyncctl.model.history import Action
from calsyncctl.store import events, runs
from calsyncctl.store.db import Store
from calsyncctl.sync.canonical import GOOGLES
from calsyncctl.sync.changes import differences
from calsyncctl.sync.editing import occurrences
from calsyncctl.sync.editing.edit import Draft, EditMeans, add_event, change_event, change_occurrence, recorded
from calsyncctl.sync.editing.following import followed_since
from calsyncctl.sync.editing.permit import check_event, check_is_itself
from calsyncctl.sync.editing.record import RESTORE, Fact, home_of, keep_changed, living, placed
from calsyncctl.sync.takeback import Life, TakenBack, states, to_version


def restore_event(
    store: Store, means: EditMeans, event_id: int, version: int | None = None, *, whole: bool = False
) -> Event:
    """Bring a deleted event back; or let it say again what the change after a version took. Guests are not mailed.

    What was changed since in other fields stays, unless it goes back as a `whole`; what Google alone decides stays.
    An occurrence that its series has no place for any more comes back as an event of its own.

    Raises:
        NotFound: it never had that version, or nothing to go back to.
        UsageFault: it lives, and no version is given.
        NotAllowed: it turned out to be another event, or the calendar takes no edits.
    """
    why = f"{means.author} restored it"
    with recorded(store, dataclasses.replace(means, kind=RESTORE)) as means:
        means = dataclasses.replace(means, author=RESTORE)
        event = events.get_event(store, event_id)
        if version is None and event.deleted is None and event.status != "cancelled":
            raise UsageFault(
                f"The event {event.key[:8]} is not deleted.",
                f"To take changes back, name a version: calsyncctl events history {event.key[:8]}",
            )
        check_is_itself(event, runs.versions_of(store, event.id))
        content = earlier(store, event, version, whole=whole).content
        if event.series_id is not None and event.original is not None:
            series = living(store, event.series_id)
            if content is not None and event.deleted is not None and not occurrences.has_place(store, series, event):
                return _stand_alone(store, means, event, content)
            said = content or occurrences.inherited(store, series, event.original)
            return change_occurrence(store, means, series.id, event.original, said, why=why)
        if content is None:
            raise NotFound("There is nothing to go back to.", "See: calsyncctl events history")
        if event.deleted is None:
            return change_event(store, means, event_id, content, why=why)
        return bring_back(store, means, event, content, why)


def _stand_alone(store: Store, means: EditMeans, exception: Event, content: Content) -> Event:
    """Bring an exception that its series has no place for back as an event of its own; again returns the same."""
    bare = Content("", content.status, content.when, Body())
    own = with_fields(content, {field: value_of(bare, field) for field in GOOGLES})
    draft = Draft(content=own, kind=exception.kind, ref=f"restored:{exception.key}")
    made = add_event(store, means, home_of(store, exception), draft)
    if made.deleted is None or made.content is None:
        return made
    return bring_back(store, means, made, made.content, "restored again")


def earlier(store: Store, event: Event, version: int | None, *, whole: bool = False) -> TakenBack:
    """Return what an event would say, were it given back what it said at a version, and which later changes stay.

    Raises:
        NotFound: it never had that version.
    """
    if version is not None and not 0 < version <= event.version:
        raise NotFound(f"There is no version {version} of this event.", "See: calsyncctl events history")
    versions = runs.versions_of(store, event.id)
    if version is not None and version < event.version and all(one.version != version + 1 for one in versions):
        raise NotFound(
            f"What this event said at version {version} is forgotten.", "See what is kept: calsyncctl events history"
        )
    history = states(event, versions)
    content = history[version or event.version].content
    content = followed_since(store, event, content) if version is None and content is not None else content
    partly = not whole and version is not None
    back = to_version(history, version or 0) if partly else TakenBack(life=Life.ALIVE, content=content)
    return back if back.content is None else replace(back, content=occurrences.ours(back.content, event.content))


def bring_back(store: Store, means: EditMeans, event: Event, content: Content, why: str) -> Event:
    """Undo a deletion; the exceptions that went with a series come back with it. Inside a write.

    To other times it comes back in two steps, so that its exceptions go along as with every change of times.
    """
    calendar = home_of(store, event)
    check_event(event, calendar)
    if event.content is not None and event.content.when.recurrence and event.content.when != content.when:
        bring_back(store, means, event, event.content, why)
        return change_event(store, means, event.id, content, why=why)
    changes = differences(event.content, content)
    fact = Fact(Action.RESTORED, why, changes)
    back = keep_changed(store, means.act, placed(event, content, calendar), fact)
    if event.deleted is not None:
        occurrences.restore_exceptions(store, means.act, back, event.deleted)
    occurrences.cancel_again(store, means.act, back)
    events.unexpand(store, {event.id})
    return back
