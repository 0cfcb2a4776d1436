"""What waits while a calendar cannot be written to, and what gives way; copies that no link holds any more."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from calsyncctl.connections import linking, modes
from calsyncctl.errors import Invalid, NotAllowed
from calsyncctl.model.calendar import Calendar, Mode
from calsyncctl.model.event import Body, Event, When
from calsyncctl.store import calendars, links
from calsyncctl.sync.editing import edit
from calsyncctl.sync.provider import Insert
from tests.support.memory import timed
from tests.sync.desk import ME, WORK
from tests.sync.house import INSTANCE, House, said

OTHER = "other-calendar"
SUPPORT = "support@example.com"


@pytest.fixture
def native(house: House, other: Calendar) -> Calendar:
    """A native calendar that is linked to two accounts' calendars."""
    made = house.native()
    house.link(made, house.home(), invites=True)
    house.link(made, other)
    return made


@pytest.fixture
def event(house: House, native: Calendar) -> Event:
    made = house.add(said(guests=("ann@example.com",)), native)
    house.settle()
    return made


def share(house: House, role: str, google_id: str = WORK, email: str = ME, *, anew: bool = True) -> None:
    """Give a role, and let the next pull read everything anew or only what changed."""
    house.google.share(google_id, email, role)
    if anew:
        house.google.expire_cursors(google_id)


def switch(house: House, mode: Mode, calendar: Calendar | None = None) -> None:
    modes.change_mode(
        house.store, modes.plan_mode(house.store, house.now(calendar or house.home()), mode), house.clock.now()
    )


# Links


@pytest.mark.parametrize("anew", [True, False])
def test_a_link_target_whose_role_is_lost_undoes_no_edit_anywhere(
    house: House, event: Event, other: Calendar, anew: bool
) -> None:
    share(house, "reader", OTHER, SUPPORT, anew=anew)
    house.sync()
    house.change(event, summary="Soup")

    house.settle()

    assert house.text(event).summary == "Soup"
    assert house.there_is(event, house.home()).summary == "Soup"
    assert house.copy(event, other).hold == "refused"
    assert "role reader" in (house.copy(event, other).reason or "")


def test_a_link_target_whose_role_is_lost_undoes_no_deletion(house: House, event: Event, other: Calendar) -> None:
    share(house, "reader", OTHER, SUPPORT)
    house.sync()
    house.delete(event)

    house.settle()

    assert house.fresh(event).deleted is not None
    assert house.there() == {}
    assert house.copy(event, other).hold == "refused"


def test_a_link_target_that_may_be_written_to_again_catches_up(
    house: House, event: Event, native: Calendar, other: Calendar
) -> None:
    share(house, "reader", OTHER, SUPPORT)
    house.sync()
    house.change(event, summary="Soup")
    late = house.add(said("Late"), native)
    house.settle()

    share(house, "owner", OTHER, SUPPORT)
    house.settle()

    assert house.there_is(event, other).summary == "Soup"
    assert house.there_is(late, other).summary == "Late"


def test_a_copy_deleted_there_while_its_role_is_lost_leaves_an_edited_event_alone(
    house: House, event: Event, other: Calendar
) -> None:
    share(house, "reader", OTHER, SUPPORT)
    house.sync()
    house.change(event, summary="Soup")
    house.google.delete(OTHER, house.copy(event, other).google_id)

    house.settle()

    assert house.text(event).summary == "Soup"
    assert house.there_is(event, house.home()).summary == "Soup"


def test_a_links_target_does_not_become_read_only(house: House, native: Calendar, other: Calendar) -> None:
    with pytest.raises(NotAllowed, match="linked"):
        modes.plan_mode(house.store, house.now(other), Mode.READ_ONLY)


def test_a_copy_that_no_link_holds_says_nothing_to_its_event(
    house: House, event: Event, native: Calendar, other: Calendar
) -> None:
    link = links.get_link(house.store, native.id, other.id)
    linking.delete_link(house.store, link, remove_copies=False, now=house.clock.now())
    house.edit_there(event, other, summary="Detached")

    house.settle()

    assert house.text(event).summary == "Lunch"
    assert house.there_is(event, house.home()).summary == "Lunch"
    assert house.there_is(event, other).summary == "Detached"


def test_a_copy_that_no_link_holds_stays_there_when_its_event_is_deleted(
    house: House, event: Event, native: Calendar, other: Calendar
) -> None:
    link = links.get_link(house.store, native.id, other.id)
    linking.delete_link(house.store, link, remove_copies=False, now=house.clock.now())
    house.delete(event)

    house.settle()

    assert house.google.alive(WORK) == {}
    assert house.there_is(event, other).summary == "Lunch"


def test_a_copy_that_no_link_holds_may_be_deleted_there(
    house: House, event: Event, native: Calendar, other: Calendar
) -> None:
    link = links.get_link(house.store, native.id, other.id)
    linking.delete_link(house.store, link, remove_copies=False, now=house.clock.now())
    house.change(event, summary="Soup")
    house.delete_there(event, other)

    house.settle()

    assert house.fresh(event).deleted is None
    assert house.there_is(event, house.home()).summary == "Soup"


