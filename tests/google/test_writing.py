"""Writes over HTTP: what they carry, that nothing is sent twice, and every answer's meaning, alone and in batches."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from msgspec.structs import replace

from calsyncctl.errors import (
    CalsyncError,
    Gone,
    Installation,
    Invalid,
    Later,
    MuchLater,
    NeedsReauth,
    Outdated,
    Refused,
    Taken,
    Unknown,
)
from calsyncctl.google.client import Client
from calsyncctl.google.discovery import calendar_service
from calsyncctl.google.provider import GoogleProvider
from calsyncctl.model.copy import Tag
from calsyncctl.model.event import Body, Content, When
from calsyncctl.sync.provider import Answer, Delete, Insert, Patch, Write
from tests.google.conftest import CountedTokens
from tests.google.server import Answer as Said
from tests.google.server import FakeServer
from tests.google.test_provider import CALENDAR, ENVELOPE, batch_answer, event, refusal
from tests.support.clocks import StillClock

TEA = Content("Tea", "confirmed", When("2026-04-15", "2026-04-16"), Body())
INSERT = Insert(google_id="abcde", content=TEA, tag=Tag("i", "k", "abcde"), mail="all")
PATCH = Patch(google_id="abcde", etag='"7"', before=TEA, after=TEA, fields=frozenset({"summary"}), mail="none")
DELETE = Delete(google_id="abcde", etag='"7"', mail="externalOnly")
WRITES = [INSERT, PATCH, DELETE]

REFUSALS = [
    (400, "required", Invalid),
    (403, "userRateLimitExceeded", Later),
    (403, "rateLimitExceeded", Later),
    (403, "quotaExceeded", MuchLater),
    (403, "forbidden", Refused),
    (403, "forbiddenForNonOrganizer", Refused),
    (403, "requiredAccessLevel", Refused),
    (403, "insufficientPermissions", NeedsReauth),
    (403, "accessNotConfigured", Installation),
    (403, "aReasonOfNextYear", Later),
    (404, "notFound", Gone),
    (409, "duplicate", Taken),
    (409, "conflict", Later),
    (410, "deleted", Gone),
    (412, "conditionNotMet", Outdated),
    (429, "rateLimitExceeded", Later),
    (500, "backendError", Unknown),
    (502, "badGateway", Unknown),
    (503, "backendError", Unknown),
]
"""What Google answers, and what a patch of it becomes. `Unknown` is a `Later`; the others must not be one of it."""


def write(provider: GoogleProvider, one: Write = PATCH) -> Answer:
    (answer,) = provider.write_events(CALENDAR, (one,))
    return answer


def many(provider: GoogleProvider, count: int) -> list[CalsyncError | None]:
    """Write so many patches and return what they failed with."""
    writes = tuple(replace(PATCH, google_id=f"e{number}") for number in range(count))
    return [answer.error for answer in provider.write_events(CALENDAR, writes)]


def parts_of(body: bytes) -> list[str]:
    """Return the ids of the events that a batch patched."""
    return re.findall(r"PATCH /calendar/v3/calendars/\S+/events/(\w+)\?", body.decode())


def test_an_insert_is_one_post_with_id_and_mail_rule(google: FakeServer, provider: GoogleProvider) -> None:
    google.say(event("abcde"))
    answer = write(provider, INSERT)

    assert (google.seen[0].method, google.seen[0].path) == (
        "POST",
        "/calendar/v3/calendars/team%40group.calendar.google.com/events",
    )
    assert google.seen[0].query == {"sendUpdates": ["all"], "alt": ["json"]}
    assert json.loads(google.seen[0].body)["id"] == "abcde"
    assert answer.event is not None
    assert answer.event.google_id == "abcde"


@pytest.mark.parametrize(("one", "method"), [(PATCH, "PATCH"), (DELETE, "DELETE")])
def test_changes_carry_the_etag_alone_and_in_a_batch(
    google: FakeServer, provider: GoogleProvider, one: Write, method: str
) -> None:
    google.say(event("abcde"))
    write(provider, one)
    batch_answer(google, (200, event("abcde")), (200, event("fghij")))
    provider.write_events(CALENDAR, (one, replace(PATCH, google_id="fghij", etag=None)))

    assert (google.seen[0].method, google.seen[0].headers["if-match"]) == (method, '"7"')
    assert google.seen[1].path == "/batch/calendar/v3"
    assert re.findall(rb"if-match: (\S+)", google.seen[1].body.lower()) == [b'"7"']


def test_without_an_etag_there_is_no_condition(google: FakeServer, provider: GoogleProvider) -> None:
    google.say(event("abcde"))
    write(provider, replace(PATCH, etag=None))

    assert "if-match" not in google.seen[0].headers


@pytest.mark.parametrize(("status", "reason", "kind"), REFUSALS)
def test_every_refusal_means_what_it_means_alone_and_in_a_batch(
    google: FakeServer, provider: GoogleProvider, status: int, reason: str, kind: type[CalsyncError]
) -> None:
    google.refuse(status, reason, "x")
    alone = write(provider)
    batch_answer(google, (200, event("e0")), refusal(status, reason))
    together = many(provider, 2)

    assert (type(alone.error), type(together[0]), type(together[1])) == (kind, type(None), kind)
    assert len(google.seen) == 2


@pytest.mark.parametrize("one", WRITES)
@pytest.mark.parametrize(
    "lost",
    [
        Said(drop=True),
        Said(body=json.dumps(event("abcde")).encode(), cut=True),
        Said(body=b'{"id": "abc'),
        Said(body=b"<html>"),
        Said(500, b"<html>"),
        Said(404, b"<html>no such page</html>"),
        Said(302, b""),
        Said(408, b""),
    ],
)
def test_an_answer_that_is_none_makes_the_outcome_unknown_and_is_sent_once(
    google: FakeServer, provider: GoogleProvider, one: Write, lost: Said
) -> None:
    google.script.append(lost)
    error = write(provider, one).error

    if isinstance(one, Delete) and lost.status == 200 and not (lost.drop or lost.cut):
        assert error is None  # of a deletion nothing is read
    else:
        assert type(error) is Unknown
    assert len(google.seen) == 1


@pytest.mark.parametrize("one", WRITES)
def test_nobody_there_means_that_nothing_was_written(client: Client, one: Write) -> None:
    provider = GoogleProvider(client, calendar_service("http://127.0.0.1:1"))

    assert type(write(provider, one).error) is Later


def test_an_earlier_failure_does_not_colour_a_lost_answer(google: FakeServer, client: Client) -> None:
    """The first error is still being handled when the second comes: its cause must not be taken for the second's."""
    nowhere = GoogleProvider(client, calendar_service("http://127.0.0.1:1"))
    google.script.append(Said(drop=True))
    try:
        nowhere.list_calendars(None)
    except Later:
        answer = write(GoogleProvider(client, calendar_service(google.root)))

    assert type(answer.error) is Unknown


