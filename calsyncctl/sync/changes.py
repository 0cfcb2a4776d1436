"""What differs between two contents of an event, field by field, and what of it somebody did. Pure."""

from __future__ import annotations

from typing import Any

import msgspec

from calsyncctl.model.event import Body, Content
from calsyncctl.model.fields import value_of, with_fields
from calsyncctl.model.history import FieldChange
from calsyncctl.sync.canonical import GOOGLES


def with_there(here: Content, read: Content, fields: frozenset[str]) -> Content:
    """Return what the event would say, had it taken Google's values of some fields."""
    return with_fields(here, {field: value_of(read, field) for field in fields})


def differences(before: Content | None, after: Content) -> tuple[FieldChange, ...]:
    """Return the fields that differ, as plain values; `when` is one field, each field of the body its own."""
    if before is None:
        return ()
    changes = [
        FieldChange(field, msgspec.to_builtins(old), msgspec.to_builtins(new))
        for field in ("summary", "status", "when")
        if (old := getattr(before, field)) != (new := getattr(after, field))
    ]
    return (*changes, *_body_differences(before.body, after.body))


def _body_differences(before: Body, after: Body) -> list[FieldChange]:
    if before == after:
        return []
    pairs: list[tuple[str, Any, Any]] = [
        (field, getattr(before, field), getattr(after, field)) for field in Body.__struct_fields__
    ]
    return [
        FieldChange(field, msgspec.to_builtins(old), msgspec.to_builtins(new))
        for field, old, new in pairs
        if old != new
    ]


def news(here: Content, merged_in: Content) -> tuple[FieldChange, ...]:
    """Return the changes that somebody made to the event: not what Google alone decides, nor what others replied."""
    by_hand = tuple(change for change in differences(here, merged_in) if change.field not in GOOGLES)
    if _invited(here, merged_in) == _invited(merged_in, merged_in):
        return tuple(change for change in by_hand if change.field != "attendees")
    return by_hand


def _invited(content: Content, marked: Content) -> dict[str, object]:
    """Return who is invited and how, with one's own reply by `marked`; the organizer may be added by Google."""
    selves = {guest.email.casefold() for guest in marked.body.attendees if guest.self}
    organizers = {guest.email.casefold() for guest in marked.body.attendees if guest.organizer}
    return {
        (name := guest.email.casefold()): (guest.optional, (guest.reply, guest.comment) if name in selves else None)
        for guest in content.body.attendees
        if guest.email.casefold() not in organizers - selves
    }
