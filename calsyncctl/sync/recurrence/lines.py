"""Recurrence lines as text: read into parts, checked when a person gives them, written back. Pure.

`rules.py` reads lines of any origin and forgives; here they are made here, so they are held to RFC 5545 (3.3.10,
3.8.5) and to what Google takes (calendar reference, `recurrence`: no DTSTART, UNTIL in UTC for timed events and a
date for all-day ones, never UNTIL beside COUNT). A line that a change does not touch stays as it was, to the letter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo

from calsyncctl.errors import UsageFault
from calsyncctl.model.event import When
from calsyncctl.model.when import instant, local, midnight, original_of, series_zone, shown, span, zone_of

LINE = re.compile(r"\s*(RRULE|EXRULE|RDATE|EXDATE)\s*((?:;[^:]*)?):(.*)", re.IGNORECASE | re.DOTALL)
PER_LINE = 400
"""Dates on one EXDATE or RDATE line; a series with more gets more lines."""

_STAMP = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d):?(\d\d)(Z?))?", re.IGNORECASE)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Times:
    """The clock of a series: its zone, and the way between occurrences' names, instants and wall times."""

    when: When
    calendar_zone: str

    @property
    def zone(self) -> tzinfo:
        """The zone in which it repeats."""
        return series_zone(self.when, self.calendar_zone)

    @property
    def first(self) -> int:
        """The instant of the first start."""
        return span(self.when, self.calendar_zone)[0]

    def wall(self, moment: int) -> datetime:
        """Return the wall time that a start was meant at, naive; also one that DST skips.

        A start at 02:30 on the night of the gap happens at 03:30, and is still the occurrence of 02:30.
        """
        there = local(moment, self.zone)
        if self.when.all_day:
            return datetime(there.year, there.month, there.day)  # noqa: DTZ001 - wall time
        usual = local(self.first, self.zone).time()
        for day in (there.date(), there.date() - _DAY):
            meant = datetime.combine(day, usual)
            if self.at(meant) == moment:
                return meant
        return there.replace(tzinfo=None)

    def at(self, wall: datetime) -> int:
        """Return the instant of a wall time: of one that DST repeats the first, unless its fold says otherwise."""
        if self.when.all_day:
            return midnight(wall.date().isoformat(), self.calendar_zone)
        return instant(wall.replace(tzinfo=self.zone))

    def name(self, moment: int) -> str:
        """Name an occurrence by its start, as exceptions do: a date, or a UTC instant."""
        return original_of(moment, all_day=self.when.all_day, zone=self.zone)

    def moment(self, text: str, zone_name: str | None = None) -> int:
        """Return the start that a date or time means; a date in a timed series means its usual hour on that day.

        Raises:
            ValueError: it is neither.
        """
        match = _STAMP.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"“{text}” is no time")
        day = date(int(match[1]), int(match[2]), int(match[3]))
        if self.when.all_day:
            return midnight(day.isoformat(), self.calendar_zone)
        if match[4] is None:
            return self.at(datetime.combine(day, local(self.first, self.zone).time()))
        zone = UTC if match[7] else zone_of(zone_name) or self.zone
        return instant(datetime(day.year, day.month, day.day, int(match[4]), int(match[5]), int(match[6]), tzinfo=zone))

    def last(self, until: str) -> int:
        """Return the last instant at which a rule with this UNTIL may start; a date means the whole of that day."""
        match = _STAMP.fullmatch(until.strip())
        if match is None:
            raise ValueError(f"“{until}” is no time")
        if match[4] is not None and not self.when.all_day:
            return self.moment(until)
        day = date(int(match[1]), int(match[2]), int(match[3])) + _DAY
        if self.when.all_day:
            return midnight(day.isoformat(), self.calendar_zone) - 1
        return instant(datetime(day.year, day.month, day.day, tzinfo=self.zone)) - 1

    def until(self, moment: int) -> str:
        """Write an UNTIL: a date for an all-day series, else UTC."""
        if self.when.all_day:
            return local(moment, self.zone).strftime("%Y%m%d").rjust(8, "0")
        return stamp(moment)

    def shown(self, moment: int) -> str:
        """Write an instant as `When` does, in this series' zone."""
        written = shown(moment, all_day=self.when.all_day, zone=self.zone)
        return f"{written[:-6]}Z" if written.endswith("+00:00") else written


