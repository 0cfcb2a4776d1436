"""Random lives of a calendar: who follows it by increments holds, in the end, what a full listing shows."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.sandbox.client import Client, all_day, timed
from tests.support.sandbox import SUPPORT, AdminError

STEPS = 60
RULE = "RRULE:FREQ=DAILY;COUNT=6"
Json = dict[str, Any]


@dataclass(slots=True)
class Mirror:
    """What a careful client holds of one calendar."""

    client: Client
    calendar: str
    chance: random.Random
    token: str = ""
    items: dict[str, Json] = field(default_factory=dict)

    def follow(self) -> None:
        """Take an incremental listing in pages of any length."""
        query = {"syncToken": self.token} if self.token else {}
        size = self.chance.choice((1, 2, 7, 2500))
        changed, self.token = self.client.all(self.calendar, **query, maxResults=size, showDeleted="true")
        for item in changed:
            if item["status"] == "cancelled" and "recurringEventId" not in item:
                self.items.pop(item["id"], None)
            else:
                self.items[item["id"]] = item

    def alive(self) -> dict[str, Json]:
        """Return what is held, cancelled occurrences of series that are gone left out."""
        return {
            key: item
            for key, item in self.items.items()
            if item["status"] != "cancelled" or item["recurringEventId"] in self.items
        }


def edit(mirror: Mirror, step: int) -> None:
    """Do one random thing as the user in Google's web pages; what does not apply is refused, which is fine."""
    pick, google, calendar = mirror.chance, mirror.client.sandbox, mirror.calendar
    known = [item for item in mirror.items.values() if item["status"] != "cancelled"]
    chosen = pick.choice(known)["id"] if known else "none"
    masters = [item["id"] for item in known if "recurrence" in item] or ["none"]
    occurrence = f"{pick.choice(masters)}_202611{pick.randrange(23, 29)}T{pick.randrange(9, 12):02d}0000Z"
    hour = pick.randrange(9, 12)
    try:
        match pick.randrange(9):
            case 0:
                google.insert(calendar, timed(f"Single {step}", hour=hour, attendees=[{"email": SUPPORT}]))
            case 1:
                google.insert(calendar, timed(f"Series {step}", hour=hour, recurrence=[RULE]))
            case 2:
                google.insert(calendar, all_day(f"Day {step}"))
            case 3:
                google.patch(calendar, chosen, {"summary": f"Changed {step}"})
            case 4:
                google.patch(calendar, occurrence, {"location": f"Room {step}"})
            case 5:
                google.delete(calendar, pick.choice((chosen, occurrence)))
            case 6:
                google.edit(calendar, occurrence, "split")
            case 7:
                google.edit(calendar, chosen, pick.choice(("copy", "restore")))
            case _:
                google.patch(calendar, pick.choice(masters), {"recurrence": [f"RRULE:FREQ=DAILY;COUNT={hour - 6}"]})
    except AdminError as refusal:
        if refusal.status not in (400, 404, 410):
            raise


@pytest.mark.parametrize("seed", range(6))
def test_following_by_increments_ends_where_a_full_listing_does(work: Client, support: Client, seed: int) -> None:
    chance = random.Random(seed)
    calendar = work.sandbox.add_calendar(work.email, "Life")
    mirror = Mirror(work, calendar, chance)
    guest = Mirror(support, support.email, chance)
    for step in range(STEPS):
        edit(mirror, step)
        if chance.random() < 0.5:
            mirror.follow()
            guest.follow()
    mirror.follow()
    guest.follow()

    for one in (mirror, guest):
        whole = Mirror(one.client, one.calendar, chance)
        whole.follow()
        assert one.alive() == whole.alive() != {}


@pytest.mark.parametrize("seed", range(3))
def test_expanded_by_google_or_by_the_client_is_the_same(work: Client, seed: int) -> None:
    chance = random.Random(seed)
    calendar = work.sandbox.add_calendar(work.email, "Life")
    mirror = Mirror(work, calendar, chance)
    for step in range(STEPS):
        edit(mirror, step)
        mirror.follow()
    window = {"timeMin": "2026-11-01T00:00:00Z", "timeMax": "2027-01-01T00:00:00Z"}
    expanded = {item["id"] for item in work.all(calendar, singleEvents="true", **window)[0]}

    by_hand = {
        item["id"] for item in mirror.items.values() if item["status"] != "cancelled" and "recurrence" not in item
    }
    for master in [item for item in mirror.items.values() if "recurrence" in item]:
        found = work.call("GET", f"calendars/{calendar}/events/{master['id']}/instances")["items"]
        by_hand |= {item["id"] for item in found}
    assert expanded == by_hand


@pytest.mark.parametrize("seed", range(6))
def test_following_expanded_occurrences_ends_where_a_full_expanded_listing_does(work: Client, seed: int) -> None:
    chance = random.Random(seed)
    calendar = work.sandbox.add_calendar(work.email, "Life")
    raw = Mirror(work, calendar, chance)
    held: dict[str, Json] = {}
    token = ""
    for step in range(STEPS):
        edit(raw, step)
        raw.follow()
        query = {"syncToken": token} if token else {"timeMax": "2027-06-01T00:00:00Z"}
        changed, token = work.all(calendar, singleEvents="true", **query)
        held |= {item["id"]: item for item in changed}

    whole, _ = work.all(calendar, singleEvents="true", timeMax="2027-06-01T00:00:00Z")
    assert {key for key, item in held.items() if item["status"] != "cancelled"} == {item["id"] for item in whole}
    assert {key: item for key, item in held.items() if item["status"] != "cancelled"} == {
        one["id"]: one for one in whole
    }
