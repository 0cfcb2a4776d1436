"""Edits that got in though they cannot be pushed: Google's value returns, whole, and ours is in the history."""

from __future__ import annotations

import pytest

from calsyncctl.model.calendar import Mode
from calsyncctl.model.event import Event, When
from calsyncctl.store import calendars, events
from calsyncctl.sync.editing import edit
from calsyncctl.sync.reading import events_between
from tests.sync.house import House, said

THIRD = "20270506T120000Z"
DAILY = "RRULE:FREQ=DAILY;COUNT=6"


@pytest.fixture
def series(house: House) -> Event:
    made = house.add(said(recurrence=(DAILY,)))
    house.settle()
    return made


def forbid(house: House) -> None:
    with house.store.write():
        calendars.set_mode(house.store, house.home().id, Mode.READ_ONLY)


def takes_place(house: House) -> list[str]:
    """Titles of what takes place here in May 2027, by start."""
    reading = events_between(house.store, from_=1_809_000_000, to=1_811_000_000, now=house.clock.now())
    return [one.event.content.summary for one in reading.occurrences if one.event.content is not None]


LUNCHES = ["Lunch"] * 6
WITH_SOUP = ["Lunch", "Lunch", "Soup", "Lunch", "Lunch", "Lunch"]


def test_a_series_deleted_in_vain_returns_with_its_exceptions(house: House, series: Event) -> None:
    third = house.change_occurrence(series, THIRD, summary="Soup")
    house.settle()
    house.delete(series)
    forbid(house)

    house.settle()

    assert (house.fresh(series).deleted, house.fresh(third).deleted) == (None, None)
    assert takes_place(house) == WITH_SOUP
    assert house.lost(series) == {"deleted": True}


def test_an_occurrence_cancelled_in_vain_takes_place_again(house: House, series: Event) -> None:
    house.cancel_occurrence(series, THIRD)
    assert takes_place(house) == LUNCHES[1:]
    forbid(house)

    house.settle()

    assert takes_place(house) == LUNCHES


def test_an_occurrence_changed_in_vain_says_again_what_it_said(house: House, series: Event) -> None:
    third = house.change_occurrence(series, THIRD, summary="Soup")
    forbid(house)

    house.settle()

    assert takes_place(house) == LUNCHES
    assert house.lost(third) == {"summary": "Soup"}


def test_a_series_moved_in_vain_returns_with_what_was_changed_of_it(house: House, series: Event) -> None:
    third = house.change_occurrence(series, THIRD, summary="Soup")
    house.settle()
    house.change(series, when=When("2027-05-04T15:00:00Z", "2027-05-04T16:00:00Z", "UTC", (DAILY,)))
    forbid(house)

    house.settle()

    assert house.text(series).when.start == "2027-05-04T12:00:00Z"
    assert takes_place(house) == WITH_SOUP
    assert house.fresh(third).deleted is None


def test_a_series_ended_in_vain_goes_on(house: House, series: Event) -> None:
    house.change_occurrence(series, THIRD, summary="Soup")
    house.settle()
    edit.split_series(house.store, house.means, series.id, THIRD, None)
    forbid(house)

    house.settle()

    assert takes_place(house) == WITH_SOUP


def test_a_single_event_deleted_in_vain_returns(house: House) -> None:
    event = house.add()
    house.settle()
    house.delete(event)
    forbid(house)

    house.settle()

    assert (house.fresh(event).deleted, takes_place(house)) == (None, ["Lunch"])
    assert events.get_event(house.store, event.id).status == "confirmed"
    assert house.text(event) == house.there_is(event)
