"""Error bodies to the letter: the sandbox's answers beside the bodies that were captured from Google."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.client import Client, Refused, all_day, timed
from tests.support.sandbox import WORK

MISSING_END = """{"error":{"errors":[{"domain":"global","reason":"required","message":"Missing end time."}],
"code":400,"message":"Missing end time."}}"""
EMPTY = """{"error":{"errors":[{"domain":"calendar","reason":"timeRangeEmpty",
"message":"The specified time range is empty.","locationType":"parameter","location":"timeMax"}],
"code":400,"message":"The specified time range is empty."}}"""
BAD_TOKEN = """{"error":{"errors":[{"domain":"global","reason":"invalid","message":"Invalid sync token value.",
"locationType":"parameter","location":"syncToken"}],"code":400,"message":"Invalid sync token value."}}"""
NOT_FOUND = """{"error":{"errors":[{"domain":"global","reason":"notFound","message":"Not Found"}],
"code":404,"message":"Not Found"}}"""
DELETED = """{"error":{"errors":[{"domain":"global","reason":"deleted","message":"Resource has been deleted"}],
"code":410,"message":"Resource has been deleted"}}"""
STALE = """{"error":{"errors":[{"domain":"global","reason":"conditionNotMet","message":"Precondition Failed",
"locationType":"header","location":"If-Match"}],"code":412,"message":"Precondition Failed"}}"""
DUPLICATE = """{"error":{"errors":[{"domain":"global","reason":"duplicate",
"message":"The requested identifier already exists."}],
"code":409,"message":"The requested identifier already exists."}}"""
PARSE = """{"error":{"errors":[{"domain":"global","reason":"parseError","message":"Parse Error"}],
"code":400,"message":"Parse Error"}}"""
SCOPE = """{"error":{"code":403,"message":"Request had insufficient authentication scopes.",
"errors":[{"message":"Insufficient Permission","domain":"global","reason":"insufficientPermissions"}],
"status":"PERMISSION_DENIED",
"details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"ACCESS_TOKEN_SCOPE_INSUFFICIENT",
"domain":"googleapis.com",
"metadata":{"service":"calendar-json.googleapis.com","method":"calendar.v3.Events.Insert"}}]}}"""


def body_of(client: Client, verb: str, path: str, sent: Any = None, **more: Any) -> str:
    """Return an error's body as compact text, so that the order of its members counts."""
    answer = client.raw(verb, path, sent, **more)
    assert answer.headers["Content-Type"] == "application/json; charset=UTF-8"
    return json.dumps(answer.json())


def same(text: str) -> str:
    return json.dumps(json.loads(text))


@pytest.mark.parametrize(
    ("verb", "path", "sent", "expected"),
    [
        ("POST", "calendars/primary/events", {"start": {"date": "2026-11-23"}}, MISSING_END),
        ("POST", "calendars/primary/events", all_day(end="2026-11-23"), EMPTY),
        ("GET", "calendars/primary/events?syncToken=nonsense", None, BAD_TOKEN),
        ("GET", "calendars/primary/events/neverwas", None, NOT_FOUND),
        ("GET", "calendars/nobody@example.com/events", None, NOT_FOUND),
    ],
)
def test_a_refusal_has_the_captured_body(work: Client, verb: str, path: str, sent: Any, expected: str) -> None:
    assert body_of(work, verb, path, sent) == same(expected)


def test_the_bodies_around_one_event_are_the_captured_ones(work: Client) -> None:
    work.insert(timed(id="captured0"))
    path = "calendars/primary/events/captured0"
    stale = body_of(work, "PATCH", path, {}, headers={"If-Match": '"1"'})
    taken = body_of(work, "POST", "calendars/primary/events", timed(id="captured0"))
    work.delete("captured0")

    assert (stale, taken) == (same(STALE), same(DUPLICATE))
    assert body_of(work, "DELETE", path) == same(DELETED)


def test_broken_json_and_a_missing_scope_have_the_captured_bodies(work: Client) -> None:
    broken = body_of(work, "POST", "calendars/primary/events", data="{")
    reader = Client(work.sandbox, WORK, ("calendar.readonly",)).sign_in()
    with reader.session:
        denied = body_of(reader, "POST", "calendars/primary/events", timed())

    assert (broken, denied) == (same(PARSE), same(SCOPE))


def test_backend_errors_are_indented_by_one_and_front_end_errors_by_two(work: Client) -> None:
    backend = work.raw("GET", "calendars/primary/events/neverwas").text
    work.sandbox.expire_access_tokens(WORK)
    front = work.raw("GET", "calendars/primary/events/neverwas").text

    assert backend.startswith('{\n "error": {\n  "errors"')
    assert front.startswith('{\n  "error": {\n    "code": 401')


def test_an_unknown_path_is_404_and_a_request_without_token_401(work: Client) -> None:
    with pytest.raises(Refused) as unknown:
        raise_for(work, "calendars/primary/nonsense")
    work.token = {}
    with pytest.raises(Refused) as anonymous:
        raise_for(work, "calendars/primary/events")
    assert [unknown.value.status, anonymous.value.status] == [404, 401]


def raise_for(client: Client, path: str) -> None:
    client.call("GET", path)


def test_answers_carry_googles_usual_headers(work: Client) -> None:
    made = work.insert(timed())
    listed = work.raw("GET", "calendars/primary/events").headers
    one = work.raw("GET", f"calendars/primary/events/{made['id']}").headers

    assert listed["Cache-Control"].startswith("private, max-age=0")
    assert one["Cache-Control"].startswith("no-cache, no-store")
    assert one["ETag"] == made["etag"]
    assert "ETag" not in listed
    assert (listed["Server"], "X-Origin" in listed["Vary"]) == ("ESF", True)