@dataclass(frozen=True, slots=True)
class Rule:
    """An RRULE or EXRULE line in its parts, in their order."""

    name: str
    parts: tuple[tuple[str, str], ...]

    def get(self, part: str) -> str | None:
        """Return a part's value."""
        return dict(self.parts).get(part)

    def with_part(self, part: str, value: str | None) -> Rule:
        """Return the rule with a part set, added or (None) taken out."""
        if value is None:
            return replace(self, parts=tuple(one for one in self.parts if one[0] != part))
        if self.get(part) is None:
            return replace(self, parts=(*self.parts, (part, value)))
        return replace(self, parts=tuple((name, value if name == part else old) for name, old in self.parts))

    def __str__(self) -> str:
        return f"{self.name}:" + ";".join(f"{name}={value}" for name, value in self.parts)


@dataclass(frozen=True, slots=True)
class Line:
    """One line, and what it is: a rule, or dates as written with the zone they name."""

    text: str
    name: str
    rule: Rule | None = None
    values: tuple[str, ...] = ()
    zone: str | None = None


def read_line(text: str) -> Line:
    """Take a line apart; one that cannot be read has no name, and stays as it is."""
    match = LINE.fullmatch(text)
    if match is None:
        return Line(text, "")
    name, parameters, rest = match[1].upper(), match[2], match[3].strip()
    if name.endswith("RULE"):
        parts = [part.partition("=") for part in rest.strip(";").split(";")]
        return Line(text, name, Rule(name, tuple((key.strip().upper(), value.strip()) for key, _, value in parts)))
    named = re.search(r'TZID="?([^;":]+)', parameters, re.IGNORECASE)
    values = tuple(filter(None, map(str.strip, rest.split(","))))
    return Line(text, name, values=values, zone=named[1] if named else None)


def write_dates(name: str, moments: Iterable[int], times: Times) -> list[str]:
    """Write EXDATE or RDATE lines in the form that the series' start has."""
    ordered = sorted(set(moments))
    if times.when.all_day:
        values = [times.name(moment).replace("-", "") for moment in ordered]
        head = f"{name};VALUE=DATE:"
    else:
        values, head = [stamp(moment) for moment in ordered], f"{name}:"
    return [head + ",".join(values[at : at + PER_LINE]) for at in range(0, len(values), PER_LINE)]


def ordered(lines: Iterable[str]) -> tuple[str, ...]:
    """Order lines as the canonical form does: rules first, as they come, the others sorted."""
    lines = list(dict.fromkeys(lines))
    rules = [line for line in lines if line[:5].upper() == "RRULE"]
    return (*rules, *sorted(line for line in lines if line[:5].upper() != "RRULE"))


def stamp(moment: int) -> str:
    """Write an instant as RFC 5545 does in UTC: `20261109T080000Z`."""
    return local(moment, UTC).strftime("%Y%m%dT%H%M%SZ").rjust(16, "0")


def from_dates(line: Line, times: Times, keep: Callable[[int], bool]) -> list[str]:
    """Return a line of dates with only those whose instants are to be kept; itself where that is all of them."""
    kept = [value for value in line.values if keep(times.moment(value.partition("/")[0], line.zone))]
    if len(kept) == len(line.values):
        return [line.text]
    head = line.text[: line.text.rindex(":") + 1]
    return [head + ",".join(kept)] if kept else []


def no_series() -> UsageFault:
    """Return the error for an event that does not repeat."""
    return UsageFault("This event does not repeat.", "Leave --this, --following and --all out.")
