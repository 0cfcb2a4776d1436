"""Recurrence lines of any origin, taken apart; and one rule walked, which always ends."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calsyncctl.sync.recurrence.rules import Rule, TooMany, Unreadable, read_recurrence, walls

NINE = datetime.fromisoformat("2026-01-05T09:00")
FOREVER = datetime.fromisoformat("2100-01-01")


def rule(text: str) -> Rule:
    (read,) = read_recurrence([f"RRULE:{text}"]).rules
    return read


def days(text: str, low: datetime = NINE, high: datetime = FOREVER, many: int = 5) -> list[str]:
    return [wall.date().isoformat() for wall in islice(walls(rule(text), NINE, low, high), many)]


def test_lines_are_sorted_by_what_they_are_and_keep_their_zone() -> None:
    read = read_recurrence(
        ["rrule:freq=weekly;byday=mo", "EXRULE:FREQ=MONTHLY", "RDATE;TZID=Europe/Berlin:20260107T090000,", "EXDATE:x"]
    )
    assert [one.by for one in read.rules] == [(("BYDAY", "MO"),)]
    assert [one.freq for one in read.excluding] == ["MONTHLY"]
    assert [(one.values, one.zone) for one in read.dates] == [(("20260107T090000",), "Europe/Berlin")]
    assert [(one.values, one.zone) for one in read.without] == [(("x",), None)]
    assert read.unread == ()


@pytest.mark.parametrize(
    "line",
    [
        "RRULE:FREQ=SOMETIMES",
        "RRULE:FREQ=DAILY;INTERVAL=0",
        "RRULE:FREQ=DAILY;INTERVAL=x",
        "RRULE:FREQ=MINUTELY;BYDAY=MO",
        "RRULE:FREQ",
        "DTSTART:20260105",
        "",
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_the_others_count(line: str) -> None:
    read = read_recurrence([line, "RRULE:FREQ=DAILY"])
    assert read.unread == (line,)
    assert [one.freq for one in read.rules] == ["DAILY"]


@given(st.lists(st.text(max_size=40), max_size=4))
def test_no_line_whatever_it_holds_is_an_error(lines: list[str]) -> None:
    read = read_recurrence(lines)
    found = (*read.rules, *read.excluding, *read.dates, *read.without, *read.unread)
    assert len(found) == len(lines)


def test_a_rule_is_walked_within_its_window() -> None:
    assert days("FREQ=WEEKLY;INTERVAL=2", many=3) == ["2026-01-05", "2026-01-19", "2026-02-02"]
    low, high = datetime.fromisoformat("2026-01-08"), datetime.fromisoformat("2026-01-09T09:00")
    assert days("FREQ=DAILY", low, high) == ["2026-01-08", "2026-01-09"]


@given(st.integers(1, 5), st.integers(1, 60), st.integers(0, 90))
def test_entering_late_finds_what_walking_from_the_start_finds(interval: int, count: int, after: int) -> None:
    text = f"FREQ=DAILY;INTERVAL={interval};COUNT={count}"
    low = NINE + timedelta(days=after)
    whole = [wall for wall in walls(rule(text), NINE, NINE, FOREVER) if wall >= low]
    assert list(walls(rule(text), NINE, low, FOREVER)) == whole


def test_an_old_series_is_entered_near_the_window() -> None:
    late = datetime.fromisoformat("2090-01-01")
    assert days("FREQ=HOURLY", low=late, many=1) == ["2090-01-01"]


def test_what_never_matches_ends_at_once_and_what_matches_too_often_is_given_up() -> None:
    assert days("FREQ=YEARLY;BYMONTH=2,4;BYMONTHDAY=31") == []
    assert days("FREQ=DAILY;COUNT=0") == []
    with pytest.raises(TooMany):
        for _ in walls(rule("FREQ=SECONDLY"), NINE, NINE, FOREVER):
            pass


def test_what_dateutil_cannot_read_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        list(walls(rule("FREQ=WEEKLY;BYDAY=XX"), NINE, NINE, FOREVER))
