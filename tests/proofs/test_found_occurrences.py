"""What the proofs found about changed occurrences whose series leaves or moves, each as a test of its own."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from calsyncctl.errors import Later
from calsyncctl.model.calendar import Calendar
from calsyncctl.model.copy import CopyState
from calsyncctl.model.event import Attendee, Body, Event, When
from calsyncctl.store import events
from calsyncctl.sync.choice import Policy
from calsyncctl.sync.editing import edit
from calsyncctl.sync.editing.restoring import restore_event
from calsyncctl.sync.links import instance_id
from calsyncctl.sync.provider import Delete
from calsyncctl.sync.pushing.place import keep_deletion
from tests.proofs.state import disagreements
from tests.support.memory import timed
from tests.sync.desk import WORK
from tests.sync.house import House, said
from tests.sync.lunches import AT_FOUR, DAILY, THIRD, cancel_third, change_third, move_there
from tests.sync.test_moved_there import read, there_moved


def test_what_google_says_of_an_occurrence_that_its_moved_series_dropped_is_kept_when_the_series_leaves(
    house: House, linked: tuple[Event, Calendar, Calendar]
) -> None:
    series, side, team = linked
    third = change_third(house, series)
    move_there(house, series, team)
    house.sync()
    assert house.fresh(third).deleted is not None

    edit.move_event(house.store, house.means, series.id, house.home())
    house.edit_there(third, side, summary="Stew")
    house.settle()

    assert house.lost(third)["summary"] == "Stew"
    assert house.google.alive("side-calendar") == {}


@pytest.mark.parametrize("changed", ["before", "meanwhile", "after"])
@pytest.mark.parametrize("cancels", [False, True])
def test_what_was_told_of_an_occurrence_where_its_series_came_back_is_told_where_it_went(
    house: House, changed: str, cancels: bool
) -> None:
    other, series = house.calendar("other-calendar"), house.add(said(recurrence=DAILY))
    house.settle()
    if changed == "before":
        change_third(house, series, "Stew")
        house.settle()
    house.change(series, description="Hot")
    there_moved(house, house.copy(series).google_id, to="other-calendar")

    def act() -> Event:
        return cancel_third(house, series) if cancels else change_third(house, series)

    third = act() if changed != "after" else None
    read(house, [WORK, WORK])  # the other calendar is out of reach: the series is brought back
    assert house.there_is(series).body.description == "Hot"
    third = third or act()
    read(house, [WORK, "other-calendar"])
    house.settle()

    assert house.fresh(series).calendar_id == other.id
    there = house.google.find("other-calendar", house.copy(third, other).google_id)
    assert there is not None
    assert (there.content.summary if there.content is not None else None) == (None if cancels else "Soup")


def test_an_occurrence_that_was_changed_before_stays_cancelled_when_its_series_is_edited_with_it(house: House) -> None:
    series = house.add(said(recurrence=DAILY))
    third = change_third(house, series)
    house.settle()

    house.change(series, description="Hot")
    cancel_third(house, series)
    house.settle()

    assert house.fresh(third).status == "cancelled"
    there = house.google.find(WORK, house.copy(third).google_id)
    assert there is not None
    assert there.content is None


TEA = timed(
    "tea00000",
    "Lunch",
    "2027-05-04T12:00:00Z",
    "2027-05-04T13:00:00Z",
    recurrence=DAILY,
    body=Body(organizer=WORK, organizer_self=True),
)
LONGER = When("2027-05-04T12:00:00Z", "2027-05-04T14:00:00Z", "UTC", DAILY)


@pytest.fixture(params=["made here", "made in Google"])
def series(house: House, request: pytest.FixtureRequest) -> Event:
    """A series of the two-way calendar that both sides agree on."""
    if request.param == "made here":
        made = house.add(said(recurrence=DAILY))
        house.settle()
        return made
    house.google.put(WORK, TEA)
    house.settle()
    return house.event("tea00000")


@pytest.mark.parametrize("summary", ["Lunch", "Soup"])
@pytest.mark.parametrize("cancelled", [True, False])
def test_an_occurrence_that_nobody_was_told_of_follows_what_its_series_is_edited_to_in_google(
    house: House, series: Event, summary: str, cancelled: bool
) -> None:
    if cancelled:
        cancel_third(house, series)  # and it takes place after all
    third = change_third(house, series, summary)
    house.edit_there(series, description="Hot")
    move_there(house, series, house.home(), LONGER)

    house.settle()

    when = When("2027-05-06T12:00:00Z", "2027-05-06T14:00:00Z", "UTC")
    if third.id != series.id:  # else nothing was changed of it
        assert (house.text(third).summary, house.text(third).body.description, house.text(third).when) == (
            summary,
            "Hot",
            when,
        )
    there = house.occurrence_there(series, THIRD)
    assert there.content is not None
    assert (there.content.summary, there.content.body.description, there.content.when) == (summary, "Hot", when)
    assert disagreements(house) == []


def test_an_occurrence_taken_back_untold_keeps_its_words_when_its_series_is_renamed(
    house: House, series: Event
) -> None:
    cancel_third(house, series)
    third = change_third(house, series)
    house.edit_there(series, summary="Brunch")

    house.settle()

    assert house.text(third).summary == house.there_is(third).summary == "Soup"
    assert house.lost(third) == {}


def test_of_an_occurrence_cancelled_and_taken_back_before_a_sync_google_hears_nothing(
    house: House, series: Event
) -> None:
    cancel_third(house, series)
    change_third(house, series, "Lunch")
    before = house.written()

    house.settle()

    assert house.written() == before
    assert disagreements(house) == []


def test_what_has_no_place_in_a_series_that_comes_back_at_other_times_stays_gone(
    house: House, linked: tuple[Event, Calendar, Calendar]
) -> None:
    series, _, team = linked
    fourth = replace(
        house.text(series), summary="Soup", when=When("2027-05-07T12:00:00Z", "2027-05-07T13:00:00Z", "UTC")
    )
    soup = edit.change_occurrence(house.store, house.means, series.id, "20270507T120000Z", fourth)
    third = cancel_third(house, series)
    house.delete(series)
    move_there(house, series, team)
    house.settle()
    assert house.text(series).when == AT_FOUR
    assert [house.fresh(one).deleted is not None for one in (third, soup)] == [True, True]
    assert house.lost(soup) == {"deleted": False}

    house.change(series, when=When("2027-05-04T12:00:00Z", "2027-05-04T13:00:00Z", "UTC", DAILY))
    house.settle()

    assert disagreements(house) == []


def test_what_has_no_place_in_a_series_that_is_restored_at_earlier_times_stays_gone(house: House) -> None:
    series = house.add(said(recurrence=DAILY))
    house.change(series, when=AT_FOUR)
    third = house.cancel_occurrence(series, "20270506T160000Z")
    house.settle()
    house.delete(series)
    house.settle()

    restore_event(house.store, house.means, series.id, 1)
    house.settle()

    assert house.fresh(third).deleted is not None
    assert disagreements(house) == []


def test_what_was_changed_on_a_link_and_not_told_at_the_new_home_yet_is_told_where_google_moves_that(
    house: House, linked: tuple[Event, Calendar, Calendar]
) -> None:
    series, side, team = linked
    house.edit_occurrence_there(series, THIRD, side, summary="Soup")
    edit.move_event(house.store, house.means, series.id, house.home())
    house.google.fail_next(Later("Away."), method="get_events", times=2)
    house.sync()

    there_moved(house, house.copy(series, house.home()).google_id, to="team-calendar")
    house.settle()

    there = house.occurrence_there(series, THIRD, team)
    assert there.content is not None
    assert there.content.summary == "Soup"
    assert disagreements(house) == []


@pytest.mark.parametrize("how", ["restored here", "edited in Google", "moved in Google"])
def test_what_ended_just_before_its_series_was_deleted_does_not_come_back_with_it(
    house: House, linked: tuple[Event, Calendar, Calendar], how: str
) -> None:
    series, side, team = linked
    third = change_third(house, series)
    house.change(series, when=AT_FOUR)  # what was changed of the third at noon is said again of the third at four
    house.delete(series)  # within the same second

    if how == "restored here":
        restore_event(house.store, house.means, series.id)
    elif how == "edited in Google":
        house.edit_there(series, team, description="Hot")
    else:
        there_moved(house, house.copy(series, side).google_id, from_="side-calendar", to=WORK)
    house.settle()

    assert house.fresh(series).deleted is None
    assert house.fresh(third).deleted is not None
    assert disagreements(house) == []


def test_what_was_cancelled_of_one_copy_goes_from_the_other_that_takes_its_place(
    house: House, linked: tuple[Event, Calendar, Calendar]
) -> None:
    """One link's copy moves to where the other stood, which moved on before that."""
    series, side, team = linked
    first, second = house.copy(series, side).google_id, house.copy(series, team).google_id
    there_moved(house, first, "side-calendar", "team-calendar")
    there_moved(house, second, "team-calendar", WORK)
    house.google._apply(house.google._calendars[WORK], Delete(google_id=instance_id(second, THIRD), etag=None))

    house.settle()

    assert disagreements(house) == []
    assert set(house.google.alive("team-calendar")) == {first}
    third = house.google.find("team-calendar", instance_id(first, THIRD))
    assert third is not None
    assert third.content is None


