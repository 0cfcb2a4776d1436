"""Recurrence lines that a person or a program gives: held to RFC 5545 and to what Google takes, before they are kept.

Lines that come from Google are never sent through here: whatever stands there is taken as it is.
"""

from __future__ import annotations

import re

from msgspec.structs import replace

from calsyncctl.errors import UsageFault
from calsyncctl.model.event import When
from calsyncctl.model.when import span
from calsyncctl.sync.recurrence.expand import expand_when
from calsyncctl.sync.recurrence.lines import Line, Rule, Times, ordered, read_line, write_dates
from calsyncctl.sync.recurrence.rules import read_recurrence

_NUMBERS = {
    "BYMONTH": (1, 12),
    "BYMONTHDAY": (-31, 31),
    "BYYEARDAY": (-366, 366),
    "BYWEEKNO": (-53, 53),
    "BYSETPOS": (-366, 366),
    "BYHOUR": (0, 23),
    "BYMINUTE": (0, 59),
    "BYSECOND": (0, 59),
}
_FROM_ZERO = {"BYHOUR", "BYMINUTE", "BYSECOND"}
_PARTS = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", *_NUMBERS})
_FREQS = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
_DAY = re.compile(r"[+-]?\d{0,2}(MO|TU|WE|TH|FR|SA|SU)")
_SEEN = 366 * 86400
_EXAMPLE = "Write for example RRULE:FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10 (RFC 5545)."


def checked(when: When, *, calendar_zone: str) -> When:
    """Return times with recurrence lines in the form that Google takes: UNTIL and dates as the start is, one order.

    Raises:
        UsageFault: the event ends before or when it starts, or a line means nothing, contradicts itself, or ends
            before the start.
    """
    try:
        starts, ends = span(when, calendar_zone)
    except (ValueError, OverflowError) as error:
        raise UsageFault(f"The times cannot be read: {error}.", "Give a start and an end.") from error
    if ends <= starts:
        raise UsageFault("The event ends when it starts, or before.", "Give a later --end, or --for 45m.")
    if not when.recurrence:
        return when
    times = Times(when, calendar_zone)
    lines = [text for line in when.recurrence for text in _checked_line(read_line(line.strip()), times)]
    made = replace(when, recurrence=ordered(lines))
    _walk(made, calendar_zone, starts)
    return made


def _checked_line(line: Line, times: Times) -> list[str]:
    if not line.name:
        raise _wrong(f"“{line.text}” is no recurrence line.")
    if line.rule is not None:
        return [str(_checked_rule(line.rule, times))]
    if any("/" in value for value in line.values):
        raise _wrong(f"“{line.text}” holds a period; Google keeps only dates and times.")
    try:
        return write_dates(line.name, [times.moment(value, line.zone) for value in line.values], times)
    except (ValueError, OverflowError) as error:
        raise _wrong(f"“{line.text}” cannot be read: {error}.") from error


def _checked_rule(rule: Rule, times: Times) -> Rule:
    parts = [(name, value.upper()) for name, value in rule.parts]
    names = [name for name, _ in parts]
    unknown = [name for name in names if name not in _PARTS]
    if unknown or len(set(names)) != len(names) or not all(value for _, value in parts):
        raise _wrong(f"“{rule}” has a part that is unknown, empty or there twice.")
    if rule.get("COUNT") is not None and rule.get("UNTIL") is not None:
        raise _wrong(f"“{rule}” has both COUNT and UNTIL; they exclude each other.")
    made = Rule(rule.name, tuple(parts))
    if made.get("FREQ") not in _FREQS:
        raise _wrong(f"“{rule}” must repeat DAILY, WEEKLY, MONTHLY or YEARLY.")
    _check_numbers(made)
    until = made.get("UNTIL")
    return made if until is None else made.with_part("UNTIL", times.until(_end(rule, until, times)))


def _check_numbers(rule: Rule) -> None:
    for name in ("INTERVAL", "COUNT"):
        value = rule.get(name)
        if value is not None and (not value.isdecimal() or not 0 < int(value) < 100_000):
            raise _wrong(f"“{rule}”: {name} must be a number from 1 on.")
    for name, (least, most) in _NUMBERS.items():
        value = rule.get(name)
        if value is not None and not all(_is_number(one, least, most, name) for one in value.split(",")):
            raise _wrong(f"“{rule}”: {name} is out of range.")
    days = rule.get("BYDAY")
    if days is not None and not all(_DAY.fullmatch(day) for day in days.split(",")):
        raise _wrong(f"“{rule}”: BYDAY takes MO TU WE TH FR SA SU, perhaps with a number before.")


def _is_number(text: str, least: int, most: int, name: str) -> bool:
    if not re.fullmatch(r"[+-]?\d{1,3}", text.strip()):
        return False
    return least <= int(text) <= most and (int(text) != 0 or name in _FROM_ZERO)


def _end(rule: Rule, until: str, times: Times) -> int:
    try:
        last = times.last(until)
    except (ValueError, OverflowError) as error:
        raise _wrong(f"“{rule}”: UNTIL is no date or time.") from error
    if last < times.first:
        raise _wrong(f"“{rule}” ends before the event starts.")
    return last


def _walk(when: When, calendar_zone: str, starts: int) -> None:
    """See that the lines can be followed, and leave something."""
    unread = read_recurrence(when.recurrence).unread
    found = expand_when(when, (), calendar_zone=calendar_zone, from_=starts, to=starts + _SEEN)
    if unread or found.notes:
        raise _wrong(f"The recurrence cannot be followed: {(*unread, *found.notes)[0]}.")
    if not found.spans and not any(line.startswith("RRULE") for line in when.recurrence):
        raise _wrong("The recurrence leaves no occurrence at all.")


def _wrong(what: str) -> UsageFault:
    return UsageFault(what, _EXAMPLE)