def test_a_refusal_says_when_to_come_again_and_is_not_waited_for(
    google: FakeServer, provider: GoogleProvider, still: StillClock
) -> None:
    began = still.at
    google.say({"error": {"code": 429, "message": "busy"}}, 429, Retry_After="7")
    error = write(provider).error

    assert isinstance(error, Later)
    assert (error.retry_after, still.at) == (7.0, began)


def test_a_401_is_sent_again_with_a_new_token(
    google: FakeServer, provider: GoogleProvider, tokens: CountedTokens
) -> None:
    google.refuse(401, "authError", "Invalid Credentials")
    google.say(event("abcde"))

    assert write(provider).error is None
    assert [seen.headers["authorization"] for seen in google.seen] == ["Bearer t1", "Bearer t2"]
    assert tokens.refreshes == 1


def test_a_second_401_is_told_and_nothing_was_written(google: FakeServer, provider: GoogleProvider) -> None:
    google.refuse(401, "authError", "Invalid Credentials")
    google.refuse(401, "authError", "Invalid Credentials")

    assert type(write(provider).error) is Later
    assert len(google.seen) == 2


@pytest.mark.parametrize("fails", [NeedsReauth("dead"), Later("the token server is down")])
def test_a_token_that_is_not_renewed_is_an_answer_too_and_a_sure_one(
    google: FakeServer, provider: GoogleProvider, tokens: CountedTokens, fails: CalsyncError
) -> None:
    tokens.fails = fails
    google.refuse(401, "authError", "Invalid Credentials")

    assert write(provider).error is fails


