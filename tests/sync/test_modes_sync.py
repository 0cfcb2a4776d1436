"""What a calendar's mode lets happen, whom Google mails, and Meet links."""

from __future__ import annotations

import pytest

from calsyncctl.errors import NotAllowed
from calsyncctl.model.calendar import Calendar, CalendarState, Mode
from calsyncctl.model.event import Body, EventKind
from calsyncctl.store import calendars, runs
from calsyncctl.sync.editing.restoring import restore_event
from tests.support.memory import timed
from tests.sync.desk import ME, WORK
from tests.sync.house import House, said

DAY = 86400


def calendar(house: House, mode: Mode) -> Calendar:
    made = house.calendar(f"calendar-{mode}", mode=mode)
    house.sync()
    return made


@pytest.mark.parametrize("mode", [Mode.TWO_WAY, Mode.ONE_WAY, Mode.PUSH_ONLY, Mode.SMART])
def test_events_made_here_go_out_in_every_mode_that_pushes(house: House, mode: Mode) -> None:
    event = house.add(calendar=calendar(house, mode))

    house.settle()

    assert house.there_is(event).summary == "Lunch"


def test_read_only_refuses_events_made_here(house: House) -> None:
    with pytest.raises(NotAllowed, match="read-only"):
        house.add(calendar=calendar(house, Mode.READ_ONLY))


@pytest.mark.parametrize("mode", [Mode.ONE_WAY, Mode.SMART])
def test_blocks_cannot_be_edited_here(house: House, mode: Mode) -> None:
    chosen = calendar(house, mode)
    house.google.put(chosen.google_id or "", timed("theirs00"))
    house.sync()
    event = house.event("theirs00", chosen.google_id or "")

    assert event.kind is EventKind.BLOCK
    with pytest.raises(NotAllowed, match="made in Google"):
        house.change(event, summary="Soup")


def test_what_is_not_ours_to_change_is_refused_when_it_is_made(house: House) -> None:
    house.edit(timed("invited0", body=Body(organizer="boss@example.com")))
    house.sync()
    event = house.event("invited0")

    with pytest.raises(NotAllowed, match="organizer"):
        house.change(event, summary="Soup")
    house.change(event, colour="5")
    house.settle()
    assert house.there_is(event).body.colour == "5"


def test_on_one_way_what_google_deletes_of_ours_comes_afresh_at_the_next_change(house: House) -> None:
    chosen = calendar(house, Mode.ONE_WAY)
    event = house.add(calendar=chosen)
    house.settle()
    house.delete_there(event, chosen)
    house.settle()
    assert house.fresh(event).deleted is None

    house.change(event, summary="Soup")
    house.settle()

    assert house.there_is(event, chosen).summary == "Soup"


def test_on_one_way_what_google_changes_of_ours_and_its_way_back_are_two_versions_one_after_the_other(
    one_way: House,
) -> None:
    event = one_way.add()
    one_way.settle()
    one_way.edit_there(event, summary="Hijacked")
    one_way.settle()

    _, theirs, ours = runs.versions_of(one_way.store, event.id)
    told = [(one.version, one.author, [(each.before, each.after) for each in one.changes]) for one in (theirs, ours)]
    assert told == [(2, "google", [("Lunch", "Hijacked")]), (3, "calsyncctl", [("Hijacked", "Lunch")])]
    assert one_way.fresh(event).version == 3


def test_an_edit_that_cannot_be_pushed_any_more_gives_way_and_is_journalled(house: House) -> None:
    event = house.add()
    house.settle()
    house.change(event, summary="Soup")
    with house.store.write():
        calendars.select_calendar(house.store, house.home().id, Mode.READ_ONLY, house.clock.now())

    house.settle()

    assert house.text(event).summary == "Lunch"
    assert house.lost(event) == {"summary": "Soup"}


def test_a_calendar_on_hold_takes_no_edits(house: House) -> None:
    with house.store.write():
        calendars.set_calendar_state(house.store, house.home().id, CalendarState.HOLD, reason="gone", since=1)

    with pytest.raises(NotAllowed, match="on hold"):
        house.add()


def test_guests_are_mailed_about_what_a_person_does_now(house: House) -> None:
    event = house.add(said(guests=("ann@example.com",)))
    house.settle()

    house.change(event, location="Canteen")
    house.settle()

    assert [write.mail for write in house.google.writes] == ["all", "all"]


def test_nobody_is_mailed_about_what_is_old_or_over_or_without_guests(house: House) -> None:
    house.add(said(guests=("ann@example.com",), start="2025-01-01T12:00:00Z", end="2025-01-01T13:00:00Z"))
    house.add(said())
    late = house.add(said(guests=("ann@example.com",)))
    house.clock.at += 2 * DAY

    house.settle()

    assert [write.mail for write in house.google.writes] == ["none"] * 3
    assert house.there_is(late).body.attendees


def test_a_meet_is_asked_for_and_comes_back(house: House) -> None:
    event = house.add(meet=True)

    house.settle()

    assert house.there_is(event).body.meet
    assert house.text(event).body.meet == house.there_is(event).body.meet


def test_a_refused_meet_lets_the_event_in_without_it(house: House) -> None:
    house.google.habits.meet = "refused"
    event = house.add(meet=True)

    house.settle()

    assert house.there_is(event).summary == "Lunch"
    assert len(house.there()) == 1


def test_a_pending_meet_is_read_later(house: House) -> None:
    house.google.habits.meet = "pending"
    event = house.add(meet=True)
    house.settle()

    assert house.text(event).body.meet == house.there_is(event).body.meet


def test_the_same_ref_is_the_same_event(house: House) -> None:
    first = house.add(ref="order-17")

    assert house.add(said("Other"), ref="order-17").id == first.id
    house.settle()
    assert len(house.there()) == 1


def test_a_restored_event_comes_back_under_its_id(house: House) -> None:
    event = house.add()
    house.settle()
    house.delete(event)
    house.settle()

    restore_event(house.store, house.means, event.id)
    house.settle()

    assert house.there_is(event).summary == "Lunch"
    assert house.copy(event).generation == 0


def test_an_earlier_version_is_restored(house: House) -> None:
    event = house.add()
    house.change(event, summary="Soup")
    house.settle()

    restore_event(house.store, house.means, event.id, 1)
    house.settle()

    assert house.there_is(event).summary == "Lunch"


def test_a_vanished_calendar_holds_and_touches_no_copy(house: House) -> None:
    event = house.add()
    house.settle()
    house.change(event, summary="Soup")
    house.google.before_next(lambda: None)
    house.google.before_next(lambda: house.google.delete_calendar("work-calendar"))

    house.sync()

    assert house.home().state is CalendarState.HOLD
    assert house.fresh(event).deleted is None
    assert house.text(event).summary == "Soup"


def test_edits_wait_while_the_right_to_write_is_lost(house: House) -> None:
    event = house.add()
    house.settle()
    house.change(event, summary="Soup")
    house.google.share(WORK, ME, "reader")
    house.settle()
    assert house.copy(event).hold == "refused"
    assert house.text(event).summary == "Soup"

    house.google.share(WORK, ME, "owner")
    with house.store.write():
        calendars.select_calendar(house.store, house.home().id, Mode.TWO_WAY, house.clock.now())
    house.settle()

    assert house.there_is(event).summary == "Soup"
