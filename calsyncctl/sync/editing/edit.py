"""Every local change of an event, each whole in one transaction: row, version, raised number, and what is now due.

An edit never waits for Google: it says what the event is to be, and `push` brings the copies there. What could not be
pushed is refused here, when it is made.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from msgspec import Struct
from msgspec.structs import replace

from calsyncctl.errors import NotAllowed, NotFound
from calsyncctl.ids import random_keys
from calsyncctl.model.calendar import Calendar
from calsyncctl.model.copy import Copy
from calsyncctl.model.event import Content, Event, EventKind, When
from calsyncctl.model.history import Action, FieldChange
from calsyncctl.store import copies, events, links, runs
from calsyncctl.store.db import Store
from calsyncctl.sync.canonical import fields_for
from calsyncctl.sync.changes import differences
from calsyncctl.sync.editing import occurrences
from calsyncctl.sync.editing.carrying import carry_over, follow_along
from calsyncctl.sync.editing.leaving import leave_others
from calsyncctl.sync.editing.left_behind import take_along
from calsyncctl.sync.editing.permit import check_calendar, check_change, check_event
from calsyncctl.sync.editing.record import (
    DIVIDED,
    Act,
    Fact,
    home_of,
    keep_changed,
    keep_new,
    living,
    placed,
    together,
)
from calsyncctl.sync.links import plan_copies, to_be_told_whole
from calsyncctl.sync.policy import HERE
from calsyncctl.sync.recurrence.recur import split


@dataclass(frozen=True, slots=True)
class EditMeans:
    """What an edit is made with. `author` is a member (`agent:jane`) or what acts for one; `now` is UTC seconds."""

    author: str
    now: int
    instance: str
    """The installation's id: copies get ids computed from it."""
    keys: Callable[[int], list[str]] = random_keys
    horizon: int = 400
    """Days ahead that series are worked out."""
    kind: str = "edit"
    """The kind of run that an edit makes."""
    run: int | None = None
    """The run that it belongs to; None: each edit makes one of its own."""

    @property
    def act(self) -> Act:
        """Who edits, when, for which installation, and in which run."""
        return Act(self.author, self.now, self.instance, self.run)


@contextmanager
def recorded(store: Store, means: EditMeans, *, undoes: int | None = None) -> Iterator[EditMeans]:
    """Write in one transaction and one run, those that are open or its own; a run that changes nothing leaves none."""
    with together(store):
        if means.run is not None:
            yield means
            return
        run_id = runs.begin_run(
            store, kind=means.kind, author=means.author, account_id=None, now=means.now, undoes=undoes
        )
        yield dataclasses.replace(means, run=run_id)
        runs.end_act(store, run_id, means.now)


class Draft(Struct, frozen=True, kw_only=True):
    """An event to be. `ref` is the caller's own id: the same one returns the first event, wherever it lives now."""

    content: Content
    kind: EventKind = EventKind.EVENT
    ref: str | None = None
    meet: bool = False
    """Whether a Meet is asked for."""


def add_event(store: Store, means: EditMeans, calendar: Calendar, draft: Draft) -> Event:
    """Make an event on a calendar; it waits for the next sync.

    Raises:
        NotAllowed: the calendar takes no local events.
        Invalid: the content could not be placed in time.
    """
    with recorded(store, means) as means:
        first = events.event_of_ref(store, calendar.id, draft.ref) if draft.ref is not None else None
        if first is not None:
            return first
        check_calendar(calendar)
        event = placed(_fresh(means, calendar, draft), draft.content, calendar)
        kept = keep_new(store, means.act, event, Fact(Action.ADDED, "added"))
        if draft.ref is not None or draft.meet:
            events.set_wishes(store, kept.id, ref=draft.ref, meet=draft.meet)
        return kept


def _fresh(means: EditMeans, calendar: Calendar, draft: Draft) -> Event:
    return Event(
        id=0,  # given when it is kept
        key=means.keys(1)[0],
        calendar_id=calendar.id,
        kind=draft.kind,
        origin=HERE,
        content=draft.content,
        starts=None,
        ends=None,
        version=1,
        status=draft.content.status,
    )


def change_event(store: Store, means: EditMeans, event_id: int, content: Content, *, why: str = "edited") -> Event:
    """Let an event say something else; saying the same changes nothing.

    Exceptions of a series that moves go with their occurrences; those that its new times have no place for are dropped,
    and kept in the history.

    Raises:
        NotFound: there is no such event.
        NotAllowed: the edit could not be pushed.
    """
    with recorded(store, means) as means:
        event = living(store, event_id)
        if event.series_id is not None and event.original is not None:
            return change_occurrence(store, means, event.series_id, event.original, content, why=why)
        calendar = home_of(store, event)
        content = occurrences.ours(content, event.content)
        check_change(event, calendar, content)
        moved = event.content is not None and event.content.when.recurrence and event.content.when != content.when
        if moved:
            content = occurrences.keep_cancelled(store, event, content)
        changes = differences(event.content, content)
        if not changes:
            return event
        kept = keep_changed(store, means.act, placed(event, content, calendar), Fact(Action.CHANGED, why, changes))
        if event.content is not None and event.content.when.recurrence:
            follow_along(store, means.act, kept, event.content, means.keys)
        return kept


def cancel_occurrence(
    store: Store, means: EditMeans, series_id: int, original: str, *, why: str = "cancelled"
) -> Event:
    """Cancel one occurrence of a series; return the exception that says so."""
    with recorded(store, means) as means:
        return occurrences.cancel(store, means.act, series_id, original, means.keys(1)[0], why=why)


