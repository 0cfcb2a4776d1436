"""History, runs, undo and restore through the installed command: both sides, later edits stay, nobody is mailed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from tests.support.desk import WORK, Desk

Json = dict[str, Any]


@pytest.fixture
def calendar(desk: Desk) -> str:
    """The id of a selected google calendar with three events, made there."""
    made = desk.google.add_calendar(WORK, "Planning", timeZone="Europe/Berlin")
    for title in ("Lunch", "Tea", "Yoga"):
        desk.google.insert(made, event(title))
    desk.connected("--select", "Planning")
    return made


def event(title: str) -> Json:
    return {
        "summary": title,
        "start": {"dateTime": "2030-01-07T09:00:00+01:00"},
        "end": {"dateTime": "2030-01-07T10:00:00+01:00"},
    }


def there(desk: Desk, calendar: str) -> dict[str, Json]:
    return {one["summary"]: one for one in desk.google.listed(calendar)}


def key_of(desk: Desk, title: str) -> str:
    rows = desk.events("--calendar", "Planning", "--from", "2030-01-01", "--to", "2030-02-01")
    return str(next(row["key"] for row in rows if row["summary"] == title))


def last_run(desk: Desk, kind: str = "sync") -> int:
    return int(desk.json("runs", "list", "--kind", kind)[0]["id"])


def mailed(desk: Desk) -> int:
    """How many writes asked Google to mail guests."""
    return sum("sendUpdates=all" in one["query"] for one in desk.google.log())


def quiet(desk: Desk) -> None:
    """A sync, then one that writes nothing."""
    desk.ok("sync")
    desk.google.reset_counters()
    desk.ok("sync")
    assert desk.google.counters()["writes"] == 0


@pytest.mark.feature("E2")
def test_a_whole_pass_is_undone_on_both_sides_and_later_edits_stay(desk: Desk, calendar: str) -> None:
    lunch = key_of(desk, "Lunch")
    desk.google.patch(calendar, there(desk, calendar)["Lunch"]["id"], {"summary": "Salad", "location": "Garden"})
    desk.google.delete(calendar, there(desk, calendar)["Tea"]["id"])
    desk.google.insert(calendar, event("Intruder"))
    desk.ok("sync")
    run = last_run(desk)
    desk.ok("events", "edit", lunch, "--location", "Roof")

    would = desk.json("undo", str(run), "--dry-run")
    assert {one["did"] for one in would["events"]} == {"changed", "restored", "deleted"}
    assert sorted(there(desk, calendar)) == ["Intruder", "Salad", "Yoga"]
    done = desk.json("undo", str(run))
    quiet(desk)

    assert [one["did"] for one in done["events"]] == [one["did"] for one in would["events"]]
    (kept,) = [one["kept"] for one in done["events"] if one["event"] == lunch]
    assert kept == [{"field": "location", "value": "Roof"}]
    assert sorted(there(desk, calendar)) == ["Lunch", "Tea", "Yoga"]
    assert there(desk, calendar)["Lunch"]["location"] == "Roof"


@pytest.mark.feature("E2")
def test_runs_say_what_was_changed_here_and_what_was_sent(desk: Desk, calendar: str) -> None:
    lunch = key_of(desk, "Lunch")
    desk.ok("events", "edit", lunch, "--title", "Soup")
    desk.google.patch(calendar, there(desk, calendar)["Tea"]["id"], {"summary": "Coffee"})
    desk.ok("sync")

    sync, edit, *_ = desk.json("runs", "list")
    assert (sync["kind"], sync["changed"], sync["updated"], sync["outcome"]) == ("sync", 1, 1, "done")
    assert (edit["kind"], edit["changed"], edit["account"]) == ("edit", 1, WORK)
    entry = desk.json("runs", "show", str(sync["id"]))
    change = {"field": "summary", "before": "Tea", "after": "Coffee"}
    assert [one["change"]["changes"] for one in entry["changed"]] == [[change]]
    assert [(one["event"], one["change"]["run"]) for one in entry["sent"]] == [(lunch, edit["id"])]
    shown = desk.ok("runs", "show", str(sync["id"])).out
    assert "title: “Tea” → “Coffee”" in shown
    assert "Sent to Google:" in shown


@pytest.mark.feature("E2")
def test_the_last_change_of_an_event_is_undone_and_done_again(desk: Desk, calendar: str) -> None:
    lunch = key_of(desk, "Lunch")
    desk.ok("events", "edit", lunch, "--title", "Soup", "--push")

    desk.ok("undo", lunch, "--push")
    assert "Lunch" in there(desk, calendar)
    desk.ok("undo", lunch, "--push")

    assert "Soup" in there(desk, calendar)
    authors = [one["author"] for one in desk.json("events", "history", lunch)]
    assert authors[-2:] == ["undo", "undo"]
    assert "undid run" in desk.ok("events", "history", lunch).out


@pytest.mark.feature("E2")
def test_undo_mails_nobody(desk: Desk, calendar: str) -> None:
    add = ("events", "add", "Planning", "Party", "--start", "2030-01-08 12:00", "--guest", "guest@example.org")
    made = desk.json(*add, "--push")
    desk.ok("events", "edit", made["key"], "--title", "Ball", "--push")
    mails = mailed(desk)

    desk.ok("undo", made["key"], "--push")

    assert "Party" in there(desk, calendar)
    assert mailed(desk) == mails == 2


def test_google_is_told_by_the_same_undo_once_more_if_it_was_cut_off_before(desk: Desk, calendar: str) -> None:
    desk.google.patch(calendar, there(desk, calendar)["Lunch"]["id"], {"location": "Garden"})
    desk.ok("sync")
    run = str(last_run(desk))
    desk.ok("undo", run)

    again = desk.ok("undo", run)
    assert "Nothing is left of run" in again.err
    assert "Google has not been told yet" in again.err
    desk.ok("undo", run, "--push")

    assert "location" not in there(desk, calendar)["Lunch"]
    assert "not been told" not in desk.ok("undo", run, "--push").err


@pytest.mark.feature("E2")
def test_more_than_a_few_events_are_asked_about_first(desk: Desk, calendar: str) -> None:
    for number in range(6):
        desk.google.insert(calendar, event(f"Item {number}"))
    desk.ok("sync")
    run = str(last_run(desk))

    refused = desk.run("undo", run)
    assert (refused.code, "6 events" in refused.err) == (2, True)
    desk.ok("undo", run, "--yes")
    quiet(desk)

    assert sorted(there(desk, calendar)) == ["Lunch", "Tea", "Yoga"]


@pytest.mark.feature("E2")
def test_what_may_not_be_changed_here_is_named(desk: Desk, calendar: str) -> None:
    desk.google.patch(calendar, there(desk, calendar)["Tea"]["id"], {"summary": "Coffee"})
    desk.ok("sync")
    run = str(last_run(desk))
    desk.ok("calendars", "mode", "Planning", "read-only")

    refused = desk.run("undo", run)

    assert refused.code == 6
    assert "is synced read-only" in refused.err
    assert desk.json("undo", run, "--dry-run")["events"][0]["did"] == "refused"


@pytest.mark.feature("E2")
def test_a_version_is_restored_and_later_edits_of_other_fields_stay(desk: Desk, calendar: str) -> None:
    lunch = key_of(desk, "Lunch")
    desk.ok("events", "edit", lunch, "--title", "Soup")
    desk.ok("events", "edit", lunch, "--location", "Roof")

    done = desk.ok("events", "restore", lunch, "--version", "1", "--push")
    assert "Stays as changed since: location: “Roof”" in done.err
    assert there(desk, calendar)["Lunch"]["location"] == "Roof"
    desk.ok("events", "restore", lunch, "--version", "1", "--whole", "--push")

    assert "location" not in there(desk, calendar)["Lunch"]


@pytest.mark.feature("E1")
def test_the_value_that_a_conflict_did_not_choose_returns_unless_it_was_edited_since(desk: Desk, calendar: str) -> None:
    lunch = key_of(desk, "Lunch")
    desk.ok("events", "edit", lunch, "--title", "Soup", "--location", "Roof")
    desk.google.patch(calendar, there(desk, calendar)["Lunch"]["id"], {"summary": "Salad", "location": "Garden"})
    desk.ok("sync")
    (entry,) = desk.json("review", "list", "--kind", "conflict")
    desk.ok("events", "edit", lunch, "--location", "Cellar")

    done = desk.run("review", "restore", entry["id"])
    quiet(desk)

    assert "location" in done.err
    assert there(desk, calendar)["Soup"]["location"] == "Cellar"


def test_what_cannot_be_undone_says_why(desk: Desk, calendar: str) -> None:
    first = last_run(desk)
    assert "for the first time" in desk.run("undo", str(first)).err
    assert desk.run("undo", "999").code == 3
    assert "There is no run 99999999" in desk.run("undo", "99999999").err
    assert desk.run("runs", "show", "999").code == 3
    assert desk.run("undo", key_of(desk, "Tea")).code == 3
    assert desk.run("undo", "9" * 31).code == desk.run("runs", "show", "9" * 31).code == 3


def test_digits_alone_mean_a_run_though_an_event_s_key_begins_so(desk: Desk, calendar: str) -> None:
    lunch = key_of(desk, "Lunch")
    desk.ok("events", "edit", lunch, "--title", "Soup")
    with closing(sqlite3.connect(next(desk.home.rglob("calsyncctl.db")))) as store, store:
        store.execute("UPDATE event SET key = '99991234' || substr(key, 9) WHERE key = ?", [lunch])

    refused = desk.run("undo", "99991234")
    assert (refused.code, key_of(desk, "Soup")[:8]) == (3, "99991234")
    assert "There is no run 99991234" in refused.err
    assert "of an event's key, type more letters" in refused.err
    desk.ok("undo", key_of(desk, "Soup"))
