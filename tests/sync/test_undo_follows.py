"""What was away while its series was edited comes back as its series says by now, but for what it said of its own."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from calsyncctl.model.event import Event
from calsyncctl.model.fields import with_fields
from calsyncctl.store import runs
from calsyncctl.sync.editing import edit
from calsyncctl.sync.editing.restoring import restore_event
from calsyncctl.sync.provider import Delete
from calsyncctl.sync.recurrence.recur import split
from calsyncctl.sync.undoing.facts import facts_of_run
from calsyncctl.sync.undoing.undo import undo
from tests.sync.desk import ME, WORK
from tests.sync.house import House, said

THIRD, FOURTH = "20270506T120000Z", "20270507T120000Z"


@pytest.fixture
def series(house: House) -> Event:
    """Five days of Class in the Hall; the fourth is late."""
    made = house.add(said("Class", recurrence=("RRULE:FREQ=DAILY;COUNT=5",), location="Hall"))
    house.settle()
    return made


def late(house: House, series: Event, location: str = "Hall") -> Event:
    content = said("Late", "2027-05-07T15:00:00Z", "2027-05-07T16:00:00Z", location=location)
    made = edit.change_occurrence(house.store, house.means, series.id, FOURTH, content)
    house.settle()
    return made


def divided(house: House, series: Event) -> int:
    content = house.text(series)
    rest = with_fields(content, {"when": split(content.when, THIRD, calendar_zone="UTC").after, "summary": "After"})
    edit.split_series(house.store, house.means, series.id, THIRD, rest)
    return last_edit(house)


def last_edit(house: House) -> int:
    """Let what was edited be known on both sides, and return the edit's run."""
    house.settle()
    return next(one.id for one in runs.last_runs(house.store) if one.kind == "edit")


def is_late_on(house: House, fourth: Event, location: str) -> None:
    there = house.there_is(fourth)
    assert (there.summary, there.body.location) == ("Late", location)


def undone(house: House, run: int) -> None:
    undo(house.store, house.means, facts_of_run(house.store, run, house.clock.now()))
    house.settle()


def test_what_a_division_carried_off_follows_what_its_series_was_edited_to(house: House, series: Event) -> None:
    fourth = late(house, series)
    run = divided(house, series)
    house.change(series, location="Roof", description="Bring forks")

    undone(house, run)

    is_late_on(house, fourth, "Roof")
    assert house.there_is(fourth).body.description == "Bring forks"


def test_what_it_said_of_its_own_stays_whatever_its_series_says(house: House, series: Event) -> None:
    fourth = late(house, series, location="Cellar")
    run = divided(house, series)
    house.change(series, summary="Course", location="Roof")

    undone(house, run)

    is_late_on(house, fourth, "Cellar")


def test_what_was_cancelled_follows_when_it_takes_place_again(house: House, series: Event) -> None:
    fourth = late(house, series)
    house.cancel_occurrence(series, FOURTH)
    run = last_edit(house)
    house.change(series, location="Roof")
    house.settle()

    undone(house, run)

    is_late_on(house, fourth, "Roof")


def test_what_another_rule_dropped_follows_when_the_rule_is_taken_back(house: House, series: Event) -> None:
    fourth = late(house, series)

    house.change(series, when=replace(house.text(series).when, recurrence=("RRULE:FREQ=DAILY;COUNT=2",)))
    run = last_edit(house)
    house.change(series, location="Roof")
    house.settle()

    undone(house, run)

    is_late_on(house, fourth, "Roof")


def test_what_is_restored_follows_as_well(house: House, series: Event) -> None:
    fourth = late(house, series)
    house.cancel_occurrence(series, FOURTH)
    house.settle()
    house.change(series, summary="Course", location="Roof")
    house.settle()

    restore_event(house.store, house.means, fourth.id)
    house.settle()

    is_late_on(house, fourth, "Roof")


def test_a_series_that_was_moved_and_of_which_one_was_cancelled_in_one_pass_is_whole_again(
    house: House, series: Event
) -> None:
    before = house.text(series)
    item = house.remote(series)
    assert item is not None
    assert item.content is not None
    later = replace(item.content.when, start="2027-05-06T16:00:00Z", end="2027-05-06T17:00:00Z")
    house.google.put(WORK, replace(item, content=replace(item.content, when=later)))
    second = Delete(google_id=f"{item.google_id}_20270507T160000Z", etag=None)
    house.google.provider(ME).write_events(WORK, (second,))
    house.sync_one()

    undone(house, runs.last_runs(house.store)[0].id)

    assert (house.text(series), house.there_is(series).when.recurrence) == (before, before.when.recurrence)
