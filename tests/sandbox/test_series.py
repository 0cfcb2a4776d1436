"""Series, their occurrences and exceptions; edits that Google's web pages make."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.client import Client, Refused, all_day, timed
from tests.support.sandbox import WORK, AdminError

DAILY = "RRULE:FREQ=DAILY;COUNT=4"


def series(client: Client, **more: Any) -> str:
    return str(client.insert(timed("Daily", recurrence=[DAILY], **more))["id"])


def test_instances_have_ids_of_their_original_start(work: Client) -> None:
    master = series(work)

    found = work.call("GET", f"calendars/primary/events/{master}/instances")["items"]
    assert [one["id"] for one in found] == [f"{master}_202611{day}T100000Z" for day in (23, 24, 25, 26)]
    assert all(one["recurringEventId"] == master and "recurrence" not in one for one in found)


def test_an_occurrence_that_ends_at_time_min_is_an_instance_but_not_listed(work: Client) -> None:
    master = series(work)
    window = {"timeMin": "2026-11-23T11:00:00Z", "timeMax": "2026-11-24T09:00:00Z"}

    instances = work.call("GET", f"calendars/primary/events/{master}/instances", **window)["items"]
    assert [one["start"]["dateTime"] for one in instances] == ["2026-11-23T10:00:00Z"]
    listed = work.page(**window, singleEvents="true")["items"]
    assert [one for one in listed if one.get("recurringEventId") == master] == []


def test_instances_reach_to_the_beginning_of_time(work: Client) -> None:
    path = f"calendars/primary/events/{series(work)}/instances"

    assert len(work.call("GET", path, timeMin="0001-01-01T00:00:00Z")["items"]) == 4


def test_all_day_instances_have_ids_of_their_date(work: Client) -> None:
    master = work.insert(all_day(recurrence=["RRULE:FREQ=WEEKLY;COUNT=2"]))["id"]

    found = work.call("GET", f"calendars/primary/events/{master}/instances")["items"]
    assert [one["id"] for one in found] == [f"{master}_20261123", f"{master}_20261130"]
    assert found[1]["originalStartTime"] == {"date": "2026-11-30"}


def test_a_series_keeps_its_hour_over_a_change_of_clocks(work: Client) -> None:
    master = work.insert(timed(day="2026-10-24", recurrence=["RRULE:FREQ=DAILY;COUNT=2"]))["id"]

    found = work.call("GET", f"calendars/primary/events/{master}/instances")["items"]
    assert [one["start"]["dateTime"] for one in found] == ["2026-10-24T10:00:00+01:00", "2026-10-25T10:00:00Z"]
    assert found[1]["id"] == f"{master}_20261025T100000Z"


def test_an_occurrence_in_the_hour_that_the_clocks_skip_is_got_and_changed_by_its_listed_id(work: Client) -> None:
    night = timed(day="2027-03-27", hour=1, recurrence=["RRULE:FREQ=DAILY;COUNT=3"])
    master = work.insert(night)["id"]

    listed = work.call("GET", f"calendars/primary/events/{master}/instances")["items"]
    assert [work.get(one["id"])["start"] for one in listed] == [one["start"] for one in listed]
    assert work.patch(listed[1]["id"], {"summary": "Short night"})["id"] == listed[1]["id"]
    work.delete(listed[1]["id"])
    assert len(work.call("GET", f"calendars/primary/events/{master}/instances")["items"]) == 2


def test_instances_are_paged_and_windowed(work: Client) -> None:
    master = series(work)
    path = f"calendars/primary/events/{master}/instances"

    first = work.call("GET", path, maxResults=3)
    rest = work.call("GET", path, maxResults=3, pageToken=first["nextPageToken"])
    window = work.call("GET", path, timeMin="2026-11-24T00:00:00Z", timeMax="2026-11-25T00:00:00Z")
    one = work.call("GET", path, originalStart="2026-11-26T10:00:00Z")
    assert [len(page["items"]) for page in (first, rest, window, one)] == [3, 1, 1, 1]


def test_the_first_change_to_an_occurrence_makes_an_exception(work: Client) -> None:
    master = series(work)
    _, token = work.all()

    changed = work.patch(f"{master}_20261124T100000Z", timed("Later", day="2026-11-24", hour=15))
    assert changed["originalStartTime"]["dateTime"] == "2026-11-24T10:00:00Z"
    assert changed["start"]["dateTime"] == "2026-11-24T15:00:00Z"
    assert [item["id"] for item in work.changed(token)] == [changed["id"]]


def test_a_cancelled_occurrence_is_gone_from_instances_and_deleting_it_again_is_410(work: Client) -> None:
    master = series(work)
    occurrence = f"{master}_20261124T100000Z"
    work.delete(occurrence)

    plain = work.call("GET", f"calendars/primary/events/{master}/instances")["items"]
    deleted = work.call("GET", f"calendars/primary/events/{master}/instances", showDeleted="true")["items"]
    assert (len(plain), len(deleted)) == (3, 4)
    with pytest.raises(Refused) as refusal:
        work.delete(occurrence)
    assert refusal.value.status == 410


@pytest.mark.parametrize("suffix", ["20261123T110000Z", "20261130T100000Z", "20261123", "nonsense"])
def test_an_id_that_names_no_occurrence_is_404(work: Client, suffix: str) -> None:
    master = series(work)

    with pytest.raises(Refused) as refusal:
        work.get(f"{master}_{suffix}")
    assert refusal.value.status == 404


def test_deleting_a_series_cancels_its_exceptions_too(work: Client) -> None:
    master = series(work)
    exception = work.patch(f"{master}_20261124T100000Z", {"summary": "Special"})["id"]
    _, token = work.all()
    work.delete(master)

    assert {item["id"]: item["status"] for item in work.changed(token)} == {
        master: "cancelled",
        exception: "cancelled",
    }


def test_a_change_of_the_series_reaches_what_its_exceptions_had_left_alone(work: Client) -> None:
    master = series(work)
    exception = work.patch(f"{master}_20261124T100000Z", {"summary": "Special"})["id"]
    work.patch(master, {"summary": "All", "location": "Room 1"})

    changed = work.get(exception)
    assert (changed["summary"], changed["location"]) == ("Special", "Room 1")


def test_exceptions_that_no_longer_fit_the_rule_go(work: Client) -> None:
    master = series(work)
    exception = work.patch(f"{master}_20261124T100000Z", {"summary": "Special"})["id"]
    work.patch(master, {"recurrence": ["RRULE:FREQ=DAILY;COUNT=1"]})

    assert work.get(exception)["status"] == "cancelled"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("RRULE:BYDAY=MO;INTERVAL=1;FREQ=WEEKLY", "RRULE:FREQ=WEEKLY;BYDAY=MO"),
        ("RRULE:FREQ=DAILY;UNTIL=20261130", "RRULE:FREQ=DAILY;UNTIL=20261130T235959Z"),
        ("RRULE:FREQ=DAILY;UNTIL=20260630T120000", "RRULE:FREQ=DAILY;UNTIL=20260630T110000Z"),
        ("EXDATE;TZID=Europe/London:20261124T100000", "EXDATE;TZID=Europe/London:20261124T100000"),
    ],
)
def test_recurrence_lines_come_back_in_googles_order(work: Client, sent: str, kept: str) -> None:
    lines = [sent] if sent.startswith("RRULE") else [DAILY, sent]

    assert work.insert(timed(recurrence=lines))["recurrence"][-1] == kept


@pytest.mark.parametrize(
    "line",
    [
        "DTSTART:20261123T100000Z",
        "RRULE:FREQ=DAILY;COUNT=2;UNTIL=20261130T000000Z",
        "RRULE:COUNT=2",
        "RRULE:FREQ=SOMETIMES",
        "nonsense",
    ],
)
def test_recurrence_lines_that_make_no_sense_are_refused(work: Client, line: str) -> None:
    with pytest.raises(Refused) as refusal:
        work.insert(timed(recurrence=[line]))
    assert (refusal.value.status, refusal.value.reason) == (400, "invalid")


def test_a_timed_series_needs_a_zone(work: Client) -> None:
    times = {"start": {"dateTime": "2026-11-23T10:00:00Z"}, "end": {"dateTime": "2026-11-23T11:00:00Z"}}

    with pytest.raises(Refused) as refusal:
        work.insert({**times, "recurrence": [DAILY]})
    assert refusal.value.body["error"]["message"] == "Missing time zone definition for start time."


def test_an_excluded_date_is_no_occurrence(work: Client) -> None:
    made = work.insert(timed(recurrence=[DAILY, "EXDATE:20261124T100000Z"]))

    found = work.call("GET", f"calendars/primary/events/{made['id']}/instances")["items"]
    assert [one["start"]["dateTime"][8:10] for one in found] == ["23", "25", "26"]


# -- the web pages ---------------------------------------------------------------------------------------------------


def test_this_and_following_makes_a_new_series_with_the_tags_of_the_old(work: Client) -> None:
    master = series(work, extendedProperties={"private": {"key": "k1"}})
    _, token = work.all()

    new = work.sandbox.edit(WORK, f"{master}_20261125T100000Z", "split", {"summary": "From here"})
    old = work.get(master)
    assert new["id"] == f"{master}_R20261125T100000"
    assert new["extendedProperties"]["private"] == {"key": "k1"}
    assert old["recurrence"] == ["RRULE:FREQ=DAILY;UNTIL=20261125T095959Z"]
    assert {item["id"] for item in work.changed(token)} == {master, new["id"]}


def test_a_split_leaves_no_more_occurrences_than_there_were(work: Client) -> None:
    master = series(work)
    new = work.sandbox.edit(WORK, f"{master}_20261125T100000Z", "split")

    both = [work.call("GET", f"calendars/primary/events/{one}/instances")["items"] for one in (master, new["id"])]
    assert [len(found) for found in both] == [2, 2]


def test_a_pasted_copy_carries_the_tags_under_another_id(work: Client) -> None:
    made = work.insert(timed(extendedProperties={"private": {"google_id": "x"}}))

    copy = work.sandbox.edit(WORK, made["id"], "copy")
    assert copy["id"] != made["id"]
    assert copy["extendedProperties"] == made["extendedProperties"]
    assert copy["iCalUID"] != made["iCalUID"]


def test_an_event_comes_back_from_the_trash(work: Client) -> None:
    made = work.insert(timed("Back"))
    work.delete(made["id"])

    assert work.sandbox.edit(WORK, made["id"], "restore")["status"] == "confirmed"
    assert work.get(made["id"])["summary"] == "Back"


def test_a_split_loses_the_exceptions_after_it(work: Client) -> None:
    master = series(work)
    early, late = (f"{master}_202611{day}T100000Z" for day in (24, 26))
    for one in (early, late):
        work.patch(one, {"summary": "Special"})
    work.sandbox.edit(WORK, f"{master}_20261125T100000Z", "split")

    assert [work.get(one)["status"] for one in (early, late)] == ["confirmed", "cancelled"]


def test_an_all_day_series_splits_by_dates(work: Client) -> None:
    master = work.insert(all_day(recurrence=["RRULE:FREQ=DAILY"]))["id"]
    new = work.sandbox.edit(WORK, f"{master}_20261125", "split")

    assert new["id"] == f"{master}_R20261125"
    assert work.get(master)["recurrence"] == ["RRULE:FREQ=DAILY;UNTIL=20261124"]


def test_a_cancelled_occurrence_can_be_restored(work: Client) -> None:
    master = series(work)
    occurrence = f"{master}_20261124T100000Z"
    work.delete(occurrence)

    assert work.patch(occurrence, {"status": "confirmed"})["status"] == "confirmed"
    assert len(work.call("GET", f"calendars/primary/events/{master}/instances")["items"]) == 4


def test_an_occurrence_takes_no_rule_of_its_own(work: Client) -> None:
    master = series(work)

    assert "recurrence" not in work.patch(f"{master}_20261124T100000Z", {"recurrence": [DAILY]})


@pytest.mark.parametrize("how", ["split", "restore", "nonsense"])
def test_an_edit_that_makes_no_sense_is_refused(work: Client, how: str) -> None:
    made = work.insert(timed())

    with pytest.raises(AdminError) as refusal:
        work.sandbox.edit(WORK, made["id"], how)
    assert refusal.value.status in (400, 404)


@pytest.mark.parametrize(
    ("zone", "rule", "starts"),
    [
        ("Europe/London", "FREQ=MONTHLY;BYDAY=-1SU;COUNT=3", ["2026-11-29", "2026-12-27", "2027-01-31"]),
        ("America/New_York", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;COUNT=4", ["2026-11-23", "2026-11-25", "2026-12-07"]),
        ("Asia/Kolkata", "FREQ=YEARLY;COUNT=2", ["2026-11-23", "2027-11-23"]),
        ("Australia/Sydney", "FREQ=DAILY;UNTIL=20261125T000000Z", ["2026-11-23", "2026-11-24", "2026-11-25"]),
    ],
)
def test_rules_are_expanded_in_the_series_zone(work: Client, zone: str, rule: str, starts: list[str]) -> None:
    times = [{"dateTime": f"2026-11-23T{hour:02d}:00:00", "timeZone": zone} for hour in (9, 10)]
    event = {"summary": "Zoned", "start": times[0], "end": times[1], "recurrence": [f"RRULE:{rule}"]}
    master = work.insert(event)["id"]

    found = work.call("GET", f"calendars/primary/events/{master}/instances", timeZone=zone)["items"]
    days = [one["start"]["dateTime"][:10] for one in found]
    assert {one["start"]["dateTime"][11:16] for one in found} == {"09:00"}
    assert [day for day in days if day in starts] == starts
