"""An occurrence that was changed before is changed again, or cancelled, in Google while its series is edited here."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from calsyncctl.model.event import Event, When
from calsyncctl.store import runs
from calsyncctl.sync.choice import Policy
from calsyncctl.sync.provider import Patch
from calsyncctl.sync.reviewing import inbox
from calsyncctl.sync.undoing.facts import facts_of_run
from calsyncctl.sync.undoing.undo import undo
from tests.proofs.state import disagreements
from tests.sync.house import House, said
from tests.sync.lunches import move_there
from tests.sync.test_series_met import DAILY, EVENING, FOURTH, divide, series, there
from tests.sync.test_series_moved import at
from tests.sync.test_series_on_hold import NEW, fourth, go, how

__all__ = ["fourth", "how", "series"]


def test_a_changed_occurrence_that_google_cancels_goes_along_as_cancelled(
    house: House, series: Event, fourth: Event, how: str
) -> None:
    house.delete_there(fourth)
    now = go(house, series, how)

    house.settle()

    assert there(house, now, NEW) is None
    assert there(house, now, NEW.replace("0507", "0508")) == "Lunch"
    assert inbox.entries(house.store) == []
    assert disagreements(house) == []


def test_a_changed_occurrence_that_google_cancels_is_gone_where_its_series_is_only_divided(
    house: House, series: Event, fourth: Event
) -> None:
    house.delete_there(fourth)
    now = divide(house, series, location="Room 2")

    house.settle()

    assert there(house, now, FOURTH) is None
    assert inbox.entries(house.store) == []
    assert disagreements(house) == []


@pytest.mark.parametrize("words", [{"summary": "Stew"}, {"location": "Garden"}])
def test_a_changed_occurrence_that_google_changes_again_goes_along_with_its_new_words(
    house: House, series: Event, fourth: Event, how: str, words: dict[str, Any]
) -> None:
    house.edit_there(fourth, **words)
    now = go(house, series, how)

    house.settle()

    assert there(house, now, NEW) == words.get("summary", "Soup")
    assert inbox.entries(house.store) == []
    assert disagreements(house) == []


def test_what_google_moved_of_a_changed_occurrence_stays_where_it_was_moved(
    house: House, series: Event, fourth: Event, how: str
) -> None:
    own = When("2027-05-07T15:00:00Z", "2027-05-07T16:00:00Z", "UTC")
    house.edit_there(fourth, when=own)
    now = go(house, series, how)

    house.settle()

    here = at(house, now, NEW)
    assert (house.there_is(here).summary, house.there_is(here).when) == ("Soup", own)
    assert inbox.entries(house.store) == []
    assert disagreements(house) == []


@pytest.mark.parametrize(("policy", "stands"), [(Policy.GOOGLE_WINS, "Stew"), (Policy.LOCAL_WINS, "Broth")])
def test_what_both_say_of_it_is_a_conflict(
    house: House, series: Event, fourth: Event, how: str, policy: Policy, stands: str
) -> None:
    house.prefer(policy)
    house.edit_there(fourth, summary="Stew")
    now = go(house, series, how)
    house.change_occurrence(now, NEW, summary="Broth")

    house.settle()

    assert there(house, now, NEW) == stands
    assert house.lost(at(house, now, NEW)) == {"summary": "Broth" if stands == "Stew" else "Stew"}
    assert disagreements(house) == []


@pytest.mark.parametrize("first", [True, False])
def test_an_occurrence_that_is_edited_here_while_google_cancels_it_takes_place_and_review_names_it(
    house: House, series: Event, fourth: Event, how: str, first: bool
) -> None:
    house.delete_there(fourth)
    if first:
        house.change_occurrence(series, FOURTH, summary="Broth")
    now = go(house, series, how)
    if not first:
        house.change_occurrence(now, NEW, summary="Broth")

    house.settle()

    assert there(house, now, NEW) == "Broth"
    assert [one.kind for one in inbox.entries(house.store)] == [inbox.Kind.CONFLICT]
    assert disagreements(house) == []


def test_what_google_cancels_of_an_occurrence_that_its_series_ends_before_is_no_conflict(
    house: House, series: Event, fourth: Event
) -> None:
    house.delete_there(fourth)
    when = house.text(series).when
    house.change(series, when=replace(when, recurrence=("RRULE:FREQ=DAILY;COUNT=2",)))

    house.settle()

    assert house.fresh(fourth).deleted is not None
    assert disagreements(house) == []


def test_an_occurrence_that_google_ends_with_the_times_of_its_series_was_not_cancelled(
    house: House, series: Event, fourth: Event, how: str
) -> None:
    move_there(house, series, house.home(), replace(EVENING, start="2027-05-04T18:00:00Z", end="2027-05-04T19:00:00Z"))
    house.prefer(Policy.LOCAL_WINS)
    now = go(house, series, how)

    house.settle()

    assert there(house, now, NEW) == "Soup"
    assert disagreements(house) == []


def test_an_occurrence_whose_series_was_taken_without_an_answer_was_not_cancelled(
    house: House, series: Event, fourth: Event, how: str
) -> None:
    now = go(house, series, how)
    house.google.lose_answer(kind=Patch)
    house.sync()

    house.settle()

    assert there(house, now, NEW) == "Soup"
    assert disagreements(house) == []


def test_on_a_links_copy_it_is_cancelled_on_every_calendar(house: House, how: str) -> None:
    native, team = house.native(), house.calendar("team-calendar")
    house.link(native, house.home())
    house.link(native, team)
    series = house.add(said(recurrence=(DAILY,)), native)
    fourth = house.change_occurrence(series, FOURTH, summary="Soup")
    house.settle()
    house.delete_there(fourth, team)
    now = go(house, series, how)

    house.settle()

    heir = at(house, now, NEW)
    said_there = [house.remote(heir, where) for where in (house.home(), team)]
    assert [one.content for one in said_there if one is not None] == [None, None]
    assert disagreements(house) == []


@pytest.mark.parametrize("cancels", [True, False])
def test_it_goes_back_when_the_edit_of_its_series_is_undone(
    house: House, series: Event, fourth: Event, how: str, cancels: bool
) -> None:
    if cancels:
        house.delete_there(fourth)
    else:
        house.edit_there(fourth, summary="Stew")
    go(house, series, how)
    run = runs.last_runs(house.store)[0].id
    house.settle()

    undo(house.store, house.means, facts_of_run(house.store, run, house.clock.now()))
    house.settle()

    assert there(house, series, FOURTH) == (None if cancels else "Stew")
    assert disagreements(house) == []
