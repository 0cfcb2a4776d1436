"""What requests cost, and who goes first."""

from __future__ import annotations

import pytest

from calsyncctl.google.costs import costs_of, priority_of
from calsyncctl.google.discovery import calendar_service
from calsyncctl.model.quota import Cost, Priority

ROOT = "https://www.googleapis.com/calendar/v3"
EVENTS = f"{ROOT}/calendars/work%40example.com/events"


@pytest.mark.parametrize(
    ("method", "address", "kind", "units"),
    [
        ("GET", f"{EVENTS}?maxResults=2500&syncToken=abc&alt=json", "poll", 1),
        ("GET", f"{EVENTS}?maxResults=2500&showDeleted=true&alt=json", "listing", 1),
        ("GET", f"{EVENTS}?maxResults=1&fields=timeZone&alt=json", "read", 1),
        ("GET", f"{EVENTS}/abc?alt=json", "read", 1),
        ("GET", f"{EVENTS}/abc/instances?alt=json", "read", 1),
        ("POST", f"{EVENTS}?sendUpdates=all&alt=json", "insert", 1),
        ("PATCH", f"{EVENTS}/abc?alt=json", "patch", 3),
        ("PUT", f"{EVENTS}/abc?alt=json", "update", 1),
        ("DELETE", f"{EVENTS}/abc", "delete", 1),
        ("POST", f"{EVENTS}/watch?alt=json", "other", 1),
        ("POST", f"{ROOT}/channels/stop", "other", 1),
        ("POST", f"{ROOT}/freeBusy?alt=json", "other", 1),
        ("GET", f"{ROOT}/users/me/calendarList?syncToken=x", "calendars", 1),
    ],
)
def test_a_request_has_a_kind_and_a_price(method: str, address: str, kind: str, units: int) -> None:
    assert costs_of(method, address) == {kind: Cost(1, units)}


def test_each_part_of_a_batch_counts_as_the_library_writes_it() -> None:
    service = calendar_service("http://127.0.0.1:1")
    batch = service.new_batch_http_request()
    events = service.events()
    body = {"summary": "PATCH /calendar/v3/x HTTP/1.1\nPATCH /calendar/v3/calendars/a/events/b HTTP/1.1"}
    batch.add(events.patch(calendarId="a", eventId="one", body=body))
    batch.add(events.insert(calendarId="a", body=body))
    batch.add(events.get(calendarId="a", eventId="two"))
    parts = [batch._serialize_request(request) for request in batch._requests.values()]

    costs = costs_of("POST", "http://127.0.0.1:1/batch/calendar/v3", "\n--b\n\n".join(parts))

    assert costs == {"patch": Cost(1, 3), "insert": Cost(1, 1), "read": Cost(1, 1)}


def test_writes_go_first_and_full_listings_last() -> None:
    assert priority_of({"read": Cost(1, 1), "patch": Cost(1, 3)}) is Priority.PEOPLE
    assert priority_of({"poll": Cost(1, 1)}) is priority_of({"calendars": Cost(1, 1)}) is Priority.POLL
    assert priority_of({"listing": Cost(1, 1)}) is Priority.BACKFILL


def test_a_read_that_a_write_waits_for_goes_as_first_as_the_write_but_no_full_listing_does() -> None:
    assert priority_of({"poll": Cost(1, 1)}, urgent=True) is Priority.PEOPLE
    assert priority_of({"read": Cost(9, 9)}, urgent=True) is Priority.PEOPLE
    assert priority_of({"listing": Cost(1, 1), "read": Cost(1, 1)}, urgent=True) is Priority.BACKFILL
