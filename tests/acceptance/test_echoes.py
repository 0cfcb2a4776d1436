"""No loops: what was made here is known again by its mark, and what another made is never taken for one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.desk import SUPPORT, WORK, Desk
from tests.support.run import run

pytestmark = pytest.mark.feature("A15")

Json = dict[str, Any]
MINE = f"{WORK}/Planning"
WEEK = ("--from", "2030-01-06", "--days", "60")


@pytest.fixture
def planning(desk: Desk) -> str:
    """A google calendar that is empty, and that the second account may write to as well; its id."""
    calendar = desk.google.add_calendar(WORK, "Planning")
    desk.google.share(calendar, SUPPORT, "owner")
    desk.connected("--select", "Planning")
    return calendar


@pytest.fixture
def other(desk: Desk, planning: str, tmp_path: Path) -> Desk:
    """Another installation, which syncs the same calendar through another account."""
    home = tmp_path / "other"
    home.mkdir()
    made = run("init", "--sandbox", "--sandbox-address", desk.google.root, "--vault", "file", home=home, warm=True)
    assert made.code == 0, made
    second = Desk(home, desk.google)
    second.connected("--select", "Planning", email=SUPPORT)
    return second


def titles(desk: Desk, calendar: str) -> list[str]:
    return sorted(one["summary"] for one in desk.google.listed(calendar))


def add(desk: Desk, title: str, *more: str, calendar: str = "Planning") -> str:
    made = desk.json("events", "add", calendar, title, "--start", "2030-01-07 12:00", *more, "--push")
    return str(made["key"])


def quiet(*desks: Desk) -> None:
    """See that nothing is left to do for anybody, after everybody has heard of everything."""
    for _ in range(2):
        for one in desks:
            one.ok("sync")
    desks[0].google.reset_counters()
    for one in desks:
        one.ok("sync")
    assert desks[0].google.counters()["writes"] == 0


def test_events_made_here_carry_our_mark_and_their_own_id(desk: Desk, planning: str) -> None:
    key = add(desk, "Lunch")
    (one,) = desk.google.listed(planning)

    mark = one["extendedProperties"]["private"]
    assert (mark["managed_by"], mark["calsyncctl_key"], mark["calsyncctl_id"]) == ("calsyncctl", key, one["id"])


def test_two_installations_on_one_calendar_see_each_event_once(desk: Desk, planning: str, other: Desk) -> None:
    add(desk, "Ours")
    add(other, "Theirs")
    quiet(desk, other)

    assert titles(desk, planning) == ["Ours", "Theirs"]
    for one in (desk, other):
        assert sorted(row["summary"] for row in one.events(*WEEK)) == ["Ours", "Theirs"]


def test_either_installation_edits_what_the_other_made(desk: Desk, planning: str, other: Desk) -> None:
    key = add(desk, "Ours")
    other.ok("sync")
    (row,) = other.events(*WEEK)
    other.ok("events", "edit", row["key"], "--location", "Roof", "--push")
    desk.ok("sync")

    assert desk.json("events", "show", key)["location"] == "Roof"
    quiet(desk, other)
    assert titles(desk, planning) == ["Ours"]


def test_two_installations_linked_crosswise_hand_nothing_on(desk: Desk, planning: str, other: Desk) -> None:
    for one in (desk, other):
        one.ok("calendars", "add", "Reception")
        one.ok("links", "add", "Reception", "Planning")
    add(desk, "Ours", calendar="Reception")
    add(other, "Theirs", calendar="Reception")
    quiet(desk, other)

    assert titles(desk, planning) == ["Ours", "Theirs"]
    here = {(row["summary"], row["calendar"]) for row in desk.events(*WEEK)}
    assert here == {("Ours", "Reception"), ("Theirs", "Planning")}


def test_two_calendars_linked_to_one_and_one_to_two_double_nothing(desk: Desk, planning: str) -> None:
    desk.connected("--select", SUPPORT, email=SUPPORT)
    for name in ("Reception", "Workshop"):
        desk.ok("calendars", "add", name)
        desk.ok("links", "add", name, MINE)
    desk.ok("links", "add", "Reception", f"{SUPPORT}/{SUPPORT}")
    add(desk, "Visit", calendar="Reception")
    add(desk, "Repair", calendar="Workshop")
    quiet(desk)

    assert titles(desk, planning) == ["Repair", "Visit"]
    own = [row["summary"] for row in desk.events(*WEEK, "--calendar", "Reception", "--calendar", "Workshop")]
    assert sorted(own) == ["Repair", "Visit"]
    assert [row["summary"] for row in desk.events(*WEEK, "--calendar", MINE)] == []


def test_a_copy_pasted_in_google_is_an_event_of_its_own(desk: Desk, planning: str) -> None:
    key = add(desk, "Lunch")
    (one,) = desk.google.listed(planning)
    desk.google.edit(planning, one["id"], "copy", {"summary": "Dinner"})
    quiet(desk)

    assert titles(desk, planning) == ["Dinner", "Lunch"]
    rows = {row["summary"]: row["key"] for row in desk.events(*WEEK)}
    assert rows["Lunch"] == key != rows["Dinner"]


def test_a_series_split_in_google_goes_on_in_two(desk: Desk, planning: str) -> None:
    key = add(desk, "Stand-up", "--repeat", "weekly", "--times", "6")
    (series,) = desk.google.listed(planning)
    desk.google.edit(planning, f"{series['id']}_20300121T120000Z", "split", {"summary": "Later"})
    quiet(desk)

    rows = desk.events(*WEEK)
    assert [row["summary"] for row in rows] == ["Stand-up"] * 2 + ["Later"] * 4
    assert {row["key"] for row in rows[:2]} == {key}
    assert len({row["key"] for row in rows}) == 2


def test_the_same_meeting_seen_through_two_accounts_stays_two_events(desk: Desk, planning: str) -> None:
    desk.connected("--select", SUPPORT, email=SUPPORT)
    add(desk, "Review", "--guest", SUPPORT, calendar=MINE)
    quiet(desk)

    rows = [row for row in desk.events(*WEEK) if row["summary"] == "Review"]
    assert sorted(row["calendar"] for row in rows) == ["Planning", SUPPORT]
    shown = [desk.json("events", "show", row["key"]) for row in rows]
    assert len({one["ical_uid"] for one in shown}) == 1
