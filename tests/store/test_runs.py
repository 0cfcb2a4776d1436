"""Runs and versions: what a pass did, and what became of each event."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from calsyncctl.errors import NotFound
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


def one_version(event_id: int, number: int, run_id: int | None, action: Action = Action.CHANGED) -> Version:
    return Version(
        event_id=event_id,
        version=number,
        run_id=run_id,
        calendar_id=None,
        at=15,
        author="agent:jane",
        action=action,
        why="edited",
    )


def test_runs_of_one_kind_come_alone_and_one_by_its_number(store: Store) -> None:
    begun(store)
    with store.write():
        undo = runs.begin_run(store, kind="undo", author="agent:jane", account_id=None, now=20, undoes=1)

    assert [run.id for run in runs.last_runs(store, kind="undo")] == [undo]
    assert runs.get_run(store, undo).undoes == 1
    assert runs.undone_by(store, 1) == [undo]
    with pytest.raises(NotFound, match="no run 99"):
        runs.get_run(store, 99)


def test_an_act_is_counted_by_what_it_wrote_and_leaves_nothing_if_that_is_nothing(store: Store) -> None:
    run_id, empty = begun(store), begun(store)
    actions = (Action.ADDED, Action.CHANGED, Action.CHANGED, Action.CANCELLED)

    with store.write():
        runs.add_versions(store, [one_version(at, 1, run_id, action) for at, action in enumerate(actions)])
        assert (runs.end_act(store, run_id, 20), runs.end_act(store, empty, 20)) == (run_id, None)

    (run,) = runs.last_runs(store)
    assert (run.outcome, run.counts, run.ended) == ("done", Counts(new=1, changed=2, deleted=1), 20)


def test_what_was_sent_is_noted_once_and_not_of_what_the_run_brought(store: Store) -> None:
    edit, first, second = begun(store), begun(store), begun(store)
    rows = [one_version(7, 1, edit), one_version(7, 2, first), one_version(7, 3, edit), one_version(8, 1, edit)]
    with store.write():
        runs.add_versions(store, rows)
        runs.mark_sent(store, 7, after=0, upto=2, run_id=first)
        runs.mark_sent(store, 7, after=0, upto=3, run_id=second)

    assert [one.version for one in runs.versions_sent_by(store, first)] == [1]
    assert [one.version for one in runs.versions_sent_by(store, second)] == [2, 3]


def failing(store: Store) -> None:
    with store.attempt():
        runs.begin_run(store, kind="lost", author="google", account_id=None, now=10)
        raise ZeroDivisionError


def test_an_attempt_that_fails_takes_back_its_own_part_only(store: Store) -> None:
    with store.write():
        runs.begin_run(store, kind="sync", author="google", account_id=None, now=10)
        with pytest.raises(ZeroDivisionError):
            failing(store)
        with store.attempt():
            runs.begin_run(store, kind="kept", author="google", account_id=None, now=10)

    assert [run.kind for run in runs.last_runs(store)] == ["kept", "sync"]
