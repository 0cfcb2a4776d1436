"""Google's JSON into the model's canonical form: fast for whole pages, and nothing writable is dropped.

A page's items are decoded one by one, strictly. One with a field that nobody named is decoded again the slow way,
and that field kept in `extra`; one that cannot be read at all becomes an `OddItem` and the page goes on.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final, TypeVar

import msgspec

from calsyncctl.errors import Later
from calsyncctl.google.times import NotATime, original_of, stamp_of, when_of
from calsyncctl.google.wire import KEPT_WHOLE, NOTHING, Extended, Guest, Item, ListPage, Named, Page, Reminders
from calsyncctl.model.calendar import RemoteCalendar
from calsyncctl.model.copy import (
    MANAGED_BY,
    TAG_BOOKING,
    TAG_GOOGLE_ID,
    TAG_HOME,
    TAG_INSTANCE,
    TAG_KEY,
    RemoteEvent,
    Tag,
)
from calsyncctl.model.event import Attendee, Body, Content, Reminder
from calsyncctl.sync.provider import EventsPage, OddItem

T = TypeVar("T")

FORM: Final = 1
"""The version of the canonical form: raised when the same answer of Google would come out otherwise."""

_page = msgspec.json.Decoder(Page).decode
_item = msgspec.json.Decoder(Item).decode
_list_page = msgspec.json.Decoder(ListPage).decode
_named = msgspec.json.Decoder(Named).decode
_anything = msgspec.json.Decoder().decode
_sorted = msgspec.json.Encoder(order="sorted").encode
_plain = msgspec.json.Encoder().encode

_kept = attrgetter(*KEPT_WHOLE)
_NONE_KEPT = (NOTHING,) * len(KEPT_WHOLE)
_KNOWN = frozenset(field.encode_name for field in msgspec.structs.fields(Item))
_GUEST_KNOWN = frozenset(field.encode_name for field in msgspec.structs.fields(Guest))


def decode_page(content: bytes) -> EventsPage:
    """Read one answer of events.list.

    Raises:
        Later: it is not such an answer at all; cut off, or not Google's.
    """
    page = _envelope(_page, content, "a calendar's events")
    items: list[RemoteEvent] = []
    odd: list[OddItem] = []
    for raw in page.items:
        read = decode_event(raw, page.time_zone, page.access_role)
        if isinstance(read, RemoteEvent):
            items.append(read)
        else:
            odd.append(read)
    cursor = None if page.next_page_token else page.next_sync_token
    return EventsPage(tuple(items), tuple(odd), page.next_page_token, cursor, page.access_role, page.time_zone)


def decode_event(raw: msgspec.Raw | bytes, calendar_zone: str, access: str) -> RemoteEvent | OddItem:
    """Read one event. `calendar_zone` is for times that name no zone, `access` the account's role on its calendar."""
    try:
        item = _item(raw)
        unknown: dict[str, Any] = {}
    except (msgspec.DecodeError, ValueError):
        try:
            item, unknown = _slowly(raw)
        except (msgspec.DecodeError, ValueError) as error:
            return OddItem(_id_of(raw), _why(error))
    try:
        return _event(item, unknown, calendar_zone, access)
    except NotATime as error:
        return OddItem(item.id, str(error))
    except (OverflowError, ValueError):
        return OddItem(item.id, "it could not be read")


def decode_calendars(content: bytes) -> tuple[list[RemoteCalendar], str | None, str | None]:
    """Read one answer of calendarList.list: entries, next page token, sync token.

    Raises:
        Later: it is not such an answer at all.
    """
    page = _envelope(_list_page, content, "the list of calendars")
    entries = [_calendar(entry) for entry in page.items if _text(entry, "id")]
    return entries, page.next_page_token, page.next_sync_token


