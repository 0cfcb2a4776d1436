"""Links: a native calendar's events are kept on google calendars, each copy on its own."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from calsyncctl.connections import linking
from calsyncctl.connections.linking import Terms
from calsyncctl.errors import Refused
from calsyncctl.model.calendar import Calendar, Mode
from calsyncctl.model.event import Attendee, Content, Event
from calsyncctl.model.fields import with_fields
from calsyncctl.store import copies, events, links, runs
from calsyncctl.sync.editing import edit, occurrences
from calsyncctl.sync.provider import Insert
from tests.sync.desk import WORK
from tests.sync.house import INSTANCE, House, said

OTHER = "other-calendar"


@pytest.fixture
def desk_calendar(house: House, other: Calendar) -> Calendar:
    """A native calendar that is linked to two accounts' calendars."""
    native = house.native()
    house.link(native, house.home(), invites=True)
    house.link(native, other)
    return native


@pytest.fixture
def event(house: House, desk_calendar: Calendar) -> Event:
    made = house.add(said(guests=("ann@example.com",)), desk_calendar)
    house.settle()
    return made


def test_an_event_of_a_native_calendar_stands_on_every_calendar_it_is_linked_to(
    house: House, event: Event, other: Calendar
) -> None:
    assert house.there_is(event, house.home()).summary == "Lunch"
    assert house.there_is(event, other).summary == "Lunch"
    assert house.written() == 2


def test_guests_are_written_to_one_copy_only(house: House, event: Event, other: Calendar) -> None:
    assert len(house.there_is(event, house.home()).body.attendees) == 1
    assert house.there_is(event, other).body.attendees == ()


def test_a_change_on_one_copy_reaches_the_event_and_the_other_copies(
    house: House, event: Event, other: Calendar
) -> None:
    house.edit_there(event, other, summary="Soup")

    house.settle()

    assert house.text(event).summary == "Soup"
    assert house.there_is(event, house.home()).summary == "Soup"


def test_a_copy_deleted_in_google_deletes_the_event_and_its_other_copies(
    house: House, event: Event, other: Calendar
) -> None:
    house.delete_there(event, other)

    house.settle()

    assert house.fresh(event).deleted is not None
    assert house.there() == {}


def test_a_copy_that_is_to_be_republished_comes_afresh_at_the_next_change(
    house: House, event: Event, other: Calendar, desk_calendar: Calendar
) -> None:
    house.link(desk_calendar, other, when_deleted="republish")
    house.delete_there(event, other)
    house.settle()
    assert house.fresh(event).deleted is None
    assert house.there(OTHER, email="support@example.com") == {}

    house.change(event, summary="Soup")
    house.settle()

    assert house.there_is(event, other).summary == "Soup"


def test_one_refusing_calendar_never_stops_the_others(house: House, other: Calendar, desk_calendar: Calendar) -> None:
    house.google.fail_write(Refused("No."), kind=Insert)
    event = house.add(calendar=desk_calendar)

    report = house.sync()

    held = [one for outcome in report.calendars for one in outcome.held]
    assert [one.event_id for one in held] == [event.id]
    placed = [house.remote(event, calendar) is not None for calendar in (house.home(), other)]
    assert sorted(placed) == [False, True]


def test_a_held_copy_is_tried_again_when_its_event_changes(
    house: House, other: Calendar, desk_calendar: Calendar
) -> None:
    house.google.fail_write(Refused("No."), kind=Insert)
    event = house.add(calendar=desk_calendar)
    house.settle()

    house.change(event, summary="Soup")
    house.settle()

    assert {house.there_is(event, one).summary for one in (house.home(), other)} == {"Soup"}


def test_a_link_holds_what_ends_after_its_beginning(house: House) -> None:
    native = house.native()
    house.link(native, house.home(), from_=1_811_536_000)  # 2027-05-28

    early, late = (
        house.add(calendar=native),
        house.add(said(start="2027-06-01T12:00:00Z", end="2027-06-01T13:00:00Z"), native),
    )
    house.settle()

    assert len(house.there()) == 1
    assert house.there_is(late, house.home()).summary == "Lunch"
    assert house.fresh(early).deleted is None


def test_two_native_calendars_share_a_target(house: House) -> None:
    first, second = house.native("First"), house.native("Second")
    for native in (first, second):
        house.link(native, house.home())
        house.add(said(native.name), native)

    house.settle()

    assert sorted(item.summary for item, *_ in house.there().values() if isinstance(item, Content)) == [
        "First",
        "Second",
    ]


def test_on_a_one_way_target_ours_is_written_back_and_theirs_is_journalled(house: House) -> None:
    target = house.calendar("one-way", mode=Mode.ONE_WAY)
    native = house.native()
    house.link(native, target)
    event = house.add(calendar=native)
    house.settle()

    house.edit_there(event, target, summary="Theirs")
    house.settle()

    assert house.text(event).summary == "Lunch"
    assert house.there_is(event, target).summary == "Lunch"
    changes = [(one.before, one.after) for row in runs.versions_of(house.store, event.id) for one in row.changes]
    assert ("Lunch", "Theirs") in changes


