"""Series both ways: one occurrence, this and the following, all; and what becomes of exceptions."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from calsyncctl.errors import NotAllowed, NotFound
from calsyncctl.model.event import Event, When
from calsyncctl.store import events
from calsyncctl.sync.editing import edit
from calsyncctl.sync.editing.occurrences import inherited
from calsyncctl.sync.editing.restoring import restore_event
from calsyncctl.sync.provider import Delete, Patch
from calsyncctl.sync.recurrence.recur import split
from tests.sync.house import House, said

THIRD = "20270506T120000Z"
FOURTH = "20270507T120000Z"


@pytest.fixture
def series(house: House) -> Event:
    made = house.add(said(recurrence=("RRULE:FREQ=DAILY;COUNT=6",)))
    house.settle()
    return made


def test_one_occurrence_changed_here_is_one_patch_of_the_instance(house: House, series: Event) -> None:
    third = house.change_occurrence(series, THIRD, summary="Soup")

    house.settle()

    (patch,) = house.google.writes[1:]
    assert isinstance(patch, Patch)
    assert patch.fields == {"summary"}
    assert patch.google_id == f"{house.copy(series).google_id}_{THIRD}"
    assert house.there_is(third).summary == "Soup"


def test_one_occurrence_cancelled_here_is_cancelled_there(house: House, series: Event) -> None:
    house.cancel_occurrence(series, THIRD)

    house.settle()

    assert [type(write) for write in house.google.writes[1:]] == [Delete]
    item = house.google.provider("work@example.com").get_events(
        "work-calendar", (f"{house.copy(series).google_id}_{THIRD}",)
    )
    assert [one.content for one in item.values() if one is not None] == [None]


def test_a_cancelled_occurrence_comes_back(house: House, series: Event) -> None:
    house.cancel_occurrence(series, THIRD)
    house.settle()

    third = house.change_occurrence(series, THIRD, summary="Soup")
    house.settle()

    assert house.there_is(third).summary == "Soup"


def test_an_occurrence_of_a_series_that_is_not_there_yet_waits_for_it(house: House) -> None:
    series = house.add(said(recurrence=("RRULE:FREQ=DAILY;COUNT=6",)))
    third = house.change_occurrence(series, THIRD, summary="Soup")

    house.settle()

    assert house.there_is(third).summary == "Soup"
    assert house.written() == 2


def test_an_occurrence_changed_on_both_sides_is_merged(house: House, series: Event) -> None:
    third = house.change_occurrence(series, THIRD, summary="Soup")
    house.settle()
    house.change(third, summary="Stew")
    house.edit_there(third, location="Canteen")

    house.settle()

    assert (house.there_is(third).summary, house.there_is(third).body.location) == ("Stew", "Canteen")


def test_an_occurrence_changed_in_google_while_it_was_changed_here_is_merged(house: House, series: Event) -> None:
    third = house.change_occurrence(series, THIRD, summary="Soup")
    house.edit_there(third, location="Canteen")

    house.settle()

    assert (house.there_is(third).summary, house.there_is(third).body.location) == ("Soup", "Canteen")


def test_this_and_the_following_are_two_facts_at_once(house: House, series: Event) -> None:
    content = house.text(series)
    halves = split(content.when, FOURTH, calendar_zone="UTC")

    old, new = edit.split_series(
        house.store, house.means, series.id, FOURTH, replace(content, summary="Dinner", when=halves.after)
    )
    house.settle()

    assert new is not None
    assert house.there_is(new).summary == "Dinner"
    assert "UNTIL" in house.there_is(old).when.recurrence[0] or "COUNT=3" in house.there_is(old).when.recurrence[0]


def test_the_following_deleted_shortens_the_series(house: House, series: Event) -> None:
    edit.split_series(house.store, house.means, series.id, FOURTH, None)

    house.settle()

    assert len(house.there()) == 1


def test_a_series_deleted_takes_its_exceptions_along(house: House, series: Event) -> None:
    third = house.change_occurrence(series, THIRD, summary="Soup")
    house.settle()

    house.delete(series)
    house.settle()

    assert house.there() == {}
    assert house.fresh(third).deleted is not None
    assert sum(isinstance(write, Delete) for write in house.google.writes) == 1


def test_a_series_deleted_in_google_beats_an_edit_of_an_exception(house: House, series: Event) -> None:
    third = house.change_occurrence(series, THIRD, summary="Soup")
    house.settle()
    house.change(third, summary="Stew")
    house.delete_there(series)

    house.settle()

    assert house.fresh(third).deleted is not None
    assert house.lost(third)["summary"] == "Stew"


def test_a_deleted_series_comes_back_with_its_exceptions(house: House, series: Event) -> None:
    third = house.change_occurrence(series, THIRD, summary="Soup")
    house.settle()
    house.delete(series)
    house.settle()

    restore_event(house.store, house.means, series.id)
    house.settle()

    assert house.there_is(series).summary == "Lunch"
    assert house.there_is(third).summary == "Soup"


def test_exceptions_stand_on_every_linked_calendar(house: House) -> None:
    native = house.native()
    other = house.calendar("other-calendar", email="support@example.com")
    for target in (house.home(), other):
        house.link(native, target)
    series = house.add(said(recurrence=("RRULE:FREQ=DAILY;COUNT=6",)), native)
    house.settle()
    third = house.change_occurrence(series, THIRD, summary="Soup")

    house.settle()

    assert {house.there_is(third, target).summary for target in (house.home(), other)} == {"Soup"}


def test_an_occurrence_changed_on_one_linked_calendar_changes_on_the_other(house: House) -> None:
    native = house.native()
    other = house.calendar("other-calendar", email="support@example.com")
    for target in (house.home(), other):
        house.link(native, target)
    series = house.add(said(recurrence=("RRULE:FREQ=DAILY;COUNT=6",)), native)
    house.settle()
    master = house.remote(series, other)
    assert master is not None
    assert master.content is not None
    when = When("2027-05-06T12:00:00Z", "2027-05-06T13:00:00Z", "UTC")
    changed = replace(
        master,
        google_id=f"{master.google_id}_{THIRD}",
        master=master.google_id,
        original=THIRD,
        content=replace(master.content, summary="Soup", when=when),
    )
    house.google.put("other-calendar", changed)

    house.settle()

    at = events.exception_at(house.store, series.id, THIRD)
    assert at is not None
    third = events.get_event(house.store, at)
    assert third.calendar_id == native.id
    assert house.there_is(third, house.home()).summary == "Soup"


def test_one_occurrence_cannot_move(house: House, series: Event) -> None:
    third = house.change_occurrence(series, THIRD, summary="Soup")

    with pytest.raises(NotAllowed):
        edit.move_event(house.store, house.means, third.id, house.native())


def test_an_exception_takes_what_its_series_says_meanwhile(house: House, series: Event) -> None:
    third = house.change_occurrence(series, THIRD, summary="Soup")
    house.edit_there(series, location="Canteen")

    house.settle()

    assert (house.there_is(third).summary, house.there_is(third).body.location) == ("Soup", "Canteen")
    assert house.text(third).body.location == "Canteen"


def test_saying_the_same_of_an_occurrence_makes_no_exception(house: House, series: Event) -> None:
    same = inherited(house.store, series, THIRD)

    assert edit.change_occurrence(house.store, house.means, series.id, THIRD, same).id == series.id


def test_an_occurrence_beyond_a_series_end_cannot_be_changed(house: House, series: Event) -> None:
    house.change_occurrence(series, FOURTH, summary="Soup")
    edit.split_series(house.store, house.means, series.id, FOURTH, None)

    with pytest.raises(NotFound):
        house.change_occurrence(series, FOURTH, summary="Stew")
