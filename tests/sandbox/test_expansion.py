"""The sandbox's expansion of series beside an independent one (recurring-ical-events) on random rules."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import icalendar
import pytest
import recurring_ical_events

from tests.sandbox.client import Client

ZONES = ("Europe/London", "America/New_York", "Australia/Sydney", "Asia/Kolkata", "UTC")
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def a_rule(chance: random.Random) -> str:
    """Make up a rule that is valid in every calendar program."""
    frequency = chance.choice(("DAILY", "WEEKLY", "MONTHLY", "YEARLY"))
    parts = [f"FREQ={frequency}"]
    if chance.random() < 0.4:
        parts.append(f"INTERVAL={chance.randint(2, 4)}")
    if frequency == "WEEKLY":
        parts.append("BYDAY=" + ",".join(sorted(chance.sample(DAYS, chance.randint(1, 3)))))
    elif frequency == "MONTHLY":
        parts.append(chance.choice(("BYMONTHDAY=15", "BYDAY=2TU", "BYDAY=-1FR", "BYMONTHDAY=-1")))
    parts.append(chance.choice(("COUNT=7", "UNTIL=20270301T120000Z", "COUNT=30")))
    return ";".join(parts)


def elsewhere(start: datetime, zone: str, rule: str) -> list[str]:
    """Expand by the other library; returns the starts in UTC."""
    text = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n"
        f"DTSTART;TZID={zone}:{start:%Y%m%dT%H%M%S}\r\nDURATION:PT1H\r\nRRULE:{rule}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    found = recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between((2026, 9, 1), (2028, 9, 1))
    return sorted(f"{one['DTSTART'].dt.astimezone(UTC):%Y%m%dT%H%M%SZ}" for one in found)


@pytest.mark.parametrize("seed", range(40))
def test_random_rules_have_the_same_occurrences_elsewhere(work: Client, seed: int) -> None:
    chance = random.Random(seed)
    zone, rule = chance.choice(ZONES), a_rule(chance)
    start = datetime(2026, chance.choice((9, 10, 11)), chance.randint(1, 28), chance.randint(6, 20), tzinfo=UTC)
    times = [{"dateTime": f"{at:%Y-%m-%dT%H:%M:%S}", "timeZone": zone} for at in (start, start.replace(minute=59))]
    made = work.insert({"summary": rule, "start": times[0], "end": times[1], "recurrence": [f"RRULE:{rule}"]})

    path = f"calendars/primary/events/{made['id']}/instances"
    found = work.call("GET", path, maxResults=2500, timeMax="2028-09-01T00:00:00Z")["items"]
    here = sorted(one["id"].rpartition("_")[2] for one in found)
    there = elsewhere(start, zone, rule)
    assert [one for one in here if one in there] == there
    assert set(here) - set(there) <= {made["start"]["dateTime"]} | {here[0]}
