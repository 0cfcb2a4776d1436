"""What the proofs found, each as a test of its own: it stays mended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from calsyncctl.sync import edit
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


def test_an_edit_in_google_of_a_copy_that_leaves_is_kept_when_its_event_is_deleted(house: House) -> None:
    native, other = house.native(), house.calendar("other-calendar")
    house.link(native, other)
    event = house.add(calendar=native)
    house.settle()

    house.edit_there(event, other, summary="Soup")
    edit.move_event(house.store, house.means, event.id, house.home())
    house.delete(event)
    house.settle()

    assert house.lost(event)["summary"] == "Soup"
    assert house.google.alive("other-calendar") == {}
