"""A copy after a word of Google's: what was said, and what both sides agree on now. Pure."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from calsyncctl.model.copy import Base, Copy, CopyState, Known, RemoteEvent
from calsyncctl.model.event import Event
from calsyncctl.sync.pulling.incoming import Incoming, Verdict
from calsyncctl.sync.stand import Stand, agreed_now

_encode = msgspec.json.Encoder().encode

AFTER_ALL = 1
"""Seconds that a copy waits which is to come back to Google, so that the pass reads its other calendars first: should
the event only have moved, it comes back nowhere."""

_TRIED_AGAIN = {"refused", "invalid"}
"""Holds that end when the event changes."""


def heard_copy(decision: Incoming, listing: int) -> Copy:
    """Return the copy with Google's last answer. A tombstone often has neither time nor tag: the old ones stay."""
    assert decision.known is not None
    item, copy = decision.item, decision.known.copy
    return replace(
        copy,
        master_google_id=item.master or copy.master_google_id,
        etag=item.etag or copy.etag,
        updated=item.updated or copy.updated,
        there=decision.there,
        extra=copy.extra if item.content is None or item.hidden else item.extra or None,
        heard=listing,
        sent_version=None,
    )


def settled_copy(copy: Copy, decision: Incoming, event: Event, now: int) -> Copy:
    """Return the copy with what is agreed now; `event` as it is after the decision."""
    match decision.verdict:
        case Verdict.TAKE | Verdict.RESTORE:
            return _agreed_or_waiting(copy, decision, event, now)
        case Verdict.WRITE_BACK:
            # The version between is what Google said: from it on, ours is a change to be pushed.
            state = CopyState.LEAVING if copy.state is CopyState.LEAVING else CopyState.LIVE
            return _due(replace(copy, base_version=event.version - 1, state=state), now)
        case Verdict.DELETE:
            kept = agreed_before(decision.known, decision.stand)
            return replace(copy, base_version=event.version, base=kept, state=CopyState.DELETED, due=None)
        case Verdict.CANCEL:
            return replace(copy, base_version=event.version, state=CopyState.LIVE, due=None)
        case Verdict.REVIVE:
            stale = replace(copy, base=agreed_before(decision.known, decision.stand), state=CopyState.STALE)
            return _due(stale, now + AFTER_ALL)
        case Verdict.LAPSE:
            return replace(copy, base_version=event.version, state=CopyState.STALE, due=None)
        case Verdict.AGREE:
            cancelled = event.deleted is None and copy.state is not CopyState.LEAVING
            state = CopyState.LIVE if cancelled else CopyState.DELETED
            kept = agreed_if_else(decision.known, decision.stand)
            return replace(copy, base_version=event.version, base=kept, state=state, due=None)
    return copy if decision.stand is None else _agreed_or_waiting(copy, decision, event, now)


def unmarked(copy: Copy, item: RemoteEvent, now: int) -> Copy:
    """Return the copy of an item that bears another event's mark: its own is to be written."""
    return replace(copy, base_version=None, there=_encode(item.content).decode(), due=now)


def agreed_before(known: Known | None, stand: Stand | None) -> Base | None:
    """Return what was agreed on before the edits that wait on a copy; None: none wait.

    A copy that Google deletes keeps it: should the event only have moved, its edits go with it.
    """
    if known is None or stand is None or stand.base is None or stand.base_version is None:
        return None
    waits = known.copy.base_version != known.event.version
    return Base(stand.base_version, stand.base) if waits else None


def agreed_if_else(known: Known | None, stand: Stand | None) -> Base | None:
    """Return what was agreed on of an event that left a calendar, if it says something else now."""
    if known is None or stand is None or stand.base == known.event.content:
        return None
    return agreed_before(known, stand)


def _agreed_or_waiting(copy: Copy, decision: Incoming, event: Event, now: int) -> Copy:
    if copy.state is CopyState.LEAVING:
        return replace(copy, due=now)  # it is to go, whatever is heard of it
    if decision.stand is not None and not decision.stand.rules.held:
        return _noted_only(copy, decision, event)
    if decision.pending:
        agreed = copy.base_version if decision.stand is None else decision.stand.base_version
        return _due(replace(copy, base_version=agreed, base=_base(copy, decision), state=CopyState.LIVE), now)
    read = decision.item.content
    if copy.state is CopyState.LIVE and copy.base_version is None and read is not None:
        # It came to be this event's: its mark in Google is to say so, whatever else both sides agree on.
        return _due(replace(copy, there=_encode(read).decode()), now)
    # Of an insert that nobody answered it is not known whether the Meet that it asked for is there: push sees to it.
    due = now if copy.state is CopyState.PLANNED else None
    return replace(copy, base_version=event.version, state=CopyState.LIVE, due=due, **_UNHELD)


def _noted_only(copy: Copy, decision: Incoming, event: Event) -> Copy:
    """Return a copy that no link holds: what is there is known, and nothing is agreed on by it.

    What is new there waits to be read once it is linked again, and merged with what was agreed on. Of an occurrence
    that ended here the copy goes on as it was going.
    """
    assert decision.stand is not None
    read, before = decision.item.content, decision.stand.before
    stands = copy.state is CopyState.LIVE and copy.master_google_id is None and event.deleted is None
    if stands and decision.known is not None and before is not None:
        known = decision.known.copy
        etag = known.etag if read in {before, None} else None
        return replace(copy, base_version=decision.stand.base_version, there=known.there, etag=etag, due=None)
    there = copy.there if read is None or decision.item.hidden else _encode(read).decode()
    ended = event.deleted is not None or event.status == "cancelled"
    state = copy.state if ended else CopyState.LIVE
    return replace(copy, base_version=decision.stand.base_version, there=there, state=state, due=None)


def _base(copy: Copy, decision: Incoming) -> Base | None:
    read = decision.item.content
    if decision.stand is None or read is None or decision.item.hidden:
        return copy.base
    return agreed_now(decision.stand, read)


_UNHELD = {"hold": None, "reason": None, "since": None, "tries": 0}


def _due(copy: Copy, now: int) -> Copy:
    if copy.hold is not None and copy.hold not in _TRIED_AGAIN:
        return replace(copy, due=None)
    return replace(copy, due=now, **_UNHELD)
