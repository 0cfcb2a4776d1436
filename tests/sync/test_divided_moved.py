"""A series that is divided here while the whole of it gets other times in Google: both hold, for each half."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from calsyncctl.model.event import Event, When
from calsyncctl.store import runs
from calsyncctl.sync.choice import Policy
from calsyncctl.sync.recurrence.recur import starts_of
from calsyncctl.sync.reviewing import inbox
from calsyncctl.sync.undoing.facts import facts_of_run
from calsyncctl.sync.undoing.undo import undo
from tests.proofs.state import disagreements
from tests.sync.desk import WORK
from tests.sync.house import House, said
from tests.sync.lunches import move_there
from tests.sync.test_divided_both import FIFTH, FOURTH, divide, series
from tests.sync.test_series_met import divide_there

__all__ = ["series"]

DAILY = "RRULE:FREQ=DAILY;COUNT=6"
EVENING = When("2027-05-04T20:00:00Z", "2027-05-04T21:00:00Z", "UTC", (DAILY,))
LONGER = When("2027-05-04T12:00:00Z", "2027-05-04T14:00:00Z", "UTC", (DAILY,))


def days(house: House, event: Event) -> list[str]:
    """When a series takes place in Google, as `4 20` for the fourth of May at eight."""
    when = house.there_is(event).when
    begin = int(datetime.fromisoformat("2027-05-01T00:00:00+00:00").timestamp())
    found = starts_of(when, calendar_zone="UTC", from_=begin, to=begin + 100 * 86400)
    return [f"{at.day} {at.hour}" for at in (datetime.fromtimestamp(one, UTC) for one in found)]


@pytest.mark.parametrize("policy", [Policy.GOOGLE_WINS, Policy.LOCAL_WINS])
@pytest.mark.parametrize("when", [EVENING, LONGER])
def test_both_halves_take_the_new_times_and_each_keeps_its_days(
    house: House, series: Event, policy: Policy, when: When
) -> None:
    house.prefer(policy)
    new = divide(house, series, location="Canteen")
    move_there(house, series, house.home(), when)

    house.settle()

    hour = datetime.fromisoformat(when.start).hour
    assert days(house, series) == [f"{day} {hour}" for day in (4, 5, 6)]
    assert days(house, new) == [f"{day} {hour}" for day in (7, 8, 9)]
    assert house.there_is(new).when.end[11:] == when.end[11:]
    assert [house.there_is(one).body.location for one in (series, new)] == ["", "Canteen"]
    assert inbox.entries(house.store) == []
    assert disagreements(house) == []


@pytest.mark.parametrize(("policy", "hour"), [(Policy.GOOGLE_WINS, 20), (Policy.LOCAL_WINS, 18)])
def test_other_times_of_the_later_half_that_were_set_here_are_a_conflict(
    house: House, series: Event, policy: Policy, hour: int
) -> None:
    house.prefer(policy)
    six = When("2027-05-07T18:00:00Z", "2027-05-07T19:00:00Z", "UTC", ("RRULE:FREQ=DAILY;COUNT=3",))
    new = divide(house, series, when=six)
    move_there(house, series, house.home(), EVENING)

    house.settle()

    assert days(house, series) == ["4 20", "5 20", "6 20"]
    assert days(house, new) == [f"{day} {hour}" for day in (7, 8, 9)]
    assert list(house.lost(new)) == ["when"]
    assert house.lost(series) == {}
    assert disagreements(house) == []


@pytest.mark.parametrize(("policy", "hour"), [(Policy.GOOGLE_WINS, 20), (Policy.LOCAL_WINS, 18)])
def test_a_whole_series_that_was_moved_here_and_divided_is_a_conflict_in_each_half(
    house: House, series: Event, policy: Policy, hour: int
) -> None:
    house.prefer(policy)
    house.change(series, when=When("2027-05-04T18:00:00Z", "2027-05-04T19:00:00Z", "UTC", (DAILY,)))
    new = divide(house, series, FOURTH.replace("T12", "T18"), location="Canteen")
    move_there(house, series, house.home(), EVENING)

    house.settle()

    assert days(house, series) == [f"{day} {hour}" for day in (4, 5, 6)]
    assert days(house, new) == [f"{day} {hour}" for day in (7, 8, 9)]
    assert disagreements(house) == []


@pytest.mark.parametrize(
    ("start", "rule", "earlier", "later"),
    [
        ("05", "COUNT=6", [5, 6, 7], [8, 9, 10]),
        ("04", "COUNT=8", [4, 5, 6], [7, 8, 9, 10, 11]),
        ("04", "COUNT=5", [4, 5, 6], [7, 8]),
        ("04", "COUNT=6;INTERVAL=2", [4, 6], [8, 10, 12, 14]),
        ("04", "COUNT=2", [4, 5], [7, 8, 9]),
    ],
    ids=["a day later", "longer", "shorter", "every other day", "ended before"],
)
def test_other_days_are_divided_where_the_series_was(
    house: House, series: Event, start: str, rule: str, earlier: list[int], later: list[int]
) -> None:
    new = divide(house, series, location="Canteen")
    when = When(f"2027-05-{start}T12:00:00Z", f"2027-05-{start}T13:00:00Z", "UTC", (f"RRULE:FREQ=DAILY;{rule}",))
    move_there(house, series, house.home(), when)

    house.settle()

    assert days(house, series) == [f"{day} 12" for day in earlier]
    assert days(house, new) == [f"{day} 12" for day in later]
    assert inbox.entries(house.store) == []
    assert disagreements(house) == []


def test_a_series_divided_again_and_again_takes_them_in_all_its_parts(house: House, series: Event) -> None:
    third = divide(house, series, FIFTH, location="Garden")
    second = divide(house, series, "20270506T120000Z", location="Canteen")
    fourth = divide(house, third, "20270509T120000Z", location="Roof")
    move_there(house, series, house.home(), EVENING)

    house.settle()

    found = [days(house, one) for one in (series, second, third, fourth)]
    assert found == [["4 20", "5 20"], ["6 20", "7 20"], ["8 20"], ["9 20"]]
    assert inbox.entries(house.store) == []
    assert disagreements(house) == []


def test_what_was_said_of_occurrences_goes_along_in_both_halves(house: House, series: Event) -> None:
    house.change_occurrence(series, "20270505T120000Z", summary="Stew")
    house.change_occurrence(series, FIFTH, summary="Soup")
    house.cancel_occurrence(series, "20270509T120000Z")
    house.settle()
    new = divide(house, series, location="Canteen")
    house.change_occurrence(series, "20270506T120000Z", summary="Broth")
    move_there(house, series, house.home(), EVENING)

    house.settle()

    found = sorted((one[0].when.start, one[0].summary) for one in house.there().values())  # type: ignore[attr-defined]
    assert ("2027-05-06T20:00:00Z", "Broth") in found
    assert ("2027-05-08T20:00:00Z", "Soup") in found
    assert "9 20" not in days(house, new)
    assert disagreements(house) == []


def test_a_linked_series_takes_them_on_every_copy(house: House) -> None:
    native, team = house.native(), house.calendar("team-calendar")
    house.link(native, house.home())
    house.link(native, team)
    made = house.add(said(recurrence=(DAILY,)), native)
    house.settle()
    new = divide(house, made, location="Canteen")
    move_there(house, made, team, EVENING)

    house.settle()

    starts = [house.there_is(one, where).when.start[8:16] for one in (made, new) for where in (house.home(), team)]
    assert starts == ["04T20:00", "04T20:00", "07T20:00", "07T20:00"]
    assert disagreements(house) == []


@pytest.mark.parametrize("words", [True, False])
def test_when_the_division_is_undone_the_whole_says_what_google_said(house: House, series: Event, words: bool) -> None:
    new = divide(house, series, location="Canteen")
    run = runs.last_runs(house.store)[0].id
    if words:
        house.edit_there(series, summary="Dinner")
    else:
        move_there(house, series, house.home(), EVENING)
    house.settle()

    undo(house.store, house.means, facts_of_run(house.store, run, house.clock.now()))
    house.settle()

    assert house.fresh(new).deleted is not None
    assert days(house, series) == [f"{day} {12 if words else 20}" for day in range(4, 10)]
    assert house.there_is(series).summary == ("Dinner" if words else "Lunch")
    assert disagreements(house) == []


@pytest.mark.parametrize("count", [5, 8])
def test_when_the_division_is_undone_the_whole_ends_where_google_said_though_the_earlier_half_was_not_meant(
    house: House, series: Event, count: int
) -> None:
    """That half took nothing of it, so the whole came back as it was before, and Google was told so."""
    divide(house, series, location="Canteen")
    run = runs.last_runs(house.store)[0].id
    rule = (f"RRULE:FREQ=DAILY;COUNT={count}",)
    move_there(house, series, house.home(), replace(house.there_is(series).when, recurrence=rule))
    house.settle()

    undo(house.store, house.means, facts_of_run(house.store, run, house.clock.now()))
    house.settle()

    assert days(house, series) == [f"{day} 12" for day in range(4, 4 + count)]
    assert disagreements(house) == []


@pytest.mark.parametrize("policy", [Policy.GOOGLE_WINS, Policy.LOCAL_WINS])
@pytest.mark.parametrize("at", ["20270505T120000Z", FOURTH])
def test_when_the_division_here_of_what_google_divided_too_is_undone_no_day_stands_twice(
    house: House, series: Event, policy: Policy, at: str
) -> None:
    house.prefer(policy)
    divide(house, series, at, location="Canteen")
    run = runs.last_runs(house.store)[0].id
    new_id = divide_there(house, series)
    house.settle()

    undo(house.store, house.means, facts_of_run(house.store, run, house.clock.now()))
    house.settle()

    assert days(house, series) == ["4 12", "5 12"]
    assert days(house, house.event(new_id)) == ["6 12", "7 12", "8 12", "9 12"]
    assert disagreements(house) == []


def test_new_times_in_google_after_it_heard_of_the_division_are_the_earlier_halfs(house: House, series: Event) -> None:
    new = divide(house, series, location="Canteen")
    house.settle()
    short = house.there_is(series).when
    move_there(house, series, house.home(), replace(short, end="2027-05-04T14:00:00Z"))

    house.settle()

    assert (days(house, series), days(house, new)) == (["4 12", "5 12", "6 12"], ["7 12", "8 12", "9 12"])
    assert house.there_is(new).when.end == "2027-05-07T13:00:00Z"


@pytest.mark.parametrize(("policy", "hour"), [(Policy.GOOGLE_WINS, 12), (Policy.LOCAL_WINS, 20)])
def test_divided_in_google_while_it_is_moved_here_no_day_stands_twice(
    house: House, series: Event, policy: Policy, hour: int
) -> None:
    house.prefer(policy)
    house.change(series, when=EVENING)
    divide_there(house, series)

    house.settle()

    assert days(house, series) == [f"{day} {hour}" for day in (4, 5)]
    assert list(house.lost(series)) == ["when"]
    assert disagreements(house) == []


def test_divided_in_google_while_it_is_ended_here_no_day_stands_twice(house: House, series: Event) -> None:
    house.prefer(Policy.LOCAL_WINS)
    house.change(series, when=replace(house.text(series).when, recurrence=("RRULE:FREQ=DAILY;COUNT=4",)))
    divide_there(house, series)

    house.settle()

    assert days(house, series) == ["4 12", "5 12"]
    assert disagreements(house) == []


def test_divided_again_and_again_here_and_in_google_at_once_no_day_stands_twice(house: House, series: Event) -> None:
    second = divide(house, series, "20270505T120000Z", location="Canteen")
    third = divide(house, second, "20270506T120000Z", location="Garden")
    fourth = divide(house, third, FIFTH, location="Roof")
    divide_there(house, series)

    house.settle()

    parts = (series, second, third, fourth)
    assert [days(house, one) for one in parts] == [["4 12"], ["5 12"], ["6 12", "7 12"], ["8 12", "9 12"]]
    assert [house.there_is(one).summary for one in parts] == ["Lunch", "Lunch", "Dinner", "Dinner"]
    assert len([one for one in house.google.alive(WORK).values() if one.master is None]) == 4
    assert disagreements(house) == []


@pytest.mark.parametrize("policy", [Policy.GOOGLE_WINS, Policy.LOCAL_WINS])
@pytest.mark.parametrize("at", ["20270505T120000Z", "20270506T120000Z", FOURTH])
def test_divided_on_both_sides_at_once_no_day_stands_twice(
    house: House, series: Event, policy: Policy, at: str
) -> None:
    house.prefer(policy)
    new = divide(house, series, at, location="Canteen")
    new_id = divide_there(house, series)

    house.settle()

    standing = [one for one in house.google.alive(WORK).values() if one.master is None]
    found = sorted((one.content.when.start[8:10], one.content.summary) for one in standing if one.content is not None)
    assert (
        found
        == {
            "05": [("04", "Lunch"), ("05", "Lunch"), ("06", "Dinner")],
            "06": [("04", "Lunch"), ("06", "Dinner")],
            "07": [("04", "Lunch"), ("06", "Dinner"), ("07", "Dinner")],
        }[at[6:8]]
    )
    assert house.there_is(new).body.location == "Canteen"
    assert (new_id in house.google.alive(WORK)) is (at != "20270506T120000Z")
    assert inbox.entries(house.store) == []
    assert disagreements(house) == []
