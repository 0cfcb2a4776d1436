"""What the proofs found, each as a test of its own: it stays mended."""

from __future__ import annotations

import pytest

from calsyncctl.errors import Later
from calsyncctl.model.calendar import Calendar
from calsyncctl.model.copy import CopyState
from calsyncctl.model.event import Attendee, Body, Event
from calsyncctl.store import copies
from calsyncctl.sync.editing import edit
from calsyncctl.sync.editing.restoring import restore_event
from calsyncctl.sync.provider import Delete, Insert, Patch
from tests.proofs.state import disagreements
from tests.support.memory import timed
from tests.sync.desk import WORK
from tests.sync.house import House, said
from tests.sync.lunches import DAILY, THIRD, cancel_third, change_third, move_there
from tests.sync.test_moved_there import there_moved

FOURTH = THIRD.replace("0506", "0507")
NOON = ("2027-05-04T12:00:00Z", "2027-05-04T13:00:00Z")
_OURS = Body(organizer="team-calendar", organizer_self=True)


def test_a_meet_is_still_looked_for_when_the_answer_to_its_insert_was_lost(house: House) -> None:
    house.google.habits.meet = "pending"
    event = house.add(meet=True)
    house.google.lose_answer(kind=Insert)
    house.sync()

    house.sync()

    assert house.text(event).body.meet
    house.settle()


def test_an_edit_in_google_of_a_copy_that_leaves_is_kept_when_its_event_is_deleted(house: House) -> None:
    native, other = house.native(), house.calendar("other-calendar")
    house.link(native, other)
    event = house.add(calendar=native)
    house.settle()

    house.edit_there(event, other, summary="Soup")
    edit.move_event(house.store, house.means, event.id, house.home())
    house.delete(event)
    house.settle()

    assert house.lost(event)["summary"] == "Soup"
    assert house.google.alive("other-calendar") == {}


def test_an_occurrence_cancelled_on_one_calendar_and_changed_on_another_stands_on_both(
    house: House, linked: tuple[Event, Calendar, Calendar]
) -> None:
    series, side, team = linked
    house.edit_occurrence_there(series, THIRD, team, summary="Soup")
    house.cancel_occurrence_there(series, THIRD, side)

    house.settle()

    said_there = [house.occurrence_there(series, THIRD, calendar).content for calendar in (side, team)]
    assert [one.summary for one in said_there if one is not None] == ["Soup", "Soup"]


def test_an_event_deleted_here_and_changed_on_one_calendar_comes_back_on_the_other(
    house: House, linked: tuple[Event, Calendar, Calendar]
) -> None:
    series, side, team = linked
    house.delete(series)
    house.edit_there(series, team, summary="Soup")

    house.settle()

    assert house.there_is(series, side).summary == house.there_is(series, team).summary == "Soup"


def test_guests_come_along_to_a_linked_calendar_that_becomes_home(
    house: House, linked: tuple[Event, Calendar, Calendar]
) -> None:
    series, side, team = linked
    house.change(series, attendees=(Attendee("ann@example.com"),))
    house.settle()

    edit.move_event(house.store, house.means, series.id, side)
    edit.move_event(house.store, house.means, series.id, team)
    house.settle()

    assert [guest.email for guest in house.there_is(series, team).body.attendees] == ["ann@example.com"]


@pytest.mark.parametrize("applied", [True, False])
def test_an_occurrence_changed_on_one_calendar_is_not_taken_back_when_the_answer_of_the_other_is_lost(
    house: House, linked: tuple[Event, Calendar, Calendar], applied: bool
) -> None:
    series, side, team = linked
    house.edit_occurrence_there(series, THIRD, side, summary="Soup")
    house.google.lose_answer(kind=Patch, applied=applied)

    house.settle()

    said_there = [house.occurrence_there(series, THIRD, calendar).content for calendar in (side, team)]
    assert [one.summary for one in said_there if one is not None] == ["Soup", "Soup"]


def test_exceptions_are_gone_with_the_copy_of_their_series_that_left(
    house: House, linked: tuple[Event, Calendar, Calendar]
) -> None:
    series, side, team = linked
    house.edit_occurrence_there(series, THIRD, side, summary="Soup")
    edit.move_event(house.store, house.means, series.id, team)

    house.settle()

    left = copies.exceptions_on(house.store, side.id, house.copy(series, side).google_id)
    assert [one.copy.state for one in left] == [CopyState.DELETED]


@pytest.mark.parametrize("applied", [True, False])
def test_an_occurrence_cancelled_on_one_calendar_stays_so_when_the_answer_of_the_other_is_lost(
    house: House, linked: tuple[Event, Calendar, Calendar], applied: bool
) -> None:
    series, side, team = linked
    house.cancel_occurrence_there(series, THIRD, side)
    house.google.lose_answer(kind=Delete, applied=applied)

    house.settle()

    assert [house.occurrence_there(series, THIRD, calendar).content for calendar in (side, team)] == [None, None]


