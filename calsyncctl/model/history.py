"""Runs and versions: what one pass or act did, and one change of one event with who, why and the fields from → to."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec


class Action(StrEnum):
    """What happened to an event here."""

    ADDED = "added"
    CHANGED = "changed"
    CANCELLED = "cancelled"
    """One occurrence of a series, by its exception."""
    DELETED = "deleted"
    RESTORED = "restored"


class FieldChange(msgspec.Struct, frozen=True):
    """One field's values before and after, as plain JSON values (dates and times as text)."""

    field: str
    before: Any
    after: Any


class Lost(msgspec.Struct, frozen=True):
    """A value that a conflict did not choose, and the one that stands, as plain JSON values.

    `field` is one of an event's, or `deleted`: then `value` says what one side wanted and the other undid.
    """

    field: str
    value: Any
    chosen: Any


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One change of one event. `at` is UTC seconds; `author` `google`, `calsyncctl`, or a member.

    `lost` are the values that a conflict did not choose: it waits in `review` until `settled`, in UTC seconds.
    """

    event_id: int
    version: int
    run_id: int | None
    calendar_id: int | None
    at: int
    author: str
    action: Action
    why: str
    changes: tuple[FieldChange, ...] = ()
    lost: tuple[Lost, ...] = ()
    settled: int | None = None
    sent_run: int | None = None
    """The first run that sent it to Google; None: none had to, or did."""
    id: int = 0
    """The row's own number; given by the table."""


class Counts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a pass found in items: `odd` could not be read, `stale` were older than what was known already."""

    new: int = 0
    changed: int = 0
    deleted: int = 0
    unchanged: int = 0
    odd: int = 0
    stale: int = 0
    placed: int = 0
    """Events inserted at Google; then patched, deleted there, and put on hold since Google refuses them."""
    updated: int = 0
    removed: int = 0
    held: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            new=self.new + other.new,
            changed=self.changed + other.changed,
            deleted=self.deleted + other.deleted,
            unchanged=self.unchanged + other.unchanged,
            odd=self.odd + other.odd,
            stale=self.stale + other.stale,
            placed=self.placed + other.placed,
            updated=self.updated + other.updated,
            removed=self.removed + other.removed,
            held=self.held + other.held,
        )

    @property
    def writes(self) -> int:
        """How many events here were touched."""
        return self.new + self.changed + self.deleted

    @property
    def sent(self) -> int:
        """How many events at Google were touched."""
        return self.placed + self.updated + self.removed


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One pass, or one act of a person, that changed something.

    `outcome` is `done`, `failed` or `interrupted`; None while it is under way.
    """

    id: int
    kind: str
    author: str
    account_id: int | None
    started: int
    ended: int | None = None
    outcome: str | None = None
    counts: Counts = Counts()
    mails: int = 0
    """Writes that asked Google to mail guests."""
    error: str | None = None
    undoes: int | None = None
    """The run that it took back."""
