"""Forgetting: what is old and needed by nothing goes; what a base, a person or the window needs stays."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calsyncctl.model.copy import CopyState
from calsyncctl.model.event import Event
from calsyncctl.model.history import Action, Counts, FieldChange, Lost, Version
from calsyncctl.store import copies, runs
from calsyncctl.store.db import Store
from calsyncctl.store.events import get_event
from calsyncctl.store.history import content_at
from calsyncctl.store.prune import CHUNK, WINDOW, Pruned, prune, prune_backups
from tests.store.build import NOW, connected, seen
from tests.store.events_build import TEA, copy, event, keep

DAY = 86_400
YEAR_AGO = NOW - 400 * DAY


def version(number: int, at: int, *, event_id: int = 1, run: int | None = None, **more: Any) -> Version:
    """A version that named the event after its number."""
    changes = (FieldChange("summary", f"was {number - 1}", f"was {number}"),)
    return Version(
        event_id=event_id, version=number, run_id=run, calendar_id=None, at=at, author="google",
        action=Action.CHANGED, why="test", changes=changes, **more,
    )  # fmt: skip


def add(store: Store, *versions: Version) -> None:
    with store.write():
        runs.add_versions(store, versions)


def numbers(store: Store, event_id: int = 1) -> list[int]:
    return [one.version for one in runs.versions_of(store, event_id)]


@pytest.fixture
def calendar(store: Store) -> int:
    return seen(store, connected(store, "work@example.com"), "Team").id


def kept(store: Store, calendar: int, *, base: int | None, at: int, **more: Any) -> Event:
    """Keep an event at version `at`, with a copy on `base`."""
    made = event(calendar, version=at)
    keep(store, made)
    (one,) = copies.copies_of(store, made.id)
    changed = copy(made, id=one.id, base_version=base, **more)
    with store.write():
        copies.update_copies(store, [changed])
    return made


def test_old_versions_go_and_younger_ones_stay(store: Store, calendar: int) -> None:
    kept(store, calendar, base=4, at=4)
    add(store, *(version(number, at) for number, at in ((1, YEAR_AGO), (2, YEAR_AGO + 5), (3, NOW - DAY), (4, NOW))))

    assert prune(store, NOW, keep_days=365) == Pruned(versions=2)
    assert numbers(store) == [3, 4]
    assert prune(store, NOW, keep_days=365) == Pruned()


def test_rows_of_one_version_stay_or_go_together(store: Store, calendar: int) -> None:
    kept(store, calendar, base=3, at=3)
    add(store, version(2, YEAR_AGO), version(3, YEAR_AGO), version(3, NOW))

    prune(store, NOW, keep_days=365)
    assert numbers(store) == [3, 3]


def test_what_came_after_a_base_stays_however_old(store: Store, calendar: int) -> None:
    kept(store, calendar, base=2, at=4)
    add(store, *(version(number, YEAR_AGO) for number in (1, 2, 3, 4)))

    prune(store, NOW, keep_days=365)
    assert numbers(store) == [3, 4]


def test_what_a_write_under_way_carries_stays(store: Store, calendar: int) -> None:
    kept(store, calendar, base=4, at=4, sent_version=3)
    add(store, *(version(number, YEAR_AGO) for number in (1, 2, 3, 4)))

    prune(store, NOW, keep_days=365)
    assert numbers(store) == [4]


def test_a_conflict_that_waits_stays_and_goes_once_it_is_settled(store: Store, calendar: int) -> None:
    kept(store, calendar, base=3, at=3)
    lost = (Lost("summary", "theirs", "ours"),)
    add(store, version(1, YEAR_AGO), version(2, YEAR_AGO, lost=lost), version(3, YEAR_AGO))

    prune(store, NOW, keep_days=365)
    assert numbers(store) == [2, 3]
    with store.write():
        runs.settle(store, runs.open_conflicts(store)[0].id, NOW)
    prune(store, NOW, keep_days=365)
    assert numbers(store) == []


def test_the_window_of_thirty_days_stands_whatever_is_set(store: Store, calendar: int) -> None:
    kept(store, calendar, base=2, at=2)
    add(store, version(1, NOW - WINDOW - 1), version(2, NOW - WINDOW + 1))

    prune(store, NOW, keep_days=0)
    assert numbers(store) == [2]


def test_a_run_goes_with_its_last_version(store: Store, calendar: int) -> None:
    kept(store, calendar, base=2, at=2)
    with store.write():
        old, needed = (
            runs.begin_run(store, kind="sync", author="google", account_id=None, now=YEAR_AGO) for _ in range(2)
        )
        runs.end_run(store, old, outcome="done", counts=Counts(), now=YEAR_AGO)
    add(store, version(1, YEAR_AGO, run=old), version(2, NOW, run=needed))

    assert prune(store, NOW, keep_days=365) == Pruned(versions=1, runs=1)
    assert [one.id for one in runs.last_runs(store)] == [needed]


@pytest.mark.parametrize("state", [CopyState.DELETED, CopyState.STALE])
def test_an_event_that_both_sides_gave_up_long_ago_goes_whole(store: Store, calendar: int, state: CopyState) -> None:
    kept(store, calendar, base=1, at=2, state=state)
    add(store, version(2, YEAR_AGO))
    store.connection.execute("UPDATE event SET deleted = ?", (YEAR_AGO,))

    assert prune(store, NOW, keep_days=365).events == 1
    for table in ("event", "copy", "version"):
        assert store.connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


@pytest.mark.parametrize(
    "still",
    [
        {"state": CopyState.LIVE},
        {"state": CopyState.DELETED, "due": NOW},
        {"state": CopyState.DELETED, "sent_version": 2},
        {"state": CopyState.LIVE, "hold": "deletions"},
    ],
)
def test_a_deletion_that_google_does_not_know_yet_is_kept(store: Store, calendar: int, still: dict[str, Any]) -> None:
    kept(store, calendar, base=1, at=2, **still)
    store.connection.execute("UPDATE event SET deleted = ?", (YEAR_AGO,))

    assert prune(store, NOW, keep_days=365).events == 0


def test_a_series_goes_after_its_exceptions(store: Store, calendar: int) -> None:
    series = event(calendar, 1, deleted=YEAR_AGO)
    exception = event(calendar, 2, deleted=YEAR_AGO, series_id=1, original="20260415T090000Z")
    keep(store, series, exception)
    store.connection.execute("UPDATE copy SET state = 'deleted'")

    assert prune(store, NOW, keep_days=365).events == 2


def test_much_is_forgotten_in_short_transactions_and_can_be_stopped(store: Store, calendar: int) -> None:
    kept(store, calendar, base=3 * CHUNK, at=3 * CHUNK)
    add(store, *(version(number + 1, YEAR_AGO) for number in range(3 * CHUNK)))
    asked: list[None] = []

    prune(store, NOW, keep_days=365, go_on=lambda: asked.append(None) or len(asked) <= 2)  # type: ignore[func-returns-value]
    assert len(numbers(store)) == 2 * CHUNK
    prune(store, NOW, keep_days=365)
    assert numbers(store) == []


def test_only_automatic_backups_beyond_the_last_five_go(tmp_path: Path) -> None:
    automatic = [tmp_path / f"store-2026010{number}T000000Z-m00{number}.sqlite" for number in range(1, 9)]
    asked = tmp_path / "store-20250101T000000Z-asked.sqlite"
    left, under_way = tmp_path / ".store-1.part", tmp_path / ".store-2.part"
    for one in (*automatic, asked, left, under_way):
        one.touch()
    os.utime(left, (NOW - 2 * DAY, NOW - 2 * DAY))
    os.utime(under_way, (NOW, NOW))

    assert prune_backups(tmp_path, NOW) == [*automatic[:3], left]
    assert sorted(tmp_path.iterdir()) == sorted([asked, under_way, *automatic[3:]])


AGES = st.lists(st.integers(0, 800), min_size=1, max_size=8)


@given(ages=AGES, base=st.integers(0, 8) | st.none(), sent=st.integers(1, 8) | st.none(), days=st.integers(0, 400))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_forgotten_is_needed_by_no_base_and_by_no_moment_of_the_window(
    store: Store, calendar: int, ages: list[int], base: int | None, sent: int | None, days: int
) -> None:
    for table in ("version", "copy", "event"):
        store.connection.execute(f"DELETE FROM {table}")
    newest = len(ages) + 1
    agreed = None if base is None else min(base, newest)
    kept(store, calendar, base=agreed, at=newest, sent_version=None if sent is None else min(sent, newest))
    add(store, *(version(number + 2, NOW - age * DAY) for number, age in enumerate(ages)))
    now = get_event(store, 1)
    asked = [agreed or 0, *([min(sent, newest)] if sent else []), *_in_window(ages)]
    before = [content_at(store, now, one) for one in asked]

    prune(store, NOW, keep_days=days)
    assert [content_at(store, now, one) for one in asked] == before
    left = numbers(store)
    assert left == list(range(newest - len(left) + 1, newest + 1))


def _in_window(ages: list[int]) -> list[int]:
    """Number what the event said before each change of the window, and after it."""
    young = [number for number, age in enumerate(ages) if age * DAY <= WINDOW]
    return [one for number in young for one in (number + 1, number + 2)]


def test_the_content_before_the_oldest_kept_version_is_told(store: Store, calendar: int) -> None:
    made = kept(store, calendar, base=3, at=3)
    add(store, version(2, YEAR_AGO), version(3, NOW))

    prune(store, NOW, keep_days=365)
    told = content_at(store, made, 2)
    assert told is not None
    assert (told.summary, told.when) == ("was 2", TEA.when)
