"""Whatever people, networks and deaths do: once it is calm both sides agree, and nothing is lost, doubled or resent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.proofs.http_google import HttpStart
from tests.proofs.http_model import OWNERS, HttpMachine
from tests.proofs.lives import Record, run_machine
from tests.proofs.model import TwoWayMachine, beginning
from tests.support.sandbox import Sandbox


def run(folder: Path, examples: int, steps: int, *, seeded: bool) -> int:
    TwoWayMachine.start = beginning(folder)
    return run_machine(TwoWayMachine, examples, steps, seeded=seeded)


@pytest.mark.parametrize("examples", [10, pytest.param(25, marks=pytest.mark.long)])
def test_after_whatever_happened_both_sides_agree(tmp_path: Path, record_property: Record, examples: int) -> None:
    record_property("steps", run(tmp_path, examples, 25, seeded=True))


@pytest.mark.deep
@pytest.mark.timeout(3600)
def test_after_very_much_happened_both_sides_agree(tmp_path: Path, record_property: Record) -> None:
    record_property("steps", run(tmp_path, 400, 50, seeded=False))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(events=0) as running:
        yield running


@pytest.mark.parametrize(
    ("examples", "steps"),
    [
        (2, 12),
        pytest.param(4, 15, marks=pytest.mark.long),
        pytest.param(60, 40, marks=[pytest.mark.deep, pytest.mark.timeout(3600)]),
    ],
)
def test_over_http_both_sides_agree_as_well(
    sandbox: Sandbox, record_property: Record, examples: int, steps: int
) -> None:
    HttpMachine.start = HttpStart(sandbox, OWNERS)
    record_property("steps", run_machine(HttpMachine, examples, steps, seeded=examples < 10))
