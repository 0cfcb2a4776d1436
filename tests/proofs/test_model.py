"""Whatever people, networks and deaths do: once it is calm both sides agree, and nothing is lost, doubled or resent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.proofs.model import TwoWayMachine, beginning

Record = Callable[[str, object], None]


def run(folder: Path, examples: int, steps: int, *, seeded: bool) -> int:
    TwoWayMachine.start = beginning(folder)
    before = TwoWayMachine.total
    run_state_machine_as_test(
        TwoWayMachine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            print_blob=True,
            derandomize=seeded,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, Phase.shrink),
        ),
    )
    return TwoWayMachine.total - before


def test_after_whatever_happened_both_sides_agree(tmp_path: Path, record_property: Record) -> None:
    record_property("steps", run(tmp_path, 25, 25, seeded=True))


@pytest.mark.deep
@pytest.mark.timeout(3600)
def test_after_very_much_happened_both_sides_agree(tmp_path: Path, record_property: Record) -> None:
    record_property("steps", run(tmp_path, 400, 50, seeded=False))
