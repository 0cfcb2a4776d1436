"""Connecting: nothing is kept that does not work, and nothing is lost that did."""

from __future__ import annotations

import pytest

from calsyncctl.connections.calendars import plan_selection, select
from calsyncctl.connections.connect import Wish, check_owner, connect, sign_in
from calsyncctl.connections.disconnect import part, plan_parting
from calsyncctl.errors import CalsyncError, ConnectFault, Later, NeedsReauth, NotFound, Refused, UsageFault, VaultFault
from calsyncctl.google.scopes import EVENTS, SCOPES
from calsyncctl.model.account import AccountState
from calsyncctl.model.calendar import CalendarState
from calsyncctl.model.people import AssigneeKind
from calsyncctl.store import accounts, calendars, people
from tests.support.authority import CLIENT, SUPPORT, WORK, MemoryConsent, Office, grant

NOBODY = Wish()


def test_a_new_account_is_kept_with_its_secrets_and_calendars(office: Office) -> None:
    connected = connect(office.means, NOBODY, grant())

    assert (connected.account.email, connected.account.client, connected.repaired) == (WORK, CLIENT, False)
    assert office.secrets.kept == {f"refresh:sub-{WORK}": "refresh-1", f"access:sub-{WORK}": "access-1"}
    assert [one.name for one in connected.calendars] == ["Work", "Team"]
    assert office.used == ["access-1"]


def test_the_same_person_again_is_repaired_even_under_another_address(office: Office) -> None:
    first = connect(office.means, NOBODY, grant())
    office.google.share("work-main", "renamed@example.com", "owner")
    office.google.share("team", "renamed@example.com", "owner")
    again = connect(office.means, NOBODY, grant("renamed@example.com", sub=f"sub-{WORK}", number=2))

    assert (again.account.id, again.account.email, again.repaired) == (first.account.id, "renamed@example.com", True)
    assert [one.id for one in again.calendars] == [one.id for one in first.calendars]
    assert office.secrets.kept[f"refresh:sub-{WORK}"] == "refresh-2"


@pytest.mark.parametrize(
    "state", [AccountState.NEEDS_REAUTH, AccountState.PAUSED, AccountState.DISCONNECTING, AccountState.DISCONNECTED]
)
def test_whatever_it_was_it_is_active_afterwards(office: Office, state: AccountState) -> None:
    first = connect(office.means, NOBODY, grant())
    with office.store.write():
        accounts.set_account_state(office.store, first.account.id, state, reason="because", since=1)

    account = connect(office.means, NOBODY, grant(number=2)).account
    assert (account.state, account.reason) == (AccountState.ACTIVE, None)


@pytest.mark.parametrize(
    "trouble",
    [
        Later("offline"),
        Refused("not for you."),
        NeedsReauth("no scope"),
        ConnectFault("no calendar"),
        KeyboardInterrupt(),
    ],
)
def test_a_sign_in_that_does_not_work_brings_the_earlier_one_back(office: Office, trouble: BaseException) -> None:
    connect(office.means, NOBODY, grant())
    kept = dict(office.secrets.kept)

    def interrupt() -> None:
        raise trouble

    office.google.before_next(interrupt)
    with pytest.raises((CalsyncError, KeyboardInterrupt)):
        connect(office.means, NOBODY, grant(number=2))
    assert office.secrets.kept == kept
    assert accounts.list_accounts(office.store)[0].state is AccountState.ACTIVE


def test_a_first_sign_in_that_does_not_work_leaves_nothing(office: Office) -> None:
    office.google.fail_next(Later("offline"))
    with pytest.raises(Later):
        connect(office.means, NOBODY, grant())

    assert office.secrets.kept == {}
    assert accounts.list_accounts(office.store) == []


def test_a_vault_that_forgets_is_found_out(office: Office) -> None:
    office.secrets.forgetful = True

    with pytest.raises(VaultFault):
        connect(office.means, NOBODY, grant())
    assert accounts.list_accounts(office.store) == []


def test_a_missing_permission_is_named_and_its_tokens_never_reach_the_vault(office: Office) -> None:
    with pytest.raises(ConnectFault) as caught:
        connect(office.means, NOBODY, grant(scopes=frozenset(SCOPES) - {EVENTS}))

    assert "view and edit events on your calendars" in caught.value.what
    assert office.secrets.kept == {}


def test_a_refused_grant_is_dropped_not_revoked_since_others_may_live_on_it(office: Office) -> None:
    with pytest.raises(ConnectFault):
        connect(office.means, Wish(email=SUPPORT), grant())

    assert office.authority.revoked == []


def test_addresses_are_compared_without_case(office: Office) -> None:
    assert connect(office.means, Wish(email=" Work@Example.COM "), grant()).account.email == WORK


def test_an_account_without_any_calendar_is_not_connected(office: Office) -> None:
    with pytest.raises(ConnectFault) as caught:
        connect(office.means, NOBODY, grant("empty@example.com"))

    assert "has no Google calendars" in caught.value.what


@pytest.mark.parametrize("rest", [CalendarState.SELECTED, CalendarState.PAUSED, CalendarState.HOLD])
def test_what_another_account_took_over_meanwhile_stays_with_it(office: Office, rest: CalendarState) -> None:
    first = connect(office.means, NOBODY, grant())
    office.google.share("team", SUPPORT, "writer")
    other = connect(office.means, NOBODY, grant(SUPPORT))
    choose(office, first.account.id, "Team")
    team = next(one for one in first.calendars if one.name == "Team")
    with office.store.write():
        calendars.set_calendar_state(office.store, team.id, rest, since=1)
    part(office.means, plan_parting(office.means, first.account, revoke=True, purge=False, force=False))
    choose(office, other.account.id, "Team")

    again = connect(office.means, NOBODY, grant(number=2))
    assert [one.name for one in again.yielded] == ["Team"]
    assert {one.name: one.state for one in again.calendars}["Team"] is CalendarState.AVAILABLE


def choose(office: Office, account_id: int, name: str) -> None:
    found = [one for one in calendars.list_calendars(office.store, account_id=account_id) if one.name == name]
    select(office.means, plan_selection(office.store, found, None))


def test_a_sign_in_that_ended_badly_is_closed(office: Office) -> None:
    consent = MemoryConsent(ConnectFault("refused"))

    with pytest.raises(ConnectFault):
        sign_in(office.means, NOBODY, consent, 1.0)
    assert consent.closed


def test_owners_are_agents_teams_and_addresses(office: Office) -> None:
    with office.store.write():
        people.add_assignee(office.store, AssigneeKind.AGENT, "jane")

    assert check_owner(office.store, "agent:jane") == "agent:jane"
    assert check_owner(office.store, "Desk@Example.com ") == "desk@example.com"
    assert check_owner(office.store, None) is None
    with pytest.raises(NotFound):
        check_owner(office.store, "team:support")
    with pytest.raises(UsageFault):
        check_owner(office.store, "inbox:web")
    with pytest.raises(UsageFault) as caught:
        check_owner(office.store, "foo")
    assert caught.value.what_to_do == "An owner is agent:NAME, team:NAME or an e-mail address."
