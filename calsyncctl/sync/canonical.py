"""Which fields are merged, whose they are, and when two values mean the same (docs/sync.md, The canonical form). Pure.

Equality decides within one side. `alike` is for the few places where a value of ours meets one of Google's: what we
sent and what came back. Google rewrites what it is given, within the limits that are named here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from calsyncctl.model.event import Attendee, When
from calsyncctl.model.fields import NOTHING

SHARED: Final = ("summary", "status", "when", "description", "location", "transparency", "attendees")
"""What every copy of an event says; guests are on one copy only."""

OWN: Final = ("visibility", "colour", "reminders", "guests_can_invite", "guests_can_modify", "guests_can_see")
"""What belongs to the copy: merged with the home copy, set once on links."""

GOOGLES: Final = ("organizer", "organizer_self", "event_type", "locked", "attendees_omitted", "meet")
"""What Google alone decides: taken from the home copy as it is, never written."""


def fields_for(*, home: bool, guests: bool) -> tuple[str, ...]:
    """Return the fields that are merged with a copy; `guests`: whether the guest list is on it."""
    shared = SHARED if guests else SHARED[:-1]
    return shared + OWN if home else shared


def alike(field: str, one: Any, other: Any) -> bool:
    """Tell whether two values of a field mean the same, as far as Google is known to rewrite one into the other."""
    if one == other:
        return True
    if NOTHING in (one, other) or None in (one, other):
        return False
    if field == "when":
        return _alike_when(one, other)
    if field == "attendees":
        return _guests(one) == _guests(other)
    return isinstance(one, str) and isinstance(other, str) and one.strip() == other.strip()


def _alike_when(one: When, other: When) -> bool:
    if one.all_day != other.all_day or _moments(one) != _moments(other) or _lines(one) != _lines(other):
        return False
    # A zone matters where something repeats in it.
    return not one.recurrence or one.all_day or one.zone == other.zone


def _moments(when: When) -> tuple[object, object]:
    if when.all_day:
        return when.start, when.end
    return datetime.fromisoformat(when.start), datetime.fromisoformat(when.end)


def _lines(when: When) -> list[str]:
    """Return recurrence lines with the parts of rules in a fixed order: Google changes it, and leaves defaults out."""
    return sorted(_sorted_rule(line) for line in when.recurrence)


def _sorted_rule(line: str) -> str:
    name, colon, parts = line.strip().upper().partition(":")
    if name not in {"RRULE", "EXRULE"}:
        return line.strip().upper()
    kept = (part for part in parts.split(";") if part and part not in {"INTERVAL=1", "WKST=MO"})
    return name + colon + ";".join(sorted(kept))


def _guests(guests: tuple[Attendee, ...]) -> list[tuple[object, ...]]:
    return sorted(
        (guest.email.strip().casefold(), guest.name, guest.reply, guest.optional, guest.comment, guest.extra_guests)
        for guest in guests
    )
