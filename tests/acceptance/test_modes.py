"""Modes of a calendar, and changing them, through the installed command."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.desk import WORK, Desk

Json = dict[str, Any]
LUNCH = {
    "summary": "Theirs",
    "start": {"dateTime": "2030-01-07T12:00:00Z"},
    "end": {"dateTime": "2030-01-07T13:00:00Z"},
}


def planning(desk: Desk, mode: str) -> str:
    """Select an otherwise empty google calendar in a mode, with one event made in Google; return its id there."""
    calendar = desk.google.add_calendar(WORK, "Planning")
    desk.google.insert(calendar, LUNCH)
    desk.connected("--no-sync")
    desk.ok("calendars", "select", "Planning", "--mode", mode)
    desk.google.reset_counters()
    return calendar


def rows(desk: Desk) -> list[Json]:
    return list(desk.events("--from", "2030-01-07", "--days", "2"))


def ours(desk: Desk) -> str:
    made = desk.json("events", "add", "Planning", "Ours", "--start", "2030-01-08 12:00", "--push")
    return str(made["key"])


def titles(desk: Desk, calendar: str) -> list[str]:
    return sorted(one["summary"] for one in desk.google.listed(calendar))


@pytest.mark.feature("B7")
def test_two_way_is_locked_while_one_way_is_on_until_it_is_switched(desk: Desk) -> None:
    calendar = planning(desk, "one-way")
    (block,) = rows(desk)
    locked = [
        desk.run("calendars", "mode", "Planning", "two-way"),
        desk.run("calendars", "select", "Planning", "--mode", "two-way"),
    ]
    assert [(one.code, "two-way is locked" in one.err, "--switch" in one.err) for one in locked] == [
        (6, True, True)
    ] * 2
    assert desk.run("events", "edit", block["key"], "--title", "Mine").code == 6

    said = desk.ok("calendars", "mode", "Planning", "two-way", "--switch")
    assert "Ordinary events from now on: 1 event made in Google." in said.err
    assert desk.google.counters()["writes"] == 0
    assert [one["kind"] for one in rows(desk)] == ["event"]
    desk.ok("events", "edit", block["key"], "--title", "Mine", "--push")
    assert titles(desk, calendar) == ["Mine"]


def test_one_way_shows_theirs_as_blocks_and_sends_ours(desk: Desk) -> None:
    calendar = planning(desk, "one-way")
    ours(desk)

    assert [(one["summary"], one["kind"]) for one in rows(desk)] == [("Theirs", "block"), ("Ours", "event")]
    assert titles(desk, calendar) == ["Ours", "Theirs"]


def test_one_way_writes_ours_back_and_keeps_what_was_tried_in_the_history(desk: Desk) -> None:
    calendar = planning(desk, "one-way")
    key = ours(desk)
    (one,) = [one for one in desk.google.listed(calendar) if one["summary"] == "Ours"]
    desk.google.patch(calendar, one["id"], {"summary": "Changed there"})
    desk.ok("sync")

    assert titles(desk, calendar) == ["Ours", "Theirs"]
    changes = [change["after"] for one in desk.json("events", "history", key) for change in one["changes"]]
    assert "Changed there" in changes


@pytest.mark.feature("C12")
def test_one_way_makes_what_was_deleted_there_afresh_at_the_next_change(desk: Desk) -> None:
    calendar = planning(desk, "one-way")
    key = ours(desk)
    (one,) = [one for one in desk.google.listed(calendar) if one["summary"] == "Ours"]
    desk.google.delete(calendar, one["id"])
    desk.ok("sync")
    assert titles(desk, calendar) == ["Theirs"]
    assert desk.json("events", "show", key)["copies"][0]["state"] == "stale"

    desk.ok("events", "edit", key, "--title", "Ours again", "--push")
    assert titles(desk, calendar) == ["Ours again", "Theirs"]


def test_push_only_brings_nothing_here(desk: Desk) -> None:
    calendar = planning(desk, "push-only")
    ours(desk)

    assert [one["summary"] for one in rows(desk)] == ["Ours"]
    assert titles(desk, calendar) == ["Ours", "Theirs"]
    desk.ok("calendars", "mode", "Planning", "two-way")
    desk.ok("sync")
    assert sorted(one["summary"] for one in rows(desk)) == ["Ours", "Theirs"]


def test_push_only_is_refused_while_events_from_google_are_here(desk: Desk) -> None:
    planning(desk, "two-way")

    refused = desk.run("calendars", "mode", "Planning", "push-only")
    assert (refused.code, "--purge" in refused.err) == (6, True)


def test_read_only_sends_nothing_more_and_gives_googles_value_back(desk: Desk) -> None:
    calendar = planning(desk, "two-way")
    (theirs,) = rows(desk)
    desk.ok("events", "edit", theirs["key"], "--title", "Mine")
    said = desk.ok("calendars", "mode", "Planning", "read-only")
    assert "Not sent: 1 change made here." in said.err
    desk.google.reset_counters()
    desk.ok("sync")

    assert desk.google.counters()["writes"] == 0
    assert titles(desk, calendar) == [rows(desk)[0]["summary"]] == ["Theirs"]


def test_choosing_again_leaves_the_mode_as_it_is(desk: Desk) -> None:
    planning(desk, "one-way")
    desk.ok("calendars", "select", "Planning", "--no-sync")

    assert desk.calendar("Planning")["mode"] == "one-way"


@pytest.mark.parametrize(("name", "mode", "code"), [("Shared (read only)", "one-way", 6), ("Team", "one-way", 2)])
def test_a_mode_that_cannot_be_says_why(desk: Desk, name: str, mode: str, code: int) -> None:
    desk.connected("--select", "Shared (read only)", "--no-sync")

    assert desk.run("calendars", "mode", name, mode).code == code


@pytest.mark.feature("B7")
def test_deselecting_in_between_does_not_unlock_two_way(desk: Desk) -> None:
    planning(desk, "one-way")
    desk.ok("calendars", "deselect", "Planning")
    locked = desk.run("calendars", "select", "Planning", "--mode", "two-way", "--no-sync")
    assert (locked.code, "two-way is locked" in locked.err, "--switch" in locked.err) == (6, True, True)
    assert desk.calendar("Planning")["state"] == "available"

    said = desk.ok("calendars", "select", "Planning", "--mode", "two-way", "--switch", "--no-sync")
    assert "Ordinary events from now on: 1 event made in Google." in said.err
    assert [one["kind"] for one in rows(desk)] == ["event"]


def test_push_only_is_refused_for_a_deselected_calendar_too_while_its_events_are_here(desk: Desk) -> None:
    planning(desk, "two-way")
    desk.ok("calendars", "deselect", "Planning")

    refused = desk.run("calendars", "select", "Planning", "--mode", "push-only", "--no-sync")
    assert (refused.code, "--purge" in refused.err) == (6, True)
