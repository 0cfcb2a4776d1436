"""Days and ranges as people type them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from calsyncctl.commands.dates import moment_of, span
from calsyncctl.errors import UsageFault

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)  # already the 21st in Berlin


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("today", "2026-11-21T00:00:00+01:00"),
        ("Tomorrow", "2026-11-22T00:00:00+01:00"),
        ("+7d", "2026-11-28T00:00:00+01:00"),
        ("-1w", "2026-11-14T00:00:00+01:00"),
        ("2026-07-01", "2026-07-01T00:00:00+02:00"),
        ("20260701", "2026-07-01T00:00:00+02:00"),
        ("2026-07-01T09:30", "2026-07-01T09:30:00+02:00"),
        ("2026-07-01T09:30Z", "2026-07-01T11:30:00+02:00"),
        ("now", "2026-11-21T00:30:00+01:00"),
    ],
)
def test_days_and_times_are_meant_in_the_shown_zone(typed: str, meant: str) -> None:
    assert moment_of(typed, NOW, BERLIN).isoformat() == meant


def test_a_range_without_anything_is_a_week_from_today() -> None:
    begin, end = span(None, None, None, NOW, BERLIN)

    assert (begin.isoformat(), end.isoformat()) == ("2026-11-21T00:00:00+01:00", "2026-11-28T00:00:00+01:00")


def test_a_last_day_counts_with_that_day_and_a_time_does_not() -> None:
    assert span("2026-11-01", "2026-11-02", None, NOW, BERLIN)[1].isoformat() == "2026-11-03T00:00:00+01:00"
    assert span("2026-11-01", "2026-11-02T12:00", None, NOW, BERLIN)[1].isoformat() == "2026-11-02T12:00:00+01:00"


def test_a_day_of_dst_change_is_23_hours_long() -> None:
    begin, end = span("2026-03-29", None, 1, NOW, BERLIN)

    assert end.timestamp() - begin.timestamp() == 23 * 3600


@pytest.mark.parametrize("typed", ["soon", "2026-13-01", "+99999999d", ""])
def test_what_is_no_day_says_how_to_write_one(typed: str) -> None:
    with pytest.raises(UsageFault) as caught:
        moment_of(typed or "?", NOW, BERLIN)

    assert "2026-11-20" in caught.value.what_to_do


def test_a_range_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(UsageFault):
        span("tomorrow", "today", None, NOW, BERLIN)


def test_two_ways_to_say_the_end_are_one_too_many() -> None:
    with pytest.raises(UsageFault):
        span(None, "tomorrow", 3, NOW, BERLIN)


@pytest.mark.parametrize(
    ("from_", "to", "days"),
    [("9999-12-31", None, None), ("0001-01-01", None, 1), (None, "9999-12-31", None)],
)
def test_the_ends_of_the_calendar_are_out_of_reach_not_a_bug(
    from_: str | None, to: str | None, days: int | None
) -> None:
    with pytest.raises(UsageFault):
        span(from_, to, days, NOW, BERLIN)


def test_an_end_that_is_no_day_is_refused_like_a_beginning() -> None:
    with pytest.raises(UsageFault, match="2026-13-01"):
        span(None, "2026-13-01", None, NOW, BERLIN)


def test_an_empty_beginning_is_no_day() -> None:
    with pytest.raises(UsageFault):
        span("", None, None, NOW, BERLIN)
