"""The account table: what is kept, what a new sign-in changes, what goes with an account."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest

from calsyncctl.errors import NotFound
from calsyncctl.model.account import Account, AccountState
from calsyncctl.model.people import AssigneeKind
from calsyncctl.store import accounts, people
from calsyncctl.store.calendars import list_calendars
from calsyncctl.store.db import Store
from tests.store.build import NOW, connected, seen


def test_an_account_comes_back_as_it_was_added(store: Store) -> None:
    account = connected(store, "work@example.com")

    assert account == Account(
        id=1,
        provider="google",
        sub="sub-of-work@example.com",
        email="work@example.com",
        owner=None,
        state=AccountState.ACTIVE,
        scopes=frozenset({"calendar.events", "openid"}),
        client="client-1",
        vault="file",
        since=NOW,
        token_expires=NOW + 3600,
    )
    assert accounts.get_account(store, account.id) == account


def test_accounts_are_listed_as_they_were_connected_and_by_state(store: Store) -> None:
    first, second = connected(store, "work@example.com"), connected(store, "a@example.com")
    with store.write():
        accounts.set_account_state(store, second.id, AccountState.NEEDS_REAUTH, reason="invalid_grant", since=NOW)

    assert [one.id for one in accounts.list_accounts(store)] == [first.id, second.id]
    assert [one.id for one in accounts.list_accounts(store, states=[AccountState.NEEDS_REAUTH])] == [second.id]
    assert accounts.list_accounts(store, states=[]) == []


def test_the_same_person_is_known_by_sub_not_by_address(store: Store, account: Account) -> None:
    assert accounts.account_by_sub(store, "google", account.sub) == account
    assert accounts.account_by_sub(store, "google", "somebody-else") is None
    assert accounts.account_by_sub(store, "other", account.sub) is None


def test_the_same_person_cannot_be_added_twice(store: Store, account: Account) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        connected(store, account.email)


def test_a_state_has_reason_since_and_until_and_loses_them_with_the_next(store: Store, account: Account) -> None:
    with store.write():
        accounts.set_account_state(store, account.id, AccountState.PAUSED, reason="away", since=NOW, until=NOW + 60)
    paused = accounts.get_account(store, account.id)
    with store.write():
        accounts.set_account_state(store, account.id, AccountState.ACTIVE, since=NOW + 60)

    assert (paused.state, paused.reason, paused.since, paused.until) == (AccountState.PAUSED, "away", NOW, NOW + 60)
    assert accounts.get_account(store, account.id) == replace(account, since=NOW + 60)


def test_a_refresh_that_says_nothing_of_the_grant_keeps_its_end(store: Store, account: Account) -> None:
    with store.write():
        accounts.set_tokens(store, account.id, token_expires=NOW + 1, grant_expires=NOW + 9)
        accounts.set_tokens(store, account.id, token_expires=NOW + 2)

    assert accounts.get_account(store, account.id) == replace(account, token_expires=NOW + 2, grant_expires=NOW + 9)


def test_the_end_of_a_grant_can_be_cleared(store: Store, account: Account) -> None:
    with store.write():
        accounts.set_tokens(store, account.id, token_expires=NOW, grant_expires=NOW + 9)
        accounts.set_tokens(store, account.id, token_expires=NOW, grant_expires=None)

    assert accounts.get_account(store, account.id).grant_expires is None


def test_a_new_sign_in_repairs_in_place_and_leaves_owner_and_state(store: Store, account: Account) -> None:
    with store.write():
        accounts.set_owner(store, account.id, "desk")
        accounts.set_grant(
            store,
            account.id,
            email="new@example.com",
            scopes={"openid"},
            client="client-2",
            vault="service",
            token_expires=1,
            grant_expires=2,
        )

    expected = replace(
        account, email="new@example.com", scopes=frozenset({"openid"}), client="client-2", vault="service"
    )
    assert accounts.get_account(store, account.id) == replace(expected, token_expires=1, grant_expires=2, owner="desk")


def test_cursor_and_success_of_an_account_are_kept(store: Store, account: Account) -> None:
    with store.write():
        accounts.set_list_cursor(store, account.id, "token")
        accounts.mark_account_success(store, account.id, NOW + 5)

    assert accounts.get_account(store, account.id) == replace(account, list_cursor="token", last_success=NOW + 5)


def test_an_account_that_went_meanwhile_is_said_not_ignored(store: Store) -> None:
    with pytest.raises(NotFound, match="no account #7"):
        accounts.get_account(store, 7)
    with store.write(), pytest.raises(NotFound, match="no account #7"):
        accounts.set_owner(store, 7, "desk")


def test_an_account_goes_with_its_calendars_and_assignments_and_no_others(store: Store, account: Account) -> None:
    seen(store, account, "Team")
    other = seen(store, connected(store, "b@example.com"), "Team")
    with store.write():
        desk = people.add_assignee(store, AssigneeKind.AGENT, "desk")
        for calendar in list_calendars(store):
            people.assign(store, calendar.id, desk.id)

        accounts.delete_account(store, account.id)

    assert [one.email for one in accounts.list_accounts(store)] == ["b@example.com"]
    assert people.calendars_of(store, desk.id) == [other]


def test_no_column_of_the_store_is_made_for_a_secret(store: Store) -> None:
    columns = store.connection.execute(
        "SELECT c.name FROM pragma_table_list t JOIN pragma_table_info(t.name) c WHERE t.schema = 'main'"
    ).fetchall()

    assert [name for (name,) in columns if "secret" in name or "refresh" in name or name == "token"] == []
