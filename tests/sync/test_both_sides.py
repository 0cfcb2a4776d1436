"""Both sides changed, or one changed what the other deleted: nothing is lost, and both end up saying the same."""

from __future__ import annotations

import pytest

from calsyncctl.errors import Later
from calsyncctl.model.event import Attendee, Event
from calsyncctl.store import runs
from calsyncctl.sync.choice import Policy
from calsyncctl.sync.provider import Delete, Insert, Patch
from tests.sync.house import House, said


@pytest.fixture
def event(house: House) -> Event:
    made = house.add(said(description="With Ann"))
    house.sync_one()
    return made


def agree(house: House, event: Event) -> None:
    """Both sides say the same, and have nothing left to say."""
    house.settle()
    here, there = house.text(event), house.there_is(event)
    assert (here.summary, here.when, here.body) == (there.summary, there.when, there.body)


def test_different_fields_changed_on_both_sides_are_both_kept(house: House, event: Event) -> None:
    house.change(event, summary="Soup")
    house.edit_there(event, location="Canteen")

    house.sync_one()

    assert (house.text(event).summary, house.text(event).body.location) == ("Soup", "Canteen")
    assert house.lost(event) == {}
    agree(house, event)


@pytest.mark.parametrize(
    ("policy", "wins", "loses"), [("google-wins", "Salad", "Soup"), ("local-wins", "Soup", "Salad")]
)
def test_the_same_field_changed_on_both_sides_is_a_conflict_whose_loser_is_kept(
    house: House, event: Event, policy: str, wins: str, loses: str
) -> None:
    house.prefer(Policy(policy))
    house.change(event, summary="Soup")
    house.edit_there(event, summary="Salad")

    house.sync_one()

    assert house.text(event).summary == wins
    assert house.lost(event) == {"summary": loses}
    assert [row.event_id for row in runs.open_conflicts(house.store)] == [event.id]
    agree(house, event)


def test_both_to_the_same_is_no_conflict(house: House, event: Event) -> None:
    house.change(event, summary="Soup")
    house.edit_there(event, summary="Soup")

    house.sync_one()

    assert house.lost(event) == {}
    assert house.written() == 1
    agree(house, event)


def test_a_change_that_meets_another_in_flight_is_merged_and_written_again(house: House, event: Event) -> None:
    house.change(event, summary="Soup")
    house.google.before_next(lambda: None)  # the listing
    house.google.before_next(lambda: house.edit_there(event, location="Canteen"))

    house.sync_one()

    assert (house.there_is(event).summary, house.there_is(event).body.location) == ("Soup", "Canteen")
    agree(house, event)


def test_people_invited_on_both_sides_are_both_invited(house: House) -> None:
    event = house.add(said(guests=("ann@example.com",)))
    house.sync_one()
    house.change(event, attendees=(Attendee("ann@example.com"), Attendee("bob@example.com")))
    house.edit_there(event, attendees=(Attendee("ann@example.com", reply="accepted"), Attendee("cleo@example.com")))

    house.sync_one()

    replies = {guest.email: guest.reply for guest in house.there_is(event).body.attendees}
    assert replies == {
        "ann@example.com": "accepted",
        "bob@example.com": "needsAction",
        "cleo@example.com": "needsAction",
    }
    agree(house, event)


def test_an_edit_here_beats_a_deletion_in_google_and_the_event_comes_back(house: House, event: Event) -> None:
    house.change(event, summary="Soup")
    house.delete_there(event)

    house.sync_one()

    assert house.there_is(event).summary == "Soup"
    assert house.fresh(event).deleted is None
    assert "deleted" in house.lost(event)
    agree(house, event)


def test_where_google_brings_nothing_back_it_comes_back_under_a_fresh_id(house: House, event: Event) -> None:
    house.google.habits.undelete = False
    house.change(event, summary="Soup")
    house.delete_there(event)

    house.sync_one()

    assert house.copy(event).generation == 1
    assert house.there_is(event).summary == "Soup"
    agree(house, event)


def test_an_edit_in_google_beats_a_deletion_here(house: House, event: Event) -> None:
    house.delete(event)
    house.edit_there(event, summary="Salad")

    house.sync_one()

    assert house.fresh(event).deleted is None
    assert house.text(event).summary == "Salad"
    assert "deleted" in house.lost(event)
    agree(house, event)


