"""Parting from an account: shown, asked, revoked, forgotten; and coming back."""

from __future__ import annotations

import pytest

from tests.support.desk import SUPPORT, WORK, Desk


@pytest.mark.feature("A12", "B6")
def test_disconnect_shows_what_will_happen_revokes_and_hides(desk: Desk) -> None:
    desk.connected("--select", "Team")
    desk.google.reset_counters()

    result = desk.ok("disconnect", "work", "--yes")
    assert "Stop syncing      Team" in result.out
    assert desk.google.requests() == {"POST revoke": 1}
    assert desk.account()["state"] == "disconnected"
    assert desk.events("--days", "60") == []


@pytest.mark.feature("A12")
def test_nothing_happens_before_it_is_agreed_to(desk: Desk) -> None:
    desk.connected("--select", "Team")

    assert desk.ok("disconnect", "work", "--dry-run").out.startswith("Account")
    assert desk.run("disconnect", "work").code == 2
    assert desk.account()["state"] == "active"
    assert desk.run("sync").code == 0


@pytest.mark.feature("A18")
def test_connecting_again_re_attaches_what_was_here(desk: Desk) -> None:
    desk.connected("--select", "Team")
    before = desk.events("--from", "-60d", "--days", "400")
    desk.ok("disconnect", "work", "--yes")
    desk.google.insert(desk.google.calendar("Team"), {"start": {"date": "2026-11-25"}, "end": {"date": "2026-11-26"}})

    (row,) = desk.connected("--json").json()["sync"]["calendars"]
    assert (row["name"], row["new"], row["changed"]) == ("Team", 1, 0)
    after = {one["key"] for one in desk.events("--from", "-60d", "--days", "400")}
    assert after > {one["key"] for one in before} != set()


@pytest.mark.feature("A12")
def test_google_out_of_reach_is_tried_again_by_the_next_run(desk: Desk) -> None:
    desk.connected("--select", "Team")
    desk.google.fault(path="/revoke", drop="before", count=0)

    assert desk.run("disconnect", "work", "--yes").code == 75
    assert desk.account()["state"] == "disconnecting"
    assert desk.events("--days", "60") == []
    desk.google.clear_faults()
    assert desk.json("sync")["disconnected"] == [WORK]
    assert desk.account()["state"] == "disconnected"


@pytest.mark.feature("A12")
def test_force_forgets_at_once(desk: Desk) -> None:
    desk.connected("--select", "Team")
    desk.google.fault(path="/revoke", drop="before", count=0)

    desk.ok("disconnect", "work", "--yes", "--force")
    assert desk.account()["state"] == "disconnected"


@pytest.mark.feature("A12")
def test_a_dead_token_is_as_good_as_revoked(desk: Desk) -> None:
    desk.connected("--select", "Team")
    desk.google.revoke(WORK)
    assert desk.run("sync").code == 4

    desk.ok("disconnect", "work", "--yes")
    assert desk.account()["state"] == "disconnected"


def test_without_revoking_google_is_not_asked(desk: Desk) -> None:
    desk.connected("--select", "Team")
    desk.google.reset_counters()

    desk.ok("disconnect", "work", "--yes", "--no-revoke")
    assert desk.google.requests() == {}


def test_purge_leaves_nothing_of_the_account(desk: Desk) -> None:
    desk.connected("--select", "Team")
    desk.ok("disconnect", "work", "--yes", "--purge")

    assert desk.json("accounts", "list") == []
    assert desk.json("calendars", "list") == []
    assert desk.connected("--select", "Team", "--json").json()["repaired"] is False


def test_purge_does_not_lose_what_was_never_sent_unless_told_so(desk: Desk) -> None:
    desk.connected("--select", "Team")
    desk.ok("events", "add", "Team", "Lunch", "--start", "2030-01-07 12:00")

    for command in (("disconnect", "work"), ("calendars", "deselect", "Team")):
        refused = desk.run(*command, "--purge", "--yes")
        assert (refused.code, "“Lunch”" in refused.err, "--lose-unsent" in refused.err) == (2, True, True)
    assert "“Lunch”" in desk.ok("disconnect", "work", "--dry-run").out
    assert desk.json("disconnect", "work", "--dry-run")["unsent"] == 1
    desk.ok("disconnect", "work", "--purge", "--yes", "--lose-unsent")
    assert desk.json("accounts", "list") == []


def test_deselected_what_was_never_sent_waits_and_is_named(desk: Desk) -> None:
    desk.connected("--select", "Team")
    desk.ok("events", "add", "Team", "Lunch", "--start", "2030-01-07 12:00")

    assert "“Lunch”" in desk.ok("calendars", "deselect", "Team").err
    assert desk.json("calendars", "select", "Team")["calendars"][0]["placed"] == 1


def test_a_disconnected_account_is_not_disconnected_twice(desk: Desk) -> None:
    desk.connected("--no-sync")
    desk.ok("disconnect", "work", "--yes")
    desk.google.reset_counters()

    assert "disconnected already" in desk.ok("disconnect", "work", "--yes").err
    assert desk.google.requests() == {}


def test_the_other_account_goes_on(desk: Desk) -> None:
    desk.connected("--select", "Team")
    desk.connected("--select", "Duty roster", email=SUPPORT)
    desk.ok("disconnect", "work", "--yes")

    assert [one["name"] for one in desk.json("sync")["calendars"]] == ["Duty roster"]