def test_parts_answered_401_are_sent_again_and_no_others(
    google: FakeServer, provider: GoogleProvider, tokens: CountedTokens
) -> None:
    batch_answer(google, (200, event("e0")), refusal(401, "authError"), (200, event("e2")), refusal(401, "authError"))
    batch_answer(google, (200, event("e1")), refusal(404, "notFound"))
    errors = many(provider, 4)

    assert [type(error) for error in errors] == [type(None), type(None), type(None), Gone]
    assert [parts_of(seen.body) for seen in google.seen] == [["e0", "e1", "e2", "e3"], ["e1", "e3"]]
    assert (tokens.refreshes, google.seen[1].headers["authorization"]) == (1, "Bearer t2")


def test_a_sign_in_that_dies_between_parts_leaves_the_answers_that_came(
    google: FakeServer, provider: GoogleProvider, tokens: CountedTokens
) -> None:
    tokens.fails = NeedsReauth("dead")
    batch_answer(google, (200, event("e0")), refusal(401, "authError"))

    assert [type(error) for error in many(provider, 2)] == [type(None), NeedsReauth]


def test_a_lost_second_sending_leaves_the_answers_that_came(google: FakeServer, provider: GoogleProvider) -> None:
    batch_answer(google, (200, event("e0")), refusal(401, "authError"))
    google.script.append(Said(drop=True))

    assert [type(error) for error in many(provider, 2)] == [type(None), Unknown]
    assert len(google.seen) == 2


def test_a_batch_answer_cut_short_leaves_the_answers_that_came(google: FakeServer, provider: GoogleProvider) -> None:
    batch_answer(google, (200, event("e0")), (200, event("e1")))
    whole = google.script.pop()
    google.script.append(replace_body(whole, whole.body[: whole.body.index(b"HTTP/1.1", 200)]))

    assert [type(error) for error in many(provider, 2)] == [type(None), Unknown]


def replace_body(said: Said, body: bytes) -> Said:
    return Said(said.status, body, said.headers)


@pytest.mark.parametrize("body", [b"", b"<html>", b"--b\r\nContent-Type: application/http\r\n\r\nnonsense\r\n--b--"])
def test_a_batch_answer_that_is_none_makes_all_parts_unknown(
    google: FakeServer, provider: GoogleProvider, body: bytes
) -> None:
    google.script.append(Said(200, body, {"Content-Type": "multipart/mixed; boundary=b"}))

    assert [type(error) for error in many(provider, 3)] == [Unknown, Unknown, Unknown]
    assert len(google.seen) == 1


def test_a_part_without_an_answer_is_unknown(google: FakeServer, provider: GoogleProvider) -> None:
    batch_answer(google, (200, event("e0")))

    assert [type(error) for error in many(provider, 2)] == [type(None), Unknown]


def test_more_than_fifty_go_in_several_batches(google: FakeServer, provider: GoogleProvider) -> None:
    for start in (0, 50, 100):
        batch_answer(google, *((200, event(f"e{number}")) for number in range(start, min(start + 50, 120))))

    assert many(provider, 120) == [None] * 120
    assert [len(parts_of(seen.body)) for seen in google.seen] == [50, 50, 20]


@pytest.mark.parametrize(
    ("said", "of_the_first", "of_the_rest"),
    [
        (Said(drop=True), Unknown, Later),
        (Said(503, b""), Unknown, Later),
        (Said(403, json.dumps(refusal(403, "rateLimitExceeded")[1]).encode()), Later, Later),
        (Said(403, json.dumps(refusal(403, "accessNotConfigured")[1]).encode()), Installation, Installation),
    ],
)
def test_after_a_batch_that_failed_as_a_whole_the_rest_stays_here(
    google: FakeServer,
    provider: GoogleProvider,
    said: Said,
    of_the_first: type[CalsyncError],
    of_the_rest: type[CalsyncError],
) -> None:
    google.script.append(said)
    errors = many(provider, 60)

    assert {type(error) for error in errors[:50]} == {of_the_first}
    assert {type(error) for error in errors[50:]} == {of_the_rest}
    assert len(google.seen) == 1


