"""Google's times in canonical form."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calsyncctl.google.times import NotATime, original_of, stamp_of, wall_time, when_of
from calsyncctl.google.wire import Moment
from calsyncctl.model.event import When

ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo", "UTC"]


@pytest.mark.parametrize(
    ("text", "zone", "canonical"),
    [
        ("2026-04-15T09:00:00+02:00", "Europe/Berlin", "2026-04-15T09:00:00+02:00"),
        ("2026-04-15T07:00:00Z", "Europe/Berlin", "2026-04-15T09:00:00+02:00"),
        ("2026-04-15T03:00:00-04:00", "Europe/Berlin", "2026-04-15T09:00:00+02:00"),
        ("2026-04-15T09:00:00.750+02:00", "Europe/Berlin", "2026-04-15T09:00:00+02:00"),
        ("2026-04-15T09:00:00", "Europe/Berlin", "2026-04-15T09:00:00+02:00"),
        ("2026-01-15T09:00:00+00:00", "Europe/London", "2026-01-15T09:00:00Z"),
        ("2026-01-15T09:00:00Z", "UTC", "2026-01-15T09:00:00Z"),
        ("2026-04-15T09:00:00+02:00", "Nowhere/Land", "2026-04-15T07:00:00Z"),
    ],
)
def test_one_instant_in_one_zone_has_one_spelling(text: str, zone: str, canonical: str) -> None:
    assert wall_time(text, zone, "start") == canonical


@pytest.mark.parametrize("text", ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"])
def test_both_hours_of_the_night_that_has_one_twice_stay_apart(text: str) -> None:
    assert wall_time(text, "Europe/Berlin", "start") == text


def test_a_wall_time_that_dst_skips_moves_behind_the_gap() -> None:
    assert wall_time("2026-03-29T02:30:00+01:00", "Europe/Berlin", "start") == "2026-03-29T03:30:00+02:00"


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seconds=st.integers(0, 4_102_444_800),
    offset=st.integers(-14 * 60, 14 * 60),
    zone=st.sampled_from(ZONES),
)
def test_any_offset_of_the_same_instant_gives_the_same_form(seconds: int, offset: int, zone: str) -> None:
    there = datetime.fromtimestamp(seconds, UTC)
    elsewhere = there.astimezone(timezone(timedelta(minutes=offset)))
    written = wall_time(elsewhere.isoformat(), zone, "start")

    assert written == wall_time(there.isoformat(), zone, "start")
    assert datetime.fromisoformat(written) == there
    assert datetime.fromisoformat(written).utcoffset() == there.astimezone(ZoneInfo(zone)).utcoffset()


@pytest.mark.parametrize(
    "text", ["", "soon", "2026-04-15", "2026-04-15T25:00:00Z", "2026-04-15T09:00:61Z", "9999-12-31T23:59:59-14:00"]
)
def test_what_is_no_time_says_so_without_repeating_it(text: str) -> None:
    with pytest.raises(NotATime, match=r"^its end is not a time$"):
        wall_time(text or "x", "Asia/Tokyo", "end")


def test_the_end_is_told_in_the_zone_of_the_start() -> None:
    start = Moment(date_time="2026-04-15T09:00:00+02:00", time_zone="Europe/Berlin")
    end = Moment(date_time="2026-04-15T12:00:00-04:00", time_zone="America/New_York")

    assert when_of(start, end, (), "UTC") == When(
        "2026-04-15T09:00:00+02:00", "2026-04-15T18:00:00+02:00", "Europe/Berlin"
    )


def test_a_time_without_a_zone_takes_its_calendars() -> None:
    start, end = Moment(date_time="2026-04-15T07:00:00Z"), Moment(date_time="2026-04-15T08:00:00Z")

    assert when_of(start, end, (), "Europe/Berlin").zone == "Europe/Berlin"


def test_all_day_events_keep_their_dates_and_have_no_zone() -> None:
    when = when_of(Moment(date="2026-04-15"), Moment(date="2026-04-16"), (), "Europe/Berlin")

    assert when == When("2026-04-15", "2026-04-16")
    assert when.all_day


@pytest.mark.parametrize(
    ("start", "when"),
    [
        (Moment(date="2026-12-31"), When("2026-12-31", "2027-01-01")),
        (Moment(date_time="2026-12-31T09:00:00Z"), When("2026-12-31T09:00:00Z", "2026-12-31T09:00:00Z", "UTC")),
    ],
)
def test_a_missing_end_is_a_day_or_nothing_after_the_start(start: Moment, when: When) -> None:
    assert when_of(start, None, (), "UTC") == when


def test_zero_and_negative_lengths_are_kept_as_they_are() -> None:
    start, end = Moment(date_time="2026-04-15T10:00:00Z"), Moment(date_time="2026-04-15T09:00:00Z")

    assert when_of(start, end, (), "UTC").end == "2026-04-15T09:00:00Z"


@pytest.mark.parametrize("date", ["2026-02-30", "20260415", "2026-W01-1", "2026-4-15", None])
def test_what_is_no_date_says_so(date: str | None) -> None:
    with pytest.raises(NotATime, match="its start is not a date"):
        when_of(Moment(date=date), None, (), "UTC")


def test_a_start_with_a_time_and_an_end_with_a_date_do_not_go_together() -> None:
    with pytest.raises(NotATime, match="its end is not"):
        when_of(Moment(date_time="2026-04-15T09:00:00Z"), Moment(date="2026-04-16"), (), "UTC")


@pytest.mark.parametrize(
    ("moment", "original"),
    [
        (Moment(date="2026-11-09"), "2026-11-09"),
        (Moment(date_time="2026-11-09T10:00:00+01:00", time_zone="Europe/Berlin"), "20261109T090000Z"),
        (Moment(date_time="2026-11-09T04:00:00-05:00", time_zone="Europe/Berlin"), "20261109T090000Z"),
        (Moment(date_time="2026-11-09T10:00:00"), "20261109T090000Z"),
    ],
)
def test_an_original_start_is_a_date_or_a_utc_instant_whatever_the_offset(moment: Moment, original: str) -> None:
    assert original_of(moment, "Europe/Berlin") == original


@pytest.mark.parametrize(
    ("text", "stamp"),
    [
        ("2015-05-06T21:36:35.901Z", "2015-05-06T21:36:35.901Z"),
        ("2015-05-06T21:36:35Z", "2015-05-06T21:36:35.000Z"),
        ("2015-05-06T23:36:35.9+02:00", "2015-05-06T21:36:35.900Z"),
        ("", ""),
        ("yesterday", ""),
    ],
)
def test_updated_compares_as_text(text: str, stamp: str) -> None:
    assert stamp_of(text) == stamp


def test_the_last_day_of_the_calendar_without_an_end_is_odd_and_stops_nothing() -> None:
    with pytest.raises(NotATime, match="the last day"):
        when_of(Moment(date="9999-12-31"), None, (), "UTC")
