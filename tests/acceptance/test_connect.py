"""Signing in: who, what was permitted, which calendars; and every way in which it does not work out."""

from __future__ import annotations

import pytest

from tests.support.desk import SUPPORT, WORK, Desk

SCOPES = ("calendar.calendarlist.readonly", "calendar.events", "calendar.freebusy")


@pytest.mark.feature("A2", "A9")
def test_connect_signs_in_chooses_and_brings_the_events(desk: Desk) -> None:
    said = desk.connected("--select", "primary", "--json").json()

    assert said["account"]["email"] == WORK
    assert said["account"]["state"] == "active"
    assert [one["new"] for one in said["sync"]["calendars"]] == [desk.calendar(WORK)["events"]]
    assert desk.calendar(WORK)["events"] > 40


@pytest.mark.feature("A3")
def test_two_accounts_stand_beside_each_other_each_with_its_calendars(desk: Desk) -> None:
    desk.ok("assignees", "add", "agent:jane")
    desk.connected("--no-sync", "--owner", "agent:jane")
    desk.connected("--no-sync", "--owner", "desk@example.com", email=SUPPORT)

    accounts = {one["email"]: one["owner"] for one in desk.json("accounts", "list")}
    assert accounts == {WORK: "agent:jane", SUPPORT: "desk@example.com"}
    names = [one["name"] for one in desk.json("calendars", "list", "--account", "support")]
    assert names == [SUPPORT, "Duty roster"]


@pytest.mark.feature("A5")
def test_one_client_of_the_operator_serves_everybody(desk: Desk) -> None:
    desk.connected("--no-sync")
    desk.connected("--no-sync", email=SUPPORT)

    clients = {line.partition("client_id=")[2].partition("&")[0] for line in desk.record.read_text().splitlines()}
    assert clients - {""} == {desk.google.info["client"]["installed"]["client_id"]}


@pytest.mark.feature("C1")
def test_the_calendars_are_listed_with_name_primary_and_writable(desk: Desk) -> None:
    said = desk.connected("--no-sync")

    assert "NAME" in said.err
    rows = {one["name"]: (one["primary"], one["writable"]) for one in desk.json("calendars", "list")}
    assert rows == {
        WORK: (True, True),
        "Team": (False, True),
        "Shared (read only)": (False, False),
        "Holidays in United Kingdom": (False, False),
    }


@pytest.mark.feature("C3")
def test_skipping_the_choice_leaves_the_account_pending_and_nothing_syncs(desk: Desk) -> None:
    desk.connected()
    desk.google.reset_counters()

    assert desk.account()["state"] == "pending"
    assert desk.ok("sync").err.startswith("Nothing is selected.")
    assert "GET events.list" not in desk.google.requests()
    assert "no calendar selected" in desk.ok("status").out


@pytest.mark.feature("A8", "B3")
@pytest.mark.parametrize(
    ("unticked", "named"),
    [
        ("calendar.events", "view and edit events on your calendars"),
        ("calendar.calendarlist.readonly", "see the list of your calendars"),
    ],
)
def test_a_box_left_unticked_is_named_and_nothing_is_kept(desk: Desk, unticked: str, named: str) -> None:
    desk.google.account(WORK, grant=[scope for scope in SCOPES if scope != unticked])

    result = desk.connect()
    assert result.code == 1
    assert named in result.err
    assert desk.json("accounts", "list") == []
    assert "Not connected" in desk.record.read_text()


@pytest.mark.feature("B3")
def test_without_free_busy_it_connects_all_the_same(desk: Desk) -> None:
    desk.google.account(WORK, grant=[scope for scope in SCOPES if scope != "calendar.freebusy"])

    connected = desk.connect("--no-sync")
    assert (connected.code, "Not permitted: view your availability." in connected.err) == (0, True)


@pytest.mark.feature("A8", "B3")
def test_every_box_that_is_missing_is_named_free_busy_too(desk: Desk) -> None:
    desk.google.account(WORK, grant=["openid", "userinfo.email", "calendar.calendarlist.readonly"])

    refused = desk.connect()
    assert refused.code == 1
    assert "did not permit: view and edit events on your calendars and view your availability" in refused.err


