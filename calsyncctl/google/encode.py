"""From the model's contents to Google's JSON: whole for an insert, only what changed for a patch.

A patch merges objects deeply, replaces arrays whole and deletes what is null (calendar/api/guides/performance,
Patch): so nothing is named here that was not meant to change, and a guest list that was cut is never written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from calsyncctl.model.copy import (
    MANAGED_BY,
    TAG_BOOKING,
    TAG_GOOGLE_ID,
    TAG_HOME,
    TAG_INSTANCE,
    TAG_KEY,
    Tag,
)
from calsyncctl.model.event import Attendee, Body, Reminder, When
from calsyncctl.sync.provider import Insert, Patch, Write

Json = dict[str, Any]

BRAND: Final = "calsyncctl"
"""The `managed_by` mark unless the operator sets another; nothing is ever recognised by it, only by the instance id."""
OWN: Final = frozenset({"colour", "reminders", "visibility"})
"""What belongs to the copy on the home calendar."""
_TEXTS: Final = {"description": "description", "location": "location", "colour": "colorId"}
_CHOICES: Final = {"transparency": "transparency", "visibility": "visibility"}
_FLAGS: Final = {
    "guests_can_invite": "guestsCanInviteOthers",
    "guests_can_modify": "guestsCanModify",
    "guests_can_see": "guestsCanSeeOtherGuests",
}
_KEPT: Final = ("anyoneCanAddSelf", "attachments", "source")
"""Fields of `extra` that an insert takes as they are; the others are of types or links that cannot be made again."""
_DEFAULT: Final = Body()


def insert_body(write: Insert, brand: str = BRAND) -> Json:
    """Return the body of events.insert: what differs from Google's defaults, and our tag, marked with a brand."""
    content = write.content
    extra = _read_extra(write.extra)
    start, end = _moments(content.when)
    if "dateTime" in end:
        end |= extra.get("end", {})
    body: Json = {"id": write.google_id, "start": start, "end": end}
    if content.summary:
        body["summary"] = content.summary
    body |= {name: extra[name] for name in _KEPT if name in extra}
    body["extendedProperties"] = _properties(_tag(write.tag, brand), extra.get("extendedProperties", {}))
    if content.status != "confirmed":
        body["status"] = content.status
    if content.when.recurrence:
        body["recurrence"] = list(content.when.recurrence)
    fields = {name for name in (*_TEXTS, *_CHOICES, "reminders") if write.own or name not in OWN}
    fields |= set(_FLAGS) if write.own or write.guests else set()
    body |= _fields(content.body, {name for name in fields if getattr(content.body, name) != getattr(_DEFAULT, name)})
    if write.guests and content.body.attendees and _whole(content.body):
        body["attendees"] = [_guest(guest) for guest in content.body.attendees]
    return body | _conference(write.meet)


def patch_body(write: Patch, brand: str = BRAND) -> Json:
    """Return the body of events.patch: the changed fields alone, with null for what is to go."""
    after, fields = write.after, write.fields
    body = _fields(after.body, fields)
    if "summary" in fields:
        body["summary"] = after.summary or None
    if "status" in fields or write.revive:
        body["status"] = after.status
    if "when" in fields:
        body |= _changed_when(write.before.when if write.before else None, after.when)
        body |= _changed_recurrence(write)
    if "attendees" in fields and write.guests and _whole(after.body):
        body["attendees"] = [_guest(guest) for guest in after.body.attendees]
    if write.tag is not None:
        body["extendedProperties"] = {"private": _tag(write.tag, brand)}
    has_meet = write.before is not None and write.before.body.meet
    return body | _conference(None if has_meet else write.meet)


def query_of(write: Write, body: Json | None = None) -> Json:
    """Return the query parameters of a write: whom to mail, and what its body has that Google else ignores."""
    query: Json = {"sendUpdates": write.mail}
    if body and "conferenceData" in body:
        query["conferenceDataVersion"] = 1
    if body and "attachments" in body:
        query["supportsAttachments"] = True
    return query