def test_deleted_on_both_sides_is_gone_without_a_write(house: House, event: Event) -> None:
    house.delete(event)
    house.delete_there(event)

    house.settle()

    assert house.written() == 1
    assert house.copy(event).state == "deleted"


def test_a_deletion_in_google_deletes_here(house: House, event: Event) -> None:
    house.delete_there(event)

    house.sync_one()

    assert house.fresh(event).deleted is not None
    house.settle()


@pytest.mark.parametrize("applied", [True, False])
def test_an_insert_without_an_answer_is_one_event(house: House, applied: bool) -> None:
    house.google.lose_answer(applied=applied)
    event = house.add()

    house.sync()

    house.settle()
    assert len(house.there()) == 1
    assert house.there_is(event).summary == "Lunch"


def test_an_insert_without_an_answer_that_somebody_deleted_stays_deleted(house: House) -> None:
    house.google.lose_answer(kind=Insert)
    event = house.add()
    house.sync()
    house.delete_there(event)

    house.settle()

    assert house.there() == {}
    assert house.fresh(event).deleted is not None


@pytest.mark.parametrize("applied", [True, False])
def test_a_patch_without_an_answer_is_read_before_it_is_written_again(
    house: House, event: Event, applied: bool
) -> None:
    house.google.lose_answer(kind=Patch, applied=applied)
    house.change(event, summary="Soup")
    house.sync()
    house.edit_there(event, location="Canteen")

    house.settle()

    assert (house.there_is(event).summary, house.there_is(event).body.location) == ("Soup", "Canteen")
    assert house.lost(event) == {}
    agree(house, event)


@pytest.mark.parametrize("applied", [True, False])
def test_a_deletion_without_an_answer_is_done_once(house: House, event: Event, applied: bool) -> None:
    house.google.lose_answer(kind=Delete, applied=applied)
    house.delete(event)
    house.sync()

    house.settle()

    assert house.there() == {}


def test_an_edit_made_while_its_event_is_under_way_follows(house: House, event: Event) -> None:
    house.google.lose_answer(kind=Patch)
    house.change(event, summary="Soup")
    house.sync()
    house.change(event, summary="Soup of the day")

    house.settle()

    assert house.there_is(event).summary == "Soup of the day"
    assert house.lost(event) == {}


def test_what_was_sent_and_taken_back_before_the_answer_was_known_is_taken_back_there(
    house: House, event: Event
) -> None:
    house.google.lose_answer(kind=Patch)
    house.change(event, summary="Soup")
    house.sync()
    house.change(event, summary="Lunch")

    agree(house, event)

    assert house.there_is(event).summary == "Lunch"


def test_a_field_taken_from_google_is_agreed_on_though_another_still_waits(house: House, event: Event) -> None:
    house.change(event, description="With Bob")
    house.edit_there(event, summary="Soup")
    house.google.fail_next(Later("Away."), method="write_events")
    house.sync()
    assert house.text(event).summary == "Soup"
    house.change(event, summary="Lunch")

    agree(house, event)

    assert house.there_is(event).summary == "Lunch"
    assert house.lost(event) == {}


def test_an_edit_before_a_deletion_here_survives_the_edit_in_google_that_beats_it(house: House, event: Event) -> None:
    house.change(event, summary="Soup")
    house.delete(event)
    house.edit_there(event, location="Canteen")

    agree(house, event)

    assert (house.there_is(event).summary, house.there_is(event).body.location) == ("Soup", "Canteen")


def test_what_an_insert_without_an_answer_said_is_what_both_sides_agreed_on(house: House) -> None:
    event = house.add()
    house.google.lose_answer(kind=Insert)
    house.sync()
    house.change(event, summary="Soup")
    house.google.fail_next(Later("Away."), method="write_events")
    house.sync()  # its echo is heard, and the edit waits
    assert house.copy(event).base_version == 1
    house.edit_there(event, location="Canteen")

    house.settle()

    assert (house.text(event).summary, house.text(event).body.location) == ("Soup", "Canteen")
    assert house.lost(event) == {}
    agree(house, event)
