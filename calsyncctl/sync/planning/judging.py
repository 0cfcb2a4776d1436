"""Whether a decision of a plan may still be carried out: held against the event, the copy and Google's item. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct

from calsyncctl.model.copy import Copy, CopyState, RemoteEvent
from calsyncctl.model.event import Event
from calsyncctl.model.history import Version
from calsyncctl.sync.planning.plan import Decision, Side


class Fate(StrEnum):
    """What became of a decision."""

    DONE = "done"
    MOVED_ON = "moved on"
    """Something is not as it was planned any more: it was skipped."""
    ALREADY = "already so"


class Sight(Struct, frozen=True, kw_only=True):
    """What is seen of one decision's event now. `item` is Google's, None where it is not there."""

    event: Event | None
    copy: Copy | None
    item: RemoteEvent | None
    history: Sequence[Version] = ()


def is_done(one: Decision, seen: Sight, *, adopts: bool = False) -> bool:
    """Tell whether both sides say already what the decision says.

    `adopts`: its plan takes over another installation's events, whose marks say nothing of what was agreed on.
    """
    event, copy = seen.event, seen.copy
    if event is None:
        return False
    if one.side is Side.HERE:
        if one.version == 0 and one.after == 1:
            return copy is not None
        if one.step == "lapsed":
            return copy is not None and copy.state in {CopyState.STALE, CopyState.DELETED}
        rows = [row for row in seen.history if row.version == one.after]
        return any((str(row.action), row.author, row.changes) == (one.step, one.author, one.changes) for row in rows)
    if copy is None or copy.sent_version is not None or (adopts and one.step == "mark"):
        return False
    agreed = copy.base_version is not None and copy.base_version >= one.version
    if one.step == "delete" and (copy.state is CopyState.DELETED or (agreed and copy.state is CopyState.STALE)):
        return True  # perhaps with its series
    if one.step == "delete" and event.deleted is None and not event.original:
        return False
    return agreed and copy.state in {CopyState.LIVE, CopyState.DELETED}


def why_not(one: Decision, seen: Sight, *, first: bool) -> str | None:
    """Return why a decision may not be carried out any more, None if it may.

    `first`: no other decision of the plan comes before it for this event, so the event must be as it was.
    """
    reads = one.read or one.side is Side.GOOGLE
    gone = one.step == "delete" and (seen.item is None or seen.item.content is None)
    if reads and one.known and not gone and not _as_planned(one.etag, seen.item):
        return "it was changed in Google since"
    if not first:
        return None
    if one.version == 0 and one.side is Side.HERE:
        return "it is known here by now" if seen.copy is not None else None
    if seen.event is None:
        return "it is not here any more"
    return None if seen.event.version == one.version else "it was changed here since"


def _as_planned(etag: str, item: RemoteEvent | None) -> bool:
    alive = item is not None and item.content is not None
    if not etag:
        return not alive
    return alive and item is not None and item.etag == etag
