"""What people type finds one thing, or says which it may have been."""

from __future__ import annotations

import tempfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calsyncctl.errors import CalsyncError, NotFound, UsageFault
from calsyncctl.model.account import Account, AccountState
from calsyncctl.model.event import Event, EventKind
from calsyncctl.model.people import AssigneeKind
from calsyncctl.store.accounts import set_account_state
from calsyncctl.store.calendars import add_native
from calsyncctl.store.db import Store, open_store
from calsyncctl.store.events import insert_events
from calsyncctl.store.find import find_account, find_assignee, find_calendar, find_event
from calsyncctl.store.people import add_assignee
from tests.store.build import NOW, connected, seen


def disconnected(store: Store, email: str) -> Account:
    account = connected(store, email)
    with store.write():
        set_account_state(store, account.id, AccountState.DISCONNECTED, since=NOW)
    return account


@pytest.mark.parametrize("text", ["work@example.com", "WORK@example.com", "work", "Wo", " work ", "#1"])
def test_an_account_is_found_by_address_beginning_or_id(store: Store, account: Account, text: str) -> None:
    assert find_account(store, text) == account


@pytest.mark.parametrize("text", ["", " ", "ork", "#2", "#", "1", "work@example.org"])
def test_an_account_is_not_found_by_less(store: Store, account: Account, text: str) -> None:
    with pytest.raises(NotFound) as raised:
        find_account(store, text)

    assert "calsyncctl accounts list" in raised.value.what_to_do


def test_the_whole_part_before_the_at_beats_the_beginning_of_another(store: Store, account: Account) -> None:
    connected(store, "workshop@example.com")

    assert find_account(store, "work") == account


def test_a_beginning_of_two_accounts_names_both(store: Store, account: Account) -> None:
    connected(store, "workshop@example.com")

    with pytest.raises(UsageFault) as raised:
        find_account(store, "wo")

    assert raised.value.what == "“wo” fits 2 accounts: work@example.com (#1), workshop@example.com (#2)."


def test_many_candidates_are_counted_not_listed(store: Store) -> None:
    for number in range(7):
        connected(store, f"work{number}@example.com")

    with pytest.raises(UsageFault, match=r"fits 7 accounts: .*work4@example.com \(#5\) and 2 more\."):
        find_account(store, "work")


def test_a_connected_account_comes_before_a_forgotten_one(store: Store) -> None:
    disconnected(store, "work@example.org")
    account = connected(store, "work@example.com")

    assert find_account(store, "work") == account


def test_a_forgotten_account_is_still_found_by_its_whole_address(store: Store) -> None:
    forgotten = disconnected(store, "work@example.com")
    connected(store, "work@example.com.au")

    assert find_account(store, "work@example.com").id == forgotten.id


def test_a_slip_is_answered_with_the_name_that_was_meant(store: Store, account: Account) -> None:
    seen(store, account, "Holidays")

    with pytest.raises(NotFound, match="no calendar “holydays”") as raised:
        find_calendar(store, "holydays")

    assert raised.value.what_to_do.startswith("Did you mean “Holidays”?")


@pytest.mark.parametrize("text", ["Team lunch", "team LUNCH", "Team l", "t", "G-1", "#1", "work/Team", "#1/team lunch"])
def test_a_calendar_is_found_by_name_beginning_google_id_or_id(store: Store, account: Account, text: str) -> None:
    calendar = seen(store, account, "Team lunch", google_id="g-1")
    seen(store, account, "Birthdays")

    assert find_calendar(store, text) == calendar


@pytest.mark.parametrize("text", ["", "eam", "g-", "#9", "nobody/Team", "/Team", "work/Teem"])
def test_a_calendar_is_not_found_by_less(store: Store, account: Account, text: str) -> None:
    seen(store, account, "Team", google_id="g-1")

    with pytest.raises(NotFound):
        find_calendar(store, text)


def test_a_whole_name_beats_the_beginning_of_another(store: Store, account: Account) -> None:
    team = seen(store, account, "Team")
    seen(store, account, "Team lunch")

    assert find_calendar(store, "team") == team


def test_the_same_name_in_two_accounts_is_told_apart_by_the_account(store: Store, account: Account) -> None:
    seen(store, account, "Team")
    other = seen(store, connected(store, "support@example.com"), "Team")

    with pytest.raises(UsageFault) as raised:
        find_calendar(store, "team")

    assert raised.value.what == "“team” fits 2 calendars: work@example.com/Team (#1), support@example.com/Team (#2)."
    assert [find_calendar(store, text) for text in ("support@example.com/Team", "sup/team", "#2/Te")] == [other] * 3