def test_a_copy_pasted_in_google_is_a_new_event_of_the_source(
    house: House, event: Event, desk_calendar: Calendar
) -> None:
    item = house.remote(event, house.home())
    assert item is not None
    house.google.put("work-calendar", replace(item, google_id="pasted00", ical_uid="pasted@google.com"))

    house.settle()

    pasted = house.event("pasted00")
    assert pasted.id != event.id
    assert pasted.calendar_id == desk_calendar.id


def test_a_series_that_comes_of_a_link_with_an_occurrence_cancelled_is_so_on_every_link(
    house: House, desk_calendar: Calendar, other: Calendar
) -> None:
    daily = house.add(said(recurrence=("RRULE:FREQ=DAILY;COUNT=3",)), desk_calendar)
    house.settle()
    item = house.remote(daily, house.home())
    assert item is not None
    split, second = replace(item, google_id="split000", ical_uid="split@google.com"), "20270505T120000Z"
    house.google.put(WORK, split)
    cancelled = replace(
        split, google_id=f"split000_{second}", master="split000", original=second, content=None, tag=None
    )
    house.google.put(WORK, cancelled)
    house.settle()

    new = house.event("split000")
    at = events.exception_at(house.store, new.id, second)
    assert at is not None
    there = house.remote(events.get_event(house.store, at), other)
    assert there is not None
    assert there.content is None


def test_moved_here_it_is_made_there_before_it_is_deleted_here(house: House, other: Calendar) -> None:
    event = house.add()
    house.settle()

    edit.move_event(house.store, house.means, event.id, other)
    house.settle()

    assert house.there_is(event, other).summary == "Lunch"
    assert house.there() == {}
    assert [type(write).__name__ for write in house.google.writes] == ["Insert", "Insert", "Delete"]


def test_moved_in_google_it_stays_the_same_event(house: House, other: Calendar) -> None:
    event = house.add()
    house.settle()
    item = house.remote(event)
    assert item is not None
    house.delete_there(event)
    house.sync()
    house.google.put(OTHER, item)

    house.settle()

    assert house.fresh(event).calendar_id == other.id
    assert house.fresh(event).deleted is None


def test_a_link_copy_that_becomes_the_home_copy_is_told_its_guests(house: House) -> None:
    native = house.native()
    house.link(native, house.home())
    event = house.add(said(guests=("ann@example.com",)), native)
    house.settle()
    assert house.there_is(event, house.home()).body.attendees == ()

    edit.move_event(house.store, house.means, event.id, house.home())
    house.settle()

    assert [guest.email for guest in house.there_is(event, house.home()).body.attendees] == ["ann@example.com"]


def test_moved_away_and_back_before_any_sync_nothing_is_left_behind(house: House, other: Calendar) -> None:
    event = house.add()
    house.settle()
    home = house.home()

    edit.move_event(house.store, house.means, event.id, other)
    edit.move_event(house.store, house.means, event.id, home)
    house.delete(event)
    house.settle()

    assert house.there() == {}
    assert house.there(OTHER, email="support@example.com") == {}


def test_an_occurrence_of_what_was_pasted_keeps_the_guests_that_are_kept_here(
    house: House, desk_calendar: Calendar
) -> None:
    copied = house.add(said("Yoga", recurrence=("RRULE:FREQ=DAILY;COUNT=3",)), desk_calendar)
    house.settle()
    item = house.remote(copied, house.home())
    assert item is not None
    house.google.put(WORK, replace(item, google_id="pasted00", ical_uid="pasted@google.com"))
    house.settle()
    series, original = copies.known_copies(house.store, house.home().id, ["pasted00"])["pasted00"].event, "20270505"
    house.change(series, attendees=(Attendee("ann@example.com"),))
    content = occurrences.inherited(house.store, house.fresh(series), f"{original}T120000Z")
    late = with_fields(content, {"summary": "Late"})
    second = edit.change_occurrence(house.store, house.means, series.id, f"{original}T120000Z", late)

    house.settle()

    assert [one.email for one in house.text(second).body.attendees] == ["ann@example.com"]
    assert (house.there_is(second, house.home()).summary, house.google.mails) == ("Late", [])


@pytest.mark.parametrize("edited", [False, True])
def test_what_is_changed_on_a_copy_while_no_link_holds_it_is_merged_once_it_is_linked_again(
    house: House, event: Event, desk_calendar: Calendar, other: Calendar, edited: bool
) -> None:
    link = links.find_link(house.store, desk_calendar.id, other.id)
    assert link is not None
    linking.delete_link(house.store, link, remove_copies=False, now=house.clock.now())
    house.edit_there(event, other, location="Room")
    house.settle()
    if edited:
        house.change(event, summary="Long lunch")
        house.settle()
    assert house.text(event).body.location == ""

    linking.add_link(house.store, desk_calendar, other, Terms(), instance=INSTANCE, now=house.clock.now())
    house.settle()

    title = "Long lunch" if edited else "Lunch"
    for said_there in (house.there_is(event, other), house.there_is(event, house.home()), house.text(event)):
        assert (said_there.summary, said_there.body.location) == (title, "Room")
    assert len(house.there_is(event, house.home()).body.attendees) == 1
