"""Where Google is unconfirmed the sandbox has a switch, and both ways are shown here; and what only it can do."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
import requests

from tests.sandbox.client import Client, Refused, authorize, timed
from tests.support.sandbox import SUPPORT, WORK, Sandbox

DAILY = "RRULE:FREQ=DAILY;COUNT=4"


# -- unconfirmed facts, both ways ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "change", "states"),
    [
        ("lose-unfitting", {"recurrence": ["RRULE:FREQ=DAILY;COUNT=2"]}, ["confirmed", "cancelled"]),
        ("lose-all", {"recurrence": ["RRULE:FREQ=DAILY;COUNT=2"]}, ["cancelled", "cancelled"]),
        ("keep", {"recurrence": ["RRULE:FREQ=DAILY;COUNT=2"]}, ["confirmed", "confirmed"]),
        ("lose-all", {"summary": "Only the title"}, ["confirmed", "confirmed"]),
    ],
)
def test_what_a_changed_rule_does_to_exceptions(work: Client, mode: str, change: Any, states: list[str]) -> None:
    work.sandbox.settings(exceptions_after_change=mode)
    master = work.insert(timed(recurrence=[DAILY]))["id"]
    exceptions = [f"{master}_202611{day}T100000Z" for day in (24, 25)]
    for exception in exceptions:
        work.patch(exception, {"summary": "Special"})
    work.patch(master, change)

    assert [work.get(exception)["status"] for exception in exceptions] == states


@pytest.mark.parametrize(("mode", "same"), [("keep", True), ("new", False)])
def test_whether_a_moved_event_keeps_its_id(work: Client, mode: str, same: bool) -> None:
    work.sandbox.settings(move_id=mode)
    team = work.sandbox.calendar("Team")
    master = work.insert(timed(recurrence=[DAILY]))["id"]
    work.patch(f"{master}_20261124T100000Z", {"summary": "Special"})
    moved = work.call("POST", f"calendars/primary/events/{master}/move", destination=team)["id"]

    assert (moved == master) is same
    assert work.get(f"{moved}_20261124T100000Z", team)["recurringEventId"] == moved


@pytest.mark.parametrize(("longest", "status"), [(0, 200), (3600, 200), (60, 410)])
def test_whether_sync_tokens_grow_old(work: Client, longest: int, status: int) -> None:
    _, token = work.all()
    work.sandbox.settings(sync_token_seconds=longest, clock_offset_seconds=600)

    assert work.raw("GET", "calendars/primary/events", params={"syncToken": token}).status_code == status


@pytest.mark.parametrize("named", [True, False])
def test_whether_a_400_about_a_sync_token_names_the_parameter(work: Client, named: bool) -> None:
    work.sandbox.settings(sync_error_location=named)

    answer = work.raw("GET", "calendars/primary/events", params={"syncToken": "nonsense"})
    assert ("location" in answer.json()["error"]["errors"][0]) is named


@pytest.mark.parametrize("body", ["{}", ""])
def test_what_a_revocation_answers(work: Client, body: str) -> None:
    work.sandbox.settings(revoke_body=body)

    answer = requests.post(work.sandbox.info["revoke_uri"], data={"token": work.token["refresh_token"]}, timeout=30)
    assert (answer.status_code, answer.text) == (200, body)


@pytest.mark.parametrize(("days", "status"), [(92, 200), (30, 400)])
def test_how_long_a_range_free_busy_takes(work: Client, days: int, status: int) -> None:
    work.sandbox.settings(freebusy_days=days)
    window = {"timeMin": "2026-11-01T00:00:00Z", "timeMax": "2026-12-31T00:00:00Z", "items": []}

    assert work.raw("POST", "freeBusy", window).status_code == status


@pytest.mark.parametrize("given", [True, False])
def test_whether_an_ordered_list_ends_with_a_sync_token(work: Client, given: bool) -> None:
    work.sandbox.settings(order_by_token=given)

    assert ("nextSyncToken" in work.page(orderBy="updated")) is given


@pytest.mark.parametrize("error", ["admin_policy_enforced", "org_internal", "deleted_client", "disallowed_useragent"])
def test_some_errors_stay_on_googles_own_page(sandbox: Sandbox, error: str) -> None:
    sandbox.settings(consent_error=error)
    client_id = sandbox.info["client"]["installed"]["client_id"]

    page = requests.get(sandbox.info["auth_uri"], params={"client_id": client_id}, timeout=30)
    assert (page.status_code, error in page.text) == (403, True)


@pytest.mark.parametrize(("taken", "status"), [(True, 302), (False, 400)])
def test_whether_other_redirect_addresses_than_loopback_are_taken(sandbox: Sandbox, taken: bool, status: int) -> None:
    sandbox.settings(any_redirect=taken)
    query = {
        "client_id": sandbox.info["client"]["installed"]["client_id"],
        "response_type": "code",
        "redirect_uri": "https://app.example.com/back",
        "scope": "openid",
        "sandbox_auto": "allow",
    }

    answer = requests.get(sandbox.info["auth_uri"], params=query, allow_redirects=False, timeout=30)
    assert answer.status_code == status


# -- what only a sandbox can do --------------------------------------------------------------------------------------


def test_a_stale_read_shows_an_older_state_once(work: Client) -> None:
    made = work.insert(timed("New"))
    _, token = work.all()
    work.sandbox.admin("POST", f"/calendars/{WORK}/events/{made['id']}/stale", {"summary": "Old"})

    pages = work.pages(syncToken=token)
    (stale,) = pages[0]["items"]
    (fresh,) = work.changed(pages[0]["nextSyncToken"])
    assert (stale["summary"], fresh["summary"]) == ("Old", "New")
    assert stale["updated"] < fresh["updated"] == made["updated"]
    assert stale["etag"] != fresh["etag"] == made["etag"]


ODD: list[dict[str, Any]] = [
    {"summary": "No length", "start": {"date": "2026-11-23"}, "end": {"date": "2026-11-23"}},
    {"summary": "Backwards", "start": {"date": "2026-11-23"}, "end": {"date": "2026-11-20"}},
    {"start": {"date": "2026-11-23"}, "end": {"date": "2026-11-24"}},
    {
        "summary": "Malformed line",
        "start": {"dateTime": "2026-11-23T10:00:00Z", "timeZone": "Europe/London"},
        "end": {"dateTime": "2026-11-23T11:00:00Z"},
        "recurrence": ["RRULE:FREQ=WEEKLY", "RDATE;DATE;TZID=Europe/London:20261124T100000"],
    },
    {
        "summary": "A date where an instant belongs",
        "start": {"dateTime": "2026-11-23T10:00:00Z", "timeZone": "Europe/London"},
        "end": {"dateTime": "2026-11-23T11:00:00Z", "timeZone": "Europe/London"},
        "recurrence": ["RRULE:FREQ=DAILY;UNTIL=20261130", "EXDATE;VALUE=DATE:20261124"],
    },
    {"summary": "Unknown zone", "start": {"dateTime": "2026-11-23T10:00:00Z", "timeZone": "Mars/Olympus"}},
]


@pytest.mark.parametrize("event", ODD)
def test_odd_data_of_old_programs_can_be_put_in_and_never_stops_a_list(work: Client, event: dict[str, Any]) -> None:
    made = work.sandbox.admin("POST", f"/calendars/{WORK}/events?raw=true", event)

    window = {"timeMin": "2026-11-01T00:00:00Z", "timeMax": "2026-12-31T00:00:00Z"}
    for query in ({}, window, {**window, "singleEvents": "true", "orderBy": "startTime"}):
        assert work.raw("GET", "calendars/primary/events", params=query).status_code == 200
    assert made["id"] in {item["id"] for item in work.pages(maxResults=2500)[0]["items"]}


def test_a_locked_event_keeps_its_main_fields(work: Client) -> None:
    times = {"start": {"date": "2026-11-23"}, "end": {"date": "2026-11-24"}}
    made = work.sandbox.admin(
        "POST", f"/calendars/{WORK}/events?raw=true", {**times, "locked": True, "summary": "Fixed"}
    )

    with pytest.raises(Refused) as refusal:
        work.patch(made["id"], {"summary": "Changed"})
    assert (refusal.value.status, refusal.value.reason) == (403, "forbidden")
    assert work.patch(made["id"], {"colorId": "4"})["colorId"] == "4"


def test_the_log_keeps_what_a_write_carried(work: Client) -> None:
    work.sandbox.reset_counters()
    made = work.insert(timed("Carried"))
    work.patch(made["id"], {"summary": "Changed"}, headers={"If-Match": made["etag"]})

    first, second = work.sandbox.log()
    assert '"Carried"' in first["body"]
    assert (second["body"], second["if_match"]) == ('{"summary": "Changed"}', made["etag"])


NONSENSE: list[tuple[str, str, Any]] = [
    ("POST", "calendars/primary/events", [1]),
    ("POST", "calendars/primary/events", timed(attendees="x")),
    ("POST", "calendars/primary/events", timed(attendees=[5])),
    ("POST", "calendars/primary/events", timed(sequence="x")),
    ("POST", "calendars/primary/events", timed(reminders={"useDefault": False, "overrides": [5]})),
    ("POST", "calendars/primary/events", timed(extendedProperties={"private": "x"})),
    ("POST", "calendars/primary/events", timed(recurrence=[5])),
    ("POST", "calendars/primary/events", timed(visibility=["x"])),
    ("POST", "calendars/primary/events", timed(location={"a": 1})),
    ("POST", "freeBusy", {"timeMin": 5}),
    ("POST", "calendars/primary/acl", {"role": "reader", "scope": "x"}),
    ("PATCH", "users/me/calendarList/primary", {"colorId": []}),
    ("POST", "calendars/primary/events/watch", {"id": "x", "type": "web_hook", "address": {}}),
    ("GET", "calendars/primary/events?timeMin=yesterday", None),
    ("GET", "calendars/primary/events?maxResults=0", None),
    ("GET", "calendars/primary/events?fields=items(id", None),
    ("GET", "calendars/primary/events?timeZone=Mars", None),
    ("GET", "calendars/primary/events?pageToken=x", None),
]


@pytest.mark.parametrize(("verb", "path", "body"), NONSENSE)
def test_nonsense_is_a_400_and_never_a_500(work: Client, verb: str, path: str, body: Any) -> None:
    path, _, pair = path.partition("?")
    query = dict([pair.split("=", 1)]) if pair else {}

    with pytest.raises(Refused) as refusal:
        work.call(verb, path, body, **query)
    assert refusal.value.status == 400


# -- series and guests together --------------------------------------------------------------------------------------


def shared_series(work: Client) -> str:
    guests = [{"email": WORK, "responseStatus": "accepted"}, {"email": SUPPORT}]
    return str(work.insert(timed(recurrence=[DAILY], attendees=guests))["id"])


def test_a_cancelled_occurrence_is_cancelled_for_the_guests_too(work: Client, support: Client) -> None:
    master = shared_series(work)
    _, token = support.all()
    work.delete(f"{master}_20261124T100000Z")

    (gone,) = support.changed(token)
    assert (gone["id"], gone["status"]) == (f"{master}_20261124T100000Z", "cancelled")


def test_a_guests_reply_to_one_occurrence_makes_an_exception_at_the_organizer(work: Client, support: Client) -> None:
    master = shared_series(work)
    _, token = work.all()
    occurrence = f"{master}_20261124T100000Z"
    work.sandbox.edit(SUPPORT, occurrence, "reply", {"responseStatus": "declined"})

    (exception,) = work.changed(token)
    assert exception["id"] == occurrence
    assert [guest["responseStatus"] for guest in exception["attendees"]] == ["accepted", "declined"]
    assert support.get(master)["attendees"][1]["responseStatus"] == "needsAction"


def test_a_guest_invited_to_one_occurrence_gets_it_alone(work: Client, support: Client) -> None:
    master = work.insert(timed(recurrence=[DAILY]))["id"]
    occurrence = f"{master}_20261124T100000Z"
    work.patch(occurrence, {"attendees": [{"email": SUPPORT}]})

    assert support.get(occurrence)["recurringEventId"] == master
    with pytest.raises(Refused) as refusal:
        support.get(master)
    assert refusal.value.status == 404


def test_deleting_a_series_leaves_nothing_of_it_at_the_guests(work: Client, support: Client) -> None:
    master = shared_series(work)
    exception = work.patch(f"{master}_20261124T100000Z", {"summary": "Special"})["id"]
    _, token = support.all()
    work.delete(master)

    assert {item["id"]: item["status"] for item in support.changed(token)} == {
        master: "cancelled",
        exception: "cancelled",
    }


def test_a_guest_may_bring_others_unless_the_organizer_forbids_it(work: Client, support: Client) -> None:
    guests = [{"email": WORK}, {"email": SUPPORT}]
    more = [*guests, {"email": "extra@example.net"}]
    open_event = work.insert(timed(attendees=guests))["id"]
    closed_event = work.insert(timed(attendees=guests, guestsCanInviteOthers=False))["id"]
    support.patch(open_event, {"attendees": more})

    assert [guest["email"] for guest in work.get(open_event)["attendees"]][-1] == "extra@example.net"
    with pytest.raises(Refused) as refusal:
        support.patch(closed_event, {"attendees": more})
    assert refusal.value.reason == "forbiddenForNonOrganizer"


def test_an_event_that_a_guest_removed_does_not_come_back_by_a_change(work: Client, support: Client) -> None:
    event_id = work.insert(timed(attendees=[{"email": SUPPORT}]))["id"]
    support.delete(event_id)
    work.patch(event_id, {"summary": "Changed"})

    assert support.get(event_id)["status"] == "cancelled"


def test_a_writer_without_private_access_writes_all_but_private_events(work: Client, support: Client) -> None:
    team = work.sandbox.calendar("Team")
    work.sandbox.share(team, SUPPORT, "writerWithoutPrivateAccess")
    secret = work.insert(timed("Secret", visibility="private"), team)["id"]
    plain = work.insert(timed("Plain"), team)["id"]

    assert support.patch(plain, {"summary": "Changed"}, team)["summary"] == "Changed"
    assert "summary" not in support.get(secret, team)
    with pytest.raises(Refused) as refusal:
        support.patch(secret, {"summary": "Changed"}, team)
    assert refusal.value.reason == "requiredAccessLevel"


def test_attachments_need_their_parameter_and_survive_writes_without_it(work: Client) -> None:
    file = [{"fileUrl": "https://example.com/a.pdf", "title": "A"}]
    without = work.insert(timed(attachments=file))
    made = work.insert(timed(attachments=file), supportsAttachments="true")
    kept = work.update(made["id"], timed("Other"))

    assert "attachments" not in without
    assert made["attachments"] == kept["attachments"] == file


def test_ids_in_a_path_may_be_encoded_or_not(work: Client) -> None:
    encoded = work.raw("GET", f"calendars/{quote(WORK, safe='')}/events").json()
    plain = work.raw("GET", f"calendars/{WORK}/events").json()

    assert encoded["items"] == plain["items"]


def test_a_code_of_a_browser_that_knows_no_account_goes_to_the_first(sandbox: Sandbox) -> None:
    assert "code" in authorize(sandbox, login_hint="")[0]
