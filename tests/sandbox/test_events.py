"""Single events: what insert, get, patch, update and delete take, keep, rewrite and refuse."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.client import Client, Refused, all_day, timed
from tests.support.sandbox import WORK

PLAIN = [
    *("created", "creator", "end", "etag", "eventType", "htmlLink", "iCalUID", "id", "kind", "organizer", "reminders"),
    *("sequence", "start", "status", "summary", "updated"),
]


def refused(client: Client, event: dict[str, Any], **query: Any) -> tuple[int, str, str]:
    with pytest.raises(Refused) as refusal:
        client.insert(event, **query)
    return refusal.value.status, refusal.value.reason, refusal.value.body["error"]["message"]


# -- identity --------------------------------------------------------------------------------------------------------


def test_an_insert_answers_the_whole_event_with_defaults_left_out(work: Client) -> None:
    made = work.insert(timed("Plain", transparency="opaque", visibility="default", attendees=[], guestsCanModify=False))

    assert sorted(made) == PLAIN
    assert made["iCalUID"] == f"{made['id']}@google.com"
    assert made["organizer"] == {"email": WORK, "self": True}


def test_created_is_in_whole_seconds_and_updated_in_milliseconds(work: Client) -> None:
    made = work.insert(timed())

    assert made["created"].endswith(".000Z")
    assert len(made["updated"]) == len("2026-11-23T10:00:00.123Z")


def test_a_clients_own_id_is_kept_and_stays_taken_after_deletion(work: Client) -> None:
    work.insert(timed(id="abc0123456789"))
    work.delete("abc0123456789")

    assert refused(work, timed(id="abc0123456789")) == (409, "duplicate", "The requested identifier already exists.")
    assert work.get("abc0123456789")["status"] == "cancelled"


@pytest.mark.parametrize("wrong", ["abcd", "ABCDEF", "wxyz12345", "with-hyphen", "a" * 1025])
def test_an_id_of_another_form_is_refused(work: Client, wrong: str) -> None:
    assert refused(work, timed(id=wrong)) == (400, "invalid", "Invalid resource id value.")


def test_an_ical_uid_is_taken_too_also_by_a_deleted_event(work: Client) -> None:
    made = work.insert(timed(iCalUID="one@somewhere"))
    work.delete(made["id"])

    assert refused(work, timed(iCalUID="one@somewhere"))[:2] == (409, "duplicate")


def test_on_a_secondary_calendar_the_calendar_organizes(work: Client) -> None:
    team = work.sandbox.calendar("Team")
    made = work.insert(timed(organizer={"email": "other@example.net"}), team)

    assert made["organizer"] == {"email": team, "displayName": "Team", "self": True}
    assert made["creator"] == {"email": WORK}


# -- times -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "reason", "message"),
    [
        ({"dateTime": "2026-11-23T10:00:00Z"}, None, "required", "Missing end time."),
        (None, {"dateTime": "2026-11-23T10:00:00Z"}, "required", "Missing start time."),
        (
            {"dateTime": "2026-11-23T10:00:00"},
            {"dateTime": "2026-11-23T11:00:00"},
            "required",
            "Missing time zone definition for start time.",
        ),
        (
            {"dateTime": "2026-11-23T10:00:00", "timeZone": "Mars/Olympus"},
            {"dateTime": "2026-11-23T11:00:00Z"},
            "invalid",
            "Invalid time zone definition for start time.",
        ),
        ({"date": "2026-11-23"}, {"dateTime": "2026-11-23T11:00:00Z"}, "invalid", "Invalid start time."),
        ({"date": "2026-11-23"}, {"date": "2026-11-23"}, "timeRangeEmpty", "The specified time range is empty."),
        (
            {"dateTime": "2026-11-23T10:00:00Z"},
            {"dateTime": "2026-11-23T10:00:00Z"},
            "timeRangeEmpty",
            "The specified time range is empty.",
        ),
        ({"date": "2026-13-01"}, {"date": "2026-13-02"}, "invalid", "Invalid start time."),
    ],
)
def test_times_that_make_no_sense_are_refused(work: Client, start: Any, end: Any, reason: str, message: str) -> None:
    assert refused(work, {"start": start, "end": end}) == (400, reason, message)


def test_an_instant_comes_back_in_the_calendars_zone_without_fractions(work: Client) -> None:
    made = work.insert(
        {
            "start": {"dateTime": "2026-07-01T10:00:00.123456-04:00", "timeZone": "America/New_York"},
            "end": {"dateTime": "2026-07-01T11:00:00-04:00"},
        }
    )

    assert made["start"] == {"dateTime": "2026-07-01T15:00:00+01:00", "timeZone": "America/New_York"}
    assert made["end"] == {"dateTime": "2026-07-01T16:00:00+01:00"}


def test_all_day_turns_timed_by_patch_only_with_the_old_member_nulled(work: Client) -> None:
    made = work.insert(all_day())
    times = {"start": {"dateTime": "2026-11-23T10:00:00Z"}, "end": {"dateTime": "2026-11-23T11:00:00Z"}}

    with pytest.raises(Refused) as refusal:
        work.patch(made["id"], times)
    changed = work.patch(made["id"], {name: {**moment, "date": None} for name, moment in times.items()})
    assert refusal.value.body["error"]["message"] == "Invalid start time."
    assert changed["start"] == {"dateTime": "2026-11-23T10:00:00Z"}


# -- versions --------------------------------------------------------------------------------------------------------


def test_every_write_makes_a_new_etag_and_the_header_has_it_too(work: Client) -> None:
    made = work.insert(timed())
    changed = work.patch(made["id"], {"summary": "Other"})
    answer = work.raw("GET", f"calendars/primary/events/{made['id']}")

    assert made["etag"] != changed["etag"] == answer.headers["ETag"]


def test_an_equal_etag_in_if_none_match_is_304(work: Client) -> None:
    made = work.insert(timed())

    answer = work.raw("GET", f"calendars/primary/events/{made['id']}", headers={"If-None-Match": made["etag"]})
    assert (answer.status_code, answer.content) == (304, b"")


@pytest.mark.parametrize("verb", ["PATCH", "PUT", "DELETE"])
def test_a_stale_etag_in_if_match_is_412(work: Client, verb: str) -> None:
    made = work.insert(timed())
    work.sandbox.patch(WORK, made["id"], {"summary": "Meanwhile"})

    with pytest.raises(Refused) as refusal:
        work.call(verb, f"calendars/primary/events/{made['id']}", timed(), headers={"If-Match": made["etag"]})
    assert (refusal.value.status, refusal.value.reason) == (412, "conditionNotMet")
    assert work.get(made["id"])["summary"] == "Meanwhile"


def test_a_star_in_if_match_forces(work: Client) -> None:
    made = work.insert(timed())

    assert work.patch(made["id"], {"summary": "Forced"}, headers={"If-Match": "*"})["summary"] == "Forced"


def test_a_change_of_reminders_alone_leaves_updated_as_it_was(work: Client) -> None:
    made = work.insert(timed())
    _, token = work.all()

    changed = work.patch(made["id"], {"reminders": {"useDefault": False}})
    assert changed["updated"] == made["updated"]
    assert changed["etag"] != made["etag"]
    assert [item["id"] for item in work.changed(token)] == [made["id"]]


def test_the_sequence_may_rise_and_not_fall(work: Client) -> None:
    made = work.insert(timed(sequence=3))

    with pytest.raises(Refused) as refusal:
        work.patch(made["id"], {"sequence": 2})
    assert refusal.value.body["error"]["message"] == "Invalid sequence value."
    assert work.patch(made["id"], {"sequence": 7})["sequence"] == 7


# -- patch and update ------------------------------------------------------------------------------------------------


def test_patch_merges_objects_deeply_replaces_arrays_and_null_deletes(work: Client) -> None:
    guests = [{"email": "a@example.net"}, {"email": "b@example.net"}]
    properties = {"private": {"one": "1", "two": "2"}, "shared": {"three": "3"}}
    made = work.insert(timed(location="Here", description="Text", attendees=guests, extendedProperties=properties))

    changed = work.patch(
        made["id"],
        {
            "location": None,
            "attendees": [{"email": "b@example.net"}],
            "extendedProperties": {"private": {"one": None, "four": "4"}},
        },
    )
    assert "location" not in changed
    assert changed["description"] == "Text"
    assert [guest["email"] for guest in changed["attendees"]] == ["b@example.net"]
    assert changed["extendedProperties"] == {"private": {"two": "2", "four": "4"}, "shared": {"three": "3"}}


def test_update_clears_what_is_missing(work: Client) -> None:
    made = work.insert(timed(location="Here", attendees=[{"email": "a@example.net"}], reminders={"useDefault": False}))

    changed = work.update(made["id"], timed("Bare"))
    assert {"location", "attendees"}.isdisjoint(changed)
    assert changed["reminders"] == {"useDefault": True}
    assert changed["iCalUID"] == made["iCalUID"]


def test_fields_that_are_the_servers_are_ignored_in_a_body(work: Client) -> None:
    made = work.insert(timed())

    changed = work.patch(made["id"], {"htmlLink": "x", "hangoutLink": "x", "locked": True, "creator": {"email": "x"}})
    assert {name: value for name, value in changed.items() if name not in ("etag", "updated")} == {
        name: value for name, value in made.items() if name not in ("etag", "updated")
    }


def test_broken_json_is_a_parse_error(work: Client) -> None:
    answer = work.raw("POST", "calendars/primary/events", data="{", headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json()["error"]["errors"][0]["reason"]) == (400, "parseError")


# -- deletion and restoring ------------------------------------------------------------------------------------------


def test_the_second_deletion_is_410_and_of_an_unknown_event_404(work: Client) -> None:
    made = work.insert(timed())
    work.delete(made["id"])

    with pytest.raises(Refused) as again:
        work.delete(made["id"])
    with pytest.raises(Refused) as never:
        work.delete("neverwas")
    assert [(one.value.status, one.value.reason) for one in (again, never)] == [(410, "deleted"), (404, "notFound")]


@pytest.mark.parametrize("verb", ["PATCH", "PUT"])
def test_a_deleted_event_comes_back_with_status_confirmed(work: Client, verb: str) -> None:
    made = work.insert(timed("Back"))
    work.delete(made["id"])

    back = work.call(verb, f"calendars/primary/events/{made['id']}", timed("Back", status="confirmed"))
    assert (back["id"], back["status"]) == (made["id"], "confirmed")


def test_a_switch_makes_restoring_forbidden(work: Client) -> None:
    work.sandbox.settings(undelete=False)
    made = work.insert(timed())
    work.delete(made["id"])

    with pytest.raises(Refused) as refusal:
        work.patch(made["id"], {"status": "confirmed"})
    assert (refusal.value.status, refusal.value.reason) == (403, "forbidden")


@pytest.mark.parametrize(("switch", "status"), [("404", 404), ("410", 410)])
def test_a_write_to_an_event_gone_for_good_is_404_or_410(work: Client, switch: str, status: int) -> None:
    work.sandbox.settings(write_gone=switch)
    team = work.sandbox.calendar("Team")
    made = work.insert(timed())
    work.call("POST", f"calendars/primary/events/{made['id']}/move", destination=team)

    with pytest.raises(Refused) as refusal:
        work.patch(made["id"], {"summary": "Late"})
    assert refusal.value.status == status


def test_a_forgotten_tombstone_is_404_and_its_id_stays_taken(work: Client) -> None:
    work.insert(timed(id="forgotten0"))
    work.delete("forgotten0")
    work.sandbox.admin("POST", f"/calendars/{WORK}/purge", {})

    with pytest.raises(Refused) as refusal:
        work.get("forgotten0")
    assert refusal.value.status == 404
    assert refused(work, timed(id="forgotten0"))[0] == 409


# -- what comes back different ---------------------------------------------------------------------------------------


def test_strings_are_trimmed_and_addresses_lowered_or_not_by_a_switch(work: Client) -> None:
    event = timed("  Spaces  ", attendees=[{"email": "Somebody@Example.NET"}])
    first = work.insert(event)
    work.sandbox.settings(trim_strings=False)
    second = work.insert(event)

    assert (first["summary"], first["attendees"][0]["email"]) == ("Spaces", "somebody@example.net")
    assert (second["summary"], second["attendees"][0]["email"]) == ("  Spaces  ", "Somebody@Example.NET")


def test_guests_get_a_reply_and_the_organizer_among_them_is_marked(work: Client) -> None:
    made = work.insert(timed(attendees=[{"email": WORK, "responseStatus": "accepted"}, {"email": "a@example.net"}]))

    assert made["attendees"] == [
        {"email": WORK, "responseStatus": "accepted", "organizer": True, "self": True},
        {"email": "a@example.net", "responseStatus": "needsAction"},
    ]


def test_long_keys_of_properties_are_dropped_and_long_values_cut(work: Client) -> None:
    made = work.insert(timed(extendedProperties={"private": {"k" * 45: "gone", "kept": "v" * 2000}}))

    assert made["extendedProperties"] == {"private": {"kept": "v" * 1024}}


def test_a_long_description_is_cut_and_googles_own_conference_block_removed(work: Client) -> None:
    block = "-::~:~::~:~:-\nJoin with Google Meet: x\n-::~:~::~:~:-::~:~::-"
    made = work.insert(timed(description="Text\n" + block))
    long = work.insert(timed(description="x" * 9000))

    assert made["description"] == "Text"
    assert len(long["description"]) == 8192


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (
            {"useDefault": True, "overrides": [{"method": "popup", "minutes": 5}]},
            "cannotUseDefaultRemindersAndSpecifyOverride",
        ),
        ({"overrides": [{"method": "popup", "minutes": 5}]}, "cannotUseDefaultRemindersAndSpecifyOverride"),
        ({"useDefault": False, "overrides": [{"method": "popup", "minutes": 40321}]}, "invalid"),
        ({"useDefault": False, "overrides": [{"method": "popup", "minutes": n} for n in range(6)]}, "invalid"),
        ({"useDefault": False, "overrides": [{"method": "sms", "minutes": 5}]}, "required"),
    ],
)
def test_reminders_beyond_googles_rules_are_refused(work: Client, sent: dict[str, Any], reason: str) -> None:
    assert refused(work, timed(reminders=sent))[:2] == (400, reason)


def test_reminders_belong_to_the_user_who_set_them(work: Client, support: Client) -> None:
    team = work.sandbox.calendar("Team")
    work.sandbox.share(team, support.email, "writer")
    made = work.insert(timed(reminders={"useDefault": False, "overrides": [{"method": "popup", "minutes": 1}]}), team)

    assert work.get(made["id"], team)["reminders"]["overrides"] == [{"method": "popup", "minutes": 1}]
    assert support.get(made["id"], team)["reminders"] == {"useDefault": True}


def test_all_day_default_reminders_may_come_back_spelled_out(work: Client) -> None:
    work.sandbox.settings(default_reminders_form="overrides")

    made = work.insert(all_day(reminders={"useDefault": True}))
    assert made["reminders"] == {"useDefault": False, "overrides": [{"method": "popup", "minutes": 10}]}


# -- special events --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["fromGmail", "outOfOffice", "birthday"])
def test_event_types_are_restricted(work: Client, kind: str) -> None:
    event = all_day(eventType=kind) if kind == "outOfOffice" else timed(eventType=kind)

    assert refused(work, event)[:2] == (400, "eventTypeRestriction")


def test_an_out_of_office_event_is_taken_on_the_primary_calendar_only(work: Client) -> None:
    event = timed(eventType="outOfOffice", outOfOfficeProperties={"autoDeclineMode": "declineNone"})

    assert work.insert(event)["eventType"] == "outOfOffice"
    assert refused(work, event, calendar=work.sandbox.calendar("Team"))[1] == "eventTypeRestriction"


def test_the_type_of_an_event_stays(work: Client) -> None:
    made = work.insert(timed())

    assert work.patch(made["id"], {"eventType": "focusTime"})["eventType"] == "default"


def test_a_meet_is_pending_first_and_there_on_a_later_read(work: Client) -> None:
    request = {"requestId": "r1", "conferenceSolutionKey": {"type": "hangoutsMeet"}}
    made = work.insert(timed(conferenceData={"createRequest": request}), conferenceDataVersion=1)
    reads = [work.get(made["id"]) for _ in range(2)]

    states = [one["conferenceData"]["createRequest"]["status"] for one in [made, *reads]]
    assert states == [{"statusCode": "pending"}, {"statusCode": "pending"}, {"statusCode": "success"}]
    assert reads[1]["hangoutLink"] == reads[1]["conferenceData"]["entryPoints"][0]["uri"]


def test_a_meet_survives_writes_that_do_not_speak_of_it_and_goes_with_null(work: Client) -> None:
    work.sandbox.settings(meet_pending_gets=0)
    request = {"requestId": "r1", "conferenceSolutionKey": {"type": "hangoutsMeet"}}
    made = work.insert(timed(conferenceData={"createRequest": request}), conferenceDataVersion=1)

    kept = work.update(made["id"], timed("Without a word of it"))
    again = work.patch(made["id"], {"conferenceData": {"createRequest": request}}, conferenceDataVersion=1)
    gone = work.patch(made["id"], {"conferenceData": None}, conferenceDataVersion=1)
    assert kept["conferenceData"] == made["conferenceData"] == again["conferenceData"]
    assert {"conferenceData", "hangoutLink"}.isdisjoint(gone)
