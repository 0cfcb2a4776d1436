"""When a series takes place in a window: its rules and dates, without what is excluded or replaced. Pure.

Starts follow the wall clock of the series' zone; a start that DST skips counts with the offset before the gap, one
that DST repeats is the first. Each occurrence lasts exactly as long as the first (RFC 5545, 3.8.5.3), all-day ones
whole days. The start itself always belongs to a series (3.8.2.4).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo

from calsyncctl.model.event import Event, When
from calsyncctl.model.when import instant, local, midnight, series_zone, span, zone_of
from calsyncctl.sync.recurrence.rules import FINE, Dates, Recurrence, Rule, TooMany, read_recurrence, walls

MOST = 10_000
"""How many occurrences of one series a window shows; a rule by the second would fill the store."""

_TOO_MANY = "too many occurrences: only the first of them are shown"

_STAMP = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d):?(\d\d)(Z?))?", re.IGNORECASE)
_PERIOD = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", re.IGNORECASE)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Expansion:
    """The occurrences of a series that overlap a window, as (starts, ends) in UTC seconds, in order.

    `to` is how far the window could be filled: earlier than asked if there are too many. `notes` say what was not
    understood, and are for people.
    """

    spans: tuple[tuple[int, int], ...]
    to: int
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Series:
    """A series under expansion: its times, and the window."""

    when: When
    zone: tzinfo
    calendar_zone: str
    starts: int
    lasts: int
    low: int
    """The earliest start that still reaches into the window."""
    high: int
    found: dict[int, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def expand(series: Event, originals: Iterable[str], *, calendar_zone: str, from_: int, to: int) -> Expansion:
    """Return when a series takes place in a window; `originals` are the starts that exceptions stand for."""
    if series.content is None:
        return Expansion((), to)
    when = series.content.when
    # From before a timed series came to be of whole days: Google shows the day, whose name is another one.
    standing = [one for one in originals if not (when.all_day and "T" in one)]
    return expand_when(when, standing, calendar_zone=calendar_zone, from_=from_, to=to)


def expand_when(when: When, originals: Iterable[str], *, calendar_zone: str, from_: int, to: int) -> Expansion:
    """Return when something takes place in a window: what `expand` does, for times that are no event's yet."""
    try:
        starts, ends = span(when, calendar_zone)
    except (ValueError, OverflowError) as error:
        return Expansion((), to, (f"its times cannot be read: {error}",))
    zone = series_zone(when, calendar_zone)
    under = _Series(when, zone, calendar_zone, starts, ends - starts, from_ - (ends - starts), to)
    _find(under, read_recurrence(when.recurrence), originals)
    return _fitted(under, from_)


def _fitted(series: _Series, from_: int) -> Expansion:
    to = series.high
    spans = sorted(one for one in series.found.items() if one[0] < to and (one[1] > from_ or one[0] >= from_))
    if len(spans) <= MOST:
        return Expansion(tuple(spans), to, tuple(series.notes))
    return Expansion(tuple(spans[:MOST]), spans[MOST][0], tuple(dict.fromkeys((*series.notes, _TOO_MANY))))


def _find(series: _Series, lines: Recurrence, originals: Iterable[str]) -> None:
    """Gather starts, then take out what is excluded or replaced."""
    series.notes += [f"a line cannot be read: {line}" for line in lines.unread]
    _keep(series, series.starts, None)
    for rule in lines.rules:
        for starts in _of_rule(series, rule):
            _keep(series, starts, None)
    _each_value(series, lines.dates, _add_date)
    for rule in lines.excluding:
        for starts in _of_rule(series, rule):
            series.found.pop(starts, None)
    _each_value(series, [*lines.without, Dates(tuple(originals), None)], _take_out)


def _each_value(series: _Series, lines: Iterable[Dates], act: Callable[[_Series, str, str | None], None]) -> None:
    """Act on single dates; one that cannot be read is noted and does no harm to the others."""
    for dates in lines:
        for text in dates.values:
            try:
                act(series, text, dates.zone)
            except (ValueError, OverflowError):
                series.notes.append(f"a date cannot be read: {text}")


def _keep(series: _Series, starts: int, ends: int | None) -> None:
    if series.low <= starts < series.high or (ends is not None and starts < series.high):
        series.found[starts] = ends if ends is not None else _end_of(series, starts)


