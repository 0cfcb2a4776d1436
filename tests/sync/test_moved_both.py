"""An event that is moved or deleted here while somebody moves it in Google stays one event with one home."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from calsyncctl.errors import NotAllowed
from calsyncctl.model.calendar import Calendar
from calsyncctl.model.event import Event
from calsyncctl.store import copies, runs
from calsyncctl.sync.choice import Policy
from calsyncctl.sync.editing import edit
from calsyncctl.sync.editing.restoring import restore_event
from tests.support.memory import timed
from tests.sync.desk import WORK
from tests.sync.house import House, said
from tests.sync.test_moved_there import DAILY, OTHER, THIRD, read, seen, stands, there_moved

TEAM = "team-calendar"
ORDERS = [[WORK, OTHER, TEAM], [OTHER, WORK, TEAM], [OTHER, TEAM, WORK], [TEAM, WORK, OTHER], [TEAM, OTHER, WORK]]
IN_ANY_ORDER = pytest.mark.parametrize("order", ORDERS, ids=lambda order: "-".join(name[0] for name in order))
BOTH_POLICIES = pytest.mark.parametrize("policy", [Policy.GOOGLE_WINS, Policy.LOCAL_WINS])


def known_there(house: House, google_id: str) -> Event:
    known = copies.known_copies(house.store, house.home().id, [google_id])
    return known[google_id].event


def all_stand(house: House) -> dict[str, list[str]]:
    """What stands on the calendars that anything stands on, in Google."""
    return {name: found for name in (WORK, OTHER, TEAM) if (found := stands(house, name))}


@IN_ANY_ORDER
@BOTH_POLICIES
def test_moved_on_both_sides_it_lives_where_the_policy_says(
    house: House, lunch: Event, team: Calendar, policy: Policy, order: list[str]
) -> None:
    house.prefer(policy)
    edit.move_event(house.store, house.means, lunch.id, team)
    there_moved(house, house.copy(lunch, house.home()).google_id)
    read(house, order)
    house.settle()

    home = OTHER if policy is Policy.GOOGLE_WINS else TEAM
    assert (seen(house), all_stand(house)) == ([(home, "Lunch")], {home: ["Lunch"]})
    assert (house.fresh(lunch).deleted, house.fresh(lunch).calendar_id) == (None, house.home(home).id)


@IN_ANY_ORDER
@BOTH_POLICIES
def test_what_was_edited_on_either_side_is_said_where_it_lives(
    house: House, lunch: Event, team: Calendar, policy: Policy, order: list[str]
) -> None:
    house.prefer(policy)
    house.change(lunch, summary="Soup")
    edit.move_event(house.store, house.means, lunch.id, team)
    there_moved(house, house.copy(lunch, house.home()).google_id)
    item = house.google.alive(OTHER)[house.copy(lunch, house.home()).google_id]
    assert item.content is not None
    body = replace(item.content.body, location="Canteen")
    house.google.put(OTHER, replace(item, content=replace(item.content, body=body)))
    read(house, order)
    house.settle()

    home = house.home(OTHER if policy is Policy.GOOGLE_WINS else TEAM)
    assert (house.there_is(lunch, home).summary, house.there_is(lunch, home).body.location) == ("Soup", "Canteen")
    assert list(all_stand(house).values()) == [["Soup"]]


@IN_ANY_ORDER
@BOTH_POLICIES
def test_a_series_keeps_its_exceptions(house: House, team: Calendar, policy: Policy, order: list[str]) -> None:
    house.prefer(policy)
    series = house.add(said(recurrence=DAILY))
    soup = said("Soup", "2027-05-06T15:00:00Z", "2027-05-06T16:00:00Z")
    edit.change_occurrence(house.store, house.means, series.id, THIRD, soup)
    house.settle()
    edit.move_event(house.store, house.means, series.id, team)
    there_moved(house, house.copy(series, house.home()).google_id)
    read(house, order)
    house.settle()

    home = OTHER if policy is Policy.GOOGLE_WINS else TEAM
    assert all_stand(house) == {home: ["Lunch", "Soup"]}
    assert seen(house) == [(home, "Lunch"), (home, "Soup")]


@IN_ANY_ORDER
def test_deleted_here_while_it_moves_in_google_it_lives_there_and_the_history_says_so(
    house: House, lunch: Event, order: list[str]
) -> None:
    house.delete(lunch)
    there_moved(house, house.copy(lunch, house.home()).google_id)
    read(house, order)
    house.settle()

    assert (seen(house), all_stand(house)) == ([(OTHER, "Lunch")], {OTHER: ["Lunch"]})
    assert house.fresh(lunch).deleted is None
    assert house.lost(lunch) == {"deleted": True}


@IN_ANY_ORDER
def test_a_series_that_is_deleted_here_comes_with_its_exceptions(
    house: House, team: Calendar, order: list[str]
) -> None:
    series = house.add(said(recurrence=DAILY))
    soup = said("Soup", "2027-05-06T15:00:00Z", "2027-05-06T16:00:00Z")
    edit.change_occurrence(house.store, house.means, series.id, THIRD, soup)
    house.settle()
    house.delete(series)
    there_moved(house, house.copy(series, house.home()).google_id)
    read(house, order)
    house.settle()

    assert all_stand(house) == {OTHER: ["Lunch", "Soup"]}
    assert seen(house) == [(OTHER, "Lunch"), (OTHER, "Soup")]


@pytest.mark.parametrize("order", [[WORK, TEAM, OTHER], [TEAM, OTHER, WORK], [OTHER, TEAM, WORK]])
def test_of_a_links_copies_one_is_moved_and_another_deleted_in_google(
    house: House, team: Calendar, order: list[str]
) -> None:
    native = house.native()
    for target in (house.home(), team):
        house.link(native, target)
    event = house.add(calendar=native)
    house.settle()
    house.delete_there(event, team)
    there_moved(house, house.copy(event, house.home()).google_id)
    read(house, order)
    house.settle()

    assert (seen(house), all_stand(house)) == ([(OTHER, "Lunch")], {OTHER: ["Lunch"]})
    assert (house.fresh(event).deleted, house.fresh(event).calendar_id) == (None, house.home(OTHER).id)


@pytest.mark.parametrize("to", [OTHER, TEAM])
def test_moved_to_the_same_calendar_on_both_sides_it_stands_there_once(
    house: House, lunch: Event, team: Calendar, to: str
) -> None:
    edit.move_event(house.store, house.means, lunch.id, house.home(to))
    there_moved(house, house.copy(lunch, house.home()).google_id, to=to)
    house.settle()

    assert (seen(house), all_stand(house)) == ([(to, "Lunch")], {to: ["Lunch"]})
    assert house.fresh(lunch).deleted is None


def test_the_history_names_both_moves(house: House, lunch: Event, team: Calendar) -> None:
    house.prefer(Policy.LOCAL_WINS)
    edit.move_event(house.store, house.means, lunch.id, team)
    there_moved(house, house.copy(lunch, house.home()).google_id)
    house.settle()

    moves = [(row.author, row.changes[0].after) for row in runs.versions_of(house.store, lunch.id) if row.changes]
    assert moves == [("agent:jane", TEAM), ("google", OTHER), ("calsyncctl", TEAM)]


def test_deleted_here_edited_on_one_of_a_links_calendars_and_moved_off_the_other(house: House, team: Calendar) -> None:
    """The edit brings it back, and that is no arrival: where it went was read before, and is where it lives."""
    native = house.native()
    for target in (house.home(), team):
        house.link(native, target)
    event = house.add(calendar=native)
    house.settle()
    there_moved(house, house.copy(event, team).google_id, TEAM)
    house.delete(event)
    house.edit_there(event, house.home(), summary="Soup")
    read(house, [OTHER, WORK, TEAM])
    house.settle()

    assert (house.fresh(event).calendar_id, all_stand(house)) == (house.home(OTHER).id, {OTHER: ["Soup"]})


@pytest.mark.parametrize("order", [[WORK, OTHER, TEAM], [WORK, TEAM, OTHER], [OTHER, TEAM, WORK], [TEAM, OTHER, WORK]])
def test_moved_here_off_a_linked_calendar_while_one_of_its_copies_moves_onto_another(
    house: House, team: Calendar, order: list[str]
) -> None:
    native = house.native()
    for target in (house.home(OTHER), team):
        house.link(native, target)
    series = house.add(said(recurrence=DAILY), native)
    soup = said("Soup", "2027-05-06T15:00:00Z", "2027-05-06T16:00:00Z")
    edit.change_occurrence(house.store, house.means, series.id, THIRD, soup)
    house.settle()
    edit.move_event(house.store, house.means, series.id, house.home())
    there_moved(house, house.copy(series, house.home(OTHER)).google_id, OTHER, TEAM)
    read(house, order)
    house.settle()

    assert all_stand(house) == {TEAM: ["Lunch", "Soup"]}
    assert seen(house) == [(TEAM, "Lunch"), (TEAM, "Soup")]


def test_both_of_a_links_copies_moved_to_one_calendar_it_lives_there_once(house: House, team: Calendar) -> None:
    native = house.native()
    for target in (house.home(OTHER), team):
        house.link(native, target)
    event = house.add(calendar=native)
    house.settle()
    for source in (house.home(OTHER), team):
        there_moved(house, house.copy(event, source).google_id, str(source.google_id), WORK)
    house.delete(event)
    house.settle()

    assert (house.fresh(event).calendar_id, all_stand(house)) == (house.home().id, {WORK: ["Lunch"]})


@IN_ANY_ORDER
@pytest.mark.parametrize("page_size", [1, 10])
def test_moved_here_to_where_both_of_a_links_copies_move_in_google_it_lives_there_once(
    house: House, team: Calendar, page_size: int, order: list[str]
) -> None:
    native = house.native()
    for target in (house.home(OTHER), team):
        house.link(native, target)
    event = house.add(calendar=native)
    house.settle()
    for source in (house.home(OTHER), team):
        there_moved(house, house.copy(event, source).google_id, str(source.google_id), WORK)
    house.google.page_size = page_size
    edit.move_event(house.store, house.means, event.id, house.home())
    read(house, order)
    house.settle()

    assert (house.fresh(event).calendar_id, all_stand(house)) == (house.home().id, {WORK: ["Lunch"]})


def test_what_turned_out_to_be_another_event_is_not_restored_beside_it(house: House, team: Calendar) -> None:
    house.google.put(WORK, timed("tea00000", "Tea", "2027-05-05T09:00:00Z", "2027-05-05T10:00:00Z"))
    house.settle()
    tea = known_there(house, "tea00000")
    there_moved(house, "tea00000")
    read(house, [OTHER])
    younger = house.event("tea00000", OTHER)
    house.settle()

    with pytest.raises(NotAllowed, match=f"the event {tea.key[:8]} by now"):
        restore_event(house.store, house.means, younger.id)


@IN_ANY_ORDER
def test_of_googles_own_moved_to_one_calendar_on_both_sides_it_stands_there_once(
    house: House, team: Calendar, order: list[str]
) -> None:
    house.google.put(WORK, timed("tea00000", "Tea", "2027-05-05T09:00:00Z", "2027-05-05T10:00:00Z"))
    house.settle()
    tea = known_there(house, "tea00000")
    edit.move_event(house.store, house.means, tea.id, team)
    there_moved(house, "tea00000", to=TEAM)
    read(house, order)
    house.settle()

    assert (seen(house), all_stand(house)) == ([(TEAM, "Tea")], {TEAM: ["Tea"]})
    assert (house.fresh(tea).deleted, house.fresh(tea).calendar_id) == (None, team.id)


@BOTH_POLICIES
def test_moved_on_both_sides_to_a_calendar_that_is_read_days_later_it_lives_on_one(
    house: House, lunch: Event, team: Calendar, policy: Policy
) -> None:
    house.prefer(policy)
    edit.move_event(house.store, house.means, lunch.id, team)
    there_moved(house, house.copy(lunch, house.home()).google_id)
    read(house, [WORK, TEAM])
    house.clock.at += 3 * 86400
    house.settle()

    assert (seen(house), all_stand(house)) == ([(OTHER, "Lunch")], {OTHER: ["Lunch"]})
    assert (house.fresh(lunch).deleted, house.fresh(lunch).calendar_id) == (None, house.home(OTHER).id)
