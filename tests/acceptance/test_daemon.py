"""The real daemon on the sandbox: both ways by itself, one failure stays one failure, it ends in order."""

from __future__ import annotations

import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.daemon import DaemonProcess, eventually
from tests.support.desk import SUPPORT, WORK, Desk

SOON = (datetime.now(UTC) + timedelta(days=2)).replace(microsecond=0)


def made_there(desk: Desk, calendar: str, title: str) -> None:
    """Make an event in Google's web pages."""
    times = {"start": {"dateTime": SOON.isoformat()}, "end": {"dateTime": (SOON + timedelta(hours=1)).isoformat()}}
    desk.google.insert(calendar, {"summary": title, **times})


def titles_there(desk: Desk, calendar: str) -> list[str]:
    return [str(one.get("summary")) for one in desk.google.listed(calendar)]


def titles_here(desk: Desk) -> list[str]:
    return [str(one["summary"]) for one in desk.events("--from", "today", "--to", "+7d")]


def lunch(desk: Desk, title: str = "Lunch", calendar: str = "Team") -> None:
    desk.ok("events", "add", calendar, title, "--start", "tomorrow 12:00", "--for", "45m")


def test_an_edit_says_who_sends_it(desk: Desk) -> None:
    desk.connected("--select", "Team")
    add = ("events", "add", "Team", "Lunch", "--start", "tomorrow 12:00", "--for", "45m")
    assert "told yet: calsyncctl sync" in desk.ok(*add).err
    with DaemonProcess(desk.home):
        assert "told yet: the daemon sends it in a moment" in desk.ok(*add).err
        desk.google.fault(drop="before", count=0)
        desk.run("sync")
        assert "told yet: the daemon tries it again by itself (calsyncctl status)" in desk.ok(*add).err
        desk.google.clear_faults()
        desk.ok("accounts", "pause", WORK)
        assert f"told yet: {WORK} is paused (calsyncctl accounts resume {WORK})" in desk.ok(*add).err
        desk.ok("accounts", "resume", WORK)
        desk.ok("calendars", "pause", "Team")
        assert "“Team” is paused (calsyncctl calendars resume Team)" in desk.ok(*add).err
        desk.ok("calendars", "resume", "Team")
        assert "The daemon goes on with it." in desk.ok("calendars", "mode", "Team", "one-way").err


@pytest.mark.feature("A14")
def test_an_edit_does_not_wait_for_the_first_listing_of_another_calendar(desk: Desk) -> None:
    desk.connected("--select", "Team")
    desk.ok("calendars", "select", WORK, "--no-sync")
    desk.google.settings(page_size=5)
    desk.google.reset_counters()
    desk.google.fault(path="events.list", account=WORK, delay=1, count=0)  # then it takes a minute
    with DaemonProcess(desk.home, ready=False) as daemon:
        eventually(lambda: desk.google.requests().get("GET events.list", 0) > 2)
        begun = time.monotonic()
        lunch(desk)
        eventually(lambda: desk.google.requests().get("POST events.insert", 0) == 1)
        assert time.monotonic() - begun < 10
        desk.google.clear_faults()
        daemon.wait_log("sync: [0-9]+ new here.*full listing")
        daemon.wait_told("READY=1")
        assert daemon.end() == 0
    assert [one["name"] for one in desk.json("calendars", "list") if one["reason"]] == []


@pytest.mark.feature("A14")
def test_a_burst_is_one_batch(desk: Desk) -> None:
    desk.connected("--select", "Team")
    with DaemonProcess(desk.home, args=("--verbose",)) as daemon:
        desk.google.reset_counters()
        for number in range(3):
            lunch(desk, f"Lunch {number}")
        eventually(lambda: sum(t.startswith("Lunch") for t in titles_there(desk, desk.google.calendar("Team"))) == 3)
        assert desk.google.requests().get("GET events.list", 0) <= 1
        daemon.end()


@pytest.mark.feature("A2", "C13", "C14")
def test_a_token_that_ends_is_refreshed_by_the_daemon_itself_and_kept_for_the_commands(desk: Desk) -> None:
    desk.google.settings(access_token_seconds=200)
    desk.connected("--select", "Team")
    desk.google.settings(access_token_seconds=3599)
    desk.google.reset_counters()
    with DaemonProcess(desk.home) as daemon:
        made_there(desk, desk.google.calendar("Team"), "Review")
        daemon.all_due()
        daemon.wait_log("1 new here")
        desk.ok("sync")
    assert desk.google.requests()["POST token"] == 1


@pytest.mark.feature("A2")
def test_a_sign_in_that_ends_soon_is_warned_about_once(desk: Desk) -> None:
    desk.google.settings(refresh_token_seconds=70 * 3600)
    desk.connected("--select", "Team")
    with DaemonProcess(desk.home, env={"WATCHDOG_USEC": "3000000"}) as daemon:
        daemon.wait_log(f"WARNING .*The sign-in of {WORK} ends in (69|70) hours .*connect --account")
        desk.ok("config", "set", "sync.workers", "2")
        daemon.wait_log("the configuration was read again")
        assert sum("ends in" in line for line in daemon.heard()) == 1


