"""The steps that local edits are made of: an event's row, its version in the history, and the copies that are due."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from msgspec.structs import replace

from calsyncctl.errors import Invalid, NotFound
from calsyncctl.model.calendar import Calendar
from calsyncctl.model.event import Content, Event
from calsyncctl.model.history import Action, FieldChange, Lost, Version
from calsyncctl.model.when import span
from calsyncctl.store import calendars, copies, events, runs
from calsyncctl.store.db import Store
from calsyncctl.sync.links import plan_copies

RESTORE = "restore"
"""Author of what is brought back: it mails nobody, and `why` says who decided."""


THE_SAME = "it is the event "
"""How it begins why an event ended that turned out to be another one; that one's short key follows."""

DIVIDED = "this and the following were changed"
"""Why a series ends where another goes on from it; that one was made in the same run."""

WITH_SERIES = "its series was deleted"
"""Why an exception is deleted that comes back with its series."""


@dataclass(frozen=True, slots=True)
class Act:
    """Who edits, when, for which installation, and in which run (None: in none)."""

    author: str
    now: int
    instance: str
    run: int | None = None


class Fact(NamedTuple):
    """What the history says of an edit."""

    action: Action
    why: str
    changes: tuple[FieldChange, ...] = ()
    lost: tuple[Lost, ...] = ()


@contextmanager
def together(store: Store) -> Iterator[None]:
    """Write in the transaction that is open, or in one of its own."""
    if store.writing():
        yield
        return
    with store.write():
        yield


def living(store: Store, event_id: int) -> Event:
    """Return an event that is not deleted.

    Raises:
        NotFound: there is none, or it is deleted.
    """
    event = events.get_event(store, event_id)
    if event.deleted is not None:
        raise NotFound(
            f"The event {event.key[:8]} is deleted.",  # never its title: errors are logged
            f"Bring it back: calsyncctl events restore {event.key[:8]}",
        )
    return event


def home_of(store: Store, event: Event) -> Calendar:
    """Return the calendar that an event lives on."""
    return calendars.get_calendar(store, event.calendar_id)


def placed(event: Event, content: Content, calendar: Calendar) -> Event:
    """Return an event that says something, placed in time.

    Raises:
        Invalid: its times cannot be read, or it ends before it starts.
    """
    try:
        starts, ends = span(content.when, calendar.zone)
    except (ValueError, OverflowError) as error:
        raise Invalid("The times of this event cannot be read.", "Write them as 2026-04-15T09:00.") from error
    return replace(event, content=content, status=content.status, starts=starts, ends=ends, deleted=None)


def keep_new(store: Store, act: Act, event: Event, fact: Fact) -> Event:
    """Keep a new event with its first version and its planned copies."""
    kept = replace(event, id=events.next_id(store), version=1)
    events.insert_events(store, [kept], None)
    _note(store, act, kept, fact)
    plan_copies(store, kept, act.instance, act.now)
    _wake_series(store, act, kept)
    return kept


def keep_changed(store: Store, act: Act, event: Event, fact: Fact) -> Event:
    """Keep an event under its next version; all its copies wait to be pushed, missing ones are planned."""
    kept = replace(event, version=event.version + 1)
    events.update_events(store, [kept], None)
    _note(store, act, kept, fact)
    copies.make_due(store, [kept.id], act.now)
    if kept.deleted is None:
        plan_copies(store, kept, act.instance, act.now)
        _wake_series(store, act, kept)
    return kept


def _wake_series(store: Store, act: Act, event: Event) -> None:
    """A change of an occurrence is one of its series: where that is stale, it is made afresh."""
    if event.series_id is not None:
        copies.make_stale_due(store, event.series_id, act.now)


def _note(store: Store, act: Act, event: Event, fact: Fact) -> None:
    runs.add_versions(
        store,
        [
            Version(
                event_id=event.id,
                version=event.version,
                run_id=act.run,
                calendar_id=event.calendar_id,
                at=act.now,
                author=act.author,
                action=fact.action,
                why=fact.why,
                changes=fact.changes,
                lost=fact.lost,
            )
        ],
    )
