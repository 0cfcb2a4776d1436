"""Letting a model machine live many lives, with examples that are always the same, or new ones each time."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.proofs.model import TwoWayMachine

Record = Callable[[str, object], None]
"""What notes a figure of a test for the closing lines (pytest's `record_property`)."""


def run_machine(machine: type[TwoWayMachine], examples: int, steps: int, *, seeded: bool) -> int:
    """Run so many lives of so many rules; return how many steps they took."""
    before = machine.total
    run_state_machine_as_test(
        machine,
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
    return machine.total - before
