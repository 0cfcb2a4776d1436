"""Series changed on paper: the table of transitions, and what holds for any rule."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from calsyncctl.errors import UsageFault
from calsyncctl.model.event import When
from calsyncctl.model.when import original_of, span
from calsyncctl.sync.recurrence.recur import (
    divided_like,
    excluding,
    named,
    occurrence,
    reshape,
    split,
    starts_of,
    without,
)

ZONE = "Europe/Berlin"
YEARS = 3 * 366 * 86400


def timed(start: str, *lines: str, zone: str = ZONE, minutes: int = 60) -> When:
    """Make a series of hours; `start` is wall time in its zone."""
    begin = datetime.fromisoformat(start).replace(tzinfo=ZoneInfo(zone))
    end = (begin.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(ZoneInfo(zone))
    return When(text(begin), text(end), zone, lines)


def text(moment: datetime) -> str:
    written = moment.isoformat(timespec="seconds")
    return f"{written[:-6]}Z" if written.endswith("+00:00") else written


def days(start: str, *lines: str, lasts: int = 1) -> When:
    """Make a series of whole days."""
    end = datetime.fromisoformat(start).date() + timedelta(days=lasts)
    return When(start, end.isoformat(), None, lines)


def all_starts(when: When) -> tuple[int, ...]:
    first = span(when, ZONE)[0]
    return starts_of(when, calendar_zone=ZONE, from_=first - 86400, to=first + YEARS)


def utc(wall: str, zone: str = ZONE) -> str:
    """Name an occurrence by its wall time."""
    moment = int(datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone)).timestamp())
    return original_of(moment, all_day=False, zone=ZoneInfo(zone))


def halves(when: When, original: str) -> tuple[When | None, When]:
    parts = split(when, original, calendar_zone=ZONE)
    return parts.before, parts.after


# One occurrence

MONDAYS = timed("2026-10-19T09:00", "RRULE:FREQ=WEEKLY")
GAP = timed("2026-03-27T02:30", "RRULE:FREQ=DAILY")
"""Its third occurrence, on 29 March, falls into the hour that is skipped."""
FOLD = timed("2026-10-23T02:30", "RRULE:FREQ=DAILY")
"""Its third occurrence, on 25 October, falls into the hour that comes twice."""


@pytest.mark.parametrize(
    ("when", "original", "start", "end"),
    [
        (MONDAYS, utc("2026-10-19T09:00"), "2026-10-19T09:00:00+02:00", "2026-10-19T10:00:00+02:00"),
        (MONDAYS, utc("2026-10-26T09:00"), "2026-10-26T09:00:00+01:00", "2026-10-26T10:00:00+01:00"),
        (GAP, "20260329T013000Z", "2026-03-29T03:30:00+02:00", "2026-03-29T04:30:00+02:00"),
        (FOLD, "20261025T003000Z", "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"),
        (days("2026-12-24", "RRULE:FREQ=YEARLY", lasts=3), "2027-12-24", "2027-12-24", "2027-12-27"),
        (timed("2026-11-09T09:00", "RDATE:20261224T090000Z"), "20261224T090000Z", "2026-12-24T10:00:00+01:00", None),
        (timed("2026-11-09T09:00", "RRULE:FREQ=DAILY", zone="UTC"), "20261110T090000Z", "2026-11-10T09:00:00Z", None),
    ],
)
def test_one_occurrence_as_an_event_of_its_own(when: When, original: str, start: str, end: str | None) -> None:
    one = occurrence(when, original, calendar_zone=ZONE)

    assert one is not None
    assert (one.start, one.end if end else None, one.zone, one.recurrence) == (start, end, when.zone, ())


@pytest.mark.parametrize(
    "original", ["20261020T070000Z", "20261019T080000Z", "20261012T070000Z", "20261109T080000Z", "2026-10-20"]
)
def test_what_is_no_occurrence_is_none(original: str) -> None:
    series = replace(MONDAYS, recurrence=("RRULE:FREQ=WEEKLY", "EXDATE:20261109T080000Z"))

    assert occurrence(series, original, calendar_zone=ZONE) is None


@pytest.mark.parametrize(
    ("typed", "original"),
    [
        ("2026-11-09", "20261109T080000Z"),
        ("20261109T080000Z", "20261109T080000Z"),
        ("2026-11-09T09:00", "20261109T080000Z"),
        ("2026-11-09T10:00+02:00", "20261109T080000Z"),
    ],
)
def test_an_occurrence_is_named_as_people_type_it(typed: str, original: str) -> None:
    assert named(MONDAYS, typed, calendar_zone=ZONE) == original


def test_a_day_names_the_one_that_starts_then_at_whatever_hour() -> None:
    odd = replace(MONDAYS, recurrence=("RRULE:FREQ=WEEKLY", "RDATE:20261111T150000Z"))

    assert named(odd, "2026-11-11", calendar_zone=ZONE) == "20261111T150000Z"


@pytest.mark.parametrize("typed", ["2026-11-10", "20261109T090000Z", "soon", "2026-13-09"])
def test_what_names_no_occurrence_is_refused(typed: str) -> None:
    with pytest.raises(UsageFault):
        named(MONDAYS, typed, calendar_zone=ZONE)


@pytest.mark.parametrize(
    ("when", "originals", "line"),
    [
        (MONDAYS, ["20261109T080000Z"], "EXDATE:20261109T080000Z"),
        (MONDAYS, ["2026-11-16", "20261109T080000Z"], "EXDATE:20261109T080000Z,20261116T080000Z"),
        (days("2026-11-09", "RRULE:FREQ=DAILY"), ["2026-11-11", "2026-11-10"], "EXDATE;VALUE=DATE:20261110,20261111"),
        (GAP, ["20260329T013000Z"], "EXDATE:20260329T013000Z"),
    ],
)
def test_excluding_occurrences(when: When, originals: list[str], line: str) -> None:
    done = excluding(when, originals, calendar_zone=ZONE)

    assert done.recurrence[1:] == (line,)
    assert len(all_starts(when)) - len(all_starts(done)) == len(originals)
    assert excluding(done, originals, calendar_zone=ZONE) is done


# This and following


@pytest.mark.parametrize(
    ("when", "original", "before", "after"),
    [
        # UNTIL in UTC, one second before; COUNT parted; an UNTIL that is later stays for the rest
        (MONDAYS, utc("2026-11-09T09:00"), ["RRULE:FREQ=WEEKLY;UNTIL=20261109T075959Z"], ["RRULE:FREQ=WEEKLY"]),
        (
            timed("2026-10-19T09:00", "RRULE:FREQ=WEEKLY;COUNT=10"),
            utc("2026-11-09T09:00"),
            ["RRULE:FREQ=WEEKLY;UNTIL=20261109T075959Z"],
            ["RRULE:FREQ=WEEKLY;COUNT=7"],
        ),
        (
            timed("2026-10-19T09:00", "RRULE:FREQ=WEEKLY;COUNT=4"),
            utc("2026-11-09T09:00"),
            ["RRULE:FREQ=WEEKLY;UNTIL=20261109T075959Z"],
            ["RRULE:FREQ=WEEKLY;COUNT=1"],
        ),
        (
            timed("2026-10-19T09:00", "RRULE:FREQ=DAILY;UNTIL=20261224T080000Z"),
            utc("2026-11-09T09:00"),
            ["RRULE:FREQ=DAILY;UNTIL=20261109T075959Z"],
            ["RRULE:FREQ=DAILY;UNTIL=20261224T080000Z"],
        ),
        # all-day: UNTIL is a date
        (
            days("2026-11-02", "RRULE:FREQ=WEEKLY;COUNT=5"),
            "2026-11-16",
            ["RRULE:FREQ=WEEKLY;UNTIL=20261115"],
            ["RRULE:FREQ=WEEKLY;COUNT=3"],
        ),
        (
            days("2026-11-02", "RRULE:FREQ=DAILY;UNTIL=20261130"),
            "2026-11-03",
            ["RRULE:FREQ=DAILY;UNTIL=20261102"],
            ["RRULE:FREQ=DAILY;UNTIL=20261130"],
        ),
        # dates go to the half that they lie in
        (
            timed("2026-10-19T09:00", "RRULE:FREQ=WEEKLY", "EXDATE:20261026T080000Z,20261116T080000Z"),
            utc("2026-11-09T09:00"),
            ["RRULE:FREQ=WEEKLY;UNTIL=20261109T075959Z", "EXDATE:20261026T080000Z"],
            ["RRULE:FREQ=WEEKLY", "EXDATE:20261116T080000Z"],
        ),
        (
            timed("2026-10-19T09:00", "RRULE:FREQ=WEEKLY", "RDATE;TZID=Europe/Berlin:20261021T090000,20261118T150000"),
            utc("2026-11-09T09:00"),
            ["RRULE:FREQ=WEEKLY;UNTIL=20261109T075959Z", "RDATE;TZID=Europe/Berlin:20261021T090000"],
            ["RRULE:FREQ=WEEKLY", "RDATE;TZID=Europe/Berlin:20261118T150000"],
        ),
        (
            days("2026-11-02", "RRULE:FREQ=DAILY", "EXDATE;VALUE=DATE:20261105,20261120"),
            "2026-11-10",
            ["RRULE:FREQ=DAILY;UNTIL=20261109", "EXDATE;VALUE=DATE:20261105"],
            ["RRULE:FREQ=DAILY", "EXDATE;VALUE=DATE:20261120"],
        ),
        # rules that choose: several days a week, last Friday, every other week, the 31st
        (
            timed("2026-10-19T09:00", "RRULE:FREQ=WEEKLY;COUNT=12;BYDAY=MO,WE,FR"),
            utc("2026-10-28T09:00"),
            ["RRULE:FREQ=WEEKLY;BYDAY=MO,WE,FR;UNTIL=20261028T075959Z"],
            ["RRULE:FREQ=WEEKLY;COUNT=8;BYDAY=MO,WE,FR"],
        ),
        (
            timed("2026-10-30T09:00", "RRULE:FREQ=MONTHLY;BYDAY=-1FR"),
            utc("2027-01-29T09:00"),
            ["RRULE:FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20270129T075959Z"],
            ["RRULE:FREQ=MONTHLY;BYDAY=-1FR"],
        ),
        (
            timed("2026-10-21T09:00", "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;WKST=SU"),
            utc("2026-11-04T09:00"),
            ["RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;WKST=SU;UNTIL=20261104T075959Z"],
            ["RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;WKST=SU"],
        ),
        (
            timed("2026-10-31T09:00", "RRULE:FREQ=MONTHLY;COUNT=6"),
            utc("2027-01-31T09:00"),
            ["RRULE:FREQ=MONTHLY;UNTIL=20270131T075959Z"],
            ["RRULE:FREQ=MONTHLY;COUNT=4"],
        ),
        # DST: divided in the hour that comes twice, and across a change
        (
            FOLD,
            "20261025T003000Z",
            ["RRULE:FREQ=DAILY;UNTIL=20261025T002959Z"],
            ["RRULE:FREQ=DAILY"],
        ),
        (
            timed("2026-10-19T09:00", "RRULE:FREQ=DAILY;COUNT=9"),
            utc("2026-10-25T09:00"),
            ["RRULE:FREQ=DAILY;UNTIL=20261025T075959Z"],
            ["RRULE:FREQ=DAILY;COUNT=3"],
        ),
        # a line that nobody can read stays with both; so does a rule that had ended with the first
        (
            timed("2026-10-19T09:00", "RRULE:FREQ=WEEKLY", "X-ODD"),
            utc("2026-11-09T09:00"),
            ["RRULE:FREQ=WEEKLY;UNTIL=20261109T075959Z", "X-ODD"],
            ["RRULE:FREQ=WEEKLY", "X-ODD"],
        ),
        (
            timed("2026-10-19T09:00", "RRULE:FREQ=WEEKLY", "RRULE:FREQ=DAILY;UNTIL=20261023T070000Z"),
            utc("2026-11-09T09:00"),
            ["RRULE:FREQ=WEEKLY;UNTIL=20261109T075959Z", "RRULE:FREQ=DAILY;UNTIL=20261023T070000Z"],
            ["RRULE:FREQ=WEEKLY"],
        ),
    ],
)
def test_this_and_following(when: When, original: str, before: list[str], after: list[str]) -> None:
    first, rest = halves(when, original)

    assert first is not None
    assert (first.start, first.end) == (when.start, when.end)
    assert (list(first.recurrence), list(rest.recurrence)) == (before, after)
    assert original_of(span(rest, ZONE)[0], all_day=rest.all_day, zone=ZoneInfo(ZONE)) == original


def test_divided_at_the_first_occurrence_all_of_it_is_meant() -> None:
    assert halves(MONDAYS, utc("2026-10-19T09:00")) == (None, MONDAYS)
    skipped = replace(MONDAYS, recurrence=("RRULE:FREQ=WEEKLY", "EXDATE:20261019T070000Z"))
    assert halves(skipped, utc("2026-10-26T09:00")) == (None, skipped)


WEDNESDAYS = timed("2026-10-21T18:00", "RRULE:FREQ=WEEKLY;BYDAY=WE")


@pytest.mark.parametrize(
    ("other", "start"),
    [
        (timed("2026-10-19T18:00", "RRULE:FREQ=WEEKLY;BYDAY=MO"), "2026-11-09T18:00:00+01:00"),
        (WEDNESDAYS, "2026-11-11T18:00:00+01:00"),
        (timed("2026-10-19T09:00", "RRULE:FREQ=WEEKLY;INTERVAL=2"), "2026-11-16T09:00:00+01:00"),
        (days("2026-10-19", "RRULE:FREQ=WEEKLY"), "2026-11-09"),
    ],
    ids=["evening", "Wednesdays", "every other week", "whole days"],
)
def test_other_times_are_divided_where_a_series_was(other: When, start: str) -> None:
    left = halves(MONDAYS, utc("2026-11-09T09:00"))[0]
    assert left is not None

    divided = divided_like(MONDAYS, left, other, calendar_zone=ZONE)

    assert divided is not None
    assert divided.before is not None
    assert divided.after.start == start
    horizon = span(other, ZONE)[0] + YEARS
    parts = [starts_of(one, calendar_zone=ZONE, from_=0, to=horizon) for one in (divided.before, divided.after)]
    assert (*parts[0], *parts[1]) == starts_of(other, calendar_zone=ZONE, from_=0, to=horizon)


def test_times_that_end_before_a_division_are_not_divided() -> None:
    left = halves(MONDAYS, utc("2026-11-09T09:00"))[0]
    assert left is not None
    ended = timed("2026-10-19T18:00", "RRULE:FREQ=WEEKLY;COUNT=2")

    assert divided_like(MONDAYS, left, ended, calendar_zone=ZONE) is None


@pytest.mark.parametrize(
    ("when", "original"),
    [
        (MONDAYS, "20261110T080000Z"),  # a Tuesday
        (timed("2026-11-09T09:00"), "20261109T080000Z"),  # no series
        (timed("2026-10-19T09:00", "RRULE:FREQ=WEEKLY", "RDATE:20261111T150000Z"), "20261111T150000Z"),
        (timed("2026-10-19T09:00", "RRULE:FREQ=WEEKLY;INTERVAL=2", "RRULE:FREQ=WEEKLY;INTERVAL=3"), "20261109T080000Z"),
        (GAP, "20260329T013000Z"),  # the rest would begin at 03:30, and stay there
    ],
)
def test_where_the_rest_could_not_go_on_the_same_nothing_is_divided(when: When, original: str) -> None:
    with pytest.raises(UsageFault):
        split(when, original, calendar_zone=ZONE)


# All of it


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        # the hour: UNTIL, EXDATE and RDATE go along
        (
            timed("2026-10-19T09:00", "RRULE:FREQ=WEEKLY;UNTIL=20261221T080000Z", "EXDATE:20261109T080000Z"),
            timed("2026-10-19T10:30"),
            ["RRULE:FREQ=WEEKLY;UNTIL=20261221T093000Z", "EXDATE:20261109T093000Z"],
        ),
        (
            timed("2026-10-19T09:00", "RRULE:FREQ=WEEKLY", "RDATE;TZID=Europe/Berlin:20261021T150000"),
            timed("2026-10-19T08:00"),
            ["RRULE:FREQ=WEEKLY", "RDATE:20261021T120000Z"],
        ),
        # the day: what the rule names goes along
        (
            timed("2026-10-19T09:00", "RRULE:FREQ=WEEKLY;BYDAY=MO"),
            timed("2026-10-20T09:00"),
            ["RRULE:FREQ=WEEKLY;BYDAY=TU"],
        ),
        (
            timed("2026-10-19T09:00", "RRULE:FREQ=WEEKLY;BYDAY=MO,FR"),
            timed("2026-10-21T09:00"),
            ["RRULE:FREQ=WEEKLY;BYDAY=WE,SU"],
        ),
        (
            timed("2026-10-15T09:00", "RRULE:FREQ=MONTHLY;BYMONTHDAY=15"),
            timed("2026-10-17T09:00"),
            ["RRULE:FREQ=MONTHLY;BYMONTHDAY=17"],
        ),
        (
            timed("2026-10-13T09:00", "RRULE:FREQ=MONTHLY;BYDAY=2TU"),
            timed("2026-10-21T09:00"),
            ["RRULE:FREQ=MONTHLY;BYDAY=3WE"],
        ),
        (
            timed("2026-10-30T09:00", "RRULE:FREQ=MONTHLY;BYDAY=-1FR"),
            timed("2026-10-29T09:00"),
            ["RRULE:FREQ=MONTHLY;BYDAY=-1TH"],
        ),
        (
            days("2026-12-24", "RRULE:FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24"),
            days("2027-01-06"),
            ["RRULE:FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=6"],
        ),
        (
            timed("2026-10-19T09:00", "RRULE:FREQ=MONTHLY;BYMONTHDAY=1,15"),
            timed("2026-10-20T09:00"),
            ["RRULE:FREQ=MONTHLY;BYMONTHDAY=1,15"],
        ),
        (
            days("2026-11-02", "RRULE:FREQ=WEEKLY;UNTIL=20261130", "EXDATE;VALUE=DATE:20261109"),
            days("2026-11-03"),
            ["RRULE:FREQ=WEEKLY;UNTIL=20261201", "EXDATE;VALUE=DATE:20261110"],
        ),
        # the zone: wall time is what a series means
        (
            timed("2026-10-19T09:00", "RRULE:FREQ=WEEKLY;UNTIL=20261221T080000Z", "EXDATE:20261026T080000Z"),
            timed("2026-10-19T09:00", zone="America/New_York"),
            ["RRULE:FREQ=WEEKLY;UNTIL=20261221T140000Z", "EXDATE:20261026T130000Z"],
        ),
        # timed to all-day and back
        (
            timed("2026-10-19T09:00", "RRULE:FREQ=WEEKLY;UNTIL=20261221T080000Z", "EXDATE:20261109T080000Z"),
            days("2026-10-19"),
            ["RRULE:FREQ=WEEKLY;UNTIL=20261221", "EXDATE;VALUE=DATE:20261109"],
        ),
        (
            days("2026-10-19", "RRULE:FREQ=WEEKLY;UNTIL=20261221", "EXDATE;VALUE=DATE:20261109"),
            timed("2026-10-19T09:00"),
            ["RRULE:FREQ=WEEKLY;UNTIL=20261221T080000Z", "EXDATE:20261109T080000Z"],
        ),
        # an EXDATE in the gap goes along with its occurrence
        (
            replace(GAP, recurrence=("RRULE:FREQ=DAILY", "EXDATE:20260329T013000Z")),
            timed("2026-03-27T03:30"),
            ["RRULE:FREQ=DAILY", "EXDATE:20260329T013000Z"],
        ),
        (
            replace(FOLD, recurrence=("RRULE:FREQ=DAILY", "EXDATE:20261025T003000Z")),
            timed("2026-10-23T04:00"),
            ["RRULE:FREQ=DAILY", "EXDATE:20261025T030000Z"],
        ),
        # only the end moved: nothing else does
        (
            timed("2026-10-19T09:00", "RRULE:FREQ=WEEKLY", "EXDATE;TZID=Europe/Berlin:20261109T090000"),
            timed("2026-10-19T09:00", minutes=90),
            ["RRULE:FREQ=WEEKLY", "EXDATE;TZID=Europe/Berlin:20261109T090000"],
        ),
    ],
)
def test_the_whole_series_moved_takes_its_dates_along(old: When, new: When, lines: list[str]) -> None:
    done = reshape(old, replace(new, recurrence=old.recurrence), calendar_zone=ZONE).when

    assert (list(done.recurrence), done.start, done.end) == (lines, new.start, new.end)
    same_number = 0 if done.recurrence and "BYMONTHDAY=1,15" in done.recurrence[0] else len(all_starts(old))
    assert not same_number or len(all_starts(done)) in {same_number, same_number - 1, same_number + 1}


@pytest.mark.parametrize(
    ("old", "new", "originals", "carried"),
    [
        (MONDAYS, timed("2026-10-19T10:00"), ["20261109T080000Z"], ["20261109T090000Z"]),
        (MONDAYS, timed("2026-10-20T09:00"), ["20261026T080000Z"], ["20261027T080000Z"]),
        (MONDAYS, timed("2026-10-19T09:00", zone="Asia/Tokyo"), ["20261109T080000Z"], ["20261109T000000Z"]),
        (MONDAYS, days("2026-10-19"), ["20261109T080000Z"], ["2026-11-09"]),
        (days("2026-10-19", "RRULE:FREQ=WEEKLY"), timed("2026-10-19T09:00"), ["2026-11-09"], ["20261109T080000Z"]),
        (GAP, timed("2026-03-27T05:00"), ["20260329T013000Z"], ["20260329T030000Z"]),
        (FOLD, timed("2026-10-23T01:00"), ["20261025T003000Z"], ["20261024T230000Z"]),
        (MONDAYS, timed("2026-10-19T09:00", minutes=15), ["20261109T080000Z"], ["20261109T080000Z"]),
        (MONDAYS, timed("2026-11-02T09:00"), ["20261026T080000Z"], ["20261109T080000Z"]),
        # an exception that stood outside of the rule fits nowhere
        (MONDAYS, timed("2026-10-19T10:00"), ["20261110T080000Z"], [None]),
    ],
)
def test_exceptions_follow_a_series_that_moved(
    old: When, new: When, originals: list[str], carried: list[str | None]
) -> None:
    done = reshape(old, replace(new, recurrence=old.recurrence), originals, calendar_zone=ZONE)

    assert [now for _, now in done.originals] == carried


@pytest.mark.parametrize(
    ("lines", "carried"),
    [
        (("RRULE:FREQ=DAILY",), ["20261026T080000Z", "20261109T080000Z"]),
        (("RRULE:FREQ=WEEKLY;INTERVAL=3",), [None, "20261109T080000Z"]),
        (("RRULE:FREQ=WEEKLY;COUNT=2",), ["20261026T080000Z", None]),
        (("RRULE:FREQ=WEEKLY;UNTIL=20261101T000000Z",), ["20261026T080000Z", None]),
        ((), [None, None]),
    ],
)
def test_exceptions_stay_where_a_new_rule_still_has_them(lines: tuple[str, ...], carried: list[str | None]) -> None:
    new = replace(MONDAYS, recurrence=lines)
    done = reshape(MONDAYS, new, ["20261026T080000Z", "20261109T080000Z"], calendar_zone=ZONE)

    assert (done.when.recurrence, [now for _, now in done.originals]) == (lines, carried)


@pytest.mark.parametrize(
    ("new", "all_", "exdates"),
    [
        (timed("2026-10-19T10:00", "RRULE:FREQ=WEEKLY"), False, ["EXDATE:20261109T090000Z"]),
        (timed("2026-10-20T09:00", "RRULE:FREQ=WEEKLY"), False, ["EXDATE:20261110T080000Z"]),
        (days("2026-10-19", "RRULE:FREQ=WEEKLY"), False, ["EXDATE;VALUE=DATE:20261109"]),
        (timed("2026-10-19T09:00", "RRULE:FREQ=DAILY"), False, []),  # its exception still says so
        (timed("2026-10-19T09:00", "RRULE:FREQ=DAILY"), True, ["EXDATE:20261109T080000Z"]),
        (timed("2026-10-19T09:00", "RRULE:FREQ=WEEKLY;COUNT=2"), True, []),
    ],
)
def test_cancelled_occurrences_stay_away_wherever_they_have_moved(new: When, all_: bool, exdates: list[str]) -> None:
    done = without(MONDAYS, new, ["20261109T080000Z"], calendar_zone=ZONE, all_=all_)

    assert list(done.recurrence[1:]) == exdates
    assert without(MONDAYS, replace(new, recurrence=()), ["20261109T080000Z"], calendar_zone=ZONE).recurrence == ()


def test_a_new_rule_keeps_the_old_exdates_that_still_hit() -> None:
    old = replace(MONDAYS, recurrence=("RRULE:FREQ=WEEKLY", "EXDATE:20261026T080000Z,20261109T080000Z"))
    new = replace(MONDAYS, recurrence=("RRULE:FREQ=WEEKLY;INTERVAL=3",))

    done = reshape(old, new, calendar_zone=ZONE).when
    assert done.recurrence == ("RRULE:FREQ=WEEKLY;INTERVAL=3", "EXDATE:20261109T080000Z")


def test_more_than_500_exdates_are_excluded_moved_and_divided() -> None:
    series = timed("2026-01-01T09:00", "RRULE:FREQ=DAILY")
    gone = [original_of(at, all_day=False, zone=UTC) for at in all_starts(series)[1:601]]
    thin = excluding(series, gone, calendar_zone=ZONE)
    moved = reshape(thin, replace(timed("2026-01-01T11:00"), recurrence=thin.recurrence), calendar_zone=ZONE).when
    first, rest = halves(moved, original_of(all_starts(moved)[1], all_day=False, zone=UTC))

    assert len(thin.recurrence) == 3
    assert len(all_starts(series)) - len(all_starts(moved)) == 600
    assert first is not None
    assert (len(all_starts(first)), rest.recurrence) == (1, ("RRULE:FREQ=DAILY",))


# For any rule

starts = st.integers(0, 730 * 1440).map(lambda m: datetime.fromisoformat("2026-01-01") + timedelta(minutes=m))
zones = st.sampled_from(["Europe/Berlin", "America/New_York", "UTC", "Australia/Lord_Howe", "Asia/Kolkata"])
WEEK = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
more_days = st.lists(st.sampled_from(WEEK), max_size=2)
limits = st.one_of(st.just(""), st.integers(1, 60).map(lambda n: f";COUNT={n}"))


@st.composite
def rule_for(draw: st.DrawFn, start: datetime) -> str:
    """Make a rule that its start belongs to."""
    today = WEEK[start.weekday()]
    several = ",".join({today, *draw(more_days)})
    week = (start.day - 1) // 7 + 1
    kinds = [
        "FREQ=DAILY",
        f"FREQ=DAILY;INTERVAL={draw(st.integers(2, 9))}",
        f"FREQ=WEEKLY;BYDAY={several}",
        f"FREQ=WEEKLY;INTERVAL=2;BYDAY={today}",
        f"FREQ=MONTHLY;BYMONTHDAY={start.day}",
        f"FREQ=MONTHLY;BYDAY={week if week < 5 else -1}{today}",
        "FREQ=YEARLY",
    ]
    return f"RRULE:{draw(st.sampled_from(kinds))}{draw(limits)}"


@st.composite
def series(draw: st.DrawFn) -> When:
    start = draw(starts)
    rule = draw(rule_for(start))
    if draw(st.booleans()):
        return days(start.date().isoformat(), rule, lasts=draw(st.integers(1, 3)))
    made = timed(start.isoformat(), rule, zone=draw(zones), minutes=draw(st.sampled_from([15, 60, 1500])))
    shown = datetime.fromisoformat(made.start).astimezone(UTC).astimezone(ZoneInfo(made.zone or ZONE))
    assume(shown.replace(tzinfo=None) == start)  # nobody starts a series in the hour that is skipped
    return made


def names(when: When, moments: Iterable[int]) -> list[str]:
    zone = ZoneInfo(ZONE if when.all_day else "UTC")
    return [original_of(at, all_day=when.all_day, zone=zone) for at in moments]


@settings(deadline=None, max_examples=60)
@given(series(), st.data())
def test_two_halves_take_place_exactly_when_the_series_did(when: When, data: st.DataObject) -> None:
    whole = all_starts(when)
    at = data.draw(st.sampled_from(whole[:200]))
    try:
        first, rest = halves(when, names(when, [at])[0])
    except UsageFault:
        assume(False)

    later = starts_of(rest, calendar_zone=ZONE, from_=whole[0], to=whole[0] + YEARS)
    earlier = () if first is None else all_starts(first)
    assert (earlier + later) == whole
    assert first is None or earlier[-1] < at == later[0]


@settings(deadline=None, max_examples=60)
@given(series(), st.integers(-600, 600).map(lambda m: m * 5), st.data())
def test_what_was_excluded_stays_so_wherever_the_series_goes(when: When, by: int, data: st.DataObject) -> None:
    whole = all_starts(when)[1:100]
    assume(whole)
    gone = data.draw(st.lists(st.sampled_from(whole), min_size=1, max_size=5, unique=True))
    thin = excluding(when, names(when, gone), calendar_zone=ZONE)
    new = shifted(when, by)
    full = reshape(when, replace(new, recurrence=when.recurrence), calendar_zone=ZONE).when
    done = reshape(thin, replace(new, recurrence=thin.recurrence), calendar_zone=ZONE).when

    assert set(all_starts(done)) <= set(all_starts(full))
    assert len(all_starts(full)) - len(all_starts(done)) <= len(gone)
    if plain(when):
        assert len(all_starts(full)) - len(all_starts(done)) == len(gone)


def plain(when: When) -> bool:
    """Tell rules whose occurrences keep their distance: a month's days do not."""
    return "MONTHLY" not in when.recurrence[0] and "YEARLY" not in when.recurrence[0]


def shifted(when: When, minutes: int) -> When:
    if when.all_day:
        start, end = (datetime.fromisoformat(one) + timedelta(days=minutes % 9 - 4) for one in (when.start, when.end))
        return When(start.date().isoformat(), end.date().isoformat())
    zone = ZoneInfo(when.zone or ZONE)
    begin = datetime.fromisoformat(when.start).replace(tzinfo=None) + timedelta(minutes=minutes)
    aware = begin.replace(tzinfo=zone)
    assume(aware.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == begin)
    return timed(begin.isoformat(), zone=when.zone or ZONE)
