"""What is sent to Google: an insert whole, a patch with the changed fields alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from calsyncctl.google.encode import insert_body, patch_body, query_of
from calsyncctl.model.copy import Tag
from calsyncctl.model.event import Attendee, Body, Content, Reminder, When
from calsyncctl.sync.provider import Delete, Insert, Patch

HOUR = When("2026-04-15T09:00:00+02:00", "2026-04-15T10:00:00+02:00", "Europe/Berlin")
DAY = When("2026-04-15", "2026-04-16")
TAG = Tag("instance", "key", "abcde")
GUEST = Attendee("guest@example.org")
ZONED = {"timeZone": "Europe/Berlin"}


def content(summary: str = "Tea", when: When = HOUR, *, status: str = "confirmed", **body: Any) -> Content:
    return Content(summary, status, when, Body(**body))


def inserted(said: Content, **more: Any) -> dict[str, Any]:
    return insert_body(Insert(google_id="abcde", content=said, tag=TAG, **more))


def patched(before: Content | None, after: Content, *fields: str, **more: Any) -> dict[str, Any]:
    return patch_body(
        Patch(google_id="abcde", etag='"1"', before=before, after=after, fields=frozenset(fields), **more)
    )


def test_a_plain_event_is_sent_with_its_id_and_our_tag_and_without_defaults() -> None:
    assert inserted(content()) == {
        "id": "abcde",
        "summary": "Tea",
        "start": {"dateTime": "2026-04-15T09:00:00+02:00"} | ZONED,
        "end": {"dateTime": "2026-04-15T10:00:00+02:00"} | ZONED,
        "extendedProperties": {
            "private": {
                "managed_by": "calsyncctl",
                "calsyncctl_instance": "instance",
                "calsyncctl_key": "key",
                "calsyncctl_id": "abcde",
            }
        },
    }


def test_a_tag_names_home_and_booking_where_it_has_them() -> None:
    tag = Tag("instance", "key", "abcde", "home@example.com", "BOOK-1")
    body = insert_body(Insert(google_id="abcde", content=content(), tag=tag))

    private = body["extendedProperties"]["private"]
    assert (private["calsyncctl_home"], private["calsyncctl_booking"]) == ("home@example.com", "BOOK-1")


def test_no_key_of_a_tag_is_longer_than_google_takes() -> None:
    tag = Tag("instance", "key", "abcde", "home@example.com", "BOOK-1")
    body = insert_body(Insert(google_id="abcde", content=content(), tag=tag))

    assert max(map(len, body["extendedProperties"]["private"])) <= 44


def test_days_are_sent_as_dates_and_series_with_their_lines() -> None:
    body = inserted(content(when=replace(DAY, recurrence=("RRULE:FREQ=DAILY", "EXDATE;VALUE=DATE:20260417"))))

    assert (body["start"], body["end"]) == ({"date": "2026-04-15"}, {"date": "2026-04-16"})
    assert body["recurrence"] == ["RRULE:FREQ=DAILY", "EXDATE;VALUE=DATE:20260417"]


def test_a_tentative_event_says_so() -> None:
    assert inserted(content(status="tentative"))["status"] == "tentative"


def test_what_belongs_to_the_copy_is_left_out_unless_it_is_the_home_copy() -> None:
    own = content(colour="5", visibility="private", reminders=(), transparency="transparent")

    assert not {"colorId", "visibility", "reminders"} & set(inserted(own))
    assert inserted(own)["transparency"] == "transparent"
    sent = inserted(own, own=True)
    assert (sent["colorId"], sent["visibility"]) == ("5", "private")
    assert sent["reminders"] == {"useDefault": False, "overrides": []}


def test_guests_are_sent_with_their_replies_and_without_what_google_sets() -> None:
    guest = Attendee("g@example.org", "G", "accepted", True, True, True, False, "late", 2)
    body = inserted(content(attendees=(guest, GUEST)), guests=True)

    assert body["attendees"] == [
        {
            "email": "g@example.org",
            "displayName": "G",
            "responseStatus": "accepted",
            "optional": True,
            "comment": "late",
            "additionalGuests": 2,
        },
        {"email": "guest@example.org", "responseStatus": "needsAction"},
    ]


@pytest.mark.parametrize("more", [{"attendees_omitted": True}, {"attendees": (GUEST, Attendee(""))}])
def test_a_guest_list_that_is_not_whole_is_not_sent(more: dict[str, Any]) -> None:
    said = content(**{"attendees": (GUEST,)} | more)

    assert "attendees" not in inserted(said, guests=True)
    assert patched(content(), said, "attendees", guests=True) == {}


def test_guests_are_not_sent_to_a_copy_that_does_not_invite() -> None:
    said = content(attendees=(GUEST,))

    assert "attendees" not in inserted(said)
    assert patched(content(), said, "attendees") == {}


def test_what_the_model_does_not_name_comes_along_where_it_can_be_made_again() -> None:
    extra = {
        "attachments": [{"fileUrl": "https://example.com/a"}],
        "source": {"title": "T", "url": "https://example.com"},
        "extendedProperties": {"private": {"other": "1"}, "shared": {"both": "2"}},
        "end": {"timeZone": "America/New_York"},
        "conferenceData": {"conferenceId": "x"},
        "focusTimeProperties": {},
        "aFieldOfNextYear": 1,
    }
    body = inserted(content(), extra=json.dumps(extra))

    assert (body["attachments"], body["source"]) == (extra["attachments"], extra["source"])
    assert body["extendedProperties"]["private"]["other"] == "1"
    assert body["extendedProperties"]["shared"] == {"both": "2"}
    assert body["end"] == {"dateTime": "2026-04-15T10:00:00+02:00", "timeZone": "America/New_York"}
    assert not {"conferenceData", "focusTimeProperties", "aFieldOfNextYear"} & set(body)


def test_a_tag_of_another_event_in_extra_never_wins_over_ours() -> None:
    extra = json.dumps({"extendedProperties": {"private": {"calsyncctl_id": "fghij", "calsyncctl_booking": "B"}}})
    private = inserted(content(), extra=extra)["extendedProperties"]["private"]

    assert private["calsyncctl_id"] == "abcde"
    assert "calsyncctl_booking" not in private


def test_a_patched_tag_takes_away_what_it_has_not() -> None:
    private = patched(content(), content(), tag=TAG)["extendedProperties"]["private"]

    assert (private["calsyncctl_id"], private["calsyncctl_booking"]) == ("abcde", None)


def test_a_patch_has_the_named_fields_alone() -> None:
    after = content("Coffee", location="Room 5", description="x", attendees=(GUEST,), colour="7")

    assert patched(content(), after, "summary", "location") == {"summary": "Coffee", "location": "Room 5"}


def test_an_emptied_field_is_null() -> None:
    emptied = patched(content(location="x"), content(""), "summary", "location", "description", "colour")

    assert emptied == {"summary": None, "location": None, "description": None, "colorId": None}


def test_fields_with_defaults_are_sent_with_them() -> None:
    fields = ("transparency", "visibility", "guests_can_invite", "guests_can_modify", "guests_can_see", "status")

    assert patched(content(), content(), *fields) == {
        "transparency": "opaque",
        "visibility": "default",
        "guestsCanInviteOthers": True,
        "guestsCanModify": False,
        "guestsCanSeeOtherGuests": True,
        "status": "confirmed",
    }


@pytest.mark.parametrize(
    "field", ["organizer", "organizer_self", "event_type", "locked", "meet", "attendees_omitted", "nonsense"]
)
def test_what_only_google_sets_is_not_sent(field: str) -> None:
    assert patched(content(), content("Coffee", organizer="x", meet="y", locked=True), field) == {}


def test_an_empty_guest_list_is_sent_as_one() -> None:
    assert patched(content(attendees=(GUEST,)), content(), "attendees", guests=True) == {"attendees": []}


def test_reminders_are_replaced_whole() -> None:
    ten = content(reminders=(Reminder("popup", 10),))

    assert patched(content(), ten, "reminders") == {
        "reminders": {"useDefault": False, "overrides": [{"method": "popup", "minutes": 10}]}
    }
    assert patched(ten, content(), "reminders") == {"reminders": {"useDefault": True, "overrides": None}}


def test_from_a_time_to_a_day_the_time_is_taken_away() -> None:
    assert patched(content(), content(when=DAY), "when") == {
        "start": {"date": "2026-04-15", "dateTime": None, "timeZone": None},
        "end": {"date": "2026-04-16", "dateTime": None, "timeZone": None},
    }


def test_from_a_day_to_a_time_the_day_is_taken_away() -> None:
    assert patched(content(when=DAY), content(), "when") == {
        "start": {"date": None, "dateTime": "2026-04-15T09:00:00+02:00"} | ZONED,
        "end": {"date": None, "dateTime": "2026-04-15T10:00:00+02:00"} | ZONED,
    }


def test_between_days_or_between_times_nothing_is_taken_away() -> None:
    later = replace(DAY, end="2026-04-18")

    assert patched(content(when=DAY), content(when=later), "when") == {
        "start": {"date": "2026-04-15"},
        "end": {"date": "2026-04-18"},
    }


def test_an_end_keeps_a_zone_of_its_own_while_the_zone_stays() -> None:
    moved = replace(HOUR, end="2026-04-15T11:00:00+02:00")
    elsewhere = When("2026-04-15T09:00:00Z", "2026-04-15T10:00:00Z", "UTC")

    assert "timeZone" not in patched(content(), content(when=moved), "when")["end"]
    assert patched(content(), content(when=elsewhere), "when")["end"]["timeZone"] == "UTC"


def test_a_series_always_names_its_zone_at_both_ends() -> None:
    daily = replace(HOUR, recurrence=("RRULE:FREQ=DAILY",))
    body = patched(content(), content(when=daily), "when")

    assert (body["start"]["timeZone"], body["end"]["timeZone"]) == ("Europe/Berlin", "Europe/Berlin")
    assert body["recurrence"] == ["RRULE:FREQ=DAILY"]


def test_a_recurrence_is_sent_when_it_changed_and_null_when_it_goes() -> None:
    daily = replace(HOUR, recurrence=("RRULE:FREQ=DAILY",))

    assert patched(content(when=daily), content(), "when")["recurrence"] is None
    assert "recurrence" not in patched(content(when=daily), content(when=replace(daily, end=DAY.end)), "when")


def test_without_knowing_what_was_both_forms_are_cleared_and_no_recurrence_is() -> None:
    body = patched(None, content(), "when")

    assert body["start"]["date"] is None
    assert "recurrence" not in body


def test_coming_back_sends_the_status() -> None:
    assert patched(None, content(status="tentative"), revive=True) == {"status": "tentative"}


def test_a_meet_is_asked_for_with_the_version_that_lets_it_through() -> None:
    write = Insert(google_id="abcde", content=content(), tag=TAG, meet="abcde", mail="all")
    body = insert_body(write)

    assert body["conferenceData"] == {
        "createRequest": {"requestId": "abcde", "conferenceSolutionKey": {"type": "hangoutsMeet"}}
    }
    assert query_of(write, body) == {"sendUpdates": "all", "conferenceDataVersion": 1}


def test_a_link_that_is_there_is_never_replaced() -> None:
    assert patched(content(meet="https://meet.google.com/abc"), content(), meet="abcde") == {}


def test_other_writes_leave_conferences_alone() -> None:
    write = Insert(google_id="abcde", content=content(), tag=TAG)

    assert query_of(write, insert_body(write)) == {"sendUpdates": "none"}
    assert query_of(Delete(google_id="abcde", etag=None, mail="externalOnly")) == {"sendUpdates": "externalOnly"}


def test_the_operators_mark_is_the_brand_of_the_tag() -> None:
    body = insert_body(Insert(google_id="abcde", content=content(), tag=TAG), "acme")
    changed = patch_body(
        Patch(google_id="abcde", etag='"1"', before=None, after=content(), fields=frozenset(), tag=TAG), "acme"
    )

    assert body["extendedProperties"]["private"]["managed_by"] == "acme"
    assert changed["extendedProperties"]["private"]["managed_by"] == "acme"