def _envelope(decode: Callable[[bytes], T], content: bytes, thing: str) -> T:
    try:
        return decode(content)
    except (msgspec.DecodeError, ValueError):
        pass  # perhaps for half a character in one item: that shall not stop the page
    try:
        return decode(_mended(content))
    except (msgspec.DecodeError, ValueError):
        raise Later(f"Google's answer for {thing} could not be read.", scope="calendar") from None


def _calendar(entry: dict[str, object]) -> RemoteCalendar:
    google_id = _text(entry, "id")
    return RemoteCalendar(
        google_id=google_id,
        name=_text(entry, "summaryOverride") or _text(entry, "summary") or google_id,
        zone=_text(entry, "timeZone") or "UTC",
        access=_text(entry, "accessRole") or "none",
        is_primary=entry.get("primary") is True,
        colour=_text(entry, "backgroundColor") or None,
        deleted=entry.get("deleted") is True,
    )


def _text(entry: dict[str, object], name: str) -> str:
    value = entry.get(name)
    return value if isinstance(value, str) else ""


def _slowly(raw: msgspec.Raw | bytes) -> tuple[Item, dict[str, Any]]:
    """Decode an item with fields that are not named, or null, or half characters; return those fields apart."""
    try:
        whole = _anything(raw)
    except msgspec.DecodeError:
        whole = _anything(_mended(raw))
    if not isinstance(whole, dict):
        raise ValueError("it is not an object")
    known = {name: value for name, value in whole.items() if name in _KNOWN and value is not None}
    unknown = {name: value for name, value in whole.items() if name not in _KNOWN}
    guests = known.get("attendees")
    if isinstance(guests, list):
        known["attendees"], more = _guests_slowly(guests)
        if more:
            unknown["attendees"] = more
    return _item(_plain(known)), unknown


def _mended(raw: msgspec.Raw | bytes) -> bytes:
    """Replace halves of surrogate pairs, which a text cut at its longest leaves behind; UTF-8 has no form for them."""
    text = json.dumps(json.loads(bytes(raw)), ensure_ascii=False)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def _guests_slowly(guests: list[Any]) -> tuple[list[Any], dict[str, Any]]:
    """Part guests into what is modelled and, by address, what is not."""
    known: list[Any] = []
    more: dict[str, Any] = {}
    for guest in guests:
        if not isinstance(guest, dict):
            raise ValueError("one of its guests is not an object")
        known.append({name: value for name, value in guest.items() if name in _GUEST_KNOWN and value is not None})
        unknown = {name: value for name, value in guest.items() if name not in _GUEST_KNOWN}
        if unknown:
            more[str(guest.get("email", ""))] = unknown
    return known, more


def _id_of(raw: msgspec.Raw | bytes) -> str:
    try:
        return _named(raw).id
    except (msgspec.DecodeError, ValueError):
        return ""


def _why(error: Exception) -> str:
    """Say why an item could not be read, without its contents: msgspec's own messages name types and places."""
    return str(error) if isinstance(error, msgspec.ValidationError) else "it could not be read"


def _event(item: Item, unknown: dict[str, Any], calendar_zone: str, access: str) -> RemoteEvent:
    original = item.original_start_time
    properties = item.extended_properties
    tag = _tag(properties.private) if properties is not None else None
    cancelled = item.status == "cancelled"
    return RemoteEvent(
        google_id=item.id,
        etag=item.etag,
        updated=stamp_of(item.updated),
        content=None if cancelled else _content(item, calendar_zone),
        ical_uid=item.i_cal_uid,
        master=item.recurring_event_id,
        original=original_of(original, calendar_zone) if original is not None else None,
        tag=tag,
        extra="" if cancelled else _extra(item, unknown, tag),
        hidden=not cancelled and _hidden(item, access),
    )


def _content(item: Item, calendar_zone: str) -> Content:
    if item.start is None:
        raise NotATime("it has no start")
    recurrence = _recurrence(item.recurrence) if item.recurrence else ()
    when = when_of(item.start, item.end, recurrence, calendar_zone)
    return Content(item.summary or "", "tentative" if item.status == "tentative" else "confirmed", when, _body(item))


