"""Status: small but true, and what needs you first."""

from __future__ import annotations

import pytest

from tests.support.desk import SUPPORT, WORK, Desk


def kinds(desk: Desk) -> list[str]:
    return [one["kind"] for one in desk.json("status")["needs"]]


def test_it_leads_from_nothing_to_nothing_to_do(desk: Desk) -> None:
    assert kinds(desk) == ["no-account"]
    desk.connected()
    assert kinds(desk) == ["pending"]
    desk.ok("calendars", "select", "Team", "--no-sync")
    assert kinds(desk) == ["never-synced"]
    desk.ok("sync")
    assert kinds(desk) == []
    assert "Needs you: nothing." in desk.ok("status").out


def test_the_most_urgent_comes_first(desk: Desk) -> None:
    desk.connected("--select", "Team")
    desk.connected(email=SUPPORT)
    desk.google.revoke(WORK)
    desk.run("sync")

    assert kinds(desk) == ["needs-reauth", "pending"]
    said = desk.ok("status").out
    assert said.index("connect --account") < said.index("calendars select")


def test_it_shows_accounts_calendars_and_the_last_success(desk: Desk) -> None:
    desk.connected("--select", "Team")
    status = desk.json("status")

    assert status["schema"] == "calsyncctl/status/1"
    assert [(one["email"], one["selected"]) for one in status["accounts"]] == [(WORK, 1)]
    (team,) = [one for one in status["calendars"] if one["name"] == "Team"]
    assert (team["state"], team["events"]) == ("selected", 11)
    assert status["last_success"] == team["last_success"] is not None


def test_json_may_stand_anywhere_and_is_one_value(desk: Desk) -> None:
    desk.connected("--select", "Team")

    for line in ("accounts list", "calendars list", "events list", "status", "sync", "accounts show work"):
        first, *rest = line.split()
        for words in (["--json", first, *rest], [first, "--json", *rest], [first, *rest, "--json"]):
            value = desk.ok(*words).json()
            assert isinstance(value, list) or value["schema"].startswith("calsyncctl/")


def test_quiet_sync_says_nothing_when_all_is_well(desk: Desk) -> None:
    desk.connected("--select", "Team")

    result = desk.ok("-q", "sync")
    assert (result.out, result.err) == ("", "")


@pytest.mark.feature("E16")
def test_the_quota_shows_what_was_spent_on_what_and_what_is_left(desk: Desk) -> None:
    desk.connected("--select", "Team")
    desk.connected("--select", "primary", email=SUPPORT)
    desk.ok("sync")
    desk.ok("events", "add", "Team", "Lunch", "--start", "2030-01-07 12:00", "--push")

    quota = desk.json("status", "--quota")
    kinds = {one["kind"]: one["units"] for one in quota["kinds"]}
    assert kinds == {"listing": 2, "calendars": 2, "poll": 3, "insert": 1}
    assert [(one["account"], one["units"]) for one in quota["accounts"]] == [(SUPPORT, 3), (WORK, 5)]
    assert (quota["today"]["spent"], quota["today"]["left"], quota["in_hand"]) == (8, 799_992, 0)
    assert quota["forecast"] >= 8
    assert "No daemon runs" in desk.ok("status", "--quota").out


@pytest.mark.feature("E16")
def test_what_the_ledger_says_is_what_google_counted(desk: Desk) -> None:
    desk.google.settings(rate_limit_per_user=10_000)
    desk.connected("--select", "Team")
    key = desk.json("events", "add", "Team", "Lunch", "--start", "2030-01-07 12:00", "--push")["key"]
    desk.ok("events", "edit", key, "--title", "Dinner", "--push")

    asked = [one for one in desk.google.log() if one["path"].startswith("/calendar/")]
    assert desk.json("status", "--quota")["today"]["spent"] == sum(one["units"] for one in asked)


@pytest.mark.feature("E7")
def test_polls_are_stretched_where_the_day_would_not_last(desk: Desk) -> None:
    desk.connected("--select", "Team", "--select", "primary")
    small = {"CALSYNCCTL_QUOTA_PER_DAY": "20"}

    quota = desk.ok("status", "--quota", "--json", env=small).json()
    assert (quota["stretch"] > 1, quota["why"], quota["calendars"]) == (True, "day", 2)
    assert "stretched" in desk.ok("status", "--quota", env=small).out
