"""Sign-ins that nobody uses stay alive: once a week, paused ones too."""

from __future__ import annotations

import pytest

from calsyncctl.connections.connect import Wish, connect
from calsyncctl.connections.refreshing import IDLE, idle_accounts, keep_alive
from calsyncctl.connections.resting import pause, resume
from calsyncctl.errors import NeedsReauth
from calsyncctl.model.account import Account, AccountState
from calsyncctl.store import accounts
from tests.support.authority import SUPPORT, WORK, Office, grant


@pytest.fixture
def work(office: Office) -> Account:
    return connect(office.means, Wish(), grant(WORK)).account


def week_later(office: Office) -> None:
    office.clock.sleep(IDLE + 3600 + 1)


def test_an_account_is_idle_a_week_after_its_last_token(office: Office, work: Account) -> None:
    assert idle_accounts(office.store, office.clock.now()) == []
    week_later(office)
    assert [one.email for one in idle_accounts(office.store, office.clock.now())] == [WORK]


def test_a_paused_account_is_kept_alive_and_stays_paused(office: Office, work: Account) -> None:
    pause(office.means, work)
    week_later(office)
    office.used.clear()
    keep_alive(office.means, work.id)
    assert len(office.used) == 1
    assert accounts.get_account(office.store, work.id).state is AccountState.PAUSED


def test_what_was_used_meanwhile_is_left_alone(office: Office, work: Account) -> None:
    office.used.clear()
    keep_alive(office.means, work.id)
    assert office.used == []


def test_a_dead_sign_in_is_marked_and_the_others_are_not(office: Office, work: Account) -> None:
    other = connect(office.means, Wish(), grant(SUPPORT)).account
    week_later(office)
    office.google.fail_next(NeedsReauth("It was withdrawn."))
    with pytest.raises(NeedsReauth):
        keep_alive(office.means, work.id)
    assert accounts.get_account(office.store, work.id).state is AccountState.NEEDS_REAUTH
    assert accounts.get_account(office.store, other.id).state is AccountState.ACTIVE


def test_a_paused_one_that_is_dead_is_asked_for_once_and_again_after_it_is_resumed(
    office: Office, work: Account
) -> None:
    pause(office.means, work)
    week_later(office)
    office.google.fail_next(NeedsReauth("It was withdrawn."))
    with pytest.raises(NeedsReauth):
        keep_alive(office.means, work.id)
    dead = accounts.get_account(office.store, work.id)
    assert (dead.state, dead.reason) == (AccountState.PAUSED, "It was withdrawn.")
    assert idle_accounts(office.store, office.clock.now()) == []
    assert [one.reason for one in idle_accounts_after_resuming(office, dead)] == [None]


def idle_accounts_after_resuming(office: Office, account: Account) -> list[Account]:
    resume(office.means, account)
    return idle_accounts(office.store, office.clock.now())


def test_a_dead_one_that_is_paused_is_not_asked_for(office: Office, work: Account) -> None:
    with office.store.write():
        accounts.set_account_state(
            office.store, work.id, AccountState.NEEDS_REAUTH, reason="It was withdrawn.", since=1
        )
    pause(office.means, accounts.get_account(office.store, work.id))
    week_later(office)
    assert idle_accounts(office.store, office.clock.now()) == []
