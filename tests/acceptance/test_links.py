"""Calendars that live only here, kept in Google by links; each link works or fails on its own."""

from __future__ import annotations

from typing import Any

import pytest

from calsyncctl.model.event import Body, Content, When
from calsyncctl.store import calendars
from calsyncctl.store.db import open_store
from calsyncctl.sync.editing.edit import Draft, EditMeans, add_event
from tests.support.desk import SUPPORT, WORK, Desk

Json = dict[str, Any]


@pytest.fixture
def linked(desk: Desk) -> Desk:
    """A desk with a native calendar Reception, and an empty google calendar Front linked to it."""
    desk.google.add_calendar(WORK, "Front", timeZone="Europe/Berlin")
    desk.google.add_calendar(WORK, "Back", timeZone="Europe/Berlin")
    desk.connected("--select", "Front", "--select", "Back")
    desk.ok("calendars", "add", "Reception", "--zone", "Europe/Berlin")
    desk.ok("links", "add", "Reception", "Front")
    desk.google.reset_counters()
    return desk


def titles(desk: Desk, name: str, account: str = WORK) -> list[str]:
    """Return what is alive on a google calendar."""
    facts = next(one for one in desk.json("calendars", "list") if (one["name"], one["account"]) == (name, account))
    return sorted(one.get("summary", "") for one in desk.google.listed(facts["google_id"]))


def add(desk: Desk, title: str, *more: str) -> str:
    made = desk.json("events", "add", "Reception", title, "--start", "2030-01-07 12:00", *more)
    return str(made["key"])


def quiet(desk: Desk) -> None:
    desk.google.reset_counters()
    desk.ok("sync")
    assert desk.google.counters()["writes"] == 0


@pytest.mark.feature("B1")
def test_a_members_tasks_events_and_appointments_all_appear_in_google(linked: Desk) -> None:
    linked.ok("assignees", "add", "agent:jane")
    linked.ok("calendars", "assign", "Reception", "agent:jane")
    for kind in ("event", "appointment", "task"):
        add(linked, f"A {kind}", "--kind", kind)
    linked.ok("sync")

    assert titles(linked, "Front") == ["A appointment", "A event", "A task"]
    rows = linked.events("--assignee", "agent:jane", "--from", "2030-01-07", "--days", "1")
    assert sorted(one["kind"] for one in rows) == ["appointment", "event", "task"]
    quiet(linked)


@pytest.mark.feature("B1")
def test_they_are_changed_and_deleted_there_as_they_are_here(linked: Desk) -> None:
    key = add(linked, "Visit", "--push")
    linked.ok("events", "edit", key, "--title", "Long visit", "--push")
    assert titles(linked, "Front") == ["Long visit"]
    linked.ok("events", "delete", key, "--push")
    assert titles(linked, "Front") == []
    quiet(linked)


@pytest.mark.feature("C10")
def test_one_calendar_is_linked_to_several_of_one_account_and_of_others(linked: Desk) -> None:
    linked.connected("--select", SUPPORT, email=SUPPORT)
    linked.ok("links", "add", "Reception", "Back")
    linked.ok("links", "add", "Reception", f"{SUPPORT}/{SUPPORT}")
    linked.ok("links", "add", "Reception", "Front")  # again: changes nothing, takes none away
    add(linked, "Visit", "--push")

    assert [(one["target"], one["copies"], one["waiting"]) for one in linked.json("links", "list")] == [
        ("Front", 1, 0),
        ("Back", 1, 0),
        (SUPPORT, 1, 0),
    ]
    for name, account in (("Front", WORK), ("Back", WORK), (SUPPORT, SUPPORT)):
        assert "Visit" in titles(linked, name, account)
    quiet(linked)


@pytest.mark.feature("C10")
def test_the_same_link_again_changes_nothing_and_other_terms_are_refused(linked: Desk) -> None:
    before = linked.json("links", "list")

    assert linked.json("links", "add", "Reception", "Front")["from_instant"] == before[0]["from_instant"]
    refused = linked.run("links", "add", "Reception", "Front", "--when-deleted", "republish")
    assert (refused.code, "calsyncctl links edit" in refused.err) == (2, True)
    assert linked.json("links", "list") == before


