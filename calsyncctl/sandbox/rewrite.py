"""From an event as it was sent to the event as Google keeps it: checked, defaults dropped, values rewritten.

Reference: the Event resource of the discovery document and what was observed to come back different.
"""

from __future__ import annotations

import re
from typing import Any

from calsyncctl.sandbox.recurrence import rewrite_recurrence
from calsyncctl.sandbox.refusals import Json, refuse
from calsyncctl.sandbox.switches import Settings
from calsyncctl.sandbox.times import moment_instant, read_moment

CLIENT_ID = re.compile(r"[a-v0-9]{5,1024}")
CONFERENCE_BLOCK = re.compile(r"\n*-::~:~::.*?::~:~::-", re.DOTALL)
FLAGS = {
    "guestsCanInviteOthers": True,
    "guestsCanModify": False,
    "guestsCanSeeOtherGuests": True,
    "anyoneCanAddSelf": False,
}
CHOICES = {
    "status": ("confirmed", "tentative", "cancelled"),
    "transparency": ("opaque", "transparent"),
    "visibility": ("default", "public", "private", "confidential"),
    "eventType": ("default", "birthday", "focusTime", "fromGmail", "outOfOffice", "workingLocation"),
    "responseStatus": ("needsAction", "declined", "tentative", "accepted"),
}
OBJECTS = (
    "source",
    "attachments",
    "gadget",
    "workingLocationProperties",
    "outOfOfficeProperties",
    "focusTimeProperties",
    "birthdayProperties",
)
DEFAULTS = {"transparency": "opaque", "visibility": "default"}
MOST_DESCRIPTION = 8192
MOST_REMINDER_MINUTES = 40320


def check_id(event_id: object) -> str:
    """Return a client's own id; 400 `invalid` when its form is wrong."""
    if not isinstance(event_id, str) or not CLIENT_ID.fullmatch(event_id):
        raise refuse("invalid", "Invalid resource id value.")
    return event_id


def rewrite(sent: Json, calendar_zone: str, settings: Settings) -> Json:
    """Return the stored fields of a complete event. `status` is always there, fields at their default never."""
    kept: Json = {"status": _choice(sent, "status") or "confirmed"}
    for name in ("summary", "description", "location", "colorId"):
        text = _text(sent, name, settings)
        if text:
            kept[name] = text
    if "description" in kept:
        kept["description"] = CONFERENCE_BLOCK.sub("", kept["description"])[:MOST_DESCRIPTION]
    _take_when(kept, sent, calendar_zone)
    for name in ("transparency", "visibility", "eventType"):
        value = _choice(sent, name)
        if value and value != DEFAULTS.get(name):
            kept[name] = value
    for name, usual in FLAGS.items():
        if isinstance(sent.get(name), bool) and sent[name] is not usual:
            kept[name] = sent[name]
    for name in OBJECTS:
        if sent.get(name):
            kept[name] = sent[name]
    if sent.get("attendees"):
        kept["attendees"] = rewrite_attendees(sent["attendees"], settings)
    properties = rewrite_properties(sent.get("extendedProperties"))
    if properties:
        kept["extendedProperties"] = properties
    return kept


def _take_when(kept: Json, sent: Json, calendar_zone: str) -> None:
    start, end = read_moment(sent.get("start"), "start"), read_moment(sent.get("end"), "end")
    if ("date" in start) != ("date" in end):
        raise refuse("invalid", "Invalid start time.")
    if moment_instant(end, calendar_zone) <= moment_instant(start, calendar_zone):
        raise refuse("timeRangeEmpty")
    kept["start"], kept["end"] = start, end
    if sent.get("endTimeUnspecified") is True:
        kept["endTimeUnspecified"] = True
    if sent.get("recurrence"):
        if "dateTime" in start and not (start.get("timeZone") and end.get("timeZone")):
            which = "start" if not start.get("timeZone") else "end"
            raise refuse("required", f"Missing time zone definition for {which} time.")
        kept["recurrence"] = rewrite_recurrence(sent["recurrence"], start)


def rewrite_attendees(sent: Any, settings: Settings) -> list[Json]:
    """Return the guests as stored: addresses in lower case, replies filled in, nobody twice."""
    if not isinstance(sent, list):
        raise refuse("invalid", "Invalid attendee list.")
    people: dict[str, Json] = {}
    for guest in sent:
        if not isinstance(guest, dict) or not (guest.get("email") or guest.get("id")):
            raise refuse("required", "Missing attendee email.")
        email = str(guest.get("email") or "")
        if settings.trim_strings:
            email = email.strip().lower()
        if "@" not in email:
            raise refuse("invalid", "Invalid attendee email.")
        person: Json = {"email": email}
        if guest.get("displayName"):
            person["displayName"] = str(guest["displayName"])
        for name in ("optional", "resource"):
            if guest.get(name) is True:
                person[name] = True
        person["responseStatus"] = _choice(guest, "responseStatus") or "needsAction"
        if guest.get("comment"):
            person["comment"] = str(guest["comment"])
        if isinstance(guest.get("additionalGuests"), int) and guest["additionalGuests"] > 0:
            person["additionalGuests"] = guest["additionalGuests"]
        people[email] = person
    return list(people.values())


def rewrite_reminders(sent: Any) -> Json | None:
    """Return the reminders as stored; None = the calendar's defaults. 400 when both forms are mixed."""
    if not isinstance(sent, dict):
        return None
    overrides = sent.get("overrides") or []
    if not isinstance(overrides, list):
        raise refuse("invalid", "Invalid value for: overrides")
    if sent.get("useDefault", True) is not False:
        if overrides:
            raise refuse("cannotUseDefaultRemindersAndSpecifyOverride")
        return None
    if len(overrides) > 5:
        raise refuse("invalid", "Invalid number of reminders.")
    kept = []
    for one in overrides:
        minutes = one.get("minutes") if isinstance(one, dict) else None
        if minutes is None or one.get("method") not in ("popup", "email") or not isinstance(minutes, int):
            raise refuse("required", "Missing reminder method or minutes.")
        if not 0 <= minutes <= MOST_REMINDER_MINUTES:
            raise refuse("invalid", "Invalid reminder minutes.")
        kept.append({"method": one["method"], "minutes": minutes})
    return {"useDefault": False, "overrides": kept} if kept else {"useDefault": False}


def rewrite_properties(sent: Any) -> Json:
    """Return extended properties within Google's limits: long keys dropped, long values cut, without a word."""
    if not isinstance(sent, dict):
        return {}
    kept: Json = {}
    room = 300
    for kind in ("private", "shared"):
        pairs = {}
        found = sent.get(kind) or {}
        if not isinstance(found, dict):
            raise refuse("invalid", "Invalid value for: extendedProperties")
        for key, value in found.items():
            if value is not None and len(key) <= 44 and room > 0:
                pairs[key] = str(value)[:1024]
                room -= 1
        if pairs:
            kept[kind] = pairs
    return kept


def merge_patch(stored: Json, patch: Json) -> Json:
    """Merge a PATCH body: objects deeply, arrays replaced whole, null deletes."""
    merged = dict(stored)
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict):
            under = merged.get(name)
            merged[name] = merge_patch(under if isinstance(under, dict) else {}, value)
        else:
            merged[name] = value
    return merged


def _text(sent: Json, name: str, settings: Settings) -> str:
    value = sent.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise refuse("invalid", f"Invalid value for: {name}")
    return value.strip() if settings.trim_strings else value


def _choice(sent: Json, name: str) -> str:
    value = sent.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or value not in CHOICES[name]:
        raise refuse("invalid", f"Invalid value for: {value} is not a valid value")
    return str(value)
