"""Several people: guests' copies, replies, the organiser's rights, roles, moves, imports."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.client import Client, Refused, timed
from tests.support.sandbox import SUPPORT, WORK

OUTSIDE = "guest@elsewhere.example.org"


def invitation(client: Client, **more: Any) -> str:
    guests = [{"email": WORK, "responseStatus": "accepted"}, {"email": SUPPORT}, {"email": OUTSIDE}]
    return str(client.insert(timed("Together", attendees=guests, **more))["id"])


def test_a_guest_with_an_account_gets_a_copy_under_the_same_id(work: Client, support: Client) -> None:
    event_id = invitation(work)

    copy = support.get(event_id)
    assert copy["organizer"] == {"email": WORK}
    assert [guest["email"] for guest in copy["attendees"] if guest.get("self")] == [SUPPORT]


def test_the_organizers_change_reaches_the_copy_and_leaves_what_is_the_guests_own(
    work: Client, support: Client
) -> None:
    event_id = invitation(work, extendedProperties={"shared": {"s": "1"}, "private": {"p": "1"}})
    support.patch(event_id, {"colorId": "5", "reminders": {"useDefault": False}})
    work.patch(event_id, {"summary": "Renamed", "colorId": "7"})

    copy = support.get(event_id)
    assert (copy["summary"], copy["colorId"], copy["reminders"]) == ("Renamed", "5", {"useDefault": False})
    assert copy["extendedProperties"] == {"shared": {"s": "1"}}


def test_a_guests_reply_travels_to_the_organizer(work: Client, support: Client) -> None:
    event_id = invitation(work)
    _, token = work.all()
    own = {"email": SUPPORT, "responseStatus": "declined", "comment": "Away"}
    support.patch(event_id, {"attendees": [own], "attendeesOmitted": True})

    (item,) = work.changed(token)
    replies = {guest["email"]: guest["responseStatus"] for guest in item["attendees"]}
    assert replies == {WORK: "accepted", SUPPORT: "declined", OUTSIDE: "needsAction"}


def test_a_reply_from_the_web_pages_travels_too(work: Client, support: Client) -> None:
    event_id = invitation(work)
    work.sandbox.edit(SUPPORT, event_id, "reply", {"responseStatus": "accepted"})

    assert [guest["responseStatus"] for guest in work.get(event_id)["attendees"]] == [
        "accepted",
        "accepted",
        "needsAction",
    ]


@pytest.mark.parametrize("change", [{"summary": "Mine"}, {"attendees": []}, {"location": "Elsewhere"}])
def test_a_guest_may_not_change_what_is_shared(work: Client, support: Client, change: dict[str, Any]) -> None:
    event_id = invitation(work)

    with pytest.raises(Refused) as refusal:
        support.patch(event_id, change)
    assert (refusal.value.status, refusal.value.reason) == (403, "forbiddenForNonOrganizer")


def test_a_guests_put_without_the_shared_fields_counts_as_changing_them(work: Client, support: Client) -> None:
    event_id = invitation(work)

    with pytest.raises(Refused) as refusal:
        support.update(event_id, timed("Together", colorId="3"))
    assert refusal.value.reason == "forbiddenForNonOrganizer"


def test_guests_may_modify_where_the_organizer_says_so(work: Client, support: Client) -> None:
    event_id = invitation(work, guestsCanModify=True)

    assert support.patch(event_id, {"summary": "By a guest"})["summary"] == "By a guest"
    assert work.get(event_id)["summary"] == "By a guest"


def test_by_a_switch_a_guests_change_stays_in_the_own_copy(work: Client, support: Client) -> None:
    work.sandbox.settings(guest_edits="local")
    event_id = invitation(work)
    support.patch(event_id, {"summary": "Mine"})

    assert [one.get(event_id)["summary"] for one in (work, support)] == ["Together", "Mine"]


def test_an_uninvited_guest_is_left_with_an_id_only_tombstone(work: Client, support: Client) -> None:
    event_id = invitation(work)
    _, token = support.all(showDeleted="true")
    work.patch(event_id, {"attendees": [{"email": WORK}]})

    (gone,) = support.changed(token, showDeleted="true")
    assert (gone["id"], sorted(gone)) == (event_id, ["etag", "id", "kind", "status"])


def test_deleting_the_organizers_event_deletes_the_copies(work: Client, support: Client) -> None:
    event_id = invitation(work)
    work.delete(event_id)

    assert support.get(event_id)["status"] == "cancelled"


def test_a_guest_who_deletes_the_copy_declines(work: Client, support: Client) -> None:
    event_id = invitation(work)
    support.delete(event_id)

    assert {one["email"]: one["responseStatus"] for one in work.get(event_id)["attendees"]}[SUPPORT] == "declined"
    assert work.get(event_id)["status"] == "confirmed"


def test_guests_who_may_not_see_others_see_themselves_and_the_organizer(work: Client, support: Client) -> None:
    event_id = invitation(work, guestsCanSeeOtherGuests=False)

    copy = support.get(event_id)
    assert [guest["email"] for guest in copy["attendees"]] == [WORK, SUPPORT]
    assert copy["attendeesOmitted"] is True


def test_a_cut_guest_list_says_so(work: Client) -> None:
    event_id = invitation(work)

    cut = work.get(event_id, maxAttendees=1)
    assert (cut["attendeesOmitted"], [one["email"] for one in cut["attendees"]]) == (True, [WORK])


@pytest.mark.parametrize(("mode", "mails"), [("all", 2), ("externalOnly", 1), ("none", 0), ("", 0)])
def test_mails_go_out_only_where_send_updates_says_so(work: Client, mode: str, mails: int) -> None:
    work.insert(timed(attendees=[{"email": SUPPORT}, {"email": OUTSIDE}]), **({"sendUpdates": mode} if mode else {}))

    assert work.sandbox.counters()["mails"] == mails


# -- roles -----------------------------------------------------------------------------------------------------------


def test_a_reader_may_not_write(work: Client) -> None:
    with pytest.raises(Refused) as refusal:
        work.insert(timed(), work.sandbox.calendar("Shared (read only)"))
    assert (refusal.value.status, refusal.value.reason) == (403, "requiredAccessLevel")
    assert refusal.value.body["error"]["message"] == "You need to have writer access to this calendar."


def test_without_access_a_calendar_is_not_found(work: Client) -> None:
    with pytest.raises(Refused) as refusal:
        work.page(SUPPORT)
    assert (refusal.value.status, refusal.value.reason) == (404, "notFound")


def test_a_reader_sees_private_events_as_busy(work: Client, support: Client) -> None:
    team = work.sandbox.calendar("Team")
    work.sandbox.share(team, SUPPORT, "reader")
    made = work.insert(timed("Secret", visibility="private"), team)

    seen = support.get(made["id"], team)
    assert "summary" not in seen
    assert seen["visibility"] == "private"


def test_a_withdrawn_role_takes_the_calendar_off_the_list(work: Client, support: Client) -> None:
    team = work.sandbox.calendar("Team")
    work.sandbox.share(team, SUPPORT, "writer")
    listed = support.call("GET", "users/me/calendarList")
    work.sandbox.share(team, SUPPORT, None)

    changed = support.call("GET", "users/me/calendarList", syncToken=listed["nextSyncToken"])["items"]
    assert team in {entry["id"] for entry in listed["items"]}
    assert [(entry["id"], entry["deleted"]) for entry in changed] == [(team, True)]


def test_a_lowered_role_alone_does_not_bring_the_list_entry_back(work: Client, support: Client) -> None:
    team = work.sandbox.calendar("Team")
    work.sandbox.share(team, SUPPORT, "writer")
    listed = support.call("GET", "users/me/calendarList")
    work.sandbox.share(team, SUPPORT, "reader")

    changed = support.call("GET", "users/me/calendarList", syncToken=listed["nextSyncToken"])
    assert changed["items"] == []
    assert support.page(team)["accessRole"] == "reader"


# -- moving and importing --------------------------------------------------------------------------------------------


def test_a_moved_event_keeps_its_id_and_leaves_a_stub(work: Client) -> None:
    team = work.sandbox.calendar("Team")
    made = work.insert(timed("Moving"))
    _, token = work.all()
    moved = work.call("POST", f"calendars/primary/events/{made['id']}/move", destination=team)

    (stub,) = work.changed(token)
    assert (moved["id"], moved["organizer"]["email"]) == (made["id"], team)
    assert (stub["id"], stub["status"], "summary" in stub) == (made["id"], "cancelled", False)


@pytest.mark.parametrize("kind", ["occurrence", "special"])
def test_only_whole_ordinary_events_move(work: Client, kind: str) -> None:
    team = work.sandbox.calendar("Team")
    if kind == "occurrence":
        event_id = work.insert(timed(recurrence=["RRULE:FREQ=DAILY;COUNT=2"]))["id"] + "_20261123T100000Z"
    else:
        event_id = work.insert(timed(eventType="focusTime"))["id"]

    with pytest.raises(Refused) as refusal:
        work.call("POST", f"calendars/primary/events/{event_id}/move", destination=team)
    assert refusal.value.status == 400


def test_an_import_keeps_its_organizer_and_sends_no_mail(work: Client) -> None:
    event = timed(iCalUID="uid-1@elsewhere", organizer={"email": OUTSIDE}, attendees=[{"email": WORK}])
    made = work.call("POST", "calendars/primary/events/import", event)

    assert made["organizer"] == {"email": OUTSIDE}
    assert made["id"].startswith("_")
    assert work.sandbox.counters()["mails"] == 0


def test_importing_a_uid_again_updates_or_is_refused_by_a_switch(work: Client) -> None:
    first = work.call("POST", "calendars/primary/events/import", timed("One", iCalUID="uid-1@x"))
    again = work.call("POST", "calendars/primary/events/import", timed("Two", iCalUID="uid-1@x"))
    work.sandbox.settings(import_existing="refuse")

    with pytest.raises(Refused) as refusal:
        work.call("POST", "calendars/primary/events/import", timed("Three", iCalUID="uid-1@x"))
    assert (again["id"], again["summary"]) == (first["id"], "Two")
    assert (refusal.value.status, refusal.value.reason) == (409, "duplicate")


def test_an_import_needs_a_uid(work: Client) -> None:
    with pytest.raises(Refused) as refusal:
        work.call("POST", "calendars/primary/events/import", timed())
    assert refusal.value.reason == "required"


def test_after_a_move_the_new_calendar_organizes_at_the_guests_too(work: Client, support: Client) -> None:
    team = work.sandbox.calendar("Team")
    event_id = invitation(work)
    work.call("POST", f"calendars/primary/events/{event_id}/move", destination=team)
    work.patch(event_id, {"summary": "From the team"}, team)

    copy = support.get(event_id)
    assert (copy["organizer"]["email"], copy["summary"]) == (team, "From the team")


def test_a_moved_event_can_move_back(work: Client) -> None:
    team = work.sandbox.calendar("Team")
    made = work.insert(timed("There and back"))
    work.call("POST", f"calendars/primary/events/{made['id']}/move", destination=team)
    back = work.call("POST", f"calendars/{team}/events/{made['id']}/move", destination="primary")

    assert (back["id"], back["status"]) == (made["id"], "confirmed")
    assert work.get(made["id"], team)["status"] == "cancelled"


@pytest.mark.parametrize(("query", "status"), [({}, 400), ({"destination": "nowhere"}, 404)])
def test_a_move_needs_a_calendar_to_go_to(work: Client, query: dict[str, str], status: int) -> None:
    made = work.insert(timed())

    with pytest.raises(Refused) as refusal:
        work.call("POST", f"calendars/primary/events/{made['id']}/move", **query)
    assert refusal.value.status == status


def test_a_guest_may_not_move_the_event(work: Client, support: Client) -> None:
    event_id = invitation(work)

    with pytest.raises(Refused) as refusal:
        support.call(
            "POST", f"calendars/primary/events/{event_id}/move", destination=support.sandbox.calendar("Duty roster")
        )
    assert refusal.value.reason == "forbiddenForNonOrganizer"


def test_beyond_two_hundred_guests_only_the_organizer_hears_of_replies(work: Client, support: Client) -> None:
    work.sandbox.add_account("third@example.com")
    crowd = [{"email": f"guest{number}@example.com"} for number in range(199)]
    people = [{"email": SUPPORT}, {"email": "third@example.com"}, *crowd]
    made = work.insert(timed(attendees=people))
    mine = [{**one, "responseStatus": "accepted"} if one["email"] == SUPPORT else one for one in made["attendees"]]
    support.patch(made["id"], {"attendees": mine})

    def reply(event: dict[str, Any]) -> str:
        return str(next(one for one in event["attendees"] if one["email"] == SUPPORT)["responseStatus"])

    third = work.sandbox.get("third@example.com", made["id"])
    assert (reply(work.get(made["id"])), reply(third)) == ("accepted", "needsAction")
