"""What the daemon asks every few seconds."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from calsyncctl.model.account import Account, AccountState
from calsyncctl.model.calendar import CalendarState, Mode
from calsyncctl.model.channel import Channel
from calsyncctl.store import accounts, calendars, copies
from calsyncctl.store.channels import add_channel
from calsyncctl.store.db import Store, open_store
from calsyncctl.store.due import (
    FARTHEST,
    clock_was_ahead,
    clock_went_back,
    count_unsent,
    data_version,
    draw_near,
    due_calendars,
    make_calendars_due,
    schema_version,
    set_due,
    taking_part,
    waiting_copies,
)
from calsyncctl.store.meta import set_meta
from tests.store.build import NOW, seen
from tests.store.events_build import event, keep


@pytest.fixture
def home(store: Store, account: Account) -> int:
    calendar = seen(store, account, "Work")
    with store.write():
        calendars.select_calendar(store, calendar.id, Mode.TWO_WAY, NOW)
    return calendar.id


def wait_until(store: Store, home: int, until: int, reason: str | None = "Google asked to wait.") -> None:
    with store.write():
        calendars.set_calendar_state(store, home, CalendarState.SELECTED, reason=reason, since=NOW, until=until)


def test_a_calendar_that_was_never_asked_is_due_and_then_at_its_time(store: Store, account: Account, home: int) -> None:
    assert due_calendars(store, NOW) == [(account.id, home)]
    with store.write():
        set_due(store, {home: NOW + 15})
    assert due_calendars(store, NOW + 14) == []
    assert due_calendars(store, NOW + 15) == [(account.id, home)]
    with store.write():
        make_calendars_due(store, [home], NOW)
    assert due_calendars(store, NOW) == [(account.id, home)]


def test_what_was_planned_too_far_away_comes_nearer_and_not_all_at_once(store: Store, account: Account) -> None:
    made = [seen(store, account, f"Room {number}").id for number in range(50)]
    with store.write():
        for one in made:
            calendars.select_calendar(store, one, Mode.TWO_WAY, NOW)
        set_due(store, {one: NOW + 290 * number for number, one in enumerate(made)})
        told = Channel("c", account.id, made[-1], "", "", NOW, NOW + 9999, heard=NOW)
        add_channel(store, told)
        assert draw_near(store, NOW, polled=375, told=4500) == 48
        assert draw_near(store, NOW, polled=375, told=4500) == 0
    due = dict(store.connection.execute("SELECT id, due - ? FROM calendar", (NOW,)))
    assert due[made[-1]] == 290 * 49 % 4500
    assert max(due[one] for one in made[:-1]) < 375
    assert len(set(due.values())) > 30


def test_a_time_that_a_wrong_clock_wrote_is_not_waited_for(store: Store, account: Account, home: int) -> None:
    with store.write():
        set_due(store, {home: NOW + FARTHEST + 1})
    assert due_calendars(store, NOW) == [(account.id, home)]


def test_what_google_asked_to_wait_with_waits(store: Store, account: Account, home: int) -> None:
    wait_until(store, home, NOW + 60)
    assert due_calendars(store, NOW) == []
    assert due_calendars(store, NOW + 60) == [(account.id, home)]


@pytest.mark.parametrize("state", [AccountState.PAUSED, AccountState.NEEDS_REAUTH, AccountState.DISCONNECTING])
def test_an_account_at_rest_has_nothing_due(store: Store, account: Account, home: int, state: AccountState) -> None:
    with store.write():
        accounts.set_account_state(store, account.id, state, since=NOW)
    assert due_calendars(store, NOW) == []
    assert taking_part(store) == []


def test_a_calendar_on_hold_is_due_and_a_paused_one_is_not(store: Store, account: Account, home: int) -> None:
    for state, due in ((CalendarState.HOLD, [(account.id, home)]), (CalendarState.PAUSED, [])):
        with store.write():
            calendars.set_calendar_state(store, home, state, since=NOW)
        assert due_calendars(store, NOW) == due


def test_copies_that_wait_are_told_by_calendar_with_a_mark_that_every_edit_changes(store: Store, home: int) -> None:
    keep(store, event(home, 1), event(home, 2))
    assert waiting_copies(store, NOW) == []
    with store.write():
        copies.make_due(store, [1], NOW)
    (first,) = waiting_copies(store, NOW)
    assert (first.calendar_id, first.count) == (home, 1)
    with store.write():
        copies.make_due(store, [2], NOW)
    (second,) = waiting_copies(store, NOW)
    assert second.count == 2
    assert second.mark != first.mark
    assert waiting_copies(store, NOW - 1) == []


def test_copies_of_a_calendar_that_waits_wait_with_it(store: Store, home: int) -> None:
    keep(store, event(home, 1))
    with store.write():
        copies.make_due(store, [1], NOW)
    wait_until(store, home, NOW + 60)
    assert waiting_copies(store, NOW) == []


def test_what_is_to_be_sent_later_counts_as_unsent(store: Store, home: int) -> None:
    keep(store, event(home, 1), event(home, 2))
    assert count_unsent(store) == 0
    with store.write():
        copies.make_due(store, [1, 2], NOW + 60)
    assert count_unsent(store) == 2


@pytest.mark.parametrize("state", [AccountState.PAUSED, AccountState.NEEDS_REAUTH, AccountState.DISCONNECTING])
def test_what_rests_with_its_account_does_not_count_as_unsent(
    store: Store, account: Account, home: int, state: AccountState
) -> None:
    keep(store, event(home, 1))
    with store.write():
        copies.make_due(store, [1], NOW)
        accounts.set_account_state(store, account.id, state, since=NOW)
    assert count_unsent(store) == 0


def test_what_is_paused_or_waits_for_a_person_does_not_count_as_unsent(store: Store, home: int) -> None:
    keep(store, event(home, 1))
    with store.write():
        copies.make_due(store, [1], NOW)
        calendars.set_calendar_state(store, home, CalendarState.PAUSED, since=NOW)
    assert count_unsent(store) == 0
    with store.write():
        calendars.set_calendar_state(store, home, CalendarState.SELECTED, since=NOW)
        store.connection.execute("UPDATE copy SET hold = 'deletions'")
    assert count_unsent(store) == 0


def test_what_waits_goes_back_with_the_clock(store: Store, account: Account, home: int) -> None:
    keep(store, event(home, 1))
    wait_until(store, home, NOW + 60)
    with store.write():
        copies.make_due(store, [1], NOW)
        set_due(store, {home: NOW + 15})
        clock_went_back(store, 3600)
    assert due_calendars(store, NOW - 3600) == []
    assert due_calendars(store, NOW - 3600 + 60) == [(account.id, home)]
    assert len(waiting_copies(store, NOW - 3600 + 60)) == 1


def test_what_was_to_wait_by_a_clock_that_ran_ahead_waits_no_longer_than_meant(
    store: Store, account: Account, home: int
) -> None:
    with store.write():
        accounts.mark_account_success(store, account.id, NOW + 7200)
        set_due(store, {home: NOW + 7200 + 15})
        assert clock_was_ahead(store, NOW) == 7200
    assert due_calendars(store, NOW + 14) == []
    assert due_calendars(store, NOW + 15) == [(account.id, home)]


def test_a_clock_that_ran_ahead_is_made_up_for_once_however_often_a_daemon_begins(
    store: Store, account: Account, home: int
) -> None:
    with store.write():
        accounts.mark_account_success(store, account.id, NOW + 7200)
        clock_was_ahead(store, NOW)
        set_due(store, {home: NOW + 300})
        assert clock_was_ahead(store, NOW) == 0
        assert due_calendars(store, NOW + 299) == []
        accounts.mark_account_success(store, account.id, NOW + 9000)
        assert clock_was_ahead(store, NOW) == 9000
        accounts.mark_account_success(store, account.id, NOW + 9999)
        clock_went_back(store, 9999)  # a daemon has seen it
        assert clock_was_ahead(store, NOW) == 0


def test_somebody_elses_commit_is_heard_and_ones_own_is_not(store: Store, path: Path) -> None:
    before, schema = data_version(store), schema_version(store)
    with store.write():
        set_meta(store, "a", "1")
    assert data_version(store) == before
    with closing(open_store(path)) as other, other.write():
        set_meta(other, "a", "2")
    assert data_version(store) != before
    assert schema_version(store) == schema
