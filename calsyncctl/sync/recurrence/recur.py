"""A series changed: one occurrence of it, this and the following, or all. Pure: `When` in, `When` out.

What an occurrence is, `expand` says; nothing here counts days by itself. Every result is held against it: a split is
only made where the two halves together take place exactly when the series did.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from msgspec.structs import replace

from calsyncctl.errors import UsageFault
from calsyncctl.model.event import When
from calsyncctl.model.when import local
from calsyncctl.sync.recurrence.expand import MOST, expand_when
from calsyncctl.sync.recurrence.lines import (
    Line,
    Rule,
    Times,
    from_dates,
    no_series,
    ordered,
    read_line,
    write_dates,
)
from calsyncctl.sync.recurrence.rules import Unreadable, read_recurrence, walls

PROVEN = 800 * 86400
"""How far, in seconds, both halves of a split are compared with the series: over two years, each DST change twice."""

FAR = 100 * 366 * 86400
"""How far, in seconds, the end of a divided series is looked for."""

_WEEK = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_OUTSIDE = "The series cannot be divided at this occurrence: the rest would not go on as it does now."


@dataclass(frozen=True, slots=True)
class Halves:
    """A series divided: `before` is None if nothing takes place before; then all of it is meant."""

    before: When | None
    after: When


@dataclass(frozen=True, slots=True)
class Reshaped:
    """A series whose times changed. `originals`: each old original start and its new one, None where none fits."""

    when: When
    originals: tuple[tuple[str, str | None], ...]


# One occurrence


def starts_of(when: When, *, calendar_zone: str, from_: int, to: int) -> tuple[int, ...]:
    """Return the instants at which a series starts in a window, in order; at most 10,000."""
    found = expand_when(when, (), calendar_zone=calendar_zone, from_=from_, to=to)
    return tuple(starts for starts, _ in found.spans if from_ <= starts < to)


def occurrence(when: When, original: str, *, calendar_zone: str) -> When | None:
    """Return when one occurrence takes place, as an event of its own; None if the series has no such occurrence.

    Raises:
        UsageFault: `original` is no time.
    """
    times = Times(when, calendar_zone)
    at = _moment(times, original)
    found = expand_when(when, (), calendar_zone=calendar_zone, from_=at, to=at + 1)
    ends = dict(found.spans).get(at)
    return None if ends is None else When(times.shown(at), times.shown(ends), when.zone)


def named(when: When, typed: str, *, calendar_zone: str) -> str:
    """Return the original start of the occurrence that a date or time means; a date means the one on that day.

    Raises:
        UsageFault: it is no time, or nothing of the series starts then.
    """
    if not when.recurrence:
        raise no_series()
    times = Times(when, calendar_zone)
    at = _moment(times, typed)
    if occurrence(when, typed, calendar_zone=calendar_zone) is None:
        on_day = _on_day(when, typed, times)
        if len(on_day) != 1:
            raise UsageFault(
                f"The series has no occurrence at {typed}.",
                "Name its original start: a date, or a time as `events list --json` shows it (original).",
            )
        at = on_day[0]
    return times.name(at)


def _on_day(when: When, typed: str, times: Times) -> Sequence[int]:
    """Return what starts on a day, where no more than a day was typed."""
    if not re.fullmatch(r"\d{4}-?\d\d-?\d\d", typed.strip()):
        return ()
    day = date.fromisoformat(typed.strip())
    begin = int(datetime(day.year, day.month, day.day, tzinfo=times.zone).timestamp())
    return starts_of(when, calendar_zone=times.calendar_zone, from_=begin, to=begin + 86400)


def excluding(when: When, originals: Iterable[str], *, calendar_zone: str) -> When:
    """Take occurrences out of a series by EXDATE; those taken out before stay so."""
    times = Times(when, calendar_zone)
    lines = [read_line(line) for line in when.recurrence]
    gone = {_moment(times, original) for original in originals}
    known = {moment for line in lines if line.name == "EXDATE" for moment in _moments(times, line)}
    if gone <= known:
        return when
    rest = [line.text for line in lines if line.name != "EXDATE"]
    return replace(when, recurrence=ordered([*rest, *write_dates("EXDATE", gone | known, times)]))


# This and following


def split(when: When, original: str, *, calendar_zone: str) -> Halves:
    """Divide a series before one occurrence: what was, shortened, and what follows, with its start, count and dates.

    Raises:
        UsageFault: it has no such occurrence, or the rule does not make it, so that the rest cannot begin there.
    """
    if not when.recurrence:
        raise no_series()
    times = Times(when, calendar_zone)
    one = occurrence(when, original, calendar_zone=calendar_zone)
    if one is None:
        raise UsageFault(f"The series has no occurrence at {original}.", "See: calsyncctl events list --json")
    at = _moment(times, original)
    earlier = starts_of(when, calendar_zone=calendar_zone, from_=times.first, to=at)
    if not earlier:
        return Halves(None, when)
    lines = [read_line(line) for line in when.recurrence]
    before = replace(when, recurrence=ordered(text for line in lines for text in _shortened(line, times, at)))
    rest = ordered(text for line in lines for text in _rest(line, times, at))
    halves = Halves(before, When(one.start, one.end, when.zone, rest))
    _prove(when, halves, calendar_zone, at, times.first)
    return halves


def divided_at(whole: When, before: When, *, calendar_zone: str) -> str | None:
    """Return the occurrence at which a series was divided, of which `before` was left; None: nothing comes after."""
    times = Times(whole, calendar_zone)
    left = starts_of(before, calendar_zone=calendar_zone, from_=times.first, to=times.first + FAR)
    if not left or len(left) >= MOST:
        return None
    rest = starts_of(whole, calendar_zone=calendar_zone, from_=left[-1] + 1, to=left[-1] + PROVEN)
    return times.name(rest[0]) if rest else None


def divided_like(whole: When, left: When, other: When, *, calendar_zone: str) -> Halves | None:
    """Divide other times of a series where it was divided, of which `left` was left; None: nothing of them comes after.

    Raises:
        UsageFault: the rule does not make that occurrence.
    """
    at = divided_at(whole, left, calendar_zone=calendar_zone)
    if at is None:
        return None
    was, now = Times(whole, calendar_zone), Times(other, calendar_zone)
    moment = _Move(was, now, now.wall(now.first) - was.wall(was.first)).carry(was.moment(at))
    rest = starts_of(other, calendar_zone=calendar_zone, from_=moment, to=moment + PROVEN)
    return split(other, now.name(rest[0]), calendar_zone=calendar_zone) if rest else None


def _shortened(line: Line, times: Times, at: int) -> list[str]:
    """Return what a line leaves to the time before."""
    if line.rule is None:
        return [line.text] if not line.name else from_dates(line, times, lambda moment: moment < at)
    until = line.rule.get("UNTIL")
    if until is not None and times.last(until) < at:
        return [line.text]
    return [str(line.rule.with_part("COUNT", None).with_part("UNTIL", times.until(at - 1)))]


def _rest(line: Line, times: Times, at: int) -> list[str]:
    """Return what a line leaves to the time from then on; a rule that has ended by then leaves nothing."""
    if line.rule is None:
        return [line.text] if not line.name else from_dates(line, times, lambda moment: moment >= at)
    until, count = line.rule.get("UNTIL"), line.rule.get("COUNT")
    if until is not None and times.last(until) < at:
        return []
    if count is None:
        return [line.text]
    left = int(count) - _walked(line.rule, times, at)
    return [str(line.rule.with_part("COUNT", str(left)))] if left > 0 else []


def _walked(rule: Rule, times: Times, at: int) -> int:
    """Count the occurrences that a rule has made before an instant."""
    first, until = times.wall(times.first), times.wall(at)
    read = read_recurrence([f"RRULE:{str(rule).partition(':')[2]}"]).rules
    try:
        return sum(wall < until for wall in walls(read[0], first, first, until)) if read else 0
    except Unreadable as error:
        raise UsageFault(_OUTSIDE, "Change this occurrence alone (--this), or the whole series (--all).") from error


def _prove(when: When, halves: Halves, calendar_zone: str, at: int, first: int) -> None:
    """See that both halves together take place when the series does; rules of odd phases cannot be divided."""
    assert halves.before is not None

    def spans(part: When) -> tuple[tuple[int, int], ...]:
        return expand_when(part, (), calendar_zone=calendar_zone, from_=first, to=at + PROVEN).spans

    whole = spans(when)
    same = spans(halves.before) == tuple(one for one in whole if one[0] < at)
    if not same or spans(halves.after) != tuple(one for one in whole if one[0] >= at):
        raise UsageFault(_OUTSIDE, "Change this occurrence alone (--this), or the whole series (--all).")


# All of it


def reshape(old: When, new: When, originals: Iterable[str] = (), *, calendar_zone: str) -> Reshaped:
    """Carry a series' dates and exceptions along when its times change.

    Where the lines are the old ones they follow the start: days of the week or month that it stood for, the moment
    of UNTIL, EXDATE and RDATE move by as much wall time as it does. Lines that are new are taken as they are, with
    the old EXDATEs that still hit. An exception's original start moves likewise; where nothing of the new series
    starts then, it no longer fits.
    """
    was, now = Times(old, calendar_zone), Times(new, calendar_zone)
    if not new.recurrence:
        return Reshaped(new, tuple((original, None) for original in originals))
    shape = _Move(was, now, now.wall(now.first) - was.wall(was.first))
    kept = new.recurrence == old.recurrence
    lines = [read_line(line) for line in new.recurrence]
    if kept and shape.still:
        changed = new
    elif kept:
        changed = _moved(new, [line for line in lines if line.name != "EXDATE"], shape)
    else:
        changed = new
    if not (kept and shape.still):
        changed = _with_exdates(changed, old, shape)
    return Reshaped(changed, _carried(changed, originals, shape))


def without(old: When, new: When, cancelled: Iterable[str], *, calendar_zone: str, all_: bool = False) -> When:
    """Return new times of a series in which the cancelled occurrences stay away, wherever they have moved.

    A cancelled occurrence that keeps its original start is still said by its exception, so only the others are
    excluded; `all_`: every one, for a series that begins anew without exceptions.
    """
    if not new.recurrence:
        return new
    carried = reshape(old, new, cancelled, calendar_zone=calendar_zone).originals
    gone = [now for was, now in carried if now is not None and (all_ or now != was)]
    return excluding(new, gone, calendar_zone=calendar_zone) if gone else new


def still_without(old: When, new: When, *, calendar_zone: str) -> When:
    """Return new times of a series without what the old EXDATEs took out, as far as they still hit."""
    was, now = Times(old, calendar_zone), Times(new, calendar_zone)
    return _with_exdates(new, old, _Move(was, now, now.wall(now.first) - was.wall(was.first)))


@dataclass(frozen=True, slots=True)
class _Move:
    """From one clock to another, by so much wall time."""

    was: Times
    now: Times
    by: timedelta

    @property
    def still(self) -> bool:
        """Whether every start stays the instant that it is."""
        same = self.was.when.all_day == self.now.when.all_day and self.was.zone == self.now.zone
        return same and not self.by

    def carry(self, moment: int) -> int:
        """Return where an instant comes to lie."""
        wall = self.was.wall(moment)
        if not self.by:
            wall = wall.replace(fold=local(moment, self.was.zone).fold)
        return self.now.at(wall + self.by if self.by else wall)


def _moved(new: When, lines: Iterable[Line], move: _Move) -> When:
    return replace(new, recurrence=ordered(text for line in lines for text in _moved_line(line, move)))


def _moved_line(line: Line, move: _Move) -> list[str]:
    if line.rule is None:
        if not line.name or any("/" in value for value in line.values):
            return [line.text]
        return write_dates(line.name, [move.carry(moment) for moment in _moments(move.was, line)], move.now)
    rule = _aligned(line.rule, move.was.wall(move.was.first).date(), move.now.wall(move.now.first).date())
    until = rule.get("UNTIL")
    if until is not None:
        rule = rule.with_part("UNTIL", move.now.until(move.carry(move.was.last(until))))
    return [str(rule)]


def _aligned(rule: Rule, was: date, now: date) -> Rule:
    """Let the days that a rule names follow its start, where it named just the start's; else it stays as it is."""
    if was == now:
        return rule
    by = {name: value for name, value in rule.parts if name.startswith("BY")}
    freq = (rule.get("FREQ") or "").upper()
    if freq == "WEEKLY" and set(by) == {"BYDAY"}:
        return _weekdays(rule, by["BYDAY"], (now - was).days)
    if freq in {"MONTHLY", "YEARLY"}:
        if by.get("BYMONTHDAY") == str(was.day):
            rule = rule.with_part("BYMONTHDAY", str(now.day))
        if by.get("BYMONTH") == str(was.month):
            rule = rule.with_part("BYMONTH", str(now.month))
        if set(by) <= {"BYDAY", "BYMONTH"} and "BYDAY" in by:
            rule = rule.with_part("BYDAY", _nth(by["BYDAY"], was, now))
    return rule


