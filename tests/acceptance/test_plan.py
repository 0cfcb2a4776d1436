"""See it first: dry-runs, plans and their application, through the installed command."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.support.desk import WORK, Desk

Json = dict[str, Any]


def event(title: str, **more: Any) -> Json:
    return {
        "summary": title,
        "start": {"dateTime": "2030-01-07T09:00:00+01:00"},
        "end": {"dateTime": "2030-01-07T10:00:00+01:00"},
        **more,
    }


@pytest.fixture
def calendar(desk: Desk) -> str:
    """A google calendar, synced once, with something to be brought in and something to be sent."""
    made = desk.google.add_calendar(WORK, "Planning", timeZone="Europe/Berlin")
    for title in ("Breakfast", "Lunch", "Supper"):
        desk.google.insert(made, event(title))
    desk.connected("--select", "Planning")
    items = {one["summary"]: one["id"] for one in desk.google.listed(made)}
    desk.google.patch(made, items["Breakfast"], {"summary": "Early breakfast"})
    desk.google.insert(made, event("Theirs"))
    desk.google.delete(made, items["Supper"])
    desk.ok("events", "edit", key_of(desk, "Lunch"), "--title", "Late lunch")
    desk.ok("events", "add", "Planning", "Ours", "--start", "2030-01-08 12:00", "--guest", "ann@example.com")
    desk.google.reset_counters()
    return made


def key_of(desk: Desk, title: str) -> str:
    found = desk.events("--from", "2030-01-01", "--to", "2030-02-01")
    return str(next(one["key"] for one in found if one["summary"] == title))


def here(desk: Desk) -> list[str]:
    return sorted(one["summary"] for one in desk.events("--from", "2030-01-01", "--to", "2030-02-01"))


def there(desk: Desk, calendar: str) -> list[str]:
    return sorted(one["summary"] for one in desk.google.listed(calendar))


def writes(desk: Desk) -> int:
    return int(desk.google.counters()["writes"])


def steps(plan: Json) -> set[tuple[str, str, str]]:
    return {(one["side"], one["step"], one["title"]) for one in plan["decisions"]}


EXPECTED = {
    ("here", "changed", "Early breakfast"),
    ("here", "added", "Theirs"),
    ("here", "deleted", "Supper"),
    ("google", "patch", "Late lunch"),
    ("google", "insert", "Ours"),
}


@pytest.mark.feature("E4")
@pytest.mark.feature("E18")
def test_a_dry_run_tells_what_a_sync_would_do_and_changes_nothing(desk: Desk, calendar: str) -> None:
    before = here(desk)
    for _ in range(2):
        plan = desk.json("sync", "--dry-run")
        assert steps(plan) == EXPECTED
    assert plan["mailed"] == ["ann@example.com"]
    assert (here(desk), writes(desk)) == (before, 0)
    shown = desk.ok("sync", "--dry-run")
    assert "title: “Lunch” → “Late lunch”" in shown.out
    assert "mails ann@example.com" in shown.out
    assert "Here: 1 added, 1 changed, 1 deleted. In Google: 1 insert, 1 patch." in shown.err

    done = desk.json("sync")["calendars"][0]

    assert (done["new"], done["changed"], done["deleted"], done["placed"], done["updated"]) == (1, 1, 1, 1, 1)
    assert desk.json("sync", "--dry-run")["decisions"] == []


@pytest.mark.feature("E4")
def test_a_plan_is_applied_exactly_and_leaves_a_sync_nothing_to_do(desk: Desk, calendar: str, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    desk.ok("sync", "--plan", str(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    done = desk.json("--as", "agent:jane", "apply", str(file))

    assert (done["done"], done["moved_on"], done["already"]) == (5, 0, 0)
    assert here(desk) == there(desk, calendar) == ["Early breakfast", "Late lunch", "Ours", "Theirs"]
    desk.google.reset_counters()
    row = desk.json("sync")["calendars"][0]
    assert (row["new"], row["changed"], row["deleted"], writes(desk)) == (0, 0, 0, 0)
    again = desk.json("apply", str(file))
    assert (again["done"], again["already"], again["exit_code"], writes(desk)) == (0, 5, 0, 0)
    run = desk.json("runs", "list")[0]
    assert (run["kind"], run["author"]) == ("apply", "agent:jane")


@pytest.mark.feature("E4")
def test_what_moved_on_is_skipped_and_listed(desk: Desk, calendar: str, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    desk.ok("sync", "--plan", str(file))
    items = {one["summary"]: one["id"] for one in desk.google.listed(calendar)}
    desk.google.patch(calendar, items["Early breakfast"], {"summary": "Brunch"})
    desk.ok("events", "edit", key_of(desk, "Lunch"), "--title", "No lunch") if "Lunch" in here(desk) else desk.ok(
        "events", "edit", key_of(desk, "Late lunch"), "--title", "No lunch"
    )
    desk.google.reset_counters()

    refused = desk.run("apply", str(file), "--all-or-nothing")
    assert refused.code == 5
    assert writes(desk) == 0
    assert "Theirs" not in here(desk)

    done = desk.run("apply", str(file), "--json")

    assert done.code == 5
    skipped = {one["decision"]["title"]: one["why"] for one in done.json()["decisions"] if one["fate"] == "moved on"}
    assert skipped == {
        "Early breakfast": "it was changed in Google since",
        "Late lunch": "it was changed here since",
    }
    assert {"Ours", "Theirs"} <= set(there(desk, calendar))
    desk.ok("sync")
    assert here(desk) == there(desk, calendar) == ["Brunch", "No lunch", "Ours", "Theirs"]


@pytest.mark.feature("E4")
def test_a_plan_of_a_first_listing_a_reconcile_and_a_back_fill(desk: Desk, tmp_path: Path) -> None:
    made = desk.google.add_calendar(WORK, "Planning", timeZone="Europe/Berlin")
    desk.google.insert(made, event("Theirs"))
    desk.connected("--select", "Planning", "--no-sync")
    file = tmp_path / "plan.json"
    desk.ok("sync", "--plan", str(file))
    assert desk.json("apply", str(file))["done"] == 1
    desk.ok("sync")

    desk.ok("calendars", "add", "Reception", "--zone", "Europe/Berlin")
    desk.ok("events", "add", "Reception", "Past", "--start", "2020-01-08 12:00")
    desk.ok("links", "add", "Reception", "Planning")
    planned = desk.json("links", "push-existing", "Reception", "Planning", "--plan", str(file))
    assert steps(planned) == {("google", "insert", "Past")}
    assert there(desk, made) == ["Theirs"]
    assert desk.json("apply", str(file))["done"] == 1
    assert there(desk, made) == ["Past", "Theirs"]
    assert desk.json("reconcile", "--dry-run")["decisions"] == []
    assert desk.json("links", "show", "Reception", "Planning")["from_instant"] is None


@pytest.mark.feature("E4")
def test_a_plan_that_was_edited_is_refused_and_so_is_another_installations(
    desk: Desk, calendar: str, tmp_path: Path
) -> None:
    file = tmp_path / "plan.json"
    desk.ok("sync", "--plan", str(file))
    plan = json.loads(file.read_text())
    edited = tmp_path / "edited.json"
    edited.write_text(json.dumps({**plan, "decisions": plan["decisions"][1:]}))
    newer = tmp_path / "newer.json"
    newer.write_text(json.dumps({**plan, "schema": 99}))
    none = tmp_path / "none.json"
    none.write_text("{}")

    for path, what in ((edited, "was changed after"), (newer, "newer calsyncctl"), (none, "not a plan")):
        refused = desk.run("apply", str(path))
        assert (refused.code, what in refused.err) == (2, True), refused
    desk.ok("config", "set", "instance", "other0000000", "--yes")
    assert desk.run("apply", str(file)).code == 6
    assert writes(desk) == 0


@pytest.mark.feature("E4")
def test_what_would_be_held_is_told_and_not_applied(desk: Desk, tmp_path: Path) -> None:
    made = desk.google.add_calendar(WORK, "Planning", timeZone="Europe/Berlin")
    for number in range(4):
        desk.google.insert(made, event(f"Item {number}"))
    desk.connected("--select", "Planning")
    for one in desk.google.listed(made):
        desk.google.delete(made, one["id"])
    file = tmp_path / "plan.json"

    planned = desk.run("sync", "--plan", str(file), "--json")

    assert planned.code == 5
    assert len(planned.json()["held"]) == 4
    assert planned.json()["decisions"] == []
    assert desk.json("review", "list") == []
    assert desk.json("apply", str(file))["done"] == 0
    assert len(here(desk)) == 4
