"""Expanding one series: walls and instants, exclusions, odd lines, bounds; and two oracles."""

from __future__ import annotations

import warnings
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calsyncctl.model.event import Body, Content, Event, EventKind, When
from calsyncctl.sync.recurrence.expand import MOST, Expansion, expand

BERLIN = "Europe/Berlin"


def series(start: str, end: str, *lines: str, zone: str | None = BERLIN, original: str | None = None) -> Event:
    content = Content("Tea", "confirmed", When(start, end, zone if len(start) > 10 else None, lines), Body())
    return Event(
        id=1,
        key="k",
        calendar_id=1,
        kind=EventKind.EVENT,
        origin="google",
        content=content,
        starts=0,
        ends=0,
        version=1,
        status="confirmed",
        original=original,
    )


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def run(event: Event, from_: str, to: str, *originals: str, zone: str = BERLIN) -> Expansion:
    return expand(event, originals, calendar_zone=zone, from_=at(from_), to=at(to))


def starts(event: Event, from_: str, to: str, *originals: str, zone: str = BERLIN) -> list[str]:
    expansion = run(event, from_, to, *originals, zone=zone)
    assert expansion.notes == ()
    return [datetime.fromtimestamp(begin, UTC).strftime("%m-%dT%H:%M") for begin, _ in expansion.spans]


def nine(*lines: str) -> Event:
    return series("2026-03-23T09:00:00+01:00", "2026-03-23T10:00:00+01:00", *lines)


def test_nine_stays_nine_when_the_clocks_change() -> None:
    weekly = nine("RRULE:FREQ=WEEKLY")

    assert starts(weekly, "2026-03-20T00:00Z", "2026-04-08T00:00Z") == ["03-23T08:00", "03-30T07:00", "04-06T07:00"]


def test_a_start_that_dst_skips_counts_with_the_offset_before_the_gap() -> None:
    daily = series("2026-03-28T02:30:00+01:00", "2026-03-28T03:00:00+01:00", "RRULE:FREQ=DAILY")

    assert starts(daily, "2026-03-28T00:00Z", "2026-03-31T00:00Z") == ["03-28T01:30", "03-29T01:30", "03-30T00:30"]


def test_a_start_that_dst_repeats_is_the_first() -> None:
    daily = series("2026-10-24T02:30:00+02:00", "2026-10-24T03:00:00+02:00", "RRULE:FREQ=DAILY")

    assert starts(daily, "2026-10-24T00:00Z", "2026-10-27T00:00Z") == ["10-24T00:30", "10-25T00:30", "10-26T01:30"]


def test_all_day_occurrences_are_whole_days_of_the_calendar() -> None:
    daily = series("2026-03-28", "2026-03-29", "RRULE:FREQ=DAILY;COUNT=3")

    spans = run(daily, "2026-03-01T00:00Z", "2026-05-01T00:00Z").spans

    assert [end - begin for begin, end in spans] == [24 * 3600, 23 * 3600, 24 * 3600]


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("EXDATE:20260330T070000Z", ["03-23", "04-06"]),
        ("EXDATE;TZID=Europe/Berlin:20260330T090000,20260406T090000", ["03-23"]),
        ("EXDATE;TZID=America/New_York:20260330T030000", ["03-23", "04-06"]),
        ("EXDATE:20260330T090000", ["03-23", "04-06"]),
        ("EXDATE;VALUE=DATE:20260330", ["03-23", "04-06"]),
        ("EXDATE;TZID=Nowhere/Atall:20260330T090000", ["03-23", "04-06"]),
        ("EXDATE:20260331T070000Z", ["03-23", "03-30", "04-06"]),
        ("EXRULE:FREQ=WEEKLY;INTERVAL=2", ["03-30"]),
    ],
)
def test_exclusions_are_read_in_every_form(line: str, left: list[str]) -> None:
    found = starts(nine("RRULE:FREQ=WEEKLY", line), "2026-03-20T00:00Z", "2026-04-08T00:00Z")

    assert [start[:5] for start in found] == left


@pytest.mark.parametrize("line", ["EXDATE;VALUE=DATE:20260330", "EXDATE:20260330T000000Z", "EXDATE:20260330"])
def test_exclusions_of_all_day_series_are_days(line: str) -> None:
    weekly = series("2026-03-23", "2026-03-24", "RRULE:FREQ=WEEKLY", line)

    assert len(starts(weekly, "2026-03-20T00:00Z", "2026-04-08T00:00Z")) == 2


@pytest.mark.parametrize(
    ("until", "count"),
    [
        ("20260406T070000Z", 3),
        ("20260406T065959Z", 2),
        ("20260406", 3),
        ("20260405", 2),
        ("20260406T090000", 3),
    ],
)
def test_until_is_an_instant_in_every_form(until: str, count: int) -> None:
    assert len(starts(nine(f"RRULE:FREQ=WEEKLY;UNTIL={until}"), "2026-03-20T00:00Z", "2027-01-01T00:00Z")) == count


