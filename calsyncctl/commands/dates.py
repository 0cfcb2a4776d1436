"""Days as people type them: `2026-11-20`, `today`, `tomorrow`, `+7d`, or a date with a time; in the shown zone."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, tzinfo

from calsyncctl.errors import UsageFault

DEFAULT_DAYS = 7
EARLIEST, LATEST = 1900, 9000
"""The years that can be asked for: zones and sums of days stay clear of the ends of the calendar."""
_NAMED = {"yesterday": -1, "today": 0, "tomorrow": 1}
_UNITS = {"d": 1, "w": 7}


def span(from_: str | None, to: str | None, days: int | None, now: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return beginning and end (exclusive) of a range, in `zone`; a `to` that is a day counts with that day.

    Raises:
        UsageFault: both `to` and `days`, an end before the beginning, or a text that is no day or time.
    """
    if to is not None and days is not None:
        raise UsageFault("--to and --days cannot be given together.", "Give one of them.")
    try:
        begin, end = _span("today" if from_ is None else from_, to, days, now, zone)
    except OverflowError as error:
        raise _out_of_reach("The range") from error
    if end <= begin:
        raise UsageFault("The range ends before it begins.", "Give a later --to.")
    if begin.year < EARLIEST or end.year > LATEST:
        raise _out_of_reach("The range")
    return begin, end


def _out_of_reach(what: str) -> UsageFault:
    return UsageFault(f"{what} reaches out of the years {EARLIEST} to {LATEST}.", "Give a nearer day.")


def check_year(day: date) -> date:
    """Return a day that zones and sums of days can be worked out for.

    Raises:
        UsageFault: it lies beyond.
    """
    if not EARLIEST <= day.year <= LATEST:
        raise _out_of_reach(day.isoformat())
    return day


def _span(from_: str, to: str | None, days: int | None, now: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    begin = moment_of(from_, now, zone)
    if to is None:
        end = _begin(begin.date() + timedelta(days=days or DEFAULT_DAYS), zone)
    else:
        end = moment_of(to, now, zone)
        day = day_of(to, now.astimezone(zone).date())
        end = end if day is None else _begin(day + timedelta(days=1), zone)
    return begin, end


def moment_of(text: str, now: datetime, zone: tzinfo) -> datetime:
    """Return the moment that a text names, in `zone`: the beginning of a day, or a given time.

    Raises:
        UsageFault: it is none of the forms.
    """
    if text.strip().casefold() == "now":
        return now.astimezone(zone)
    try:
        day = day_of(text, now.astimezone(zone).date())
        if day is not None:
            return _begin(day, zone)
        given = datetime.fromisoformat(text.strip())
        return given.astimezone(zone) if given.tzinfo else given.replace(tzinfo=zone)
    except (ValueError, OverflowError) as error:
        raise UsageFault(
            f"“{text}” is not a day or time.", "Write 2026-11-20, 2026-11-20T09:00, today, tomorrow or +7d."
        ) from error


def day_of(text: str, today: date) -> date | None:
    """Return the day that a text names, None if it names none or a time as well."""
    typed = text.strip().casefold()
    if typed in _NAMED:
        return today + timedelta(days=_NAMED[typed])
    found = re.fullmatch(r"([+-]\d{1,5})([dw])", typed)
    if found:
        return today + timedelta(days=int(found[1]) * _UNITS[found[2]])
    return date.fromisoformat(typed) if re.fullmatch(r"\d{4}-?\d\d-?\d\d", typed) else None


def _begin(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone)
