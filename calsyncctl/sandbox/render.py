"""From a stored event to the resource that Google answers.

Defaults are left out, times stand in the zone asked for, and only what this viewer may see is shown.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from calsyncctl.sandbox.masks import Mask
from calsyncctl.sandbox.refusals import Json
from calsyncctl.sandbox.state import ROLES, Calendar, Event
from calsyncctl.sandbox.times import show_moment, stamp

EVENT_LINK = "https://www.google.com/calendar/event?eid="
PLAIN = ("summary", "description", "location", "colorId")
MIDDLE = ("endTimeUnspecified", "recurrence", "recurringEventId")
TAIL = (
    "transparency",
    "visibility",
    "iCalUID",
    "sequence",
    "eventLabelId",
    "attendeesOmitted",
    "extendedProperties",
    "hangoutLink",
    "conferenceData",
    "anyoneCanAddSelf",
    "guestsCanInviteOthers",
    "guestsCanModify",
    "guestsCanSeeOtherGuests",
    "privateCopy",
    "locked",
    "source",
    "attachments",
    "workingLocationProperties",
    "outOfOfficeProperties",
    "focusTimeProperties",
    "birthdayProperties",
)
BUSY_ONLY = ("transparency", "iCalUID", "sequence", "recurrence", "recurringEventId")


@dataclass(slots=True, frozen=True)
class View:
    """Who looks at a calendar, in which zone, and through which mask."""

    calendar: Calendar
    email: str
    zone: ZoneInfo
    details: bool
    """False with mere free/busy access."""
    private: bool
    """Whether private events show their details."""
    mask: Mask | None = None
    max_attendees: int = 0
    keep_details: bool = True
    """False in incremental listings without showDeleted: tombstones come thin."""

    def key(self, event: Event) -> tuple[object, ...]:
        """Return what the rendered bytes depend on beside the event."""
        own = self.email if self.email in event.reminders else ""
        mask = self.mask.text if self.mask else ""
        return (self.zone.key, self.details, self.private, own, mask, self.max_attendees, self.keep_details)


def view_of(calendar: Calendar, email: str, zone: ZoneInfo, **more: Any) -> View:
    """Return the view that an account's role permits."""
    rank = ROLES.index(calendar.role(email))
    return View(
        calendar,
        email,
        zone,
        details=rank >= ROLES.index("reader"),
        private=rank >= ROLES.index("writer"),
        **more,
    )


def render_bytes(event: Event, view: View) -> bytes:
    """Return the event's JSON as this view shows it, kept for the next time."""
    key = view.key(event)
    ready = event.rendered.get(key)
    if ready is None:
        shown = render(event, view)
        if view.mask:
            shown = view.mask.apply(shown)
        ready = event.rendered[key] = msgspec.json.encode(shown)
    return ready


def render(event: Event, view: View) -> Json:
    """Return the event resource as this view shows it."""
    if event.cancelled and (event.thin or not view.keep_details or "recurringEventId" in event.body):
        return _tombstone(event, view)
    if not view.details or (event.body.get("visibility") in ("private", "confidential") and not view.private):
        return _busy_block(event, view)
    body = event.body
    shown = _head(event)
    shown["htmlLink"] = link(event.id, view.calendar.id)
    shown["created"] = stamp(event.created, whole_seconds=True)
    shown["updated"] = stamp(event.updated)
    for name in PLAIN:
        if name in body:
            shown[name] = body[name]
    _show_people(shown, body, view)
    _show_times(shown, body, view)
    for name in TAIL:
        if name in body:
            shown[name] = body[name]
    if "attendees" in body:
        _show_attendees(shown, body, view)
    shown["reminders"] = event.reminders.get(view.email) or {"useDefault": True}
    shown["eventType"] = body.get("eventType", "default")
    return shown


def link(event_id: str, calendar_id: str) -> str:
    """Return the event's address in the web UI."""
    return EVENT_LINK + urlsafe_b64encode(f"{event_id} {calendar_id}".encode()).decode().rstrip("=")


def _head(event: Event) -> Json:
    return {"kind": "calendar#event", "etag": event.etag, "id": event.id, "status": event.status}


def _tombstone(event: Event, view: View) -> Json:
    shown = _head(event)
    if "recurringEventId" in event.body:
        shown["recurringEventId"] = event.body["recurringEventId"]
        shown["originalStartTime"] = show_moment(event.body["originalStartTime"], view.zone)
    return shown


def _busy_block(event: Event, view: View) -> Json:
    shown = _head(event)
    shown["updated"] = stamp(event.updated)
    _show_times(shown, event.body, view)
    for name in BUSY_ONLY:
        if name in event.body:
            shown[name] = event.body[name]
    shown["visibility"] = "private"
    shown["eventType"] = event.body.get("eventType", "default")
    return shown


def _show_people(shown: Json, body: Json, view: View) -> None:
    for name in ("creator", "organizer"):
        person = body.get(name)
        if person:
            shown[name] = {**person, "self": True} if person.get("email") == view.calendar.id else person


def _show_times(shown: Json, body: Json, view: View) -> None:
    for name in ("start", "end"):
        if name in body:
            shown[name] = show_moment(body[name], view.zone)
    for name in MIDDLE:
        if name in body:
            shown[name] = body[name]
    if "originalStartTime" in body:
        shown["originalStartTime"] = show_moment(body["originalStartTime"], view.zone)


def _show_attendees(shown: Json, body: Json, view: View) -> None:
    people = []
    organizer = body.get("organizer", {}).get("email")
    for person in body["attendees"]:
        one = dict(person)
        if one.get("email") == organizer:
            one["organizer"] = True
        if one.get("email") == view.calendar.id:
            one["self"] = True
        people.append(one)
    if body.get("guestsCanSeeOtherGuests") is False and organizer != view.calendar.id:
        people = [one for one in people if one.get("self") or one.get("organizer")]
        shown["attendeesOmitted"] = True
    if view.max_attendees and len(people) > view.max_attendees:
        people = sorted(people, key=lambda one: not one.get("self"))[: view.max_attendees]
        shown["attendeesOmitted"] = True
    shown["attendees"] = people
