"""Bringing events here: the first time everything, then only what changed; counted at the sandbox."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.desk import SUPPORT, WORK, Desk
from tests.support.run import run, start
from tests.support.sandbox import Sandbox

MANY = 20_000
PAGES = 8


@pytest.mark.feature("A1")
def test_what_was_made_changed_and_deleted_in_google_arrives_and_only_that(desk: Desk) -> None:
    desk.connected("--select", "Team")
    team, before = desk.google.calendar("Team"), desk.calendar("Team")["events"]
    single = [one for one in desk.google.listed(team) if "recurrence" not in one and "recurringEventId" not in one]
    made = {"summary": "Stand-up", "start": {"date": "2026-11-20"}, "end": {"date": "2026-11-21"}}
    desk.google.insert(team, made)
    desk.google.patch(team, single[0]["id"], {"summary": "Another name"})
    desk.google.delete(team, single[1]["id"])

    (row,) = desk.json("sync")["calendars"]
    counts = {name: row[name] for name in ("new", "changed", "deleted", "unchanged")}
    assert counts == {"new": 1, "changed": 1, "deleted": 1, "unchanged": 0}
    assert desk.calendar("Team")["events"] == before


@pytest.mark.feature("A1")
def test_an_unchanged_poll_is_one_request(desk: Desk) -> None:
    desk.connected("--select", "Team")
    desk.google.reset_counters()

    assert [one["unchanged"] for one in desk.json("sync")["calendars"]] == [0]
    assert desk.google.requests() == {"GET events.list": 1}


@pytest.mark.feature("A4")
def test_only_calendars_turned_on_are_mirrored(desk: Desk) -> None:
    desk.connected("--select", "Team")

    assert {one["name"]: one["events"] > 0 for one in desk.json("calendars", "list")} == {
        WORK: False,
        "Team": True,
        "Shared (read only)": False,
        "Holidays in United Kingdom": False,
    }


def test_a_dead_sync_token_lists_everything_anew_and_changes_nothing(desk: Desk) -> None:
    desk.connected("--select", "Team")
    before = desk.calendar("Team")["events"]
    desk.google.expire_sync_tokens(desk.google.calendar("Team"))

    (row,) = desk.json("sync")["calendars"]
    assert (row["full"], row["new"], row["changed"], row["deleted"]) == (True, 0, 0, 0)
    assert row["unchanged"] >= before == desk.calendar("Team")["events"]


def test_one_calendar_that_fails_leaves_the_others_alone(desk: Desk) -> None:
    desk.connected("--select", "Team", "--select", "primary")
    desk.google.fault(path="example.com/events", status=403, reason="forbidden", count=0)

    result = desk.run("sync", "--json")
    errors = {one["name"]: one["error"] for one in result.json()["calendars"]}
    assert errors["Team"] is None
    assert errors[WORK]["kind"] == "held"
    assert result.code == 5


def test_trouble_at_google_is_told_as_later(desk: Desk) -> None:
    desk.connected("--select", "Team")
    desk.google.fault(path="events.list", status=503, reason="backendError", count=0)

    assert desk.run("sync").code == 75


def test_a_calendar_asked_for_by_name_must_take_part(desk: Desk) -> None:
    desk.connected("--no-sync")

    result = desk.run("sync", "--calendar", "Team")
    assert result.code == 2
    assert "“Team” is available, so it is not synced." in result.err


def test_sync_of_one_account_asks_only_for_it(desk: Desk) -> None:
    desk.connected("--select", "Team")
    desk.connected("--select", "Duty roster", email=SUPPORT)

    assert [one["name"] for one in desk.json("sync", "--account", "support")["calendars"]] == ["Duty roster"]


@pytest.fixture(scope="module")
def large() -> Iterator[Sandbox]:
    with Sandbox(events=MANY) as started:
        yield started


@pytest.fixture
def large_desk(large: Sandbox, tmp_path: Path) -> Desk:
    made = run("init", "--sandbox", "--sandbox-address", large.root, "--vault", "file", home=tmp_path, warm=True)
    assert made.code == 0, made
    desk = Desk(tmp_path, large)
    desk.connected("--select", "primary", "--no-sync")
    large.reset_counters()
    return desk


@pytest.mark.feature("A9")
@pytest.mark.long
def test_a_first_sync_of_20000_events_is_8_requests_and_nothing_else(large_desk: Desk) -> None:
    (row,) = large_desk.json("sync")["calendars"]

    # The listing's other items are cancelled occurrences: they make nothing new here.
    assert row["new"] == large_desk.calendar(WORK)["events"] > 0.9 * MANY
    assert large_desk.google.requests() == {"GET events.list": PAGES}


@pytest.mark.feature("E6")
def test_a_first_sync_that_is_killed_goes_on_where_it_stopped(large_desk: Desk) -> None:
    kill_after_pages(large_desk, 3)
    begun = large_desk.google.requests()["GET events.list"]
    large_desk.google.reset_counters()

    large_desk.ok("sync")
    assert large_desk.google.requests()["GET events.list"] <= PAGES - begun + 2
    assert large_desk.calendar(WORK)["events"] == len_of(large_desk)


@pytest.mark.feature("E6")
@pytest.mark.long
def test_killed_again_and_again_it_ends_with_every_event_once(large_desk: Desk) -> None:
    chance = random.Random(6)
    for _ in range(6):
        with start("sync", home=large_desk.home) as process:
            time.sleep(chance.uniform(0.3, 1.0))  # anywhere: in a request, in a transaction, between two pages
            process.send_signal(signal.SIGKILL)
            process.communicate()

    large_desk.ok("sync")
    assert large_desk.calendar(WORK)["events"] == len_of(large_desk)


def kill_after_pages(desk: Desk, pages: int) -> None:
    """Start a sync and kill it at any instruction once so many pages were asked for."""
    with start("sync", home=desk.home) as process:
        deadline = time.monotonic() + 60
        while desk.google.requests().get("GET events.list", 0) < pages and time.monotonic() < deadline:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert process.returncode == -signal.SIGKILL


def len_of(desk: Desk) -> int:
    """Count what a machine that was never disturbed has."""
    other = Desk(desk.home / "other", desk.google)
    other.home.mkdir()
    made = run(
        "init", "--sandbox", "--sandbox-address", desk.google.root, "--vault", "file", home=other.home, warm=True
    )
    assert made.code == 0, made
    other.connected("--select", "primary")
    return int(other.calendar(WORK)["events"])
