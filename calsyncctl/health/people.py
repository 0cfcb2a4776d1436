"""The facts of agents, teams and inboxes, as lists show them."""

from __future__ import annotations

from dataclasses import dataclass

from calsyncctl.model.people import Assignee
from calsyncctl.store import people
from calsyncctl.store.db import Store


@dataclass(frozen=True, slots=True)
class AssigneeFacts:
    """One assignee with the calendars that serve it."""

    id: int
    label: str
    kind: str
    name: str
    email: str | None
    role: str | None
    zone: str | None
    members: tuple[str, ...]
    calendars: tuple[str, ...]


def assignee_facts(store: Store, assignee: Assignee) -> AssigneeFacts:
    """Gather the facts of one assignee."""
    served = people.calendars_of(store, assignee.id)
    return AssigneeFacts(
        id=assignee.id,
        label=assignee.label,
        kind=str(assignee.kind),
        name=assignee.name,
        email=assignee.email,
        role=assignee.role,
        zone=assignee.zone,
        members=assignee.members,
        calendars=tuple(calendar.name for calendar in served),
    )
