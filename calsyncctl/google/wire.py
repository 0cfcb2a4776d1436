"""Google's JSON as it comes over the wire: every field of an event that the discovery document names, and no other.

Decoding is strict where it must be (events, their guests): a field that is not named here fails the fast way, and
`decode.py` then keeps it in `extra` instead of dropping it. `msgspec.Raw` fields are kept whole, or not looked at.
"""

from __future__ import annotations

import msgspec

NOTHING = msgspec.Raw(b"")


class Moment(msgspec.Struct, gc=False, rename="camel"):
    """EventDateTime: a date, or a time with its zone."""

    date: str | None = None
    date_time: str | None = None
    time_zone: str | None = None


class Guest(msgspec.Struct, forbid_unknown_fields=True, gc=False, rename="camel"):
    """EventAttendee. `id` and `async_operation` are read-only and not looked at."""

    email: str = ""
    display_name: str = ""
    response_status: str = "needsAction"
    optional: bool = False
    organizer: bool = False
    self: bool = False
    resource: bool = False
    comment: str = ""
    additional_guests: int = 0
    id: msgspec.Raw = NOTHING
    async_operation: msgspec.Raw = NOTHING


class Person(msgspec.Struct, gc=False, rename="camel"):
    """An organizer."""

    email: str = ""
    self: bool = False


class Override(msgspec.Struct, gc=False):
    """EventReminder."""

    method: str
    minutes: int


class Reminders(msgspec.Struct, gc=False, rename="camel"):
    """An event's reminders; without overrides and without the default there are none."""

    use_default: bool = False
    overrides: list[Override] = []


class Extended(msgspec.Struct, gc=False):
    """Extended properties: of this copy, and shared with all guests."""

    private: dict[str, str] = {}
    shared: dict[str, str] = {}


class Item(msgspec.Struct, forbid_unknown_fields=True, gc=False, rename="camel"):
    """Event, of Calendar v3: the modelled fields, those kept whole in `extra`, and the read-only ones passed over."""

    id: str
    status: str = "confirmed"
    etag: str = ""
    updated: str = ""
    summary: str | None = None
    description: str = ""
    location: str = ""
    start: Moment | None = None
    end: Moment | None = None
    recurrence: list[str] | None = None
    recurring_event_id: str | None = None
    original_start_time: Moment | None = None
    i_cal_uid: str | None = msgspec.field(default=None, name="iCalUID")
    organizer: Person | None = None
    attendees: list[Guest] | None = None
    attendees_omitted: bool = False
    transparency: str = "opaque"
    visibility: str = "default"
    event_type: str = "default"
    guests_can_invite_others: bool = True
    guests_can_modify: bool = False
    guests_can_see_other_guests: bool = True
    locked: bool = False
    color_id: str = ""
    reminders: Reminders | None = None
    hangout_link: str = ""
    extended_properties: Extended | None = None

    anyone_can_add_self: msgspec.Raw = NOTHING
    attachments: msgspec.Raw = NOTHING
    birthday_properties: msgspec.Raw = NOTHING
    conference_data: msgspec.Raw = NOTHING
    end_time_unspecified: msgspec.Raw = NOTHING
    event_label_id: msgspec.Raw = NOTHING
    focus_time_properties: msgspec.Raw = NOTHING
    gadget: msgspec.Raw = NOTHING
    out_of_office_properties: msgspec.Raw = NOTHING
    private_copy: msgspec.Raw = NOTHING
    source: msgspec.Raw = NOTHING
    working_location_properties: msgspec.Raw = NOTHING

    created: msgspec.Raw = NOTHING
    creator: msgspec.Raw = NOTHING
    html_link: msgspec.Raw = NOTHING
    kind: msgspec.Raw = NOTHING
    sequence: msgspec.Raw = NOTHING


KEPT_WHOLE = {
    "anyone_can_add_self": "anyoneCanAddSelf",
    "attachments": "attachments",
    "birthday_properties": "birthdayProperties",
    "conference_data": "conferenceData",
    "end_time_unspecified": "endTimeUnspecified",
    "event_label_id": "eventLabelId",
    "focus_time_properties": "focusTimeProperties",
    "gadget": "gadget",
    "out_of_office_properties": "outOfOfficeProperties",
    "private_copy": "privateCopy",
    "source": "source",
    "working_location_properties": "workingLocationProperties",
}
"""Fields that go to `extra` as they are: ours -> Google's name."""


class Page(msgspec.Struct, rename="camel"):
    """The envelope of events.list; the items are taken apart one by one, so that a bad one spoils no other."""

    items: list[msgspec.Raw] = []
    access_role: str = ""
    time_zone: str = "UTC"
    next_page_token: str | None = None
    next_sync_token: str | None = None


class ListPage(msgspec.Struct, rename="camel"):
    """The envelope of calendarList.list."""

    items: list[dict[str, object]] = []
    next_page_token: str | None = None
    next_sync_token: str | None = None


class Named(msgspec.Struct):
    """All that is asked of an item which cannot be read."""

    id: str = ""
