"""Parting: every step can be cut off and done again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from calsyncctl.connections.connect import Wish, connect
from calsyncctl.connections.disconnect import Parted, part, plan_parting, retry_partings
from calsyncctl.errors import Later, VaultFault
from calsyncctl.model.account import Account, AccountState
from calsyncctl.store import accounts, calendars
from tests.support.authority import Office, grant


@pytest.fixture
def account(office: Office) -> Account:
    return connect(office.means, Wish(), grant()).account


def parted(office: Office, account: Account, **how: bool) -> Parted:
    plan = {"revoke": True, "purge": False, "force": False} | how
    return part(office.means, plan_parting(office.means, account, **plan))


def state(office: Office, account: Account) -> AccountState:
    return accounts.get_account(office.store, account.id).state


def test_planning_does_nothing(office: Office, account: Account) -> None:
    plan_parting(office.means, account, revoke=True, purge=True, force=True)

    assert (state(office, account), office.authority.revoked) == (AccountState.ACTIVE, [])


def test_the_refresh_token_is_revoked_and_both_are_forgotten(office: Office, account: Account) -> None:
    assert parted(office, account).done

    assert office.authority.revoked == ["refresh-1"]
    assert office.secrets.kept == {}
    assert state(office, account) is AccountState.DISCONNECTED


def test_the_calendars_stay_with_their_google_ids(office: Office, account: Account) -> None:
    parted(office, account)

    assert [one.google_id for one in calendars.list_calendars(office.store)] == ["work-main", "team"]


def test_out_of_reach_it_waits_and_is_finished_later(office: Office, account: Account) -> None:
    office.authority.offline = True
    assert not parted(office, account).done
    assert state(office, account) is AccountState.DISCONNECTING
    assert [one.done for one in retry_partings(office.means)] == [False]

    office.authority.offline = False
    assert [one.done for one in retry_partings(office.means)] == [True]
    assert state(office, account) is AccountState.DISCONNECTED


def test_cut_off_before_anything_was_done_it_goes_on_at_the_next_run(office: Office, account: Account) -> None:
    office.busy = True
    with pytest.raises(Later):
        parted(office, account)
    assert state(office, account) is AccountState.DISCONNECTING

    office.busy = False
    assert retry_partings(office.means)[0].done
    assert office.authority.revoked == ["refresh-1"]


def test_forced_it_is_forgotten_whatever_google_says(office: Office, account: Account) -> None:
    office.authority.offline = True

    assert parted(office, account, force=True).done
    assert (state(office, account), office.secrets.kept) == (AccountState.DISCONNECTED, {})


def test_a_vault_out_of_reach_is_waited_for(office: Office, account: Account) -> None:
    office.secrets.broken = VaultFault("locked")
    assert not parted(office, account).done

    office.secrets.broken = None
    assert retry_partings(office.means)[0].done
    assert office.secrets.kept == {}


def test_without_tokens_there_is_nothing_to_revoke(office: Office, account: Account) -> None:
    office.secrets.kept.clear()

    assert parted(office, account).done
    assert office.authority.revoked == []


def test_a_purge_that_had_to_wait_ends_as_a_purge(office: Office, account: Account) -> None:
    office.authority.offline = True
    parted(office, account, purge=True)
    assert calendars.list_calendars(office.store) == []

    office.authority.offline = False
    retry_partings(office.means)
    assert accounts.list_accounts(office.store) == []


def test_not_revoking_still_forgets(office: Office, account: Account) -> None:
    parted(office, account, revoke=False)

    assert (office.authority.revoked, office.secrets.kept) == ([], {})


def test_what_is_not_to_be_revoked_is_not_revoked_by_a_later_run_either(office: Office, account: Account) -> None:
    office.busy = True
    with pytest.raises(Later):
        parted(office, account, revoke=False)

    office.busy = False
    assert retry_partings(office.means) == []
    assert state(office, account) is AccountState.ACTIVE


def test_an_account_connected_again_meanwhile_is_not_revoked(office: Office, account: Account) -> None:
    office.authority.offline = True
    parted(office, account)
    office.authority.offline = False
    real = office.hold_account

    @contextmanager
    def held_after_a_connect(which: Account, doing: str) -> Iterator[None]:
        connect(office.means, Wish(), grant(number=2))
        with real(which, doing):
            yield

    assert retry_partings(replace(office.means, hold_account=held_after_a_connect)) == []
    assert (state(office, account), office.authority.revoked) == (AccountState.ACTIVE, [])