def test_an_occurrence_cancelled_here_stays_so_when_its_deleted_series_comes_back_by_an_edit_there(
    house: House, linked: tuple[Event, Calendar, Calendar]
) -> None:
    series, side, team = linked
    third = cancel_third(house, series)
    house.delete(series)
    house.edit_there(series, side, summary="Soup")

    house.settle()

    assert (house.fresh(third).status, house.fresh(third).deleted) == ("cancelled", None)
    assert [house.occurrence_there(series, THIRD, calendar).content for calendar in (side, team)] == [None, None]


def test_a_cancellation_without_an_answer_is_told_again_when_its_series_comes_back(house: House) -> None:
    series = house.add(said(recurrence=DAILY))
    house.settle()
    third = cancel_third(house, series)
    house.google.lose_answer(kind=Delete, applied=False)
    house.sync()
    house.change(series, description="Hot")
    house.delete_there(series)

    house.settle()

    assert house.fresh(third).status == "cancelled"
    assert house.occurrence_there(series, THIRD, house.home()).content is None


def test_an_occurrence_cancelled_in_google_stays_so_when_its_series_is_restored(
    house: House, linked: tuple[Event, Calendar, Calendar]
) -> None:
    series, side, team = linked
    house.cancel_occurrence_there(series, THIRD, team)
    house.settle()
    house.delete_there(series, side)
    house.settle()

    restore_event(house.store, house.means, series.id)
    house.settle()

    assert [house.occurrence_there(series, THIRD, calendar).content for calendar in (side, team)] == [None, None]


def test_a_first_change_without_an_answer_outlives_another_title_of_its_series(house: House) -> None:
    series = house.add(said(recurrence=DAILY))
    house.settle()
    third = change_third(house, series)
    house.google.lose_answer(kind=Patch, applied=False)
    house.sync()
    house.edit_there(series, summary="Brunch")

    house.settle()

    assert (house.text(series).summary, house.text(third).summary) == ("Brunch", "Soup")
    said_there = house.occurrence_there(series, THIRD, house.home()).content
    assert said_there is not None
    assert said_there.summary == "Soup"


def test_an_echo_of_an_exception_does_not_bring_it_back_where_its_series_has_left(
    house: House, linked: tuple[Event, Calendar, Calendar]
) -> None:
    series, side, _ = linked
    third = change_third(house, series)
    house.sync()
    edit.move_event(house.store, house.means, series.id, side)
    move_there(house, series, side)

    house.settle()

    assert house.fresh(third).deleted is not None
    assert house.google.alive("team-calendar") == {}


@pytest.mark.parametrize("here", [True, False])
def test_what_google_said_of_an_exception_that_leaves_with_its_series_is_kept(
    house: House, linked: tuple[Event, Calendar, Calendar], here: bool
) -> None:
    series, side, team = linked
    third = change_third(house, series)
    house.settle()
    house.edit_there(third, team, summary="Stew")
    if here:
        edit.move_event(house.store, house.means, series.id, side)
    else:
        for item in list(house.google.alive("side-calendar").values()):
            house.google.put("work-calendar", item)
        house.google.delete("side-calendar", house.copy(series, side).google_id, exceptions=True)

    house.settle()

    assert house.text(third).summary == "Stew" or "Stew" in house.lost(third).values()
    assert house.google.alive("team-calendar") == {}


def test_a_copy_whose_deletion_was_never_sent_goes_when_the_event_moves_on(
    house: House, linked: tuple[Event, Calendar, Calendar]
) -> None:
    series, side, team = linked
    house.delete(series)
    house.edit_there(series, side, summary="Edited there")  # it lives on, then
    house.google.fail_next(Later("Away."), method="get_events")
    house.sync()  # the other calendar hears nothing of it

    edit.move_event(house.store, house.means, series.id, house.now(side))
    house.settle()

    assert [len(house.google.alive(str(one.google_id))) for one in (side, team)] == [1, 0]


def test_what_changed_since_a_cut_off_pull_is_read_before_anything_is_pushed(house: House) -> None:
    series, other = house.add(said(recurrence=DAILY)), house.calendar("other-calendar")
    house.settle()
    for number in range(60):  # more than a page
        house.google.put(WORK, timed(f"more{number:04}", "More", "2027-05-20T09:00:00Z", "2027-05-20T10:00:00Z"))
    house.google.before_next(lambda: None)
    house.google.before_next(lambda: house.google.fail_next(Later("Away."), method="list_events"))
    house.sync()
    assert house.home().page is not None

    house.edit_occurrence_there(series, "20270505T120000Z", summary="Soup")
    edit.move_event(house.store, house.means, series.id, other)
    house.settle()

    assert "Soup" in str(house.google.alive("other-calendar"))


def test_a_deleted_event_that_is_taken_out_of_the_bin_where_it_was_before_lives_there(house: House) -> None:
    event, other = house.add(), house.calendar("other-calendar")
    house.settle()
    before = house.remote(event)
    assert before is not None
    edit.move_event(house.store, house.means, event.id, other)
    house.settle()
    house.delete(event)
    house.settle()

    house.google.put(WORK, before)
    house.settle()

    assert (house.fresh(event).calendar_id, house.fresh(event).deleted) == (house.home().id, None)
    assert [len(house.google.alive(name)) for name in (WORK, "other-calendar")] == [1, 0]


