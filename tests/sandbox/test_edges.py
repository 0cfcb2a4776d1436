"""At the ends of what a date can name, and of what a client may send: no answer is a 500, no event stops a list."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.client import Client, Refused, all_day, timed
from tests.support.sandbox import WORK, AdminError

FIRST, LAST = "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"
WINDOWS = [
    {},
    {"timeMin": "0001-01-01T00:00:00Z"},
    {"timeMin": "0001-01-01T00:00:00Z", "timeMax": "9999-12-31T23:59:59Z", "singleEvents": "true"},
    {"timeMin": "9999-12-30T00:00:00Z", "singleEvents": "true", "orderBy": "startTime"},
]


@pytest.mark.parametrize("window", WINDOWS)
def test_a_window_may_reach_to_the_ends_of_time(work: Client, window: dict[str, str]) -> None:
    work.insert(timed("Every day", recurrence=["RRULE:FREQ=DAILY"]))

    assert work.raw("GET", "calendars/primary/events", params={**window, "maxResults": 5}).status_code == 200


@pytest.mark.parametrize("moment", [FIRST, LAST])
def test_instants_that_utc_cannot_name_are_refused(work: Client, moment: str) -> None:
    with pytest.raises(Refused) as written:
        work.insert({"start": {"dateTime": moment}, "end": {"dateTime": moment}})
    with pytest.raises(Refused) as listed:
        work.page(timeMin=moment)

    assert (written.value.reason, listed.value.reason) == ("invalid", "badRequest")


@pytest.mark.parametrize(
    "event",
    [
        {"start": {"dateTime": FIRST}, "end": {"dateTime": FIRST}},
        {"start": {"dateTime": LAST, "timeZone": "Asia/Tokyo"}, "end": {"dateTime": LAST}},
        {"start": {"date": "0001-01-01"}, "end": {"date": "0001-01-02"}, "recurrence": ["RRULE:FREQ=YEARLY"]},
        {"start": {"date": "9999-12-30"}, "end": {"date": "9999-12-31"}, "recurrence": ["RRULE:FREQ=DAILY"]},
        {"start": {"dateTime": LAST}, "end": {"dateTime": LAST}, "recurrence": ["RRULE:FREQ=DAILY;COUNT=3"]},
    ],
)
def test_an_event_at_the_end_of_time_stops_no_list(work: Client, event: dict[str, Any]) -> None:
    made = work.sandbox.admin("POST", f"/calendars/{WORK}/events?raw=true", event)

    for window in WINDOWS:
        assert work.raw("GET", "calendars/primary/events", params=window).status_code == 200
    assert work.raw("GET", f"calendars/primary/events/{made['id']}").status_code == 200


DAYS = {"start": {"date": "2026-11-23"}, "end": {"date": "2026-11-24"}}


@pytest.mark.parametrize(
    "wrong",
    [
        {"creator": "somebody"},
        {"eventType": {"a": 1}},
        {"attendees": ["somebody"]},
        {"recurringEventId": "x"},
        {"recurringEventId": {"a": 1}},
    ],
)
def test_odd_data_that_no_answer_of_google_could_hold_is_refused(work: Client, wrong: dict[str, Any]) -> None:
    with pytest.raises(AdminError) as refusal:
        work.sandbox.admin("POST", f"/calendars/{WORK}/events?raw=true", {**DAYS, **wrong, "status": "cancelled"})
    with pytest.raises(AdminError):
        work.sandbox.admin("POST", f"/calendars/{WORK}/events?raw=true", {**DAYS, **wrong, "attendees": [1]})

    assert refusal.value.status == 400
    assert work.raw("GET", "calendars/primary/events", params={"showDeleted": "true"}).status_code == 200


def test_a_series_that_begins_late_ends_before_dates_do(work: Client) -> None:
    made = work.insert(all_day(first="9998-12-30", end="9998-12-31", recurrence=["RRULE:FREQ=DAILY"]))
    found = work.call("GET", f"calendars/primary/events/{made['id']}/instances", timeMax="9999-12-31T00:00:00Z")

    assert [one["start"]["date"] for one in found["items"]] == ["9998-12-30", "9998-12-31"]


@pytest.mark.parametrize("number", ["0", "-1", "x", "²", "1.5"])
def test_a_page_size_that_is_no_number_is_a_400(work: Client, number: str) -> None:
    with pytest.raises(Refused) as refusal:
        work.page(maxResults=number)
    assert (refusal.value.status, refusal.value.reason) == (400, "invalidParameter")


# -- how bodies look -------------------------------------------------------------------------------------------------


def test_answers_are_indented_by_one_space_unless_the_client_does_not_want_it(work: Client) -> None:
    pretty = work.raw("GET", "calendars/primary/events", params={"maxResults": 2})
    compact = work.raw("GET", "calendars/primary/events", params={"maxResults": 2, "prettyPrint": "false"})

    assert pretty.text.startswith('{\n "kind": "calendar#events",\n "etag": ')
    assert pretty.text.endswith("\n}\n")
    assert compact.text.startswith('{"kind":"calendar#events","etag":')
    assert pretty.json()["items"] == compact.json()["items"]


def test_an_error_is_compact_where_the_client_wants_it_so(work: Client) -> None:
    answer = work.raw("GET", "calendars/primary/events/neverwas", params={"prettyPrint": "false"})

    assert answer.text.startswith('{"error":{"errors":[{"domain":"global","reason":"notFound"')


def test_a_kept_page_is_the_page_that_was_asked_for(work: Client) -> None:
    both = ["true", "false", "true", "false"]
    found = [work.raw("GET", "calendars/primary/events", params={"prettyPrint": one}).text for one in both]

    assert (found[0], found[1]) == (found[2], found[3])
    assert "\n" not in found[1]
