"""Which part of a series a command means: one occurrence, this and the following, or all of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from calsyncctl.errors import NotFound, UsageFault
from calsyncctl.model.event import Event
from calsyncctl.store import calendars, events
from calsyncctl.store.db import Store
from calsyncctl.store.find import find_event
from calsyncctl.sync.recurrence.lines import no_series
from calsyncctl.sync.recurrence.recur import named


class How(StrEnum):
    """How much of an event is meant."""

    WHOLE = "whole"
    """A single event, an exception by its own key, or a series as a whole."""
    THIS = "this"
    FOLLOWING = "following"


@dataclass(frozen=True, slots=True)
class Scope:
    """What was typed."""

    this: str | None = None
    following: str | None = None
    all: bool = False

    @property
    def given(self) -> bool:
        """Whether any of them was."""
        return self.this is not None or self.following is not None or self.all


@dataclass(frozen=True, slots=True)
class Target:
    """What is meant: an event, or of a series (`event`) the occurrence of an original start."""

    event: Event
    how: How
    original: str = ""
    calendar_zone: str = "UTC"


def target_of(store: Store, text: str, scope: Scope) -> Target:
    """Find the event that was typed, and which part of it is meant.

    Raises:
        NotFound: there is no such event, or it is deleted.
        UsageFault: it is a series and nothing says how much of it, or the other way round.
    """
    found = find_event(store, text)
    if found.series_id is not None and scope.given:
        found = events.get_event(store, found.series_id)
    if found.deleted is not None:
        raise NotFound("This event is deleted.", f"Bring it back: calsyncctl events restore {found.key[:8]}")
    if sum((scope.this is not None, scope.following is not None, scope.all)) > 1:
        raise UsageFault("--this, --following and --all exclude each other.", "Give one of them.")
    if found.content is None or not found.content.when.recurrence:
        return _single(found, scope)
    return _of_series(store, found, scope)


def _single(event: Event, scope: Scope) -> Target:
    if scope.given:
        raise no_series()
    return Target(event, How.WHOLE)


def _of_series(store: Store, series: Event, scope: Scope) -> Target:
    if not scope.given:
        raise UsageFault(
            "This event repeats: it is not said how much of it is meant.",
            "Add --all, --this 2026-11-20 (that occurrence), or --following 2026-11-20 (it and all after it).",
        )
    zone = calendars.get_calendar(store, series.calendar_id).zone
    if scope.all:
        return Target(series, How.WHOLE, calendar_zone=zone)
    how = How.THIS if scope.this is not None else How.FOLLOWING
    original = _original(store, series, scope.this or scope.following or "", zone)
    return Target(series, how, original, zone)


def _original(store: Store, series: Event, typed: str, zone: str) -> str:
    """Return the original start that is meant; one whose exception stands outside of the rule may be named exactly."""
    if typed.strip() in events.originals_of(store, series.id):
        return typed.strip()
    assert series.content is not None
    return named(series.content.when, typed, calendar_zone=zone)
