"""What an item that was read means for what is known of it: one frozen decision, nothing done. Pure.

Google is only ever compared with Google (docs/architecture.md, What a copy remembers): an item with the last answer
kept, which is what the event says unless the copy keeps another. Where this side changed too, `merge.py` decides.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec
from msgspec.structs import replace

from calsyncctl.model.copy import CopyState, Known, RemoteEvent
from calsyncctl.model.event import Content, Event
from calsyncctl.model.fields import value_of
from calsyncctl.model.history import FieldChange, Lost
from calsyncctl.sync.canonical import alike
from calsyncctl.sync.changes import differences, news, with_there
from calsyncctl.sync.choice import Policy
from calsyncctl.sync.policy import WhenGone, comes_back
from calsyncctl.sync.stand import Stand, merged, waiting

_encode = msgspec.json.Encoder().encode
_decode_content = msgspec.json.Decoder(Content).decode
_DELETED_THERE = Lost("deleted", True, False)


class Verdict(StrEnum):
    """What is to be done about one item."""

    ADD = "add"
    TAKE = "take"
    """Its content changed, or both sides did: the event says what the merge says."""
    RESTORE = "restore"
    """It was deleted or cancelled here, and lives."""
    DELETE = "delete"
    CANCEL = "cancel"
    """One occurrence of a series does not take place."""
    REVIVE = "revive"
    """Deleted in Google while it was edited here: the edit stands, and it comes back there."""
    LAPSE = "lapse"
    """Only the copy is gone: it is stale."""
    UNDO = "undo"
    """Our own deletion arrived, but it was brought back here since: it comes back there, too."""
    AGREE = "agree"
    """Both sides know that it is gone."""
    WRITE_BACK = "write back"
    """Changed in Google where ours stands: Google is to be told."""
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
    stand: Stand | None = None
    content: Content | None = None
    there: str | None = None
    changes: tuple[FieldChange, ...] = ()
    pending: bool = False
    """Whether something is left to be written to Google."""
    lost: tuple[Lost, ...] = ()


def decide(item: RemoteEvent, known: Known | None, stand: Stand | None = None, *, confirmed: bool = False) -> Incoming:
    """Decide what an item means.

    `stand`: how its copy stands, None if it simply follows Google. `confirmed`: it was asked for by its id just now,
    not found in a listing.
    """
    if known is None:
        return _unknown(item)
    if _is_stale(item, known, confirmed):
        return Incoming(verdict=Verdict.STALE, item=item, known=known)
    if item.content is None:
        return _gone(item, known, stand, confirmed)
    if _is_gone_here(known.event):
        return _alive_again(item, item.content, known, stand)
    if stand is not None:
        return _both(item, item.content, known, stand)
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
    comes_back = item.content is not None and known.event.deleted is not None and not _is_pending(known)
    return comes_back and item.updated == held and not confirmed


def _is_gone_here(event: Event) -> bool:
    return event.deleted is not None or event.status == "cancelled"


# Gone in Google


def _gone(item: RemoteEvent, known: Known, stand: Stand | None, confirmed: bool) -> Incoming:
    copy, event = known.copy, known.event
    never_placed = copy.state is CopyState.PLANNED and copy.sent_version is None and event.original is None
    left = copy.state is CopyState.DELETED and not _is_gone_here(event)
    void = confirmed and item.master is None and event.original is not None
    if never_placed or left or (copy.state is CopyState.STALE and not void):
        return Incoming(verdict=Verdict.NOTHING, item=item, known=known)
    both = stand is not None and _is_gone_here(event) and _is_pending(known) and (void or not stand.takes_place)
    if copy.state is CopyState.LEAVING or both:
        return Incoming(verdict=Verdict.AGREE, item=item, known=known, stand=stand)
    if stand is not None and stand.sent_gone and not _is_gone_here(event):
        return Incoming(verdict=Verdict.UNDO, item=item, known=known, stand=stand)
    verdict = _deletion(item, known, stand, confirmed)
    if verdict not in {Verdict.DELETE, Verdict.CANCEL} or stand is None or event.content is None:
        return Incoming(verdict=verdict, item=item, known=known)
    return _gone_against(item, known, stand, verdict, event.content)


def _gone_against(item: RemoteEvent, known: Known, stand: Stand, verdict: Verdict, here: Content) -> Incoming:
    """A deletion meets a copy with rules of its own, or an edit that was not pushed yet."""
    if verdict is Verdict.DELETE and known.event.original is not None and not known.series_deleted:
        # Its series has no such occurrence any more: nothing can come back.
        return Incoming(verdict=verdict, item=item, known=known, stand=stand, lost=(Lost("deleted", False, True),))
    if waiting(stand, here).pending:
        if comes_back(here, known.event, stand.rules, series_deleted=known.series_deleted):
            return Incoming(verdict=Verdict.REVIVE, item=item, known=known, stand=stand, lost=(_DELETED_THERE,))
        lost = waiting(stand, here, Policy.THEIRS).lost
        return Incoming(verdict=verdict, item=item, known=known, stand=stand, lost=lost)
    if stand.rules.when_gone is WhenGone.STALE:
        verdict = Verdict.LAPSE
    return Incoming(verdict=verdict, item=item, known=known, stand=stand)


def _deletion(item: RemoteEvent, known: Known, stand: Stand | None, confirmed: bool) -> Verdict:
    """Tell a deleted event from a cancelled occurrence: of the latter the series goes on without it.

    An exception that is not even there when asked for is void: its series has changed, and rules again. One that is
    deleted here, of an occurrence that its series has not, stays so.
    """
    event = known.event
    void = confirmed and item.master is None
    nowhere = event.deleted is not None and stand is not None and stand.plain is None
    if event.original is None or known.series_deleted or void or nowhere:
        return _noted(item, known) if event.deleted is not None else Verdict.DELETE
    if event.status == "cancelled" and event.deleted is None:
        return _noted(item, known)
    return Verdict.CANCEL


def _is_pending(known: Known) -> bool:
    return known.copy.base_version != known.event.version


# Alive in Google


def _alive_again(item: RemoteEvent, read: Content, known: Known, stand: Stand | None) -> Incoming:
    """Gone here, alive there: news if both sides had agreed that it is gone, or if it was changed there since."""
    here = known.event.content
    kept = known.event.original is not None or known.copy.state is CopyState.LIVE
    if stand is not None and not stand.rules.held and kept:
        # A copy that no link holds says nothing to its event; of a series that lives elsewhere by now it leaves.
        return _kept_only(item, read, known, stand)
    if stand is not None and _is_untouched(known, stand, read):
        # Cancelled here or elsewhere, and not yet there: the write never arrived.
        return Incoming(verdict=Verdict.NOTE, item=item, known=known, stand=stand, pending=True)
    if stand is None or known.copy.state is CopyState.DELETED or not _is_pending(known) or here is None:
        content, there = _with_known_details(item, read, here)
        changes = differences(here, content)
        return Incoming(verdict=Verdict.RESTORE, item=item, known=known, content=content, there=there, changes=changes)
    unedited = replace(stand, base=here)
    result = merged(unedited, here, read, Policy.GOOGLE_WINS)
    changes = tuple(one for one in news(here, result.content) if not _follows_series(stand, one.field, read))
    there = _encode(read).decode()
    if not changes and not stand.takes_place:
        return Incoming(verdict=Verdict.NOTE, item=item, known=known, stand=stand, there=there, pending=True)
    if known.series_deleted or known.copy.state is CopyState.LEAVING:
        lost = tuple(Lost(change.field, change.after, change.before) for change in changes)
        return Incoming(verdict=Verdict.NOTE, item=item, known=known, stand=stand, there=there, pending=True, lost=lost)
    result = merged(stand, here, read)  # what else was edited here still counts
    by_rule = known.event.original is not None and known.event.deleted is not None  # nobody deletes an exception
    return Incoming(
        verdict=Verdict.RESTORE,
        item=item,
        known=known,
        stand=stand,
        content=result.content,
        there=None if result.content == read and not result.pending else there,
        changes=differences(here, result.content),
        pending=bool(result.pending),
        lost=(*(() if by_rule else (_DELETED_THERE,)), *result.lost),
    )


def _kept_only(item: RemoteEvent, read: Content, known: Known, stand: Stand) -> Incoming:
    """What is said where its event has left is not taken; what is new of it is kept in the history."""
    before = stand.before or stand.plain or known.event.content
    heard = [one for one in (known.event.content, stand.sent, stand.plain) if one is not None]
    lost = tuple(
        Lost(change.field, change.after, change.before)
        for change in (news(before, read) if before is not None else ())
        if not any(alike(change.field, value_of(one, change.field), value_of(read, change.field)) for one in heard)
    )
    if not lost or item.hidden:
        return Incoming(verdict=Verdict.NOTHING, item=item, known=known)
    return Incoming(verdict=Verdict.NOTE, item=item, known=known, stand=stand, lost=lost)


def _is_untouched(known: Known, stand: Stand, read: Content) -> bool:
    """Tell whether an occurrence that is cancelled here says there what it says as long as nobody touches it."""
    back = known.copy.state is CopyState.STALE  # with its series
    if not back and not _is_pending(known):
        return False
    if known.event.content is None and _says(stand, read):
        return True
    unheard = back or (known.copy.state is CopyState.PLANNED and known.copy.etag is None)
    return unheard and stand.plain is not None and _all_alike(stand, stand.plain, read)


def _follows_series(stand: Stand, field: str, read: Content) -> bool:
    """Tell whether an occurrence says there what its series says: Google lets it follow what is pushed of that."""
    return stand.plain is not None and alike(field, value_of(stand.plain, field), value_of(read, field))


def _says(stand: Stand, read: Content) -> bool:
    """Tell whether Google says what was agreed on, or what an occurrence says that nobody changed."""
    return stand.base is not None and _all_alike(stand, stand.base, read)


def _all_alike(stand: Stand, one: Content, other: Content) -> bool:
    return all(alike(field, value_of(one, field), value_of(other, field)) for field in stand.rules.fields)


def _both(item: RemoteEvent, read: Content, known: Known, stand: Stand) -> Incoming:
    """Alive on both sides, and not simply following Google: the merge decides."""
    here = known.event.content
    assert here is not None  # what is not cancelled has one
    read = _shown(item, read, stand.before or here)
    untold = known.copy.state is CopyState.STALE or stand.base_version == 0
    if untold and stand.plain is not None and _all_alike(stand, stand.plain, read):
        # Its series is back without it, or what was edited of it never arrived: nobody changed it there.
        stand = replace(stand, base=read, before=read)
    result = merged(stand, here, read)
    changes = differences(here, result.content)
    there = None if result.content == read and not result.pending else _encode(read).decode()
    verdict = Verdict.TAKE if changes or result.lost else _noted_both(item, read, known, stand)
    if stand.rules.policy is Policy.OURS and result.lost:
        verdict = Verdict.WRITE_BACK
        changes = differences(here, with_there(here, read, result.pending))
    return Incoming(
        verdict=verdict,
        item=item,
        known=known,
        stand=stand,
        content=result.content,
        there=there,
        changes=changes,
        pending=bool(result.pending),
        lost=result.lost if verdict is Verdict.TAKE else (),
    )


def _noted_both(item: RemoteEvent, read: Content, known: Known, stand: Stand) -> Verdict:
    settled = known.copy.state is CopyState.LIVE and known.copy.sent_version is None
    same = _noted(item, known) is Verdict.NOTHING and read == stand.before
    return Verdict.NOTHING if settled and same else Verdict.NOTE


def _alive(item: RemoteEvent, read: Content, known: Known) -> Incoming:
    here = known.event.content
    if read == (_decode_content(known.copy.there) if known.copy.there else here):
        return Incoming(verdict=_noted(item, known), item=item, known=known, there=known.copy.there)
    content, there = _with_known_details(item, read, here)
    verdict = Verdict.NOTE if content == here else Verdict.TAKE
    changes = differences(here, content)
    return Incoming(verdict=verdict, item=item, known=known, content=content, there=there, changes=changes)


def _noted(item: RemoteEvent, known: Known) -> Verdict:
    copy = known.copy
    if item.content is None:  # a tombstone often has no tag, and never anything else
        return Verdict.NOTHING if item.etag in {"", copy.etag} else Verdict.NOTE
    same_extra = item.hidden or (item.extra or None) == (copy.extra or None)
    return Verdict.NOTHING if same_extra and item.etag == copy.etag else Verdict.NOTE


def _with_known_details(item: RemoteEvent, read: Content, held: Content | None) -> tuple[Content, str | None]:
    """Keep the details that are known of an event whose details are hidden now: only its times are news."""
    if held is None or not item.hidden:
        return read, None
    content = Content(summary=held.summary, status=read.status, when=read.when, body=held.body)
    return content, None if content == read else _encode(read).decode()


def _shown(item: RemoteEvent, read: Content, before: Content) -> Content:
    """Return what an item says with what it hides as it was: only its times are sure to be real."""
    return replace(before, status=read.status, when=read.when) if item.hidden else read


def settle_series(decisions: list[Incoming]) -> list[Incoming]:
    """Leave exceptions cancelled together with their series to what becomes of the series, which counts once."""
    whole = {Verdict.DELETE, Verdict.REVIVE, Verdict.UNDO}
    gone = {one.known.event.id for one in decisions if one.verdict in whole and one.known is not None}
    if not gone:
        return decisions
    return [
        replace(one, verdict=Verdict.NOTHING)
        if one.known is not None and one.known.event.series_id in gone and _goes_along(one.verdict, one.known.event)
        else one
        for one in decisions
    ]


def _goes_along(verdict: Verdict, exception: Event) -> bool:
    """Tell whether a tombstone says no more than that the series is gone: also of what was cancelled here meanwhile."""
    if verdict is Verdict.AGREE:
        return exception.deleted is None
    return verdict in {Verdict.CANCEL, Verdict.DELETE, Verdict.REVIVE, Verdict.LAPSE, Verdict.UNDO}
