"""Nothing is pushed to a calendar before it was read to its end once: what is there may be ours, or be in the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from calsyncctl.errors import Later
from calsyncctl.sync.passes import Step, both_ways, send_first, sync_calendars
from tests.support.memory import timed
from tests.sync.desk import WORK
from tests.sync.house import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A calendar whose first listing has three pages, and whose second page never came."""
    made = House(tmp_path, page_size=3)
    made.calendar()
    for number in range(9):
        made.google.put(WORK, timed(f"event{number}"))
    made.google.before_next(lambda: None)
    made.google.before_next(lambda: made.google.fail_next(Later("The network is away.")))
    made.sync()
    yield made
    made.close()


@pytest.mark.parametrize("step", [both_ways, send_first])
def test_what_is_made_here_waits_until_the_first_listing_has_come_to_its_end(house: House, step: Step) -> None:
    event = house.add()
    house.google.fail_next(Later("The network is away."))

    (outcome,) = sync_calendars(house.work(), step).calendars
    assert (outcome.error is not None, house.google.writes) == (True, [])
    sync_calendars(house.work(), step)

    assert (len(house.google.writes), house.there_is(event).summary) == (1, "Lunch")
