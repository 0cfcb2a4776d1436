"""What the house of explanations has besides."""

from __future__ import annotations

import pytest

from calsyncctl.model.event import Event
from tests.sync.house import House


@pytest.fixture
def lunch(house: House) -> Event:
    """An event made here at 9:01 in Berlin, sent at 9:02, and known to be the same on both sides at 9:06."""
    made = house.add()
    house.settle()
    return made
