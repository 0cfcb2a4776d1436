"""Days as people type them: `2026-11-20`, `today`, `tomorrow`, `+7d`, or a date with a time; in the shown zone."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, tzinfo

from calsyncctl.errors import UsageFault

_NAMED = {"yesterday": -1, "today": 0, "tomorrow": 1}
_UNITS = {"d": 1, "w": 7}


def moment_of(text: str, now: datetime, zone: tzinfo) -> datetime:
    """Return the moment that a text names: the beginning of a day in `zone`, or a given time.

    Raises:
        UsageFault: it is none of the forms.
    """
    typed = text.strip().casefold()
    if typed == "now":
        return now
    day = _relative(typed, now.astimezone(zone).date())
    if day is not None:
        return _begin(day, zone)
    try:
        if len(typed) == 10:
            return _begin(date.fromisoformat(typed), zone)
        given = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise UsageFault(
            f"“{text}” is not a day or time.", "Write 2026-11-20, 2026-11-20T09:00, today, tomorrow or +7d."
        ) from error
    return given if given.tzinfo else given.replace(tzinfo=zone)


def span(from_: str | None, to: str | None, days: int | None, now: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return beginning and end of a range; a `to` that is a day counts with that day.

    Raises:
        UsageFault: both `to` and `days`, or an end before the beginning.
    """
    begin = moment_of(from_ or "today", now, zone)
    if to is not None and days is not None:
        raise UsageFault("--to and --days cannot be given together.", "Give one of them.")
    if to is None:
        end = _begin((begin.astimezone(zone) + timedelta(days=days or 7)).date(), zone)
    else:
        end = moment_of(to, now, zone)
        if "t" not in to.casefold().removeprefix("t") and ":" not in to:
            end = _begin(end.astimezone(zone).date() + timedelta(days=1), zone)
    if end <= begin:
        raise UsageFault("The range ends before it begins.", "Give a later --to.")
    return begin, end


def _relative(typed: str, today: date) -> date | None:
    if typed in _NAMED:
        return today + timedelta(days=_NAMED[typed])
    found = re.fullmatch(r"([+-]\d{1,5})([dw])", typed)
    return today + timedelta(days=int(found[1]) * _UNITS[found[2]]) if found else None


def _begin(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone)
