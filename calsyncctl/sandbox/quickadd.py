"""What events.quickAdd makes of a line such as `Lunch at Harbour on June 3rd 10am-11:30am`: title, place, times.

Google's own reading is not described beyond that example; this one knows days, clock times and lengths in English.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from calsyncctl.sandbox.refusals import Json

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK = r"(?:(1[0-2]|0?[1-9])(?::([0-5]\d))?\s*(am|pm)|([01]?\d|2[0-3]):([0-5]\d)|(noon))"
SPAN = re.compile(rf"(?:\b(?:at|from)\s+)?\b{_CLOCK}(?:\s*(?:-|\u2013|to|until)\s*{_CLOCK})?(?!\w)", re.IGNORECASE)
LENGTH = re.compile(r"\bfor\s+(\d{1,3})\s*(h|m|d)(?:ours?|rs?|in(?:ute)?s?|ays?)?\b", re.IGNORECASE)
RELATIVE = re.compile(r"\b(today|tomorrow)\b", re.IGNORECASE)
WEEKDAY = re.compile(rf"\b(?:on\s+|next\s+)?({'|'.join(DAYS)})\b", re.IGNORECASE)
ISO_DAY = re.compile(r"\b(?:on\s+)?((?:19|20|21)\d{2})-(\d{2})-(\d{2})\b")
MONTH_DAY = re.compile(rf"\b(?:on\s+)?({'|'.join(MONTHS)})[a-z]*\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?\b", re.IGNORECASE)
PLACE = re.compile(r"\s+(?:at|in)\s+(\S.*)$", re.IGNORECASE)
UNITS = {"h": timedelta(hours=1), "m": timedelta(minutes=1), "d": timedelta(days=1)}


def read_line(text: str, now: datetime, zone: ZoneInfo) -> Json:
    """Return the event that a line describes. A day without a clock time makes it all-day; without both it is soon."""
    here = now.astimezone(zone)
    rest, length = _length(text)
    rest, day = _day(rest, here.date())
    rest, begin, end = _span(rest)
    title, place = _place(rest)
    made: Json = {"summary": title or text.strip(), **({"location": place} if place else {})}
    if begin is None and day is not None:
        last = day + (length if length and length >= UNITS["d"] else UNITS["d"])
        return made | {"start": {"date": day.isoformat()}, "end": {"date": last.isoformat()}}
    if begin is None:
        start = here.replace(minute=0, second=0, microsecond=0) + UNITS["h"]
    else:
        start = datetime.combine(day or here.date(), datetime.min.time(), zone) + begin
        start += UNITS["d"] if day is None and start < here else timedelta()
    span = end - begin if begin is not None and end is not None else length or UNITS["h"]
    span += UNITS["d"] if span <= timedelta() else timedelta()
    return made | {"start": _moment(start, zone), "end": _moment(start + span, zone)}


def _moment(at: datetime, zone: ZoneInfo) -> Json:
    return {"dateTime": at.isoformat(), "timeZone": zone.key}


def _without(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}"


def _length(text: str) -> tuple[str, timedelta | None]:
    found = LENGTH.search(text)
    if not found:
        return text, None
    return _without(text, found), int(found.group(1)) * UNITS[found.group(2).lower()]


def _day(text: str, today: date) -> tuple[str, date | None]:
    """Take the day out of a line: the next one of that name."""
    if found := RELATIVE.search(text):
        return _without(text, found), today + (UNITS["d"] if found.group(1).lower() == "tomorrow" else timedelta())
    if found := WEEKDAY.search(text):
        ahead = (DAYS.index(found.group(1).lower()) - today.weekday()) % 7 or 7
        return _without(text, found), today + timedelta(days=ahead)
    try:
        if found := ISO_DAY.search(text):
            year, month, number = map(int, found.groups())
            return _without(text, found), date(year, month, number)
        if found := MONTH_DAY.search(text):
            wanted = date(today.year, MONTHS.index(found.group(1)[:3].lower()) + 1, int(found.group(2)))
            return _without(text, found), wanted if wanted >= today else wanted.replace(year=today.year + 1)
    except ValueError:
        return text, None
    return text, None


def _span(text: str) -> tuple[str, timedelta | None, timedelta | None]:
    """Take clock times out of a line, as spans since midnight."""
    found = SPAN.search(text)
    if not found:
        return text, None, None
    return _without(text, found), _clock(found.groups()[:6]), _clock(found.groups()[6:])


def _clock(groups: tuple[str | None, ...]) -> timedelta | None:
    hour, minute, half, hour24, minute24, noon = groups
    if noon:
        return timedelta(hours=12)
    if half and hour:
        return timedelta(hours=int(hour) % 12 + (12 if half.lower() == "pm" else 0), minutes=int(minute or 0))
    return timedelta(hours=int(hour24), minutes=int(minute24 or 0)) if hour24 else None


def _place(text: str) -> tuple[str, str]:
    text = " ".join(text.split())
    found = PLACE.search(text)
    return (text[: found.start()], found.group(1)) if found else (text, "")
