"""A plan: the decisions of one pass as values that a person reads, a file keeps and `apply` carries out. Pure.

A plan belongs to one installation and is sealed with a digest: what was edited by hand is no longer what was rehearsed.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from enum import StrEnum

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from calsyncctl.errors import NotAllowed, UsageFault
from calsyncctl.model.history import FieldChange, Lost

SCHEMA = 1
"""The number of the file's form; a newer one is refused."""


class Side(StrEnum):
    """Which side a decision changes."""

    HERE = "here"
    GOOGLE = "google"


class Decision(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that a pass would do to one event.

    `step` is the action in the history (`added`, `changed`, `cancelled`, `deleted`, `restored`) or `lapsed` (only the
    copy is gone) here; `insert`, `patch`, `delete` or `mark` (takes an event of another installation over) in Google.
    """

    side: Side
    step: str
    calendar: int
    google_id: str
    event: str
    """The event's key; of an event that is new here, the one that it gets."""
    title: str
    version: int
    """The event's version just before it; 0: it is not known here. Of a write in Google, the one that it carries."""
    after: int
    """The event's version when it is done."""
    read: bool = False
    """Whether it follows from an item that Google told, or comes along with one that does."""
    etag: str = ""
    """What Google's item was when the plan was made; empty: deleted there, or not there."""
    known: bool = True
    """Whether that etag is Google's own; False after an earlier write of the same plan."""
    why: str = ""
    author: str = ""
    changes: tuple[FieldChange, ...] = ()
    lost: tuple[Lost, ...] = ()
    """Values that a conflict does not choose."""
    mail: str = "none"
    guests: tuple[str, ...] = ()
    """Whom Google would mail."""


class Where(Struct, frozen=True):
    """A calendar that a plan is about, as it was: its mode decides with."""

    id: int
    name: str
    google_id: str
    account: str
    mode: str


class WouldHold(Struct, frozen=True):
    """What would be put on hold, of which kind and why; `apply` leaves it alone."""

    calendar: int
    event: str
    title: str
    kind: str
    reason: str


class Scope(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was rehearsed: `sync`, `reconcile` or `push-existing`, with what that was told."""

    kind: str
    adopt: tuple[str, ...] = ()
    source: int | None = None
    target: int | None = None


class Plan(Struct, frozen=True, kw_only=True):
    """The decisions of one pass. `made` is UTC seconds."""

    schema: int
    program: str
    profile: str
    instance: str
    made: int
    scope: Scope
    calendars: tuple[Where, ...]
    decisions: tuple[Decision, ...]
    held: tuple[WouldHold, ...]
    digest: str = ""

    @property
    def counts(self) -> dict[str, int]:
        """How many decisions there are of each kind, as `here added` or `google patch`, sorted."""
        found = Counter(f"{one.side} {one.step}" for one in self.decisions)
        return dict(sorted(found.items()))

    @property
    def mailed(self) -> tuple[str, ...]:
        """Whom Google would mail, each once."""
        return tuple(sorted({guest for one in self.decisions for guest in one.guests}))


class _Head(Struct):
    """What tells a plan from other files, whatever its schema."""

    schema: int
    digest: str


def sealed(plan: Plan) -> bytes:
    """Write a plan with its digest."""
    return msgspec.json.format(msgspec.json.encode(replace(plan, digest=_digest(plan))), indent=1) + b"\n"


def unsealed(content: bytes, *, instance: str) -> Plan:
    """Read a plan.

    Raises:
        UsageFault: it is none, made by a newer calsyncctl, or not as it was written.
        NotAllowed: it was made by another installation.
    """
    try:
        head = msgspec.json.decode(content, type=_Head)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageFault("The file is not a plan.", _ANEW) from error
    if head.schema > SCHEMA:
        raise UsageFault("The plan was made by a newer calsyncctl.", "Apply it with that one, or make it anew.")
    try:
        plan = msgspec.json.decode(content, type=Plan)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageFault("The plan cannot be read: it was changed after it was made.", _ANEW) from error
    if _digest(plan) != plan.digest:
        raise UsageFault("The plan was changed after it was made.", _ANEW)
    if plan.instance != instance:
        raise NotAllowed(
            f"The plan was made by another installation ({plan.instance}).", "Apply it there, or make one here."
        )
    return plan


_ANEW = "Make it anew: calsyncctl sync --plan FILE"


def _digest(plan: Plan) -> str:
    return hashlib.sha256(msgspec.json.encode(replace(plan, digest=""))).hexdigest()