def change_occurrence(
    store: Store, means: EditMeans, series_id: int, original: str, content: Content, *, why: str = "edited"
) -> Event:
    """Change one occurrence of a series; return the exception that says so."""
    with recorded(store, means) as means:
        return occurrences.change(store, means.act, series_id, original, content, means.keys(1)[0], why=why)


def split_series(
    store: Store, means: EditMeans, series_id: int, original: str, content: Content | None
) -> tuple[Event, Event | None]:
    """End a series before an occurrence, and let a new one go on from there; None: nothing goes on.

    Return the old series and the new one: two facts in one transaction. If nothing takes place before, the series
    itself is changed, or deleted.
    """
    with recorded(store, means) as means:
        series = living(store, series_id)
        if series.content is None:
            raise NotFound("This event says nothing.", "See: calsyncctl events list")
        calendar = home_of(store, series)
        halves = split(series.content.when, original, calendar_zone=calendar.zone)
        if halves.before is None:
            if content is None:
                return delete_event(store, means, series_id), None
            return change_event(store, means, series_id, content), None
        if content is not None:
            content = occurrences.keep_cancelled_after(store, series, original, content)
        why = DIVIDED if content is not None else "this and the following were deleted"
        new = None
        if content is not None:
            meet = bool(events.wants_meet(store, [series_id]))
            new = add_event(store, means, calendar, Draft(content=content, kind=series.kind, meet=meet))
        _part_exceptions(store, means, series, original, halves.after, new)
        return change_event(store, means, series_id, replace(series.content, when=halves.before), why=why), new


def _part_exceptions(
    store: Store, means: EditMeans, series: Event, original: str, after: When, new: Event | None
) -> None:
    """Let the later exceptions of a series that is divided go on with the rest of it, as far as it has them."""
    assert series.content is not None
    if new is not None:
        later = [one for one in events.exceptions_of(store, series.id) if (one.original or "") >= original]
        carry_over(store, means.act, replace(series.content, when=after), new, later, means.keys)
    left = [one for one in events.exceptions_of(store, series.id) if (one.original or "") >= original]
    # Who deletes the following means these as well; where something goes on, they are lost on the way.
    occurrences.drop_exceptions(store, means.act, left, "its series ends before it", lost=new is not None)


def delete_event(store: Store, means: EditMeans, event_id: int, *, why: str = "deleted") -> Event:
    """Delete an event, a series with its exceptions, or one occurrence by its exception; again changes nothing."""
    with recorded(store, means) as means:
        event = events.get_event(store, event_id)
        if event.deleted is not None:
            return event
        if event.series_id is not None and event.original is not None:
            return cancel_occurrence(store, means, event.series_id, event.original, why=why)
        check_event(event, home_of(store, event))
        occurrences.delete_exceptions(store, means.act, event)
        return keep_changed(store, means.act, replace(event, deleted=means.now), Fact(Action.DELETED, why))


def move_event(
    store: Store, means: EditMeans, event_id: int, calendar: Calendar, *, why: str = "moved to another calendar"
) -> Event:
    """Give an event another home calendar; it stays the same event, and a series takes its exceptions along.

    At Google it is made there before it is deleted here.

    Raises:
        NotAllowed: one of the calendars permits it not, or it is one occurrence of a series.
    """
    with recorded(store, means) as means:
        event = living(store, event_id)
        if event.calendar_id == calendar.id:
            return event
        if event.series_id is not None:
            raise NotAllowed("One occurrence cannot move to another calendar.", "Move the whole series.")
        old = home_of(store, event)
        check_calendar(calendar)
        _check_movable(event, old)
        for one in (event, *events.exceptions_of(store, event_id)):
            _tell_more(store, one, calendar, means.now)
        events.set_home(store, event_id, calendar.id, origin=HERE)
        moved = replace(event, calendar_id=calendar.id, origin=HERE)
        if event.content is not None:
            moved = placed(moved, event.content, calendar)
        change = FieldChange("calendar", old.name, calendar.name)
        kept = keep_changed(store, means.act, moved, Fact(Action.CHANGED, why, (change,)))
        take_along(store, kept, old, calendar)
        for exception in events.exceptions_of(store, event_id):
            plan_copies(store, exception, means.instance, means.now)
        leave_others(store, kept, means.now)
        return kept


def _tell_more(store: Store, event: Event, calendar: Calendar, now: int) -> None:
    """Let copies that say more of an event, or of an occurrence, at its new home be told it whole.

    A link's copy that becomes the home copy, and one from which guests are invited now.
    """
    for copy in copies.copies_of(store, event.id):
        if _said_on(store, calendar.id, copy) - _said_on(store, event.calendar_id, copy):
            copies.update_copies(store, [to_be_told_whole(store, event, copy, now)])


def _said_on(store: Store, home_id: int, copy: Copy) -> set[str]:
    """Return the fields that a copy says of an event of ours that lives on a calendar; none if nothing holds it."""
    home, link = home_id == copy.calendar_id, links.find_link(store, home_id, copy.calendar_id)
    if not home and link is None:
        return set()
    return set(fields_for(home=home, guests=home or (link is not None and link.invites)))


def _check_movable(event: Event, old: Calendar) -> None:
    check_event(event, old)
    body = event.content.body if event.content is not None else None
    if body is not None and (body.event_type != "default" or (body.organizer and not body.organizer_self)):
        raise NotAllowed("Only events that this calendar organizes can move.", "Copy it instead.")
