"""Looking at events: in a range, in every zone, one of them whole."""

from __future__ import annotations

import pytest

from tests.support.desk import Desk

DST = ["--from", "2026-10-24", "--to", "2026-10-26"]
"""Clocks in Europe go back on the 25th."""


@pytest.fixture
def team(desk: Desk) -> str:
    """A calendar of its own for each test, in London."""
    made = desk.google.add_calendar("work@example.com", "Rota", timeZone="Europe/London")
    desk.connected("--select", "Rota")
    return made


def timed(start: str, end: str, zone: str, **more: object) -> dict[str, object]:
    times = {"start": {"dateTime": start, "timeZone": zone}, "end": {"dateTime": end, "timeZone": zone}}
    return {"summary": "Call", **times, **more}


@pytest.mark.feature("A1")
def test_a_time_is_shown_in_the_zone_that_is_asked_for(desk: Desk, team: str) -> None:
    desk.google.insert(team, timed("2026-07-01T09:00:00", "2026-07-01T10:00:00", "America/New_York"))
    desk.ok("sync")

    starts = [
        desk.events("--from", "2026-07-01", "--days", "1", "--tz", zone)[0]["start"]
        for zone in ("America/New_York", "Asia/Kolkata", "UTC")
    ]
    assert starts == ["2026-07-01T09:00:00-04:00", "2026-07-01T18:30:00+05:30", "2026-07-01T13:00:00+00:00"]


def test_a_series_keeps_its_wall_time_when_clocks_change(desk: Desk, team: str) -> None:
    series = timed("2026-10-24T09:00:00", "2026-10-24T09:30:00", "Europe/Berlin", recurrence=["RRULE:FREQ=DAILY"])
    desk.google.insert(team, series)
    desk.ok("sync")

    berlin = [one["start"] for one in desk.events(*DST, "--tz", "Europe/Berlin")]
    assert berlin == ["2026-10-24T09:00:00+02:00", "2026-10-25T09:00:00+01:00", "2026-10-26T09:00:00+01:00"]
    utc = [one["start"][11:16] for one in desk.events(*DST, "--tz", "UTC")]
    assert utc == ["07:00", "08:00", "08:00"]


def test_a_moved_and_a_cancelled_occurrence_stand_as_google_has_them(desk: Desk, team: str) -> None:
    series = timed("2026-11-02T09:00:00", "2026-11-02T10:00:00", "UTC", recurrence=["RRULE:FREQ=DAILY;COUNT=3"])
    made = desk.google.insert(team, series)
    desk.google.patch(
        team, f"{made['id']}_20261103T090000Z", timed("2026-11-03T15:00:00", "2026-11-03T16:00:00", "UTC")
    )
    desk.google.delete(team, f"{made['id']}_20261104T090000Z")
    desk.ok("sync")

    found = desk.events("--from", "2026-11-02", "--days", "5", "--tz", "UTC")
    assert [one["start"] for one in found] == ["2026-11-02T09:00:00+00:00", "2026-11-03T15:00:00+00:00"]


def test_an_all_day_event_is_on_its_date_in_every_zone_and_on_no_other(desk: Desk, team: str) -> None:
    desk.google.insert(team, {"summary": "Away", "start": {"date": "2026-11-20"}, "end": {"date": "2026-11-21"}})
    desk.ok("sync")

    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"):
        days = {
            day: len(desk.events("--from", day, "--days", "1", "--tz", zone))
            for day in ("2026-11-19", "2026-11-20", "2026-11-21")
        }
        assert list(days.values()) == [0, 1, 0]


def test_an_event_over_midnight_is_on_both_days(desk: Desk, team: str) -> None:
    desk.google.insert(team, timed("2026-11-20T23:00:00", "2026-11-21T01:00:00", "UTC"))
    desk.ok("sync")

    assert [len(desk.events("--from", day, "--days", "1", "--tz", "UTC")) for day in ("2026-11-20", "2026-11-21")] == [
        1,
        1,
    ]
    assert desk.events("--from", "2026-11-21T01:00", "--to", "2026-11-22", "--tz", "UTC") == []


def test_one_event_is_shown_whole_by_the_beginning_of_its_key(desk: Desk, team: str) -> None:
    guests = [{"email": "guest@example.com", "displayName": "A guest"}]
    desk.google.insert(
        team,
        timed(
            "2026-11-20T09:00:00",
            "2026-11-20T10:00:00",
            "UTC",
            attendees=guests,
            location="Room 1",
            description="Bring notes",
        ),
    )
    desk.ok("sync")
    (row,) = desk.events("--from", "2026-11-20", "--days", "1")

    shown = desk.json("events", "show", row["key"][:8])
    assert (shown["summary"], shown["location"], shown["description"]) == ("Call", "Room 1", "Bring notes")
    assert shown["attendees"] == [{"email": "guest@example.com", "name": "A guest", "reply": "needsAction"}]


def test_what_google_writes_is_shown_and_never_obeyed(desk: Desk, team: str) -> None:
    desk.google.insert(
        team, timed("2026-11-20T09:00:00", "2026-11-20T10:00:00", "UTC") | {"summary": "[/b]\x1b[31mred\n2"}
    )
    desk.ok("sync")

    said = desk.ok("events", "list", "--from", "2026-11-20", "--days", "1").out
    assert "[/b]" in said
    assert "\x1b" not in said
    assert len(said.splitlines()) == 2


def test_an_event_that_is_not_there_is_not_found(desk: Desk) -> None:
    assert desk.run("events", "show", "ffffffff").code == 3
    assert desk.run("events", "show", "ff").code == 2
    assert desk.run("events", "list", "--from", "soon").code == 2
