"""What is done here reaches Google: once, under an id known before, and its echo is silent."""

from __future__ import annotations

from calsyncctl.sync.provider import Delete, Insert, Patch
from calsyncctl.sync.pushing.push import BATCH
from tests.sync.house import House, said


def test_an_event_made_here_appears_in_google_and_its_echo_is_silent(house: House) -> None:
    event = house.add()

    house.sync_one()

    assert house.there_is(event).summary == "Lunch"
    assert house.here() == house.there()
    assert [type(write) for write in house.google.writes] == [Insert]
    house.settle()
    assert house.written() == 1


def test_a_change_is_one_patch_of_what_changed_on_what_was_known(house: House) -> None:
    event = house.add()
    house.sync_one()

    house.change(event, summary="Late lunch")
    house.sync_one()

    (patch,) = house.google.writes[1:]
    assert isinstance(patch, Patch)
    assert patch.fields == {"summary"}
    assert patch.etag is not None
    assert house.there_is(event).summary == "Late lunch"
    house.settle()


def test_a_deletion_here_is_a_deletion_there(house: House) -> None:
    event = house.add()
    house.sync_one()

    house.delete(event)
    house.sync_one()

    assert isinstance(house.google.writes[-1], Delete)
    assert house.there() == {}
    house.settle()


def test_what_was_added_and_deleted_before_any_sync_is_never_sent(house: House) -> None:
    house.delete(house.add())

    house.settle()

    assert house.written() == 0


def test_a_change_made_in_google_is_changed_and_deleted_from_here(house: House) -> None:
    event = house.add()
    house.sync_one()
    house.edit_there(event, location="Canteen")
    house.sync_one()

    house.change(event, summary="Soup")
    house.sync_one()

    assert (house.there_is(event).summary, house.there_is(event).body.location) == ("Soup", "Canteen")
    assert house.text(event).body.location == "Canteen"
    house.settle()


def test_many_events_go_in_batches(house: House) -> None:
    for number in range(120):
        house.add(said(f"Event {number}"))

    house.sync_one()

    assert house.google.calls["write_events"] == 3
    assert len(house.there()) == 120
    house.settle()


def test_what_somebody_writes_during_a_long_push_goes_before_what_is_left_of_it(house: House) -> None:
    house.settle()
    made = [house.add(said(f"Lunch {number}")) for number in range(3 * BATCH)]
    acts = iter((lambda: house.add(said("Urgent")), lambda: house.change(made[-1], summary="Later")))

    def somebody(moment: str) -> None:
        if moment == "answered write_events":
            house.clock.at += 1
            next(acts, lambda: None)()

    house.google.at_boundary = somebody
    house.sync()
    titles = [write.content.summary for write in house.google.writes if isinstance(write, Insert)]
    assert (titles.index("Urgent"), titles.index("Later")) == (BATCH, BATCH + 1)
    assert len(titles) == 3 * BATCH + 1