@pytest.mark.parametrize("until", ["20260406", "20260406T000000Z", "20260406T235959Z"])
def test_until_of_an_all_day_series_is_a_day_in_every_form(until: str) -> None:
    weekly = series("2026-03-23", "2026-03-24", f"RRULE:FREQ=WEEKLY;UNTIL={until}")

    assert len(starts(weekly, "2026-03-20T00:00Z", "2027-01-01T00:00Z", zone="Pacific/Auckland")) == 3


@pytest.mark.parametrize(
    ("line", "spans"),
    [
        ("RDATE:20260401T120000Z", [("2026-04-01T12:00:00+00:00", 3600)]),
        ("RDATE;TZID=America/New_York:20260401T080000", [("2026-04-01T12:00:00+00:00", 3600)]),
        ("RDATE;VALUE=PERIOD:20260401T120000Z/PT2H", [("2026-04-01T12:00:00+00:00", 7200)]),
        ("RDATE;VALUE=PERIOD:20260401T120000Z/20260401T123000Z", [("2026-04-01T12:00:00+00:00", 1800)]),
        ("RDATE;VALUE=DATE:20260401", [("2026-04-01T09:00:00+02:00", 3600)]),
        ("RDATE;DATE;TZID=Europe/Berlin:20260401T140000", [("2026-04-01T14:00:00+02:00", 3600)]),
    ],
)
def test_single_dates_are_added_in_every_form(line: str, spans: list[tuple[str, int]]) -> None:
    found = run(nine(line), "2026-03-30T00:00Z", "2026-05-01T00:00Z")

    assert found.spans == tuple((at(start), at(start) + lasts) for start, lasts in spans)


def test_the_start_belongs_to_the_series_even_if_its_rule_skips_it() -> None:
    tuesdays = nine("RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=2")

    assert starts(tuesdays, "2026-03-20T00:00Z", "2026-05-01T00:00Z") == ["03-23T08:00", "03-24T08:00", "03-31T07:00"]


def test_exceptions_take_their_original_start_out() -> None:
    weekly = nine("RRULE:FREQ=WEEKLY;COUNT=3")

    assert starts(weekly, "2026-03-20T00:00Z", "2026-05-01T00:00Z", "20260330T070000Z") == [
        "03-23T08:00",
        "04-06T07:00",
    ]


def test_an_exception_of_when_the_series_was_timed_takes_no_whole_day_out() -> None:
    days = series("2026-03-02", "2026-03-03", "RRULE:FREQ=DAILY;COUNT=3")

    assert starts(days, "2026-03-01T00:00Z", "2026-03-10T00:00Z", "20260303T090000Z", zone="UTC") == [
        "03-02T00:00",
        "03-03T00:00",
        "03-04T00:00",
    ]


def test_an_occurrence_that_reaches_into_the_window_belongs_to_it() -> None:
    nightly = series("2026-03-01T22:00:00+01:00", "2026-03-02T06:00:00+01:00", "RRULE:FREQ=DAILY")

    assert starts(nightly, "2026-03-10T02:00Z", "2026-03-10T12:00Z") == ["03-09T21:00"]
    assert starts(nightly, "2026-03-10T05:00Z", "2026-03-10T12:00Z") == []


@pytest.mark.parametrize(
    "line",
    [
        "RRULE:FREQ=SOMETIMES",
        "RRULE:FREQ=DAILY;INTERVAL=0",
        "RRULE:COUNT=2",
        "RRULE:nonsense",
        "RRULE:FREQ=WEEKLY;BYDAY=XX",
        "RRULE:FREQ=DAILY;UNTIL=someday",
        "RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "EXDATE:never",
        "WHATEVER:1",
        "",
    ],
)
def test_a_line_that_cannot_be_read_leaves_the_first_occurrence_and_a_note(line: str) -> None:
    expansion = run(nine(line), "2026-03-20T00:00Z", "2026-05-01T00:00Z")

    assert [begin for begin, _ in expansion.spans] == [at("2026-03-23T08:00Z")]
    assert len(expansion.notes) == 1


def test_a_rule_that_never_matches_ends_at_once() -> None:
    never = nine("RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")

    assert starts(never, "2026-03-24T00:00Z", "2027-05-01T00:00Z") == []


def test_a_rule_by_the_second_is_bounded_and_says_how_far_it_goes() -> None:
    expansion = run(nine("RRULE:FREQ=SECONDLY"), "2026-04-01T00:00Z", "2027-05-01T00:00Z")

    assert len(expansion.spans) == MOST
    assert expansion.to == expansion.spans[-1][0] + 1
    assert any("only the first" in note for note in expansion.notes)


