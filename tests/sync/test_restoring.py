"""What is brought back: no news to guests, never by mistake, and after a conflict the way that was not chosen."""

from __future__ import annotations

import pytest

from calsyncctl.errors import UsageFault
from calsyncctl.model.event import Attendee
from calsyncctl.store import runs
from calsyncctl.sync.editing.restoring import earlier, restore_event
from calsyncctl.sync.reviewing import inbox, review
from calsyncctl.sync.reviewing.review import Reviewer
from tests.sync.desk import WORK
from tests.sync.house import JANE, House, said

GUEST = "ann@example.com"


def test_a_restored_event_mails_nobody_and_says_who_restored_it(house: House) -> None:
    event = house.add(said(guests=(GUEST,)))
    house.settle()
    house.delete(event)
    house.settle()
    mails = len(house.google.mails)

    restore_event(house.store, house.means, event.id)
    house.settle()

    assert len(house.google.mails) == mails
    last = runs.versions_of(house.store, event.id)[-1]
    assert (last.author, last.why) == ("restore", f"{JANE} restored it")
    assert house.there_is(event).summary == "Lunch"


def test_an_earlier_version_mails_nobody(house: House) -> None:
    event = house.add(said(guests=(GUEST,)))
    house.change(event, summary="Soup")
    house.settle()
    mails = len(house.google.mails)

    restore_event(house.store, house.means, event.id, 1)
    house.settle()

    assert (house.there_is(event).summary, len(house.google.mails)) == ("Lunch", mails)


def test_a_living_event_is_restored_to_a_named_version_only(house: House) -> None:
    event = house.add()
    house.change(event, summary="Soup")

    with pytest.raises(UsageFault, match="is not deleted"):
        restore_event(house.store, house.means, event.id)

    assert house.text(event).summary == "Soup"


@pytest.mark.parametrize("act", [review.reject, review.restore])
def test_a_deletion_that_an_edit_in_google_undid_happens_after_all(house: House, act: object) -> None:
    event = house.add()
    house.settle()
    house.delete(event)
    house.edit_there(event, summary="Salad")
    house.settle()
    assert house.fresh(event).deleted is None
    (entry,) = inbox.entries(house.store)

    act(house.store, Reviewer(JANE, house.clock, house.engine), inbox.detail(house.store, entry.id))  # type: ignore[operator]
    house.settle()

    assert house.fresh(event).deleted is not None
    assert house.google.alive(WORK) == {}


def test_a_conflict_s_other_value_mails_nobody_and_says_who_chose_it(house: House) -> None:
    event = house.add(said(guests=(GUEST,)))
    house.settle()
    house.change(event, summary="Soup")
    house.edit_there(event, summary="Salad")
    house.settle()
    mails = len(house.google.mails)
    (entry,) = inbox.entries(house.store)

    review.restore(house.store, Reviewer(JANE, house.clock, house.engine), inbox.detail(house.store, entry.id))
    house.settle()

    assert (house.there_is(event).summary, len(house.google.mails)) == ("Soup", mails)
    last = runs.versions_of(house.store, event.id)[-1]
    assert (last.author, last.why) == ("restore", f"{JANE} chose the other side of a conflict")


def test_an_earlier_version_leaves_later_changes_of_other_fields(house: House) -> None:
    event = house.add()
    house.change(event, summary="Soup")
    house.change(event, location="Roof")
    house.change(event, summary="Stew")

    back = earlier(house.store, house.fresh(event), 1)
    restore_event(house.store, house.means, event.id, 1)

    assert [(one.field, one.value) for one in back.kept] == [("location", "Roof")]
    assert (house.text(event).summary, house.text(event).body.location) == ("Lunch", "Roof")


def test_replies_are_no_change_that_is_taken_back(house: House) -> None:
    event = house.add(said(guests=(GUEST,)))
    house.settle()
    house.edit_there(event, attendees=(Attendee(GUEST, reply="accepted"),))
    house.sync_one()
    house.change(event, summary="Soup")

    restore_event(house.store, house.means, event.id, 1)

    assert house.text(event).summary == "Lunch"
    assert house.text(event).body.attendees[0].reply == "accepted"


def test_a_whole_version_takes_later_changes_along(house: House) -> None:
    event = house.add()
    house.change(event, summary="Soup")
    house.change(event, location="Roof")

    restore_event(house.store, house.means, event.id, 1, whole=True)

    assert (house.text(event).summary, house.text(event).body.location) == ("Lunch", "")
    assert runs.last_runs(house.store)[0].kind == "restore"