def test_a_links_copy_moved_in_google_while_another_is_deleted_there_is_where_its_event_lives(
    house: House, linked: tuple[Event, Calendar, Calendar]
) -> None:
    """Restored as an event of its own it stood twice: where it had been, and where it was moved to."""
    series, side, team = linked
    item = house.remote(series, team)
    assert item is not None
    house.google.put(WORK, item)
    house.google.delete("team-calendar", item.google_id)
    house.delete_there(series, side)

    house.settle()

    assert (house.fresh(series).calendar_id, house.fresh(series).deleted) == (house.home().id, None)
    assert [len(house.google.alive(name)) for name in (WORK, "side-calendar", "team-calendar")] == [1, 0, 0]


def test_a_copy_that_was_to_go_and_moves_on_beside_the_one_that_stays_goes_there(
    house: House, linked: tuple[Event, Calendar, Calendar]
) -> None:
    series, side, team = linked
    stays, went = house.copy(series, side).google_id, house.copy(series, team).google_id
    there_moved(house, went, "team-calendar", "side-calendar")
    house.google.fail_next(Later("Away."), method="write_events", times=2)
    house.sync()  # it is to go from there
    for name in (went, stays):
        there_moved(house, name, "side-calendar", "team-calendar")

    house.settle()

    assert disagreements(house) == []
    assert set(house.google.alive("team-calendar")) == {stays}


def test_a_links_copies_that_change_places_in_google_while_their_event_moves_to_one_stand_once_each(
    house: House, linked: tuple[Event, Calendar, Calendar]
) -> None:
    series, side, team = linked
    first, second = house.copy(series, side).google_id, house.copy(series, team).google_id
    there_moved(house, second, "team-calendar", "side-calendar")
    there_moved(house, first, "side-calendar", "team-calendar")
    edit.move_event(house.store, house.means, series.id, side)
    house.change(series, summary="Soup")

    house.settle()

    assert disagreements(house) == []
    assert set(house.google.alive("side-calendar")) == {second}
    assert set(house.google.alive("team-calendar")) <= {first}
    assert house.fresh(series).deleted is None


def test_an_occurrence_edited_in_google_with_its_deleted_series_comes_back_on_the_links_other_calendar_too(
    house: House, linked: tuple[Event, Calendar, Calendar]
) -> None:
    series, side, team = linked
    third = change_third(house, series)
    house.settle()
    house.delete(series)
    house.edit_there(series, team, summary="Brunch")
    house.edit_there(third, team, summary="Stew")

    house.settle()

    assert disagreements(house) == []
    assert house.there_is(third, side).summary == "Stew"


def test_what_moved_in_google_returns_under_an_id_of_its_own_where_a_link_wants_it_beside_its_new_place(
    house: House,
) -> None:
    """One id and one iCalUID on two calendars would be one meeting twice."""
    native, side, team = house.native(), house.calendar("side-calendar"), house.calendar("team-calendar")
    for target in (side, team):
        house.link(native, target)
    house.google.put("team-calendar", timed("yoga0000", "Yoga", *NOON, recurrence=DAILY, body=_OURS))
    house.settle()
    yoga = house.event("yoga0000", "team-calendar")
    soup = change_third(house, yoga)
    house.settle()
    there_moved(house, "yoga0000", "team-calendar", "side-calendar")
    house.settle()
    gone = house.cancel_occurrence(yoga, FOURTH)
    house.settle()

    edit.move_event(house.store, house.means, yoga.id, native)
    house.settle()

    assert house.copy(yoga, side).google_id == "yoga0000" != house.copy(yoga, team).google_id
    for calendar in (side, team):
        assert house.there_is(soup, calendar).summary == "Soup"
        cancelled = house.remote(gone, calendar)
        assert cancelled is None or cancelled.content is None
    standing = [one for name in ("side-calendar", "team-calendar") for one in house.google.alive(name).values()]
    assert len({one.ical_uid for one in standing if one.master is None}) == 2
    assert disagreements(house) == []


def test_a_copy_without_guests_that_moves_onto_the_one_that_has_them_takes_none_away(
    house: House, linked: tuple[Event, Calendar, Calendar]
) -> None:
    series, side, team = linked
    house.change(series, attendees=(Attendee("ann@example.com"),))
    house.settle()
    mails = len(house.google.mails)
    house.edit_there(series, team, summary="Soup")
    there_moved(house, house.copy(series, team).google_id, "team-calendar", "side-calendar")

    house.settle()

    said = house.there_is(series, side)
    assert (said.summary, [guest.email for guest in said.body.attendees]) == ("Soup", ["ann@example.com"])
    assert [mail.what for mail in house.google.mails[mails:]] in ([], ["patch"])
    assert disagreements(house) == []