@pytest.mark.feature("A8")
def test_missing_permissions_leave_an_earlier_connection_as_it_was(desk: Desk) -> None:
    desk.connected("--select", "Team")
    desk.google.account(WORK, grant=["calendar.freebusy"])

    assert desk.connect().code == 1
    assert desk.account()["state"] == "active"
    assert desk.run("sync").code == 0


@pytest.mark.feature("A8")
def test_an_account_without_calendar_is_named_as_such(desk: Desk) -> None:
    desk.google.account(WORK, calendar_enabled=False)

    result = desk.connect()
    assert result.code == 1
    assert f"{WORK} has no Google Calendar" in result.err
    assert desk.json("accounts", "list") == []


@pytest.mark.feature("A8")
def test_a_project_without_the_api_is_named_as_such(desk: Desk) -> None:
    desk.google.fault(path="calendarList.list", status=403, reason="accessNotConfigured", count=0)

    result = desk.connect()
    assert result.code == 1
    assert "Calendar API is not enabled" in result.err
    assert desk.json("accounts", "list") == []


@pytest.mark.feature("B8")
def test_only_the_wished_account_is_accepted_and_the_other_one_named(desk: Desk) -> None:
    result = desk.connect("--account", SUPPORT)

    assert result.code == 1
    assert f"{WORK} signed in, but {SUPPORT} was asked for" in result.err
    assert desk.json("accounts", "list") == []


@pytest.mark.feature("A18")
def test_the_same_account_again_is_repaired_in_place(desk: Desk) -> None:
    desk.connected("--select", "Team")
    before = desk.calendar("Team")
    desk.google.revoke(WORK)
    assert desk.run("sync").code == 4

    said = desk.connected("--json").json()
    assert (said["repaired"], said["account"]["state"]) == (True, "active")
    after = desk.calendar("Team")
    assert (after["id"], after["events"]) == (before["id"], before["events"])


def test_a_refusal_is_said_in_terminal_and_browser(desk: Desk) -> None:
    result = desk.connect(mode="deny")

    assert result.code == 1
    assert "refused on Google's page; nothing was kept" in result.err
    assert "Not connected" in desk.record.read_text()


def test_nobody_answering_ends_after_the_time_given(desk: Desk) -> None:
    result = desk.connect("--timeout", "1", mode="close")

    assert result.code == 1
    assert "No answer came from Google within 1 seconds" in result.err


@pytest.mark.feature("E15")
def test_where_no_browser_is_found_the_way_without_one_is_explained(desk: Desk) -> None:
    result = desk.run("connect", "--timeout", "1", "--quiet")

    assert result.code == 1
    assert "No browser was found here." in result.err
    assert "/o/oauth2/v2/auth?" in result.err
    assert "ssh -L " in result.err


def test_an_owner_who_is_not_there_is_refused_before_anybody_signs_in(desk: Desk) -> None:
    result = desk.connect("--owner", "agent:nobody")

    assert result.code == 3
    assert "There is no agent:nobody." in result.err
    assert not desk.record.exists()


def test_a_token_server_out_of_reach_is_for_later_and_keeps_nothing(desk: Desk) -> None:
    desk.google.fault(path="/token", drop="before", count=0)

    result = desk.connect()
    assert result.code == 75
    assert desk.json("accounts", "list") == []


def test_a_calendar_that_the_account_does_not_have_is_named(desk: Desk) -> None:
    result = desk.connect("--select", "Nonsense")

    assert result.code == 3
    assert "work@example.com has no calendar “Nonsense”" in result.err
    assert "Team" in result.err


def test_a_sign_in_that_ends_in_seven_days_is_said(desk: Desk) -> None:
    desk.google.settings(refresh_token_seconds=7 * 86400)

    result = desk.connected("--no-sync")
    assert "ends this sign-in in 7 days" in result.err
    assert desk.account()["sign_in_ends"] is not None
