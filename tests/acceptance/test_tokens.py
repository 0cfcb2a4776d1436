"""Tokens: used while they last, refreshed before they end, and one dead account never stops the others."""

from __future__ import annotations

import pytest

from tests.support.desk import SUPPORT, WORK, Desk


@pytest.mark.feature("C13")
def test_a_token_with_more_than_five_minutes_left_is_used_as_it_is(desk: Desk) -> None:
    desk.google.settings(access_token_seconds=340)
    desk.connected("--select", "Team")
    desk.google.reset_counters()

    desk.ok("sync")
    assert desk.google.requests() == {"GET events.list": 1}


@pytest.mark.feature("C13", "C14")
def test_a_token_with_less_is_refreshed_first_and_the_new_one_kept(desk: Desk) -> None:
    desk.google.settings(access_token_seconds=295)
    desk.connected("--select", "Team")
    desk.google.settings(access_token_seconds=3599)
    desk.google.reset_counters()

    desk.ok("sync")
    assert desk.google.requests() == {"POST token": 1, "GET events.list": 1}
    desk.google.settings(clock_offset_seconds=600)  # the one from before is over by now
    desk.ok("sync")
    assert desk.google.requests() == {"POST token": 1, "GET events.list": 2}


@pytest.mark.feature("C14")
def test_the_refresh_token_is_kept_when_google_sends_none_and_replaced_when_it_does(desk: Desk) -> None:
    desk.connected("--select", "Team")
    for rotate in (False, True, False):
        desk.google.settings(rotate_refresh_tokens=rotate)
        desk.google.expire_access_tokens(WORK)
        desk.ok("sync")

    assert desk.account()["state"] == "active"


@pytest.mark.feature("A2")
def test_the_connection_renews_itself_without_anybody(desk: Desk) -> None:
    desk.connected("--select", "Team")
    desk.google.expire_access_tokens(WORK)
    desk.google.reset_counters()

    desk.ok("sync")
    assert desk.google.requests()["POST token"] == 1


@pytest.mark.feature("C15", "A18")
def test_a_dead_account_is_skipped_with_a_warning_and_the_others_go_on(desk: Desk) -> None:
    desk.connected("--select", "Team")
    desk.connected("--select", "Duty roster", email=SUPPORT)
    desk.google.revoke(WORK)

    first = desk.run("sync", "--json")
    assert first.code == 4
    assert {one["name"]: one["error"] is None for one in first.json()["calendars"]} == {
        "Team": False,
        "Duty roster": True,
    }
    again = desk.run("sync")
    assert again.code == 4
    assert f"Sign in again: calsyncctl connect --account {WORK}" in again.err
    assert desk.json("status")["needs"][0]["kind"] == "needs-reauth"


@pytest.mark.feature("C15")
def test_a_dead_account_is_not_asked_again_until_it_is_reconnected(desk: Desk) -> None:
    desk.connected("--select", "Team")
    desk.google.revoke(WORK)
    desk.run("sync")
    desk.google.reset_counters()

    assert desk.run("sync").code == 4
    assert desk.google.requests() == {}
    assert desk.connect().code == 0
    assert desk.run("sync").code == 0


def test_trouble_at_the_token_server_never_means_sign_in_again(desk: Desk) -> None:
    desk.google.settings(access_token_seconds=100)
    desk.connected("--select", "Team")
    desk.google.fault(path="/token", status=503, envelope="none", count=0)

    assert desk.run("sync").code == 75
    assert desk.account()["state"] == "active"


@pytest.mark.feature("E15")
def test_a_sign_in_that_ends_within_three_days_is_warned_about(desk: Desk) -> None:
    desk.google.settings(refresh_token_seconds=2 * 86400)
    desk.connected("--select", "Team")

    (need,) = desk.json("status")["needs"]
    assert need["kind"] == "sign-in-ends"
    assert "ends in 4" in need["what"]
    # The hours left may tick over between the two commands.
    assert need["what"].partition("ends in 4")[0] + "ends in 4" in desk.ok("sync").err
