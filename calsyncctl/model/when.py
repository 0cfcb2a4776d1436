"""Wall times, dates and zones to instants and back: the one place that knows that an all-day event has no zone.

Instants are UTC seconds. An all-day event lasts from midnight to midnight in its calendar's zone.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from calsyncctl.model.event import When

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


@lru_cache(maxsize=256)
def zone_of(name: str | None) -> ZoneInfo | None:
    """Return the zone of an IANA name, None for one that is not known here."""
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):
        return None


def zone_or_utc(name: str | None) -> tzinfo:
    """Return the zone of an IANA name, UTC for one that is not known here."""
    return zone_of(name) or UTC


def instant(moment: datetime) -> int:
    """Return the UTC seconds of an aware moment.

    A wall time that DST skips counts with the offset before the gap, one that it repeats is the first (PEP 495).
    """
    return (moment - _EPOCH) // _SECOND


@lru_cache(maxsize=8192)
def midnight(day: str, zone: str) -> int:
    """Return the instant at which a date `2026-04-15` begins in a zone.

    Raises:
        ValueError, OverflowError: it is no date of our calendar.
    """
    begin = date.fromisoformat(day)
    return instant(datetime(begin.year, begin.month, begin.day, tzinfo=zone_or_utc(zone)))


def span(when: When, calendar_zone: str) -> tuple[int, int]:
    """Return the first start and end as instants; an all-day event takes its calendar's zone.

    An end before its start (seen in the wild) counts as a length of nothing.

    Raises:
        ValueError, OverflowError: the times cannot be read, or lie outside of the years 1 to 9999.
    """
    if when.all_day:
        starts, ends = midnight(when.start, calendar_zone), midnight(when.end, calendar_zone)
    else:
        starts = int(datetime.fromisoformat(when.start).timestamp())
        ends = int(datetime.fromisoformat(when.end).timestamp())
    return starts, max(starts, ends)


def series_zone(when: When, calendar_zone: str) -> tzinfo:
    """Return the zone that a series is expanded in: its own, else its start's fixed offset; dates: the calendar's."""
    if when.all_day:
        return zone_or_utc(calendar_zone)
    return zone_of(when.zone) or datetime.fromisoformat(when.start).tzinfo or zone_or_utc(calendar_zone)


def original_of(starts: int, *, all_day: bool, zone: tzinfo) -> str:
    """Name an occurrence by its original start: a date, or a UTC instant as `20261109T090000Z`."""
    if all_day:
        return local(starts, zone).date().isoformat()
    return local(starts, UTC).strftime("%Y%m%dT%H%M%SZ").rjust(16, "0")


def local(moment: int, zone: tzinfo) -> datetime:
    """Return an instant as wall time in a zone; works before 1970 and after 2038 alike."""
    return (_EPOCH + timedelta(seconds=moment)).astimezone(zone)


def shown(moment: int, *, all_day: bool, zone: tzinfo) -> str:
    """Write an instant as `When` does: a date, or RFC 3339 with the offset that holds then."""
    there = local(moment, zone)
    if all_day:
        return there.date().isoformat()
    text = there.isoformat(timespec="seconds")
    return f"{text[:-6]}Z" if text.endswith("+00:00") else text
