"""A guest list of which Google shows a part is never written back, whatever else is edited; and it cannot be edited."""

from __future__ import annotations

import pytest

from calsyncctl.errors import NotAllowed
from calsyncctl.model.event import Attendee, Body, Event
from calsyncctl.sync.provider import Patch
from tests.support.memory import timed
from tests.sync.desk import WORK
from tests.sync.house import House

SHOWN = Body(attendees=(Attendee("me@example.com", self=True),), attendees_omitted=True, organizer_self=True)


@pytest.fixture
def gathering(house: House) -> Event:
    house.google.put(WORK, timed("gather00", "Gathering", body=SHOWN))
    house.sync_one()
    return house.event("gather00")


def test_an_edit_of_the_list_is_refused_when_it_is_made(house: House, gathering: Event) -> None:
    with pytest.raises(NotAllowed, match="only some of this event's guests"):
        house.change(gathering, attendees=(Attendee("ann@example.com"),))


def test_other_edits_are_sent_without_it(house: House, gathering: Event) -> None:
    house.change(gathering, summary="Party", location="Garden")
    house.settle()

    (write,) = house.google.writes
    assert isinstance(write, Patch)
    assert write.fields == {"summary", "location"}
    assert house.there_is(gathering).body.attendees == SHOWN.attendees
