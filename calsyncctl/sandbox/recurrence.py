"""RFC 5545 recurrence: what Google makes of the lines that were sent, and which occurrences a series has.

Expansion runs on wall-clock time of the series' zone, so that a weekly 09:00 stays at 09:00 over a change of clocks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from dateutil.rrule import rrule, rruleset, rrulestr

from calsyncctl.sandbox.refusals import Json, refuse
from calsyncctl.sandbox.state import Event
from calsyncctl.sandbox.times import parse_instant, show_instant, zone

ORDER = [
    "FREQ",
    "WKST",
    "UNTIL",
    "COUNT",
    "INTERVAL",
    "BYSETPOS",
    "BYMONTH",
    "BYMONTHDAY",
    "BYYEARDAY",
    "BYWEEKNO",
    "BYDAY",
    "BYHOUR",
    "BYMINUTE",
    "BYSECOND",
]
LINE = re.compile(r"(RRULE|EXRULE|RDATE|EXDATE)([^:]*):(.+)", re.IGNORECASE)
MOST_OCCURRENCES = 20_000
LAST_YEAR = 9998
"""Occurrences end before the last year that a date can name, so that their ends can be named, too."""


def rewrite_recurrence(lines: object, start: Json) -> list[str]:
    """Return recurrence lines as Google keeps them: parts in its order, needless ones gone; 400 when wrong."""
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise _wrong()
    kept = []
    for line in lines:
        match = LINE.fullmatch(line.strip())
        if not match:
            raise _wrong()
        name, parameters, value = match.group(1).upper(), match.group(2), match.group(3)
        kept.append(f"{name}:{_rewrite_rule(value, start)}" if name.endswith("RULE") else f"{name}{parameters}:{value}")
    try:
        next(iter(_ruleset(kept, start)), None)
    except (ValueError, KeyError, TypeError, OverflowError):
        raise _wrong() from None
    return kept


def _wrong() -> Exception:
    return refuse("invalid", "Invalid recurrence rule.")


def _rewrite_rule(value: str, start: Json) -> str:
    parts = dict(part.upper().split("=", 1) for part in value.split(";") if "=" in part)
    if "FREQ" not in parts or ("UNTIL" in parts and "COUNT" in parts) or not set(parts) <= set(ORDER):
        raise _wrong()
    if parts.get("INTERVAL") == "1":
        del parts["INTERVAL"]
    if "UNTIL" in parts:
        parts["UNTIL"] = _until(parts["UNTIL"], start)
    return ";".join(f"{name}={parts[name]}" for name in ORDER if name in parts)


def _until(text: str, start: Json) -> str:
    """Return UNTIL in the form of the start: a date for all-day series, UTC for timed ones."""
    if "date" in start:
        return text[:8]
    if text.endswith("Z"):
        return text
    tz = zone(start["timeZone"])
    try:
        if "T" in text:
            local = datetime.strptime(text, "%Y%m%dT%H%M%S")  # noqa: DTZ007 - the zone follows
        else:
            local = datetime.strptime(text, "%Y%m%d").replace(hour=23, minute=59, second=59)  # noqa: DTZ007
    except ValueError:
        raise _wrong() from None
    return local.replace(tzinfo=tz).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def local_start(start: Json) -> datetime:
    """Return a series' start as wall-clock time without zone."""
    if "date" in start:
        return datetime.fromisoformat(start["date"])
    return parse_instant(start["dateTime"]).astimezone(zone(start.get("timeZone") or "UTC")).replace(tzinfo=None)


