"""A connection that travels: sealed, tried out, kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from calsyncctl.connections.calendars import deselect, plan_selection, select
from calsyncctl.connections.connect import Wish, connect
from calsyncctl.connections.handover import Parcel, export_connection, import_connection
from calsyncctl.errors import ConnectFault, Later, NeedsReauth, NotFound, UsageFault
from calsyncctl.model.account import AccountState
from calsyncctl.model.calendar import CalendarState, Mode
from calsyncctl.store import accounts, calendars
from tests.support.authority import WORK, Office, grant


class Glass:
    """An envelope that one can look through."""

    def seal(self, payload: bytes, passphrase: str) -> bytes:
        return payload

    def unseal(self, sealed: bytes, passphrase: str) -> bytes:
        return sealed


GLASS = Glass()


@pytest.fixture
def server(office: Office, tmp_path: Path) -> Iterator[Office]:
    folder = tmp_path / "server"
    folder.mkdir()
    made = Office(folder, google=office.google)
    yield made
    made.store.close()


@pytest.fixture
def parcel(office: Office) -> bytes:
    connected = connect(office.means, Wish(owner="desk@example.com"), grant())
    team = [one for one in connected.calendars if one.name == "Team"]
    select(office.means, plan_selection(office.store, team, Mode.READ_ONLY))
    return export_connection(office.means, connected.account, "word", GLASS)


def test_the_refresh_token_travels_and_the_access_token_does_not(parcel: bytes) -> None:
    assert b"refresh-1" in parcel
    assert b"access-1" not in parcel


def test_over_there_it_is_refreshed_kept_and_chosen_alike(server: Office, parcel: bytes) -> None:
    connected = import_connection(server.means, parcel, "word", GLASS)

    assert (connected.account.email, connected.account.owner) == (WORK, "desk@example.com")
    assert server.secrets.kept == {f"refresh:sub-{WORK}": "refresh-1", f"access:sub-{WORK}": "access-refreshed"}
    chosen = {one.name: one.mode for one in connected.calendars if one.state is CalendarState.SELECTED}
    assert chosen == {"Team": Mode.READ_ONLY}


def test_what_does_not_work_there_is_not_kept(server: Office, parcel: bytes) -> None:
    server.google.fail_next(Later("offline"))

    with pytest.raises(Later):
        import_connection(server.means, parcel, "word", GLASS)
    assert server.secrets.kept == {}
    assert accounts.list_accounts(server.store) == []


def test_another_client_is_told_at_once(server: Office, parcel: bytes) -> None:
    other = parcel.replace(b'"client-1"', b'"client-2"')

    with pytest.raises(ConnectFault) as caught:
        import_connection(server.means, other, "word", GLASS)
    assert "another OAuth client" in caught.value.what
    assert server.used == []


@pytest.mark.parametrize("payload", [b"", b"{}", b"\xff", b'{"format": "calsyncctl/connection/9"}'])
def test_what_is_no_connection_is_refused(server: Office, payload: bytes) -> None:
    with pytest.raises(UsageFault):
        import_connection(server.means, payload, "word", GLASS)


def test_a_later_format_is_refused(server: Office, parcel: bytes) -> None:
    with pytest.raises(UsageFault):
        import_connection(server.means, parcel.replace(b"connection/1", b"connection/2"), "word", GLASS)


def test_a_dead_sign_in_is_not_handed_over(office: Office, parcel: bytes) -> None:
    with office.store.write():
        accounts.set_account_state(office.store, 1, AccountState.NEEDS_REAUTH, since=1)

    with pytest.raises(NeedsReauth):
        export_connection(office.means, accounts.get_account(office.store, 1), "word", GLASS)


def test_it_shows_no_token_when_printed(parcel: bytes) -> None:
    assert "refresh" not in repr(msgspec.json.decode(parcel, type=Parcel))


def test_what_another_account_has_there_is_not_taken(server: Office, parcel: bytes) -> None:
    server.google.share("team", "support@example.com", "writer")
    other = connect(server.means, Wish(), grant("support@example.com"))
    select(server.means, plan_selection(server.store, [one for one in other.calendars if one.name == "Team"], None))

    connected = import_connection(server.means, parcel, "word", GLASS)
    assert all(one.state is CalendarState.AVAILABLE for one in connected.calendars)
    assert len(calendars.list_calendars(server.store, states=[CalendarState.SELECTED])) == 1


def test_an_owner_that_is_not_known_there_is_named_before_anything_is_kept(server: Office, parcel: bytes) -> None:
    with pytest.raises(NotFound) as caught:
        import_connection(server.means, parcel.replace(b"desk@example.com", b"agent:jane"), "word", GLASS)
    assert "calsyncctl assignees add agent:jane" in caught.value.what_to_do
    assert (accounts.list_accounts(server.store), server.used) == ([], [])


def test_a_hand_over_does_not_unlock_two_way(server: Office, office: Office) -> None:
    connected = connect(office.means, Wish(), grant())
    team = [one for one in connected.calendars if one.name == "Team"]
    select(office.means, plan_selection(office.store, team, Mode.TWO_WAY))
    sealed = export_connection(office.means, connected.account, "word", GLASS)
    known = {one.name: one for one in connect(server.means, Wish(), grant()).calendars}
    select(server.means, plan_selection(server.store, [known["Team"]], Mode.ONE_WAY))
    deselect(server.means, known["Team"], purge=False)

    import_connection(server.means, sealed, "word", GLASS)
    assert calendars.get_calendar(server.store, known["Team"].id).mode is Mode.ONE_WAY