def _end_of(series: _Series, starts: int) -> int:
    if not series.when.all_day:
        return starts + series.lasts
    days = date.fromisoformat(series.when.end) - date.fromisoformat(series.when.start)
    return midnight((local(starts, series.zone).date() + days).isoformat(), series.calendar_zone)


def _of_rule(series: _Series, rule: Rule) -> Iterator[int]:
    """Yield the starts of one rule that may matter; one that cannot be walked is noted and yields what it did."""
    first = _wall(series, series.starts)
    # Wall time and instants part by an hour or two at most; by the second, more than that is a long walk.
    margin = timedelta(hours=3) if rule.freq in FINE else _DAY
    low, high = _wall(series, series.low) - margin, _wall(series, series.high) + margin
    starts = series.low
    try:
        until = _until(series, rule)
        for wall in walls(rule, first, low, high):
            starts = _instant(series, wall)
            if until is not None and starts > until:
                return
            yield starts
    except TooMany:
        series.high = min(series.high, starts + 1)
        series.notes.append(_TOO_MANY)
    except (ValueError, OverflowError) as error:
        series.notes.append(f"a rule cannot be followed: {error}")


def _wall(series: _Series, moment: int) -> datetime:
    """Return an instant as naive wall time of the series, dates at midnight; kept inside of the calendar's years."""
    inside = min(max(moment, -62_000_000_000), 253_000_000_000)
    wall = local(inside, series.zone).replace(tzinfo=None)
    return wall.replace(hour=0, minute=0, second=0) if series.when.all_day else wall


def _instant(series: _Series, wall: datetime) -> int:
    if series.when.all_day:
        return midnight(wall.date().isoformat(), series.calendar_zone)
    return instant(wall.replace(tzinfo=series.zone))


def _until(series: _Series, rule: Rule) -> int | None:
    """Return the last instant at which an occurrence may start; a date means the whole of that day."""
    if rule.until is None:
        return None
    value = _read_stamp(rule.until, series.zone)
    if isinstance(value, date):
        return _midnight(series, value + _DAY) - 1
    # An all-day series ends with a day, in whatever form it is written.
    return _midnight(series, _date_in(rule.until) + _DAY) - 1 if series.when.all_day else value


def _add_date(series: _Series, text: str, zone_name: str | None) -> None:
    """Add one RDATE: an instant, a date, or a period with a length of its own."""
    begin, _, end = text.partition("/")
    starts = _start_at(series, begin, zone_name)
    if not end or series.when.all_day:
        _keep(series, starts, None)
    elif match := _PERIOD.fullmatch(end):
        weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
        lasts = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
        _keep(series, starts, starts + int(lasts.total_seconds()))
    else:
        _keep(series, starts, max(starts, _start_at(series, end, zone_name)))


def _start_at(series: _Series, text: str, zone_name: str | None) -> int:
    """Return the start that a value means: a date for a timed series means its usual hour on that day."""
    if series.when.all_day:
        return _midnight(series, _date_in(text))
    value = _read_stamp(text, zone_of(zone_name) or series.zone)
    if isinstance(value, date):
        return _instant(series, datetime.combine(value, _wall(series, series.starts).time()))
    return value


def _take_out(series: _Series, text: str, zone_name: str | None) -> None:
    """Take out one start; a date takes out whatever starts on that day."""
    value = _date_in(text) if series.when.all_day else _read_stamp(text, zone_of(zone_name) or series.zone)
    if not isinstance(value, date):
        series.found.pop(value, None)
    elif series.when.all_day:
        series.found.pop(_midnight(series, value), None)
    else:
        for starts in [starts for starts in series.found if local(starts, series.zone).date() == value]:
            del series.found[starts]


def _read_stamp(text: str, zone: tzinfo) -> int | date:
    """Read an instant, or wall time in a zone, or a date. Raises ValueError."""
    match = _STAMP.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"“{text}” is no time")
    year, month, day = int(match[1]), int(match[2]), int(match[3])
    if match[4] is None:
        return date(year, month, day)
    there = UTC if match[7] else zone
    return instant(datetime(year, month, day, int(match[4]), int(match[5]), min(int(match[6]), 59), tzinfo=there))


def _date_in(text: str) -> date:
    match = _STAMP.match(text.strip())
    if match is None:
        raise ValueError(f"“{text}” is no time")
    return date(int(match[1]), int(match[2]), int(match[3]))


def _midnight(series: _Series, day: date) -> int:
    return midnight(day.isoformat(), series.calendar_zone)
