"""Killed at every boundary, the program ends where it would have ended undisturbed, and then writes nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.proofs.mortal import Fate, MortalHouse, Start, live, prepared
from tests.proofs.scenarios import SCENARIOS, Scenario
from tests.proofs.state import Said, disagreements, end_state

PASSES = 3
Record = Callable[[str, object], None]


def settled(house: MortalHouse) -> dict[str, Said]:
    """Let passes settle, see that the last wrote nothing, and return how both sides stand."""
    for _ in range(PASSES):
        house.sync()
    before, sent = house.snapshot(), house.written()
    report = house.sync()
    assert report.errors == ()
    assert house.written() == sent
    assert house.snapshot() == before
    assert disagreements(house) == []
    return end_state(house)


def undisturbed(start: Start, scenario: Scenario, folder: Path) -> tuple[list[str], dict[str, Said]]:
    fate = Fate()
    house = live(start.house(folder, fate), scenario.acts)
    moments = list(fate.moments)
    state = settled(house)
    house.close()
    return moments, state


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.name.replace(" ", "-"))
def test_killed_anywhere_it_ends_as_if_nothing_had_happened(
    scenario: Scenario, tmp_path: Path, record_property: Record
) -> None:
    began = time.perf_counter()
    start = prepared(tmp_path / "before", scenario.before, page_size=scenario.page_size)
    moments, wanted = undisturbed(start, scenario, tmp_path / "undisturbed")

    for number, moment in enumerate(moments, 1):
        house = live(start.house(tmp_path / f"life{number}", Fate(number)), scenario.acts)
        try:
            assert settled(house) == wanted, f"killed at {number}: {moment}"
        finally:
            house.close()

    record_property("kills", len(moments))
    record_property("seconds", round(time.perf_counter() - began, 2))
