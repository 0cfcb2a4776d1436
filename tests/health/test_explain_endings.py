"""Why an event is gone, or came back: every way in which one ends, and what the history still knows of it."""

from __future__ import annotations

import pytest

from calsyncctl.model.calendar import Calendar
from calsyncctl.model.event import Event
from calsyncctl.store import runs
from calsyncctl.sync.editing import edit
from calsyncctl.sync.editing.restoring import restore_event
from calsyncctl.sync.reviewing import inbox, review
from calsyncctl.sync.reviewing.review import Reviewer
from calsyncctl.sync.undoing.facts import facts_of_event
from calsyncctl.sync.undoing.undo import undo
from tests.health.asked import answer, explained, typed, waits
from tests.support.memory import timed
from tests.sync.desk import WORK
from tests.sync.house import JANE, House, said
from tests.sync.test_moved_there import read, there_moved

OTHER = "other-calendar"
DAILY = ("RRULE:FREQ=DAILY;COUNT=5",)
THIRD = "20270506T120000Z"


@pytest.fixture
def other(house: House) -> Calendar:
    made = house.calendar(OTHER)
    house.sync()
    return made


@pytest.fixture
def tea(house: House) -> Event:
    """One more event, so that the calendar is never emptied."""
    made = house.add(said("Tea", start="2027-05-08T12:00:00Z", end="2027-05-08T13:00:00Z"))
    house.settle()
    return made


def decide(house: House, choice: object = review.release) -> None:
    """Somebody decides all that waits."""
    who = Reviewer(JANE, house.clock, house.engine)
    for entry in inbox.entries(house.store):
        assert callable(choice)
        choice(house.store, who, inbox.detail(house.store, entry.id))


@pytest.mark.feature("E2")
def test_what_came_and_was_undone_says_who_undid_it(house: House, lunch: Event) -> None:
    undo(house.store, house.means, facts_of_event(house.store, house.fresh(lunch), house.clock.now()))

    assert answer(house, lunch) == (
        "undone",
        "“Lunch” was deleted here by an undo: agent:jane undid run 1 on 2027-01-15 09:06 CET; Google has not "
        "been told yet "
        "(“work-calendar” of work@example.com).",
    )


@pytest.mark.feature("E2")
def test_a_released_deletion_names_who_released_it(house: House) -> None:
    for name in "abcd":
        house.google.put(WORK, timed(f"item{name}", name.upper()))
    house.sync()
    for name in "abcd":
        house.google.delete(WORK, f"item{name}")
    house.sync()
    decide(house)

    assert answer(house, house.event("itemb")) == (
        "deleted-in-google",
        "“B” was deleted in Google (with others; agent:jane released that), and so it was here on 2027-01-15 "
        "09:03 CET.",
    )


@pytest.mark.feature("E2")
def test_an_event_that_was_another_one_names_that(house: House, other: Calendar) -> None:
    house.google.put(WORK, timed("tea", "Tea"))
    house.sync()
    old = house.event("tea")
    there_moved(house, "tea")
    read(house, [OTHER])
    young = house.event("tea", OTHER)
    read(house, [WORK, OTHER])

    assert answer(house, young) == (
        "folded",
        f"“Tea” is the event {old.key[:8]}, which moved to its calendar; it goes on as that one.",
    )
    assert typed(house, young)[0] == f"explain {old.key[:8]}"


@pytest.mark.feature("E2")
def test_an_exception_goes_with_its_series(house: House, tea: Event) -> None:
    series = house.add(said(recurrence=DAILY))
    changed = edit.change_occurrence(
        house.store,
        house.means,
        series.id,
        THIRD,
        said("Soup", start="2027-05-06T15:00:00Z", end="2027-05-06T16:00:00Z"),
    )
    house.settle()
    house.delete_there(series)
    house.settle()

    code, text = answer(house, changed)
    assert code == "deleted-with-series"
    assert text.startswith("“Soup” was deleted with its series in Google (its series was deleted) on 2027-01-15")
    assert typed(house, changed)[0] == f"events restore {series.key[:8]}"


def test_a_deletion_that_the_history_has_forgotten_says_so(house: House, lunch: Event) -> None:
    house.delete(lunch)
    house.settle()
    house.store.connection.execute("DELETE FROM version")

    assert answer(house, lunch) == (
        "deleted",
        "“Lunch” was deleted on 2027-01-15 09:06 CET, on both sides; by whom is no longer kept.",
    )
    assert explained(house, lunch).where[0].text == "Made here; by whom and when is no longer kept."
    assert typed(house, lunch) == [f"events restore {lunch.key[:8]}"]


def test_a_deletion_that_beat_an_edit_offers_the_edit_back(house: House, tea: Event) -> None:
    house.google.put(WORK, timed("theirs", "Theirs"))
    house.sync()
    event = house.event("theirs")
    house.change(event, summary="Mine")
    house.google.delete(WORK, "theirs")
    house.sync()

    assert answer(house, event)[0] == "deleted-in-google"
    assert waits(house, event)["conflict"] == (
        "“Mine” was changed here (title) before Google's deletion came on 2027-01-15 09:08 CET: the deletion stands."
    )
    assert any(one.startswith("review restore c") for one in typed(house, event))


@pytest.mark.feature("E2")
def test_what_was_brought_back_says_by_whom(house: House, lunch: Event) -> None:
    house.delete(lunch)
    house.settle()
    restore_event(house.store, house.means, lunch.id)
    house.settle()

    assert answer(house, lunch) == (
        "restored",
        "“Lunch” was deleted, and brought back on 2027-01-15 09:11 CET (agent:jane restored it).",
    )


def test_a_settled_conflict_is_answered_no_more_but_stays_told(house: House, lunch: Event, tea: Event) -> None:
    house.change(lunch, summary="Soup")
    house.delete_there(lunch)
    house.settle()
    assert answer(house, lunch)[0] == "conflict"

    decide(house)
    assert answer(house, lunch) == (
        "revived",
        "“Soup” was deleted in Google while it was edited here: the edit stands, on 2027-01-15 09:12 CET.",
    )
    assert runs.open_conflicts(house.store) == []


def test_a_copy_that_no_link_holds_any_more_is_left_behind(house: House) -> None:
    native = house.native()
    house.link(native, house.home())
    event = house.add(calendar=native)
    house.settle()
    house.store.connection.execute("DELETE FROM link")

    (line,) = [one.text for one in explained(house, event).where if one.code == "left-behind"]
    assert line == (
        "It also stands on “work-calendar” of work@example.com (two-way), and no link keeps it up to date "
        "there any more."
    )
