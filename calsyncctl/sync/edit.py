"""Every local change of an event, each whole in one transaction: row, version, raised number, and what is now due.

An edit never waits for Google: it says what the event is to be, and `push` brings the copies there. What could not be
pushed is refused here, when it is made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from msgspec import Struct

from calsyncctl.model.calendar import Calendar
from calsyncctl.model.event import Content, Event, EventKind
from calsyncctl.store.db import Store
from calsyncctl.sync.report import random_keys


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


class Draft(Struct, frozen=True, kw_only=True):
    """An event to be. `ref` is the caller's own id: the same one on the same calendar returns the first event."""

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
    raise NotImplementedError


def change_event(store: Store, means: EditMeans, event_id: int, content: Content, *, why: str = "edited") -> Event:
    """Let an event say something else; saying the same changes nothing.

    Raises:
        NotFound: there is no such event.
        NotAllowed: the edit could not be pushed.
    """
    raise NotImplementedError


def cancel_occurrence(store: Store, means: EditMeans, series_id: int, original: str) -> Event:
    """Cancel one occurrence of a series; return the exception that says so."""
    raise NotImplementedError


def change_occurrence(store: Store, means: EditMeans, series_id: int, original: str, content: Content) -> Event:
    """Change one occurrence of a series; return the exception that says so."""
    raise NotImplementedError


def split_series(
    store: Store, means: EditMeans, series_id: int, original: str, content: Content | None
) -> tuple[Event, Event | None]:
    """End a series before an occurrence, and let a new one go on from there; None: nothing goes on.

    Return the old series and the new one: two facts in one transaction.
    """
    raise NotImplementedError


def delete_event(store: Store, means: EditMeans, event_id: int, *, why: str = "deleted") -> Event:
    """Delete an event, a series with its exceptions, or one occurrence by its exception."""
    raise NotImplementedError


def move_event(store: Store, means: EditMeans, event_id: int, calendar: Calendar) -> Event:
    """Give an event another home calendar; it stays the same event."""
    raise NotImplementedError


def restore_event(store: Store, means: EditMeans, event_id: int, version: int | None = None) -> Event:
    """Bring a deleted event back, or give an event what it said at an earlier version."""
    raise NotImplementedError
