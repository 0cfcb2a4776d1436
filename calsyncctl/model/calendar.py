"""Calendars: native (only here), activity, or google (an account's); their access roles, modes and states."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from calsyncctl.quoting import calendar_word


class CalendarKind(StrEnum):
    """Where a calendar lives."""

    NATIVE = "native"
    ACTIVITY = "activity"
    GOOGLE = "google"


class CalendarState(StrEnum):
    """Whether a calendar takes part in sync. Native ones are always `selected`."""

    AVAILABLE = "available"
    SELECTED = "selected"
    PAUSED = "paused"
    HOLD = "hold"
    """Gone at Google, out of reach or without the needed access: its events stay, read-only; the reason says which."""


TAKING_PART = (CalendarState.SELECTED, CalendarState.HOLD)
"""The states in which a calendar is synced: one on hold is tried at every pass, and comes back by itself."""


class Mode(StrEnum):
    """How a selected google calendar syncs (docs/architecture.md, Modes)."""

    TWO_WAY = "two-way"
    SMART = "smart"
    ONE_WAY = "one-way"
    PUSH_ONLY = "push-only"
    READ_ONLY = "read-only"


GONE = "gone at Google, or no longer shared"
"""Why a calendar is on hold (or, where it takes no part, what is to be known of it): Google does not list it."""

WRITING_ROLES = frozenset({"writer", "owner"})


def can_write(access: str | None) -> bool:
    """Tell whether an access role permits writing events; unknown roles count as read-only."""
    return access in WRITING_ROLES


def can_read(access: str | None) -> bool:
    """Tell whether an access role shows events, not just busy times; unknown roles are taken to read."""
    return access is not None and access not in {"none", "freeBusyReader"}


@dataclass(frozen=True, slots=True)
class RemoteCalendar:
    """One entry of an account's calendar list, as the provider tells it."""

    google_id: str
    name: str
    zone: str
    access: str
    is_primary: bool = False
    colour: str | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Calendar:
    """One calendar here. Times are UTC seconds.

    `cursor` is the sync token of the last complete listing with `query` as the fingerprint of its request; `page`
    the page token of a listing under way and `listing` that listing's number.
    """

    id: int
    kind: CalendarKind
    name: str
    zone: str
    state: CalendarState
    account_id: int | None = None
    google_id: str | None = None
    colour: str | None = None
    access: str | None = None
    is_primary: bool = False
    mode: Mode | None = None
    reason: str | None = None
    """Why it is in its state; on a second line, where there is one, what helps."""
    since: int | None = None
    until: int | None = None
    cursor: str | None = None
    query: str | None = None
    page: str | None = None
    listing: int = 0
    due: int | None = None
    last_success: int | None = None
    last_change: int | None = None
    last_reconcile: int | None = None

    @property
    def why(self) -> str | None:
        """The reason without what helps."""
        return self.reason.partition("\n")[0] if self.reason is not None else None

    @property
    def cure(self) -> str | None:
        """What helps, as a sentence, where only a person can: of trouble that does not pass by itself."""
        return self.reason.partition("\n")[2] or None if self.reason is not None else None

    @property
    def typed(self) -> str:
        """How to type it on a command line: its name, quoted as a shell needs it, or its number."""
        return calendar_word(self.name, self.id)

    @property
    def writable(self) -> bool:
        """Whether events can be written to it; native calendars always."""
        return self.kind is not CalendarKind.GOOGLE or can_write(self.access)
