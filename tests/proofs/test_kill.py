"""Killed at every boundary, the program ends where it would have ended undisturbed, and then writes nothing.

By default at the first boundary of each kind and at some of the others; `long` takes every one.
"""

from __future__ import annotations

from pathlib import Path
from zlib import crc32

import pytest

from tests.proofs.lives import Record
from tests.proofs.mortal import Fate, MortalHouse, Start, live, prepared
from tests.proofs.scenarios import SCENARIOS, Scenario
from tests.proofs.state import Said, disagreements, end_state

PASSES = 3
SAMPLE = 6
"""Of how many boundaries one is a sample."""


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


def sampled(moments: list[str], name: str) -> list[int]:
    """Return the numbers of the first moment of each kind, and of every sixth, for each story another sixth."""
    offset = crc32(name.encode()) % SAMPLE
    return [at for at, one in enumerate(moments) if moments.index(one) == at or at % SAMPLE == offset]


def kill(scenario: Scenario, folder: Path, *, everywhere: bool) -> int:
    """Live a story undisturbed, then once for each boundary, killed there; return how often it was killed."""
    start = prepared(folder / "before", scenario.before, page_size=scenario.page_size)
    moments, wanted = undisturbed(start, scenario, folder / "undisturbed")
    numbers = range(len(moments)) if everywhere else sampled(moments, scenario.name)
    for at in numbers:
        house = live(start.house(folder / f"life{at}", Fate(at + 1)), scenario.acts)
        try:
            assert settled(house) == wanted, f"killed at {at + 1}: {moments[at]}"
        finally:
            house.close()
    return len(numbers)


@pytest.mark.parametrize("everywhere", [False, pytest.param(True, marks=pytest.mark.long)], ids=["sample", "all"])
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.name.replace(" ", "-"))
def test_killed_anywhere_it_ends_as_if_nothing_had_happened(
    scenario: Scenario, everywhere: bool, tmp_path: Path, record_property: Record
) -> None:
    record_property("kills", kill(scenario, tmp_path, everywhere=everywhere))


def test_a_sample_has_every_kind_of_boundary_and_moves_with_the_story() -> None:
    moments = ["before commit", "committed", "events.list", *["before commit", "committed"] * 12]
    chosen = sampled(moments, "a story")
    assert {moments[at] for at in chosen} == set(moments)
    assert 3 <= len(chosen) <= 3 + 5
    assert len({tuple(sampled(moments, str(number))) for number in range(50)}) > 1
