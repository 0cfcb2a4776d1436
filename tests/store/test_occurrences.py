"""The cache of occurrences, and ranges read from it and from single events."""

from __future__ import annotations

import pytest

from calsyncctl.model.account import Account
from calsyncctl.model.calendar import CalendarState
from calsyncctl.store import calendars, events, ranges
from calsyncctl.store.calendars import add_native
from calsyncctl.store.db import Store
from calsyncctl.store.occurrences import Window, keep_occurrences, waiting_series
from tests.store.build import seen
from tests.store.events_build import NINE, TEN, WEEKLY, event, keep

WEEK = 7 * 24 * 3600


@pytest.fixture
def home(store: Store, account: Account) -> int:
    return seen(store, account, "Work").id


@pytest.mark.parametrize(
    ("from_", "to", "waits"),
    [
        pytest.param(NINE, TEN, False, id="inside of what is covered"),
        pytest.param(NINE, TEN + WEEK, True, id="later than what is covered"),
        pytest.param(NINE - WEEK, TEN, True, id="earlier than what is covered"),
        pytest.param(NINE - WEEK, NINE, False, id="over before the series begins"),
    ],
)
def test_a_series_waits_if_a_range_is_not_covered(store: Store, home: int, from_: int, to: int, waits: bool) -> None:
    series = event(home, 1, WEEKLY)
    keep(store, series)
    with store.write():
        keep_occurrences(store, series, [(NINE, TEN)], Window(NINE, TEN))

    assert bool(waiting_series(store, [home], from_=from_, to=to, limit=9)) is waits


def test_waiting_series_are_walked_in_chunks(store: Store, home: int) -> None:
    keep(store, *(event(home, number, WEEKLY) for number in (1, 2, 3)))

    found = waiting_series(store, [home], from_=NINE, to=TEN, limit=2)

    assert [one.event.id for one in found] == [1, 2]
    assert [one.event.id for one in waiting_series(store, [home], from_=NINE, to=TEN, limit=2, after=2)] == [3]
    assert found[0].covered is None


def test_an_expansion_replaces_the_one_before(store: Store, home: int) -> None:
    series = event(home, 1, WEEKLY)
    keep(store, series)
    with store.write():
        keep_occurrences(store, series, [(NINE, TEN), (NINE + WEEK, TEN + WEEK)], Window(NINE, TEN + WEEK))
        keep_occurrences(store, series, [(NINE + WEEK, TEN + WEEK)], Window(NINE, TEN + WEEK))

    assert store.connection.execute("SELECT starts, ends, event_id FROM occurrence").fetchall() == [
        (NINE + WEEK, TEN + WEEK, 1)
    ]


def test_what_changes_a_series_makes_it_wait_again(store: Store, home: int) -> None:
    series = event(home, 1, WEEKLY)
    keep(store, series)
    with store.write():
        keep_occurrences(store, series, [(NINE, TEN)], Window(NINE, TEN))
        events.unexpand(store, [1])

    assert len(waiting_series(store, [home], from_=NINE, to=TEN, limit=9)) == 1


def test_a_range_holds_singles_and_occurrences_short_and_long(store: Store, home: int) -> None:
    series = event(home, 1, WEEKLY)
    keep(
        store,
        series,
        event(home, 2, starts=NINE - 3 * WEEK, ends=NINE + 3 * WEEK),
        event(home, 3, starts=NINE - WEEK, ends=NINE),
        event(home, 4, deleted=5),
        event(home, 5, status="cancelled", starts=None, ends=None),
    )
    with store.write():
        keep_occurrences(store, series, [(NINE, TEN), (NINE - 2 * WEEK, TEN)], Window(NINE - WEEK, TEN))

    found = sorted(
        (starts, one.id) for starts, _, one in ranges.spans_between(store, calendar_ids=[home], from_=NINE, to=TEN)
    )

    assert found == [(NINE - 3 * WEEK, 2), (NINE - 2 * WEEK, 1), (NINE, 1)]


def test_native_calendars_are_visible_and_available_ones_are_not(store: Store, home: int) -> None:
    with store.write():
        native = add_native(store, "Desk", zone="UTC")
    assert ranges.visible_calendars(store) == [native.id]

    with store.write():
        calendars.set_calendar_state(store, home, CalendarState.PAUSED, since=1)

    assert ranges.visible_calendars(store) == sorted([home, native.id])
    assert ranges.visible_calendars(store, [home]) == [home]


@pytest.mark.parametrize("length", [ranges._SHORT, ranges._LONG])
def test_ranges_are_read_by_index(store: Store, length: str) -> None:
    statement = ranges._SINGLE.format(t="e", length=length.format(t="e"))

    plan = store.connection.execute(
        f"EXPLAIN QUERY PLAN {statement}", {"calendars": "[1]", "from": 1, "to": 2}
    ).fetchall()

    assert "USING INDEX event_" in plan[0][3]
