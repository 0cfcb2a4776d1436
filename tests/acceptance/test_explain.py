"""`explain` through the installed command: answers, codes, the view's zone, and not one request to Google."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.desk import WORK, Desk

Json = dict[str, Any]


@pytest.fixture
def calendar(desk: Desk) -> str:
    """The id of a selected google calendar with two events, made there."""
    made = desk.google.add_calendar(WORK, "Planning", timeZone="Europe/Berlin")
    for title in ("Lunch", "Yoga"):
        desk.google.insert(made, event(title))
    desk.connected("--select", "Planning")
    return made


def event(title: str) -> Json:
    return {
        "summary": title,
        "start": {"dateTime": "2030-01-07T09:00:00+01:00"},
        "end": {"dateTime": "2030-01-07T10:00:00+01:00"},
    }


def there(desk: Desk, calendar: str, title: str) -> str:
    return str(next(one["id"] for one in desk.google.listed(calendar) if one["summary"] == title))


def code(desk: Desk, what: str) -> str:
    return str(desk.json("explain", what)["answer"]["code"])


@pytest.mark.feature("E2")
def test_a_vanished_event_says_that_google_deleted_it_and_comes_back_as_it_says(desk: Desk, calendar: str) -> None:
    desk.google.delete(calendar, there(desk, calendar, "Lunch"))
    desk.ok("sync")

    found = desk.json("explain", "lunch")
    assert (found["kind"], found["answer"]["code"]) == ("event", "deleted-in-google")
    command = found["todo"][0]["command"]
    assert command == f"calsyncctl events restore {found['id'][:8]}"
    desk.ok(*command.split()[1:])
    assert code(desk, "lunch") == "restored"
    desk.ok("sync")
    assert there(desk, calendar, "Lunch")


@pytest.mark.feature("E2")
def test_a_doubled_event_is_a_persons_and_goes_with_the_command_that_is_offered(desk: Desk, calendar: str) -> None:
    desk.google.insert(calendar, event("Lunch"))
    desk.ok("sync")

    found = desk.json("explain", "Lunch")
    assert found["answer"]["code"] == "doubled"
    assert [line["code"] for line in found["where"]].count("twin") == 1
    desk.ok(*found["todo"][1]["command"].split()[1:], "--push")
    assert code(desk, "Lunch") == "agreed"


@pytest.mark.feature("E2")
def test_a_meeting_that_stands_on_guests_calendars_is_one(desk: Desk, calendar: str) -> None:
    desk.ok("calendars", "select", WORK)
    meeting = {**event("Meeting"), "attendees": [{"email": WORK}]}
    desk.google.insert(calendar, meeting)
    desk.ok("sync")

    found = desk.json("explain", "Meeting")
    assert found["answer"]["code"] == "same-meeting"
    assert "events delete" not in " ".join(todo["command"] for todo in found["todo"])


@pytest.mark.feature("E2")
def test_an_edit_that_waits_says_what_google_said_last_and_who_is_mailed(desk: Desk, calendar: str) -> None:
    add = ("events", "add", "Planning", "Party", "--start", "2030-01-08 12:00", "--guest", "guest@example.org")
    key = desk.json(*add, "--push")["key"]
    desk.ok("events", "edit", key, "--title", "Ball")

    found = desk.json("explain", key)
    assert found["answer"]["code"] == "waiting"
    assert "title is “Ball” here and was “Party” in Google last" in found["answer"]["text"]
    assert [line["code"] for line in found["waits"]] == ["mails"]


@pytest.mark.feature("E2")
def test_a_dead_sign_in_explains_event_calendar_and_account_alike(desk: Desk, calendar: str) -> None:
    desk.google.revoke(WORK)
    assert desk.run("sync").code == 4

    assert {code(desk, what) for what in ("Lunch", "Planning", WORK)} == {"needs-reauth"}
    said = desk.ok("explain", "Planning").out
    assert said.startswith(f"{WORK} must sign in again since ")
    assert f"  → calsyncctl connect --account {WORK} (repairs the sign-in" in said


@pytest.mark.feature("E2")
def test_times_stand_in_the_zone_that_is_asked_for(desk: Desk, calendar: str) -> None:
    desk.ok("calendars", "pause", "Planning")

    assert " JST." in desk.ok("explain", "Planning", "--tz", "Asia/Tokyo").out.splitlines()[0]
    assert desk.json("explain", "Planning", "--tz", "Asia/Tokyo")["answer"]["at"].endswith("Z")


@pytest.mark.feature("E2")
def test_explaining_asks_google_nothing(desk: Desk, calendar: str) -> None:
    desk.google.reset_counters()
    before = len(desk.google.log())

    for what in ("Lunch", "Planning", WORK):
        desk.ok("explain", what)

    assert len(desk.google.log()) == before


def test_what_names_nothing_ends_with_3_and_what_fits_several_with_2(desk: Desk, calendar: str) -> None:
    assert desk.run("explain", "nothing of that name").code == 3
    desk.ok("events", "add", "Planning", "Yoga again", "--start", "2030-02-07 12:00")
    several = desk.run("explain", "yog")
    assert (several.code, "fits several" in several.err) == (2, True)
