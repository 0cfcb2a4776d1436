"""Parting: every step can be cut off and done again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from calsyncctl.connections import calendars as use
from calsyncctl.connections import linking
from calsyncctl.connections.connect import Wish, connect
from calsyncctl.connections.disconnect import Parted, part, plan_parting, retry_partings
from calsyncctl.errors import Later, VaultFault
from calsyncctl.model.account import Account, AccountState
from calsyncctl.model.calendar import Calendar
from calsyncctl.model.event import Body, Content, When
from calsyncctl.store import accounts, calendars, copies, links
from calsyncctl.store.events import count_events
from calsyncctl.store.purge import Unsent
from calsyncctl.sync.editing.edit import Draft, EditMeans, add_event
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


def test_a_purge_cut_off_before_it_began_is_finished_as_a_purge(office: Office, account: Account) -> None:
    office.busy = True
    with pytest.raises(Later):
        parted(office, account, purge=True)

    office.busy = False
    assert retry_partings(office.means)[0].done
    assert accounts.list_accounts(office.store) == []


def test_the_wish_to_purge_ends_with_a_disconnect_without_it(office: Office, account: Account) -> None:
    office.authority.offline = True
    office.busy = True
    for purge in (True, False):
        with pytest.raises(Later):
            parted(office, account, purge=purge)
    office.authority.offline = office.busy = False

    assert retry_partings(office.means)[0].done
    assert state(office, account) is AccountState.DISCONNECTED


def test_it_tells_whether_it_was_revoked(office: Office, account: Account) -> None:
    assert parted(office, account).revoked

    again = connect(office.means, Wish(), grant(number=2)).account
    office.secrets.kept.clear()
    lost = parted(office, again)
    assert (lost.done, lost.revoked, "no token" in lost.why) == (True, False, True)


def test_forced_it_is_forgotten_with_the_vault_out_of_reach_and_says_what_remains(
    office: Office, account: Account
) -> None:
    office.secrets.broken = VaultFault("locked")

    done = parted(office, account, force=True)
    assert (done.done, done.revoked) == (True, False)
    assert "locked" in done.why
    assert "may still lie in the vault" in done.why
    assert state(office, account) is AccountState.DISCONNECTED


@pytest.fixture
def team(office: Office, account: Account) -> Calendar:
    found = next(one for one in calendars.list_calendars(office.store) if one.name == "Team")
    use.select(office.means, use.plan_selection(office.store, [found], None))
    return calendars.get_calendar(office.store, found.id)


def add(office: Office, calendar: Calendar, title: str) -> None:
    when = When("2027-05-04T12:00:00Z", "2027-05-04T13:00:00Z", "UTC", ())
    means = EditMeans(author="agent:jane", now=office.clock.now(), instance="inst00000000")
    add_event(office.store, means, calendar, Draft(content=Content(title, "confirmed", when, Body())))


@pytest.mark.parametrize("hold", [None, "refused"])
def test_what_waits_to_be_sent_is_named_before(
    office: Office, account: Account, team: Calendar, hold: str | None
) -> None:
    add(office, team, "Lunch")
    add(office, team, "Tea")
    if hold:
        with office.store.write():
            copies.hold_due(office.store, team.id, "no right", 1)

    parting = plan_parting(office.means, account, revoke=True, purge=True, force=False)
    assert parting.unsent == Unsent(2, ("Lunch", "Tea"))
    assert use.plan_deselection(office.store, [team]).unsent == parting.unsent


def linked(office: Office, team: Calendar) -> Calendar:
    with office.store.write():
        desk = calendars.add_native(office.store, "Reception", zone="UTC")
    linking.add_link(office.store, desk, team, linking.Terms(), instance="inst00000000", now=office.clock.now())
    add(office, desk, "Visit")
    return desk


def test_a_purge_ends_links_and_says_so_before(office: Office, account: Account, team: Calendar) -> None:
    desk = linked(office, team)
    parting = plan_parting(office.means, account, revoke=True, purge=True, force=False)
    assert (parting.links, parting.unsent.titles) == (("Reception → Team",), ("Visit",))

    assert part(office.means, parting).done
    assert (accounts.list_accounts(office.store), links.list_links(office.store)) == ([], [])
    assert sum(count_events(office.store, [desk.id]).values()) == 1


def test_deselecting_a_links_target_with_purge_leaves_its_source_and_a_first_listing(
    office: Office, team: Calendar
) -> None:
    desk = linked(office, team)
    with office.store.write():
        calendars.mark_success(office.store, team.id, 5, changed=True)
    use.deselect(office.means, team, purge=True)

    left = calendars.get_calendar(office.store, team.id)
    assert (left.last_success, left.last_change, links.list_links(office.store)) == (None, None, [])
    assert copies.open_on(office.store, team.id, after=0, limit=9) == []
    assert sum(count_events(office.store, [desk.id]).values()) == 1
