"""A desk for every test of the engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from calsyncctl.model.calendar import Calendar
from calsyncctl.model.event import Event
from tests.sync.desk import Desk
from tests.sync.house import House


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.close()


@pytest.fixture
def team(house: House) -> Calendar:
    """A third calendar, of another account; the second one is of the first account."""
    house.calendar("other-calendar")
    made = house.calendar("team-calendar", email="support@example.com")
    house.sync()
    return made


@pytest.fixture
def lunch(house: House, team: Calendar) -> Event:
    event = house.add()
    house.settle()
    return event
