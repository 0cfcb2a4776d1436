"""What every poll and every look of the daemon asks is driven by what waits: the size of calendars does not count."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from calsyncctl.model.calendar import Mode
from calsyncctl.store import calendars, copies, due, events, holds, moves
from calsyncctl.store.db import Store, open_store
from tests.store.build import NOW, connected, seen
from tests.store.events_build import copy, event

FEW, MANY = 10, 600
QUESTIONS: dict[str, Callable[[Store, int], object]] = {
    "due_copies": lambda store, calendar: copies.due_copies(store, calendar, NOW),
    "due_copies_after": lambda store, calendar: copies.due_copies(store, calendar, NOW, after=NOW - 60),
    "has_series_due": lambda store, calendar: copies.has_series_due(store, calendar, NOW),
    "left_for": lambda store, calendar: events.left_for(store, calendar, NOW),
    "unfinished": lambda store, calendar: moves.unfinished(store, [calendar], NOW),
    "waiting_copies": lambda store, calendar: due.waiting_copies(store, NOW),
    "count_unsent": lambda store, calendar: due.count_unsent(store),
    "count_held": lambda store, calendar: holds.count_held(store, [calendar]),
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "store.sqlite") as made:
        yield made


def filled(store: Store, count: int, first: int) -> int:
    """Return a selected calendar with so many events, of which nothing waits."""
    account = connected(store, f"{first}@example.com")
    calendar = seen(store, account, f"Room {first}")
    made = [event(calendar.id, number) for number in range(first, first + count)]
    with store.write():
        calendars.select_calendar(store, calendar.id, Mode.TWO_WAY, NOW)
        events.insert_events(store, made, None)
        copies.insert_copies(store, [copy(one) for one in made])
    return calendar.id


def steps(store: Store, ask: Callable[[Store, int], object], calendar: int) -> int:
    """Return how many steps SQLite's machine takes for an answer."""
    taken = 0

    def count() -> int:
        nonlocal taken
        taken += 1
        return 0

    store.connection.set_progress_handler(count, 1)
    try:
        ask(store, calendar)
    finally:
        store.connection.set_progress_handler(None, 0)
    return taken


@pytest.mark.parametrize("name", QUESTIONS)
def test_what_is_asked_at_every_poll_costs_the_same_however_many_events_there_are(store: Store, name: str) -> None:
    small = filled(store, FEW, 1)
    before = steps(store, QUESTIONS[name], small)
    large = filled(store, MANY, 1000)
    assert steps(store, QUESTIONS[name], large) < before + 100
