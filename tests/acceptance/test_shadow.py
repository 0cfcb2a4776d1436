"""Shadow accounts, through the installed command: everything comes in, nothing goes out until somebody trusts them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.desk import WORK, Desk

Json = dict[str, Any]


@pytest.fixture
def calendar(desk: Desk) -> str:
    """The id of a google calendar with one event, selected through a shadow account."""
    made = desk.google.add_calendar(WORK, "Planning", timeZone="Europe/Berlin")
    desk.google.insert(
        made,
        {
            "summary": "Theirs",
            "start": {"dateTime": "2030-01-07T09:00:00+01:00"},
            "end": {"dateTime": "2030-01-07T10:00:00+01:00"},
        },
    )
    desk.connected("--shadow", "--select", "Planning")
    desk.google.reset_counters()
    return made


def writes(desk: Desk) -> int:
    return int(desk.google.counters()["writes"])


def titles(desk: Desk, calendar: str) -> set[str]:
    return {one["summary"] for one in desk.google.listed(calendar)}


@pytest.mark.feature("E19")
def test_a_shadow_account_writes_nothing_until_it_is_trusted(desk: Desk, calendar: str) -> None:
    (theirs,) = desk.events("--from", "2030-01-01", "--to", "2030-02-01")
    desk.ok("events", "add", "Planning", "Ours", "--start", "2030-01-08 12:00")
    desk.ok("events", "edit", theirs["key"], "--title", "Renamed")

    done = desk.json("sync")

    assert writes(desk) == 0
    assert done["exit_code"] == 0
    assert any("shadow account" in text for text in done["calendars"][0]["warnings"])
    waiting = desk.json("review", "list", "--kind", "shadow")
    assert {one["summary"] for one in waiting} == {"Ours", "Renamed"}
    assert (desk.account()["shadow"], desk.account()["kept_back"]) == (True, 2)
    assert "2 changes wait" in desk.ok("status").out
    assert desk.run("reconcile").code == 5  # the two sides differ
    assert writes(desk) == 0

    would = desk.json("accounts", "trust", WORK, "--dry-run")
    assert {(one["step"], one["title"]) for one in would["decisions"]} == {("insert", "Ours"), ("patch", "Renamed")}
    assert (writes(desk), desk.account()["shadow"]) == (0, True)

    assert desk.json("accounts", "trust", WORK)["kept_back"] == 0
    desk.ok("sync")
    assert titles(desk, calendar) == {"Ours", "Renamed"}
    assert desk.json("review", "list") == []
    assert desk.run("accounts", "trust", WORK).code == 2


@pytest.mark.feature("E19")
def test_a_single_change_of_a_shadow_is_rejected_but_not_released(desk: Desk, calendar: str) -> None:
    desk.run("events", "add", "Planning", "Ours", "--start", "2030-01-08 12:00", "--push")
    (waiting,) = desk.json("review", "list")

    refused = desk.run("review", "release", waiting["id"])
    assert (refused.code, "accounts trust" in refused.err) == (6, True)

    assert desk.ok("review", "reject", waiting["id"]).code == 0
    desk.ok("accounts", "trust", WORK)
    desk.ok("sync")
    assert titles(desk, calendar) == {"Theirs"}
    assert writes(desk) == 0


@pytest.mark.feature("E19")
def test_what_google_changes_still_comes_into_a_shadow(desk: Desk, calendar: str) -> None:
    (item,) = desk.google.listed(calendar)
    desk.google.patch(calendar, item["id"], {"summary": "Changed there"})

    desk.ok("sync")

    assert [one["summary"] for one in desk.events("--from", "2030-01-01", "--to", "2030-02-01")] == ["Changed there"]
