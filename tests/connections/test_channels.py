"""Keeping channels: noted before Google is asked, remembered where there can be none, stopped before parting."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from calsyncctl.connections.channels import DAY, Kept, heard_by, keep_channels, stop_all, to_do
from calsyncctl.connections.connect import Wish, connect
from calsyncctl.connections.disconnect import part, plan_parting
from calsyncctl.errors import Gone, Later, Refused, Unknown
from calsyncctl.model.account import Account, AccountState
from calsyncctl.model.calendar import Mode
from calsyncctl.model.channel import LIFETIME, Opened
from calsyncctl.store import accounts, calendars, channels
from calsyncctl.store.due import set_due
from tests.support.authority import Office, grant
from tests.support.memory import MemoryGoogle, MemoryProvider

HERE = "https://calendars.example.com/push"
BEGAN = 1_800_000_000
"""When the still clock begins."""


class TellingGoogle(MemoryGoogle):
    """A service that tells of changes, but for what is in `untold`."""

    def __init__(self) -> None:
        super().__init__()
        self.open: dict[str, tuple[str | None, str]] = {}
        """Channel -> its calendar and token."""
        self.untold: set[str | None] = set()
        self.broken: set[str | None] = set()
        """What answers with trouble whenever a channel is asked for."""
        self.ends = BEGAN + LIFETIME

    def provider(self, email: str) -> TellingProvider:
        return TellingProvider(self, email)


class TellingProvider(MemoryProvider):
    def __init__(self, service: TellingGoogle, email: str) -> None:
        super().__init__(service, email)
        self._telling = service

    def open_channel(self, calendar: str | None, channel_id: str, token: str, address: str) -> Opened | None:
        self._telling._enter("open_channel")
        if calendar in self._telling.broken:
            raise Unknown("Google is having trouble.")
        if calendar in self._telling.untold:
            return None
        self._telling.open[channel_id] = (calendar, token)
        return Opened(f"r-{channel_id}", self._telling.ends)

    def stop_channel(self, channel_id: str, resource_id: str) -> None:
        self._telling._enter("stop_channel")
        assert resource_id == f"r-{channel_id}"
        self._telling.open.pop(channel_id, None)


@pytest.fixture
def google() -> TellingGoogle:
    return TellingGoogle()


@pytest.fixture
def office(tmp_path: Path, google: TellingGoogle) -> Iterator[Office]:
    made = Office(tmp_path, google=google)
    yield made
    made.store.close()


@pytest.fixture
def account(office: Office) -> Account:
    """Connected, with two calendars selected."""
    connected = connect(office.means, Wish(), grant()).account
    with office.store.write():
        for one in calendars.list_calendars(office.store, account_id=connected.id):
            calendars.select_calendar(office.store, one.id, Mode.TWO_WAY, office.clock.now())
    return connected


def kept(office: Office, account: Account, most: int = 20, address: str = HERE) -> Kept:
    return keep_channels(office.means, account.id, address, most=most)


def test_the_store_knows_a_channel_by_its_hash_before_google_is_asked(
    office: Office, google: TellingGoogle, account: Account
) -> None:
    noted: list[int] = []
    google.before_next(lambda: noted.append(len(channels.list_channels(office.store))))
    assert kept(office, account).opened == 3

    assert noted == [1]
    assert {calendar for calendar, _ in google.open.values()} == {None, "work-main", "team"}
    for channel_id, (_, token) in google.open.items():
        found = heard_by(office.store, channel_id, token)
        assert found is not None
        assert token not in str(found)
    assert to_do(office.store, HERE, office.clock.now()).accounts == set()


def test_what_is_told_nothing_of_is_remembered_for_a_week(
    office: Office, google: TellingGoogle, account: Account
) -> None:
    google.untold = {"team"}
    assert kept(office, account).untold == ["Team"]
    assert kept(office, account) == Kept()
    (note,) = [one for one in channels.list_channels(office.store) if one.reason]
    assert note.expires == office.clock.now() + 7 * DAY


def test_one_that_is_refused_keeps_no_other_from_its_own(
    office: Office, google: TellingGoogle, account: Account
) -> None:
    for error in (Refused("No right."), Gone("Not there.")):
        google.fail_next(error, method="open_channel")
    assert kept(office, account).opened == 1
    assert sorted(one.reason or "" for one in channels.list_channels(office.store)) == ["", "No right.", "Not there."]


def test_one_that_google_has_trouble_with_keeps_no_other_from_its_own(
    office: Office, google: TellingGoogle, account: Account
) -> None:
    for broken in (None, "team", "work-main"):
        google.open.clear()
        google.broken = {broken}
        with pytest.raises(Unknown):
            kept(office, account)
        assert {calendar for calendar, _ in google.open.values()} == {None, "team", "work-main"} - {broken}
        with office.store.write():
            channels.drop_channels(office.store, google.open, office.clock.now())


def test_those_that_failed_come_last_at_the_next_try(office: Office, google: TellingGoogle, account: Account) -> None:
    failed: set[channels.Target] = set()
    google.broken = {"team", "work-main"}
    for _ in range(2):
        with pytest.raises(Unknown):
            keep_channels(office.means, account.id, HERE, most=2, failed=failed)
    assert {calendar for calendar, _ in google.open.values()} == {None}

    google.broken.clear()
    assert keep_channels(office.means, account.id, HERE, most=2, failed=failed).opened == 2
    assert failed == set()


def test_what_failed_leaves_no_row_and_is_tried_again(office: Office, google: TellingGoogle, account: Account) -> None:
    for _ in range(2):  # then it is no trouble of one alone
        google.fail_next(Later("Busy."), method="open_channel")
    with pytest.raises(Later):
        kept(office, account)
    assert channels.list_channels(office.store) == []
    assert kept(office, account).opened == 3


@pytest.mark.parametrize("ends", [0, BEGAN - DAY])
def test_one_that_has_ended_before_it_began_is_not_opened_again_and_again(
    office: Office, google: TellingGoogle, account: Account, ends: int
) -> None:
    google.ends = ends
    assert [kept(office, account).opened for _ in range(3)] == [3, 0, 0]


def test_some_at_a_time_so_that_more_urgent_work_comes_between(
    office: Office, google: TellingGoogle, account: Account
) -> None:
    assert [kept(office, account, most=2).opened for _ in range(3)] == [2, 1, 0]


def test_without_an_address_all_are_stopped_and_their_calendars_asked(
    office: Office, google: TellingGoogle, account: Account
) -> None:
    kept(office, account)
    with office.store.write():
        set_due(office.store, {1: office.clock.now() + 3600})
    assert kept(office, account, address="").stopped == 3
    assert (google.open, channels.list_channels(office.store)) == ({}, [])
    assert calendars.get_calendar(office.store, 1).due == office.clock.now()


def test_a_dead_sign_in_can_stop_nothing_and_its_channels_are_forgotten(
    office: Office, google: TellingGoogle, account: Account
) -> None:
    kept(office, account)
    with office.store.write():
        accounts.set_account_state(office.store, account.id, AccountState.NEEDS_REAUTH, since=1)
    assert kept(office, account) == Kept()
    assert channels.list_channels(office.store) == []
    assert google.calls["stop_channel"] == 0


def test_a_disconnect_stops_them_while_the_sign_in_lives(
    office: Office, google: TellingGoogle, account: Account
) -> None:
    kept(office, account)
    revoked_before: list[list[str]] = []
    google.before_next(lambda: revoked_before.append(list(office.authority.revoked)))
    parting = plan_parting(office.means, account, revoke=True, purge=True, force=False)
    assert part(office.means, parting).done

    assert revoked_before == [[]]
    assert (google.open, office.authority.revoked) == ({}, ["refresh-1"])


def test_what_cannot_be_stopped_stops_no_disconnect(office: Office, google: TellingGoogle, account: Account) -> None:
    kept(office, account)
    google.fail_next(Later("Out of reach."), method="stop_channel")
    assert part(office.means, plan_parting(office.means, account, revoke=True, purge=False, force=False)).done
    assert len(google.open) == 3


@pytest.mark.parametrize(("error", "left"), [(Later("Never left."), 1), (Unknown("No answer."), 0)])
def test_one_whose_stop_got_no_answer_counts_no_more(
    office: Office, google: TellingGoogle, account: Account, error: Later, left: int
) -> None:
    kept(office, account)
    google.fail_next(error, method="stop_channel")
    with pytest.raises(type(error)):
        kept(office, account, address="")
    assert len(channels.list_channels(office.store)) == left


def test_one_is_forgotten_before_google_is_asked_to_stop_it(
    office: Office, google: TellingGoogle, account: Account
) -> None:
    kept(office, account)
    there: list[int] = []
    google.before_next(lambda: there.append(len(channels.list_channels(office.store))))
    kept(office, account, address="")
    assert there == [2]


def test_stopping_all_ends_at_the_first_failure_and_tells_how_far_it_came(
    office: Office, google: TellingGoogle, account: Account
) -> None:
    kept(office, account)
    google.fail_next(Later("Out of reach."), method="stop_channel")
    assert (stop_all(office.means, account), len(google.open)) == (0, 3)
    assert (stop_all(office.means, account), len(google.open)) == (3, 0)
