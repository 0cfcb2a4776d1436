"""An event that moves to another calendar: once in Google, under one name of the caller's, and nowhere twice here."""

from __future__ import annotations

import pytest

from calsyncctl.model.calendar import Calendar
from calsyncctl.model.event import Event
from calsyncctl.store import events
from calsyncctl.sync.editing import edit
from calsyncctl.sync.reading import events_between
from tests.sync.desk import WORK
from tests.sync.house import House, said

OTHER = "other-calendar"
DAILY = ("RRULE:FREQ=DAILY;COUNT=6",)


@pytest.fixture
def other(house: House) -> Calendar:
    made = house.calendar(OTHER)
    house.sync()
    return made


def move(house: House, event: Event, calendar: Calendar) -> None:
    edit.move_event(house.store, house.means, event.id, house.now(calendar))


def alive(house: House) -> tuple[int, int]:
    return len(house.google.alive(WORK)), len(house.google.alive(OTHER))


def test_one_sync_moves_an_event_whichever_calendar_comes_first(house: House, other: Calendar) -> None:
    event = house.add()
    house.settle()

    move(house, event, other)
    house.sync()
    assert alive(house) == (0, 1)
    move(house, event, house.home())
    house.sync()

    assert alive(house) == (1, 0)
    house.settle()


def test_the_calendar_that_a_series_left_lists_nothing_of_it(house: House, other: Calendar) -> None:
    series = house.add(said(recurrence=DAILY))
    edit.change_occurrence(
        house.store,
        house.means,
        series.id,
        "20270506T120000Z",
        said("Soup", "2027-05-06T15:00:00Z", "2027-05-06T16:00:00Z"),
    )
    assert len(listed(house, house.home())) == 6

    move(house, series, other)

    assert (listed(house, house.home()), len(listed(house, other))) == ([], 6)


def listed(house: House, calendar: Calendar) -> list[object]:
    now = house.clock.now()
    found = events_between(house.store, from_=1_800_000_000, to=1_830_000_000, now=now, calendar_ids=[calendar.id])
    return list(found.occurrences)


def test_a_ref_names_its_event_after_a_move_too(house: House, other: Calendar) -> None:
    first = house.add(ref="order-17")
    move(house, first, other)

    assert house.add(ref="order-17").id == first.id
    assert house.add(ref="order-17", calendar=other).id == first.id
    move(house, first, house.home())


def test_a_ref_that_two_events_bear_stays_with_the_one_that_was_there(house: House, other: Calendar) -> None:
    first, second = house.add(ref="order-17"), house.add(calendar=other)
    with house.store.write():
        events.set_wishes(house.store, second.id, ref="order-17", meet=False)

    move(house, second, house.home())

    assert house.add(ref="order-17").id == first.id
