"""What somebody brings back in Google where its event stood before it moved away here: one home again, or it goes."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from calsyncctl.connections import linking
from calsyncctl.model.calendar import Calendar
from calsyncctl.model.event import Event
from calsyncctl.store import links
from calsyncctl.sync.choice import Policy
from calsyncctl.sync.editing import edit
from tests.sync.desk import WORK
from tests.sync.house import House, said
from tests.sync.test_moved_both import BOTH_POLICIES, IN_ANY_ORDER, TEAM, all_stand
from tests.sync.test_moved_there import DAILY, OTHER, THIRD, read, seen, stands, there_moved
from tests.sync.test_reconcile import kinds, reconcile


def back_from_the_trash(house: House, event: Event, calendar: Calendar, name: str = WORK) -> str:
    """An event moves away here, and somebody brings it back in Google where it was; return its id there."""
    before = house.remote(event)
    assert before is not None
    edit.move_event(house.store, house.means, event.id, calendar)
    house.settle()
    house.google.put(name, before)
    return before.google_id


@BOTH_POLICIES
def test_brought_back_in_google_where_it_was_it_lives_there_or_goes_again(
    house: House, lunch: Event, team: Calendar, policy: Policy
) -> None:
    house.prefer(policy)
    back_from_the_trash(house, lunch, team)
    house.settle()

    home = WORK if policy is Policy.GOOGLE_WINS else TEAM
    assert (seen(house), all_stand(house)) == ([(home, "Lunch")], {home: ["Lunch"]})


@BOTH_POLICIES
def test_what_was_edited_since_it_moved_away_is_said_where_it_comes_back(
    house: House, lunch: Event, team: Calendar, policy: Policy
) -> None:
    house.prefer(policy)
    google_id = back_from_the_trash(house, lunch, team)
    house.change(lunch, summary="Soup")
    item = house.google.alive(WORK)[google_id]
    assert item.content is not None
    body = replace(item.content.body, location="Canteen")
    house.google.put(WORK, replace(item, content=replace(item.content, body=body)))
    house.settle()

    assert list(all_stand(house).values()) == [["Soup"]]
    assert house.text(lunch).body.location == "Canteen"


@BOTH_POLICIES
def test_a_series_comes_back_with_the_exceptions_that_it_has_by_now(
    house: House, team: Calendar, policy: Policy
) -> None:
    house.prefer(policy)
    series = house.add(said(recurrence=DAILY))
    house.settle()
    soup = said("Soup", "2027-05-06T15:00:00Z", "2027-05-06T16:00:00Z")
    edit.change_occurrence(house.store, house.means, series.id, THIRD, soup)
    back_from_the_trash(house, series, team)
    tart = said("Tart", "2027-05-07T15:00:00Z", "2027-05-07T16:00:00Z")
    edit.change_occurrence(house.store, house.means, series.id, "20270507T120000Z", tart)
    house.settle()

    assert list(all_stand(house).values()) == [["Lunch", "Soup", "Tart"]]


def test_brought_back_off_a_native_calendar_it_lives_where_it_was(house: House, lunch: Event) -> None:
    back_from_the_trash(house, lunch, house.native())
    house.settle()

    assert (seen(house), all_stand(house)) == ([(WORK, "Lunch")], {WORK: ["Lunch"]})


def test_an_invitation_back_to_where_it_was_moves_nothing(house: House, lunch: Event, team: Calendar) -> None:
    google_id = back_from_the_trash(house, lunch, team)
    item = house.google.alive(WORK)[google_id]
    assert item.content is not None
    body = replace(item.content.body, organizer=TEAM, organizer_self=False)
    house.google.put(WORK, replace(item, content=replace(item.content, body=body)))
    house.sync()

    assert house.fresh(lunch).calendar_id == team.id
    assert all_stand(house) == {WORK: ["Lunch"], TEAM: ["Lunch"]}


@BOTH_POLICIES
def test_a_links_copy_that_is_brought_back_after_its_event_has_moved_away_is_no_second_one(
    house: House, team: Calendar, policy: Policy
) -> None:
    house.prefer(policy)
    native = house.native()
    house.link(native, house.home())
    house.link(native, team)
    event = house.add(calendar=native)
    house.settle()
    before = house.remote(event, team)
    assert before is not None
    there_moved(house, house.copy(event, house.home()).google_id)
    house.settle()
    assert all_stand(house) == {OTHER: ["Lunch"]}

    house.google.put(TEAM, before)
    house.settle()

    home = TEAM if policy is Policy.GOOGLE_WINS else OTHER
    assert (seen(house), all_stand(house)) == ([(home, "Lunch")], {home: ["Lunch"]})


def test_what_an_ended_link_let_go_stays_as_somebody_brought_it_back(house: House, team: Calendar) -> None:
    native = house.native()
    house.link(native, team)
    event = house.add(calendar=native)
    house.settle()
    before = house.remote(event, team)
    assert before is not None
    link = links.find_link(house.store, native.id, team.id)
    assert link is not None
    linking.delete_link(house.store, link, remove_copies=True, now=house.clock.now())
    house.settle()
    house.google.put(TEAM, before)
    house.settle()

    assert (house.fresh(event).calendar_id, all_stand(house)) == (native.id, {TEAM: ["Lunch"]})


@BOTH_POLICIES
@pytest.mark.parametrize("edited_there", [False, True])
def test_moved_away_with_an_edit_and_back_again_while_somebody_brings_it_back_in_google_the_edit_stands(
    house: House, lunch: Event, team: Calendar, policy: Policy, edited_there: bool
) -> None:
    """What it says there is what it said before the edit: that is no news."""
    house.prefer(policy)
    house.change(lunch, summary="Soup")
    edit.move_event(house.store, house.means, lunch.id, team)
    house.settle()
    edit.move_event(house.store, house.means, lunch.id, house.home())
    house.google.revive(WORK, house.copy(lunch, house.home()).google_id)
    if edited_there:
        house.edit_there(lunch, house.home(), location="Canteen")
    house.settle()

    content = house.there_is(lunch, house.home())
    assert (content.summary, content.body.location) == ("Soup", "Canteen" if edited_there else "")
    assert all_stand(house) == {WORK: ["Soup"]}


@IN_ANY_ORDER
def test_deleted_where_it_was_moved_here_and_brought_back_in_google_where_it_was_it_lives_there_only(
    house: House, lunch: Event, team: Calendar, order: list[str]
) -> None:
    edit.move_event(house.store, house.means, lunch.id, house.home(OTHER))
    house.settle()
    house.delete(lunch)
    house.google.revive(WORK, house.copy(lunch, house.home()).google_id)
    read(house, order)
    house.settle()

    assert (seen(house), all_stand(house)) == ([(WORK, "Lunch")], {WORK: ["Lunch"]})


def test_what_is_brought_back_beside_its_event_is_a_second_one_and_named_so(house: House, team: Calendar) -> None:
    native = house.native()
    for target in (house.home(OTHER), team):
        house.link(native, target)
    event = house.add(calendar=native)
    house.settle()
    before, google_id = house.remote(event, house.home(OTHER)), house.copy(event, team).google_id
    assert before is not None
    house.delete_there(event, house.home(OTHER))
    there_moved(house, google_id, TEAM, OTHER)
    house.settle()
    house.google.put(OTHER, before)
    house.settle()

    named = reconcile(house, target=OTHER)
    assert (stands(house, OTHER), kinds(named)["doubled"]) == (["Lunch", "Lunch"], 1)
