"""Everything compared with Google and repaired, through the installed command."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from tests.support.desk import SUPPORT, WORK, Desk

Json = dict[str, Any]


def event(title: str) -> Json:
    return {
        "summary": title,
        "start": {"dateTime": "2030-01-07T09:00:00+01:00"},
        "end": {"dateTime": "2030-01-07T10:00:00+01:00"},
    }


@pytest.fixture
def calendar(desk: Desk) -> str:
    """The id of a selected google calendar with five events."""
    made = desk.google.add_calendar(WORK, "Planning", timeZone="Europe/Berlin")
    for number in range(5):
        desk.google.insert(made, event(f"Item {number}"))
    desk.connected("--select", "Planning")
    desk.google.reset_counters()
    return made


def damage(desk: Desk, sql: str) -> None:
    """Change the store behind the program's back."""
    store = next(desk.home.rglob("calsyncctl.db"))
    with sqlite3.connect(store) as connection:
        connection.execute(sql)
    connection.close()


def counts(done: Json) -> dict[str, int]:
    """Return the differences of the only calendar, by kind."""
    return {one["kind"]: one["count"] for one in done["calendars"][0]["counts"]}


def others(done: Json) -> dict[str, int]:
    return {one["instance"]: one["count"] for one in done["calendars"][0]["others"]}


def writes(desk: Desk) -> int:
    return int(desk.google.counters()["writes"])


@pytest.mark.feature("A14")
def test_two_equal_sides_are_found_equal_without_a_write(desk: Desk, calendar: str) -> None:
    done = desk.json("reconcile")

    (row,) = done["calendars"]
    assert (row["compared"], row["counts"], row["repaired"], done["exit_code"]) == (5, [], 0, 0)
    assert writes(desk) == 0
    assert desk.ok("-q", "reconcile").err == ""


@pytest.mark.feature("A14")
def test_a_damaged_event_is_found_by_a_check_and_repaired(desk: Desk, calendar: str) -> None:
    damage(desk, "UPDATE event SET summary = 'Damaged' WHERE summary = 'Item 3'")

    checked = desk.run("reconcile", "--check", "--json")
    assert checked.code == 5
    (difference,) = checked.json()["calendars"][0]["differences"]
    assert (difference["kind"], difference["fields"], difference["repaired"]) == ("differing", ["summary"], False)
    assert desk.ok("reconcile", "--dry-run").code == 0
    assert "differing: summary" in desk.run("reconcile", "--check").err

    repaired = desk.json("reconcile")
    assert (repaired["calendars"][0]["repaired"], repaired["calendars"][0]["left"]) == (1, 0)
    assert counts(desk.json("reconcile", "--check")) == {}
    assert "Item 3" in [one["summary"] for one in desk.events("--from", "2030-01-01", "--to", "2030-02-01")]
    assert writes(desk) == 0


@pytest.mark.feature("A14")
def test_a_check_names_what_waits_on_either_side_and_moves_nothing(desk: Desk, calendar: str) -> None:
    desk.ok("events", "add", "Planning", "Ours", "--start", "2030-01-08 12:00")
    desk.google.insert(calendar, event("Theirs"))

    for _ in range(2):
        checked = desk.run("reconcile", "--check", "--json")
        assert checked.code == 5
        assert counts(checked.json()) == {"missing-here": 1, "missing-there": 1}
    assert writes(desk) == 0

    desk.ok("reconcile")
    assert {"Ours", "Theirs"} <= {one["summary"] for one in desk.google.listed(calendar)}
    assert desk.ok("reconcile", "--check").code == 0


@pytest.mark.feature("A14")
def test_what_was_lost_in_the_store_comes_back_and_nothing_is_doubled(desk: Desk, calendar: str) -> None:
    desk.ok("events", "add", "Planning", "Ours", "--start", "2030-01-08 12:00", "--push")
    desk.ok("sync")
    desk.google.reset_counters()
    damage(desk, "DELETE FROM copy WHERE event_id IN (SELECT id FROM event WHERE summary IN ('Ours', 'Item 1'))")
    damage(desk, "DELETE FROM event WHERE summary IN ('Ours', 'Item 1')")

    done = desk.json("reconcile")

    assert counts(done) == {"missing-here": 1, "orphan": 1}
    assert done["calendars"][0]["repaired"] == 2
    assert writes(desk) == 0
    assert len(desk.google.listed(calendar)) == 6
    assert counts(desk.json("reconcile", "--check")) == {}


@pytest.mark.feature("A14")
def test_only_what_is_named_is_compared(desk: Desk, calendar: str) -> None:
    desk.google.add_calendar(SUPPORT, "Desk", timeZone="Europe/Berlin")
    desk.connected("--select", "Desk", email=SUPPORT)

    assert [one["name"] for one in desk.json("reconcile", "--account", SUPPORT)["calendars"]] == ["Desk"]
    assert [one["name"] for one in desk.json("reconcile", "--calendar", "Planning")["calendars"]] == ["Planning"]
    assert desk.run("reconcile", "--calendar", "Nowhere").code == 3


@pytest.mark.feature("A14")
def test_held_deletions_need_a_person_under_cron_too(desk: Desk, calendar: str) -> None:
    for one in desk.google.listed(calendar):
        desk.google.delete(calendar, one["id"])

    first = desk.run("-q", "reconcile")
    assert first.code == 5
    assert "all 5 events were deleted in Google" in first.err
    assert first.out == ""
    assert desk.run("-q", "reconcile").code == 5
    assert len(desk.events("--from", "2030-01-01", "--to", "2030-02-01")) == 5


