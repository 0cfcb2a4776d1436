"""What a copy that is due asks of Google: one frozen decision, nothing done. Pure."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from calsyncctl.model.copy import CopyState, Known, Tag
from calsyncctl.model.event import Content
from calsyncctl.sync.provider import Delete, Insert, Patch, Write
from calsyncctl.sync.stand import Stand, waiting

LOOKS = 5
"""How often Google is asked for a Meet that was still being made."""


class Step(StrEnum):
    """What is to be done about one due copy."""

    READ = "read"
    """A write went out and no answer came: Google is asked first."""
    LOOK = "look"
    """A Meet was asked for and is not there yet: Google is asked again."""
    WRITE = "write"
    SETTLE = "settle"
    """Nothing is left to do: both sides agree."""
    RETURN = "return"
    """What cannot be pushed: Google's value returns, and ours is journalled."""
    HOLD = "hold"
    """What cannot be pushed, and is not to give way: it waits for the right, or another mode."""
    WAIT = "wait"
    """Something else must be written first."""
    REST = "rest"
    """No link holds it any more: left as it is."""


class Duty(Struct, frozen=True, kw_only=True):
    """One due copy with all that decides about it."""

    known: Known
    stand: Stand
    tag: Tag
    mail: str
    meet: bool
    """Whether a Meet is asked for."""
    unmarked: bool = False
    """Whether its mark in Google is to be written: it names a home before the last, or another event."""
    linked: bool
    """Whether this is the home calendar, or a link holds it there."""
    ready: bool
    """Whether what must be there before is there: the series of an exception, the new home of a copy that leaves."""
    shared: bool = False
    """Whether another account's copy is the very same item: of one calendar, which was synced through both."""


class Outgoing(Struct, frozen=True, kw_only=True):
    """The decision on one due copy."""

    step: Step
    duty: Duty
    write: Write | None = None


def is_unseen(outgoing: Outgoing) -> bool:
    """Tell whether a write must wait for a reading: its event's etag of now is not known, so it had no condition.

    That is an occurrence which nobody changed before, and a deleted event that is to come back. So is read what was
    changed in Google on a copy while no link held it, written to or not.
    """
    write, copy = outgoing.write, outgoing.duty.known.copy
    left = copy.state is CopyState.LIVE and copy.etag is None and copy.master_google_id is None
    if left and outgoing.step is Step.SETTLE:
        return True
    return (isinstance(write, Patch | Delete) and write.etag is None) or (isinstance(write, Patch) and write.revive)


def plan(duty: Duty) -> Outgoing:
    """Decide what one due copy asks of Google."""
    copy, event = duty.known.copy, duty.known.event
    if copy.sent_version is not None:
        return Outgoing(step=Step.READ, duty=duty)
    if copy.state is CopyState.LEAVING or event.deleted is not None or event.status == "cancelled":
        return _goes(duty)
    if not duty.linked:
        return Outgoing(step=Step.REST, duty=duty)
    if event.content is None:
        return Outgoing(step=Step.SETTLE, duty=duty)
    if not duty.stand.rules.pushes:
        return Outgoing(step=_unpushed(duty, event.content), duty=duty)
    if not duty.ready:
        return Outgoing(step=Step.WAIT, duty=duty)
    return _stays(duty, event.content)


def _unpushed(duty: Duty, here: Content) -> Step:
    """What is not in Google cannot return from there; what is there returns, unless a right may yet come back."""
    never_sent = duty.known.copy.state is CopyState.PLANNED and duty.stand.before is None
    if never_sent or duty.known.copy.state is CopyState.STALE or not duty.ready:
        return Step.HOLD
    result = waiting(duty.stand, here)
    if duty.stand.rules.waits:
        return Step.HOLD if result.pending else Step.SETTLE
    return Step.RETURN if result.lost else Step.SETTLE


def _goes(duty: Duty) -> Outgoing:
    """The event is deleted, one occurrence is cancelled, or only this copy goes."""
    copy, event = duty.known.copy, duty.known.event
    stays = event.original is not None and copy.state is not CopyState.LEAVING
    cancels = stays and event.deleted is None
    if cancels and not duty.ready:
        return Outgoing(step=Step.WAIT, duty=duty)
    # A series that came back whole has its cancelled occurrences again.
    never_there = copy.state in {CopyState.PLANNED, CopyState.STALE} and not cancels
    if never_there or copy.state is CopyState.DELETED or duty.known.series_deleted or duty.shared:
        return Outgoing(step=Step.SETTLE, duty=duty)
    if stays and duty.linked and not duty.ready:
        return Outgoing(step=Step.WAIT, duty=duty)  # where its series has it still, that would cancel it
    if copy.state is CopyState.LEAVING:
        if not duty.ready or not duty.stand.rules.pushes:
            # On a calendar that only reads by now nothing is deleted, wherever the event lives.
            return Outgoing(step=Step.HOLD if duty.ready else Step.WAIT, duty=duty)
    elif not duty.linked:
        return Outgoing(step=Step.REST, duty=duty)
    elif not duty.stand.rules.pushes:
        return Outgoing(step=Step.HOLD if duty.stand.rules.waits else Step.RETURN, duty=duty)
    etag = None if duty.stand.takes_place else copy.etag  # it is read first, and what is there comes back
    return Outgoing(step=Step.WRITE, duty=duty, write=Delete(google_id=copy.google_id, etag=etag, mail=duty.mail))


def _stays(duty: Duty, here: Content) -> Outgoing:
    copy, stand = duty.known.copy, duty.stand
    if copy.state is CopyState.PLANNED and copy.master_google_id is None:
        return Outgoing(step=Step.WRITE, duty=duty, write=_insert(duty, here))
    if copy.state is CopyState.STALE or stand.before is None:
        return Outgoing(step=Step.WRITE, duty=duty, write=_whole(duty, here))
    result = waiting(stand, here)
    if not result.pending and not duty.unmarked:
        awaited = duty.meet and not stand.before.body.meet and copy.tries < LOOKS
        return Outgoing(step=Step.LOOK if awaited else Step.SETTLE, duty=duty)
    return Outgoing(
        step=Step.WRITE,
        duty=duty,
        write=Patch(
            google_id=copy.google_id,
            etag=copy.etag,
            before=stand.before,
            after=result.content,
            fields=result.pending,
            tag=duty.tag if duty.unmarked else None,
            guests=stand.rules.guests,
            mail=duty.mail if result.pending else "none",
        ),
    )


def _insert(duty: Duty, here: Content) -> Insert:
    copy = duty.known.copy
    return Insert(
        google_id=copy.google_id,
        content=here,
        tag=duty.tag,
        extra=copy.extra or "",
        own=True,  # set once on links, too
        guests=duty.stand.rules.guests,
        mail=duty.mail,
        meet=copy.google_id if duty.meet else None,
    )


def _whole(duty: Duty, here: Content) -> Patch:
    """Bring a deleted copy back under its id, which keeps replies and Meet; or say all of an occurrence."""
    copy, stand = duty.known.copy, duty.stand
    revive = copy.state is CopyState.STALE
    return Patch(
        google_id=copy.google_id,
        etag=copy.etag,
        before=None,
        after=here,
        fields=frozenset(stand.rules.fields),
        tag=duty.tag if copy.master_google_id is None and duty.known.event.origin == "here" else None,
        guests=stand.rules.guests,
        mail=duty.mail,
        revive=revive,
        alone=copy.master_google_id is None,
    )
