"""Listing and getting over HTTP: the parameters that Google is asked with, paging, batches, and what they answer."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from calsyncctl.errors import CursorExpired, Gone, Invalid, Later, PageExpired
from calsyncctl.google.client import Client
from calsyncctl.google.discovery import calendar_service
from calsyncctl.google.provider import GoogleProvider
from tests.google.conftest import CountedTokens
from tests.google.server import Answer, FakeServer

CALENDAR = "team@group.calendar.google.com"
ENVELOPE = {"timeZone": "Europe/Berlin", "accessRole": "owner"}


def event(google_id: str, **more: object) -> dict[str, Any]:
    day = {"date": "2026-04-15"}
    return {"id": google_id, "etag": '"1"', "status": "confirmed", "summary": "Tea", "start": day, "end": day} | more


def batch_answer(google: FakeServer, *parts: tuple[int, dict[str, Any]]) -> None:
    """Add a multipart answer: parts named 0, 1, … as they were asked for."""
    lines = []
    for number, (status, body) in enumerate(parts):
        lines += ["--b", "Content-Type: application/http", f"Content-ID: <response-x + {number}>", ""]
        lines += [f"HTTP/1.1 {status} X", "Content-Type: application/json", "", json.dumps(body), ""]
    text = "\r\n".join([*lines, "--b--", ""])
    google.script.append(Answer(200, text.encode(), {"Content-Type": "multipart/mixed; boundary=b"}))


def refusal(status: int, reason: str) -> tuple[int, dict[str, Any]]:
    return status, {"error": {"errors": [{"reason": reason, "message": reason}], "code": status, "message": reason}}


def asked_in_batch(body: bytes) -> list[str]:
    return re.findall(r"events/(\w+)\?", body.decode())


def test_a_first_page_is_asked_for_with_the_fixed_parameters_alone(
    google: FakeServer, provider: GoogleProvider
) -> None:
    google.say(ENVELOPE | {"items": [event("a")], "nextPageToken": "p1"})
    page = provider.list_events(CALENDAR, cursor=None, page=None)

    assert google.seen[0].path == "/calendar/v3/calendars/team%40group.calendar.google.com/events"
    assert google.seen[0].query == {
        "maxResults": ["2500"],
        "showDeleted": ["true"],
        "singleEvents": ["false"],
        "alt": ["json"],
    }
    assert ([one.google_id for one in page.items], page.next_page, page.cursor) == (["a"], "p1", None)


def test_following_pages_and_changes_carry_their_tokens(google: FakeServer, provider: GoogleProvider) -> None:
    google.say(ENVELOPE | {"nextSyncToken": "s2"})
    page = provider.list_events(CALENDAR, cursor="s1", page="p1")

    assert (google.seen[0].query["syncToken"], google.seen[0].query["pageToken"]) == (["s1"], ["p1"])
    assert (page.items, page.cursor) == ((), "s2")


def test_an_address_too_long_for_a_get_is_still_a_read(google: FakeServer, provider: GoogleProvider) -> None:
    google.say(ENVELOPE | {"nextSyncToken": "s2"})
    provider.list_events(CALENDAR, cursor="s" * 2100, page=None)

    assert google.seen[0].method == "POST"
    assert google.seen[0].headers["x-http-method-override"] == "GET"


def test_the_fingerprint_names_what_a_cursor_belongs_to(google: FakeServer, client: Client) -> None:
    small = GoogleProvider(client, calendar_service(google.root), page_size=10)

    assert small.query == "events.list?maxResults=10&showDeleted=True&singleEvents=False;form=1"


def test_a_dead_token_is_told_as_such(google: FakeServer, provider: GoogleProvider) -> None:
    google.refuse(410, "fullSyncRequired", "Sync token is no longer valid, a full sync is required.")
    with pytest.raises(CursorExpired):
        provider.list_events(CALENDAR, cursor="s1", page=None)

    google.refuse(400, "invalid", "Invalid page token value.", location="pageToken")
    with pytest.raises(PageExpired):
        provider.list_events(CALENDAR, cursor=None, page="p1")


def test_a_broken_answer_with_status_200_is_passing_trouble(google: FakeServer, provider: GoogleProvider) -> None:
    google.say(b'{"items": [{"id"')

    with pytest.raises(Later, match="could not be read"):
        provider.list_events(CALENDAR, cursor=None, page=None)


def test_the_calendar_list_is_read_to_its_end(google: FakeServer, provider: GoogleProvider) -> None:
    google.say({"items": [{"id": "a", "accessRole": "owner"}], "nextPageToken": "p"})
    google.say({"nextPageToken": "q"})
    google.say({"items": [{"id": "b", "deleted": True}], "nextSyncToken": "s"})
    page = provider.list_calendars(None)

    assert [(one.google_id, one.deleted) for one in page.calendars] == [("a", False), ("b", True)]
    assert (page.cursor, page.complete) == ("s", True)
    assert [seen.query.get("pageToken") for seen in google.seen] == [None, ["p"], ["q"]]
    assert google.seen[0].query["showHidden"] == google.seen[0].query["showDeleted"] == ["true"]


def test_changes_of_the_calendar_list_are_not_the_whole_of_it(google: FakeServer, provider: GoogleProvider) -> None:
    google.say({"nextSyncToken": "s2"})
    page = provider.list_calendars("s1")

    assert (page.calendars, page.complete) == ((), False)
    assert google.seen[0].query["syncToken"] == ["s1"]


def test_single_events_are_read_in_one_batch(google: FakeServer, provider: GoogleProvider) -> None:
    google.say(ENVELOPE)
    batch_answer(google, (200, event("a")), (200, {"id": "b", "status": "cancelled"}))
    found = provider.get_events(CALENDAR, ("a", "b"))

    assert google.seen[1].path == "/batch/calendar/v3"
    assert google.seen[1].headers["authorization"] == "Bearer t1"
    assert asked_in_batch(google.seen[1].body) == ["a", "b"]
    assert {name: one and one.content is not None for name, one in found.items()} == {"a": True, "b": False}


def test_more_than_fifty_are_read_in_several_batches(google: FakeServer, provider: GoogleProvider) -> None:
    names = tuple(f"e{number}" for number in range(120))
    google.say(ENVELOPE)
    for start in (0, 50, 100):
        batch_answer(google, *((200, event(name)) for name in names[start : start + 50]))

    assert tuple(provider.get_events(CALENDAR, names)) == names
    assert [len(asked_in_batch(seen.body)) for seen in google.seen[1:]] == [50, 50, 20]


def test_what_is_not_there_is_none_if_the_calendar_is(google: FakeServer, provider: GoogleProvider) -> None:
    google.say(ENVELOPE)
    batch_answer(google, refusal(404, "notFound"), (200, event("b")), refusal(410, "deleted"))
    google.say(ENVELOPE)
    found = provider.get_events(CALENDAR, ("a", "b", "c"))

    assert (found["a"], found["c"]) == (None, None)
    assert found["b"] is not None


def test_a_lost_calendar_says_nothing_of_its_events(google: FakeServer, provider: GoogleProvider) -> None:
    google.say(ENVELOPE)
    batch_answer(google, refusal(404, "notFound"))
    google.refuse(404, "notFound", "Not Found")

    with pytest.raises(Gone):
        provider.get_events(CALENDAR, ("a",))


def test_a_part_answered_401_is_sent_again_with_a_new_token(
    google: FakeServer, provider: GoogleProvider, tokens: CountedTokens
) -> None:
    google.say(ENVELOPE)
    batch_answer(google, (200, event("a")), refusal(401, "authError"))
    text = batch_part_of(1, event("b"))
    google.script.append(Answer(200, text, {"Content-Type": "multipart/mixed; boundary=b"}))
    found = provider.get_events(CALENDAR, ("a", "b"))

    assert None not in found.values()
    assert asked_in_batch(google.seen[2].body) == ["b"]
    assert google.seen[2].headers["authorization"] == "Bearer t2"


def batch_part_of(number: int, body: dict[str, Any]) -> bytes:
    head = f"--b\r\nContent-Type: application/http\r\nContent-ID: <response-x + {number}>\r\n\r\n"
    return f"{head}HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{json.dumps(body)}\r\n--b--\r\n".encode()


@pytest.mark.parametrize(
    ("status", "reason"), [(503, "backendError"), (403, "rateLimitExceeded"), (429, "rateLimitExceeded")]
)
def test_parts_in_passing_trouble_are_sent_once_more(
    google: FakeServer, provider: GoogleProvider, status: int, reason: str
) -> None:
    google.say(ENVELOPE)
    batch_answer(google, (200, event("a")), refusal(status, reason))
    google.script.append(Answer(200, batch_part_of(1, event("b")), {"Content-Type": "multipart/mixed; boundary=b"}))

    assert None not in provider.get_events(CALENDAR, ("a", "b")).values()
    assert asked_in_batch(google.seen[2].body) == ["b"]


def test_a_part_that_stays_in_trouble_fails_the_read(google: FakeServer, provider: GoogleProvider) -> None:
    google.say(ENVELOPE)
    batch_answer(google, refusal(503, "backendError"))
    batch_answer(google, refusal(503, "backendError"))

    with pytest.raises(Later):
        provider.get_events(CALENDAR, ("a",))
    assert len(google.seen) == 3


def test_any_other_refusal_of_a_part_is_raised(google: FakeServer, provider: GoogleProvider) -> None:
    google.say(ENVELOPE)
    batch_answer(google, refusal(400, "badRequest"))

    with pytest.raises(Invalid):
        provider.get_events(CALENDAR, ("a",))


@pytest.mark.parametrize("body", [b"", b"<html>", b"--b\r\nContent-Type: application/http\r\n\r\nnonsense\r\n--b--"])
def test_a_batch_answer_that_cannot_be_taken_apart_is_passing_trouble(
    google: FakeServer, provider: GoogleProvider, body: bytes
) -> None:
    google.say(ENVELOPE)
    google.script += [Answer(200, body, {"Content-Type": "multipart/mixed; boundary=b"})] * 3

    with pytest.raises(Later, match="taken apart"):
        provider.get_events(CALENDAR, ("a",))


def test_nothing_to_get_asks_nothing(google: FakeServer, provider: GoogleProvider) -> None:
    assert provider.get_events(CALENDAR, ()) == {}
    assert google.seen == []