def _local(text: str, start: Json) -> datetime:
    """Read one value of EXDATE, RDATE or UNTIL as wall-clock time of the series."""
    text = text.split("/")[0]
    if "T" not in text:
        day = datetime.strptime(text, "%Y%m%d")  # noqa: DTZ007 - wall-clock time is meant
        return day if "date" in start else day.replace(hour=local_start(start).hour, minute=local_start(start).minute)
    value = datetime.strptime(text.rstrip("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007
    if text.endswith("Z") and "date" not in start:
        value = value.replace(tzinfo=UTC).astimezone(zone(start.get("timeZone") or "UTC")).replace(tzinfo=None)
    return value


def _ruleset(lines: list[str], start: Json) -> rruleset:
    rules = rruleset()
    first = local_start(start)
    rules.rdate(first)
    for line in lines:
        name, _, value = line.partition(":")
        name = name.split(";")[0]
        if name in ("RRULE", "EXRULE"):
            rule = rrulestr(_localised(value, start), dtstart=first)
            if not isinstance(rule, rrule):
                raise TypeError(value)
            (rules.rrule if name == "RRULE" else rules.exrule)(rule)
            continue
        for text in value.split(","):
            (rules.rdate if name == "RDATE" else rules.exdate)(_local(text, start))
    return rules


def _localised(rule: str, start: Json) -> str:
    parts = []
    for part in rule.split(";"):
        name, _, value = part.partition("=")
        parts.append(f"UNTIL={_local(value, start):%Y%m%dT%H%M%S}" if name == "UNTIL" else part)
    return ";".join(parts)


def starts(master: Event, after: datetime | None, before: datetime | None) -> Iterator[datetime]:
    """Yield the wall-clock starts of a series in [after, before], at most 20,000; nothing for rules that make no sense.

    The bounds are wall-clock too; None = from the beginning, and without end.
    """
    if after and before and after > before:
        return
    try:
        rules = _ruleset(list(master.body.get("recurrence", [])), master.body["start"])
        many = rules.xafter(after, inc=True) if after else iter(rules)
        for start in islice(many, MOST_OCCURRENCES):
            if (before and start > before) or start.year > LAST_YEAR:
                return
            yield start
    except (ValueError, KeyError, TypeError, OverflowError):
        # Odd lines exist in the wild; Google shows such a series without occurrences rather than failing a list.
        return


def endless(master: Event) -> bool:
    """Tell whether a series has a rule without end."""
    rules = [line for line in master.body.get("recurrence", []) if line.startswith("RRULE:")]
    return any("COUNT=" not in line and "UNTIL=" not in line for line in rules)


def suffix_of(master: Event, start: datetime) -> str:
    """Return the end of an occurrence's id: its original start, UTC for timed series."""
    if "date" in master.body["start"]:
        return f"{start:%Y%m%d}"
    tz = zone(master.body["start"].get("timeZone") or "UTC")
    return f"{start.replace(tzinfo=tz).astimezone(UTC):%Y%m%dT%H%M%SZ}"


def start_of_suffix(master: Event, suffix: str) -> datetime | None:
    """Return the wall-clock start that an occurrence's id names, None when the suffix has another form."""
    try:
        found = _local(suffix, master.body["start"]) if ("T" in suffix) != ("date" in master.body["start"]) else None
    except ValueError:
        return None
    if found is None or has_occurrence(master, found):
        return found
    skipped = _skipped(master, suffix)
    return skipped if skipped is not None and has_occurrence(master, skipped) else found


def _skipped(master: Event, suffix: str) -> datetime | None:
    """Return the wall-clock start, in the hour that the clocks skip, that an id names, too; None elsewhere.

    Its moment has another time on the wall, by which the series has no occurrence.
    """
    if not suffix.endswith("Z"):
        return None
    tz = zone(master.body["start"].get("timeZone") or "UTC")
    moment = datetime.strptime(suffix, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    day_before = (moment - timedelta(days=1)).astimezone(tz).utcoffset()
    wall = (moment + (day_before or timedelta())).replace(tzinfo=None)
    return wall if wall.replace(tzinfo=tz).astimezone(UTC) == moment else None


def has_occurrence(master: Event, start: datetime) -> bool:
    """Tell whether the series has an occurrence with this wall-clock start."""
    return next(starts(master, start, start), None) is not None


def moments(master: Event, start: datetime) -> tuple[Json, Json]:
    """Return `start` and `end` of the occurrence that begins at this wall-clock time."""
    first = master.body["start"]
    if "date" in first:
        length = date.fromisoformat(master.body["end"]["date"]) - date.fromisoformat(first["date"])
        return {"date": f"{start:%Y-%m-%d}"}, {"date": f"{start + length:%Y-%m-%d}"}
    tz = zone(first.get("timeZone") or "UTC")
    span = parse_instant(master.body["end"]["dateTime"]) - parse_instant(first["dateTime"])
    begin = start.replace(tzinfo=tz).astimezone(UTC)
    return _timed(begin, first, tz), _timed(begin + span, master.body["end"], tz)


def _timed(at: datetime, like: Json, tz: object) -> Json:
    moment: Json = {"dateTime": show_instant(at, zone(str(tz)))}
    if "timeZone" in like:
        moment["timeZone"] = like["timeZone"]
    return moment


def instance(master: Event, start: datetime) -> Event:
    """Make the occurrence of a series that begins at this wall-clock time, as an event of its own."""
    body = {name: value for name, value in master.body.items() if name != "recurrence"}
    body["start"], body["end"] = moments(master, start)
    body["recurringEventId"] = master.id
    body["originalStartTime"] = body["start"]
    made = Event(f"{master.id}_{suffix_of(master, start)}", body, master.created, master.updated, master.version)
    made.serial, made.home, made.reminders = master.serial, master.home, master.reminders
    return made


def margin() -> timedelta:
    """Return how far around a window to look for occurrences, so that zones never cut one off."""
    return timedelta(days=2)
