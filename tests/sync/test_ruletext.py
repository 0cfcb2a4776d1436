"""Recurrence lines that people give: what is put into Google's form, and what is refused."""

from __future__ import annotations

import pytest

from calsyncctl.errors import UsageFault
from calsyncctl.model.event import When
from calsyncctl.sync.recurrence.ruletext import checked


def timed(*lines: str) -> When:
    return When("2026-10-19T09:00:00+02:00", "2026-10-19T10:00:00+02:00", "Europe/Berlin", lines)


def days(*lines: str) -> When:
    return When("2026-10-19", "2026-10-20", None, lines)


@pytest.mark.parametrize(
    ("when", "lines"),
    [
        (timed("rrule:freq=weekly"), ["RRULE:FREQ=WEEKLY"]),
        (timed("RRULE:FREQ=WEEKLY;UNTIL=20261224"), ["RRULE:FREQ=WEEKLY;UNTIL=20261224T225959Z"]),
        (timed("RRULE:FREQ=WEEKLY;UNTIL=20261221T090000"), ["RRULE:FREQ=WEEKLY;UNTIL=20261221T080000Z"]),
        (days("RRULE:FREQ=WEEKLY;UNTIL=20261224T120000Z"), ["RRULE:FREQ=WEEKLY;UNTIL=20261224"]),
        (timed("EXDATE:20261026", "RRULE:FREQ=WEEKLY"), ["RRULE:FREQ=WEEKLY", "EXDATE:20261026T080000Z"]),
        (
            timed("RRULE:FREQ=WEEKLY", "RDATE;TZID=America/New_York:20261028T090000"),
            ["RRULE:FREQ=WEEKLY", "RDATE:20261028T130000Z"],
        ),
        (days("RDATE:20261224,20261225"), ["RDATE;VALUE=DATE:20261224,20261225"]),
    ],
)
def test_lines_come_into_the_form_of_the_start(when: When, lines: list[str]) -> None:
    assert list(checked(when, calendar_zone="Europe/Berlin").recurrence) == lines


@pytest.mark.parametrize(
    "line",
    [
        "RRULE:FREQ=OFTEN",
        "RRULE:FREQ=HOURLY",
        "RRULE:INTERVAL=2",
        "RRULE:FREQ=DAILY;INTERVAL=0",
        "RRULE:FREQ=DAILY;COUNT=many",
        "RRULE:FREQ=DAILY;COUNT=3;UNTIL=20261224",
        "RRULE:FREQ=DAILY;UNTIL=20260101",
        "RRULE:FREQ=DAILY;UNTIL=soon",
        "RRULE:FREQ=WEEKLY;BYDAY=XX",
        "RRULE:FREQ=WEEKLY;BYDAY=",
        "RRULE:FREQ=DAILY;FREQ=WEEKLY",
        "RRULE:FREQ=DAILY;COLOUR=RED",
        "RRULE:FREQ=MONTHLY;BYMONTHDAY=99",
        "RRULE",
        "DTSTART:20261019T090000",
        "EXDATE:soon",
        "RDATE;VALUE=PERIOD:20261028T090000Z/PT1H",
    ],
)
def test_lines_that_mean_nothing_are_refused(line: str) -> None:
    with pytest.raises(UsageFault) as refusal:
        checked(timed(line), calendar_zone="Europe/Berlin")
    assert refusal.value.what_to_do


@pytest.mark.parametrize(
    ("start", "end"), [("2026-10-19", "2026-10-19"), ("2026-10-19T09:00:00Z", "2026-10-19T08:00:00Z")]
)
def test_an_event_must_last(start: str, end: str) -> None:
    with pytest.raises(UsageFault):
        checked(When(start, end), calendar_zone="UTC")
