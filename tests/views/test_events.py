"""Rows of a range."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import pytest

from calsyncctl.model.calendar import Calendar, CalendarKind, CalendarState
from calsyncctl.model.event import Body, Content, Event, EventKind, Occurrence, When
from calsyncctl.views.events import Range, listed, rows

TOKYO = ZoneInfo("Asia/Tokyo")
TEAM = Calendar(1, CalendarKind.NATIVE, "Team", "UTC", CalendarState.SELECTED)


def occurrence(start: str, end: str, *, original: str | None = None) -> Occurrence:
    moments = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (start, end)]
    starts, ends = (int(moment.timestamp()) for moment in moments)
    event = Event(
        id=1,
        key="0123456789abcdef",
        calendar_id=1,
        kind=EventKind.EVENT,
        origin="google",
        content=Content("Tea", "confirmed", When(start, end), Body()),
        starts=starts,
        ends=ends,
        version=1,
        status="confirmed",
    )
    return Occurrence(event=event, starts=starts, ends=ends, start=start, end=end, original=original)


def day(text: str, zone: tzinfo = UTC) -> Range:
    begin = datetime.fromisoformat(text).replace(tzinfo=zone)
    return Range(begin, begin.replace(day=begin.day + 1))


@pytest.mark.parametrize(
    ("start", "end", "shown"),
    [
        ("2026-11-19T23:00:00", "2026-11-20T00:00:00", False),
        ("2026-11-19T23:00:00", "2026-11-20T00:00:01", True),
        ("2026-11-20T00:00:00", "2026-11-20T00:00:00", True),
        ("2026-11-20T23:59:59", "2026-11-21T05:00:00", True),
        ("2026-11-21T00:00:00", "2026-11-21T05:00:00", False),
        ("2026-11-19", "2026-11-20", False),
        ("2026-11-20", "2026-11-21", True),
        ("2026-11-18", "2026-11-22", True),
        ("2026-11-21", "2026-11-22", False),
        ("2026-11-20", "2026-11-20", True),
    ],
)
def test_a_day_shows_what_takes_place_in_it(start: str, end: str, shown: bool) -> None:
    assert day("2026-11-20").shows(occurrence(start, end)) is shown


def test_all_day_comes_first_then_by_time_in_the_zone_asked_for() -> None:
    found = [occurrence("2026-11-20T09:00:00", "2026-11-20T10:00:00"), occurrence("2026-11-20", "2026-11-21")]

    made = rows(found, day("2026-11-20", TOKYO), TOKYO, {1: TEAM})
    assert [(one.all_day, one.start) for one in made] == [(True, "2026-11-20"), (False, "2026-11-20T18:00:00+09:00")]


@pytest.mark.parametrize(
    ("start", "end", "when"),
    [
        ("2026-11-20T09:00:00", "2026-11-20T10:30:00", "2026-11-20 09:00-10:30"),
        ("2026-11-20T23:00:00", "2026-11-21T01:00:00", "2026-11-20 23:00 to 2026-11-21 01:00"),
        ("2026-11-20", "2026-11-21", "2026-11-20"),
        ("2026-11-20", "2026-11-23", "2026-11-20 to 2026-11-22"),
    ],
)
def test_times_are_written_no_longer_than_they_need(start: str, end: str, when: str) -> None:
    whole = Range(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
    (row,) = rows([occurrence(start, end)], whole, UTC, {1: TEAM})

    assert (listed(row).when, listed(row).key) == (when, "01234567")
