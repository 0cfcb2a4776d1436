"""The calendar table: what Google's list may touch, what is ours, and where a listing stands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calsyncctl.errors import NotFound, UsageFault
from calsyncctl.model.account import Account, AccountState
from calsyncctl.model.calendar import Calendar, CalendarKind, CalendarState, Mode, RemoteCalendar
from calsyncctl.model.people import AssigneeKind
from calsyncctl.store import calendars, people
from calsyncctl.store.accounts import set_account_state
from calsyncctl.store.db import Store
from tests.store.build import NOW, connected, seen

TEAM = RemoteCalendar("team@calendars", "Team", "Europe/Berlin", "writer", is_primary=True, colour="#7986cb")


@pytest.fixture
def team(store: Store, account: Account) -> Calendar:
    with store.write():
        return calendars.keep_remote(store, account.id, TEAM)


def again(store: Store, calendar: Calendar) -> Calendar:
    return calendars.get_calendar(store, calendar.id)


def test_a_calendar_that_google_lists_for_the_first_time_is_available(team: Calendar, account: Account) -> None:
    assert team == Calendar(
        id=1,
        kind=CalendarKind.GOOGLE,
        name="Team",
        zone="Europe/Berlin",
        state=CalendarState.AVAILABLE,
        account_id=account.id,
        google_id="team@calendars",
        colour="#7986cb",
        access="writer",
        is_primary=True,
    )


def test_googles_list_changes_what_google_says_and_nothing_of_ours(
    store: Store, account: Account, team: Calendar
) -> None:
    told = RemoteCalendar(TEAM.google_id, "Crew", "UTC", "reader", colour=None)
    with store.write():
        calendars.select_calendar(store, team.id, Mode.TWO_WAY, NOW)
        calendars.begin_listing(store, team.id, "q")
        calendars.save_cursor(store, team.id, "token", "q")
        before = again(store, team)
        after = calendars.keep_remote(store, account.id, told)

    assert after == replace(before, name="Crew", access="reader", is_primary=False, colour=None)


def test_the_zone_of_a_calendar_that_takes_part_is_left_to_its_page(
    store: Store, account: Account, team: Calendar
) -> None:
    moved = replace(TEAM, zone="UTC")
    with store.write():
        assert calendars.keep_remote(store, account.id, moved).zone == "UTC"
        calendars.select_calendar(store, team.id, Mode.TWO_WAY, NOW)
        assert calendars.keep_remote(store, account.id, TEAM).zone == "UTC"


def test_a_list_that_says_nothing_new_writes_nothing(store: Store, account: Account, team: Calendar) -> None:
    before = store.connection.total_changes
    with store.write():
        calendars.keep_remote(store, account.id, TEAM)

    assert store.connection.total_changes == before


def test_the_same_calendar_may_be_seen_through_two_accounts(store: Store, account: Account, team: Calendar) -> None:
    other = connected(store, "b@example.com")
    with store.write():
        shared = calendars.keep_remote(store, other.id, TEAM)

    assert shared.id != team.id
    assert shared.google_id == team.google_id


def test_one_selected_elsewhere_is_found_also_when_paused_or_on_hold(
    store: Store, account: Account, team: Calendar
) -> None:
    other = connected(store, "b@example.com")

    found = []
    for state in CalendarState:
        with store.write():
            calendars.set_calendar_state(store, team.id, state, since=NOW)
        found.append(calendars.selected_elsewhere(store, TEAM.google_id, other.id))

    assert [one and one.state for one in found] == [
        None,
        CalendarState.SELECTED,
        CalendarState.PAUSED,
        CalendarState.HOLD,
    ]


def test_selected_through_the_same_account_is_not_elsewhere(store: Store, account: Account, team: Calendar) -> None:
    with store.write():
        calendars.select_calendar(store, team.id, Mode.TWO_WAY, NOW)

    assert calendars.selected_elsewhere(store, TEAM.google_id, account.id) is None


def test_an_account_that_leaves_claims_no_calendar(store: Store, account: Account, team: Calendar) -> None:
    other = connected(store, "b@example.com")
    with store.write():
        calendars.select_calendar(store, team.id, Mode.TWO_WAY, NOW)
        set_account_state(store, account.id, AccountState.DISCONNECTED, since=NOW)

    assert calendars.selected_elsewhere(store, TEAM.google_id, other.id) is None


def test_selecting_ends_a_hold_with_its_reason(store: Store, team: Calendar) -> None:
    with store.write():
        calendars.set_calendar_state(store, team.id, CalendarState.HOLD, reason="gone", since=NOW, until=NOW + 1)
        calendars.select_calendar(store, team.id, Mode.READ_ONLY, NOW + 2)

    assert again(store, team) == replace(team, state=CalendarState.SELECTED, mode=Mode.READ_ONLY, since=NOW + 2)


def test_listings_are_numbered_and_begin_without_cursor_and_page(store: Store, team: Calendar) -> None:
    with store.write():
        first = calendars.begin_listing(store, team.id, "q1")
        calendars.save_page(store, team.id, "page 2")
        calendars.save_cursor(store, team.id, "token", "q1")
        second = calendars.begin_listing(store, team.id, "q2")

    assert (first, second) == (1, 2)
    assert again(store, team) == replace(team, listing=2, query="q2")


def test_an_interrupted_listing_knows_its_next_page(store: Store, team: Calendar) -> None:
    with store.write():
        calendars.begin_listing(store, team.id, "q")
        calendars.save_page(store, team.id, "page 2")

    assert again(store, team) == replace(team, listing=1, query="q", page="page 2")


def test_the_cursor_after_the_last_page_ends_the_listing(store: Store, team: Calendar) -> None:
    with store.write():
        calendars.begin_listing(store, team.id, "q")
        calendars.save_page(store, team.id, "page 2")
        calendars.save_cursor(store, team.id, "token", "q")

    assert again(store, team) == replace(team, listing=1, query="q", cursor="token")


def test_a_dropped_cursor_keeps_the_number_of_the_listing(store: Store, team: Calendar) -> None:
    with store.write():
        calendars.begin_listing(store, team.id, "q")
        calendars.save_cursor(store, team.id, "token", "q")
        calendars.drop_cursor(store, team.id)

    assert again(store, team) == replace(team, listing=1)


def test_a_pass_that_brought_nothing_moves_only_the_success_clock(store: Store, team: Calendar) -> None:
    with store.write():
        calendars.mark_success(store, team.id, NOW, changed=True)
        calendars.mark_success(store, team.id, NOW + 60, changed=False)

    assert again(store, team) == replace(team, last_success=NOW + 60, last_change=NOW)


def test_access_and_zone_of_a_page_are_noted(store: Store, team: Calendar) -> None:
    with store.write():
        calendars.set_access(store, team.id, "freeBusyReader", "UTC")

    assert again(store, team) == replace(team, access="freeBusyReader", zone="UTC")


def test_native_calendars_are_always_selected_and_writable(store: Store) -> None:
    with store.write():
        native = calendars.add_native(store, "Projects", zone="Asia/Tokyo", colour="#0b8043")

    assert (native.kind, native.state, native.writable) == (CalendarKind.NATIVE, CalendarState.SELECTED, True)
    assert (native.name, native.zone, native.colour) == ("Projects", "Asia/Tokyo", "#0b8043")


def test_two_native_calendars_cannot_share_a_name(store: Store) -> None:
    with store.write():
        calendars.add_native(store, "Projects", zone="UTC")

        with pytest.raises(UsageFault, match="already a native calendar"):
            calendars.add_native(store, "PROJECTS", zone="UTC")


def test_calendars_are_listed_by_account_primary_first_then_name(store: Store, account: Account) -> None:
    with store.write():
        calendars.add_native(store, "Alpha", zone="UTC")
    seen(store, account, "beta")
    seen(store, account, "Albums")
    with store.write():
        calendars.keep_remote(store, account.id, TEAM)

    assert [one.name for one in calendars.list_calendars(store)] == ["Team", "Albums", "beta", "Alpha"]


def test_calendars_are_listed_by_what_is_asked(store: Store, account: Account, team: Calendar) -> None:
    other = seen(store, connected(store, "b@example.com"), "Other")
    with store.write():
        native = calendars.add_native(store, "Native", zone="UTC")
        desk = people.add_assignee(store, AssigneeKind.AGENT, "desk")
        people.assign(store, other.id, desk.id)

    def ids(found: list[Calendar]) -> list[int]:
        return [one.id for one in found]

    assert ids(calendars.list_calendars(store, account_id=account.id)) == [team.id]
    assert ids(calendars.list_calendars(store, states=[CalendarState.SELECTED])) == [native.id]
    assert ids(calendars.list_calendars(store, kinds=[CalendarKind.GOOGLE])) == [team.id, other.id]
    assert ids(calendars.list_calendars(store, assignee=desk.id)) == [other.id]
    assert ids(calendars.list_calendars(store, account_id=account.id, assignee=desk.id)) == []


def test_a_calendar_goes_with_its_assignments(store: Store, team: Calendar) -> None:
    with store.write():
        desk = people.add_assignee(store, AssigneeKind.AGENT, "desk")
        people.assign(store, team.id, desk.id)
        calendars.delete_calendar(store, team.id)

    assert calendars.list_calendars(store) == []


def test_a_calendar_that_went_meanwhile_is_said_not_ignored(store: Store) -> None:
    with pytest.raises(NotFound, match="no calendar #7"):
        calendars.get_calendar(store, 7)
    with store.write(), pytest.raises(NotFound, match="no calendar #7"):
        calendars.begin_listing(store, 7, "q")
    with store.write(), pytest.raises(NotFound, match="no calendar #7"):
        calendars.save_page(store, 7, "page")
