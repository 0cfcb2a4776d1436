"""What an item that was read means for what is known of it: one frozen decision, nothing done. Pure.

Google is only ever compared with Google (docs/architecture.md, What a copy remembers): an item with the last answer
kept, which is what the event says unless the copy keeps another. Merging with edits made here is `merge.py`'s.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec
from msgspec.structs import replace

from calsyncctl.model.copy import Known, RemoteEvent
from calsyncctl.model.event import Body, Content
from calsyncctl.model.history import FieldChange

_decode_content = msgspec.json.Decoder(Content).decode


class Verdict(StrEnum):
    """What is to be done about one item."""

    ADD = "add"
    TAKE = "take"
    """Its content changed."""
    RESTORE = "restore"
    """It was deleted or cancelled here, and lives."""
    DELETE = "delete"
    CANCEL = "cancel"
    """One occurrence of a series does not take place."""
    NOTE = "note"
    """Nothing that an event says changed, but its tag, order or hidden parts: the copy notes it."""
    NOTHING = "nothing"
    STALE = "stale"
    """Older than what is held: not taken, read again."""


class Incoming(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The decision on one item. `content` is what the event will say, `there` what Google said if that differs."""

    verdict: Verdict
    item: RemoteEvent
    known: Known | None = None
    content: Content | None = None
    there: str | None = None
    changes: tuple[FieldChange, ...] = ()


def decide(item: RemoteEvent, known: Known | None, *, confirmed: bool = False) -> Incoming:
    """Decide what an item means. `confirmed`: it was asked for by its id just now, not found in a listing."""
    if known is None:
        return _unknown(item)
    if _is_stale(item, known, confirmed):
        return Incoming(verdict=Verdict.STALE, item=item, known=known)
    if item.content is None:
        return Incoming(verdict=_gone(item, known, confirmed), item=item, known=known)
    return _alive(item, item.content, known)


def _unknown(item: RemoteEvent) -> Incoming:
    if item.content is not None:
        return Incoming(verdict=Verdict.ADD, item=item, content=item.content)
    if item.master and item.original:
        # Kept even before its series is known: the series may come on a later page.
        return Incoming(verdict=Verdict.CANCEL, item=item)
    return Incoming(verdict=Verdict.NOTHING, item=item)


def _is_stale(item: RemoteEvent, known: Known, confirmed: bool) -> bool:
    held = known.copy.updated
    if not item.updated or not held:
        return False
    if item.updated < held:
        return True
    # A deletion often comes without its time, so a dead copy holds the time of its last life: that life is no news.
    comes_back = item.content is not None and known.event.deleted is not None
    return comes_back and item.updated == held and not confirmed


def _gone(item: RemoteEvent, known: Known, confirmed: bool) -> Verdict:
    """Tell a deleted event from a cancelled occurrence: of the latter the series goes on without it.

    An exception that is not even there when asked for is void: its series has changed, and rules again.
    """
    event = known.event
    void = confirmed and item.master is None
    if event.original is None or known.series_deleted or void:
        return _noted(item, known) if event.deleted is not None else Verdict.DELETE
    if event.status == "cancelled" and event.deleted is None:
        return _noted(item, known)
    return Verdict.CANCEL


def _alive(item: RemoteEvent, read: Content, known: Known) -> Incoming:
    event = known.event
    content, there = _with_known_details(item, read, event.content)
    if event.deleted is not None or event.status == "cancelled":
        verdict = Verdict.RESTORE
    elif read == _last_answer(known):
        return Incoming(verdict=_noted(item, known), item=item, known=known, there=known.copy.there)
    else:
        verdict = Verdict.NOTE if content == event.content else Verdict.TAKE
    changes = differences(event.content, content)
    return Incoming(verdict=verdict, item=item, known=known, content=content, there=there, changes=changes)


def _noted(item: RemoteEvent, known: Known) -> Verdict:
    copy = known.copy
    if item.content is None:  # a tombstone often has no tag, and never anything else
        return Verdict.NOTHING if item.etag in {"", copy.etag} else Verdict.NOTE
    same_extra = item.hidden or (item.extra or None) == (copy.extra or None)
    return Verdict.NOTHING if same_extra and item.etag == copy.etag else Verdict.NOTE


def _last_answer(known: Known) -> Content | None:
    return _decode_content(known.copy.there) if known.copy.there else known.event.content


def _with_known_details(item: RemoteEvent, read: Content, held: Content | None) -> tuple[Content, str | None]:
    """Keep the details that are known of an event whose details are hidden now: only its times are news."""
    if held is None or not item.hidden:
        return read, None
    content = Content(summary=held.summary, status=read.status, when=read.when, body=held.body)
    return content, None if content == read else msgspec.json.encode(read).decode()


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


def settle_series(decisions: list[Incoming]) -> list[Incoming]:
    """Leave exceptions cancelled together with their series to the series' deletion, which counts once."""
    gone = {one.known.event.id for one in decisions if one.verdict is Verdict.DELETE and one.known is not None}
    if not gone:
        return decisions
    return [
        replace(one, verdict=Verdict.NOTHING)
        if one.verdict in {Verdict.CANCEL, Verdict.DELETE}
        and one.known is not None
        and one.known.event.series_id in gone
        else one
        for one in decisions
    ]