def test_an_occurrence_changed_in_google_just_before_its_series_moves_on_both_sides_stands_once(house: House) -> None:
    team = house.calendar("team-calendar", email="support@example.com")
    series = house.add(said(recurrence=DAILY))
    house.settle()
    name = house.copy(series).google_id
    house.edit_occurrence_there(series, THIRD, summary="Soup")
    there_moved(house, name, to="team-calendar")
    edit.move_event(house.store, house.means, series.id, team)

    house.settle()

    assert disagreements(house) == []
    assert house.google.alive(WORK) == {}
    assert "Soup" in {one.content.summary for one in house.google.alive("team-calendar").values() if one.content}


def test_an_occurrence_that_went_with_its_series_stays_gone_whatever_its_own_deletion_is_answered(
    house: House, linked: tuple[Event, Calendar, Calendar]
) -> None:
    series, side, team = linked
    soup = change_third(house, series)
    house.settle()
    edit.move_event(house.store, house.means, series.id, team)
    house.settle()
    gone = house.copy(soup, side)

    with house.store.write():
        keep_deletion(house.store, gone.id, house.fresh(soup).version, house.clock.now())

    assert (gone.state, house.copy(soup, side)) == (CopyState.DELETED, gone)


def test_what_goes_again_beside_its_event_takes_an_untold_occurrence_along_to_other_times(
    house: House, linked: tuple[Event, Calendar, Calendar]
) -> None:
    """Both of a link's copies move to one calendar, where one gets other times and lacks the occurrence."""
    series, side, team = linked
    third = change_third(house, series)
    first, second = house.copy(series, side).google_id, house.copy(series, team).google_id
    there_moved(house, second, "team-calendar", WORK)
    there_moved(house, first, "side-calendar", WORK)
    house.google._apply(house.google._calendars[WORK], Delete(google_id=instance_id(first, THIRD), etag=None))
    now = house.google.alive(WORK)[second]
    assert now.content is not None
    house.google.put(WORK, replace(now, content=replace(now.content, when=AT_FOUR)))

    house.settle()

    assert disagreements(house) == []
    assert house.text(series).when == AT_FOUR
    assert house.fresh(third).deleted is not None


