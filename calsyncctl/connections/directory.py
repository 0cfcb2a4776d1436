"""Agents, teams and inboxes, and which calendars serve them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from calsyncctl.errors import UsageFault
from calsyncctl.model.calendar import Calendar
from calsyncctl.model.people import Assignee, Role, parse_assignee
from calsyncctl.store import people
from calsyncctl.store.db import Store
from calsyncctl.store.rows import KEEP


@dataclass(frozen=True, slots=True)
class Details:
    """What can be said of an assignee; None leaves it as it is, an empty text clears it."""

    name: str | None = None
    email: str | None = None
    role: Role | None = None
    zone: str | None = None
    members: tuple[str, ...] | None = None


def add_assignee(store: Store, text: str, details: Details) -> Assignee:
    """Add an agent, team or inbox."""
    kind, name = parse_assignee(text)
    _check(details)
    with store.write():
        added = people.add_assignee(
            store, kind, name, email=details.email, role=_value(details.role), zone=details.zone
        )
        return people.set_members(store, added.id, details.members) if details.members else added


def edit_assignee(store: Store, assignee: Assignee, details: Details) -> Assignee:
    """Change what is given."""
    _check(details)
    with store.write():
        if details.members is not None:
            people.set_members(store, assignee.id, [name for name in details.members if name])
        return people.edit_assignee(
            store,
            assignee.id,
            name=KEEP if details.name is None else details.name,
            email=KEEP if details.email is None else details.email or None,
            role=KEEP if details.role is None else _value(details.role),
            zone=KEEP if details.zone is None else details.zone or None,
        )


def delete_assignee(store: Store, assignee: Assignee) -> None:
    """Remove an assignee; its calendars stay."""
    with store.write():
        people.delete_assignee(store, assignee.id)


def assign(store: Store, calendar: Calendar, assignees: Iterable[Assignee]) -> tuple[str, ...]:
    """Let a calendar serve assignees; return the labels of those that are new."""
    with store.write():
        return tuple(one.label for one in assignees if people.assign(store, calendar.id, one.id))


def unassign(store: Store, calendar: Calendar, assignees: Iterable[Assignee]) -> tuple[str, ...]:
    """End that a calendar serves assignees; return the labels of those that it served."""
    with store.write():
        return tuple(one.label for one in assignees if people.unassign(store, calendar.id, one.id))


def _check(details: Details) -> None:
    check_zone(details.zone)
    if details.email and not re.fullmatch(r"[^@\s]+@[^@\s]+", details.email):
        raise UsageFault(f"“{details.email}” is not an e-mail address.", "Give one such as support@example.com.")


def check_colour(colour: str | None) -> None:
    """Raise UsageFault unless it is a colour as Google writes them, or nothing."""
    if colour and not re.fullmatch(r"#[0-9A-Fa-f]{6}", colour):
        raise UsageFault(f"“{colour}” is not a colour.", "Give one such as #1f6feb.")


def check_zone(zone: str | None) -> None:
    """Raise UsageFault unless it is an IANA time zone, or nothing."""
    try:
        _ = ZoneInfo(zone) if zone else None
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageFault(f"“{zone}” is not a time zone.", "Give an IANA name such as Europe/Berlin.") from error


def _value(role: Role | None) -> str | None:
    return str(role) if role else None