@pytest.mark.feature("A14")
def test_one_accounts_trouble_leaves_the_others_reconciled(desk: Desk, calendar: str) -> None:
    desk.google.add_calendar(SUPPORT, "Desk", timeZone="Europe/Berlin")
    desk.connected("--select", "Desk", email=SUPPORT)
    desk.google.revoke(SUPPORT)
    desk.google.expire_access_tokens(SUPPORT)

    done = desk.run("reconcile", "--json")

    assert done.code == 4
    rows = {one["name"]: one for one in done.json()["calendars"]}
    assert rows["Planning"]["error"] is None
    assert rows["Planning"]["compared"] == 5


def forget(desk: Desk) -> None:
    """Lose the store, with all that SQLite keeps beside it."""
    for file in desk.home.rglob("calsyncctl.db*"):
        file.unlink()


@pytest.mark.feature("E17")
def test_a_lost_store_knows_everything_again_and_inserts_nothing(desk: Desk, calendar: str) -> None:
    keys = [
        desk.json("events", "add", "Planning", f"Ours {number}", "--start", f"2030-01-{number + 10} 12:00")["key"]
        for number in range(4)
    ]
    desk.ok("events", "add", "Planning", "Daily", "--start", "2030-01-14 08:00", "--repeat", "daily", "--times", "3")
    desk.ok("sync")
    standing = len(desk.google.listed(calendar))
    desk.google.reset_counters()

    forget(desk)
    desk.connected("--select", "Planning")
    desk.ok("sync")

    assert writes(desk) == 0
    assert len(desk.google.listed(calendar)) == standing
    shown = {one["summary"]: one["key"] for one in desk.events("--from", "2030-01-01", "--to", "2030-02-01")}
    assert [shown[f"Ours {number}"] for number in range(4)] == keys
    assert counts(desk.json("reconcile", "--check")) == {}

    desk.ok("events", "edit", keys[0], "--title", "Ours again", "--push")
    assert len(desk.google.listed(calendar)) == standing


@pytest.mark.feature("E17")
def test_a_lost_store_with_links_gets_its_native_events_back(desk: Desk, calendar: str) -> None:
    desk.ok("calendars", "add", "Reception", "--zone", "Europe/Berlin")
    desk.ok("links", "add", "Reception", "Planning")
    key = desk.json("events", "add", "Reception", "Ours", "--start", "2030-01-10 12:00")["key"]
    desk.ok("sync")
    desk.google.reset_counters()

    forget(desk)
    desk.connected("--select", "Planning", "--no-sync")
    desk.ok("calendars", "add", "Reception", "--zone", "Europe/Berlin")
    desk.ok("links", "add", "Reception", "Planning")
    desk.ok("sync")

    assert writes(desk) == 0
    (event_,) = [one for one in desk.events("--from", "2030-01-01", "--to", "2030-02-01") if one["summary"] == "Ours"]
    assert (event_["key"], event_["calendar"]) == (key, "Reception")


@pytest.mark.feature("E17")
def test_another_installations_events_are_taken_over(desk: Desk, calendar: str) -> None:
    key = desk.json("events", "add", "Planning", "Ours", "--start", "2030-01-10 12:00", "--push")["key"]
    old = desk.json("config", "get", "instance")["value"]
    forget(desk)
    desk.ok("config", "set", "instance", "new000000000", "--yes")
    desk.connected("--select", "Planning")
    assert others(desk.json("reconcile")) == {old: 1}
    desk.google.reset_counters()

    done = desk.json("reconcile", "--adopt", old)

    assert done["calendars"][0]["error"] is None
    assert writes(desk) == 1
    (event_,) = [one for one in desk.events("--from", "2030-01-01", "--to", "2030-02-01") if one["summary"] == "Ours"]
    assert event_["key"] == key
    assert others(desk.json("reconcile")) == {}
    assert desk.run("reconcile", "--adopt", "new000000000").code == 2
    gone = desk.run("reconcile", "--adopt", "nobody")
    assert (gone.code, "Nothing on these calendars was made by" in gone.err) == (3, True)


@pytest.mark.feature("A14")
def test_what_stands_beside_its_own_event_on_another_calendar_goes(desk: Desk) -> None:
    """As a move in Google left it that nobody heard of in time: its mark names the event, it is known as another."""
    for name in ("Planning", "Second"):
        second = desk.google.add_calendar(WORK, name, timeZone="Europe/Berlin")
    desk.connected("--select", "Planning", "--select", "Second")
    key = desk.json("events", "add", "Planning", "Ours", "--start", "2030-01-10 12:00")["key"]
    beside = desk.google.insert(second, event("Ours"))["id"]
    desk.ok("sync")
    instance = desk.ok("config", "get", "instance").out.strip()
    mark = {"managed_by": "calsyncctl", "calsyncctl_instance": instance, "calsyncctl_key": key, "calsyncctl_id": beside}
    desk.google.patch(second, beside, {"extendedProperties": {"private": mark}})
    desk.ok("sync")

    damage(desk, "UPDATE version SET at = at - 60")
    assert desk.run("reconcile", "--check").code == 5
    done = desk.json("reconcile")

    assert done["exit_code"] == 0
    standing = [one["calendar"] for one in desk.events("--from", "2030-01-01", "--to", "2030-02-01")]
    assert (standing, desk.google.listed(second)) == (["Planning"], [])
    assert desk.run("reconcile", "--check").code == 0
