"""What an event shows of itself: a bit for each fact, each for itself."""

from __future__ import annotations

import pytest

from calsyncctl.model.event import Attendee, Body, Content, When
from calsyncctl.model.shows import ALL_DAY, DECLINED, TENTATIVE, TRANSPARENT, TYPES, shows

HOUR = When("2030-01-07T12:00:00Z", "2030-01-07T13:00:00Z")
DAY = When("2030-01-07", "2030-01-08")


def guests(mine: str, other: str = "accepted") -> Body:
    return Body(attendees=(Attendee("ann@example.org", reply=other), Attendee("me@example.com", reply=mine, self=True)))


@pytest.mark.parametrize(
    ("status", "when", "body", "bits"),
    [
        ("confirmed", HOUR, Body(), 0),
        ("confirmed", HOUR, Body(transparency="transparent"), TRANSPARENT),
        ("tentative", HOUR, Body(), TENTATIVE),
        ("confirmed", DAY, Body(), ALL_DAY),
        ("confirmed", HOUR, guests("declined"), DECLINED),
        ("confirmed", HOUR, guests("accepted", other="declined"), 0),
        ("tentative", DAY, Body(transparency="transparent", event_type="birthday"), 1 | 2 | 8 | TYPES["birthday"]),
        ("confirmed", HOUR, Body(event_type="default"), 0),
    ],
)
def test_each_fact_has_its_bit(status: str, when: When, body: Body, bits: int) -> None:
    assert shows(Content("Lunch", status, when, body)) == bits


def test_no_two_facts_share_a_bit() -> None:
    bits = [TRANSPARENT, TENTATIVE, DECLINED, ALL_DAY, *TYPES.values()]
    assert sorted(bits) == [1 << at for at in range(len(bits))]
