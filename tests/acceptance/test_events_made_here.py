"""Events made, changed and deleted here, through the installed command, as Google then has them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.desk import SUPPORT, WORK, Desk

Json = dict[str, Any]
MONDAYS = ("--start", "2030-01-07 09:00", "--for", "30m", "--repeat", "weekly", "--times", "6")
"""A series of six Mondays."""


@pytest.fixture
def team(desk: Desk) -> str:
    """The id of a google calendar that is selected at the desk, and empty."""
    calendar = desk.google.add_calendar(WORK, "Planning", timeZone="Europe/Berlin")
    desk.connected("--select", "Planning")
    desk.google.reset_counters()
    return calendar


def there(desk: Desk, calendar: str) -> list[Json]:
    """Return what is alive in Google, by start."""
    window = {"singleEvents": "true", "timeMin": "2026-01-01T00:00:00Z", "timeMax": "2031-01-01T00:00:00Z"}
    return sorted(desk.google.listed(calendar, **window), key=lambda one: str(one["start"]))


def starts(desk: Desk, calendar: str) -> list[str]:
    return [str(one["start"].get("dateTime", one["start"].get("date")))[:16] for one in there(desk, calendar)]


def quiet(desk: Desk) -> None:
    """See that nothing is left to do: one more sync writes nothing, on neither side."""
    desk.google.reset_counters()
    done = desk.json("sync")
    assert desk.google.counters()["writes"] == 0
    for one in done["calendars"]:
        assert (one["new"], one["changed"], one["deleted"]) == (0, 0, 0)


@pytest.mark.feature("A1")
def test_an_event_made_here_is_made_there_changed_there_and_deleted_there(desk: Desk, team: str) -> None:
    made = desk.json("events", "add", "Planning", "Lunch", "--start", "2030-01-07 12:00", "--for", "45m", "--push")
    (one,) = there(desk, team)
    assert (one["summary"], one["start"]["dateTime"], one["end"]["dateTime"][11:16]) == (
        "Lunch",
        "2030-01-07T13:00:00+01:00",
        "13:45",
    )
    desk.ok("events", "edit", made["key"][:8], "--title", "Long lunch", "--for", "2h", "--push")
    (again,) = there(desk, team)
    assert (again["id"], again["summary"], again["end"]["dateTime"][11:16]) == (one["id"], "Long lunch", "15:00")
    quiet(desk)

    desk.ok("events", "delete", made["key"][:8], "--push")
    assert there(desk, team) == []
    quiet(desk)


@pytest.mark.feature("A1", "E1")
def test_both_sides_change_it_and_neither_change_is_lost_doubled_or_looped(desk: Desk, team: str) -> None:
    made = desk.json("events", "add", "Planning", "Lunch", "--start", "2030-01-07 12:00", "--push")
    (one,) = there(desk, team)
    desk.google.patch(team, one["id"], {"location": "Canteen"})
    desk.ok("events", "edit", made["key"], "--description", "Bring a plate")

    desk.ok("sync")
    (now,) = there(desk, team)
    assert (now["location"], now["description"]) == ("Canteen", "Bring a plate")
    assert desk.json("events", "show", made["key"])["location"] == "Canteen"
    quiet(desk)


@pytest.mark.feature("A1")
def test_a_deletion_in_google_deletes_it_here(desk: Desk, team: str) -> None:
    made = desk.json("events", "add", "Planning", "Lunch", "--start", "2030-01-07 12:00", "--push")
    desk.google.delete(team, there(desk, team)[0]["id"])

    desk.ok("sync")
    assert desk.json("events", "show", made["key"])["deleted"] is True
    quiet(desk)


def test_without_push_it_waits_and_says_so(desk: Desk, team: str) -> None:
    said = desk.ok("events", "add", "Planning", "Lunch", "--start", "2030-01-07 12:00")

    assert "“Lunch” is on “Planning” (" in said.err
    assert "Google's “Planning” has not been told yet: calsyncctl sync" in said.err
    assert there(desk, team) == []
    (listed,) = desk.events("--from", "2030-01-07", "--days", "1")
    assert desk.json("events", "show", listed["key"])["copies"][0]["state"] == "waiting"
    desk.ok("sync")
    assert [one["summary"] for one in there(desk, team)] == ["Lunch"]


def test_push_says_where_it_is(desk: Desk, team: str) -> None:
    said = desk.ok("events", "add", "Lunch", "--start", "tomorrow 12:00", "--for", "45m", "--push")

    assert "In Google: Lunch (Planning)" in said.err
    assert desk.google.requests().get("POST events.insert") == 1


def test_what_cannot_be_sent_now_is_kept_and_sent_later(desk: Desk, team: str) -> None:
    desk.google.fault(path="events.insert", status=503, reason="backendError", count=0)
    said = desk.run("events", "add", "Lunch", "--start", "2030-01-07 12:00", "--push")

    assert said.code == 75
    assert "calsyncctl sync" in said.err
    desk.google.clear_faults()
    desk.ok("sync")
    assert [one["summary"] for one in there(desk, team)] == ["Lunch"]


def test_one_of_several_calendars_must_be_named(desk: Desk, team: str) -> None:
    desk.ok("calendars", "add", "Reception")

    assert desk.run("events", "add", "Lunch", "--start", "2030-01-07 12:00").code == 2
    desk.ok("events", "add", "Reception", "Lunch", "--start", "2030-01-07 12:00")


@pytest.mark.feature("A11")
def test_guests_reminders_place_and_a_meet_made_here_reach_google(desk: Desk, team: str) -> None:
    desk.google.settings(meet_pending_gets=0)
    made = desk.json(
        *("events", "add", "Planning", "Review", "--start", "2030-01-07 09:00", "--guest", "Guest <guest@example.org>"),
        *("--guest", "other@example.org", "--remind", "10m", "--remind", "email:1d", "--meet", "--location", "Room 1"),
        *("--description", "Figures", "--visibility", "private", "--free", "--tentative", "--push"),
    )
    (one,) = there(desk, team)

    assert {guest["email"] for guest in one["attendees"]} == {"guest@example.org", "other@example.org"}
    assert one["reminders"] == {
        "useDefault": False,
        "overrides": [{"method": "email", "minutes": 1440}, {"method": "popup", "minutes": 10}],
    }
    assert one["hangoutLink"].startswith("https://meet.google.com/")
    assert (one["location"], one["description"], one["visibility"]) == ("Room 1", "Figures", "private")
    assert (one["transparency"], one["status"]) == ("transparent", "tentative")
    assert desk.json("events", "show", made["key"])["meet"] == one["hangoutLink"]
    quiet(desk)


@pytest.mark.feature("A11")
def test_guests_reminders_recurrence_and_a_meet_made_in_google_come_here(desk: Desk, team: str) -> None:
    desk.google.settings(meet_pending_gets=0)
    desk.google.admin(
        "POST",
        f"/calendars/{team}/events?conferenceDataVersion=1",
        {
            "summary": "Review",
            "start": {"dateTime": "2030-01-07T09:00:00+01:00", "timeZone": "Europe/Berlin"},
            "end": {"dateTime": "2030-01-07T09:30:00+01:00", "timeZone": "Europe/Berlin"},
            "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=3"],
            "attendees": [{"email": "guest@example.org"}],
            "reminders": {"useDefault": False, "overrides": [{"method": "popup", "minutes": 15}]},
            "conferenceData": {"createRequest": {"requestId": "r1", "conferenceSolutionKey": {"type": "hangoutsMeet"}}},
        },
    )
    desk.ok("sync")

    rows = desk.events("--from", "2030-01-01", "--days", "60")
    seen = desk.json("events", "show", rows[0]["key"])
    assert len(rows) == 3
    assert [guest["email"] for guest in seen["attendees"]] == ["guest@example.org"]
    assert seen["reminders"] == ["popup 15m"]
    assert seen["recurrence"] == ["RRULE:FREQ=WEEKLY;COUNT=3"]
    assert seen["meet"].startswith("https://meet.google.com/")


def test_guests_come_and_go_and_those_who_stay_keep_their_replies(desk: Desk, team: str) -> None:
    made = desk.json(
        *("events", "add", "Planning", "Review", "--start", "2030-01-07 09:00"),
        *("--guest", "stays@example.org", "--guest", "goes@example.org", "--push"),
    )
    (one,) = there(desk, team)
    replied = [{**guest, "responseStatus": "accepted"} for guest in one["attendees"]]
    desk.google.patch(team, one["id"], {"attendees": replied})
    desk.ok("sync")
    desk.ok("events", "edit", made["key"], "--no-guest", "goes@example.org", "--guest", "new@example.org", "--push")

    replies = {guest["email"]: guest["responseStatus"] for guest in there(desk, team)[0]["attendees"]}
    assert replies == {"stays@example.org": "accepted", "new@example.org": "needsAction"}


@pytest.mark.feature("A11")
def test_a_series_made_here_is_one_there(desk: Desk, team: str) -> None:
    desk.ok("events", "add", "Planning", "Stand-up", *MONDAYS, "--push")

    (series,) = desk.google.listed(team)
    assert series["recurrence"] == ["RRULE:FREQ=WEEKLY;COUNT=6"]
    assert len(there(desk, team)) == 6
    assert len(desk.events("--from", "2030-01-01", "--days", "90")) == 6
    quiet(desk)


def series(desk: Desk) -> str:
    made = desk.json("events", "add", "Planning", "Stand-up", *MONDAYS, "--push", "--tz", "Europe/Berlin")
    return str(made["key"])


def test_of_a_series_it_must_be_said_how_much_is_meant(desk: Desk, team: str) -> None:
    key = series(desk)

    for command in (("edit", key, "--title", "Other"), ("delete", key)):
        refused = desk.run("events", *command)
        assert (refused.code, "--all, --this 2026-11-20" in refused.err) == (2, True)
    assert desk.run("events", "edit", key, "--this", "2030-01-08", "--title", "Other").code == 2


@pytest.mark.feature("A11")
def test_one_occurrence_is_changed_alone(desk: Desk, team: str) -> None:
    key = series(desk)
    desk.ok("events", "edit", key, "--this", "2030-01-21", "--start", "11:00", "--push", "--tz", "Europe/Berlin")

    assert starts(desk, team)[2:4] == ["2030-01-21T11:00", "2030-01-28T09:00"]
    assert len(there(desk, team)) == 6
    quiet(desk)
    desk.ok("events", "edit", key, "--this", "2030-01-21", "--title", "Special", "--push")
    (special,) = [one for one in there(desk, team) if one["summary"] == "Special"]
    assert special["start"]["dateTime"][:16] == "2030-01-21T11:00"
    quiet(desk)


@pytest.mark.feature("A11")
def test_one_occurrence_is_cancelled_and_comes_back(desk: Desk, team: str) -> None:
    key = series(desk)
    gone = desk.json("events", "delete", key, "--this", "2030-01-14", "--push")

    assert starts(desk, team)[:2] == ["2030-01-07T09:00", "2030-01-21T09:00"]
    assert len(desk.events("--from", "2030-01-01", "--days", "90")) == 5
    quiet(desk)
    desk.ok("events", "restore", gone["key"], "--push")
    assert starts(desk, team)[:2] == ["2030-01-07T09:00", "2030-01-14T09:00"]
    quiet(desk)


@pytest.mark.feature("A11")
def test_this_and_following_change_and_what_was_before_stays(desk: Desk, team: str) -> None:
    key = series(desk)
    desk.ok(
        *("events", "edit", key, "--following", "2030-01-28", "--start", "2030-01-29 10:00", "--title", "Later"),
        *("--push", "--tz", "Europe/Berlin"),
    )

    assert starts(desk, team) == [
        *("2030-01-07T09:00", "2030-01-14T09:00", "2030-01-21T09:00"),
        *("2030-01-29T10:00", "2030-02-05T10:00", "2030-02-12T10:00"),
    ]
    assert [one["summary"] for one in there(desk, team)] == ["Stand-up"] * 3 + ["Later"] * 3
    assert len(desk.events("--from", "2030-01-01", "--days", "90")) == 6
    quiet(desk)


@pytest.mark.feature("A11")
def test_a_series_ends_where_it_is_said(desk: Desk, team: str) -> None:
    key = series(desk)
    desk.ok("events", "delete", key, "--following", "2030-01-21", "--push")

    assert starts(desk, team) == ["2030-01-07T09:00", "2030-01-14T09:00"]
    quiet(desk)


@pytest.mark.feature("A11")
def test_a_whole_series_moves_and_what_was_cancelled_stays_so(desk: Desk, team: str) -> None:
    key = series(desk)
    desk.ok("events", "delete", key, "--this", "2030-01-14", "--push")
    desk.ok("events", "edit", key, "--all", "--start", "2030-01-07 10:30", "--push", "--tz", "Europe/Berlin")

    desk.ok("sync")
    here = [one["start"][:16] for one in desk.events("--from", "2030-01-01", "--days", "90", "--tz", "Europe/Berlin")]
    assert here == starts(desk, team)
    assert here == [f"2030-{day}T10:30" for day in ("01-07", "01-21", "01-28", "02-04", "02-11")]
    quiet(desk)


@pytest.mark.feature("A11")
def test_what_was_cancelled_stays_so_in_what_follows(desk: Desk, team: str) -> None:
    key = series(desk)
    desk.ok("events", "delete", key, "--this", "2030-02-04", "--push")
    desk.ok(
        *("events", "edit", key, "--following", "2030-01-28", "--start", "2030-01-29 10:00"),
        *("--push", "--tz", "Europe/Berlin"),
    )

    assert starts(desk, team)[2:] == ["2030-01-21T09:00", "2030-01-29T10:00", "2030-02-12T10:00"]
    quiet(desk)


def test_what_waits_for_google_is_said_once_of_a_series_that_is_divided(desk: Desk, team: str) -> None:
    key = series(desk)

    said = desk.ok("events", "edit", key, "--following", "2030-01-28", "--title", "Later")

    assert said.err.count("not been told yet") == 1


def test_all_day_events_and_back(desk: Desk, team: str) -> None:
    made = desk.json("events", "add", "Planning", "Fair", "--start", "2030-03-01", "--end", "2030-03-03", "--push")
    (one,) = there(desk, team)
    assert (one["start"], one["end"]) == ({"date": "2030-03-01"}, {"date": "2030-03-04"})
    desk.ok("events", "edit", made["key"], "--start", "2030-03-01 10:00", "--for", "1h", "--push")

    assert there(desk, team)[0]["start"]["dateTime"] == "2030-03-01T11:00:00+01:00"
    desk.ok("events", "edit", made["key"], "--all-day", "--push")
    assert there(desk, team)[0]["start"] == {"date": "2030-03-01"}
    quiet(desk)


def test_a_deleted_event_is_brought_back_under_its_id(desk: Desk, team: str) -> None:
    made = desk.json("events", "add", "Planning", "Lunch", "--start", "2030-01-07 12:00", "--push")
    before = there(desk, team)[0]["id"]
    desk.ok("events", "delete", made["key"], "--push")
    desk.ok("events", "restore", made["key"], "--push")

    assert [(one["id"], one["summary"]) for one in there(desk, team)] == [(before, "Lunch")]
    quiet(desk)


@pytest.mark.feature("E1")
def test_history_tells_every_change_and_an_earlier_version_comes_back(desk: Desk, team: str) -> None:
    made = desk.json("events", "add", "Planning", "Lunch", "--start", "2030-01-07 12:00", "--push")
    desk.ok("events", "edit", made["key"], "--title", "Dinner", "--location", "Canteen", "--push")
    desk.google.patch(team, there(desk, team)[0]["id"], {"location": "Roof"})
    desk.ok("sync")
    rows = desk.json("events", "history", made["key"])

    titles = [(one["author"], change["before"], change["after"]) for one in rows for change in one["changes"]]
    assert ("google", "Canteen", "Roof") in titles
    assert any(author.startswith("user:") and (old, new) == ("Lunch", "Dinner") for author, old, new in titles)
    desk.ok("events", "restore", made["key"], "--version", str(made["version"]), "--push")
    (one,) = there(desk, team)
    assert (one["summary"], one.get("location", "")) == ("Lunch", "")
    quiet(desk)


def test_an_event_moves_to_another_calendar_and_is_there_once(desk: Desk, team: str) -> None:
    desk.ok("calendars", "select", "Team")
    made = desk.json("events", "add", "Planning", "Lunch", "--start", "2030-01-07 12:00", "--push")
    desk.ok("events", "move", made["key"], "Team", "--push")
    desk.ok("sync")

    titles = [one["summary"] for one in there(desk, desk.google.calendar("Team"))]
    assert (there(desk, team), titles.count("Lunch")) == ([], 1)
    assert desk.json("events", "show", made["key"])["calendar"] == "Team"
    quiet(desk)


@pytest.mark.feature("E20")
def test_the_same_ref_again_is_the_same_event(desk: Desk, team: str) -> None:
    line = ("events", "add", "Planning", "Lunch", "--start", "2030-01-07 12:00", "--ref", "order-17", "--push")
    first, again = desk.json(*line), desk.json(*line)

    assert first["key"] == again["key"]
    assert len(there(desk, team)) == 1
    assert len(desk.events("--from", "2030-01-07", "--days", "1")) == 1


@pytest.mark.feature("E20")
def test_a_ref_whose_event_was_deleted_says_so_and_makes_no_second(desk: Desk, team: str) -> None:
    line = ("events", "add", "Planning", "Lunch", "--start", "2030-01-07 12:00", "--ref", "order-17")
    key = desk.json(*line)["key"]
    assert "is here already under this --ref" in desk.ok(*line).err
    desk.ok("events", "delete", key)

    again = desk.ok(*line, "--json")
    assert again.json()["deleted"] is not None
    assert "is deleted since; nothing was added" in again.err
    assert f"calsyncctl events restore {key[:8]}" in desk.ok(*line).err
    assert desk.events("--from", "2030-01-07", "--days", "1") == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--start", "9999-12-31"), "reaches out of the years 1900 to 9000"),
        (("--start", "0001-01-01 10:00"), "reaches out of the years"),
        (("--start", "2030-01-07 12:00", "--for", "99999w"), "longer than ten years"),
        (("--start", "2030-01-07 12:00", "--repeat", "daily", "--until", "9999-12-31"), "reaches out of the years"),
        (("--start", "2030-01-07 12:00", "--ref", " "), "--ref needs an id"),
        (("--start", "2030-01-07 12:00", "--free", "--busy"), "--free and --busy cannot be given together"),
        (("--start", "2030-01-07", "--no-all-day", "--all-day"), "--all-day and --no-all-day cannot be given together"),
    ],
)
def test_a_line_that_cannot_be_meant_is_refused_and_adds_nothing(
    desk: Desk, team: str, words: tuple[str, ...], said: str
) -> None:
    refused = desk.run("events", "add", "Planning", "Lunch", *words)
    assert (refused.code, said in refused.err) == (2, True), refused.err


@pytest.mark.feature("E20")
def test_a_platform_reads_what_changed_since_it_last_asked_deletions_too(desk: Desk, team: str) -> None:
    old = desk.json("events", "add", "Planning", "Old", "--start", "2030-01-07 12:00", "--push")
    asked = datetime.now(UTC) + timedelta(seconds=1)
    while datetime.now(UTC) < asked:
        desk.ok("sync")
    kept = desk.json("events", "add", "Planning", "Kept", *MONDAYS)
    gone = desk.json("events", "add", "Planning", "Gone", "--start", "2030-01-08 12:00")
    desk.ok("events", "delete", gone["key"])
    desk.google.insert(team, {"summary": "Theirs", "start": {"date": "2030-01-09"}, "end": {"date": "2030-01-10"}})
    desk.ok("sync")

    lines = desk.ok("events", "list", "--changed-since", asked.isoformat(), "--jsonl").out.splitlines()
    found = {one["key"]: one for one in map(json.loads, lines)}
    assert [one["summary"] for one in found.values()] == ["Kept", "Gone", "Theirs"]
    assert (found[gone["key"]]["deleted"], found[kept["key"]]["recurrence"] != []) == (True, True)
    assert old["key"] not in found
    assert len(desk.json("events", "list", "--changed-since", "2020-01-01")) == 4


@pytest.mark.parametrize("edit", [("edit", "--title", "Mine"), ("delete",)])
def test_what_could_not_be_pushed_is_refused_when_it_is_made(desk: Desk, edit: tuple[str, ...]) -> None:
    desk.connected("--select", "Team", "--no-sync")
    desk.ok("calendars", "select", "Team", "--mode", "read-only")
    row = next(one for one in desk.events("--days", "60") if not one["repeats"])
    desk.google.reset_counters()

    refused = desk.run("events", edit[0], row["key"], *edit[1:])
    assert refused.code == 6
    assert "read-only" in refused.err
    assert desk.run("events", "add", "Team", "Lunch", "--start", "2030-01-07 12:00").code == 6
    assert desk.events("--days", "60")[0]
    assert desk.google.requests() == {}


def test_an_invitation_of_somebody_else_is_not_ours_to_change(desk: Desk) -> None:
    desk.connected("--select", "primary")
    soon = datetime.now(UTC).replace(microsecond=0) + timedelta(days=3)
    invitation = {
        "summary": "Their meeting",
        "start": {"dateTime": soon.isoformat()},
        "end": {"dateTime": (soon + timedelta(hours=1)).isoformat()},
        "attendees": [{"email": WORK}],
    }
    desk.google.insert(desk.google.calendar(SUPPORT, SUPPORT), invitation)
    desk.ok("sync")
    (row,) = [one for one in desk.events("--days", "10") if one["summary"] == "Their meeting"]

    refused = desk.run("events", "edit", row["key"], "--title", "Mine")
    assert (refused.code, SUPPORT in refused.err) == (6, True)


@pytest.mark.parametrize(
    "line",
    [
        ("add", "Planning", "Lunch"),
        ("add", "Planning", "Lunch", "--start", "someday"),
        ("add", "Planning", "Lunch", "--start", "2030-01-07 12:00", "--end", "2030-01-07 11:00"),
        ("add", "Planning", "Lunch", "--start", "2030-01-07 12:00", "--guest", "nobody"),
        ("add", "Planning", "Lunch", "--start", "2030-01-07 12:00", "--remind", "soon"),
        ("add", "Planning", "Lunch", "--start", "2030-01-07 12:00", "--repeat", "often"),
        ("add", "Planning", "Long", "lunch", "--start", "2030-01-07 12:00"),
        ("add", "Planning", " ", "--start", "2030-01-07 12:00"),
    ],
)
def test_what_makes_no_sense_is_said_in_two_lines_and_changes_nothing(
    desk: Desk, team: str, line: tuple[str, ...]
) -> None:
    refused = desk.run("events", *line)

    assert (refused.code, refused.out, len(refused.err.splitlines())) == (2, "", 2)
    assert desk.events("--from", "2030-01-07", "--days", "1") == []


@pytest.mark.feature("B5", "A15")
def test_events_carry_the_operators_mark_and_another_one_later_changes_nothing(desk: Desk, team: str) -> None:
    desk.ok("config", "set", "brand.tag", "acme-desk")
    key = desk.json("events", "add", "Planning", "Lunch", "--start", "2030-01-07 12:00", "--push")["key"]
    (one,) = there(desk, team)
    mark = one["extendedProperties"]["private"]
    assert (mark["managed_by"], mark["calsyncctl_key"]) == ("acme-desk", key)

    desk.ok("config", "set", "brand.tag", "other")
    quiet(desk)
    (desk.home / "calsyncctl" / "default" / "calsyncctl.db").unlink()
    desk.connected("--select", "Planning")
    assert [row["key"] for row in desk.events("--from", "2030-01-07", "--days", "1")] == [key]
    quiet(desk)


def test_who_acts_is_said_anywhere_on_the_line_and_stands_in_the_history(desk: Desk, team: str) -> None:
    line = ("events", "add", "Planning", "Lunch", "--start", "2030-01-07 12:00")
    key = desk.run("--as", "agent:jane", *line, "--json", env={"CALSYNCCTL_AS": "agent:bob"}).json()["key"]
    desk.ok("events", "edit", key, "--title", "Dinner", env={"CALSYNCCTL_AS": "Desk@Example.com"})
    desk.ok("events", "edit", key, "--title", "Supper", "--as", "agent:bob")

    authors = [one["author"] for one in desk.json("events", "history", key)]
    assert sorted(authors) == ["agent:bob", "agent:jane", "desk@example.com"]
    refused = desk.run("events", "edit", key, "--title", "Tea", "--as", "team:support")
    assert (refused.code, "cannot act" in refused.err) == (2, True)