def test_an_occurrence_of_what_somebody_pasted_on_an_inviting_copy_has_guests_where_its_series_has_them(
    house: House, linked: tuple[Event, Calendar, Calendar]
) -> None:
    """What is pasted bears our mark from its first push on, and stays made in Google all the same."""
    series, side, _ = linked
    original = house.google.alive("side-calendar")[house.copy(series, side).google_id]
    assert original.content is not None
    own = replace(original, google_id="pasted00", ical_uid="pasted00@google.com")
    house.google.put("side-calendar", replace(own, content=replace(original.content, summary="Tea")))
    house.settle()
    tea = house.event("pasted00", "side-calendar")
    house.edit_occurrence_there(tea, THIRD, side, summary="Green tea")
    house.change(tea, attendees=(Attendee("ann@example.com"),))

    house.settle()

    (third,) = events.exceptions_of(house.store, tea.id)
    assert (third.origin, house.text(third).summary) == (house.fresh(tea).origin, "Green tea")
    assert disagreements(house) == []


def test_what_is_said_of_an_untold_occurrence_of_a_series_that_is_brought_back_and_goes_again_is_kept(
    house: House,
) -> None:
    team, side = house.calendar("team-calendar"), house.calendar("side-calendar")
    series = house.add(said(recurrence=DAILY), team)
    house.settle()
    third = change_third(house, series)
    edit.move_event(house.store, house.means, series.id, side)
    house.settle()
    house.google.revive("team-calendar", house.copy(series, team).google_id)
    house.edit_occurrence_there(series, THIRD, team, summary="Stew")
    house.prefer(Policy.LOCAL_WINS)

    house.settle()

    assert house.lost(third)["summary"] == "Stew"
    assert (house.google.alive("team-calendar"), disagreements(house)) == ({}, [])


@pytest.mark.parametrize("mover", ["here", "in Google"])
def test_an_occurrences_own_guests_come_along_to_a_linked_calendar_that_becomes_home(
    house: House, linked: tuple[Event, Calendar, Calendar], mover: str
) -> None:
    series, side, team = linked
    third = house.change_occurrence(series, THIRD, attendees=(Attendee("ann@example.com"),))
    house.settle()
    if mover == "here":
        edit.move_event(house.store, house.means, series.id, team)
    else:
        there_moved(house, house.copy(series, side).google_id, "side-calendar", "team-calendar")

    house.settle()

    assert [guest.email for guest in house.there_is(third, team).body.attendees] == ["ann@example.com"]
    assert disagreements(house) == []
