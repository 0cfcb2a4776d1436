"""Recurrence transitions as a table: a series, what is done to it, and how often something takes place afterwards.

Every row is done by a person here, and by a person in Google: two transitions. Steps are words that both understand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from calsyncctl.model.event import When

Step = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One transition. `steps`: one, cancel, back, all, split, end, delete; originals are instants in UTC, or dates."""

    name: str
    base: When
    steps: tuple[Step, ...]
    count: int
    """How many occurrences take place afterwards."""
    titles: frozenset[str] = field(default=frozenset({"Lunch"}))


def utc(start: str = "2027-05-04T12:00:00Z", end: str = "2027-05-04T13:00:00Z", *lines: str) -> When:
    return When(start, end, "UTC", lines or ("RRULE:FREQ=DAILY;COUNT=5",))


def berlin(start: str, end: str, *lines: str) -> When:
    return When(start, end, "Europe/Berlin", lines)


def days(start: str, end: str, *lines: str) -> When:
    return When(start, end, None, lines or ("RRULE:FREQ=DAILY;COUNT=5",))


def _noon(day: int) -> str:
    return f"202705{day:02}T120000Z"


def _hour(day: int, hour: int) -> dict[str, str]:
    return {"start": f"2027-05-{day:02}T{hour:02}:00:00Z", "end": f"2027-05-{day:02}T{hour + 1:02}:00:00Z"}


def _exdates(count: int) -> str:
    first = date(2027, 5, 6)
    return "EXDATE:" + ",".join(f"{first + timedelta(days=number):%Y%m%dT120000Z}" for number in range(count))


DAILY = utc()


def _ruled(*lines: str) -> When:
    return utc(DAILY.start, DAILY.end, *lines)


ALLDAY = days("2027-05-04", "2027-05-05")
GAP = berlin("2027-03-14T02:30:00+01:00", "2027-03-14T03:15:00+01:00", "RRULE:FREQ=WEEKLY;COUNT=4")
FOLD = berlin("2027-10-17T02:30:00+02:00", "2027-10-17T03:30:00+02:00", "RRULE:FREQ=WEEKLY;COUNT=4")
SOUP = {"title": "Soup"}
BOTH = frozenset({"Lunch", "Soup"})
ONLY = frozenset({"Soup"})