def test_what_is_named_as_a_candidate_finds_exactly_that(store: Store, account: Account) -> None:
    team = seen(store, account, "Team/East")
    seen(store, connected(store, "support@example.com"), "Team/East")

    assert find_calendar(store, "work@example.com/Team/East") == team


def test_a_name_with_a_slash_is_a_name(store: Store, account: Account) -> None:
    slash = seen(store, account, "Work/Life")
    seen(store, account, "Life")

    with pytest.raises(UsageFault, match="fits 2 calendars"):
        find_calendar(store, "work/life")
    assert find_calendar(store, "work@example.com/work/life") == slash


def test_a_native_calendar_needs_no_account(store: Store) -> None:
    with store.write():
        native = add_native(store, "Projects", zone="UTC")

    assert find_calendar(store, "proj") == native


def test_calendars_of_a_forgotten_account_stand_back(store: Store) -> None:
    old = seen(store, disconnected(store, "old@example.com"), "Team")
    new = seen(store, connected(store, "new@example.com"), "Team")

    assert find_calendar(store, "Team") == new
    assert find_calendar(store, "old/Team") == old


def test_an_assignee_is_found_with_its_kind_or_alone_if_that_is_clear(store: Store) -> None:
    with store.write():
        jane = add_assignee(store, AssigneeKind.AGENT, "jane")
        sales = add_assignee(store, AssigneeKind.TEAM, "sales")
        add_assignee(store, AssigneeKind.INBOX, "sales")

    assert [find_assignee(store, text) for text in ("agent:jane", "Jane", "#1")] == [jane] * 3
    assert find_assignee(store, "team:sales") == sales
    with pytest.raises(UsageFault, match="fits 2 assignees: inbox:sales, team:sales"):
        find_assignee(store, "sales")
    with pytest.raises(NotFound, match="no assignee “inbox:jane”"):
        find_assignee(store, "inbox:jane")


@pytest.fixture
def events(store: Store) -> list[Event]:
    """Two events whose keys begin alike."""
    with store.write():
        home = add_native(store, "Projects", zone="UTC")
        made = [
            Event(
                id=number,
                key=key,
                calendar_id=home.id,
                kind=EventKind.EVENT,
                origin="here",
                content=None,
                starts=None,
                ends=None,
                version=1,
                status="cancelled",
            )
            for number, key in enumerate(("abcd1111", "abcd2222"), start=1)
        ]
        insert_events(store, made, None)
    return made


def test_an_event_is_found_by_its_key_or_the_beginning_of_it(store: Store, events: list[Event]) -> None:
    found = [find_event(store, text) for text in ("abcd1111", "ABCD2", " abcd22 ")]

    assert [msgspec.structs.asdict(one)["id"] for one in found] == [1, 2, 2]


def test_a_beginning_of_two_keys_names_both(store: Store, events: list[Event]) -> None:
    with pytest.raises(UsageFault, match="fits several events: abcd1111, abcd2222"):
        find_event(store, "abcd")


def test_less_than_four_characters_of_a_key_are_refused(store: Store, events: list[Event]) -> None:
    with pytest.raises(UsageFault, match="too short"):
        find_event(store, "abc")
    with pytest.raises(NotFound, match="no event “wxyz”"):
        find_event(store, "wxyz")


NAMES = st.text(alphabet="abA/@#1 ", min_size=1, max_size=5).filter(lambda name: name.strip() == name)


@settings(max_examples=60, deadline=None)
@given(names=st.lists(st.tuples(st.sampled_from("xy"), NAMES), min_size=1, max_size=6), text=NAMES)
def test_whatever_is_typed_finds_one_that_fits_or_raises(names: list[tuple[str, str]], text: str) -> None:
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "store.sqlite") as store:
        accounts = {letter: connected(store, f"{letter}@example.com") for letter in "xy"}
        calendars = [
            seen(store, accounts[letter], name, google_id=f"g{number}") for number, (letter, name) in enumerate(names)
        ]
        exact = [one for one in calendars if one.name.casefold() == text.casefold()]
        try:
            found = find_calendar(store, text)
        except CalsyncError:
            assert len(exact) != 1 or "/" in text or text.startswith("#")
        else:
            assert text.startswith("#") or "/" in text or found.name.casefold().startswith(text.casefold())
            assert found in exact or not exact or "/" in text or text.startswith("#")
        for calendar in calendars:
            assert find_calendar(store, f"#{calendar.id}") == calendar
