"""Killed at every boundary, the program ends where it would have ended undisturbed, and then writes nothing.

By default at every sixth boundary, of each story at others; `long` takes every one.
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
"""Of so many boundaries one is taken by default."""


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
    """Return the places of every sixth moment, beginning at another one for each story."""
    return list(range(crc32(name.encode()) % SAMPLE, len(moments), SAMPLE))


def kill(scenario: Scenario, folder: Path, *, everywhere: bool) -> int:
    """Live a story undisturbed, then once for each boundary, killed there; return how often it was killed."""
    start = prepared(folder / "before", scenario.before, page_size=scenario.page_size)
    moments, wanted = undisturbed(start, scenario, folder / "undisturbed")
    places = list(range(len(moments))) if everywhere else sampled(moments, scenario.name)
    for at in places:
        house = live(start.house(folder / f"life{at}", Fate(at + 1)), scenario.acts)
        try:
            assert settled(house) == wanted, f"killed at {at + 1}: {moments[at]}"
        finally:
            house.close()
    return len(places)


@pytest.mark.parametrize("everywhere", [False, pytest.param(True, marks=pytest.mark.long)], ids=["sample", "all"])
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.name.replace(" ", "-"))
def test_killed_anywhere_it_ends_as_if_nothing_had_happened(
    scenario: Scenario, everywhere: bool, tmp_path: Path, record_property: Record
) -> None:
    record_property("kills", kill(scenario, tmp_path, everywhere=everywhere))


def test_the_samples_of_the_stories_begin_at_every_place() -> None:
    moments = ["before commit", "committed"] * 9
    chosen = {tuple(sampled(moments, scenario.name)) for scenario in SCENARIOS}
    assert sorted(at for one in chosen for at in one) == list(range(18))
