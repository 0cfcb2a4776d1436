"""Google's times in canonical form: wall time with the offset that holds in the event's own zone, whole seconds.

Google writes times in the zone of the answer, whatever zone the event has, and the same instant may come with
another offset tomorrow (calendar reference, EventDateTime). Here one instant in one zone has one spelling; the offset
zero is `Z`. An all-day event is dates and has no zone.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from calsyncctl.google.wire import Moment
from calsyncctl.model.event import When
from calsyncctl.model.when import zone_of, zone_or_utc


class NotATime(ValueError):
    """A time that cannot be read; says which one, never what it was."""


def when_of(start: Moment, end: Moment | None, recurrence: tuple[str, ...], calendar_zone: str) -> When:
    """Put start, end, zone and recurrence into canonical form; a missing end is a day, or nothing, after the start.

    Raises:
        NotATime: one of them cannot be read, or they are of different kinds.
    """
    if start.date_time is None:
        return _days(start, end, recurrence)
    zone = start.time_zone or (end.time_zone if end else None) or calendar_zone
    begins = wall_time(start.date_time, zone, "start")
    if end is None:
        return When(begins, begins, zone, recurrence)
    if end.date_time is None:
        raise NotATime("its start is a time and its end is not")
    return When(begins, wall_time(end.date_time, zone, "end"), zone, recurrence)


def _days(start: Moment, end: Moment | None, recurrence: tuple[str, ...]) -> When:
    first = _date(start.date, "start")
    if end is None:
        if first == date.max:
            raise NotATime("its start is the last day there is")
        return When(first.isoformat(), (first + timedelta(days=1)).isoformat(), None, recurrence)
    return When(first.isoformat(), _date(end.date, "end").isoformat(), None, recurrence)


def wall_time(text: str, zone: str, name: str) -> str:
    """Write a time as wall time in a zone; in UTC if nobody here knows the zone.

    Raises:
        NotATime: it cannot be read.
    """
    try:
        moment = datetime.fromisoformat(text)
        # Nearly every time comes as it should stay: seen without converting it, thrice as fast.
        if len(text) <= 25 and text[10] == "T" and text[19:] == _all_day_offset(text[:10], zone):
            return text
        return _spelled(_instant(moment, zone).astimezone(zone_or_utc(zone)))
    except (ValueError, OverflowError, IndexError):
        raise NotATime(f"its {name} is not a time") from None


def original_of(moment: Moment, calendar_zone: str) -> str:
    """Name an original start: a date, or the UTC instant as `20261109T090000Z`.

    Raises:
        NotATime: it cannot be read.
    """
    if moment.date_time is None:
        return _date(moment.date, "original start").isoformat()
    try:
        there = _instant(datetime.fromisoformat(moment.date_time), moment.time_zone or calendar_zone)
        return there.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ").rjust(16, "0")
    except (ValueError, OverflowError):
        raise NotATime("its original start is not a time") from None


def stamp_of(text: str) -> str:
    """Write `updated` as UTC with milliseconds, so that it compares as text; empty if it cannot be read."""
    if len(text) == 24 and text.endswith("Z"):
        return text
    try:
        moment = _instant(datetime.fromisoformat(text), "UTC").astimezone(UTC)
    except (ValueError, OverflowError):
        return ""
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def _instant(moment: datetime, zone: str) -> datetime:
    """Give a time without an offset the zone that was named beside it."""
    return moment if moment.tzinfo else moment.replace(tzinfo=zone_or_utc(zone))


def _spelled(moment: datetime) -> str:
    text = moment.isoformat(timespec="seconds")
    return f"{text[:-6]}Z" if text.endswith("+00:00") else text


@lru_cache(maxsize=16384)
def _all_day_offset(day: str, zone: str) -> str | None:
    """Return the offset that holds in a zone from the midnight before a day to the one after; None if it changes."""
    tz = zone_of(zone)
    if tz is None and zone != "UTC":
        return "Z"  # a zone nobody knows: its times are kept in UTC
    midnight = datetime.fromisoformat(day).replace(tzinfo=tz or UTC)
    after = midnight + timedelta(days=1)
    return _spelled(midnight)[19:] if midnight.utcoffset() == after.utcoffset() else None


def _date(text: str | None, name: str) -> date:
    try:
        if text is not None and len(text) == 10 and text[4] == text[7] == "-" and text[5] != "W":
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise NotATime(f"its {name} is not a date")
