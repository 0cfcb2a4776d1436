"""What a link's copy does not carry (guests, what belongs to the copy) stays as it is, whatever is changed there."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from calsyncctl.model.calendar import Calendar
from calsyncctl.model.copy import RemoteEvent, Tag
from calsyncctl.model.event import Content, Event, When
from calsyncctl.model.fields import with_fields
from calsyncctl.store import copies, events
from calsyncctl.sync.editing import edit
from tests.sync.house import INSTANCE, House, said

FRONT = "work-calendar"
OPS = "ops-calendar"
SECOND = "20270505T120000Z"
DAILY = "RRULE:FREQ=DAILY;COUNT=4"


@pytest.fixture
def ops(house: House) -> Calendar:
    """The calendar whose copies invite."""
    made = house.calendar(OPS, email="support@example.com")
    house.sync()
    return made


@pytest.fixture
def series(house: House, ops: Calendar) -> Event:
    """A daily series with a guest; its copy at home in the front has none."""
    native = house.native()
    house.link(native, house.home())
    house.link(native, ops, invites=True)
    made = house.add(said(recurrence=(DAILY,), guests=("zoe@example.com",), visibility="private"), native)
    house.settle()
    return made


def occurrence_on(house: House, calendar: Calendar, master: str) -> RemoteEvent:
    """The second occurrence of a series, as the service has it."""
    found = house.google._find(house.google._calendars[calendar.google_id or ""], f"{master}_{SECOND}")
    assert found is not None
    assert isinstance(found.item, RemoteEvent)
    return found.item


def says(house: House, calendar: Calendar, master: str) -> Content:
    content = occurrence_on(house, calendar, master).content
    assert content is not None
    return content


def change_there(house: House, calendar: Calendar, master: str, **values: object) -> None:
    item = occurrence_on(house, calendar, master)
    assert item.content is not None
    house.google.put(calendar.google_id or "", replace(item, content=with_fields(item.content, values)))


def second(house: House, series: Event) -> Event:
    at = events.exception_at(house.store, series.id, SECOND)
    assert at is not None
    return events.get_event(house.store, at)


def guests(content: Content | None) -> list[str]:
    assert content is not None
    return [guest.email for guest in content.body.attendees]


def test_one_occurrence_changed_on_the_copy_without_guests_keeps_them(
    house: House, series: Event, ops: Calendar
) -> None:
    front = house.home()
    change_there(house, front, house.copy(series, front).google_id, location="Room 2")

    house.settle()

    there = says(house, ops, house.copy(series, ops).google_id)
    assert (there.body.location, guests(there)) == ("Room 2", ["zoe@example.com"])
    assert guests(house.text(second(house, series))) == ["zoe@example.com"]
    assert guests(says(house, front, house.copy(series, front).google_id)) == []


def test_one_occurrence_changed_on_a_link_says_here_what_belongs_to_the_copy_as_its_series_does(
    house: House, series: Event
) -> None:
    front = house.home()
    change_there(house, front, house.copy(series, front).google_id, location="Room 2", visibility="public", colour="4")

    house.settle()

    body = house.text(second(house, series)).body
    assert (body.visibility, body.colour, body.location) == ("private", "", "Room 2")


def test_a_guest_invited_to_one_occurrence_on_the_copy_that_invites_is_taken(
    house: House, series: Event, ops: Calendar
) -> None:
    master = house.copy(series, ops).google_id
    more = said(guests=("zoe@example.com", "ann@example.com")).body.attendees
    change_there(house, ops, master, attendees=more)

    house.settle()

    assert guests(house.text(second(house, series))) == ["ann@example.com", "zoe@example.com"]


def test_an_occurrence_cancelled_there_and_back_on_the_copy_without_guests_keeps_them(
    house: House, series: Event, ops: Calendar
) -> None:
    front = house.home()
    item = occurrence_on(house, front, house.copy(series, front).google_id)
    house.google.put(FRONT, replace(item, content=None))
    house.settle()
    assert item.content is not None

    house.google.put(FRONT, replace(item, content=with_fields(item.content, {"location": "Room 2"})))
    house.settle()

    assert guests(house.text(second(house, series))) == ["zoe@example.com"]
    assert guests(says(house, ops, house.copy(series, ops).google_id)) == ["zoe@example.com"]


def test_a_changed_occurrence_deleted_and_brought_back_on_the_copy_without_guests_keeps_them(
    house: House, series: Event, ops: Calendar
) -> None:
    front = house.home()
    change_there(house, front, house.copy(series, front).google_id, location="Room 2")
    house.settle()
    item = occurrence_on(house, front, house.copy(series, front).google_id)
    house.google.put(FRONT, replace(item, content=None))
    house.settle()

    house.google.put(FRONT, item)
    house.settle()

    assert guests(says(house, ops, house.copy(series, ops).google_id)) == ["zoe@example.com"]


def test_an_event_brought_back_from_the_trash_on_the_copy_without_guests_keeps_them(
    house: House, series: Event, ops: Calendar
) -> None:
    item = house.remote(series, house.home())
    assert item is not None
    house.delete(series)
    house.settle()

    house.google.put(FRONT, item)
    house.settle()

    assert guests(house.text(series)) == ["zoe@example.com"]
    assert guests(house.there_is(series, ops)) == ["zoe@example.com"]


def divide_there(house: House, series: Event, calendar: Calendar) -> str:
    """Divide a series before its third occurrence as Google's pages do; return the new half's id."""
    item, where = house.remote(series, calendar), calendar.google_id or ""
    assert item is not None
    assert item.content is not None
    ended = replace(item.content.when, recurrence=("RRULE:FREQ=DAILY;UNTIL=20270506T115959Z",))
    house.google.put(where, replace(item, content=replace(item.content, when=ended)))
    rest = When("2027-05-06T12:00:00Z", "2027-05-06T13:00:00Z", "UTC", ("RRULE:FREQ=DAILY;COUNT=2",))
    new_id = f"{item.google_id}_R20270506T120000"
    content = with_fields(item.content, {"when": rest, "location": "Room 2"})
    house.google.put(where, replace(item, google_id=new_id, ical_uid=f"{new_id}@google.com", content=content))
    return new_id


@pytest.mark.parametrize("inviting", [False, True])
def test_the_rest_of_a_series_that_was_divided_in_google_keeps_its_guests(
    house: House, series: Event, ops: Calendar, inviting: bool
) -> None:
    where, other = (ops, house.home()) if inviting else (house.home(), ops)
    new_id = divide_there(house, series, where)

    house.settle()

    rest = copies.known_copies(house.store, where.id, [new_id])[new_id].event
    assert guests(rest.content) == ["zoe@example.com"]
    assert (guests(house.there_is(rest, ops)), guests(house.there_is(rest, house.home()))) == (["zoe@example.com"], [])
    assert house.there_is(rest, other).body.location == "Room 2"
    tag = house.remote(rest, where)
    assert tag is not None
    assert tag.tag == Tag(INSTANCE, rest.key, new_id, "native:Desk")


def test_guests_of_the_rest_are_told_where_its_series_invites(house: House, series: Event, ops: Calendar) -> None:
    new_id = divide_there(house, series, house.home())
    house.settle()
    rest = copies.known_copies(house.store, house.home().id, [new_id])[new_id].event

    house.change(rest, attendees=said(guests=("ann@example.com",)).body.attendees)
    house.settle()

    assert guests(house.there_is(rest, ops)) == ["ann@example.com"]


def test_an_occurrence_of_the_rest_changed_before_a_pass_saw_it_keeps_the_guests(
    house: House, series: Event, ops: Calendar
) -> None:
    new_id, original = divide_there(house, series, house.home()), "20270507T120000Z"
    found = house.google._find(house.google._calendars[FRONT], f"{new_id}_{original}")
    assert found is not None
    assert isinstance(found.item, RemoteEvent)
    assert found.item.content is not None
    house.google.put(FRONT, replace(found.item, content=replace(found.item.content, summary="Soup")))

    house.settle()

    rest = copies.known_copies(house.store, house.home().id, [new_id])[new_id].event
    at = events.exception_at(house.store, rest.id, original)
    assert at is not None
    exception = events.get_event(house.store, at)
    assert guests(exception.content) == guests(house.there_is(rest, ops)) == ["zoe@example.com"]


def test_a_series_moved_home_after_an_occurrence_changed_there_keeps_the_guests_of_both(
    house: House, series: Event
) -> None:
    front = house.home()
    change_there(house, front, house.copy(series, front).google_id, location="Room 2")
    house.settle()

    edit.move_event(house.store, house.means, series.id, front)
    house.settle()

    assert guests(says(house, front, house.copy(series, front).google_id)) == ["zoe@example.com"]
