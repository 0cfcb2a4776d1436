"""A house for explanations: one calendar, synced once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from calsyncctl.model.calendar import Mode
from calsyncctl.model.event import Event
from tests.sync.house import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    made.calendar()
    made.sync_one()
    yield made
    made.close()


@pytest.fixture
def one_way(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    made.calendar(mode=Mode.ONE_WAY)
    made.sync_one()
    yield made
    made.close()


@pytest.fixture
def lunch(house: House) -> Event:
    """An event made here at 9:01 in Berlin, sent at 9:02, and known to be the same on both sides at 9:06."""
    made = house.add()
    house.settle()
    return made
