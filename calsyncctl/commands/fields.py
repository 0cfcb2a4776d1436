"""What an event says besides its times, as typed: guests, reminders, place, who sees it; put into its content."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any

from msgspec.structs import replace

from calsyncctl.commands.moments import read_length
from calsyncctl.errors import NotFound, UsageFault
from calsyncctl.model.event import Attendee, Body, Content, Reminder, When

MOST_REMINDERS = 5
MOST_MINUTES = 40_320
"""Four weeks: Google's limits (events resource, `reminders.overrides`)."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the command line says of an event; None and empty: nothing."""

    title: str | None = None
    location: str | None = None
    description: str | None = None
    guests: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    """Guests to take off."""
    remind: tuple[str, ...] = ()
    visibility: str | None = None
    free: bool | None = None
    tentative: bool | None = None

    @property
    def anything(self) -> bool:
        """Whether anything was said at all."""
        return self != Said()


def new_content(said: Said, when: When) -> Content:
    """Return the content of a new event.

    Raises:
        UsageFault: something of it cannot be read.
    """
    if not (said.title or "").strip():
        raise UsageFault("An event needs a title.", 'calsyncctl events add "Lunch" --start "tomorrow 12:00"')
    return edited_content(Content("", "confirmed", when, Body()), said, when)


def edited_content(content: Content, said: Said, when: When) -> Content:
    """Return a content with what was typed put in; what was not typed stays.

    Raises:
        UsageFault: something of it cannot be read.
        NotFound: a guest to take off is not one.
    """
    status = content.status if said.tentative is None else ("tentative" if said.tentative else "confirmed")
    summary = content.summary if said.title is None else said.title.strip()
    return Content(summary, status, when, _body(content.body, said))


def _body(body: Body, said: Said) -> Body:
    changes: dict[str, Any] = {
        "location": said.location,
        "description": said.description,
        "visibility": said.visibility,
        "transparency": None if said.free is None else ("transparent" if said.free else "opaque"),
    }
    changes = {field: value for field, value in changes.items() if value is not None}
    if said.guests or said.without:
        changes["attendees"] = _guests(body.attendees, said)
    if said.remind:
        changes["reminders"] = read_reminders(said.remind)
    return replace(body, **changes)


def _guests(held: tuple[Attendee, ...], said: Said) -> tuple[Attendee, ...]:
    """Add and take off guests; those who stay keep their replies."""
    guests = {one.email.casefold(): one for one in held}
    for typed in said.without:
        if guests.pop(read_guest(typed).email.casefold(), None) is None:
            raise NotFound(f"“{typed}” is not a guest of this event.", "See: calsyncctl events show EVENT")
    for typed in said.guests:
        guest = read_guest(typed)
        known = guests.get(guest.email.casefold())
        guests[guest.email.casefold()] = replace(known, name=guest.name or known.name) if known else guest
    return tuple(sorted(guests.values(), key=lambda one: (one.email.casefold(), one.name)))


def read_guest(typed: str) -> Attendee:
    """Read `jane@example.com`, or `Jane <jane@example.com>`.

    Raises:
        UsageFault: it is no e-mail address.
    """
    name, email = parseaddr(typed.strip())
    local, at, domain = email.partition("@")
    if not (local and at and domain) or "@" in domain or any(char.isspace() for char in email):
        raise UsageFault(f"“{typed}” is no e-mail address.", "Write jane@example.com, or Jane <jane@example.com>.")
    return Attendee(email.lower(), name.strip())


def read_reminders(typed: tuple[str, ...]) -> tuple[Reminder, ...] | None:
    """Read reminders: `10m`, `email:1d`, `none`, or `default` for the calendar's own (None).

    Raises:
        UsageFault: one is none of these, or they are too many, or too early.
    """
    words = {text.strip().casefold() for text in typed}
    if words & {"none", "default"}:
        if len(words) > 1:
            raise UsageFault("--remind none or default stands alone.", "Give it alone, or lengths such as 10m.")
        return () if words == {"none"} else None
    found = {_reminder(text) for text in typed}
    if len(found) > MOST_REMINDERS:
        raise UsageFault(f"An event has at most {MOST_REMINDERS} reminders.", "Give fewer.")
    return tuple(Reminder(method, minutes) for method, minutes in sorted(found))


def _reminder(text: str) -> tuple[str, int]:
    method, colon, length = text.strip().casefold().partition(":")
    if not colon:
        method, length = "popup", method
    if method not in {"popup", "email"}:
        raise UsageFault(f"“{text}” is no reminder.", "Write 10m, 1h, email:1d, none or default.")
    minutes = 0 if length.strip() in {"0m", "0"} else int(read_length(length).total_seconds()) // 60
    if minutes > MOST_MINUTES:
        raise UsageFault(f"“{text}” is too early.", "A reminder comes at most four weeks before.")
    return method, minutes
