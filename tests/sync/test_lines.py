"""Recurrence lines as text, and the clock of a series: names, instants and wall times lead to each other."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calsyncctl.model.event import When
from calsyncctl.sync.recurrence.lines import PER_LINE, Times, from_dates, ordered, read_line, stamp, write_dates

BERLIN = "Europe/Berlin"
TIMED = Times(When("2026-03-01T02:30:00+01:00", "2026-03-01T03:30:00+01:00", BERLIN), "UTC")
WHOLE = Times(When("2026-03-01", "2026-03-02"), BERLIN)


def utc(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp())  # type: ignore[misc,arg-type]


def test_a_line_taken_apart_says_what_it_is() -> None:
    rule = read_line(" rrule:FREQ=weekly; count =3;")
    assert (rule.name, str(rule.rule)) == ("RRULE", "RRULE:FREQ=weekly;COUNT=3")
    dates = read_line('EXDATE;TZID="Europe/Berlin":20260301T023000, ,20260308T023000')
    assert (dates.values, dates.zone) == (("20260301T023000", "20260308T023000"), BERLIN)
    assert read_line("X-OTHER:1").name == ""


def test_a_part_is_set_in_its_place_added_at_the_end_or_taken_out() -> None:
    rule = read_line("RRULE:FREQ=DAILY;COUNT=3;WKST=MO").rule
    assert rule is not None
    assert str(rule.with_part("COUNT", "5")) == "RRULE:FREQ=DAILY;COUNT=5;WKST=MO"
    assert str(rule.with_part("COUNT", None).with_part("UNTIL", "x")) == "RRULE:FREQ=DAILY;WKST=MO;UNTIL=x"
    assert rule.get("BYDAY") is None


def test_the_hour_that_dst_skips_is_still_the_occurrence_of_that_hour() -> None:
    skipped = datetime.fromisoformat("2026-03-29T02:30")  # there is no such hour that night
    moment = TIMED.at(skipped)
    assert moment == utc(2026, 3, 29, 1, 30)
    assert TIMED.wall(moment) == skipped


@given(st.integers(0, 3000))
def test_a_wall_time_leads_to_its_instant_and_back(day: int) -> None:
    for times in (TIMED, WHOLE):
        moment = times.moment((date(2026, 3, 1) + timedelta(days=day)).isoformat())
        assert times.at(times.wall(moment)) == moment
        assert times.moment(times.name(moment)) == moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("20260302T013000Z", utc(2026, 3, 2, 1, 30)),
        ("2026-03-02T02:30:00", utc(2026, 3, 2, 1, 30)),
        ("20260302", utc(2026, 3, 2, 1, 30)),
    ],
)
def test_a_date_or_a_time_means_a_start(text: str, moment: int) -> None:
    assert TIMED.moment(text) == moment


def test_what_is_no_time_is_refused() -> None:
    for meant in (TIMED.moment, TIMED.last):
        with pytest.raises(ValueError, match="is no time"):
            meant("tomorrow")


def test_until_a_day_means_the_whole_of_it() -> None:
    assert TIMED.last("20260302") == utc(2026, 3, 2, 22, 59, 59)
    assert WHOLE.last("20260302") == utc(2026, 3, 2, 22, 59, 59)
    assert TIMED.last("20260302T120000Z") == utc(2026, 3, 2, 12)
    assert (WHOLE.until(utc(2026, 3, 1, 23)), TIMED.until(utc(2026, 3, 2, 12))) == ("20260302", "20260302T120000Z")


def test_dates_are_written_as_the_start_is_sorted_once_each_and_not_too_many_on_a_line() -> None:
    days = [utc(2026, 3, 2, 1, 30), utc(2026, 3, 1, 1, 30), utc(2026, 3, 2, 1, 30)]
    assert write_dates("EXDATE", days, TIMED) == ["EXDATE:20260301T013000Z,20260302T013000Z"]
    assert write_dates("RDATE", [utc(2026, 3, 1, 23)], WHOLE) == ["RDATE;VALUE=DATE:20260302"]
    assert [line.count(",") + 1 for line in write_dates("EXDATE", range(0, 86_400 * 500, 86_400), TIMED)] == [
        PER_LINE,
        100,
    ]
    assert stamp(0) == "19700101T000000Z"


def test_a_line_loses_only_the_dates_that_are_not_kept() -> None:
    line = read_line("EXDATE;TZID=Europe/Berlin:20260301T023000,20260302T023000")
    second = utc(2026, 3, 2, 1, 30)
    assert from_dates(line, TIMED, lambda moment: True) == [line.text]
    assert from_dates(line, TIMED, lambda moment: moment == second) == ["EXDATE;TZID=Europe/Berlin:20260302T023000"]
    assert from_dates(line, TIMED, lambda moment: False) == []


def test_rules_come_first_as_they_are_and_the_rest_sorted_once_each() -> None:
    lines = ["RDATE:b", "rrule:x", "EXDATE:c", "RRULE:a", "RDATE:b", "EXDATE:a"]
    assert ordered(lines) == ("rrule:x", "RRULE:a", "EXDATE:a", "EXDATE:c", "RDATE:b")
