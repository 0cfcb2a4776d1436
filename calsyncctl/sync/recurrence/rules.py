"""Recurrence lines taken apart, and one rule walked through a window of wall time; dateutil does the calendar work.

dateutil walks in naive wall time: a rule means "at nine", whatever the offset is that day. UNTIL is kept from it,
since it is an instant (RFC 5545, 3.3.10) and dateutil refuses the mixtures seen in the wild. A rule finer than a day,
or one that never matches, could walk for hours: both are bounded here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

WALK = 40_000
"""How many occurrences of a rule are looked at before a walk is given up."""

_STEPS = {
    "SECONDLY": timedelta(seconds=1),
    "MINUTELY": timedelta(minutes=1),
    "HOURLY": timedelta(hours=1),
    "DAILY": timedelta(days=1),
    "WEEKLY": timedelta(weeks=1),
}
"""The frequencies whose steps have a fixed length: old series are entered near the window."""

FINE = frozenset({"SECONDLY", "MINUTELY", "HOURLY"})
"""The frequencies finer than a day."""

_LONGEST_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_LINE = re.compile(r"\s*(RRULE|EXRULE|RDATE|EXDATE)\s*([;:])(.*)", re.IGNORECASE | re.DOTALL)


class Unreadable(ValueError):
    """A recurrence line that means nothing, or nothing that ends."""


class TooMany(ValueError):
    """A walk that was given up."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One RRULE. `until` is as written; `by` says whether it has parts that choose (BYDAY …)."""

    freq: str
    interval: int
    count: int | None
    until: str | None
    by: tuple[tuple[str, str], ...]
    rest: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Dates:
    """The values of one RDATE or EXDATE line, as written, with the zone that the line names."""

    values: tuple[str, ...]
    zone: str | None


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A series' lines, read; `unread` are those that could not be."""

    rules: tuple[Rule, ...] = ()
    excluding: tuple[Rule, ...] = ()
    dates: tuple[Dates, ...] = ()
    without: tuple[Dates, ...] = ()
    unread: tuple[str, ...] = ()


def read_recurrence(lines: Iterable[str]) -> Recurrence:
    """Read recurrence lines; one that cannot be read is left out and named."""
    read = Recurrence()
    for line in lines:
        try:
            read = _with_line(read, line)
        except ValueError:
            read = replace(read, unread=(*read.unread, line))
    return read


def _with_line(read: Recurrence, line: str) -> Recurrence:
    match = _LINE.fullmatch(line)
    if match is None:
        raise Unreadable(line)
    name, mark, rest = match[1].upper(), match[2], match[3]
    if name in {"RRULE", "EXRULE"}:
        rule = _read_rule(rest.rpartition(":")[2])
        if name == "RRULE":
            return replace(read, rules=(*read.rules, rule))
        return replace(read, excluding=(*read.excluding, rule))
    # Malformed parameters (`RDATE;DATE;TZID=…`) are seen in the wild: what matters stands behind the last colon.
    parameters, _, values = rest.rpartition(":") if mark == ";" else ("", "", rest)
    zone = re.search(r'TZID="?([^;":]+)', parameters, re.IGNORECASE)
    dates = Dates(tuple(filter(None, map(str.strip, values.split(",")))), zone[1] if zone else None)
    if name == "RDATE":
        return replace(read, dates=(*read.dates, dates))
    return replace(read, without=(*read.without, dates))


def _read_rule(text: str) -> Rule:
    parts = dict(_read_part(part) for part in text.strip().strip(";").upper().split(";"))
    rule = Rule(
        freq=parts.pop("FREQ", ""),
        interval=int(parts.pop("INTERVAL", "1")),
        count=int(parts.pop("COUNT")) if "COUNT" in parts else None,
        until=parts.pop("UNTIL", None),
        by=tuple((name, value) for name, value in parts.items() if name.startswith("BY")),
        rest=tuple((name, value) for name, value in parts.items() if name == "WKST"),
    )
    if rule.interval < 1 or rule.freq not in {*_STEPS, "MONTHLY", "YEARLY"}:
        raise Unreadable(text)
    if rule.freq in FINE and rule.by:
        # Choosing among seconds may take for ever to find none; calendars do not offer it.
        raise Unreadable(text)
    return rule


def _read_part(part: str) -> tuple[str, str]:
    name, equals, value = part.partition("=")
    if not equals:
        raise Unreadable(part)
    return name.strip(), value.strip()


def walls(rule: Rule, start: datetime, low: datetime, high: datetime) -> Iterator[datetime]:
    """Yield a rule's wall times from `start` on that lie within `low` … `high`; all are naive. UNTIL is not looked at.

    Raises:
        Unreadable: dateutil cannot read it either.
        TooMany: the walk grew too long; what was yielded is right.
    """
    if _never_matches(rule):
        return
    rule, start = _entered(rule, start, low)
    if rule.count is not None and rule.count < 1:
        return
    for walked, wall in enumerate(_walk(rule, start)):
        if wall > high:
            return
        if walked >= WALK:
            raise TooMany("too many occurrences")
        if wall >= low:
            yield wall


def _entered(rule: Rule, start: datetime, low: datetime) -> tuple[Rule, datetime]:
    """Enter an old series near the window, a whole number of its steps after its start."""
    step = _STEPS.get(rule.freq)
    if step is None or start >= low or (rule.count is not None and rule.by):
        return rule, start
    skipped = max(0, (low - start) // (step * rule.interval) - 1)
    count = None if rule.count is None else rule.count - skipped
    return replace(rule, count=count), start + step * rule.interval * skipped


def _walk(rule: Rule, start: datetime) -> Iterator[datetime]:
    from dateutil.rrule import rrulestr

    parts = {"FREQ": rule.freq, "INTERVAL": str(rule.interval), **dict(rule.by), **dict(rule.rest)}
    if rule.count is not None:
        parts["COUNT"] = str(rule.count)
    try:
        walk: Iterable[datetime] = rrulestr(";".join(f"{name}={value}" for name, value in parts.items()), dtstart=start)
    except (ValueError, KeyError, TypeError, AttributeError) as error:  # whatever dateutil stumbles over
        raise Unreadable(str(error)) from error
    return iter(walk)


def _never_matches(rule: Rule) -> bool:
    """Tell a rule such as 30 February, which dateutil looks for until the year 9999."""
    by = dict(rule.by)
    if "BYMONTH" not in by or "BYMONTHDAY" not in by:
        return False
    longest = max(_LONGEST_MONTH[int(month) - 1] for month in by["BYMONTH"].split(",") if 1 <= int(month) <= 12)
    return all(abs(int(day)) > longest for day in by["BYMONTHDAY"].split(","))
