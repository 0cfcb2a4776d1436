"""A series that is divided here while somebody changes or deletes the whole of it in Google."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from calsyncctl.model.event import Attendee, Event
from calsyncctl.model.fields import with_fields
from calsyncctl.sync.choice import Policy
from calsyncctl.sync.editing import edit
from calsyncctl.sync.editing.occurrences import inherited
from calsyncctl.sync.recurrence.recur import split
from calsyncctl.sync.reviewing import inbox
from tests.sync.house import House, said

FOURTH, FIFTH = "20270507T120000Z", "20270508T120000Z"


@pytest.fixture
def series(house: House) -> Event:
    made = house.add(said(recurrence=("RRULE:FREQ=DAILY;COUNT=6",)))
    house.settle()
    return made


def divide(house: House, series: Event, at: str = FOURTH, **values: object) -> Event:
    """Change this and the following here; return what goes on."""
    content = house.text(series)
    halves = split(content.when, at, calendar_zone="UTC")
    wanted = with_fields(replace(content, when=halves.after), values)
    _, new = edit.split_series(house.store, house.means, series.id, at, wanted)
    assert new is not None
    return new


def test_what_was_changed_of_the_whole_series_in_google_is_said_of_both_halves(house: House, series: Event) -> None:
    new = divide(house, series, location="Canteen")
    house.edit_there(series, summary="Dinner")

    house.settle()

    assert [house.there_is(one).summary for one in (series, new)] == ["Dinner", "Dinner"]
    assert [house.there_is(one).body.location for one in (series, new)] == ["", "Canteen"]
    assert house.lost(series) == house.lost(new) == {}


@pytest.mark.parametrize(("policy", "stands"), [(Policy.GOOGLE_WINS, "Dinner"), (Policy.LOCAL_WINS, "Supper")])
def test_what_both_said_of_the_later_half_is_a_conflict(
    house: House, series: Event, policy: Policy, stands: str
) -> None:
    house.prefer(policy)
    new = divide(house, series, summary="Supper")
    house.edit_there(series, summary="Dinner")

    house.settle()

    assert house.there_is(series).summary == "Dinner"
    assert house.there_is(new).summary == stands
    assert house.lost(new) == {"summary": "Dinner" if stands == "Supper" else "Supper"}


def test_a_guest_invited_to_the_whole_series_in_google_is_invited_to_both_halves(house: House, series: Event) -> None:
    new = divide(house, series, attendees=(Attendee("ann@example.com"),))
    house.edit_there(series, attendees=(Attendee("bob@example.com"),))

    house.settle()

    assert [guest.email for guest in house.there_is(series).body.attendees] == ["bob@example.com"]
    assert [guest.email for guest in house.there_is(new).body.attendees] == ["ann@example.com", "bob@example.com"]


def test_a_series_divided_twice_hears_it_in_all_its_parts(house: House, series: Event) -> None:
    second = divide(house, series, location="Canteen")
    third = divide(house, second, FIFTH, location="Garden")
    house.edit_there(series, summary="Dinner")

    house.settle()

    assert [house.there_is(one).summary for one in (series, second, third)] == ["Dinner"] * 3
    assert [house.there_is(one).body.location for one in (series, second, third)] == ["", "Canteen", "Garden"]


def test_a_changed_occurrence_of_the_later_half_says_it_too(house: House, series: Event) -> None:
    new = divide(house, series, location="Canteen")
    there = replace(inherited(house.store, new, FIFTH), body=replace(house.text(new).body, description="Soup"))
    fifth = edit.change_occurrence(house.store, house.means, new.id, FIFTH, there)
    house.edit_there(series, summary="Dinner")

    house.settle()

    assert (house.there_is(fifth).summary, house.there_is(fifth).body.description) == ("Dinner", "Soup")


def test_what_is_changed_in_google_after_it_heard_of_the_division_is_the_earlier_halfs(
    house: House, series: Event
) -> None:
    new = divide(house, series, location="Canteen")
    house.settle()
    house.change(series, description="Hot")
    house.edit_there(series, summary="Dinner")

    house.settle()

    assert [house.there_is(one).summary for one in (series, new)] == ["Dinner", "Lunch"]


def test_a_linked_series_hears_it_on_every_copy(house: House) -> None:
    native, team = house.native(), house.calendar("team-calendar")
    house.link(native, house.home())
    house.link(native, team)
    series = house.add(said(recurrence=("RRULE:FREQ=DAILY;COUNT=6",)), native)
    house.settle()
    new = divide(house, series, location="Canteen")
    house.edit_there(series, team, summary="Dinner")

    house.settle()

    found = [house.there_is(one, where).summary for one in (series, new) for where in (house.home(), team)]
    assert found == ["Dinner"] * 4


def test_both_halves_of_a_series_that_was_deleted_in_google_meanwhile_are_named_in_review(
    house: House, series: Event
) -> None:
    new = divide(house, series, location="Canteen")
    house.delete_there(series)

    house.settle()

    assert house.there_is(new).body.location == "Canteen"
    assert {one.event_id for one in inbox.entries(house.store)} == {series.id, new.id}
    assert house.lost(series) == house.lost(new) == {"deleted": True}


def test_what_both_said_of_the_earlier_half_is_said_of_the_later_one_too(house: House, series: Event) -> None:
    new = divide(house, series, location="Canteen")
    house.change(series, summary="Dinner")
    house.edit_there(series, summary="Dinner")

    house.settle()

    assert [house.there_is(one).summary for one in (series, new)] == ["Dinner", "Dinner"]
