"""A desk for every test of the engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sync.desk import Desk
from tests.sync.house import House


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A desk with one empty two-way calendar, listed once."""
    made = House(tmp_path)
    made.calendar()
    made.sync_one()
    yield made
    made.close()
