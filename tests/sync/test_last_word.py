"""Whoever pauses, deselects or converts a calendar while a pass is at work on it has the last word."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from calsyncctl.connections.modes import change_mode, plan_mode
from calsyncctl.errors import NotAllowed
from calsyncctl.model.account import AccountState
from calsyncctl.model.calendar import GONE, CalendarState, Mode
from calsyncctl.model.event import EventKind
from calsyncctl.store import accounts, calendars
from calsyncctl.sync.pushing.push import BATCH
from tests.support.memory import timed
from tests.sync.desk import ME
from tests.sync.house import House, said


def let(house: House, state: CalendarState, reason: str | None = None) -> None:
    with house.store.write():
        calendars.set_calendar_state(house.store, house.home().id, state, reason=reason, since=house.clock.now())


def once_after(house: House, moment: str, act: Callable[[], None]) -> None:
    """Act after a call to the service, as somebody beside the pass."""
    left = [act]

    def at(now: str) -> None:
        if now == moment and left:
            left.pop()()

    house.google.at_boundary = at


@pytest.mark.parametrize("before", [CalendarState.SELECTED, CalendarState.HOLD])
@pytest.mark.parametrize("after", [CalendarState.PAUSED, CalendarState.AVAILABLE])
def test_a_page_that_comes_after_the_calendar_was_paused_is_not_taken(
    house: House, before: CalendarState, after: CalendarState
) -> None:
    let(house, before, GONE if before is CalendarState.HOLD else None)
    house.edit(timed("a", "Tea"))
    cursor = house.home().cursor
    once_after(house, "answered list_events", lambda: let(house, after))
    (outcome,) = house.sync().calendars
    assert isinstance(outcome.error, NotAllowed)
    assert (house.home().state, house.rows("event"), house.home().cursor) == (after, 0, cursor)


def test_what_waits_is_not_sent_any_more_once_the_calendar_is_paused(house: House) -> None:
    house.settle()
    for number in range(BATCH + 3):
        house.add(said(f"Lunch {number}"))
    once_after(house, "answered write_events", lambda: let(house, CalendarState.PAUSED))
    (outcome,) = house.sync().calendars
    assert isinstance(outcome.error, NotAllowed)
    assert len(house.there()) == BATCH
    let(house, CalendarState.SELECTED)
    house.settle()
    assert len(house.there()) == BATCH + 3


def test_nor_once_its_account_is_paused(house: House) -> None:
    house.settle()
    for number in range(BATCH + 3):
        house.add(said(f"Lunch {number}"))

    def pause() -> None:
        with house.store.write():
            accounts.set_account_state(house.store, house.account(ME).id, AccountState.PAUSED, since=house.clock.now())

    once_after(house, "answered write_events", pause)
    house.sync()
    assert len(house.there()) == BATCH


def test_nor_once_the_calendar_is_read_only(house: House) -> None:
    house.settle()
    for number in range(BATCH + 3):
        house.add(said(f"Lunch {number}"))
    once_after(house, "answered write_events", lambda: convert(house, Mode.READ_ONLY))
    house.sync()
    assert len(house.there()) == BATCH


def convert(house: House, mode: Mode) -> None:
    change_mode(house.store, plan_mode(house.store, house.home(), mode), house.clock.now())


def test_a_page_read_for_an_earlier_mode_is_read_again(house: House) -> None:
    house.settle()
    house.edit(timed("a", "Tea"))
    once_after(house, "answered list_events", lambda: convert(house, Mode.ONE_WAY))
    house.sync_one()
    assert house.event("a").kind is EventKind.BLOCK


def test_what_push_only_passed_over_is_listed_though_the_mode_changes_within_a_page(house: House) -> None:
    convert(house, Mode.PUSH_ONLY)
    house.edit(timed("a", "Tea"))
    house.sync_one()
    house.edit(timed("b", "Cake"))
    once_after(house, "answered list_events", lambda: convert(house, Mode.TWO_WAY))
    house.sync_one()
    assert house.here().keys() == {"a", "b"}
