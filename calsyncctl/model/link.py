"""Links: events of a native or activity calendar are also kept on a google calendar, from an instant on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class WhenDeleted(StrEnum):
    """What it means that a link's copy is deleted in Google."""

    DELETE = "delete"
    """The event is deleted here and on every link."""
    REPUBLISH = "republish"
    """The copy is stale, and made afresh at the event's next change."""


class LinkState(StrEnum):
    """What a link may be in; reason, since and until stand beside it."""

    ACTIVE = "active"
    FILLING = "filling"
    """What it holds from before is being planned; cut off, every sync goes on with it."""
    PAUSED = "paused"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Link:
    """One link. `from_instant` is UTC seconds: events that end after it are held; None: all from the beginning.

    `invites`: guests are written to this copy; at most one link of a source does so.
    """

    source_id: int
    target_id: int
    from_instant: int | None
    when_deleted: WhenDeleted
    invites: bool = False
    state: LinkState = LinkState.ACTIVE
    reason: str | None = None
    since: int | None = None
    until: int | None = None
