"""Which calendars take part, and whom they serve."""

from __future__ import annotations

import pytest

from calsyncctl.model.calendar import GONE
from tests.support.desk import SUPPORT, WORK, Desk

READ_ONLY = "Shared (read only)"


@pytest.mark.feature("C2")
def test_a_calendar_without_write_access_cannot_be_a_target(desk: Desk) -> None:
    desk.connected("--no-sync")

    result = desk.run("calendars", "select", READ_ONLY, "--mode", "two-way")
    assert result.code == 6
    assert "your access role is reader" in result.err
    assert desk.calendar(READ_ONLY)["state"] == "available"


@pytest.mark.feature("C2")
def test_a_role_that_is_not_known_to_write_counts_as_read_only(desk: Desk) -> None:
    desk.google.share(desk.google.calendar("Team"), WORK, "writerWithoutPrivateAccess")
    desk.connected("--select", "Team", "--no-sync")

    assert (desk.calendar("Team")["writable"], desk.calendar("Team")["mode"]) == (False, "read-only")


def test_the_mode_follows_the_access_unless_it_is_said(desk: Desk) -> None:
    desk.connected("--no-sync")
    desk.ok("calendars", "select", "Team", READ_ONLY, "--no-sync")
    desk.ok("calendars", "select", WORK, "--mode", "read-only", "--no-sync")

    modes = {one["name"]: one["mode"] for one in desk.json("calendars", "list", "--state", "selected")}
    assert modes == {"Team": "two-way", READ_ONLY: "read-only", WORK: "read-only"}


@pytest.mark.feature("A4", "C3")
def test_choosing_again_adds_and_never_deselects(desk: Desk) -> None:
    desk.connected("--select", "Team")
    said = desk.json("calendars", "select", READ_ONLY)

    assert [one["name"] for one in said["calendars"]] == [READ_ONLY]
    assert {one["name"] for one in desk.json("calendars", "list", "--state", "selected")} == {"Team", READ_ONLY}


def test_one_google_calendar_goes_through_one_account_at_a_time(desk: Desk) -> None:
    desk.google.share(desk.google.calendar("Team"), SUPPORT, "writer")
    desk.connected("--select", "Team", "--no-sync")
    desk.connected("--no-sync", email=SUPPORT)

    result = desk.run("calendars", "select", "support/Team")
    assert result.code == 6
    assert f"already selected through {WORK}" in result.err


def test_deselecting_hides_the_events_and_selecting_again_brings_them_back(desk: Desk) -> None:
    desk.connected("--select", "Team")
    before = {one["key"] for one in desk.events("--from", "-60d", "--days", "400")}
    desk.ok("calendars", "deselect", "Team")

    assert desk.events("--from", "-60d", "--days", "400") == []
    desk.ok("calendars", "select", "Team")
    assert {one["key"] for one in desk.events("--from", "-60d", "--days", "400")} == before != set()
    assert desk.google.counters()["writes"] == 0


def test_deselect_with_purge_asks_and_removes_what_is_here(desk: Desk) -> None:
    desk.connected("--select", "Team")

    assert desk.run("calendars", "deselect", "Team", "--purge").code == 2
    desk.ok("calendars", "deselect", "Team", "--purge", "--yes")
    assert desk.calendar("Team")["events"] == 0
    assert desk.json("calendars", "select", "Team")["calendars"][0]["new"] > 0


@pytest.mark.feature("B6")
def test_a_paused_calendar_rests_and_keeps_its_events_in_sight(desk: Desk) -> None:
    desk.connected("--select", "Team")
    seen = desk.events("--days", "60")
    desk.ok("calendars", "pause", "Team")
    desk.google.reset_counters()

    desk.ok("sync")
    assert desk.google.requests() == {}
    assert desk.events("--days", "60") == seen
    desk.ok("calendars", "resume", "Team")
    assert desk.calendar("Team")["state"] == "selected"


@pytest.mark.feature("B6")
def test_a_paused_account_rests(desk: Desk) -> None:
    desk.connected("--select", "Team")
    desk.ok("accounts", "pause", "work")
    desk.google.reset_counters()

    desk.ok("sync")
    assert desk.google.requests() == {}
    assert desk.json("accounts", "resume", "work")["state"] == "active"


def test_refresh_tells_new_calendars_and_those_that_are_gone(desk: Desk) -> None:
    desk.connected("--select", "Team", "--no-sync")
    desk.google.add_calendar(WORK, "Training")
    desk.google.admin("DELETE", f"/calendars/{desk.google.calendar('Team')}")

    assert desk.json("calendars", "refresh") == [
        {"account": WORK, "calendars": 4, "new": ["Training"], "gone": ["Team"], "error": None}
    ]
    assert (desk.calendar("Team")["state"], desk.calendar("Team")["reason"]) == ("hold", GONE)
    assert desk.json("status")["needs"][0]["kind"] == "hold"


def test_an_unchanged_list_refreshes_with_one_request(desk: Desk) -> None:
    desk.connected("--no-sync")
    desk.google.reset_counters()

    assert desk.json("calendars", "refresh")[0]["new"] == []
    assert desk.google.requests() == {"GET calendarList.list": 1}


