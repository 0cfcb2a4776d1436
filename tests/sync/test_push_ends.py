"""Pushes that get nowhere end, and say so; rights that were lost, and marks whose answer was."""

from __future__ import annotations

from dataclasses import replace as changed

import pytest
from msgspec.structs import replace

from calsyncctl.errors import Later, Outdated, Refused
from calsyncctl.model.copy import CopyState
from calsyncctl.model.event import When
from calsyncctl.model.fields import with_fields
from calsyncctl.store import copies
from calsyncctl.sync.editing import edit
from calsyncctl.sync.editing.restoring import restore_event
from calsyncctl.sync.passes import sync_calendars
from calsyncctl.sync.provider import Insert, Patch
from calsyncctl.sync.repairing.reconcile import Reconciling
from calsyncctl.sync.repairing.survey import Findings
from tests.support.memory import timed
from tests.sync.desk import ME, WORK
from tests.sync.house import House, said

THIRD = "20270506T120000Z"


def reconcile(house: House, *, check: bool = False, adopt: frozenset[str] = frozenset()) -> Findings:
    house.clock.at += 60
    run = Reconciling(check=check, adopt=adopt)
    sync_calendars(changed(house.work(), kind="reconcile"), run.step)
    return run.found[house.home().id]


def test_a_google_that_answers_412_to_everything_is_left_alone_and_the_sync_says_later(house: House) -> None:
    events = [house.add(said(f"Lunch {number}")) for number in range(3)]
    house.settle()
    for event in events:
        house.change(event, summary="Soup")
    house.google.fail_write(Outdated("Precondition Failed"), kind=Patch, times=1000)
    sent = house.written()

    (outcome,) = house.sync().calendars

    assert isinstance(outcome.error, Later)
    assert "3 of the events" in outcome.error.what
    assert house.written() - sent <= 3 * 4
    assert all((house.copy(event).due or 0) > house.clock.now() for event in events)


def test_what_kept_changing_is_written_once_it_rests(house: House) -> None:
    event = house.add()
    house.settle()
    house.change(event, summary="Soup")
    house.google.fail_write(Outdated("Precondition Failed"), kind=Patch, times=4)
    house.sync()

    house.clock.at += 60
    house.settle()

    assert house.there_is(event).summary == "Soup"


def test_a_google_that_knows_no_etag_of_an_untouched_occurrence_takes_the_last_try_without(house: House) -> None:
    series = house.add(said(recurrence=("RRULE:FREQ=DAILY;COUNT=6",)))
    house.settle()
    third = house.change_occurrence(series, THIRD, summary="Soup")
    house.google.fail_write(Outdated("Precondition Failed"), kind=Patch, times=3)

    house.settle()

    assert house.there_is(third).summary == "Soup"
    assert [write.etag is None for write in house.google.writes if isinstance(write, Patch)] == [False] * 3 + [True]


def test_a_changing_occurrence_is_never_written_without_a_condition(house: House) -> None:
    series = house.add(said(recurrence=("RRULE:FREQ=DAILY;COUNT=6",)))
    house.settle()
    house.change_occurrence(series, THIRD, summary="Soup")
    rooms = (f"Room {number}" for number in range(100))

    def busy(moment: str) -> None:
        if moment == "answered get_events":
            item = house.google.alive(WORK)[house.copy(series).google_id]
            assert item.content is not None
            house.google.put(WORK, replace(item, content=with_fields(item.content, {"location": next(rooms)})))

    house.google.at_boundary = busy
    house.sync()

    patches = [write for write in house.google.writes if isinstance(write, Patch)]
    assert len(patches) >= 4
    assert all(write.etag for write in patches)


def test_one_that_kept_changing_keeps_no_other_waiting(house: House) -> None:
    first, second = house.add(), house.add(said("Dinner"))
    house.settle()
    house.change(first, summary="Soup")
    house.google.fail_write(Outdated("Precondition Failed"), kind=Patch, times=4)
    edit.delete_event(house.store, house.means, second.id)

    house.sync()

    assert house.copy(second).state is CopyState.DELETED


def test_an_event_whose_id_a_deleted_one_holds_is_made_under_a_fresh_one(house: House) -> None:
    """As after an old backup: it was made before, and deleted in Google since."""
    event = house.add()
    name = house.copy(event).google_id
    house.google.put(WORK, timed(name, "Lunch"))
    house.google.delete(WORK, name)

    house.settle()

    fresh = house.copy(event)
    assert (fresh.generation, fresh.google_id != name, house.there_is(event).summary) == (1, True, "Lunch")
    assert set(house.google.alive(WORK)) == {fresh.google_id}


def test_a_revival_refused_for_want_of_a_right_waits_for_the_right(house: House) -> None:
    event = house.add()
    house.settle()
    house.delete(event)
    house.settle()
    restore_event(house.store, house.means, event.id)
    house.google.fail_write(Refused("Forbidden"), kind=Patch)
    moments: list[str] = []

    def lose_the_right(moment: str) -> None:
        moments.append(moment)
        if moment == "sent patch":
            house.google.share(WORK, ME, "reader")

    house.google.at_boundary = lose_the_right
    house.sync()

    assert (house.copy(event).generation, house.copy(event).hold) == (0, "refused")
    house.google.at_boundary = lambda _: None
    house.google.share(WORK, ME, "owner")
    house.settle()
    assert house.there_is(event).summary == "Lunch"
    assert sum(isinstance(write, Insert) for write in house.google.writes) == 1


def test_a_revival_that_google_never_does_is_made_afresh(house: House) -> None:
    event = house.add()
    house.settle()
    house.delete(event)
    house.settle()
    house.google.habits.undelete = False

    restore_event(house.store, house.means, event.id)
    house.settle()

    assert (house.copy(event).generation, house.there_is(event).summary) == (1, "Lunch")


def test_a_copy_that_was_planned_and_rests_is_named_and_made(house: House) -> None:
    event = house.add()
    with house.store.write():
        copies.update_copies(house.store, [replace(house.copy(event), due=None)])
    assert {kind.value for kind in reconcile(house, check=True).counts} == {"missing-there"}

    reconcile(house)

    assert house.there_is(event).summary == "Lunch"


@pytest.mark.parametrize("settled", [True, False])
def test_a_series_that_repeats_no_more_leaves_no_difference(house: House, settled: bool) -> None:
    series = house.add(said(recurrence=("RRULE:FREQ=DAILY;COUNT=6",)))
    house.settle()
    house.change_occurrence(series, THIRD, summary="Soup")
    if settled:
        house.settle()
    house.change(series, when=When("2027-05-04T12:00:00Z", "2027-05-04T13:00:00Z", "UTC"))
    house.settle()

    assert reconcile(house, check=True).differences == []
    house.settle()


def test_a_mark_whose_answer_was_lost_is_read_before_anything_is_written_again(house: House) -> None:
    event = house.add()
    house.settle()
    item = house.remote(event)
    assert item is not None
    assert item.tag is not None
    house.google.put(WORK, replace(item, tag=replace(item.tag, instance="instance1111")))
    house.settle()
    house.google.lose_answer(kind=Patch)

    reconcile(house, adopt=frozenset({"instance1111"}))
    assert house.copy(event).sent_version is not None
    house.settle()

    assert house.copy(event).sent_version is None
    assert reconcile(house, check=True).differences == []