@pytest.mark.feature("A16", "E8")
def test_with_an_empty_environment_it_finds_its_secrets_and_names_a_key_that_others_can_read(desk: Desk) -> None:
    desk.connected("--select", "Team", "--select", "primary")
    key = desk.home / "calsyncctl" / "default" / "vault.key"
    with DaemonProcess(desk.home, bare=True) as daemon:
        key.chmod(0o644)
        desk.google.expire_access_tokens(WORK)
        daemon.all_due()
        daemon.wait_log(f"WARNING.*{key} can be read by others .*chmod 600 {key}")
        lunch(desk, "Lunch", "Team")
        key.chmod(0o600)
        daemon.all_due()
        eventually(lambda: "Lunch" in titles_there(desk, desk.google.calendar("Team")))
        daemon.wait_log("well again")
        assert sum("WARNING" in line for line in daemon.heard()) == 1  # though it strikes two calendars


@pytest.mark.feature("A16", "E8")
def test_the_vaults_key_may_come_from_systemd(desk: Desk, tmp_path: Path) -> None:
    desk.connected("--select", "Team")
    desk.google.expire_access_tokens(WORK)
    (tmp_path / "credentials").mkdir()
    (desk.home / "calsyncctl" / "default" / "vault.key").rename(tmp_path / "credentials" / "calsyncctl-key")
    made_there(desk, desk.google.calendar("Team"), "Review")
    with DaemonProcess(desk.home, bare=True, env={"CREDENTIALS_DIRECTORY": str(tmp_path / "credentials")}) as daemon:
        daemon.all_due()
        daemon.wait_log("1 new here")
        assert not any("WARNING" in line for line in daemon.heard())

        vault = desk.home / "calsyncctl" / "default" / "vault"
        vault.rename(tmp_path / "not mounted")
        desk.google.expire_access_tokens(WORK)
        daemon.all_due()
        daemon.wait_log("WARNING.*The vault .* is gone")
        assert desk.account(WORK)["state"] == "active"  # nobody has to sign in again for that


@pytest.mark.feature("A18", "C11", "C15")
def test_a_revoked_account_is_said_once_left_alone_and_goes_on_when_it_is_connected_again(desk: Desk) -> None:
    desk.connected("--select", "Team")
    desk.connected("--select", "Duty roster", email=SUPPORT)
    with DaemonProcess(desk.home) as daemon:
        desk.google.revoke(WORK)
        daemon.all_due()
        daemon.wait_log(f"{WORK}.*connect --account")
        made_there(desk, desk.google.calendar("Duty roster"), "Shift")
        daemon.all_due()
        daemon.wait_log("1 new here")
        assert sum(WORK in line and "WARNING" in line for line in daemon.heard()) == 1

        desk.connected("--account", WORK)
        made_there(desk, desk.google.calendar("Team"), "Review")
        daemon.all_due()
        eventually(lambda: "Review" in titles_here(desk))


@pytest.mark.feature("A18")
def test_a_disconnect_and_connecting_again_beside_the_daemon_double_nothing(desk: Desk) -> None:
    desk.connected("--select", "Team")
    team = desk.google.calendar("Team")
    with DaemonProcess(desk.home) as daemon:
        lunch(desk)
        eventually(lambda: "Lunch" in titles_there(desk, team))
        desk.ok("disconnect", WORK, "--yes")
        desk.connected("--select", "Team")
        lunch(desk, "Dinner")
        eventually(lambda: "Dinner" in titles_there(desk, team))
        daemon.all_due()
        made_there(desk, team, "Review")
        eventually(lambda: "Review" in titles_here(desk))
    for title in ("Lunch", "Dinner", "Review"):
        assert (titles_there(desk, team).count(title), titles_here(desk).count(title)) == (1, 1)


@pytest.mark.feature("C11")
def test_a_calendar_that_is_deleted_in_google_waits_and_the_others_go_on(desk: Desk) -> None:
    desk.connected("--select", "Team", "--select", "primary")
    with DaemonProcess(desk.home) as daemon:
        desk.google.admin("DELETE", f"/calendars/{desk.google.calendar('Team')}")
        daemon.all_due()
        daemon.wait_log("WARNING.*“Team”.*on hold")
        made_there(desk, desk.google.calendar(WORK), "Review")
        daemon.all_due()
        daemon.wait_log("1 new here")
        assert "Daemon: at work" in desk.ok("status").out
        assert desk.calendar("Team")["state"] == "hold"


@pytest.mark.feature("A6")
def test_a_daemon_does_not_begin_where_sync_is_not_enabled(desk: Desk) -> None:
    desk.ok("config", "set", "sync.enabled", "false")
    refused = desk.run("daemon", "run")
    assert refused.code == 6, refused
    assert "sync.enabled is false" in refused.err


@pytest.mark.feature("E8")
def test_it_ends_within_five_seconds_though_google_does_not_answer_and_nothing_is_doubled(desk: Desk) -> None:
    desk.connected("--select", "Team")
    team = desk.google.calendar("Team")
    with DaemonProcess(desk.home) as daemon:
        desk.google.fault(path="events.insert", delay=20, apply=True)
        lunch(desk)
        eventually(
            lambda: any("insert" in str(one) for one in desk.google.log()) or "Lunch" in titles_there(desk, team)
        )
        begun = time.monotonic()
        assert daemon.end() == 0
        assert time.monotonic() - begun < 6
    desk.google.clear_faults()
    with DaemonProcess(desk.home):
        eventually(lambda: "Lunch" in titles_there(desk, team))
        desk.ok("sync")
    assert titles_there(desk, team).count("Lunch") == 1


def test_a_daemon_that_was_killed_is_not_taken_for_running(desk: Desk) -> None:
    desk.connected("--select", "Team")
    with DaemonProcess(desk.home) as daemon:
        daemon.end(signal.SIGKILL)
    assert desk.run("daemon", "status").code == 3
    with DaemonProcess(desk.home) as again:
        assert again.end(signal.SIGINT) == 130
