"""Assignees: agents, teams and inboxes that calendars serve; `KIND:NAME` names one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from calsyncctl.errors import UsageFault


class AssigneeKind(StrEnum):
    """What a calendar can be assigned to."""

    AGENT = "agent"
    TEAM = "team"
    INBOX = "inbox"


class Role(StrEnum):
    """A member's role. Only administrators may set up integrations, unless the config names more roles."""

    ADMINISTRATOR = "administrator"
    STAFF = "staff"
    CLIENT = "client"
    PROSPECT = "prospect"


@dataclass(frozen=True, slots=True)
class Assignee:
    """One agent, team or inbox. `members` are the names of a team's agents; `zone` an IANA name."""

    id: int
    kind: AssigneeKind
    name: str
    email: str | None = None
    role: str | None = None
    zone: str | None = None
    members: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """`agent:jane`, as typed on the command line."""
        return f"{self.kind}:{self.name}"


def parse_assignee(text: str) -> tuple[AssigneeKind, str]:
    """Split `agent:jane` into kind and name.

    Raises:
        UsageFault: if it is not of that form.
    """
    kind, colon, name = text.strip().partition(":")
    if not colon or not name.strip() or kind not in set(AssigneeKind):
        raise UsageFault(f"“{text}” is not an assignee.", "Write agent:NAME, team:NAME or inbox:NAME.")
    return AssigneeKind(kind), name.strip()
