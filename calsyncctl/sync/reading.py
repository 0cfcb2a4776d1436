"""Reading a range as people see it: series expanded as far as it needs, exceptions in place, hidden calendars left out.

Occurrences are a cache (docs/architecture.md, Series and exceptions): a pull only marks a series, whoever reads
expands. The walk happens outside of the write lock; what it found is kept only if the series is still the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from calsyncctl.model.calendar import Calendar
from calsyncctl.model.event import Event, Occurrence
from calsyncctl.model.when import original_of, series_zone, shown
from calsyncctl.store import calendars, events, occurrences, ranges
from calsyncctl.store.db import Store
from calsyncctl.store.occurrences import Unexpanded, Window
from calsyncctl.sync.recurrence.expand import Expansion, expand

DAY = 24 * 3600
HORIZON_DAYS = 400
"""How far ahead of now a series is expanded when it is expanded at all (`sync.horizon_days`)."""

CHUNK = 100
"""Series expanded between two commits."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What takes place in a range, by start; `notes` name series that could not be expanded in full."""

    occurrences: tuple[Occurrence, ...]
    notes: tuple[str, ...] = ()


def events_between(
    store: Store,
    *,
    from_: int,
    to: int,
    now: int,
    calendar_ids: Iterable[int] | None = None,
    horizon_days: int = HORIZON_DAYS,
) -> Reading:
    """Return what overlaps `from_` … `to` (UTC seconds, `to` exclusive) on calendars, None: on all that are visible."""
    chosen = ranges.visible_calendars(store, calendar_ids)
    notes = expand_between(store, chosen, from_=from_, to=to, now=now, horizon_days=horizon_days)
    zones = {calendar_id: calendars.get_calendar(store, calendar_id).zone for calendar_id in chosen}
    found = [
        _occurrence(starts, ends, event, zones[event.calendar_id])
        for starts, ends, event in ranges.spans_between(store, calendar_ids=chosen, from_=from_, to=to)
    ]
    found.sort(key=lambda one: (one.starts, one.ends, one.event.id))
    return Reading(tuple(found), tuple(notes))


def expand_between(
    store: Store, calendar_ids: Sequence[int], *, from_: int, to: int, now: int, horizon_days: int = HORIZON_DAYS
) -> list[str]:
    """Expand what a range needs, and up to the horizon while at it; return notes for people. Opens its own writes."""
    notes: list[str] = []
    after = 0
    while waiting := occurrences.waiting_series(store, calendar_ids, from_=from_, to=to, limit=CHUNK, after=after):
        zones = {one.event.calendar_id for one in waiting}
        homes = {calendar_id: calendars.get_calendar(store, calendar_id) for calendar_id in zones}
        walked = [
            _walk(store, one, homes[one.event.calendar_id], Window(from_, to), now + horizon_days * DAY)
            for one in waiting
        ]
        with store.write():
            for one in walked:
                _keep(store, one)
        notes += [f"{one.series.key[:8]}: {note}" for one in walked for note in one.expansion.notes]
        after = waiting[-1].event.id
    return notes


@dataclass(frozen=True, slots=True)
class _Walked:
    """A series' expansion, and the state of the series that it holds for."""

    series: Event
    originals: list[str]
    from_: int
    expansion: Expansion


def _walk(store: Store, waiting: Unexpanded, home: Calendar, asked: Window, horizon: int) -> _Walked:
    series, covered = waiting.event, waiting.covered
    originals = events.originals_of(store, series.id)
    wide = _joined(asked, covered, horizon)
    expansion = expand(series, originals, calendar_zone=home.zone, from_=wide.from_, to=wide.to)
    if expansion.to < asked.to:
        # Too many to keep: then only what was asked for, as far as it goes.
        wide = asked
        expansion = expand(series, originals, calendar_zone=home.zone, from_=wide.from_, to=wide.to)
    return _Walked(series, originals, wide.from_, expansion)


def _joined(asked: Window, covered: Window | None, horizon: int) -> Window:
    """Join what is asked for with what is there already, and reach for the horizon unless long past is read."""
    from_, to = asked.from_, max(asked.to, horizon)
    if covered is None:
        return Window(from_, to)
    return Window(min(from_, covered.from_), max(to, covered.to))


def _keep(store: Store, walked: _Walked) -> None:
    """Keep an expansion unless the series, or its exceptions, changed meanwhile: then the next reading does it."""
    now_there = events.get_event(store, walked.series.id)
    if now_there == walked.series and events.originals_of(store, walked.series.id) == walked.originals:
        covered = Window(walked.from_, walked.expansion.to)
        occurrences.keep_occurrences(store, walked.series, walked.expansion.spans, covered)


def _occurrence(starts: int, ends: int, event: Event, calendar_zone: str) -> Occurrence:
    content = event.content
    assert content is not None  # what takes time has content
    original = event.original
    if not content.when.recurrence:
        return Occurrence(
            event=event, starts=starts, ends=ends, start=content.when.start, end=content.when.end, original=original
        )
    zone, all_day = series_zone(content.when, calendar_zone), content.when.all_day
    return Occurrence(
        event=event,
        starts=starts,
        ends=ends,
        start=shown(starts, all_day=all_day, zone=zone),
        end=shown(ends, all_day=all_day, zone=zone),
        original=original_of(starts, all_day=all_day, zone=zone),
    )
