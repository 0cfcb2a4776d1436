"""Sign-ins that nobody uses stay alive: once a week, paused ones too."""

from __future__ import annotations

import pytest

from calsyncctl.connections.connect import Wish, connect
from calsyncctl.connections.refreshing import IDLE, idle_accounts, keep_alive
from calsyncctl.connections.resting import pause
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
