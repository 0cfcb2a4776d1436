"""One side moves or divides a series while the other changes or cancels occurrences of it: nothing of that is lost."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from calsyncctl.model.event import Body, Event, When
from calsyncctl.model.fields import with_fields
from calsyncctl.model.history import Action
from calsyncctl.store import events, runs
from calsyncctl.sync.editing import edit
from calsyncctl.sync.links import instance_id
from calsyncctl.sync.recurrence.recur import split
from calsyncctl.sync.reviewing import inbox
from calsyncctl.sync.undoing.facts import facts_of_run
from calsyncctl.sync.undoing.undo import undo
from tests.proofs.state import disagreements
from tests.support.memory import timed
from tests.sync.desk import WORK
from tests.sync.house import House, said
from tests.sync.lunches import move_there

DAILY = "RRULE:FREQ=DAILY;COUNT=6"
THIRD, FOURTH, FIFTH = "20270506T120000Z", "20270507T120000Z", "20270508T120000Z"
MINE = Body(organizer=WORK, organizer_self=True)
EVENING = When("2027-05-04T20:00:00Z", "2027-05-04T21:00:00Z", "UTC", (DAILY,))


@pytest.fixture(params=["made here", "made in Google"])
def series(house: House, request: pytest.FixtureRequest) -> Event:
    """A series that both sides agree on."""
    if request.param == "made here":
        made = house.add(said(recurrence=(DAILY,)))
        house.settle()
        return made
    lunch = timed("lunch000", "Lunch", "2027-05-04T12:00:00Z", "2027-05-04T13:00:00Z", recurrence=(DAILY,), body=MINE)
    house.google.put(WORK, lunch)
    house.settle()
    return house.event("lunch000")


def there(house: House, series: Event, original: str) -> str | None:
    """What Google says of an occurrence: its summary; None: it does not take place."""
    item = house.google.find(WORK, instance_id(house.copy(series).google_id, original))
    return None if item is None or item.content is None else item.content.summary


def change_there(house: House, series: Event, original: str, summary: str | None) -> None:
    """Change one occurrence in Google; None: cancel it."""
    if summary is not None:
        house.edit_occurrence_there(series, original, summary=summary)
        return
    house.edit_occurrence_there(series, original)
    house.google.delete(WORK, house.occurrence_there(series, original).google_id)


def divide(house: House, series: Event, *, at: str = THIRD, **values: object) -> Event:
    content = house.text(series)
    after = split(content.when, at, calendar_zone="UTC").after
    said_now = with_fields(replace(content, when=after), values)
    _, new = edit.split_series(house.store, house.means, series.id, at, said_now)
    assert new is not None
    return new


def of_google(house: House, series: Event) -> list[Action]:
    """What the history says that Google did to occurrences of a series, after it first spoke of them."""
    standing = events.exceptions_of(house.store, series.id, deleted=True)
    rows = [row for one in standing for row in runs.versions_of(house.store, one.id)]
    return [row.action for row in rows if row.author == "google" and row.version > 1]


@pytest.mark.parametrize("evening", [False, True])
def test_what_google_says_of_occurrences_goes_along_where_their_series_is_divided_here(
    house: House, series: Event, evening: bool
) -> None:
    change_there(house, series, FOURTH, "Soup")
    change_there(house, series, FIFTH, None)
    later = When("2027-05-06T20:00:00Z", "2027-05-06T21:00:00Z", "UTC", ("RRULE:FREQ=DAILY;COUNT=4",))
    said: dict[str, Any] = {"location": "Room 2"} | ({"when": later} if evening else {})
    new = divide(house, series, **said)

    house.settle()

    fourth, fifth = ("20270507T200000Z", "20270508T200000Z") if evening else (FOURTH, FIFTH)
    assert (there(house, new, fourth), there(house, new, fifth)) == ("Soup", None)
    assert there(house, new, fourth.replace("0507", "0509")) == "Lunch"
    assert of_google(house, series) == []
    assert inbox.entries(house.store) == []
    assert disagreements(house) == []


def test_what_google_says_goes_along_beside_an_occurrence_that_was_changed_before(house: House, series: Event) -> None:
    house.change_occurrence(series, FOURTH, summary="Soup")
    house.settle()
    change_there(house, series, FIFTH, None)
    new = divide(house, series, location="Room 2")

    house.settle()

    assert (there(house, new, FOURTH), there(house, new, FIFTH)) == ("Soup", None)
    assert inbox.entries(house.store) == []
    assert disagreements(house) == []


def test_what_google_says_goes_along_through_every_division_here(house: House, series: Event) -> None:
    change_there(house, series, FOURTH, "Soup")
    change_there(house, series, FIFTH, None)
    second = divide(house, series, location="Room 2")
    third = divide(house, second, at=FOURTH, location="Room 3")

    house.settle()

    assert (there(house, second, THIRD), there(house, third, FOURTH)) == ("Lunch", "Soup")
    assert there(house, third, FIFTH) is None
    assert inbox.entries(house.store) == []
    assert disagreements(house) == []


def test_what_google_says_goes_along_where_a_series_is_moved_and_divided_here_again_and_again(
    house: House, series: Event
) -> None:
    change_there(house, series, FOURTH, "Soup")
    change_there(house, series, FIFTH, None)
    house.change(series, when=EVENING)
    second = divide(house, series, at=THIRD.replace("T12", "T20"), location="Room 2")
    night = When("2027-05-06T22:00:00Z", "2027-05-06T23:00:00Z", "UTC", house.text(second).when.recurrence)
    house.change(second, when=night)
    third = divide(house, second, at=FIFTH.replace("T12", "T22"), location="Room 3")

    house.settle()

    assert there(house, second, FOURTH.replace("T12", "T22")) == "Soup"
    assert there(house, third, FIFTH.replace("T12", "T22")) is None
    assert there(house, third, "20270509T220000Z") == "Lunch"
    assert inbox.entries(house.store) == []
    assert disagreements(house) == []


def test_what_google_says_of_occurrences_goes_along_where_their_series_is_moved_here(
    house: House, series: Event
) -> None:
    change_there(house, series, FOURTH, "Soup")
    change_there(house, series, FIFTH, None)
    house.change(series, when=EVENING)

    house.settle()

    assert (there(house, series, "20270507T200000Z"), there(house, series, "20270508T200000Z")) == ("Soup", None)
    assert there(house, series, "20270509T200000Z") == "Lunch"
    assert of_google(house, series) == []
    assert inbox.entries(house.store) == []
    assert disagreements(house) == []


def test_what_google_says_of_occurrences_that_end_here_is_in_the_review(house: House, series: Event) -> None:
    change_there(house, series, FOURTH, "Soup")
    house.change(series, when=replace(EVENING, recurrence=("RRULE:FREQ=DAILY;COUNT=2",)))

    house.settle()

    assert [one.summary for one in inbox.entries(house.store)] == ["Soup"]
    assert disagreements(house) == []


def say_here(house: House, series: Event) -> None:
    """Change the fourth occurrence and cancel the fifth; Google does not know yet."""
    house.change_occurrence(series, FOURTH, summary="Soup")
    house.cancel_occurrence(series, FIFTH)


def test_what_is_said_here_of_occurrences_goes_along_where_their_series_is_moved_in_google(
    house: House, series: Event
) -> None:
    say_here(house, series)
    move_there(house, series, house.home(), EVENING)

    house.settle()

    assert (there(house, series, "20270507T200000Z"), there(house, series, "20270508T200000Z")) == ("Soup", None)
    assert there(house, series, "20270509T200000Z") == "Lunch"
    assert inbox.entries(house.store) == []
    assert disagreements(house) == []


def divide_there(house: House, series: Event) -> str:
    """Somebody changes the third and the following in Google's pages; return the id of what goes on."""
    item, content = house.remote(series), house.there_is(series)
    assert item is not None
    halves = split(content.when, THIRD, calendar_zone="UTC")
    assert halves.before is not None
    new_id = f"{item.google_id}_R20270506T120000"
    rest = replace(content, when=halves.after, summary="Dinner")
    house.google.put(WORK, replace(item, google_id=new_id, ical_uid=f"{new_id}@google.com", content=rest))
    move_there(house, series, house.home(), halves.before)
    return new_id


