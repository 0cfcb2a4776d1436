"""Series through the installed command: occurrences that go along, and those that Google may not change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.desk import WORK, Desk

Json = dict[str, Any]
MONDAYS = ("--start", "2030-01-07 09:00", "--for", "30m", "--repeat", "weekly", "--times", "4")


def planning(desk: Desk, mode: str) -> str:
    """Select an empty google calendar in a mode; return its id there."""
    calendar = desk.google.add_calendar(WORK, "Planning", timeZone="UTC")
    desk.connected("--no-sync")
    desk.ok("calendars", "select", "Planning", "--mode", mode)
    return calendar


def there(desk: Desk, calendar: str) -> list[tuple[str, str]]:
    """Return (title, start) of what takes place in Google, by start."""
    window = {"singleEvents": "true", "timeMin": "2030-01-01T00:00:00Z", "timeMax": "2030-03-01T00:00:00Z"}
    found = desk.google.listed(calendar, **window)
    return sorted(
        ((one["summary"], str(one["start"].get("dateTime", one["start"].get("date")))[:16]) for one in found),
        key=lambda one: one[1],
    )


def quiet(desk: Desk) -> None:
    """See that nothing is left to do: one more sync writes nothing, and a check finds nothing."""
    desk.ok("sync")
    desk.google.reset_counters()
    desk.ok("sync")
    assert desk.google.counters()["writes"] == 0
    desk.ok("reconcile", "--check")


@pytest.mark.feature("A1", "A11")
def test_a_changed_occurrence_goes_along_when_its_series_moves(desk: Desk) -> None:
    calendar = planning(desk, "two-way")
    made = desk.json("events", "add", "Planning", "Standup", *MONDAYS, "--push")
    desk.ok("events", "edit", made["key"], "--this", "2030-01-14", "--title", "Review", "--push")

    desk.ok("events", "edit", made["key"], "--all", "--start", "2030-01-07 15:00", "--push")

    assert there(desk, calendar) == [
        ("Standup", "2030-01-07T15:00"),
        ("Review", "2030-01-14T15:00"),
        ("Standup", "2030-01-21T15:00"),
        ("Standup", "2030-01-28T15:00"),
    ]
    quiet(desk)


@pytest.mark.feature("A1", "E1")
def test_an_occurrence_changed_in_google_and_here_keeps_both_changes(desk: Desk) -> None:
    calendar = planning(desk, "two-way")
    made = desk.json("events", "add", "Planning", "Standup", *MONDAYS, "--push")
    (series,) = desk.google.listed(calendar)
    desk.ok("events", "edit", made["key"], "--this", "2030-01-14", "--title", "Review")
    desk.google.patch(calendar, f"{series['id']}_20300114T090000Z", {"location": "Canteen"})

    desk.ok("sync")

    changed = desk.google.get(calendar, f"{series['id']}_20300114T090000Z")
    assert (changed["summary"], changed["location"]) == ("Review", "Canteen")
    quiet(desk)


@pytest.mark.feature("B7")
@pytest.mark.parametrize("mode", ["one-way", "push-only"])
def test_an_occurrence_of_ours_that_google_changes_is_written_back(desk: Desk, mode: str) -> None:
    calendar = planning(desk, mode)
    made = desk.json("events", "add", "Planning", "Standup", *MONDAYS, "--push")
    (series,) = desk.google.listed(calendar)
    desk.google.patch(calendar, f"{series['id']}_20300114T090000Z", {"summary": "Hijacked"})

    desk.ok("sync")

    assert [title for title, _ in there(desk, calendar)] == ["Standup"] * 4
    assert desk.json("events", "show", made["key"])["summary"] == "Standup"
    quiet(desk)


@pytest.mark.feature("E1")
def test_an_event_that_google_never_lets_be_written_says_later(desk: Desk) -> None:
    planning(desk, "two-way")
    made = desk.json("events", "add", "Planning", "Standup", "--start", "2030-01-07 09:00", "--push")
    desk.google.fault(path="events.patch", status=412, reason="conditionNotMet", count=0)
    desk.ok("events", "edit", made["key"], "--title", "Review")

    said = desk.run("sync")

    assert said.code == 75, said
    assert "kept changing in Google" in said.err
    desk.google.clear_faults()


@pytest.mark.feature("E4")
def test_a_plan_says_of_an_event_that_google_never_lets_be_written_that_it_moved_on(desk: Desk, tmp_path: Path) -> None:
    planning(desk, "two-way")
    made = desk.json("events", "add", "Planning", "Standup", "--start", "2030-01-07 09:00", "--push")
    desk.ok("events", "edit", made["key"], "--title", "Review")
    plan = str(tmp_path / "plan.json")
    desk.ok("sync", "--plan", plan)
    desk.google.fault(path="events.patch", status=412, reason="conditionNotMet", count=0)

    said = desk.run("apply", plan, "--json")

    (one,) = said.json()["decisions"]
    assert (said.code, one["fate"], "kept changing in Google" in one["why"]) == (5, "moved on", True), said


@pytest.mark.feature("E18")
def test_a_cancelled_occurrence_is_called_by_its_series_and_its_day_in_plans_and_runs(desk: Desk) -> None:
    calendar = planning(desk, "two-way")
    desk.ok("events", "add", "Planning", "Standup", *MONDAYS, "--push")
    (series,) = desk.google.listed(calendar)
    desk.google.delete(calendar, f"{series['id']}_20300114T090000Z")

    (planned,) = desk.json("sync", "--dry-run")["decisions"]
    desk.ok("sync")
    run = desk.json("runs", "list")[0]["id"]

    assert planned["title"] == "Standup, 2030-01-14"
    assert "Standup, 2030-01-14 (Planning), cancelled" in desk.ok("runs", "show", str(run)).out
