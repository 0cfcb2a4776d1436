"""The times of an event out of what was typed: new ones, and an event's own with what was typed put in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from calsyncctl.commands.moments import Moment, read_length, read_moment, read_repeat, wall_time
from calsyncctl.connections.directory import check_zone
from calsyncctl.errors import UsageFault
from calsyncctl.model.event import When
from calsyncctl.model.when import span, zone_or_utc
from calsyncctl.sync.recurrence.recur import reshape
from calsyncctl.sync.recurrence.ruletext import checked

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Given:
    """What the command line says of times; None and empty: nothing."""

    start: str | None = None
    end: str | None = None
    lasts: str | None = None
    all_day: bool | None = None
    zone: str | None = None
    repeat: tuple[str, ...] = ()
    until: str | None = None
    times: int | None = None

    @property
    def anything(self) -> bool:
        """Whether anything was said at all."""
        return self != Given()


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when something is typed: now, the zone that is shown, and the calendar's own."""

    now: datetime
    zone: tzinfo
    calendar_zone: str

    @property
    def today(self) -> date:
        """The day it is, in the zone that is shown."""
        return self.now.astimezone(self.zone).date()

    def within(self, zone: str | None) -> Place:
        """Return the place with a named zone as the one that times are meant in."""
        if zone is None:
            return self
        check_zone(zone)
        return Place(self.now, ZoneInfo(zone), self.calendar_zone)


def new_when(given: Given, place: Place) -> When:
    """Return the times of a new event.

    Raises:
        UsageFault: there is no start, or what was typed makes no sense.
    """
    if given.start is None:
        raise UsageFault("An event needs a start.", 'Give one: --start "tomorrow 12:00"')
    _check(given)
    here = place.within(given.zone)
    start = read_moment(given.start, here.today)
    all_day = start.time is None if given.all_day is None else given.all_day
    when = _new_days(given, start, here) if all_day else _new_hours(given, start, here)
    return _repeated(when, given, place)


def edited_when(was: When, given: Given, place: Place) -> When:
    """Return an event's times with what was typed put in; what was not typed stays.

    A time alone keeps the day, a day alone the time; a new start takes the length along.

    Raises:
        UsageFault: what was typed makes no sense.
    """
    if not given.anything:
        return was
    _check(given)
    here = place.within(given.zone)
    all_day = _stays_all_day(was, given, here) if given.all_day is None else given.all_day
    when = _edited_days(was, given, here) if all_day else _edited_hours(was, given, here)
    moved = replace(when, recurrence=was.recurrence)
    if was.recurrence and not given.repeat:
        moved = reshape(was, moved, calendar_zone=place.calendar_zone).when
    return _repeated(moved, given, place)


def _check(given: Given) -> None:
    if given.end is not None and given.lasts is not None:
        raise UsageFault("--end and --for cannot be given together.", "Give one of them.")
    if given.until is not None and given.times is not None:
        raise UsageFault("--until and --times cannot be given together.", "Give one of them.")


# All-day


def _new_days(given: Given, start: Moment, here: Place) -> When:
    first = _only_day(start, given.start or "")
    return _days(first, _last_day(given, here) or first + _length_in_days(given, 1) - _DAY)


def _edited_days(was: When, given: Given, here: Place) -> When:
    if was.all_day:
        first, after = date.fromisoformat(was.start), date.fromisoformat(was.end)
    else:
        zone = zone_or_utc(was.zone)
        begin, end = (datetime.fromisoformat(text).astimezone(zone) for text in (was.start, was.end))
        first, after = begin.date(), max(begin, end - timedelta(microseconds=1)).date() + _DAY
    days = (after - first).days
    if given.start is not None:
        first = _only_day(read_moment(given.start, here.today), given.start)
        after = first + timedelta(days=days)
    last = _last_day(given, here)
    if last is None:
        last = first + _length_in_days(given, days) - _DAY if given.lasts else after - _DAY
    return _days(first, last)


def _days(first: date, last: date) -> When:
    """Return whole days; the end is written exclusive."""
    if last < first:
        raise UsageFault("The event ends before it starts.", "Give a later --end: its last day.")
    return When(first.isoformat(), (last + _DAY).isoformat())


def _only_day(moment: Moment, typed: str) -> date:
    if moment.day is None or moment.time is not None:
        raise UsageFault(f"“{typed}” is not a day, and the event is all-day.", "Give a day, or --no-all-day.")
    return moment.day


def _last_day(given: Given, here: Place) -> date | None:
    return None if given.end is None else _only_day(read_moment(given.end, here.today), given.end)


def _length_in_days(given: Given, usual: int) -> timedelta:
    if given.lasts is None:
        return timedelta(days=usual)
    length = read_length(given.lasts)
    if length % _DAY:
        raise UsageFault(f"“{given.lasts}” is no number of days, and the event is all-day.", "Write 2d or 1w.")
    return length


# At a time