@pytest.mark.feature("A10")
def test_native_and_google_calendars_are_assigned_and_listed_by_whom_they_serve(desk: Desk) -> None:
    desk.connected("--no-sync")
    desk.ok("calendars", "add", "Reception", "--zone", "Europe/Berlin")
    for name in ("agent:jane", "team:support", "inbox:web"):
        desk.ok("assignees", "add", name)
    desk.ok("calendars", "assign", "Reception", "agent:jane", "inbox:web")
    desk.ok("calendars", "assign", "Team", "agent:jane", "team:support")

    assert {one["name"] for one in desk.json("calendars", "list", "--assignee", "agent:jane")} == {"Reception", "Team"}
    assert [one["name"] for one in desk.json("calendars", "list", "--assignee", "inbox:web")] == ["Reception"]
    desk.ok("calendars", "unassign", "Team", "agent:jane")
    assert desk.calendar("Team")["assignees"] == ["team:support"]


@pytest.mark.feature("A10")
def test_events_are_listed_by_whom_the_calendar_serves(desk: Desk) -> None:
    desk.connected("--select", "Team", "--select", "primary")
    desk.ok("assignees", "add", "agent:jane")
    desk.ok("calendars", "assign", "Team", "agent:jane")

    found = desk.events("--assignee", "agent:jane", "--days", "60")
    assert {one["calendar"] for one in found} == {"Team"}


def test_assignees_are_edited_and_deleted(desk: Desk) -> None:
    desk.ok("assignees", "add", "agent:jane", "--email", "jane@example.com", "--zone", "Europe/Berlin")
    desk.ok("assignees", "add", "team:support", "--member", "jane")
    desk.ok("assignees", "edit", "agent:jane", "--role", "staff", "--email", "")

    jane, team = desk.json("assignees", "list")
    assert (jane["role"], jane["email"], jane["zone"], team["members"]) == ("staff", None, "Europe/Berlin", ["jane"])
    assert desk.run("assignees", "delete", "agent:jane").code == 2
    desk.ok("assignees", "delete", "agent:jane", "--yes")
    assert desk.json("assignees", "show", "team:support")["members"] == []


def test_a_zone_that_is_none_is_refused(desk: Desk) -> None:
    assert desk.run("calendars", "add", "Reception", "--zone", "Mars/Phobos").code == 2
    assert desk.run("assignees", "add", "agent:jane", "--zone", "Mars/Phobos").code == 2


def test_one_account_that_cannot_refresh_does_not_keep_the_others_from_it(desk: Desk) -> None:
    desk.connected("--no-sync")
    desk.connected("--no-sync", email=SUPPORT)
    desk.google.revoke(WORK)
    desk.google.add_calendar(SUPPORT, "Training")

    result = desk.run("calendars", "refresh", "--json")
    assert result.code == 4
    assert [(one["new"], one["error"] is None) for one in result.json()] == [([], False), (["Training"], True)]
    assert desk.account()["state"] == "needs-reauth"


def test_a_calendar_on_hold_is_told_at_every_run_until_it_is_paused(desk: Desk) -> None:
    desk.connected("--select", "Team")
    desk.google.admin("DELETE", f"/calendars/{desk.google.calendar('Team')}")
    line = f"! “Team” is on hold: {GONE}. Ask its owner, or end it: calsyncctl calendars deselect Team\n"

    for _ in range(2):
        result = desk.run("-q", "sync")
        assert (result.code, result.out, result.err) == (5, "", line)
    desk.ok("calendars", "pause", "Team")
    assert desk.run("-q", "sync").code == 0


def test_names_that_two_calendars_share_or_that_have_spaces_around_them_can_be_said(desk: Desk) -> None:
    desk.google.add_calendar(WORK, "  Spare rota  ")
    desk.google.add_calendar(SUPPORT, "Team")
    desk.connected("--select", "spare", "--no-sync")
    desk.connected("--no-sync", email=SUPPORT)

    assert desk.calendar("  Spare rota  ")["state"] == "selected"
    result = desk.ok("calendars", "select", "support/Team", "--no-sync")
    assert "✓ “Team” of support@example.com is selected (two-way)." in result.err


def test_refresh_says_whose_list_could_not_be_read(desk: Desk) -> None:
    assert "No account is connected." in desk.ok("calendars", "refresh").err
    desk.connected("--select", "Team")
    desk.connected("--no-sync", email=SUPPORT)
    desk.google.revoke(WORK)
    desk.google.expire_access_tokens(WORK)

    for _ in range(2):
        result = desk.run("calendars", "refresh")
        assert (result.code, result.err.count(WORK)) == (4, 2)
    desk.ok("accounts", "pause", "work")
    assert desk.ok("calendars", "refresh").out.count("@example.com") == 1


def test_what_is_no_colour_and_no_address_is_refused_and_a_hint_can_be_pasted(desk: Desk) -> None:
    assert "“red” is not a colour" in desk.run("calendars", "add", "Rooms", "--colour", "red").err
    assert "“nomail” is not an e-mail address" in desk.run("assignees", "add", "agent:a b", "--email", "nomail").err

    assert 'calendars assign CALENDAR "agent:a b"' in desk.run("assignees", "add", "agent:a b").err


def test_a_name_that_others_chose_is_no_command_of_the_shell_it_is_pasted_into(desk: Desk) -> None:
    said = desk.run("calendars", "add", "Rota $(touch x)").err

    assert "→ calsyncctl calendars assign 'Rota $(touch x)' agent:NAME\n" in said