def test_an_old_series_is_entered_near_the_window() -> None:
    old = series("1980-01-07T09:00:00+01:00", "1980-01-07T10:00:00+01:00", "RRULE:FREQ=DAILY;INTERVAL=3")

    found = starts(old, "2026-03-01T00:00Z", "2026-03-08T00:00Z")

    days = [(date(2026, 3, int(start[3:5])) - date(1980, 1, 7)).days for start in found]
    assert days
    assert all(day % 3 == 0 for day in days)


def test_a_count_is_used_up_though_the_beginning_is_skipped() -> None:
    counted = nine("RRULE:FREQ=DAILY;COUNT=1000")

    assert starts(counted, "2028-12-15T00:00Z", "2029-02-01T00:00Z") == ["12-15T08:00", "12-16T08:00"]


# Two oracles: dateutil's own aware expansion, and recurring-ical-events.

ZONES = ["Europe/Berlin", "America/New_York", "Pacific/Auckland", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"]
RULES = st.sampled_from(
    [
        "FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=3",
        "FREQ=DAILY;COUNT=40",
        "FREQ=WEEKLY;BYDAY=MO,WE,SU",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SA;WKST=SU",
        "FREQ=WEEKLY;COUNT=12",
        "FREQ=MONTHLY;BYDAY=-1FR",
        "FREQ=MONTHLY;BYMONTHDAY=31",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        "FREQ=YEARLY;BYMONTH=3,10;BYDAY=-1SU",
        "FREQ=YEARLY;BYMONTHDAY=29",
    ]
)
STARTS = st.integers(0, 2700 * 1440).map(
    lambda minutes: datetime.fromisoformat("2019-01-01") + timedelta(minutes=minutes)
)


def _event(wall: datetime, zone: str, minutes: int, *lines: str) -> Event:
    begin = wall.replace(tzinfo=ZoneInfo(zone))
    end = (begin.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(ZoneInfo(zone))
    return series(begin.isoformat(), end.isoformat(), *lines, zone=zone)


@settings(max_examples=150, deadline=None)
@given(wall=STARTS, zone=st.sampled_from(ZONES), rule=RULES, days=st.integers(0, 900))
def test_rules_expand_as_dateutil_does_in_wall_time(wall: datetime, zone: str, rule: str, days: int) -> None:
    from dateutil.rrule import rrulestr

    begin = wall.replace(tzinfo=ZoneInfo(zone))
    low = begin.astimezone(UTC) + timedelta(days=days)
    high = low + timedelta(days=70)
    walked = rrulestr(rule, dtstart=begin).between(low - timedelta(days=2), high + timedelta(days=2), inc=True)
    oracle = {int(one.timestamp()) for one in [*walked, begin]}

    found = expand(
        _event(wall, zone, 30, f"RRULE:{rule}"), (), calendar_zone="UTC", from_=_seconds(low), to=_seconds(high)
    )

    lasting = {one for one in oracle if one < _seconds(high) and one + 1800 > _seconds(low)}
    assert {begin for begin, _ in found.spans} == lasting


@settings(max_examples=40, deadline=None)
@given(wall=STARTS, zone=st.sampled_from(ZONES), rule=RULES, days=st.integers(0, 400), without=st.integers(0, 30))
def test_rules_dates_and_exclusions_expand_as_recurring_ical_events_does(
    wall: datetime, zone: str, rule: str, days: int, without: int
) -> None:
    excluded = wall + timedelta(days=without)
    # Not a whole hour away: it takes a wall time for the UTC one of an occurrence an hour later.
    added = wall + timedelta(days=without, minutes=77)
    stamps = [one.strftime("%Y%m%dT%H%M%S") for one in (excluded, added)]
    lines = (f"RRULE:{rule}", f"EXDATE;TZID={zone}:{stamps[0]}", f"RDATE;TZID={zone}:{stamps[1]}")
    low = wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) + timedelta(days=days)

    found = expand(
        _event(wall, zone, 30, *lines),
        (),
        calendar_zone="UTC",
        from_=_seconds(low),
        to=_seconds(low + timedelta(days=60)),
    )

    assert sorted(begin for begin, _ in found.spans) == _ical(wall, zone, lines, low, low + timedelta(days=60))


def _ical(wall: datetime, zone: str, lines: tuple[str, ...], low: datetime, high: datetime) -> list[int]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import icalendar
        import recurring_ical_events

        stamp = wall.strftime("%Y%m%dT%H%M%S")
        head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:oracle", "BEGIN:VEVENT", "UID:1", "DTSTAMP:20200101T000000Z"]
        body = [f"DTSTART;TZID={zone}:{stamp}", "DURATION:PT30M", *lines, "END:VEVENT", "END:VCALENDAR", ""]
        calendar = icalendar.Calendar.from_ical("\r\n".join([*head, *body]))
        found = recurring_ical_events.of(calendar).between(low, high)
        instants = {int(one["DTSTART"].dt.timestamp()) for one in found}
    # It counts what ends exactly at the window's beginning as inside; here the end is exclusive.
    return sorted(one for one in instants if one + 1800 > _seconds(low) and one < _seconds(high))


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
