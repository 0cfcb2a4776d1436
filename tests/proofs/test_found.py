"""What the proofs found, each as a test of its own: it stays mended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from calsyncctl.sync.provider import Insert
from tests.sync.house import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house with one empty two-way calendar, listed once."""
    made = House(tmp_path)
    made.calendar()
    made.sync_one()
    yield made
    made.close()


def test_a_meet_is_still_looked_for_when_the_answer_to_its_insert_was_lost(house: House) -> None:
    house.google.habits.meet = "pending"
    event = house.add(meet=True)
    house.google.lose_answer(kind=Insert)
    house.sync()

    house.sync()

    assert house.text(event).body.meet
    house.settle()