def _fields(body: Body, fields: frozenset[str] | set[str]) -> Json:
    """Return the writable fields of a body but its guests; null or `useDefault` where one is at its default."""
    sent: Json = {google: getattr(body, name) or None for name, google in _TEXTS.items() if name in fields}
    sent |= {google: getattr(body, name) for name, google in (_CHOICES | _FLAGS).items() if name in fields}
    if "reminders" in fields:
        sent["reminders"] = _reminders(body.reminders)
    return sent


def _reminders(reminders: tuple[Reminder, ...] | None) -> Json:
    if reminders is None:
        return {"useDefault": True, "overrides": None}  # both together are refused, unless the old ones go
    return {"useDefault": False, "overrides": [{"method": one.method, "minutes": one.minutes} for one in reminders]}


def _whole(body: Body) -> bool:
    """Tell whether the guest list can be written: it is not cut, and everybody on it has an address."""
    return not body.attendees_omitted and all(guest.email for guest in body.attendees)


def _guest(guest: Attendee) -> Json:
    """Return one guest, the reply included: the array is replaced whole, and with it everybody's reply."""
    person: Json = {"email": guest.email, "responseStatus": guest.reply}
    more = {
        "displayName": guest.name,
        "optional": guest.optional,
        "resource": guest.resource,
        "comment": guest.comment,
        "additionalGuests": guest.extra_guests,
    }
    return person | {name: value for name, value in more.items() if value}


def _moments(when: When) -> tuple[Json, Json]:
    if when.all_day:
        return {"date": when.start}, {"date": when.end}
    zone = {"timeZone": when.zone} if when.zone else {}
    return {"dateTime": when.start, **zone}, {"dateTime": when.end, **zone}


def _changed_when(before: When | None, after: When) -> Json:
    """Return start and end after a change; a change between times and days takes the old form away."""
    start, end = _moments(after)
    if before is None or before.all_day != after.all_day:
        gone: Json = {"dateTime": None, "timeZone": None} if after.all_day else {"date": None}
        start, end = gone | start, gone | end
    elif before.zone == after.zone and not after.recurrence and not after.all_day:
        end.pop("timeZone", None)  # an end may have a zone of its own, such as a flight's: it keeps it
    return {"start": start, "end": end}


def _changed_recurrence(write: Patch) -> Json:
    lines = list(write.after.when.recurrence)
    if write.before is None:
        return {"recurrence": lines or None} if lines or write.alone else {}
    return {"recurrence": lines or None} if write.before.when.recurrence != write.after.when.recurrence else {}


def _tag(tag: Tag, brand: str) -> dict[str, str | None]:
    """Return the private properties of a tag; null for what it has not."""
    return {
        MANAGED_BY: brand,
        TAG_INSTANCE: tag.instance,
        TAG_KEY: tag.key,
        TAG_GOOGLE_ID: tag.google_id,
        TAG_HOME: tag.home or None,
        TAG_BOOKING: tag.booking or None,
    }


def _properties(tag: Mapping[str, str | None], others: Mapping[str, Mapping[str, str]]) -> Json:
    """Return the extended properties of a new event: our tag's, and those that other programs set."""
    private = {**others.get("private", {}), **tag}
    kept = {"private": {name: value for name, value in private.items() if value is not None}}
    return kept | ({"shared": dict(others["shared"])} if others.get("shared") else {})


def _conference(request_id: str | None) -> Json:
    if request_id is None:
        return {}
    wanted = {"requestId": request_id, "conferenceSolutionKey": {"type": "hangoutsMeet"}}
    return {"conferenceData": {"createRequest": wanted}}


def _read_extra(extra: str) -> Json:
    read: Json = json.loads(extra) if extra else {}
    return read


def shape_of(sent: object) -> object:
    """Return what a body is made of without what it says: names and kinds, for the log."""
    if isinstance(sent, dict):
        return {name: shape_of(value) for name, value in sent.items()}
    if isinstance(sent, list):
        return [len(sent), *(shape_of(one) for one in sent[:1])]
    return type(sent).__name__
