"""Whatever was done, every run of it can be taken back: what can return does, later edits stay, nobody is mailed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.lives import Record, run_machine
from tests.proofs.model import beginning
from tests.proofs.undo_model import UndoMachine


def run(folder: Path, examples: int, steps: int, *, seeded: bool) -> int:
    UndoMachine.start = beginning(folder)
    before = UndoMachine.undone
    run_machine(UndoMachine, examples, steps, seeded=seeded)
    return UndoMachine.undone - before


def test_whatever_was_done_can_be_taken_back(tmp_path: Path, record_property: Record) -> None:
    record_property("undone", run(tmp_path, 10, 12, seeded=True))


@pytest.mark.deep
@pytest.mark.timeout(3600)
def test_very_much_that_was_done_can_be_taken_back(tmp_path: Path, record_property: Record) -> None:
    record_property("undone", run(tmp_path, 300, 40, seeded=False))