def _weekdays(rule: Rule, days: str, by: int) -> Rule:
    names = [name.strip().upper() for name in days.split(",")]
    if not set(names) <= set(_WEEK):
        return rule
    moved = {(_WEEK.index(name) + by) % 7 for name in names}
    return rule.with_part("BYDAY", ",".join(_WEEK[day] for day in sorted(moved)))


def _nth(text: str, was: date, now: date) -> str:
    """Let `2TU` or `-1FR` follow from one date to another; what did not name the old date stays."""
    match = re.fullmatch(r"(-1|[1-5])(MO|TU|WE|TH|FR|SA|SU)", text.strip().upper())
    if match is None or match[2] != _WEEK[was.weekday()]:
        return text
    last_week = (now + timedelta(days=7)).month != now.month
    count = "-1" if match[1] == "-1" and last_week else str((now.day - 1) // 7 + 1)
    if count == "5":
        count = "-1"
    return f"{count}{_WEEK[now.weekday()]}"


def _with_exdates(new: When, old: When, move: _Move) -> When:
    """Give the new series those of the old EXDATEs that still hit an occurrence."""
    held = [line for text in old.recurrence if (line := read_line(text)).name == "EXDATE"]
    moments = {move.carry(moment) for line in held for moment in _moments(move.was, line)}
    if not moments:
        return new
    hit = _hits(new, moments, move.now.calendar_zone)
    own = {m for text in new.recurrence if (line := read_line(text)).name == "EXDATE" for m in _moments(move.now, line)}
    rest = [text for text in new.recurrence if read_line(text).name != "EXDATE"]
    return replace(new, recurrence=ordered([*rest, *write_dates("EXDATE", hit | own, move.now)]))


def _carried(new: When, originals: Iterable[str], move: _Move) -> tuple[tuple[str, str | None], ...]:
    carried = {original: move.carry(_moment(move.was, original)) for original in originals}
    hit = _hits(new, set(carried.values()), move.now.calendar_zone)
    return tuple((original, move.now.name(at) if at in hit else None) for original, at in carried.items())


def _hits(when: When, moments: set[int], calendar_zone: str) -> set[int]:
    """Return which of some instants are starts of a series."""
    if not moments:
        return set()
    low, high = min(moments), max(moments) + 1
    found = expand_when(when, (), calendar_zone=calendar_zone, from_=low, to=high)
    hit = moments & {starts for starts, _ in found.spans}
    far = {moment for moment in moments if moment >= found.to}
    return hit | {one for one in far if one in starts_of(when, calendar_zone=calendar_zone, from_=one, to=one + 1)}


def _moments(times: Times, line: Line) -> list[int]:
    """Return the instants of a line of dates; what cannot be read is left out."""
    found = []
    for value in line.values:
        try:
            found.append(times.moment(value.partition("/")[0], line.zone))
        except (ValueError, OverflowError):
            continue
    return found


def _moment(times: Times, text: str) -> int:
    """Read an original start as people type it too: `2026-11-09T09:00+01:00`, or without zone in the series' own."""
    try:
        return times.moment(text)
    except (ValueError, OverflowError):
        pass
    try:
        typed = datetime.fromisoformat(text.strip())
        if typed.tzinfo is None:
            return times.at(typed)
        return times.moment(typed.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ"))
    except (ValueError, OverflowError) as error:
        raise UsageFault(
            f"“{text}” is no original start.", "Write a date, or a time as `events list --json` shows it (original)."
        ) from error
