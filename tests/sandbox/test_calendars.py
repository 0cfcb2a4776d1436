"""The calendar list, calendars, sharing rules, colours, settings, free/busy; and that no method is left unchecked."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from calsyncctl.sandbox.scopes import METHOD_SCOPES, NAMES, PREFIX
from tests.sandbox.client import SEEN, Client, Refused, all_day, timed
from tests.sandbox.discovery import document, methods
from tests.support.sandbox import SUPPORT, WORK

LIST = "users/me/calendarList"


def listed(client: Client, **query: Any) -> list[dict[str, Any]]:
    return list(client.call("GET", LIST, **query)["items"])


def test_the_list_shows_roles_and_marks_the_primary_calendar(work: Client) -> None:
    entries = listed(work)

    assert [(entry["summary"], entry["accessRole"]) for entry in entries] == [
        (WORK, "owner"),
        ("Team", "owner"),
        ("Shared (read only)", "reader"),
        ("Holidays in United Kingdom", "reader"),
    ]
    assert [entry.get("primary") for entry in entries] == [True, None, None, None]


def test_the_list_is_paged_and_has_its_own_sync_token(work: Client) -> None:
    first = work.call("GET", LIST, maxResults=3)
    last = work.call("GET", LIST, maxResults=3, pageToken=first["nextPageToken"])
    work.sandbox.add_calendar(WORK, "New")

    changed = work.call("GET", LIST, syncToken=last["nextSyncToken"])["items"]
    assert [len(page["items"]) for page in (first, last)] == [3, 1]
    assert [entry["summary"] for entry in changed] == ["New"]


@pytest.mark.parametrize("wrong", [{"minAccessRole": "writer"}, {"showHidden": "false"}, {"showDeleted": "false"}])
def test_the_lists_sync_token_goes_with_no_restriction(work: Client, wrong: dict[str, str]) -> None:
    token = work.call("GET", LIST)["nextSyncToken"]

    with pytest.raises(Refused) as refusal:
        work.call("GET", LIST, syncToken=token, **wrong)
    assert (refusal.value.status, refusal.value.reason) == (400, "syncTokenWithRequestRestrictions")


def test_the_lists_sync_token_may_expire(work: Client) -> None:
    token = work.call("GET", LIST)["nextSyncToken"]
    work.sandbox.admin("POST", "/tokens/expire", {"list": WORK})

    with pytest.raises(Refused) as refusal:
        work.call("GET", LIST, syncToken=token)
    assert (refusal.value.status, refusal.value.reason) == (410, "fullSyncRequired")


def test_hidden_and_weak_entries_are_left_out_on_wish(work: Client) -> None:
    team = work.sandbox.calendar("Team")
    work.call("PATCH", f"{LIST}/{team}", {"hidden": True, "summaryOverride": "My team"})

    hidden = {entry["id"]: entry.get("summaryOverride") for entry in listed(work, showHidden="true")}
    assert team not in {entry["id"] for entry in listed(work)}
    assert hidden[team] == "My team"
    assert [entry["summary"] for entry in listed(work, minAccessRole="writer")] == [WORK]


def test_taking_a_calendar_off_the_list_does_not_delete_it(work: Client) -> None:
    team = work.sandbox.calendar("Team")
    token = work.call("GET", LIST)["nextSyncToken"]
    work.call("DELETE", f"{LIST}/{team}")

    (entry,) = work.call("GET", LIST, syncToken=token)["items"]
    assert sorted(entry) == ["deleted", "etag", "id", "kind"]
    assert work.call("GET", f"calendars/{team}")["summary"] == "Team"
    assert work.call("POST", LIST, {"id": team})["id"] == team


def test_a_deleted_calendar_is_gone_for_everybody(work: Client) -> None:
    team = work.sandbox.calendar("Team")
    work.call("DELETE", f"calendars/{team}")

    with pytest.raises(Refused) as refusal:
        work.page(team)
    assert refusal.value.status == 404
    assert team not in {entry["id"] for entry in listed(work)}


def test_a_primary_calendar_is_cleared_and_never_deleted(work: Client) -> None:
    with pytest.raises(Refused) as refusal:
        work.call("DELETE", "calendars/primary")
    work.call("POST", "calendars/primary/clear")

    assert refusal.value.status == 403
    assert [item for item in work.all()[0] if item["status"] != "cancelled"] == []


def test_a_new_calendar_needs_a_title(work: Client) -> None:
    with pytest.raises(Refused) as refusal:
        work.call("POST", "calendars", {"description": "x"})
    assert refusal.value.reason == "required"


def test_free_busy_merges_skips_the_free_and_names_trouble_inside_a_200(work: Client) -> None:
    team = work.sandbox.add_calendar(WORK, "Busy")
    for event in (timed(hour=9), timed(hour=10), timed(hour=13, transparency="transparent")):
        work.insert(event, team)
    work.insert(timed(hour=15, recurrence=["RRULE:FREQ=DAILY;COUNT=2"]), team)
    window = {"timeMin": "2026-11-23T09:30:00Z", "timeMax": "2026-11-24T00:00:00Z"}

    found = work.call("POST", "freeBusy", {**window, "items": [{"id": team}, {"id": "nobody@example.com"}]})[
        "calendars"
    ]
    assert found[team]["busy"] == [
        {"start": "2026-11-23T09:30:00Z", "end": "2026-11-23T11:00:00Z"},
        {"start": "2026-11-23T15:00:00Z", "end": "2026-11-23T16:00:00Z"},
    ]
    assert found["nobody@example.com"] == {"errors": [{"domain": "global", "reason": "notFound"}], "busy": []}


@pytest.mark.parametrize(
    ("high", "reason"), [("2026-11-23T00:00:00Z", "timeRangeEmpty"), ("2027-11-23T00:00:00Z", "timeRangeTooLong")]
)
def test_free_busy_refuses_impossible_windows(work: Client, high: str, reason: str) -> None:
    with pytest.raises(Refused) as refusal:
        work.call("POST", "freeBusy", {"timeMin": "2026-11-23T00:00:00Z", "timeMax": high, "items": []})
    assert (refusal.value.status, refusal.value.reason) == (400, reason)


def test_the_scopes_of_every_method_are_those_of_the_discovery_document() -> None:
    known = {name: {scope.removeprefix(PREFIX) for scope in one["scopes"]} for name, one in methods().items()}

    assert {name: set(scopes.split()) for name, scopes in METHOD_SCOPES.items()} == known
    assert {PREFIX + name for name in NAMES} == set(document()["auth"]["oauth2"]["scopes"])


def test_every_method_answers_what_the_discovery_document_says(work: Client) -> None:
    SEEN.clear()
    calendar = exercise_calendars(work)
    exercise_events(work, calendar)
    exercise_rules(work, calendar)
    exercise_channels(work, calendar)

    with_a_body = {name for name, method in methods().items() if "response" in method}
    assert with_a_body == SEEN


def exercise_calendars(client: Client) -> str:
    made = client.call("POST", "calendars", {"summary": "Mine", "timeZone": "Europe/Berlin", "location": "Here"})
    calendar = str(made["id"])
    client.call("GET", f"calendars/{calendar}")
    client.call("PATCH", f"calendars/{calendar}", {"description": "Text"})
    client.call("PUT", f"calendars/{calendar}", {"summary": "Renamed"})
    client.call("GET", LIST)
    client.call("DELETE", f"{LIST}/{calendar}")
    client.call("POST", LIST, {"id": made["id"]})
    client.call("GET", f"{LIST}/{calendar}")
    client.call("PATCH", f"{LIST}/{calendar}", {"colorId": "7"})
    client.call("PUT", f"{LIST}/{calendar}", {"selected": True})
    client.call("GET", "colors")
    client.call("GET", "users/me/settings")
    client.call("GET", "users/me/settings/timezone")
    window = {"timeMin": "2026-11-23T00:00:00Z", "timeMax": "2026-12-23T00:00:00Z"}
    client.call("POST", "freeBusy", {**window, "items": [{"id": "primary"}, {"id": "x"}]})
    return calendar


def exercise_events(client: Client, calendar: str) -> None:
    guests = [{"email": SUPPORT}, {"email": "a@example.net", "optional": True}]
    made = client.insert(timed(attendees=guests, recurrence=["RRULE:FREQ=DAILY;COUNT=3"]), calendar)
    client.get(made["id"], calendar)
    client.patch(made["id"], {"colorId": "3"}, calendar)
    client.update(made["id"], timed("New", recurrence=["RRULE:FREQ=DAILY;COUNT=3"]), calendar)
    client.call("GET", f"calendars/{calendar}/events/{made['id']}/instances")
    client.call(
        "POST",
        f"calendars/{calendar}/events/import",
        all_day(iCalUID="i1@x", source={"title": "t", "url": "https://x"}),
    )
    client.call("POST", f"calendars/{calendar}/events/quickAdd", text="Lunch")
    client.call("POST", f"calendars/{calendar}/events/{made['id']}/move", destination="primary")
    client.all(calendar, showDeleted="true")
    for name in ("Team", "Shared (read only)", "Holidays in United Kingdom"):
        client.all(client.sandbox.calendar(name), maxResults=2500)


def exercise_rules(client: Client, calendar: str) -> None:
    rule = {"role": "reader", "scope": {"type": "user", "value": SUPPORT}}
    made = client.call("POST", f"calendars/{calendar}/acl", rule)
    path = f"calendars/{calendar}/acl/{quote(made['id'])}"
    client.call("GET", f"calendars/{calendar}/acl")
    client.call("GET", path)
    client.call("PATCH", path, {"role": "writer"})
    client.call("PUT", path, {"role": "owner", "scope": rule["scope"]})
    client.call("POST", f"calendars/{calendar}/transferOwnership", newDataOwner=SUPPORT, useAdminAccess="true")
    client.call("DELETE", path)


def exercise_channels(client: Client, calendar: str) -> None:
    channel = {"type": "web_hook", "address": "http://127.0.0.1:9/hook"}
    paths = (f"calendars/{calendar}/events", f"calendars/{calendar}/acl", LIST, "users/me/settings")
    for number, path in enumerate(paths):
        made = client.call("POST", f"{path}/watch", {**channel, "id": f"c{number}"})
        client.call("POST", "channels/stop", {"id": made["id"], "resourceId": made["resourceId"]})


def test_free_busy_answers_in_the_zone_that_was_asked_for_and_skips_the_declined(work: Client, support: Client) -> None:
    guests = [{"email": WORK}, {"email": SUPPORT, "responseStatus": "declined"}]
    made = work.insert(timed(day="2031-07-01", attendees=guests))
    window = {"timeMin": "2031-07-01T00:00:00Z", "timeMax": "2031-07-02T00:00:00Z", "timeZone": "America/New_York"}

    own = work.call("POST", "freeBusy", {**window, "items": [{"id": WORK}]})["calendars"][WORK]
    others = support.call("POST", "freeBusy", {**window, "items": [{"id": SUPPORT}]})["calendars"][SUPPORT]
    assert made["start"]["dateTime"] == "2031-07-01T10:00:00+01:00"
    assert own["busy"] == [{"start": "2031-07-01T05:00:00-04:00", "end": "2031-07-01T06:00:00-04:00"}]
    assert others["busy"] == []


def test_free_busy_takes_no_more_than_fifty_calendars(work: Client) -> None:
    window = {"timeMin": "2026-11-01T00:00:00Z", "timeMax": "2026-11-02T00:00:00Z"}
    many = [{"id": f"c{number}@example.com"} for number in range(51)]

    found = work.call("POST", "freeBusy", {**window, "items": many})["calendars"]
    assert [one["errors"][0]["reason"] for one in found.values()] == ["notFound"] * 50 + ["tooManyCalendarsRequested"]


# -- groups, labels, colours, one's own role -------------------------------------------------------------------------


def free_busy(client: Client, *ids: str, **more: Any) -> dict[str, Any]:
    window = {"timeMin": "2026-11-23T00:00:00Z", "timeMax": "2026-11-24T00:00:00Z"}
    return client.call("POST", "freeBusy", {**window, "items": [{"id": one} for one in ids], **more})


def test_a_group_is_expanded_to_its_members(work: Client) -> None:
    work.sandbox.admin("POST", "/groups", {"email": "team@example.com", "members": [WORK, "nobody@example.com"]})

    work.insert(timed())
    found = free_busy(work, "team@example.com")
    assert found["groups"] == {"team@example.com": {"calendars": [WORK, "nobody@example.com"]}}
    assert found["calendars"][WORK]["busy"]
    assert found["calendars"]["nobody@example.com"]["errors"] == [{"domain": "global", "reason": "notFound"}]


def test_a_group_that_is_too_big_is_not_expanded(work: Client) -> None:
    work.sandbox.admin("POST", "/groups", {"email": "team@example.com", "members": [WORK, "nobody@example.com"]})

    found = free_busy(work, "team@example.com", groupExpansionMax=1)
    errors = [{"domain": "global", "reason": "groupTooBig"}]
    assert (found["groups"], found["calendars"]) == ({"team@example.com": {"errors": errors}}, {})


def labelled(client: Client) -> str:
    """Give the main calendar a label and return its id."""
    labels = [{"name": "Travel", "backgroundColor": "#039be5"}]
    made = client.call("PATCH", "calendars/primary", {"labelProperties": {"eventLabels": labels}})
    return str(made["labelProperties"]["eventLabels"][0]["id"])


def test_an_event_carries_a_label_only_for_clients_that_know_labels(work: Client) -> None:
    label = labelled(work)
    old = work.insert(timed(eventLabelId=label, colorId="4"))
    new = work.insert(timed(eventLabelId=label, colorId="4"), eventLabelVersion=1)

    assert ("eventLabelId" in old, old["colorId"]) == (False, "4")
    assert (new["eventLabelId"], "colorId" in new) == (label, False)


def test_a_label_survives_old_clients_and_goes_where_a_new_one_leaves_it_out(work: Client) -> None:
    made = work.insert(timed(eventLabelId=labelled(work)), eventLabelVersion=1)

    assert work.update(made["id"], timed("Old"))["eventLabelId"] == made["eventLabelId"]
    assert "eventLabelId" not in work.patch(made["id"], {"summary": "New"}, eventLabelVersion=1)


def test_an_unknown_label_is_refused(work: Client) -> None:
    with pytest.raises(Refused) as refusal:
        work.insert(timed(eventLabelId="0b2d7a8e-0000-4000-8000-000000000000"), eventLabelVersion=1)
    assert (refusal.value.status, refusal.value.reason) == (400, "invalid")


@pytest.mark.parametrize("wrong", [[{"name": "No colour"}], [{"name": "x" * 51, "backgroundColor": "#039be5"}], [1]])
def test_labels_beyond_googles_rules_are_refused(work: Client, wrong: list[Any]) -> None:
    with pytest.raises(Refused) as refusal:
        work.call("PATCH", "calendars/primary", {"labelProperties": {"eventLabels": wrong}})
    assert refusal.value.status == 400


def test_the_palette_has_googles_twenty_four_and_eleven_shades(work: Client) -> None:
    palette = work.call("GET", "colors")

    assert (list(palette["calendar"]), len(palette["event"])) == ([str(number) for number in range(1, 25)], 11)


@pytest.mark.parametrize("verb", ["PATCH", "DELETE"])
def test_nobody_changes_the_own_role(work: Client, verb: str) -> None:
    with pytest.raises(Refused) as refusal:
        work.call(verb, f"calendars/primary/acl/user:{WORK}", {"role": "reader"})
    assert (refusal.value.status, refusal.value.reason) == (403, "cannotChangeOwnAcl")
