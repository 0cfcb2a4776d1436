"""The facts, from a store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from calsyncctl.connections.calendars import deselect, plan_selection, select
from calsyncctl.connections.connect import Connected, Wish, connect
from calsyncctl.connections.disconnect import part, plan_parting
from calsyncctl.health.snapshot import take
from calsyncctl.store import calendars
from tests.support.authority import Office, grant


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def connected(office: Office) -> Connected:
    return connect(office.means, Wish(), grant())


def states(office: Office) -> tuple[list[str], list[str]]:
    facts = take(office.store, office.clock.now())
    return [one.state for one in facts.accounts], [one.state for one in facts.calendars]


def test_an_account_without_a_choice_is_pending(office: Office, connected: Connected) -> None:
    assert states(office) == (["pending"], ["available", "available"])


def test_a_deselected_last_calendar_makes_it_pending_again(office: Office, connected: Connected) -> None:
    select(office.means, plan_selection(office.store, connected.calendars[:1], None))
    assert states(office) == (["active"], ["selected", "available"])

    deselect(office.means, connected.calendars[0], purge=False)
    assert states(office)[0] == ["pending"]


def test_calendars_of_a_disconnected_account_say_so_and_keep_their_choice(office: Office, connected: Connected) -> None:
    select(office.means, plan_selection(office.store, connected.calendars[:1], None))
    part(office.means, plan_parting(office.means, connected.account, revoke=True, purge=False, force=False))

    assert states(office) == (["disconnected"], ["disconnected", "available"])
    assert str(calendars.list_calendars(office.store)[0].state) == "selected"


def test_the_last_success_is_that_of_what_takes_part(office: Office, connected: Connected) -> None:
    select(office.means, plan_selection(office.store, connected.calendars, None))
    with office.store.write():
        calendars.mark_success(office.store, connected.calendars[0].id, 1_800_000_500, changed=False)
        calendars.mark_success(office.store, connected.calendars[1].id, 1_800_000_900, changed=False)
    deselect(office.means, connected.calendars[1], purge=False)

    last = take(office.store, office.clock.now()).last_success
    assert last is not None
    assert last.timestamp() == 1_800_000_500