def _recurrence(lines: list[str]) -> tuple[str, ...]:
    """Order the lines: rules first and as they come, the others sorted; Google keeps no order among them."""
    if len(lines) == 1:
        return (lines[0],)
    rules = [line for line in lines if line[:5].upper() == "RRULE"]
    return (*rules, *sorted(line for line in lines if line[:5].upper() != "RRULE"))


def _body(item: Item) -> Body:
    organizer = item.organizer
    return Body(
        description=item.description,
        location=item.location,
        attendees=_attendees(item.attendees) if item.attendees else (),
        attendees_omitted=item.attendees_omitted,
        organizer=organizer.email if organizer is not None else "",
        organizer_self=organizer.self if organizer is not None else False,
        transparency=item.transparency,
        visibility=item.visibility,
        event_type=item.event_type,
        guests_can_invite=item.guests_can_invite_others,
        guests_can_modify=item.guests_can_modify,
        guests_can_see=item.guests_can_see_other_guests,
        locked=item.locked,
        colour=item.color_id,
        reminders=_reminders(item.reminders) if item.reminders is not None else None,
        meet=item.hangout_link,
    )


def _attendees(guests: list[Guest]) -> tuple[Attendee, ...]:
    people = [
        Attendee(
            guest.email,
            guest.display_name,
            guest.response_status,
            guest.optional,
            guest.organizer,
            guest.self,
            guest.resource,
            guest.comment,
            guest.additional_guests,
        )
        for guest in guests
    ]
    if len(people) > 1:
        people.sort(key=_address)
    return tuple(people)


def _address(person: Attendee) -> tuple[str, str]:
    return person.email.casefold(), person.name


def _reminders(reminders: Reminders) -> tuple[Reminder, ...] | None:
    if reminders.use_default:
        return None
    ordered = sorted((one.method, one.minutes) for one in reminders.overrides)
    return tuple(Reminder(method, minutes) for method, minutes in ordered)


def _tag(private: dict[str, str]) -> Tag | None:
    instance, key, google_id = private.get(TAG_INSTANCE), private.get(TAG_KEY), private.get(TAG_GOOGLE_ID)
    if not (instance and key and google_id):
        return None
    return Tag(instance, key, google_id, private.get(TAG_HOME, ""), private.get(TAG_BOOKING, ""))


def _hidden(item: Item, access: str) -> bool:
    """Tell whether Google kept the details back: always under free/busy access, else for somebody's private event."""
    if access in {"freeBusyReader", "none"}:
        return True
    private = item.visibility in {"private", "confidential"}
    return private and item.summary is None and access not in {"owner", "writer"}


def _extra(item: Item, unknown: dict[str, Any], tag: Tag | None) -> str:
    """Gather the writable fields that the model does not name, as JSON text with sorted keys; nearly always empty."""
    extra = unknown
    kept = _kept(item)
    if kept != _NONE_KEPT:
        present = zip(KEPT_WHOLE.values(), kept, strict=True)
        extra |= {name: _anything(raw) for name, raw in present if raw is not NOTHING}
    if item.extended_properties is not None:
        others = _others(item.extended_properties, tag)
        if others:
            extra["extendedProperties"] = others
    start, end = item.start, item.end
    if end is not None and start is not None and end.time_zone and end.time_zone != start.time_zone and end.date_time:
        extra["end"] = {"timeZone": end.time_zone}  # a flight: the model has one zone, the start's
    return _sorted(extra).decode() if extra else ""


def _others(properties: Extended, tag: Tag | None) -> dict[str, dict[str, str]]:
    """Return the extended properties that are not our tag's."""
    private = properties.private
    if tag is not None:
        ours = {MANAGED_BY, TAG_INSTANCE, TAG_KEY, TAG_GOOGLE_ID, TAG_HOME, TAG_BOOKING}
        private = {name: value for name, value in private.items() if name not in ours}
    return {name: kept for name, kept in (("private", private), ("shared", properties.shared)) if kept}
