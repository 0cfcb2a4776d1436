"""Names for TAB: quick, read-only, and silent whatever is wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from calsyncctl.model.account import AccountState
from calsyncctl.model.people import AssigneeKind
from calsyncctl.store.accounts import set_account_state
from calsyncctl.store.calendars import add_native
from calsyncctl.store.db import open_store
from calsyncctl.store.names import account_names, assignee_names, calendar_names
from calsyncctl.store.people import add_assignee
from tests.store.build import NOW, connected, old_store, seen


@pytest.fixture
def filled(path: Path) -> Path:
    """A closed store with two connected accounts, a forgotten one, and what belongs to them."""
    with open_store(path) as store:
        work, support = connected(store, "work@example.com"), connected(store, "support@example.com")
        forgotten = connected(store, "old@example.com")
        for account, name in ((work, "Team"), (work, "Birthdays"), (support, "team"), (forgotten, "Gone")):
            seen(store, account, name)
        with store.write():
            add_native(store, "Projects", zone="UTC")
            add_assignee(store, AssigneeKind.TEAM, "support")
            add_assignee(store, AssigneeKind.AGENT, "jane")
            set_account_state(store, forgotten.id, AccountState.DISCONNECTED, since=NOW)
    return path


def test_names_of_what_is_connected_are_offered(filled: Path) -> None:
    assert account_names(filled) == ["support@example.com", "work@example.com"]
    assert assignee_names(filled) == ["agent:jane", "team:support"]


def test_a_name_that_two_accounts_have_is_offered_with_the_account(filled: Path) -> None:
    assert calendar_names(filled) == ["Birthdays", "Projects", "support@example.com/team", "work@example.com/Team"]


@pytest.mark.parametrize("names", [account_names, calendar_names, assignee_names])
def test_no_store_means_no_names_and_makes_none(names: object, tmp_path: Path) -> None:
    assert callable(names)

    assert names(tmp_path / "store.sqlite") == []
    assert list(tmp_path.iterdir()) == []


def test_a_store_of_an_earlier_schema_is_read_as_far_as_it_goes_and_not_upgraded(path: Path) -> None:
    old_store(path, "m001_accounts").close()
    before = path.read_bytes()

    assert (account_names(path), assignee_names(path)) == ([], [])
    assert path.read_bytes() == before


def test_something_else_in_its_place_means_no_names(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("not a database, but long enough to be taken for one " * 40)

    assert calendar_names(path) == []


def test_names_are_offered_while_somebody_writes(filled: Path) -> None:
    with open_store(filled) as store, store.write():
        add_assignee(store, AssigneeKind.AGENT, "desk")

        assert assignee_names(filled) == ["agent:jane", "team:support"]


def test_a_folder_with_spaces_and_marks_is_fine(tmp_path: Path) -> None:
    path = tmp_path / "my profile?#%20" / "store.sqlite"
    with open_store(path) as store:
        connected(store, "work@example.com")

    assert account_names(path) == ["work@example.com"]


def test_reading_names_imports_nothing_heavy() -> None:
    program = (
        "import sys, calsyncctl.store.names; "
        "print(sorted({'sqlite_utils', 'msgspec', 'typer', 'rich', 'dateutil'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout.strip() == "[]"