@pytest.mark.feature("C11")
@pytest.mark.parametrize(("gone", "stands"), [("Front", "Back"), ("Back", "Front")])
def test_a_deleted_calendar_stops_its_own_link_and_no_other(linked: Desk, gone: str, stands: str) -> None:
    """Whichever of them has its turn first."""
    linked.ok("links", "add", "Reception", "Back")
    linked.google.admin("DELETE", f"/calendars/{linked.calendar(gone)['google_id']}")
    add(linked, "Visit")
    linked.run("sync")

    assert titles(linked, stands) == ["Visit"]
    found = {one["target"]: one for one in linked.json("links", "list")}
    broken, well = found[gone], found[stands]
    assert (broken["state"], broken["waiting"]) == ("hindered", 1)
    assert broken["errors"]
    assert (well["state"], well["waiting"], well["errors"]) == ("active", 0, [])


@pytest.mark.feature("C11")
def test_a_dead_sign_in_stops_its_own_links_and_no_other(linked: Desk) -> None:
    linked.connected("--select", SUPPORT, email=SUPPORT)
    linked.ok("links", "add", "Reception", f"{SUPPORT}/{SUPPORT}")
    linked.google.revoke(SUPPORT)
    linked.google.expire_access_tokens(SUPPORT)
    add(linked, "Visit")

    assert linked.run("sync").code == 4
    assert titles(linked, "Front") == ["Visit"]
    well, broken = linked.json("links", "list")
    assert (well["errors"], broken["waiting"]) == ([], 1)
    assert SUPPORT in broken["errors"][0]
    linked.connected(email=SUPPORT)
    linked.ok("sync")
    assert "Visit" in titles(linked, SUPPORT, SUPPORT)


def test_a_link_holds_what_ends_after_it_was_made_unless_told_otherwise(linked: Desk) -> None:
    add(linked, "To come")
    linked.ok("events", "add", "Reception", "Long ago", "--start", "2020-01-07 12:00")
    linked.ok("links", "add", "Reception", "Back")
    linked.ok("sync")
    assert titles(linked, "Back") == ["To come"]

    linked.ok("links", "edit", "Reception", "Back", "--from", "2020-01-01")
    linked.ok("sync")
    assert titles(linked, "Back") == ["Long ago", "To come"]
    quiet(linked)


@pytest.mark.feature("C12")
def test_republish_makes_a_deleted_copy_afresh_at_the_next_change(linked: Desk) -> None:
    linked.ok("links", "edit", "Reception", "Front", "--when-deleted", "republish")
    key = add(linked, "Visit", "--push")
    front = linked.calendar("Front")["google_id"]
    linked.google.delete(front, linked.google.listed(front)[0]["id"])
    linked.ok("sync")
    assert (titles(linked, "Front"), linked.json("events", "show", key)["deleted"]) == ([], False)

    linked.ok("events", "edit", key, "--title", "Another visit", "--push")
    assert titles(linked, "Front") == ["Another visit"]
    quiet(linked)


def test_delete_deletes_the_event_here_and_on_every_link(linked: Desk) -> None:
    linked.ok("links", "add", "Reception", "Back")
    key = add(linked, "Visit", "--push")
    front = linked.calendar("Front")["google_id"]
    linked.google.delete(front, linked.google.listed(front)[0]["id"])
    linked.ok("sync")
    linked.ok("sync")

    assert linked.json("events", "show", key)["deleted"] is True
    assert titles(linked, "Back") == []


def test_guests_are_written_to_the_one_copy_that_invites(linked: Desk) -> None:
    linked.ok("links", "add", "Reception", "Back", "--invites")
    add(linked, "Visit", "--guest", "guest@example.org", "--push")

    def guests(name: str) -> list[Json]:
        (one,) = linked.google.listed(linked.calendar(name)["google_id"])
        return list(one.get("attendees", []))

    assert (len(guests("Front")), len(guests("Back"))) == (0, 1)
    quiet(linked)


def test_unlinking_deletes_nothing_in_google_and_sends_nothing_more(linked: Desk) -> None:
    key = add(linked, "Visit", "--push")
    linked.ok("links", "delete", "Reception", "Front")
    linked.ok("events", "edit", key, "--title", "Another visit")
    linked.ok("sync")

    assert titles(linked, "Front") == ["Visit"]
    quiet(linked)
    linked.ok("events", "delete", key)
    linked.ok("sync")
    assert titles(linked, "Front") == ["Visit"]


