"""A series that was divided here while Google knows the whole: what each part of it is, by any times of the whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from calsyncctl.errors import UsageFault
from calsyncctl.model.event import Event, When
from calsyncctl.model.history import Action, Version
from calsyncctl.store import events, runs
from calsyncctl.store.db import Store
from calsyncctl.store.history import content_at
from calsyncctl.sync.editing.record import DIVIDED, home_of
from calsyncctl.sync.recurrence.recur import Halves, divided_like

Whens = tuple[When | None, ...]
"""Times of a whole series by several words, and of a part of it: None where that cannot be told."""


class Part(NamedTuple):
    """What goes on from a series since `row` divided it: its event, and when all of that took place by each word."""

    row: Version
    event: Event
    whens: Whens


def divisions(store: Store, series: Event, agreed: int) -> Iterator[tuple[Version, Event]]:
    """Yield by which changes a series was divided here since a version of it, and what went on from it then: living."""
    for row in runs.versions_after(store, series.id, agreed):
        if row.why != DIVIDED or row.run_id is None:
            continue
        made = [one for one in runs.versions_in(store, row.run_id) if one.action is Action.ADDED and one.id < row.id]
        heads = (events.get_event(store, one.event_id) for one in reversed(made))
        half = next((one for one in heads if one.series_id is None), None)  # made last before the series ended
        if half is not None and half.deleted is None and half.content is not None:
            yield row, half


def later_parts(store: Store, series: Event, agreed: int, whens: Whens = ()) -> Iterator[Part]:
    """Yield what goes on from a series by divisions after a version of it, and from that in turn."""
    for row, half in divisions(store, series, agreed):
        halves = [_cut(store, series, row, when) for when in whens]
        rest = tuple(None if one is None else one.after for one in halves)
        yield Part(row, half, rest)
        yield from later_parts(store, half, 0, rest)
        whens = tuple(None if one is None else one.before for one in halves)


def left_of(store: Store, series: Event, agreed: int, whens: Whens) -> Whens:
    """Return what its divisions after a version left of a series."""
    for row, _ in divisions(store, series, agreed):
        halves = [_cut(store, series, row, when) for when in whens]
        whens = tuple(None if one is None else one.before for one in halves)
    return whens


def _cut(store: Store, series: Event, row: Version, when: When | None) -> Halves | None:
    """Divide times of a series where a change divided it."""
    before, after = content_at(store, series, row.version - 1), content_at(store, series, row.version)
    if before is None or after is None or when is None:
        return None
    return cut(before.when, after.when, when, home_of(store, series).zone)


def cut(whole: When, left: When, other: When, zone: str) -> Halves | None:
    """Divide other times of a series where it was divided; None: it was not, nothing comes after, or not readably.

    `whole` is when it took place before that, `left` what was left of it.
    """
    if whole.start != left.start or not left.recurrence or not other.recurrence:
        return None
    try:
        return divided_like(whole, left, other, calendar_zone=zone)
    except UsageFault:
        return None
