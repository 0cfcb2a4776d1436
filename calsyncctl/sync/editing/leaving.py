"""What leaves the calendars that do not hold it any more, since it lives elsewhere by now. Inside a write."""

from __future__ import annotations

from msgspec.structs import replace

from calsyncctl.model.copy import Copy, CopyState
from calsyncctl.model.event import Event
from calsyncctl.store import copies, events
from calsyncctl.store.db import Store
from calsyncctl.sync.links import wanted_on


def leave_others(store: Store, event: Event, now: int) -> None:
    """Let the copies of an event on calendars that do not hold it any more be deleted there; exceptions go with it.

    What Google still says of an exception before it is gone counts, also of one that it was never told of: where the
    series stands, so does its occurrence.
    """
    wanted = {calendar.id for calendar in wanted_on(store, event)}
    standing = [copy for copy in copies.copies_of(store, event.id) if copy.calendar_id not in wanted]
    leaving = [_leaving(copy, now) for copy in standing if copy.state is not CopyState.DELETED]
    copies.update_copies(store, leaving)
    going = {copy.calendar_id: copy.state is CopyState.LEAVING for copy in leaving}
    for exception in events.exceptions_of(store, event.id):
        along = [copy for copy in copies.copies_of(store, exception.id) if copy.calendar_id in going]
        copies.update_copies(store, (_leaving_along(copy, stands=going[copy.calendar_id]) for copy in along))


def _leaving(copy: Copy, now: int) -> Copy:
    if copy.state in {CopyState.PLANNED, CopyState.STALE} and copy.sent_version is None:
        return replace(copy, state=CopyState.DELETED, due=None)
    return replace(copy, state=CopyState.LEAVING, due=now)


def _leaving_along(copy: Copy, *, stands: bool) -> Copy:
    stays = copy.state in {CopyState.LIVE, CopyState.LEAVING} or (
        copy.state in {CopyState.PLANNED, CopyState.STALE} and stands
    )
    return replace(copy, state=CopyState.LEAVING if stays else CopyState.DELETED, due=None)
