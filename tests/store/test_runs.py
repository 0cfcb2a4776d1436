"""Runs and versions: what a pass did, and what became of each event."""

from __future__ import annotations

from msgspec.structs import replace

from calsyncctl.model.history import Action, Counts, FieldChange, Run, Version
from calsyncctl.store import runs
from calsyncctl.store.db import Store


def begun(store: Store, account_id: int | None = None) -> int:
    with store.write():
        return runs.begin_run(store, kind="sync", author="google", account_id=account_id, now=10)


def test_a_run_is_under_way_until_it_ends(store: Store) -> None:
    run_id = begun(store)
    assert runs.last_runs(store) == [Run(id=run_id, kind="sync", author="google", account_id=None, started=10)]

    with store.write():
        runs.end_run(store, run_id, outcome="failed", counts=Counts(new=3), now=20, error="Away.")

    (run,) = runs.last_runs(store)
    assert (run.ended, run.outcome, run.counts, run.error) == (20, "failed", Counts(new=3), "Away.")


def test_the_latest_runs_come_first_and_of_one_account_if_asked(store: Store) -> None:
    first, second, third = begun(store, 1), begun(store, 2), begun(store, 1)

    assert [run.id for run in runs.last_runs(store)] == [third, second, first]
    assert [run.id for run in runs.last_runs(store, account_id=1)] == [third, first]
    assert [run.id for run in runs.last_runs(store, 1)] == [third]


def test_versions_come_back_by_event_and_by_run(store: Store) -> None:
    run_id = begun(store)
    change = FieldChange("summary", "Tea", None)
    made = [
        Version(
            event_id=event_id,
            version=2,
            run_id=run_id,
            calendar_id=1,
            at=15,
            author="google",
            action=Action.CHANGED,
            why="Google says so",
            changes=changes,
        )
        for event_id, changes in ((7, (change,)), (8, ()))
    ]

    with store.write():
        runs.add_versions(store, made)

    assert [replace(one, id=0) for one in runs.versions_of(store, 7)] == made[:1]
    assert [replace(one, id=0) for one in runs.versions_in(store, run_id)] == made


def test_counts_add_up() -> None:
    total = Counts(new=1, changed=2, odd=3) + Counts(new=1, deleted=4, unchanged=5, stale=6)

    assert total == Counts(new=2, changed=2, deleted=4, unchanged=5, odd=3, stale=6)
    assert total.writes == 8
