"""Writes at a Google in trouble: what an answer claims is what happened, and nothing is carried out or mailed twice.

Every kind of write meets every kind of trouble: alone, as one part of a batch, and in a batch that fares as a whole.
"""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from calsyncctl.errors import Later, Taken, Unknown
from calsyncctl.ids import google_id
from calsyncctl.model.event import Attendee
from calsyncctl.sync.provider import Answer, Delete, Write
from tests.support.sandbox import Sandbox
from tests.support.worlds import OverHttp
from tests.support.written import content, insert, patch

KINDS = ["insert", "patch", "delete"]
PERSON = Attendee("guest@example.org")
NUMBERS = count()

TROUBLE: dict[str, dict[str, Any]] = {
    "connection lost before": {"drop": "before"},
    "connection lost after": {"drop": "after"},
    "answer cut off": {"body": "cut"},
    "answer half": {"body": "truncate"},
    "answer empty": {"body": "empty"},
    "a page instead": {"body": "html"},
    "503 before": {"status": 503, "reason": "backendError"},
    "503 after": {"status": 503, "reason": "backendError", "apply": True},
    "500 after": {"status": 500, "reason": "backendError", "apply": True},
    "a proxy's 502 after": {"status": 502, "envelope": "html", "apply": True},
    "a proxy's 403": {"status": 403, "envelope": "html"},
    "an empty 504 after": {"status": 504, "envelope": "none", "apply": True},
    "401": {"status": 401, "reason": "authError", "envelope": "B"},
    "401 for long": {"status": 401, "reason": "authError", "envelope": "B", "count": 3},
    "403 rate": {"status": 403, "reason": "userRateLimitExceeded"},
    "429": {"status": 429, "reason": "rateLimitExceeded", "retry_after": 3},
    "409 conflict": {"status": 409, "reason": "conflict"},
    "412": {"status": 412, "reason": "conditionNotMet"},
    "400": {"status": 400, "reason": "badRequest"},
}
OF_CONNECTIONS = {"connection lost before", "connection lost after", "answer cut off"}
"""What cannot befall a single part of a batch."""


@pytest.fixture
def world(over_http: OverHttp) -> OverHttp:
    return over_http


def prepared(world: OverHttp, kind: str) -> Write:
    """Prepare a write of a kind that mails one guest, and what it needs to be there."""
    name = google_id("instance", str(next(NUMBERS)), world.calendar, 0)
    if kind == "insert":
        return insert(content("Coffee", attendees=(PERSON,)), name=name, guests=True, mail="all")
    (answer,) = world.me.write_events(
        world.calendar, (insert(content("Tea", attendees=(PERSON,)), name=name, guests=True),)
    )
    assert answer.event is not None
    if kind == "delete":
        return Delete(google_id=name, etag=answer.event.etag, mail="all")
    return patch(answer.event, content("Coffee"), "summary", mail="all")


def happened(world: OverHttp, one: Write) -> bool:
    """Tell whether a write was carried out."""
    event = world.me.get_events(world.calendar, (one.google_id,))[one.google_id]
    if isinstance(one, Delete):
        return event is None or event.content is None
    return event is not None and event.content is not None and event.content.summary == "Coffee"


def check(world: OverHttp, one: Write, answer: Answer) -> None:
    """Hold what an answer claims against what happened."""
    world.sandbox.clear_faults()
    done = happened(world, one)
    if answer.error is None:
        assert done
    elif not isinstance(answer.error, Unknown):
        assert not done
    assert world.mails().count((PERSON.email, one.google_id)) == done


@pytest.mark.parametrize("trouble", TROUBLE)
@pytest.mark.parametrize("kind", KINDS)
def test_alone(world: OverHttp, kind: str, trouble: str) -> None:
    one = prepared(world, kind)
    before = len(world.arrived())
    world.sandbox.fault(path=f"events.{kind}", **TROUBLE[trouble])
    (answer,) = world.me.write_events(world.calendar, (one,))

    check(world, one, answer)
    assert len(world.arrived()) - before == (2 if trouble.startswith("401") else 1)


@pytest.mark.parametrize("trouble", [name for name in TROUBLE if name not in OF_CONNECTIONS])
@pytest.mark.parametrize("kind", KINDS)
def test_as_one_part_of_a_batch(world: OverHttp, kind: str, trouble: str) -> None:
    ones = tuple(prepared(world, kind) for _ in range(3))
    before = len(world.arrived())
    world.sandbox.fault(path=f"events.{kind}", skip=1, **{"count": 1} | TROUBLE[trouble])
    answers = world.me.write_events(world.calendar, ones)

    for one, answer in zip(ones, answers, strict=True):
        check(world, one, answer)
    again = {"401": 1, "401 for long": 2}.get(trouble, 0)
    assert len(world.arrived()) - before == 3 + again
    assert answers[0].error is None


@pytest.mark.parametrize("trouble", TROUBLE)
def test_as_a_batch_that_fares_as_a_whole(world: OverHttp, trouble: str) -> None:
    ones = tuple(prepared(world, kind) for kind in KINDS)
    before = world.sandbox.requests().get("POST batch", 0)
    world.sandbox.fault(path="batch", **TROUBLE[trouble])
    answers = world.me.write_events(world.calendar, ones)
    sent = world.sandbox.requests()["POST batch"] - before

    for one, answer in zip(ones, answers, strict=True):
        check(world, one, answer)
    assert sent == (2 if trouble.startswith("401") else 1)


@pytest.mark.parametrize("trouble", [name for name in TROUBLE if name != "400"])
def test_reading_before_writing_again_ends_with_one_event_and_one_mail(world: OverHttp, trouble: str) -> None:
    """What the engine does with a write whose outcome it does not know, in short."""
    one = prepared(world, "insert")
    world.sandbox.fault(path="events.insert", **TROUBLE[trouble])
    for _ in range(4):
        if happened(world, one):
            break
        world.me.write_events(world.calendar, (one,))

    listing = world.me.list_events(world.calendar, cursor=None, page=None)
    assert [event.google_id for event in listing.items] == [one.google_id]
    assert world.mails() == [(PERSON.email, one.google_id)]


def test_not_even_writing_blindly_again_doubles_an_event(world: OverHttp) -> None:
    one = prepared(world, "insert")
    world.sandbox.fault(path="events.insert", drop="after")
    answers = [world.me.write_events(world.calendar, (one,))[0] for _ in range(3)]

    assert [type(answer.error) for answer in answers] == [Unknown, Taken, Taken]
    assert len(world.me.list_events(world.calendar, cursor=None, page=None).items) == 1
    assert len(world.mails()) == 1


def test_a_slow_answer_is_lost_too_and_the_event_is_there_later(world: OverHttp) -> None:
    import urllib3

    one = prepared(world, "insert")
    world.pool.connection_pool_kw["timeout"] = urllib3.Timeout(connect=5, read=0.2)
    world.pool.clear()
    world.sandbox.fault(path="events.insert", delay=1.0)
    (answer,) = world.me.write_events(world.calendar, (one,))

    assert type(answer.error) is Unknown
    world.pool.connection_pool_kw["timeout"] = urllib3.Timeout(connect=5, read=30)
    world.pool.clear()
    check(world, one, answer)


def test_a_server_that_is_down_gets_nothing(world: OverHttp) -> None:
    with Sandbox(events=1) as other:
        there = OverHttp(other)
        one = prepared(there, "insert")
    (answer,) = there.me.write_events(there.calendar, (one,))
    there.close()

    assert type(answer.error) is Later
