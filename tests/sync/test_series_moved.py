"""A series that moves as a whole, or is divided: what was changed of its occurrences goes along."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from calsyncctl.model.event import Event, When
from calsyncctl.store import events, runs
from calsyncctl.sync.editing import edit
from calsyncctl.sync.editing.restoring import restore_event
from calsyncctl.sync.links import instance_id
from calsyncctl.sync.recurrence.recur import split
from calsyncctl.sync.reviewing import inbox, review
from calsyncctl.sync.reviewing.review import Reviewer
from calsyncctl.sync.undoing.facts import facts_of_run
from calsyncctl.sync.undoing.undo import undo
from tests.sync.house import JANE, House, said

DAILY = "RRULE:FREQ=DAILY;COUNT=6"
THIRD, FOURTH = "20270506T120000Z", "20270507T120000Z"
LATER = When("2027-05-04T15:00:00Z", "2027-05-04T16:00:00Z", "UTC", (DAILY,))
ALL_DAY = When("2027-05-04", "2027-05-05", "UTC", (DAILY,))


@pytest.fixture
def series(house: House) -> Event:
    made = house.add(said(recurrence=(DAILY,)))
    house.settle()
    return made


def at(house: House, series: Event, original: str) -> Event:
    """The exception that stands at an original start."""
    event_id = events.exception_at(house.store, series.id, original)
    assert event_id is not None
    return events.get_event(house.store, event_id)


@pytest.mark.parametrize(
    ("when", "original", "start"),
    [(LATER, "20270506T150000Z", "2027-05-06T15:00:00Z"), (ALL_DAY, "2027-05-06", "2027-05-06")],
    ids=["later", "all-day"],
)
def test_a_changed_occurrence_goes_along_when_its_series_moves(
    house: House, series: Event, when: When, original: str, start: str
) -> None:
    third = house.change_occurrence(series, THIRD, summary="Soup")
    house.settle()

    house.change(series, when=when)
    house.settle()

    moved = at(house, series, original)
    assert (house.there_is(moved).summary, house.there_is(moved).when.start) == ("Soup", start)
    assert house.fresh(third).deleted is not None
    assert house.lost(third) == {}
    assert sorted(one[0].summary for one in house.there().values()) == ["Lunch", "Soup"]  # type: ignore[attr-defined]


def test_a_series_of_whole_days_takes_its_changed_day_to_hours(house: House) -> None:
    series = house.add(replace(said(), when=ALL_DAY))
    house.settle()
    house.change_occurrence(series, "2027-05-06", summary="Soup")
    house.settle()

    house.change(series, when=LATER)
    house.settle()

    assert house.there_is(at(house, series, "20270506T150000Z")).summary == "Soup"


def test_an_occurrence_with_times_of_its_own_keeps_them(house: House, series: Event) -> None:
    own = When("2027-05-06T18:00:00Z", "2027-05-06T19:00:00Z", "UTC")
    house.change_occurrence(series, THIRD, when=own)
    house.settle()

    house.change(series, when=LATER)
    house.settle()

    assert house.there_is(at(house, series, "20270506T150000Z")).when.start == own.start


def test_an_occurrence_that_waits_still_goes_along(house: House, series: Event) -> None:
    house.change_occurrence(series, THIRD, summary="Soup")
    house.change(series, when=LATER)

    house.settle()

    assert house.there_is(at(house, series, "20270506T150000Z")).summary == "Soup"


def test_what_fits_nowhere_is_journalled_and_waits_in_the_review(house: House, series: Event) -> None:
    third = house.change_occurrence(series, THIRD, summary="Soup")
    house.settle()

    house.change(series, when=replace(LATER, recurrence=("RRULE:FREQ=DAILY;COUNT=2",)))
    house.settle()

    assert house.fresh(third).deleted is not None
    assert house.lost(third) == {"deleted": False}
    assert [one.kind for one in inbox.entries(house.store)] == [inbox.Kind.CONFLICT]
    assert [one[0].summary for one in house.there().values()] == ["Lunch"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("times", [1, 2])
def test_what_fits_nowhere_is_brought_back_as_an_event_of_its_own(house: House, series: Event, times: int) -> None:
    house.change_occurrence(series, THIRD, summary="Soup")
    house.settle()
    house.change(series, when=replace(LATER, recurrence=("RRULE:FREQ=DAILY;COUNT=2",)))
    house.settle()

    for _ in range(times):
        for entry in inbox.entries(house.store):
            review.restore(house.store, Reviewer(JANE, house.clock, house.engine), inbox.detail(house.store, entry.id))
        house.settle()

    assert sorted(one[0].summary for one in house.there().values()) == ["Lunch", "Soup"]  # type: ignore[attr-defined]
    assert inbox.entries(house.store) == []


def test_what_was_brought_back_alone_and_deleted_comes_back_again(house: House, series: Event) -> None:
    third = house.change_occurrence(series, THIRD, summary="Soup")
    house.settle()
    house.change(series, when=When("2027-05-04T12:00:00Z", "2027-05-04T13:00:00Z", "UTC"))
    alone = restore_event(house.store, house.means, third.id)
    house.settle()
    house.delete(alone)
    house.settle()

    again = restore_event(house.store, house.means, third.id)
    house.settle()

    assert (again.id, house.there_is(again).summary) == (alone.id, "Soup")


def test_the_rest_of_a_divided_series_keeps_what_was_changed_of_it(house: House, series: Event) -> None:
    fourth = house.change_occurrence(series, FOURTH, summary="Soup")
    house.settle()
    content = house.text(series)
    after = split(content.when, THIRD, calendar_zone="UTC").after

    _, new = edit.split_series(
        house.store, house.means, series.id, THIRD, replace(content, summary="Dinner", when=after)
    )
    house.settle()

    assert new is not None
    assert house.there_is(at(house, new, FOURTH)).summary == "Soup"
    assert (house.fresh(fourth).deleted is not None, house.lost(fourth)) == (True, {})


def test_deleting_the_following_leaves_nothing_to_be_decided(house: House, series: Event) -> None:
    fourth = house.change_occurrence(series, FOURTH, summary="Soup")
    house.settle()

    edit.split_series(house.store, house.means, series.id, THIRD, None)
    house.settle()

    assert (house.fresh(fourth).deleted is not None, house.lost(fourth)) == (True, {})
    assert inbox.entries(house.store) == []


def test_a_series_that_does_not_repeat_any_more_keeps_its_changes_in_the_history(house: House, series: Event) -> None:
    third = house.change_occurrence(series, THIRD, summary="Soup")
    house.settle()

    house.change(series, when=When("2027-05-04T12:00:00Z", "2027-05-04T13:00:00Z", "UTC"))
    house.settle()

    assert house.lost(third) == {"deleted": False}


@pytest.mark.parametrize("when", [LATER, ALL_DAY], ids=["later", "all-day"])
@pytest.mark.parametrize("sent", [True, False])
def test_undoing_the_move_of_a_series_takes_its_changed_occurrence_back(
    house: House, series: Event, when: When, sent: bool
) -> None:
    third = house.change_occurrence(series, THIRD, summary="Soup")
    house.settle()
    house.change(series, when=when)
    run = runs.last_runs(house.store)[0].id
    if sent:
        house.settle()

    undo(house.store, house.means, facts_of_run(house.store, run, house.clock.now()))
    house.settle()

    assert house.text(series).when == said(recurrence=(DAILY,)).when
    assert (house.fresh(third).deleted, house.text(third).summary, house.there_is(third).summary) == (
        None,
        "Soup",
        "Soup",
    )
    assert sorted(one[0].summary for one in house.there().values()) == ["Lunch", "Soup"]  # type: ignore[attr-defined]


def test_undoing_a_split_puts_the_series_together_again(house: House, series: Event) -> None:
    fourth = house.change_occurrence(series, FOURTH, summary="Soup")
    house.settle()
    content = house.text(series)
    after = split(content.when, THIRD, calendar_zone="UTC").after
    edit.split_series(house.store, house.means, series.id, THIRD, replace(content, summary="Dinner", when=after))
    run = runs.last_runs(house.store)[0].id
    house.settle()

    undo(house.store, house.means, facts_of_run(house.store, run, house.clock.now()))
    house.settle()

    assert house.text(series).when == content.when
    assert house.there_is(fourth).summary == "Soup"
    assert sorted(one[0].summary for one in house.there().values()) == ["Lunch", "Soup"]  # type: ignore[attr-defined]


def test_what_google_cancelled_of_a_series_stays_so_when_its_division_is_undone(house: House) -> None:
    """One copy was told that it is cancelled, the other said so: the undivided series is back without it on both."""
    here, there, desk = house.home(), house.calendar("side-calendar"), house.native()
    house.link(desk, here)
    house.link(desk, there)
    series = house.add(said(recurrence=(DAILY,)), desk)
    house.settle()
    google_id = instance_id(house.copy(series, there).google_id, THIRD)
    item = house.google.find("side-calendar", google_id)
    assert item is not None
    house.google.put("side-calendar", item)
    house.google.delete("side-calendar", google_id)
    second, content = "20270505T120000Z", house.text(series)
    after = split(content.when, second, calendar_zone="UTC").after
    edit.split_series(house.store, house.means, series.id, second, replace(content, summary="Dinner", when=after))
    run = runs.last_runs(house.store)[0].id
    house.settle()

    undo(house.store, house.means, facts_of_run(house.store, run, house.clock.now()))
    house.settle()

    assert at(house, series, THIRD).status == "cancelled"
    for calendar in (here, there):
        gone = house.google.find(str(calendar.google_id), instance_id(house.copy(series, calendar).google_id, THIRD))
        assert gone is None or gone.content is None, calendar.name


@pytest.mark.parametrize("day", ["2027-05-03", "2027-05-06"])
def test_what_was_cancelled_stays_so_once_where_the_series_has_that_day_after_its_move_too(
    house: House, series: Event, day: str
) -> None:
    house.cancel_occurrence(series, FOURTH)
    house.settle()
    before = house.text(series)

    house.change(series, when=When(f"{day}T12:00:00Z", f"{day}T13:00:00Z", "UTC", (DAILY,)))
    run = runs.last_runs(house.store)[0].id
    house.settle()

    assert (house.text(series).when.recurrence, at(house, series, FOURTH).status) == ((DAILY,), "cancelled")
    undo(house.store, house.means, facts_of_run(house.store, run, house.clock.now()))
    house.settle()
    assert (house.text(series), at(house, series, FOURTH).status) == (before, "cancelled")
