"""Deleted on one side while the other goes on with it: series with their exceptions, lost answers, things by Google."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from calsyncctl.model.event import Attendee, Body, Event, When
from calsyncctl.sync.editing import edit
from calsyncctl.sync.editing.restoring import restore_event
from calsyncctl.sync.provider import Answer, Delete, Insert, Patch, Write
from tests.support.memory import timed
from tests.sync.desk import ME, WORK
from tests.sync.house import House, said

THIRD = "20270506T120000Z"
DAILY = ("RRULE:FREQ=DAILY;COUNT=6",)


def moved(house: House, series: Event) -> Event:
    """The third occurrence, three hours later."""
    when = When("2027-05-06T15:00:00Z", "2027-05-06T16:00:00Z", "UTC")
    content = replace(house.text(series), summary="Moved", when=when)
    return edit.change_occurrence(house.store, house.means, series.id, THIRD, content)


class Meanwhile:
    """A provider with which somebody edits an event just before the first write."""

    def __init__(self, house: House, event: Event) -> None:
        self._house, self._event = house, event
        self._provider = house.google.provider(ME)
        self._edited = False

    def __getattr__(self, name: str) -> object:
        return getattr(self._provider, name)

    def write_events(self, calendar: str, writes: tuple[Write, ...]) -> tuple[Answer, ...]:
        if not self._edited:
            self._edited = True
            self._house.edit_there(self._event, summary="Stew")
        return self._provider.write_events(calendar, writes)


@pytest.fixture
def series(house: House) -> Event:
    made = house.add(said(recurrence=DAILY))
    house.settle()
    return made


@pytest.fixture
def third(house: House, series: Event) -> Event:
    made = moved(house, series)
    house.settle()
    return made


def test_a_series_deleted_here_and_edited_there_comes_back_with_its_exceptions(
    house: House, series: Event, third: Event
) -> None:
    house.delete(series)
    house.edit_there(series, summary="Stew")

    house.settle()

    assert house.text(series).summary == house.there_is(series).summary == "Stew"
    assert (house.fresh(third).deleted, house.fresh(third).status) == (None, "confirmed")
    assert house.text(third).summary == house.there_is(third).summary == "Moved"
    assert house.there_is(third).when.start == "2027-05-06T15:00:00Z"


def test_a_series_edited_there_just_before_its_deletion_is_sent_keeps_its_exceptions(
    house: House, series: Event, third: Event
) -> None:
    house.delete(series)
    house.wrap[ME] = Meanwhile(house, series)  # type: ignore[assignment]

    house.settle()

    assert house.text(series).summary == "Stew"
    assert (house.fresh(third).deleted, house.fresh(third).status) == (None, "confirmed")
    assert house.text(third).summary == house.there_is(third).summary == "Moved"


def test_an_exception_edited_there_with_its_series_comes_back_as_it_says_there(
    house: House, series: Event, third: Event
) -> None:
    house.delete(series)
    house.edit_there(series, summary="Stew")
    house.edit_there(third, location="Canteen")

    house.settle()

    assert house.text(third).body.location == house.there_is(third).body.location == "Canteen"
    assert house.fresh(third).deleted is None


def test_an_exception_cancelled_there_stays_so_when_its_series_comes_back(
    house: House, series: Event, third: Event
) -> None:
    house.delete(series)
    house.edit_there(series, summary="Stew")
    house.delete_there(third)

    house.settle()

    assert (house.fresh(third).deleted, house.fresh(third).status) == (None, "cancelled")
    assert house.text(series).summary == "Stew"


@pytest.mark.parametrize("told", [True, False])
def test_a_series_edited_here_and_deleted_there_keeps_its_exceptions(
    house: House, series: Event, third: Event, *, told: bool
) -> None:
    house.change(series, summary="Stew")
    house.google.delete(WORK, house.copy(series).google_id, exceptions=told)

    house.settle()

    assert house.there_is(series).summary == "Stew"
    assert (house.fresh(third).deleted, house.fresh(third).status) == (None, "confirmed")
    assert house.there_is(third).summary == "Moved"


def test_exceptions_come_back_though_the_answer_to_their_series_revival_is_lost(house: House) -> None:
    native = house.native()
    house.link(native, house.home(), when_deleted="republish")
    series = house.add(said(recurrence=DAILY), native)
    third = moved(house, series)
    house.settle()
    house.google.delete(WORK, house.copy(series, house.home()).google_id, exceptions=True)
    house.settle()

    house.change(series, summary="Stew")
    house.google.lose_answer(kind=Patch)
    house.sync()
    house.settle()

    assert house.there_is(series, house.home()).summary == "Stew"
    assert house.there_is(third, house.home()).summary == "Moved"


@pytest.mark.parametrize("applied", [True, False])
def test_an_event_restored_after_an_unanswered_deletion_stays(house: House, *, applied: bool) -> None:
    event = house.add()
    house.settle()
    house.delete(event)
    house.google.lose_answer(kind=Delete, applied=applied)
    house.sync()

    restore_event(house.store, house.means, event.id)
    house.settle()

    assert house.fresh(event).deleted is None
    assert house.there_is(event).summary == "Lunch"


def test_an_occurrence_restored_after_an_unanswered_cancellation_stays(house: House, series: Event) -> None:
    third = house.cancel_occurrence(series, THIRD)
    house.google.lose_answer(kind=Delete)
    house.sync()

    restore_event(house.store, house.means, third.id)
    house.settle()

    assert house.fresh(third).status == "confirmed"
    assert house.there_is(third).when.start == "2027-05-06T12:00:00Z"


def test_a_series_restored_after_an_unanswered_deletion_keeps_its_exceptions(
    house: House, series: Event, third: Event
) -> None:
    house.delete(series)
    house.google.lose_answer(kind=Delete)
    house.sync()

    restore_event(house.store, house.means, series.id)
    house.settle()

    assert house.there_is(series).summary == "Lunch"
    assert (house.fresh(third).deleted, house.fresh(third).status) == (None, "confirmed")
    assert house.there_is(third).summary == "Moved"


def test_a_deletion_in_google_after_a_restored_event_came_back_counts(house: House) -> None:
    event = house.add()
    house.settle()
    house.delete(event)
    house.google.lose_answer(kind=Delete)
    house.sync()
    restore_event(house.store, house.means, event.id)
    house.settle()

    house.delete_there(event)
    house.settle()

    assert house.fresh(event).deleted is not None


@pytest.mark.parametrize("meet", [False, True])
def test_an_event_deleted_here_before_its_insert_was_answered_stays_deleted(house: House, *, meet: bool) -> None:
    event = house.add(said(guests=("ann@example.com",)), meet=meet)
    house.google.lose_answer(kind=Insert)
    house.sync()

    house.delete(event)
    house.settle()

    assert house.fresh(event).deleted is not None
    assert house.google.alive(WORK) == {}


def test_a_meet_that_comes_late_does_not_undo_a_deletion(house: House) -> None:
    house.google.habits.meet = "pending"
    event = house.add(said(), meet=True)
    house.sync()
    house.delete(event)
    house.google.provider(ME).get_events(WORK, (house.copy(event).google_id,))

    house.settle()

    assert house.fresh(event).deleted is not None
    assert house.google.alive(WORK) == {}


def replies(house: House, event: Event, **values: object) -> None:
    guests = house.there_is(event).body.attendees
    house.edit_there(event, attendees=tuple(replace(guest, **values) for guest in guests))


def test_the_reply_of_a_guest_does_not_undo_a_deletion(house: House) -> None:
    event = house.add(said(guests=("ann@example.com",)))
    house.settle()
    house.delete(event)
    replies(house, event, reply="declined")

    house.settle()

    assert house.fresh(event).deleted is not None
    assert house.google.alive(WORK) == {}


def test_the_reply_of_a_guest_undoes_no_deletion_that_came_after_an_edit_of_the_guests(house: House) -> None:
    event = house.add(said(guests=("ann@example.com", "bob@example.com")))
    house.settle()
    house.change(event, attendees=(Attendee("ann@example.com"),))
    house.delete(event)
    replies(house, event, reply="declined")

    house.settle()

    assert house.fresh(event).deleted is not None


def test_ones_own_reply_in_google_undoes_a_deletion(house: House) -> None:
    house.google.put(WORK, timed("a1", body=Body(attendees=(Attendee(ME, self=True),))))
    house.settle()
    event = house.event("a1")
    house.delete(event)
    replies(house, event, reply="accepted")

    house.settle()

    assert house.fresh(event).deleted is None


@pytest.mark.parametrize("email", ["ann@example.com", "bob@example.com"])
def test_whom_somebody_invites_in_google_undoes_a_deletion(house: House, email: str) -> None:
    event = house.add(said(guests=("ann@example.com",)))
    house.settle()
    house.delete(event)
    if email.startswith("bob"):
        house.edit_there(event, attendees=(*house.there_is(event).body.attendees, Attendee(email)))
    else:
        replies(house, event, optional=True)

    house.settle()

    assert house.fresh(event).deleted is None
    assert house.text(event).body.attendees == house.there_is(event).body.attendees