def _new_hours(given: Given, start: Moment, here: Place) -> When:
    if start.time is None:
        raise UsageFault(f"“{given.start}” names no time.", 'Give one: --start "tomorrow 12:00"')
    begin = _at(start, start.day or here.today, start.time, here)
    return _hours(begin, _end(given, begin, _HOUR, here), here, here.calendar_zone)


def _edited_hours(was: When, given: Given, here: Place) -> When:
    zone_name = given.zone or was.zone
    begin, end = _own_hours(was, given, here)
    if given.start is not None:
        typed = read_moment(given.start, here.today)
        own = begin.astimezone(here.zone)
        if was.all_day and typed.time is None:
            raise UsageFault(f"“{given.start}” names no time.", 'Give one: --start "tomorrow 12:00"')
        moved = _at(typed, typed.day or own.date(), typed.time or own.time(), here)
        begin, end = moved, moved + (end - begin)
    end = _end(given, begin, end - begin, here)
    return _hours(begin, end, here, zone_name or here.calendar_zone, keep=zone_name)


def _own_hours(was: When, given: Given, here: Place) -> tuple[datetime, datetime]:
    """Return an event's own start and end; under a new zone its wall times stay, an all-day one becomes an hour."""
    if was.all_day:
        if given.start is None:
            raise UsageFault("An all-day event needs a time to become a timed one.", "Give --start with a time.")
        day = date.fromisoformat(was.start)
        begin = datetime.combine(day, time(), here.zone)
        return begin, begin + _HOUR
    begin, end = (datetime.fromisoformat(text).astimezone(UTC) for text in (was.start, was.end))
    if given.zone is None or given.start is not None:
        return begin, end
    wall = begin.astimezone(zone_or_utc(was.zone))
    moved = wall_time(wall.date(), wall.time(), here.zone)
    return moved, moved.astimezone(UTC) + (end - begin)


def _stays_all_day(was: When, given: Given, here: Place) -> bool:
    if not was.all_day or given.start is None:
        return was.all_day
    return read_moment(given.start, here.today).time is None


def _end(given: Given, begin: datetime, usual: timedelta, here: Place) -> datetime:
    if given.lasts is not None:
        return begin.astimezone(UTC) + read_length(given.lasts)
    if given.end is None:
        return begin.astimezone(UTC) + usual
    typed = read_moment(given.end, here.today)
    if typed.time is None:
        raise UsageFault(f"“{given.end}” names no time.", "Give one, such as 13:00, or --for 45m.")
    day = typed.day or begin.astimezone(here.zone).date()
    end = _at(typed, day, typed.time, here)
    return _at(typed, day + _DAY, typed.time, here) if typed.day is None and end <= begin else end


def _at(typed: Moment, day: date, at: time, here: Place) -> datetime:
    if typed.offset is not None:
        return datetime.combine(day, at, typed.offset)
    return wall_time(day, at, here.zone)


def _hours(begin: datetime, end: datetime, here: Place, usual_zone: str, *, keep: str | None = None) -> When:
    """Write start and end in the event's zone: the one it keeps, else the one that times are meant in."""
    name = keep or getattr(here.zone, "key", None) or usual_zone
    zone = zone_or_utc(name)
    return When(_written(begin, zone), _written(end, zone), name)


def _written(moment: datetime, zone: tzinfo) -> str:
    text = moment.astimezone(UTC).astimezone(zone).isoformat(timespec="seconds")
    return f"{text[:-6]}Z" if text.endswith("+00:00") else text


# Repetition


def _repeated(when: When, given: Given, place: Place) -> When:
    lines = when.recurrence
    if given.repeat:
        lines = read_repeat(list(given.repeat), date.fromisoformat(when.start[:10]))
    if given.until is not None or given.times is not None:
        lines = _limited(lines, given, place)
    if not given.repeat and lines == when.recurrence and when.recurrence:
        _check_span(when, place)
        return when
    return checked(replace(when, recurrence=lines), calendar_zone=place.calendar_zone)


def _check_span(when: When, place: Place) -> None:
    starts, ends = span(when, place.calendar_zone)
    if ends <= starts:
        raise UsageFault("The event ends when it starts, or before.", "Give a later --end, or --for 45m.")


def _limited(lines: tuple[str, ...], given: Given, place: Place) -> tuple[str, ...]:
    """Put an end to the rules: a last day, or so many times."""
    if not any(line.upper().startswith("RRULE") for line in lines):
        raise UsageFault("--until and --times end a repetition, and there is none.", "Give --repeat as well.")
    if given.until is not None:
        day = read_moment(given.until, place.within(given.zone).today).day
        if day is None:
            raise UsageFault(f"“{given.until}” is no day.", "Write --until 2026-12-24.")
        end = f"UNTIL={day:%Y%m%d}"
    else:
        end = f"COUNT={given.times}"
    return tuple(_with_end(line, end) if line.upper().startswith("RRULE") else line for line in lines)


def _with_end(line: str, end: str) -> str:
    return re.sub(r";?(UNTIL|COUNT)=[^;]*", "", line, flags=re.IGNORECASE) + f";{end}"