ROWS = (
    Row("the first renamed", DAILY, (("one", _noon(4), SOUP),), 5, BOTH),
    Row("one in the middle renamed", DAILY, (("one", _noon(6), SOUP),), 5, BOTH),
    Row("the last renamed", DAILY, (("one", _noon(8), SOUP),), 5, BOTH),
    Row("the first an hour later", DAILY, (("one", _noon(4), _hour(4, 13)),), 5),
    Row("the first to another day", DAILY, (("one", _noon(4), _hour(20, 9)),), 5),
    Row("one before the first", DAILY, (("one", _noon(6), _hour(1, 9)),), 5),
    Row("the last far behind the end", DAILY, (("one", _noon(8), _hour(28, 9)),), 5),
    Row("one onto another", DAILY, (("one", _noon(6), _hour(7, 12)),), 5),
    Row("two change places", DAILY, (("one", _noon(6), _hour(7, 12)), ("one", _noon(7), _hour(6, 12))), 5),
    Row("the first cancelled", DAILY, (("cancel", _noon(4)),), 4),
    Row("one in the middle cancelled", DAILY, (("cancel", _noon(6)),), 4),
    Row("the last cancelled", DAILY, (("cancel", _noon(8)),), 4),
    Row("all but one cancelled", DAILY, tuple(("cancel", _noon(day)) for day in (4, 5, 6, 7)), 1),
    Row("one renamed, one cancelled", DAILY, (("one", _noon(5), SOUP), ("cancel", _noon(6))), 4, BOTH),
    Row("one renamed, then cancelled", DAILY, (("one", _noon(5), SOUP), ("cancel", _noon(5))), 4),
    Row("one cancelled, then back", DAILY, (("cancel", _noon(5)), ("back", _noon(5))), 5),
    Row("the whole renamed", DAILY, (("all", SOUP),), 5, ONLY),
    Row(
        "the whole renamed, an exception standing",
        DAILY,
        (("one", _noon(5), {"title": "Tea"}), ("all", SOUP)),
        5,
        frozenset({"Tea", "Soup"}),
    ),
    Row("the whole renamed, one cancelled", DAILY, (("cancel", _noon(5)), ("all", SOUP)), 4, ONLY),
    Row(
        "the whole two hours later", DAILY, (("all", {"when": utc("2027-05-04T14:00:00Z", "2027-05-04T15:00:00Z")}),), 5
    ),
    Row(
        "the whole two days later", DAILY, (("all", {"when": utc("2027-05-06T12:00:00Z", "2027-05-06T13:00:00Z")}),), 5
    ),
    Row("the whole longer", DAILY, (("all", {"when": utc("2027-05-04T12:00:00Z", "2027-05-04T15:00:00Z")}),), 5),
    Row(
        "the whole later, an exception standing",
        DAILY,
        (("one", _noon(5), SOUP), ("all", {"when": utc("2027-05-04T14:00:00Z", "2027-05-04T15:00:00Z")})),
        5,
    ),
    Row("more of them", DAILY, (("all", {"when": _ruled("RRULE:FREQ=DAILY;COUNT=9")}),), 9),
    Row(
        "fewer, an exception behind",
        DAILY,
        (("one", _noon(8), SOUP), ("all", {"when": _ruled("RRULE:FREQ=DAILY;COUNT=3")})),
        3,
    ),
    Row("every other day", DAILY, (("all", {"when": _ruled("RRULE:FREQ=DAILY;INTERVAL=2;COUNT=3")}),), 3),
    Row("weekly on two days", DAILY, (("all", {"when": _ruled("RRULE:FREQ=WEEKLY;BYDAY=TU,TH;COUNT=4")}),), 4),
    Row("until a day", DAILY, (("all", {"when": _ruled("RRULE:FREQ=DAILY;UNTIL=20270506T120000Z")}),), 3),
    Row(
        "a date taken out of the rule",
        DAILY,
        (("all", {"when": _ruled(*DAILY.recurrence, "EXDATE:20270506T120000Z")}),),
        4,
    ),
    Row(
        "a date more than the rule", DAILY, (("all", {"when": _ruled(*DAILY.recurrence, "RDATE:20270601T120000Z")}),), 6
    ),
    Row(
        "an extra date renamed",
        _ruled(*DAILY.recurrence, "RDATE:20270601T120000Z"),
        (("one", "20270601T120000Z", SOUP),),
        6,
        BOTH,
    ),
    Row("this and the following renamed", DAILY, (("split", _noon(6), "Soup"),), 5, BOTH),
    Row(
        "the same, one of them renamed before",
        DAILY,
        (("one", _noon(5), {"title": "Tea"}), ("split", _noon(7), "Soup")),
        5,
        frozenset({"Lunch", "Soup", "Tea"}),
    ),
    Row("ended before one", DAILY, (("end", _noon(6)),), 2),
    Row("ended, an exception behind", DAILY, (("one", _noon(8), SOUP), ("end", _noon(6))), 2),
    Row(
        "deleted with its exceptions",
        DAILY,
        (("one", _noon(5), SOUP), ("cancel", _noon(6)), ("delete",)),
        0,
        frozenset(),
    ),
    Row("a series no more", DAILY, (("all", {"when": When(DAILY.start, DAILY.end, "UTC")}),), 1),
    Row("one event becomes a series", When(DAILY.start, DAILY.end, "UTC"), (("all", {"when": DAILY}),), 5),
    Row("a whole day to another", ALLDAY, (("one", "20270506", {"start": "2027-05-20", "end": "2027-05-21"}),), 5),
    Row("a whole day cancelled", ALLDAY, (("cancel", "20270506"),), 4),
    Row("a whole day becomes an hour", ALLDAY, (("one", "20270506", _hour(6, 9)),), 5),
    Row("an hour becomes a whole day", DAILY, (("one", _noon(6), {"start": "2027-05-06", "end": "2027-05-07"}),), 5),
    Row("whole days become hours", ALLDAY, (("all", {"when": DAILY}),), 5),
    Row("hours become whole days", DAILY, (("all", {"when": ALLDAY}),), 5),
    Row("whole days longer", ALLDAY, (("all", {"when": days("2027-05-04", "2027-05-06")}),), 5),
    Row("whole days divided", ALLDAY, (("split", "20270507", "Soup"),), 5, BOTH),
    Row("into the gap of the clock change", GAP, (("all", SOUP),), 4, ONLY),
    Row("the one in the gap renamed", GAP, (("one", "20270328T013000Z", SOUP),), 4, BOTH),
    Row("the one after the gap cancelled", GAP, (("cancel", "20270404T003000Z"),), 3),
    Row("the one in the repeated hour renamed", FOLD, (("one", "20271031T003000Z", SOUP),), 4, BOTH),
    Row("divided after the repeated hour", FOLD, (("split", "20271107T013000Z", "Soup"),), 4, BOTH),
    Row(
        "to another zone",
        FOLD,
        (
            (
                "all",
                {
                    "when": When(
                        "2027-10-17T02:30:00-04:00", "2027-10-17T03:30:00-04:00", "America/New_York", FOLD.recurrence
                    )
                },
            ),
        ),
        4,
    ),
    Row(
        "six hundred dates taken out",
        utc(DAILY.start, DAILY.end, "RRULE:FREQ=DAILY;COUNT=610", _exdates(600)),
        (("all", SOUP), ("cancel", _noon(5))),
        9,
        ONLY,
    ),
    Row(
        "the 31st of every month",
        utc("2027-01-31T12:00:00Z", "2027-01-31T13:00:00Z", "RRULE:FREQ=MONTHLY;COUNT=4"),
        (("cancel", "20270331T120000Z"),),
        3,
    ),
)
