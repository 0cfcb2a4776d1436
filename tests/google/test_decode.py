"""Pages of Google's JSON into canonical events: defaults, oddities, and nothing writable dropped."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from googleapiclient.discovery_cache import get_static_doc
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calsyncctl.errors import Later
from calsyncctl.google.decode import decode_calendars, decode_event, decode_page
from calsyncctl.google.wire import KEPT_WHOLE, Item
from calsyncctl.model.copy import RemoteEvent, Tag
from calsyncctl.model.event import Attendee, Body, Content, Reminder, When
from calsyncctl.sync.provider import OddItem

TENNIS: dict[str, Any] = {
    "kind": "calendar#event",
    "etag": '"2861896391802000"',
    "id": "8ndrpt97cl0c9lkbpojq9tiquo",
    "status": "confirmed",
    "htmlLink": "https://www.google.com/calendar/event?eid=x",
    "created": "2015-05-06T21:36:35.000Z",
    "updated": "2015-05-06T21:36:35.901Z",
    "summary": "Tennis",
    "creator": {"email": "me@example.com", "self": True},
    "organizer": {"email": "me@example.com", "self": True},
    "start": {"dateTime": "2009-04-17T15:00:00Z", "timeZone": "UTC"},
    "end": {"dateTime": "2009-04-17T17:00:00Z", "timeZone": "UTC"},
    "iCalUID": "8ndrpt97cl0c9lkbpojq9tiquo@google.com",
    "sequence": 0,
    "reminders": {"useDefault": True},
    "eventType": "default",
}


def read(*, access: str = "owner", zone: str = "UTC", **changes: Any) -> RemoteEvent:
    event = decode_event(json.dumps(TENNIS | changes).encode(), zone, access)
    assert isinstance(event, RemoteEvent), event
    return event


def odd(**changes: Any) -> OddItem:
    event = decode_event(json.dumps(TENNIS | changes).encode(), "UTC", "owner")
    assert isinstance(event, OddItem), event
    return event


def body(**changes: Any) -> Body:
    content = read(**changes).content
    assert content is not None
    return content.body


def when(**changes: Any) -> When:
    content = read(**changes).content
    assert content is not None
    return content.when


def extra(**changes: Any) -> Any:
    text = read(**changes).extra
    return json.loads(text) if text else {}


def test_a_typical_event_comes_out_whole() -> None:
    assert read() == RemoteEvent(
        google_id="8ndrpt97cl0c9lkbpojq9tiquo",
        etag='"2861896391802000"',
        updated="2015-05-06T21:36:35.901Z",
        content=Content(
            "Tennis",
            "confirmed",
            When("2009-04-17T15:00:00Z", "2009-04-17T17:00:00Z", "UTC"),
            Body(organizer="me@example.com", organizer_self=True),
        ),
        ical_uid="8ndrpt97cl0c9lkbpojq9tiquo@google.com",
    )


def test_defaults_that_are_written_out_equal_those_left_out() -> None:
    spelled: dict[str, Any] = {
        "transparency": "opaque",
        "visibility": "default",
        "guestsCanInviteOthers": True,
        "guestsCanModify": False,
        "guestsCanSeeOtherGuests": True,
        "attendeesOmitted": False,
        "attendees": [],
        "recurrence": [],
        "description": "",
        "location": None,
        "extendedProperties": {"private": {}},
    }

    assert read(**spelled) == read()


def test_the_order_of_guests_and_reminders_does_not_matter() -> None:
    guests = [{"email": "b@example.com"}, {"email": "A@example.com", "responseStatus": "accepted"}]
    overrides = [{"method": "popup", "minutes": 30}, {"method": "email", "minutes": 5}]
    one = body(attendees=guests, reminders={"useDefault": False, "overrides": overrides})
    two = body(attendees=guests[::-1], reminders={"useDefault": False, "overrides": overrides[::-1]})

    assert one == two
    assert one.attendees == (Attendee("A@example.com", reply="accepted"), Attendee("b@example.com"))
    assert one.reminders == (Reminder("email", 5), Reminder("popup", 30))


def test_no_reminders_differ_from_the_calendars_own() -> None:
    assert body(reminders={"useDefault": False}).reminders == ()
    assert body(reminders={"useDefault": True}).reminders is None


def test_rules_stay_first_and_the_rest_is_sorted() -> None:
    lines = ["EXDATE:20260102T090000Z", "RRULE:FREQ=DAILY", "EXDATE:20260101T090000Z"]

    assert when(recurrence=lines).recurrence == ("RRULE:FREQ=DAILY", lines[2], lines[0])


def test_a_tombstone_may_be_nothing_but_an_id() -> None:
    event = decode_event(b'{"id":"gone1","status":"cancelled"}', "UTC", "owner")

    assert event == RemoteEvent(google_id="gone1", etag="", updated="", content=None)


def test_a_cancelled_item_with_its_details_has_no_content_all_the_same() -> None:
    assert read(status="cancelled").content is None


def test_a_cancelled_occurrence_names_its_series_and_original_start() -> None:
    event = decode_event(
        b'{"id":"m_20261109T090000Z","status":"cancelled","recurringEventId":"m",'
        b'"originalStartTime":{"dateTime":"2026-11-09T10:00:00+01:00","timeZone":"Europe/Berlin"}}',
        "Europe/Berlin",
        "owner",
    )

    assert isinstance(event, RemoteEvent)
    assert (event.master, event.original, event.content) == ("m", "20261109T090000Z", None)


def test_a_field_that_nobody_named_yet_is_kept() -> None:
    assert extra(moonPhase={"full": True}) == {"moonPhase": {"full": True}}


def test_a_guests_unknown_field_is_kept_by_address() -> None:
    guests = [{"email": "a@example.com", "mood": "good"}, {"email": "b@example.com"}]

    assert extra(attendees=guests) == {"attendees": {"a@example.com": {"mood": "good"}}}
    assert len(body(attendees=guests).attendees) == 2


@pytest.mark.parametrize("name", sorted(KEPT_WHOLE.values()))
def test_writable_fields_outside_the_model_are_kept_whole(name: str) -> None:
    assert extra(**{name: {"z": [1, "ü"], "a": None}}) == {name: {"z": [1, "ü"], "a": None}}


def test_kept_fields_read_the_same_whatever_their_order() -> None:
    one = read(source={"title": "a", "url": "u"}, attachments=[{"fileUrl": "f"}]).extra
    two = read(attachments=[{"fileUrl": "f"}], source={"url": "u", "title": "a"}).extra

    assert one == two


def test_another_zone_for_the_end_is_kept() -> None:
    flight = {"dateTime": "2009-04-17T12:00:00-04:00", "timeZone": "America/New_York"}

    assert extra(end=flight) == {"end": {"timeZone": "America/New_York"}}
    assert when(end=flight).end == "2009-04-17T16:00:00Z"


def test_our_tag_is_read_and_others_properties_are_kept() -> None:
    private = {
        "managed_by": "calsyncctl",
        "calsyncctl_instance": "i1",
        "calsyncctl_key": "k1",
        "calsyncctl_id": "g1",
        "calsyncctl_home": "h1",
        "theirs": "x",
    }
    event = read(extendedProperties={"private": private, "shared": {"room": "4"}})

    assert event.tag == Tag("i1", "k1", "g1", "h1")
    assert json.loads(event.extra) == {"extendedProperties": {"private": {"theirs": "x"}, "shared": {"room": "4"}}}


def test_half_a_tag_is_none_and_is_kept_as_what_it_is() -> None:
    event = read(extendedProperties={"private": {"calsyncctl_instance": "i1"}})

    assert event.tag is None
    assert json.loads(event.extra)["extendedProperties"]["private"] == {"calsyncctl_instance": "i1"}


def test_the_video_link_is_shown_and_its_conference_kept() -> None:
    event = read(hangoutLink="https://meet.example.com/x", conferenceData={"conferenceId": "x"})

    assert event.content is not None
    assert event.content.body.meet == "https://meet.example.com/x"
    assert json.loads(event.extra) == {"conferenceData": {"conferenceId": "x"}}


def test_busy_times_without_details_say_that_they_are_hidden() -> None:
    bare = b'{"id":"x","status":"confirmed","start":{"date":"2026-04-15"},"end":{"date":"2026-04-16"}}'
    event = decode_event(bare, "UTC", "freeBusyReader")

    assert isinstance(event, RemoteEvent)
    assert event.hidden
    assert event.content == Content("", "confirmed", When("2026-04-15", "2026-04-16"), Body())


@pytest.mark.parametrize(
    ("access", "hidden"), [("reader", True), ("writerWithoutPrivateAccess", True), ("owner", False)]
)
def test_a_private_event_without_a_title_is_hidden_from_guests_of_the_calendar_only(access: str, hidden: bool) -> None:
    assert read(access=access, visibility="private", summary=None).hidden is hidden


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"start": None}, "it has no start"),
        ({"start": {"dateTime": "soon"}}, "its start is not a time"),
        ({"start": {"date": "9999-12-31"}, "end": None}, "its start is the last day there is"),
        ({"summary": 7}, "Expected `str | null`, got `int` - at `$.summary`"),
        ({"attendees": ["x"]}, "it could not be read"),
        ({"recurrence": "RRULE:FREQ=DAILY"}, "Expected `array | null`, got `str` - at `$.recurrence`"),
    ],
)
def test_what_cannot_be_read_is_named_without_its_contents(changes: dict[str, object], why: str) -> None:
    found = odd(**changes)

    assert found.google_id == TENNIS["id"]
    assert found.why == why


@pytest.mark.parametrize(
    "recurrence",
    [
        ["RDATE;DATE;TZID=Europe/Berlin:20260101"],
        ["EXDATE:nonsense"],
        ["RRULE:FREQ=WEEKLY;UNTIL=20260101"],
        ["RRULE:FREQ=YEARLY;BYMONTHDAY=3"],
    ],
)
def test_malformed_recurrence_is_kept_as_it_came(recurrence: list[str]) -> None:
    assert when(recurrence=recurrence).recurrence == tuple(recurrence)


def test_one_bad_item_never_stops_a_page() -> None:
    page = decode_page(
        json.dumps(
            {
                "accessRole": "reader",
                "timeZone": "Europe/Berlin",
                "nextSyncToken": "s1",
                "items": [{"id": "bad", "start": 7}, 3, TENNIS, {"status": "confirmed"}],
            }
        ).encode()
    )

    assert [event.google_id for event in page.items] == [TENNIS["id"]]
    assert [one.google_id for one in page.odd] == ["bad", "", ""]
    assert (page.access, page.zone, page.cursor, page.next_page) == ("reader", "Europe/Berlin", "s1", None)


def test_half_a_character_is_replaced_and_the_event_read() -> None:
    page = decode_page(json.dumps({"items": [TENNIS | {"summary": "cut \ud83d"}]}).encode())

    assert [event.content.summary for event in page.items if event.content] == ["cut \ufffd"]


def test_an_empty_page_may_lack_its_items_and_have_a_next_one() -> None:
    page = decode_page(b'{"kind":"calendar#events","timeZone":"UTC","accessRole":"owner","nextPageToken":"p"}')

    assert (page.items, page.next_page, page.cursor) == ((), "p", None)


@pytest.mark.parametrize("content", [b"", b'{"items":[{"id":"a"', b"<html>", b"[]", b"\xff"])
def test_a_page_that_is_cut_off_is_passing_trouble(content: bytes) -> None:
    with pytest.raises(Later):
        decode_page(content)


def test_calendars_are_shown_under_the_users_own_title() -> None:
    entry = {
        "id": "c",
        "summary": "Team",
        "summaryOverride": "My team",
        "timeZone": "Europe/Berlin",
        "accessRole": "writer",
    }
    calendars, page, cursor = decode_calendars(json.dumps({"items": [entry], "nextSyncToken": "s"}).encode())

    assert [(one.name, one.zone, one.access) for one in calendars] == [("My team", "Europe/Berlin", "writer")]
    assert (page, cursor) == (None, "s")


def test_a_calendar_may_lack_nearly_everything() -> None:
    calendars, _page, _cursor = decode_calendars(b'{"items":[{"id":"c","summary":null},{"id":"d","deleted":true},{}]}')

    assert [(one.google_id, one.name, one.access, one.deleted) for one in calendars] == [
        ("c", "c", "none", False),
        ("d", "d", "none", True),
    ]


def test_every_field_of_googles_event_is_named() -> None:
    document = json.loads(get_static_doc("calendar", "v3") or "")
    known = {field.encode_name for field in msgspec.structs.fields(Item)}

    assert set(document["schemas"]["Event"]["properties"]) == known


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(sorted(TENNIS)), inner, max_size=2),
    max_leaves=4,
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from([*sorted(TENNIS), "attendees", "recurrence", "attachments", "new"]), JUNK))
def test_whatever_an_item_holds_it_is_an_event_or_an_oddity(changes: dict[str, Any]) -> None:
    found = decode_event(json.dumps(TENNIS | changes).encode(), "UTC", "owner")

    assert isinstance(found, RemoteEvent | OddItem)
