"""The real daemon over hours and days of injected time: tokens end, sign-ins are kept alive, warned about, and die."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.test_daemon import made_there, titles_here
from tests.soak.weather import FAKETIME, Clock
from tests.support.daemon import DaemonProcess, eventually
from tests.support.desk import SUPPORT, WORK, Desk

HOUR, DAY = 3600, 86_400
WEEK = 7 * DAY + 2 * HOUR
"""Until a sign-in counts as idle: a week after its access token ended."""
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(FAKETIME is None, reason="needs libfaketime (Debian: faketime)"),
]


class Days:
    """A daemon, and the one clock of this machine and of Google."""

    def __init__(self, desk: Desk, clock: Clock, daemon: DaemonProcess) -> None:
        self._desk, self._clock, self._daemon = desk, clock, daemon

    def go_to(self, seconds: int) -> None:
        """Let it be so many seconds after the start, and let the daemon notice."""
        before = len(self._daemon.heard())
        self._desk.google.settings(clock_offset_seconds=seconds)
        self._clock.set(seconds)
        self._daemon.wait_log("the clock went forward", after=before)


@pytest.fixture
def clock(desk: Desk, tmp_path: Path) -> Clock:
    made = Clock(tmp_path / "clock")
    desk.env.update(made.env)
    return made


@pytest.fixture
def daemon(desk: Desk, clock: Clock) -> Iterator[DaemonProcess]:
    """A daemon for two accounts: one of an app in testing, whose sign-in ends after seven days, and one paused."""
    desk.env.clear()  # commands start faster without; the clock is still right
    desk.google.settings(refresh_token_seconds=7 * DAY)
    desk.connected("--select", "Team")
    desk.google.settings(refresh_token_seconds=None)
    desk.connected("--select", "Duty roster", email=SUPPORT)
    desk.ok("accounts", "pause", SUPPORT)
    desk.google.reset_counters()
    with DaemonProcess(desk.home, env=clock.env) as running:
        desk.env.update(clock.env)
        yield running


@pytest.fixture
def days(desk: Desk, clock: Clock, daemon: DaemonProcess) -> Days:
    return Days(desk, clock, daemon)


def asked(desk: Desk, request: str) -> int:
    return desk.google.requests().get(request, 0)


def lists_read(desk: Desk, email: str) -> int:
    counts: dict[str, int] = desk.google.counters()["by_account"].get(email, {})
    return counts.get("GET calendarList.list", 0)


def warned(daemon: DaemonProcess, whom: str) -> list[str]:
    return [line for line in daemon.heard() if "WARNING" in line and whom in line]


def polled(desk: Desk, daemon: DaemonProcess, title: str) -> None:
    """Let the daemon find something that is new in Google, by a poll that begins now."""
    said = len(daemon.heard())
    made_there(desk, desk.google.calendar("Team"), title)
    daemon.all_due()
    daemon.wait_log("1 new here", after=said)
    assert title in titles_here(desk)


@pytest.mark.feature("A2", "A14", "C13", "C14", "E16")
def test_through_hours_and_midnight_one_token_an_hour_is_enough(desk: Desk, daemon: DaemonProcess, days: Days) -> None:
    tokens = asked(desk, "POST token")
    assert tokens == 0
    for hours in (1, 5, 25):
        days.go_to(hours * HOUR)
        polled(desk, daemon, f"Review {hours}")
        before, tokens = tokens, asked(desk, "POST token")
        assert before < tokens <= before + 2  # the first is cut where it was under way while the clock was set
        polled(desk, daemon, f"Later {hours}")
        polled(desk, daemon, f"Latest {hours}")
        assert asked(desk, "POST token") == tokens
    assert 0 < desk.json("status", "--quota")["today"]["spent"] < asked(desk, "GET events.list")  # a new quota day
    assert daemon.end() == 0


@pytest.mark.feature("A2", "A18", "C15")
def test_sign_ins_are_kept_alive_week_by_week_warned_about_three_days_ahead_and_their_end_is_told_once(
    desk: Desk, daemon: DaemonProcess, days: Days
) -> None:
    days.go_to(4 * DAY + HOUR)
    daemon.wait_log(f"The sign-in of {WORK} ends in 7[01] hours .*connect --account {WORK}")
    days.go_to(7 * DAY + HOUR // 2)
    daemon.wait_log(f"WARNING.*no longer accepts.*{WORK}.*connect --account {WORK}")
    for week in (1, 2):
        days.go_to(week * WEEK)  # the paused one, which nobody else uses
        eventually(lambda many=week: lists_read(desk, SUPPORT) == many)  # type: ignore[misc]

    desk.google.revoke(SUPPORT)
    days.go_to(3 * WEEK)
    daemon.wait_log(f"WARNING.*no longer accepts.*{SUPPORT}")
    before = asked(desk, "POST token")
    days.go_to(4 * WEEK)
    daemon.wait_told("STATUS=", after=len(daemon.told))  # the jobs have had their turn
    assert daemon.end() == 0
    assert (len(warned(daemon, WORK)), len(warned(daemon, SUPPORT)), asked(desk, "POST token")) == (2, 1, before)
    assert [one["kind"] for one in desk.json("status")["needs"]] == ["needs-reauth"]
    support = desk.account(SUPPORT)
    assert (support["state"], "no longer accepts" in support["reason"]) == ("paused", True)