def test_linked_again_the_old_copies_are_found_and_brought_up_to_date(linked: Desk) -> None:
    key = add(linked, "Visit", "--push")
    linked.ok("links", "delete", "Reception", "Front")
    linked.ok("events", "edit", key, "--title", "Another visit")
    linked.ok("sync")
    linked.ok("links", "add", "Reception", "Front")
    linked.ok("sync")

    assert titles(linked, "Front") == ["Another visit"]
    quiet(linked)


def test_unlinking_with_the_copies_asks_and_deletes_them_in_google(linked: Desk) -> None:
    key = add(linked, "Visit", "--push")

    assert linked.run("links", "delete", "Reception", "Front", "--remove-copies").code == 2
    linked.ok("links", "delete", "Reception", "Front", "--remove-copies", "--yes")
    linked.ok("sync")
    assert titles(linked, "Front") == []
    assert linked.json("events", "show", key)["deleted"] is False


@pytest.fixture
def full(linked: Desk) -> Desk:
    """Reception has 120 past events, which its link does not hold, and one to come."""
    line = ("events", "add", "Reception", "Round", "--start", "2025-01-06 09:00", "--for", "15m")
    linked.ok(*line, "--repeat", "daily", "--times", "5")
    store = open_store(linked.home / "calsyncctl" / "default" / "calsyncctl.db")
    home = next(one for one in calendars.list_calendars(store) if one.name == "Reception")
    means = EditMeans(author="agent:jane", now=1_790_000_000, instance="tests0000000")
    for number in range(119):
        when = When(f"2025-02-03T{number // 60 + 9:02}:{number % 60:02}:00Z", "2025-02-03T23:00:00Z", "UTC")
        add_event(store, means, home, Draft(content=Content(f"Visit {number:03}", "confirmed", when, Body())))
    store.close()
    add(linked, "To come", "--push")
    linked.google.reset_counters()
    return linked


@pytest.mark.feature("B4")
def test_everything_here_is_pushed_to_the_chosen_calendar_once(full: Desk) -> None:
    assert len(full.json("links", "push-existing", "Reception", "Front", "--dry-run")["decisions"]) == 120
    asked = full.run("links", "push-existing", "Reception", "Front")
    assert (asked.code, "Send 120 events of “Reception” to “Front” in Google?" in asked.err) == (2, True)
    assert titles(full, "Front") == ["To come"]

    full.google.reset_counters()
    (row,) = full.json("links", "push-existing", "Reception", "Front", "--yes")["calendars"]
    assert (row["placed"], row["mails"]) == (120, 0)
    assert len(titles(full, "Front")) == len(set(titles(full, "Front"))) == 121
    assert full.google.requests() == {"GET events.list": 1, "POST batch": 3, "POST events.insert": 120}
    assert full.json("links", "push-existing", "Reception", "Front", "--yes")["calendars"][0]["placed"] == 0
    quiet(full)


@pytest.mark.feature("B4")
def test_a_push_of_everything_that_breaks_off_goes_on_with_the_next_sync(full: Desk) -> None:
    full.google.fault(path="events.insert", status=503, reason="backendError", count=0, skip=70)
    assert full.run("links", "push-existing", "Reception", "Front", "--yes").code == 75
    full.google.clear_faults()
    full.ok("sync")

    assert len(titles(full, "Front")) == len(set(titles(full, "Front"))) == 121
    quiet(full)


@pytest.mark.feature("B4")
def test_linking_and_pushing_everything_is_one_line(full: Desk) -> None:
    full.ok("links", "add", "Reception", "Back", "--push-existing", "--yes")

    assert len(titles(full, "Back")) == 121
    assert full.json("links", "show", "Reception", "Back")["from_instant"] is None
    assert full.run("links", "push-existing", "Reception", "Team").code == 2


@pytest.mark.feature("C2")
@pytest.mark.parametrize(
    ("source", "target", "code", "why"),
    [
        ("Reception", "Shared (read only)", 6, "your access role is reader"),
        ("Reception", "Team", 2, "takes no part in sync yet"),
        ("Front", "Back", 2, "lives in Google"),
        ("Reception", "Reception", 2, "is not in Google"),
    ],
)
def test_what_cannot_be_linked_says_why(linked: Desk, source: str, target: str, code: int, why: str) -> None:
    refused = linked.run("links", "add", source, target)

    assert (refused.code, why in refused.err) == (code, True), refused
