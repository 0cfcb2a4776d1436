"""Times as Google takes and shows them: RFC 3339 instants, IANA zones, all-day dates.

A *moment* is the object under `start`, `end` or `originalStartTime`: {"date"} or {"dateTime", "timeZone"?}.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from calsyncctl.sandbox.refusals import Json, refuse

DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
OFFSET = re.compile(r"(Z|[+-]\d{2}:?\d{2})$", re.IGNORECASE)


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """Return the IANA zone; KeyError when there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError) as fault:
        raise KeyError(name) from fault


def is_zone(name: str) -> bool:
    """Tell whether this is the name of a zone that Google would take."""
    try:
        zone(name)
    except KeyError:
        return False
    return True


def parse_instant(text: str) -> datetime:
    """Read an RFC 3339 instant with its offset, fractions cut; ValueError without offset, malformed or out of range."""
    value = datetime.fromisoformat(text)
    if value.tzinfo is None or "T" not in text.upper():
        raise ValueError(text)
    try:
        value.astimezone(UTC)
    except OverflowError:
        raise ValueError(text) from None
    return value.replace(microsecond=0)


def show_instant(value: datetime, shown_in: tzinfo) -> str:
    """Write an instant in a zone, `Z` for UTC."""
    text = value.astimezone(shown_in).isoformat()
    return text[:-6] + "Z" if text.endswith("+00:00") else text


def moment_instant(moment: Json, calendar_zone: str) -> datetime:
    """Return the UTC instant of a stored moment; all-day days begin at midnight of the calendar's zone.

    Odd data of old programs that names no instant counts as 1970.
    """
    try:
        value = datetime.fromisoformat(moment.get("date") or moment["dateTime"])
        if value.tzinfo is None:
            value = value.replace(tzinfo=zone(calendar_zone))
        return value.astimezone(UTC).replace(microsecond=0)
    except (ValueError, KeyError, TypeError, OverflowError):
        return LONG_AGO


def show_moment(moment: Json, shown_in: tzinfo) -> Json:
    """Render a stored moment in the answer's zone; its own `timeZone` stays."""
    if "dateTime" not in moment:
        return moment
    try:
        shown: Json = {"dateTime": show_instant(datetime.fromisoformat(moment["dateTime"]), shown_in)}
    except (ValueError, OverflowError):
        return moment  # Odd data of old programs is answered as it is.
    if "timeZone" in moment:
        shown["timeZone"] = moment["timeZone"]
    return shown


def read_moment(raw: object, which: str) -> Json:
    """Check a `start` or `end` that was sent and return it as stored. `which` is `start` or `end`, for the message."""
    if not isinstance(raw, dict) or not (raw.get("date") or raw.get("dateTime")):
        raise refuse("required", f"Missing {which} time.")
    if raw.get("date") and raw.get("dateTime"):
        raise refuse("invalid", f"Invalid {which} time.")
    zone_name = raw.get("timeZone")
    if zone_name and not is_zone(str(zone_name)):
        raise refuse("invalid", f"Invalid time zone definition for {which} time.")
    if raw.get("date"):
        return {"date": _read_day(str(raw["date"]), which).isoformat()}
    return _read_timed(str(raw["dateTime"]), str(zone_name) if zone_name else None, which)


def _read_timed(text: str, zone_name: str | None, which: str) -> Json:
    if not OFFSET.search(text) and not zone_name:
        raise refuse("required", f"Missing time zone definition for {which} time.")
    try:
        value = datetime.fromisoformat(text).replace(microsecond=0)
        if value.tzinfo is None:
            value = value.replace(tzinfo=zone(zone_name or "UTC"))
        value.astimezone(UTC)
        moment: Json = {"dateTime": show_instant(value, zone(zone_name) if zone_name else value.tzinfo or UTC)}
    except (ValueError, OverflowError):
        raise refuse("invalid", f"Invalid {which} time.") from None
    if zone_name:
        moment["timeZone"] = zone_name
    return moment


def _read_day(text: str, which: str) -> date:
    if not DATE.fullmatch(text):
        raise refuse("invalid", f"Invalid {which} time.")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise refuse("invalid", f"Invalid {which} time.") from None


def stamp(micros: int, *, whole_seconds: bool = False) -> str:
    """Write microseconds since 1970 as Google's `created` (whole seconds) or `updated` (milliseconds)."""
    value = datetime(1970, 1, 1) + timedelta(microseconds=micros)  # noqa: DTZ001 - UTC, as Google spells it
    value = value.replace(microsecond=0) if whole_seconds else value
    return f"{value.isoformat(timespec='milliseconds')}Z"
