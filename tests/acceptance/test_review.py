"""Deletions held and decided, refused edits tried again, conflicts turned round: through the installed command."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.desk import WORK, Desk

Json = dict[str, Any]


@pytest.fixture
def calendar(desk: Desk) -> str:
    """The id of a selected google calendar with twenty events, made there."""
    made = desk.google.add_calendar(WORK, "Planning", timeZone="Europe/Berlin")
    for number in range(20):
        desk.google.insert(made, event(f"Item {number}"))
    desk.connected("--select", "Planning")
    return made


def event(title: str) -> Json:
    return {
        "summary": title,
        "start": {"dateTime": "2030-01-07T09:00:00+01:00"},
        "end": {"dateTime": "2030-01-07T10:00:00+01:00"},
    }


def alive(desk: Desk, calendar: str) -> list[Json]:
    return list(desk.google.listed(calendar))


def shown(desk: Desk) -> int:
    return len(desk.events("--calendar", "Planning", "--from", "2030-01-01", "--to", "2030-02-01"))


def empty(desk: Desk, calendar: str, count: int = 20) -> None:
    for one in alive(desk, calendar)[:count]:
        desk.google.delete(calendar, one["id"])


@pytest.mark.feature("E3")
def test_a_mass_deletion_waits_while_everything_else_flows(desk: Desk, calendar: str) -> None:
    empty(desk, calendar)
    desk.google.insert(calendar, event("Fresh"))

    done = desk.run("sync")

    assert done.code == 5, done
    assert "20 of 21 events were deleted in Google within an hour" in done.err
    assert shown(desk) == 21
    (entry,) = desk.json("review", "list")
    assert (entry["kind"], entry["count"], entry["calendar"]) == ("deletions", 20, "Planning")
    assert entry["choices"] == ["release", "reject"]
    assert "review show" in desk.ok("status").out
    again = desk.run("sync")
    assert (again.code, "20 changes wait" in again.err) == (5, True)


@pytest.mark.feature("E3")
def test_released_deletions_are_done_here(desk: Desk, calendar: str) -> None:
    empty(desk, calendar)
    desk.run("sync")
    (entry,) = desk.json("review", "list", "--kind", "deletions")

    refused = desk.run("review", "release", entry["id"])
    assert refused.code == 2
    assert "--yes" in refused.err
    done = desk.json("review", "release", entry["id"], "--yes")

    assert (done["done"], shown(desk)) == (20, 0)
    assert desk.json("review", "list") == []
    desk.google.reset_counters()
    desk.ok("sync")
    assert desk.google.counters()["writes"] == 0


@pytest.mark.feature("E3")
def test_rejected_deletions_return_in_google(desk: Desk, calendar: str) -> None:
    empty(desk, calendar, 15)
    desk.run("sync")
    (entry,) = desk.json("review", "list")

    assert desk.json("review", "reject", entry["id"])["waiting"] == 15
    desk.ok("sync")

    assert sorted(one["summary"] for one in alive(desk, calendar)) == sorted(f"Item {number}" for number in range(20))
    assert "review show" not in desk.ok("status").out
    desk.google.reset_counters()
    desk.ok("sync")
    assert desk.google.counters()["writes"] == 0


@pytest.mark.feature("E3")
def test_single_deletions_can_be_told_apart(desk: Desk, calendar: str) -> None:
    empty(desk, calendar, 12)
    desk.run("sync")
    (entry,) = desk.json("review", "list", "--calendar", "Planning")
    members = desk.json("review", "show", entry["id"])["events"]
    assert len(members) == 12

    desk.ok("review", "release", members[0]["id"], "--yes")
    desk.ok("review", "reject", members[1]["id"])

    assert desk.json("review", "list")[0]["count"] == 10
    assert "review release" in desk.ok("review", "show", entry["id"]).out


@pytest.mark.feature("E3")
def test_ten_deletions_are_done_at_once(desk: Desk, calendar: str) -> None:
    empty(desk, calendar, 10)

    desk.ok("sync")

    assert shown(desk) == 10
    assert desk.json("review", "list") == []


@pytest.mark.feature("E3")
def test_a_refused_edit_waits_and_is_tried_again(desk: Desk, calendar: str) -> None:
    key = desk.json("events", "add", "Planning", "Lunch", "--start", "2030-01-08 12:00", "--push")["key"]
    desk.google.fault(path="events.patch", status=403, reason="forbiddenForNonOrganizer", count=1)
    pushed = desk.run("events", "edit", key, "--title", "Soup", "--push")
    assert pushed.code == 5, pushed
    (entry,) = desk.json("review", "list", "--kind", "refused")

    desk.ok("review", "retry", entry["id"])
    desk.ok("sync")

    assert "Soup" in [one["summary"] for one in alive(desk, calendar)]
    assert desk.json("review", "list") == []


@pytest.mark.feature("E1")
def test_a_conflict_can_be_turned_round(desk: Desk, calendar: str) -> None:
    key = desk.json("events", "add", "Planning", "Lunch", "--start", "2030-01-08 12:00", "--push")["key"]
    (there,) = [one for one in alive(desk, calendar) if one["summary"] == "Lunch"]
    desk.ok("events", "edit", key, "--title", "Soup")
    desk.google.patch(calendar, there["id"], {"summary": "Salad"})
    desk.ok("sync")
    (entry,) = desk.json("review", "list", "--kind", "conflict")
    assert desk.json("review", "show", entry["id"])["lost"] == [
        {"field": "summary", "value": "Soup", "chosen": "Salad"}
    ]

    desk.ok("review", "restore", entry["id"])
    desk.ok("sync")

    assert "Soup" in [one["summary"] for one in alive(desk, calendar)]
    assert desk.json("review", "list") == []


def test_nothing_waits_at_first_and_an_unknown_id_is_not_found(desk: Desk, calendar: str) -> None:
    assert "Nothing waits for you." in desk.ok("review", "list").err
    assert desk.run("review", "show", "d9").code == 3
    assert desk.run("review", "list", "--kind", "nonsense").code == 2


@pytest.mark.feature("A15")
def test_what_keeps_changing_is_held_and_says_what(desk: Desk, calendar: str) -> None:
    desk.ok("calendars", "mode", "Planning", "one-way")
    desk.ok("events", "add", "Planning", "Lunch", "--start", "2030-01-08 12:00", "--push")
    (there,) = [one for one in alive(desk, calendar) if one["summary"] == "Lunch"]
    codes = []
    for number in range(6):
        desk.google.patch(calendar, there["id"], {"summary": f"Not lunch {number}"})
        codes.append(desk.run("sync").code)

    assert codes == [0, 0, 0, 0, 0, 5]
    (entry,) = desk.json("review", "list", "--kind", "loop")
    assert "summary kept changing" in entry["reason"]
    assert "kept changing" in desk.ok("status").out
    desk.google.reset_counters()
    assert desk.run("sync").code == 5
    assert desk.google.counters()["writes"] == 0

    desk.ok("review", "release", entry["id"])
    desk.ok("sync")
    assert "Lunch" in [one["summary"] for one in alive(desk, calendar)]