def test_what_is_said_here_of_occurrences_goes_along_where_their_series_is_divided_in_google(
    house: House, series: Event
) -> None:
    say_here(house, series)
    new_id = divide_there(house, series)

    house.settle()

    said_there = [house.google.find(WORK, instance_id(new_id, one)) for one in (THIRD, FOURTH, FIFTH)]
    contents = [None if one is None or one.content is None else one.content.summary for one in said_there]
    assert contents == ["Dinner", "Soup", None]
    assert inbox.entries(house.store) == []
    assert disagreements(house) == []


def test_what_is_said_here_of_occurrences_that_google_ends_is_in_the_review(house: House, series: Event) -> None:
    say_here(house, series)
    content = house.there_is(series)
    ended = split(content.when, THIRD, calendar_zone="UTC").before
    assert ended is not None
    move_there(house, series, house.home(), ended)

    house.settle()

    waiting = [inbox.detail(house.store, one.id) for one in inbox.entries(house.store)]
    assert [(one.entry.summary, one.lost[0].value) for one in waiting] == [("Soup", False), ("Lunch", True)]
    assert disagreements(house) == []


@pytest.mark.parametrize("divided", [True, False])
def test_what_went_along_goes_back_when_the_edit_of_its_series_is_undone(
    house: House, series: Event, divided: bool
) -> None:
    change_there(house, series, FOURTH, "Soup")
    change_there(house, series, FIFTH, None)
    if divided:
        divide(house, series, location="Room 2")
    else:
        house.change(series, when=EVENING)
    run = runs.last_runs(house.store)[0].id
    house.settle()

    undo(house.store, house.means, facts_of_run(house.store, run, house.clock.now()))
    house.settle()

    assert (there(house, series, FOURTH), there(house, series, FIFTH)) == ("Soup", None)
    assert inbox.entries(house.store) == []
    assert disagreements(house) == []


def test_what_google_says_of_whole_days_goes_along_too(house: House) -> None:
    series = house.add(said("Lunch", "2027-05-04", "2027-05-05", recurrence=(DAILY,)))
    house.settle()
    change_there(house, series, "2027-05-07", "Soup")
    change_there(house, series, "2027-05-08", None)
    content = house.text(series)
    after = split(content.when, "2027-05-06", calendar_zone="UTC").after

    rest = replace(content, when=after, summary="Dinner")
    _, new = edit.split_series(house.store, house.means, series.id, "2027-05-06", rest)
    house.settle()

    assert new is not None
    days = [there(house, new, f"2027-05-0{day}") for day in (6, 7, 8)]
    assert days == ["Dinner", "Soup", None]
    assert disagreements(house) == []