@pytest.mark.parametrize("status", [404, 410])
def test_deleting_what_is_gone_is_done_if_the_calendar_is_there(
    google: FakeServer, provider: GoogleProvider, status: int
) -> None:
    google.refuse(status, "deleted" if status == 410 else "notFound")
    google.say(ENVELOPE)

    assert write(provider, DELETE) == Answer()


def test_a_deletion_from_a_lost_calendar_is_not_done(google: FakeServer, provider: GoogleProvider) -> None:
    google.refuse(404, "notFound")
    google.refuse(404, "notFound")

    assert isinstance(write(provider, DELETE).error, Gone)


def test_a_deletion_whose_calendar_does_not_answer_waits(google: FakeServer, provider: GoogleProvider) -> None:
    google.refuse(404, "notFound")
    for _ in range(3):
        google.refuse(503, "backendError")

    assert isinstance(write(provider, DELETE).error, Later)


def test_many_missing_events_ask_for_their_calendar_once(google: FakeServer, provider: GoogleProvider) -> None:
    batch_answer(google, (204, {}), refusal(404, "notFound"), refusal(410, "deleted"))
    google.say(ENVELOPE)
    writes = tuple(replace(DELETE, google_id=f"e{number}") for number in range(3))

    assert provider.write_events(CALENDAR, writes) == (Answer(), Answer(), Answer())
    assert len(google.seen) == 2


def test_a_meet_that_the_calendar_does_not_have_is_refused_and_the_event_is_not_to_blame(
    google: FakeServer, provider: GoogleProvider
) -> None:
    google.refuse(400, "invalid", "Invalid conference type value.")

    assert type(write(provider, replace(INSERT, meet="abcde")).error) is Refused


def test_what_is_invalid_leaves_its_shape_in_the_log_and_nothing_that_it_says(
    google: FakeServer, provider: GoogleProvider, caplog: pytest.LogCaptureFixture
) -> None:
    google.refuse(400, "invalid", "Invalid start time.")
    write(provider, INSERT)

    assert '"start": {"date": "str"}' in caplog.text
    assert "calendar.events.insert" in caplog.text
    assert "Tea" not in caplog.text


@pytest.mark.parametrize("one", [INSERT, replace(PATCH, etag=None), replace(DELETE, etag=None)])
def test_a_precondition_that_nobody_set_is_passing_trouble(
    google: FakeServer, provider: GoogleProvider, one: Write
) -> None:
    google.refuse(412, "conditionNotMet", "Precondition check failed.")

    assert type(write(provider, one).error) is Later


def test_times_in_an_answer_are_read_in_the_calendars_zone(google: FakeServer, provider: GoogleProvider) -> None:
    google.say(ENVELOPE | {"nextSyncToken": "s"})
    provider.list_events(CALENDAR, cursor=None, page=None)
    hours: dict[str, Any] = {
        "start": {"dateTime": "2026-04-15T07:00:00Z"},
        "end": {"dateTime": "2026-04-15T08:00:00Z"},
    }
    google.say(event("abcde") | hours)
    answer = write(provider)

    assert answer.event is not None
    assert answer.event.content is not None
    assert answer.event.content.when == When("2026-04-15T09:00:00+02:00", "2026-04-15T10:00:00+02:00", "Europe/Berlin")


def test_has_calendar_tells_gone_from_silent(google: FakeServer, provider: GoogleProvider) -> None:
    google.say(ENVELOPE)
    assert provider.has_calendar(CALENDAR)
    google.refuse(404, "notFound")
    assert not provider.has_calendar(CALENDAR)
    for _ in range(3):
        google.script.append(Said(drop=True))
    with pytest.raises(Later):
        provider.has_calendar(CALENDAR)
