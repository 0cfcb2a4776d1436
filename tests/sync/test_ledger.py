"""The run of a pass: begun by the first change, and only if that change is kept."""

from __future__ import annotations

import pytest

from calsyncctl.model.history import Counts
from calsyncctl.store import runs
from calsyncctl.sync.ledger import Ledger
from tests.sync.desk import Desk


@pytest.fixture
def ledger(desk: Desk) -> Ledger:
    return Ledger(kind="sync", author="google", account_id=None, clock=desk.clock)


def test_one_run_serves_all_changes(desk: Desk, ledger: Ledger) -> None:
    for _ in range(2):
        with ledger.write(desk.store):
            assert ledger.run(desk.store) == 1

    assert ledger.run_id == 1


def test_a_run_whose_change_was_rolled_back_was_never_begun(desk: Desk, ledger: Ledger) -> None:
    def change_and_die() -> None:
        with ledger.write(desk.store):
            ledger.run(desk.store)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_and_die()

    assert ledger.run_id is None
    with ledger.write(desk.store):
        ledger.run(desk.store)
    assert [run.id for run in runs.last_runs(desk.store)] == [ledger.run_id]


def test_no_change_leaves_no_run(desk: Desk, ledger: Ledger) -> None:
    with ledger.write(desk.store):
        pass

    ledger.close(desk.store, outcome="done", error=None)

    assert runs.last_runs(desk.store) == []


def test_a_run_ends_with_its_sums(desk: Desk, ledger: Ledger) -> None:
    with ledger.write(desk.store):
        ledger.run(desk.store)
    ledger.counts += Counts(new=2)

    ledger.close(desk.store, outcome="done", error=None)

    (run,) = runs.last_runs(desk.store)
    assert (run.outcome, run.counts, run.ended) == ("done", Counts(new=2), desk.clock.now())
