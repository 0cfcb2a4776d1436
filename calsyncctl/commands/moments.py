"""Days, times, lengths and repetitions as people type them, turned into the times of an event.

`tomorrow 12:00`, `fri 9:30`, `2026-11-20`, `2026-11-20T09:00+01:00`, `09:00`; `45m`, `1h30m`, `2d`; `daily`,
`weekly:mo,we`, `every 2 weeks`, or recurrence lines. A wall time is meant in the zone shown, unless one is named.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from calsyncctl.commands.dates import check_year, day_of
from calsyncctl.errors import UsageFault

WEEKDAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_TIME = re.compile(
    r"(?:(?P<day>.+?)(?:\s+|T))?(?P<hour>\d{1,2})(?::(?P<minute>\d\d))?(?::(?P<second>\d\d))?\s*(?P<half>am|pm)?"
    r"(?P<offset>Z|[+-]\d\d:?\d\d)?",
    re.IGNORECASE,
)
_LENGTH = re.compile(r"(\d{1,5})\s*(w|d|h|min|m)", re.IGNORECASE)
_LONGEST = timedelta(days=3660)
_UNITS = {"w": timedelta(weeks=1), "d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}
_EVERY = re.compile(r"every\s+(\d{1,3})\s+(day|week|month|year)s?", re.IGNORECASE)
_FREQ = {"day": "DAILY", "week": "WEEKLY", "month": "MONTHLY", "year": "YEARLY"}
_WORDS = {
    "daily": "FREQ=DAILY",
    "weekly": "FREQ=WEEKLY",
    "monthly": "FREQ=MONTHLY",
    "yearly": "FREQ=YEARLY",
    "weekdays": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
}
_FORMS = "Write 2026-11-20, tomorrow 12:00, fri 9:30, 2026-11-20T09:00+01:00, or a time alone: 14:00."


@dataclass(frozen=True, slots=True)
class Moment:
    """What was typed: a day, a time, or both; `offset` where one was given."""

    day: date | None
    time: time | None
    offset: tzinfo | None = None


def read_moment(text: str, today: date) -> Moment:
    """Read a day, a time or both.

    Raises:
        UsageFault: it is neither.
    """
    try:
        match = _TIME.fullmatch(text.strip())
        if match is None or not (match["minute"] or match["half"]):
            return Moment(check_year(_day(text, today)), None)
        day = check_year(_day(match["day"], today)) if match["day"] else None
        return Moment(day, _time(match), _offset(match["offset"]))
    except (ValueError, OverflowError) as error:
        raise UsageFault(f"“{text}” is no day or time.", _FORMS) from error


def _time(match: re.Match[str]) -> time:
    hour, half = int(match["hour"]), (match["half"] or "").lower()
    if half and not 1 <= hour <= 12:
        raise ValueError(hour)
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return time(hour, int(match["minute"] or 0), int(match["second"] or 0))


def _offset(text: str | None) -> tzinfo | None:
    if not text:
        return None
    return datetime.fromisoformat(f"2000-01-01T00:00:00{text.upper()}").tzinfo


def _day(text: str, today: date) -> date:
    """Return the day that a text names; the name of a weekday is the next such day after today.

    Raises:
        ValueError: it names none.
    """
    typed = text.strip().rstrip(",").casefold()
    day = day_of(typed, today)
    if day is not None:
        return day
    fitting = [at for at, name in enumerate(_NAMES) if len(typed) >= 2 and name.startswith(typed)]
    if len(fitting) != 1:
        raise ValueError(text)
    return today + timedelta(days=(fitting[0] - today.weekday() - 1) % 7 + 1)


def read_length(text: str) -> timedelta:
    """Read a length: `45m`, `1h30m`, `2d`, `1w`.

    Raises:
        UsageFault: it is none, or nothing.
    """
    typed = text.strip()
    parts = _LENGTH.findall(typed)
    length = sum((int(count) * _UNITS[unit[0].lower()] for count, unit in parts), timedelta())
    if not length or _LENGTH.sub("", typed).strip():
        raise UsageFault(f"“{text}” is no length of time.", "Write 45m, 1h30m, 2d or 1w.")
    if length > _LONGEST:
        raise UsageFault(f"“{text}” is longer than ten years.", "Write 45m, 1h30m, 2d or 1w.")
    return length


def wall_time(day: date, at: time, zone: tzinfo) -> datetime:
    """Return a wall time in a zone; of one that the clocks repeat the first.

    Raises:
        UsageFault: the clocks skip it that day.
    """
    meant = datetime.combine(day, at, zone)
    if meant.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != meant.replace(tzinfo=None):
        raise UsageFault(
            f"There is no {at:%H:%M} on {day.isoformat()} in {zone}: the clocks are put forward.", "Give another time."
        )
    return meant


def read_repeat(texts: list[str], start: date) -> tuple[str, ...]:
    """Read repetitions: words, or recurrence lines as they are; `none` is no repetition.

    Raises:
        UsageFault: one is neither, or its days leave the start out.
    """
    if [text.strip().casefold() for text in texts] == ["none"]:
        return ()
    return tuple(_repeat(text, start) for text in texts)


def _repeat(text: str, start: date) -> str:
    typed = text.strip()
    if re.match(r"(RRULE|RDATE|EXDATE|EXRULE)\b", typed, re.IGNORECASE):
        return typed
    if re.match(r"FREQ=", typed, re.IGNORECASE):
        return f"RRULE:{typed}"
    word, _, days = typed.casefold().replace(" on ", ":").partition(":")
    every = _EVERY.fullmatch(word.strip())
    rule = f"FREQ={_FREQ[every[2].lower()]};INTERVAL={int(every[1])}" if every else _WORDS.get(word.strip())
    if rule is None or (days and "WEEKLY" not in rule) or (days and "BYDAY" in rule):
        raise UsageFault(
            f"“{text}” is no repetition.",
            "Write daily, weekdays, weekly, weekly:mo,we, monthly, yearly, every 2 weeks, or RRULE:FREQ=…",
        )
    if days:
        rule += f";BYDAY={','.join(_weekdays(days))}"
    _check_start(rule, start)
    return f"RRULE:{rule}"


def _weekdays(text: str) -> list[str]:
    found = {part.strip()[:2] for part in text.split(",") if part.strip()}
    if not found or not found <= set(WEEKDAYS):
        raise UsageFault(f"“{text}” are no days of the week.", "Write mo,tu,we,th,fr,sa,su.")
    return [day.upper() for day in WEEKDAYS if day in found]


def _check_start(rule: str, start: date) -> None:
    """The start always takes place: one beside the days that were named would be an odd first occurrence."""
    _, named, days = rule.partition("BYDAY=")
    if named and WEEKDAYS[start.weekday()].upper() not in days.split(","):
        raise UsageFault(
            f"The start, {start.isoformat()}, is a {_NAMES[start.weekday()].capitalize()}, which is not among {days}.",
            "Let it start on one of these days.",
        )