def test_guests_are_not_invited_from_two_calendars(
    house: House, event: Event, native: Calendar, other: Calendar
) -> None:
    link = links.get_link(house.store, native.id, other.id)

    with pytest.raises(NotAllowed, match="two calendars"):
        linking.edit_link(house.store, link, linking.Terms(invites=True), instance=INSTANCE, now=house.clock.now())
    house.change(event, summary="Soup")
    house.settle()

    assert house.there_is(event, other).body.attendees == ()


def test_while_nobody_is_invited_another_link_may_invite(house: House, native: Calendar, other: Calendar) -> None:
    house.add(calendar=native)
    house.settle()
    link = links.get_link(house.store, native.id, other.id)

    done = linking.edit_link(house.store, link, linking.Terms(invites=True), instance=INSTANCE, now=house.clock.now())

    assert done.link.invites


# The role, lost and back


@pytest.mark.parametrize("anew", [True, False])
def test_what_waits_for_a_lost_role_goes_out_when_it_is_back(house: House, anew: bool) -> None:
    event = house.add()
    house.settle()
    house.change(event, summary="Soup")
    new = house.add(said("New"))
    share(house, "reader", anew=anew)
    house.settle()
    assert (house.copy(event).hold, house.copy(new).hold) == ("refused", "refused")
    assert house.text(event).summary == "Soup"

    share(house, "owner", anew=anew)
    house.settle()

    assert house.home().mode is Mode.TWO_WAY
    assert house.there_is(event).summary == "Soup"
    assert house.there_is(new).summary == "New"


def test_the_mode_comes_back_with_the_role(house: House) -> None:
    switch(house, Mode.ONE_WAY)
    share(house, "reader", anew=False)
    house.sync()
    assert house.home().mode is Mode.READ_ONLY

    share(house, "writer", anew=False)
    report = house.sync()

    assert house.home().mode is Mode.ONE_WAY
    assert any("again" in warning for outcome in report.calendars for warning in outcome.warnings)


def test_the_mode_comes_back_if_the_list_of_calendars_told_of_the_role_first(house: House) -> None:
    share(house, "reader", anew=False)
    house.sync()
    share(house, "owner", anew=False)
    with house.store.write():
        calendars.set_access(house.store, house.home().id, "owner", house.home().zone)

    house.sync()

    assert house.home().mode is Mode.TWO_WAY


def test_a_read_only_that_was_chosen_stays_when_the_role_is_back(house: House) -> None:
    switch(house, Mode.READ_ONLY)
    share(house, "reader")
    house.settle()

    share(house, "owner")
    house.settle()

    assert house.home().mode is Mode.READ_ONLY


def test_an_edit_that_waits_survives_that_its_event_is_hidden(house: House) -> None:
    house.google.put(WORK, timed("a1", body=Body(visibility="private", organizer_self=True)))
    house.settle()
    event = house.event("a1")
    house.change(event, summary="Ours")
    share(house, "reader")
    house.settle()
    assert house.copy(event).base_version == 1
    assert house.text(event).summary == "Ours"

    share(house, "owner")
    house.settle()

    assert house.there_is(event).summary == "Ours"


def test_of_a_hidden_event_its_time_is_news_while_an_edit_waits(house: House) -> None:
    house.google.put(WORK, timed("a1", body=Body(visibility="private", organizer_self=True)))
    house.settle()
    event = house.event("a1")
    house.change(event, summary="Ours")
    share(house, "reader")
    item = house.google.read(WORK, "a1")
    assert item is not None
    assert item.content is not None
    moved = When("2027-05-04T15:00:00Z", "2027-05-04T16:00:00Z", "UTC")
    house.google.put(WORK, replace(item, content=replace(item.content, when=moved)))
    house.settle()
    assert (house.text(event).summary, house.text(event).when.start) == ("Ours", moved.start)

    share(house, "owner")
    house.settle()

    there = house.there_is(event)
    assert (there.summary, there.when.start) == ("Ours", moved.start)


# Modes that were chosen


def test_an_event_never_sent_waits_for_a_mode_that_pushes(house: House) -> None:
    event = house.add(said("New"))
    switch(house, Mode.READ_ONLY)
    house.settle()
    assert house.copy(event).hold == "refused"
    assert "read-only" in (house.copy(event).reason or "")

    switch(house, Mode.TWO_WAY)
    house.settle()

    assert house.there_is(event).summary == "New"


def test_a_series_never_sent_waits_with_its_exceptions(house: House) -> None:
    series = house.add(said(recurrence=("RRULE:FREQ=DAILY;COUNT=6",)))
    day = replace(house.text(series), summary="Other", when=When("2027-05-06T12:00:00Z", "2027-05-06T13:00:00Z", "UTC"))
    exception = edit.change_occurrence(house.store, house.means, series.id, "20270506T120000Z", day)
    switch(house, Mode.READ_ONLY)
    house.settle()

    switch(house, Mode.TWO_WAY)
    house.settle()

    assert house.there_is(series).summary == "Lunch"
    assert house.there_is(exception).summary == "Other"


def test_what_google_found_invalid_is_tried_again_in_another_mode(house: House) -> None:
    house.google.fail_write(Invalid("Bad."), kind=Insert)
    event = house.add()
    house.sync()
    assert house.copy(event).hold == "invalid"

    switch(house, Mode.ONE_WAY)
    house.settle()

    assert house.there_is(event).summary == "Lunch"
