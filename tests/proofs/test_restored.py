"""A backup put back after whatever happened: both sides agree again, with nothing doubled, and nobody told."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis.stateful import invariant, rule

from calsyncctl.connections.shadow import shade, trust
from calsyncctl.store import accounts
from calsyncctl.store.backup import back_up, examine
from calsyncctl.store.db import Store
from calsyncctl.store.restore import put_back
from tests.proofs.lives import Record, run_machine
from tests.proofs.model import SIDE, TEAM, TwoWayMachine, beginning
from tests.proofs.mortal import reborn
from tests.sync.desk import WORK


class RestoredMachine(TwoWayMachine):
    """Everything that happens to a profile; now and then its store is backed up, and put back later."""

    restores = 0

    def __init__(self) -> None:
        super().__init__()
        self.backup = self._back_up()

    @rule()
    def back_up(self) -> None:
        """While nothing waits: what waits is a wish of then, and is sent again once it is trusted."""
        self.settle()
        self.backup = self._back_up()

    @rule()
    def put_back(self) -> None:
        self.settle()  # what is only here, and younger than the backup, is lost by a restore
        alive, mails = self._alive(), len(self.house.google.mails)
        self.house.close()
        put_back(examine(self.backup), self.house.path, self.house.clock, self._shade_all)
        self.house = reborn(self.house)
        for _ in range(3):
            self.house.sync()
        assert self._changed(alive) == []
        for account in accounts.list_accounts(self.house.store):
            trust(self.house.store, account, self.house.clock.now())
        self._forget_what_only_the_history_told(alive)
        self.settle()
        assert len(self.house.google.mails) == mails
        assert self._changed(alive) == []
        type(self).restores += 1

    def teardown(self) -> None:
        """Every life ends with a restore."""
        self.put_back()
        super().teardown()

    @invariant()
    def nothing_rests(self) -> None:
        assert not any(one.shadow for one in accounts.list_accounts(self.house.store))

    def _back_up(self) -> Path:
        return back_up(self.house.path, self.folder, label=f"b{self.steps}", now=self.house.clock.now())

    def _shade_all(self, store: Store) -> None:
        for account in accounts.list_accounts(store):
            shade(store, account, self.house.clock.now())

    def _alive(self) -> list[str]:
        google = self.house.google
        items = [(name, item) for name in (WORK, SIDE, TEAM) for item in google.alive(name).values()]
        return sorted(f"{name} {item.google_id} {item.content}" for name, item in items)

    def _changed(self, alive: list[str]) -> list[str]:
        """Return what stands in Google that did not, and what stood there and does no more."""
        return sorted(set(alive) ^ set(self._alive()))

    def _forget_what_only_the_history_told(self, alive: list[str]) -> None:
        """The history since the backup is in the store that was kept, not in the one that was put back."""
        told = f"{alive} {self._everything()}"
        self.said_here = {text for text in self.said_here if text in told}
        self.last_there = {place: text for place, text in self.last_there.items() if text in told}


def run(folder: Path, examples: int, steps: int, *, seeded: bool) -> int:
    RestoredMachine.start = beginning(folder)
    return run_machine(RestoredMachine, examples, steps, seeded=seeded)


@pytest.mark.parametrize("examples", [4, pytest.param(8, marks=pytest.mark.long)])
def test_after_a_restore_both_sides_agree(tmp_path: Path, record_property: Record, examples: int) -> None:
    record_property("steps", run(tmp_path, examples, 25, seeded=True))
    assert RestoredMachine.restores > 0


@pytest.mark.deep
@pytest.mark.timeout(3600)
def test_after_many_restores_both_sides_agree(tmp_path: Path, record_property: Record) -> None:
    record_property("steps", run(tmp_path, 200, 50, seeded=False))
