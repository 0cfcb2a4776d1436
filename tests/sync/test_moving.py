"""An event that moves to another calendar: once in Google, under one name of the caller's, and nowhere twice here."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from calsyncctl.model.calendar import Calendar, Mode
from calsyncctl.model.copy import CopyState, RemoteEvent
from calsyncctl.model.event import Attendee, Body, Event
from calsyncctl.store import calendars, copies, events
from calsyncctl.sync.editing import edit
from calsyncctl.sync.editing.left_behind import stays_behind
from calsyncctl.sync.passes import send_first, sync_calendars
from calsyncctl.sync.reading import events_between
from tests.support.memory import timed
from tests.sync.desk import WORK
from tests.sync.house import House, said

OTHER, SUPPORT = "other-calendar", "support@example.com"
DAILY = ("RRULE:FREQ=DAILY;COUNT=6",)


@pytest.fixture
def other(house: House) -> Calendar:
    made = house.calendar(OTHER)
    house.sync()
    return made


def move(house: House, event: Event, calendar: Calendar) -> None:
    edit.move_event(house.store, house.means, event.id, house.now(calendar))


def alive(house: House) -> tuple[int, int]:
    return len(house.google.alive(WORK)), len(house.google.alive(OTHER))


def test_one_sync_moves_an_event_whichever_calendar_comes_first(house: House, other: Calendar) -> None:
    event = house.add()
    house.settle()

    move(house, event, other)
    house.sync()
    assert alive(house) == (0, 1)
    move(house, event, house.home())
    house.sync()

    assert alive(house) == (1, 0)
    house.settle()


def test_the_calendar_that_a_series_left_lists_nothing_of_it(house: House, other: Calendar) -> None:
    series = house.add(said(recurrence=DAILY))
    edit.change_occurrence(
        house.store,
        house.means,
        series.id,
        "20270506T120000Z",
        said("Soup", "2027-05-06T15:00:00Z", "2027-05-06T16:00:00Z"),
    )
    assert len(listed(house, house.home())) == 6

    move(house, series, other)

    assert (listed(house, house.home()), len(listed(house, other))) == ([], 6)


def listed(house: House, calendar: Calendar) -> list[object]:
    now = house.clock.now()
    found = events_between(house.store, from_=1_800_000_000, to=1_830_000_000, now=now, calendar_ids=[calendar.id])
    return list(found.occurrences)


def test_a_ref_names_its_event_after_a_move_too(house: House, other: Calendar) -> None:
    first = house.add(ref="order-17")
    move(house, first, other)

    assert house.add(ref="order-17").id == first.id
    assert house.add(ref="order-17", calendar=other).id == first.id
    move(house, first, house.home())


def test_a_ref_that_two_events_bear_stays_with_the_one_that_was_there(house: House, other: Calendar) -> None:
    first, second = house.add(ref="order-17"), house.add(calendar=other)
    with house.store.write():
        events.set_wishes(house.store, second.id, ref="order-17", meet=False)

    move(house, second, house.home())

    assert house.add(ref="order-17").id == first.id


@pytest.mark.parametrize("workers", [1, 4])
def test_one_sync_moves_an_event_to_another_accounts_calendar(house: House, workers: int) -> None:
    there = house.calendar("team-calendar", email=SUPPORT)
    event = house.add()
    house.settle()

    for target in (there, house.home()):
        move(house, event, target)
        house.clock.at += 60
        assert sync_calendars(house.work(workers=workers)).errors == ()
        standing = {name: len(house.google.alive(name)) for name in (WORK, "team-calendar")}
        assert standing == {WORK: int(target.google_id == WORK), "team-calendar": int(target.google_id != WORK)}
    house.settle()


def test_what_the_model_does_not_name_moves_along(house: House, other: Calendar) -> None:
    item = timed("tea00000", "Tea", body=Body(organizer=WORK, organizer_self=True))
    house.google.put(WORK, replace(item, extra='{"source":{"title":"Desk","url":"https://desk.example.com/7"}}'))
    house.settle()

    move(house, house.event("tea00000"), other)
    house.settle()

    (moved,) = house.google.alive(OTHER).values()
    assert "desk.example.com" in moved.extra


def test_the_meet_link_and_the_replies_stay_behind(house: House) -> None:
    event = house.add(said(guests=("ann@example.com",)), meet=True)
    house.settle()
    house.edit_there(event, attendees=(Attendee("ann@example.com", reply="accepted"),))
    house.settle()

    assert stays_behind(house.fresh(event), house.home()) == ("its Meet link", "what its guests replied")
    assert stays_behind(house.fresh(event), house.native()) == ()
    assert stays_behind(house.add(), house.home()) == ()


def test_nothing_is_deleted_on_a_calendar_that_turned_read_only_before_the_sync(house: House, other: Calendar) -> None:
    event, home = house.add(), house.home()
    house.settle()
    move(house, event, other)
    set_mode(house, home, Mode.READ_ONLY)

    house.settle()

    left = house.copy(event, home)
    assert alive(house) == (1, 1)
    assert (left.state, left.hold, left.reason) == (CopyState.LEAVING, "refused", f"“{WORK}” syncs read-only")

    set_mode(house, home, Mode.TWO_WAY)
    with house.store.write():
        copies.retry_refused(house.store, home.id, house.clock.now())
    house.settle()
    assert alive(house) == (0, 1)


def set_mode(house: House, calendar: Calendar, mode: Mode) -> None:
    with house.store.write():
        calendars.select_calendar(house.store, calendar.id, mode, house.clock.now())


@pytest.mark.parametrize("to", ["other", "native"])
def test_an_occurrence_changed_in_google_while_its_series_moves_here_goes_along(
    house: House, other: Calendar, to: str
) -> None:
    series, target = a_series_that_moves(house, other, to)
    name = house.copy(series, house.home()).google_id
    house.google.put(WORK, soup_of(name))
    move(house, series, target)
    house.settle()

    assert alive(house) == (0, 2)
    assert "Soup" in {one.content.summary for one in house.google.alive(OTHER).values() if one.content}
    assert (listed(house, house.home()), len(listed(house, target))) == ([], 6)


@pytest.mark.parametrize("to", ["other", "native"])
def test_an_occurrence_cancelled_in_google_while_its_series_moves_here_does_not_take_place(
    house: House, other: Calendar, to: str
) -> None:
    series, target = a_series_that_moves(house, other, to)
    name = house.copy(series, house.home()).google_id
    house.google.put(WORK, replace(soup_of(name), content=None))
    move(house, series, target)
    house.settle()

    assert (listed(house, house.home()), len(listed(house, target))) == ([], 5)
    assert house.google.alive(WORK) == {}


@pytest.mark.parametrize("back", [False, True])
def test_what_google_said_of_a_changed_occurrence_moves_along_whichever_calendar_comes_first(
    house: House, other: Calendar, back: bool
) -> None:
    home, target = (other, house.home()) if back else (house.home(), other)
    series, soup = a_series_with_soup(house, home)
    house.edit_there(soup, home, summary="Stew")
    move(house, series, target)
    house.settle()

    assert house.text(soup).summary == "Stew"
    assert house.there_is(soup, target).summary == "Stew"


@pytest.mark.parametrize("goes", ["moved", "deleted", "shortened"])
def test_what_google_said_of_an_occurrence_is_kept_where_its_series_goes_without_it_at_once(
    house: House, other: Calendar, goes: str
) -> None:
    series, soup = a_series_with_soup(house, other)
    house.edit_there(soup, other, summary="Stew")
    if goes == "moved":
        move(house, series, house.home())
    elif goes == "deleted":
        house.delete(series)
    else:
        house.change(series, when=said(recurrence=("RRULE:FREQ=DAILY;COUNT=2",)).when)
    sync_calendars(house.work(), send_first)
    house.settle()

    assert len(house.google.alive(OTHER)) == (goes == "shortened")
    assert house.text(soup).summary == "Stew" or "Stew" in house.lost(soup).values()


def a_series_with_soup(house: House, calendar: Calendar) -> tuple[Event, Event]:
    series = house.add(said(recurrence=DAILY), calendar)
    soup = said("Soup", "2027-05-06T15:00:00Z", "2027-05-06T16:00:00Z")
    third = edit.change_occurrence(house.store, house.means, series.id, "20270506T120000Z", soup)
    house.settle()
    return series, third


def soup_of(master: str) -> RemoteEvent:
    name, start, end = f"{master}_20270506T120000Z", "2027-05-06T15:00:00Z", "2027-05-06T16:00:00Z"
    return timed(name, "Soup", start, end, master=master, original="20270506T120000Z")


def a_series_that_moves(house: House, other: Calendar, to: str) -> tuple[Event, Calendar]:
    series, native = house.add(said(recurrence=DAILY)), house.native()
    house.link(native, other)
    house.settle()
    return series, other if to == "other" else native


@pytest.mark.parametrize("field", ["summary", "description"])
@pytest.mark.parametrize("back", [False, True], ids=["moved", "moved-and-back"])
def test_what_google_says_of_an_occurrence_counts_though_its_change_here_was_never_sent(
    house: House, other: Calendar, field: str, back: bool
) -> None:
    series = house.add(said(recurrence=DAILY))
    house.settle()
    third = "20270506T120000Z"
    house.edit_occurrence_there(series, third, summary="Theirs")
    exception = house.change_occurrence(series, third, **{field: "Ours"})
    move(house, series, other)
    if back:
        move(house, series, house.home())

    house.settle()

    at = house.fresh(series).calendar_id
    shown = house.there_is(exception, calendars.get_calendar(house.store, at))
    assert house.text(exception) == shown
    lost = {"summary": "Ours"} if field == "summary" else {}
    assert (house.lost(exception), shown.summary) == (lost, "Theirs")


def test_guests_are_invited_from_a_copy_that_stands_where_only_the_new_calendars_link_invites(
    house: House, other: Calendar
) -> None:
    desk, sales = house.native(), house.native("Sales")
    house.link(desk, house.home())
    house.link(desk, other, invites=True)
    house.link(sales, house.home(), invites=True)
    event = house.add(said(guests=("ann@example.org",), location="Room"), desk)
    house.settle()

    move(house, event, sales)
    house.edit_there(event, house.home(), location="Garden")
    house.settle()

    there = house.there_is(event, house.home())
    assert [guest.email for guest in there.body.attendees] == ["ann@example.org"]
    assert (there.body.location, alive(house)) == ("Garden", (1, 0))
