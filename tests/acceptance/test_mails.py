"""Whom Google mails: as the operator set, about what people do, once."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import pytest

from tests.support.desk import WORK, Desk

pytestmark = pytest.mark.feature("E18")

Json = dict[str, Any]
REVIEW = ("Review", "--start", "2030-01-07 09:00", "--guest", "guest@example.org")


@pytest.fixture
def planning(desk: Desk) -> str:
    """A google calendar that is empty and selected; its id."""
    calendar = desk.google.add_calendar(WORK, "Planning")
    desk.connected("--select", "Planning")
    return calendar


def mails(desk: Desk) -> list[tuple[str, str]]:
    """Return for each write to an event which mails it asked for."""
    writes = [one for one in desk.google.log() if one["name"] in {"events.insert", "events.patch", "events.delete"}]
    return [(one["name"], parse_qs(one["query"]).get("sendUpdates", [""])[0]) for one in writes]


def test_what_a_person_does_mails_the_guests_each_time_once(desk: Desk, planning: str) -> None:
    made = desk.json("events", "add", "Planning", *REVIEW, "--push")
    desk.ok("events", "edit", made["key"], "--location", "Roof", "--push")
    desk.ok("sync")
    desk.ok("events", "delete", made["key"], "--push")
    desk.ok("sync")

    assert mails(desk) == [("events.insert", "all"), ("events.patch", "all"), ("events.delete", "all")]


@pytest.mark.parametrize("setting", ["none", "externalOnly"])
def test_the_operator_says_whom(desk: Desk, planning: str, setting: str) -> None:
    desk.ok("config", "set", "sync.mail", setting)
    desk.ok("events", "add", "Planning", *REVIEW, "--push")

    assert mails(desk) == [("events.insert", setting)]


def test_it_does_not_matter_which_process_sends(desk: Desk, planning: str) -> None:
    desk.ok("events", "add", "Planning", *REVIEW)
    desk.ok("sync")

    assert mails(desk) == [("events.insert", "all")]


def test_an_event_that_is_over_mails_nobody(desk: Desk, planning: str) -> None:
    desk.ok(
        "events", "add", "Planning", "Past", "--start", "2026-01-05 09:00", "--guest", "guest@example.org", "--push"
    )

    assert mails(desk) == [("events.insert", "none")]


def test_an_answer_that_was_lost_mails_nobody_twice(desk: Desk, planning: str) -> None:
    desk.google.fault(path="events.insert", drop="after", count=1)
    assert desk.run("events", "add", "Planning", *REVIEW, "--push").code == 75
    desk.ok("sync")

    assert mails(desk) == [("events.insert", "all")]
    assert len(desk.google.listed(planning)) == 1


def test_what_comes_from_google_is_no_mail_of_ours(desk: Desk, planning: str) -> None:
    desk.ok("calendars", "add", "Reception")
    desk.ok("links", "add", "Reception", "Planning", "--invites")
    made = desk.json("events", "add", "Reception", *REVIEW, "--push")
    (one,) = desk.google.listed(planning)
    desk.google.patch(planning, one["id"], {"location": "Roof"})
    desk.ok("sync")

    assert desk.json("events", "show", made["key"])["location"] == "Roof"
    assert mails(desk) == [("events.insert", "all")]


def test_what_comes_from_one_calendar_in_google_and_is_told_on_another_mails_nobody(desk: Desk, planning: str) -> None:
    board = desk.google.add_calendar(WORK, "Board")
    desk.connected("--select", "Board")
    desk.ok("calendars", "add", "Reception")
    desk.ok("links", "add", "Reception", "Planning", "--invites")
    desk.ok("links", "add", "Reception", "Board")
    desk.ok("events", "add", "Reception", *REVIEW, "--push")
    before = mails(desk)
    (one,) = desk.google.listed(board)
    desk.google.patch(board, one["id"], {"location": "Roof"})
    desk.ok("sync")

    assert [one["location"] for one in desk.google.listed(planning)] == ["Roof"]
    assert mails(desk) == [*before, ("events.patch", "none")]
