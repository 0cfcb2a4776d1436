"""What people type for times: new events, changed ones, repetitions; in the zone that is shown."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from calsyncctl.commands.moments import read_length, read_moment, read_repeat
from calsyncctl.commands.times import Given, Place, edited_when, new_when
from calsyncctl.errors import UsageFault
from calsyncctl.model.event import When

BERLIN = Place(datetime(2026, 11, 20, 9, 30, tzinfo=UTC), ZoneInfo("Europe/Berlin"), "Europe/Berlin")
"""A Friday."""
LUNCH = When("2026-11-21T12:00:00+01:00", "2026-11-21T12:45:00+01:00", "Europe/Berlin")
FAIR = When("2026-12-24", "2026-12-27")
WEEKLY = When(
    "2026-11-23T09:00:00+01:00", "2026-11-23T09:30:00+01:00", "Europe/Berlin", ("RRULE:FREQ=WEEKLY;BYDAY=MO",)
)


def times(when: When) -> tuple[str, str]:
    return when.start, when.end


@pytest.mark.parametrize(
    ("typed", "day", "time"),
    [
        ("tomorrow 12:00", "2026-11-21", "12:00"),
        ("today", "2026-11-20", None),
        ("fri 9:30", "2026-11-27", "09:30"),
        ("Monday, 9am", "2026-11-23", "09:00"),
        ("+7d 0:15", "2026-11-27", "00:15"),
        ("2026-12-24T18:00", "2026-12-24", "18:00"),
        ("20261224 18:00", "2026-12-24", "18:00"),
        ("12:30pm", None, "12:30"),
        ("12am", None, "00:00"),
    ],
)
def test_moments_as_people_type_them(typed: str, day: str | None, time: str | None) -> None:
    read = read_moment(typed, date(2026, 11, 20))

    assert (read.day and read.day.isoformat(), read.time and f"{read.time:%H:%M}") == (day, time)


@pytest.mark.parametrize(
    "typed", ["", "noon-ish", "25:00", "2026-13-01", "t 9:00", "13pm", "12", "9:61", "tomorrow at"]
)
def test_what_is_no_moment_is_refused(typed: str) -> None:
    with pytest.raises(UsageFault):
        read_moment(typed, date(2026, 11, 20))


@pytest.mark.parametrize(
    ("typed", "minutes"), [("45m", 45), ("1h30m", 90), ("1h 30min", 90), ("2d", 2880), ("1w", 10080)]
)
def test_lengths(typed: str, minutes: int) -> None:
    assert read_length(typed) == timedelta(minutes=minutes)


@pytest.mark.parametrize("typed", ["", "0m", "45", "1h later", "m", "-5m"])
def test_what_is_no_length_is_refused(typed: str) -> None:
    with pytest.raises(UsageFault):
        read_length(typed)


@pytest.mark.parametrize(
    ("given", "start", "end"),
    [
        (Given("tomorrow 12:00", lasts="45m"), "2026-11-21T12:00:00+01:00", "2026-11-21T12:45:00+01:00"),
        (Given("tomorrow 12:00"), "2026-11-21T12:00:00+01:00", "2026-11-21T13:00:00+01:00"),
        (Given("14:00", end="15:15"), "2026-11-20T14:00:00+01:00", "2026-11-20T15:15:00+01:00"),
        (Given("23:00", end="01:00"), "2026-11-20T23:00:00+01:00", "2026-11-21T01:00:00+01:00"),
        (Given("2026-12-24"), "2026-12-24", "2026-12-25"),
        (Given("2026-12-24", end="2026-12-26"), "2026-12-24", "2026-12-27"),
        (Given("2026-12-24", lasts="2d"), "2026-12-24", "2026-12-26"),
        (Given("2026-12-24T09:00-05:00"), "2026-12-24T15:00:00+01:00", "2026-12-24T16:00:00+01:00"),
        (Given("2026-07-01 9:00", zone="America/New_York"), "2026-07-01T09:00:00-04:00", "2026-07-01T10:00:00-04:00"),
        (Given("2026-07-01 9:00", zone="UTC"), "2026-07-01T09:00:00Z", "2026-07-01T10:00:00Z"),
        (Given("2026-10-25 02:30", lasts="1h"), "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"),
    ],
)
def test_times_of_a_new_event(given: Given, start: str, end: str) -> None:
    assert times(new_when(given, BERLIN)) == (start, end)


def test_an_event_keeps_the_zone_that_its_times_were_typed_in() -> None:
    assert new_when(Given("9:00"), BERLIN).zone == "Europe/Berlin"
    assert new_when(Given("9:00", zone="Asia/Tokyo"), BERLIN).zone == "Asia/Tokyo"
    assert new_when(Given("2026-12-24"), BERLIN).zone is None


@pytest.mark.parametrize(
    "given",
    [
        Given(),
        Given("2026-03-29 02:30"),  # the clocks skip it
        Given("tomorrow 12:00", end="tomorrow 11:00"),
        Given("tomorrow 12:00", end="tomorrow 12:00"),
        Given("tomorrow 12:00", end="13:00", lasts="1h"),
        Given("tomorrow 12:00", end="2026-11-22"),
        Given("tomorrow 12:00", all_day=True),
        Given("2026-12-24", all_day=False),
        Given("2026-12-24", end="2026-12-23"),
        Given("2026-12-24", lasts="45m"),
        Given("tomorrow 12:00", until="2026-12-24"),
        Given("tomorrow 12:00", repeat=("daily",), until="2026-12-24", times=3),
        Given("tomorrow 12:00", repeat=("daily",), until="2026-11-01"),
        Given("tomorrow 12:00", repeat=("daily",), until="12:00"),
        Given("tomorrow 12:00", repeat=("weekly:mo",)),  # it starts on a Saturday
        Given("tomorrow 12:00", zone="Mars/Phobos"),
    ],
)
def test_times_that_make_no_sense_are_refused(given: Given) -> None:
    with pytest.raises(UsageFault) as refusal:
        new_when(given, BERLIN)
    assert refusal.value.what_to_do


@pytest.mark.parametrize(
    ("was", "given", "start", "end"),
    [
        (LUNCH, Given(), LUNCH.start, LUNCH.end),
        (LUNCH, Given("13:00"), "2026-11-21T13:00:00+01:00", "2026-11-21T13:45:00+01:00"),
        (LUNCH, Given("2026-11-25"), "2026-11-25T12:00:00+01:00", "2026-11-25T12:45:00+01:00"),
        (LUNCH, Given(lasts="1h"), LUNCH.start, "2026-11-21T13:00:00+01:00"),
        (LUNCH, Given(end="14:00"), LUNCH.start, "2026-11-21T14:00:00+01:00"),
        (LUNCH, Given("13:00", end="15:00"), "2026-11-21T13:00:00+01:00", "2026-11-21T15:00:00+01:00"),
        (LUNCH, Given(zone="Europe/London"), "2026-11-21T12:00:00Z", "2026-11-21T12:45:00Z"),
        (LUNCH, Given(all_day=True), "2026-11-21", "2026-11-22"),
        (FAIR, Given("2026-12-27"), "2026-12-27", "2026-12-30"),
        (FAIR, Given(end="2026-12-24"), "2026-12-24", "2026-12-25"),
        (FAIR, Given(lasts="1d"), "2026-12-24", "2026-12-25"),
        (FAIR, Given("2026-12-24 18:00", lasts="2h"), "2026-12-24T18:00:00+01:00", "2026-12-24T20:00:00+01:00"),
    ],
)
def test_what_was_not_typed_stays(was: When, given: Given, start: str, end: str) -> None:
    assert times(edited_when(was, given, BERLIN)) == (start, end)


def test_times_typed_in_the_shown_zone_change_an_event_that_keeps_its_own() -> None:
    tokyo = When("2026-11-21T12:00:00+09:00", "2026-11-21T13:00:00+09:00", "Asia/Tokyo")

    assert edited_when(tokyo, Given("05:00"), BERLIN) == When(
        "2026-11-21T13:00:00+09:00", "2026-11-21T14:00:00+09:00", "Asia/Tokyo"
    )


def test_a_series_moved_to_another_day_takes_its_weekday_along() -> None:
    moved = edited_when(WEEKLY, Given("2026-11-24 10:00"), BERLIN)

    assert (moved.start, moved.recurrence) == ("2026-11-24T10:00:00+01:00", ("RRULE:FREQ=WEEKLY;BYDAY=TU",))


def test_the_end_of_a_repetition_is_set_and_replaced() -> None:
    ten = edited_when(WEEKLY, Given(times=10), BERLIN)
    christmas = edited_when(ten, Given(until="2026-12-24"), BERLIN)

    assert ten.recurrence == ("RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=10",)
    assert christmas.recurrence == ("RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20261224T225959Z",)


def test_repetition_ends_with_none() -> None:
    assert edited_when(WEEKLY, Given(repeat=("none",)), BERLIN).recurrence == ()


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("daily", "RRULE:FREQ=DAILY"),
        ("weekly", "RRULE:FREQ=WEEKLY"),
        ("weekly:mo,fr", "RRULE:FREQ=WEEKLY;BYDAY=MO,FR"),
        ("weekly on fri, mon", "RRULE:FREQ=WEEKLY;BYDAY=MO,FR"),
        ("weekdays", "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ("every 2 weeks", "RRULE:FREQ=WEEKLY;INTERVAL=2"),
        ("every 2 weeks:mo", "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO"),
        ("every 3 months", "RRULE:FREQ=MONTHLY;INTERVAL=3"),
        ("FREQ=YEARLY", "RRULE:FREQ=YEARLY"),
        ("RDATE:20261224T090000Z", "RDATE:20261224T090000Z"),
    ],
)
def test_repetitions_as_people_type_them(typed: str, line: str) -> None:
    assert read_repeat([typed], date(2026, 11, 23)) == (line,)


@pytest.mark.parametrize("typed", ["", "often", "weekly:xx", "daily:mo", "every 0", "weekdays:mo", "DTSTART:20261124"])
def test_what_is_no_repetition_is_refused(typed: str) -> None:
    with pytest.raises(UsageFault):
        read_repeat([typed], date(2026, 11, 23))
