"""Gathering what decides about due copies: one reading of the store, before anything is planned or sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from calsyncctl.model.calendar import Calendar, CalendarKind
from calsyncctl.model.copy import CopyState, Known, Tag
from calsyncctl.model.history import Version
from calsyncctl.store import calendars, copies, events, links, runs
from calsyncctl.store.db import Store
from calsyncctl.sync.engine import Engine
from calsyncctl.sync.links import home_name
from calsyncctl.sync.policy import GOOGLE, HERE
from calsyncctl.sync.pushing.mail import why_nobody
from calsyncctl.sync.pushing.outgoing import Duty
from calsyncctl.sync.stand import Stand, stand_of

_NOT_THERE = {CopyState.PLANNED, CopyState.STALE}


def duties(store: Store, calendar: Calendar, engine: Engine, copy_ids: Iterable[int], now: int) -> list[Duty]:
    """Return what decides about each copy, in the order of the ids."""
    known = copies.known_by_id(store, copy_ids)
    asking = events.wants_meet(store, [one.event.id for one in known])
    return [_duty(store, calendar, engine, one, now, meet=one.event.id in asking) for one in known]


def _duty(store: Store, calendar: Calendar, engine: Engine, known: Known, now: int, *, meet: bool) -> Duty:
    event, copy = known.event, known.copy
    stand = stand_of(store, calendar, known, engine.policy)
    home = calendar if stand.rules.home else calendars.get_calendar(store, event.calendar_id)
    history = runs.versions_of(store, event.id)
    return Duty(
        known=known,
        stand=stand,
        tag=Tag(instance=engine.instance, key=event.key, google_id=copy.google_id, home=home_name(home)),
        mail=_mail(engine, known, stand, history, now),
        meet=meet,
        unmarked=_is_unmarked(known, history),
        linked=stand.rules.home or links.find_link(store, event.calendar_id, calendar.id) is not None,
        ready=_is_ready(store, calendar, home, known, stand),
        shared=copy.state is CopyState.LEAVING and event.deleted is None and _is_shared(store, calendar, known),
    )


def _is_shared(store: Store, calendar: Calendar, known: Known) -> bool:
    """Tell whether a copy that leaves is, by another account, one that stands: of the same calendar in Google."""
    others = (one for one in copies.copies_of(store, known.event.id) if one.google_id == known.copy.google_id)
    standing = (one for one in others if one.state not in {CopyState.LEAVING, CopyState.DELETED})
    return any(calendars.get_calendar(store, one.calendar_id).google_id == calendar.google_id for one in standing)


def _is_unmarked(known: Known, history: Sequence[Version]) -> bool:
    """Tell whether a copy's mark is not its own yet: it was pasted on a link's calendar, or its event moved here."""
    copy, event = known.copy, known.event
    if copy.master_google_id is not None or copy.state is not CopyState.LIVE:
        return False
    if copy.base_version is None:
        return True
    since = [one for one in history if one.version > (copy.base_version or 0) and one.author != GOOGLE]
    return event.origin == HERE and any(change.field == "calendar" for one in since for change in one.changes)


def _mail(engine: Engine, known: Known, stand: Stand, history: Sequence[Version], now: int) -> str:
    return "none" if _unmailed(known, stand, history, now) is not None else engine.mail


def unmailed(store: Store, known: Known, stand: Stand, now: int) -> str | None:
    """Return why a write of a copy would mail nobody, as far as that is not a setting's; None: it is news to guests."""
    return _unmailed(known, stand, runs.versions_of(store, known.event.id), now)


def _unmailed(known: Known, stand: Stand, history: Sequence[Version], now: int) -> str | None:
    if not stand.rules.guests:
        return "its guests are not written to this copy"
    copy = known.copy
    sent = [version for version in history if version.version > (copy.base_version or 0)]
    first = copy.state is CopyState.PLANNED and copy.master_google_id is None
    whole = first or copy.state is CopyState.STALE
    made = history[0].at if history else None
    return why_nobody(known.event, sent, now=now, made=made, first=first, whole=whole, others=stand.before)


def _is_ready(store: Store, calendar: Calendar, home: Calendar, known: Known, stand: Stand) -> bool:
    """Tell whether what must be there before is there: new before old, series before exceptions."""
    event, copy = known.event, known.copy
    if copy.state is CopyState.LEAVING and event.deleted is None and home.kind is CalendarKind.GOOGLE:
        moved = copies.known_on(store, event.id, home.id)
        return moved is None or moved.copy.state not in _NOT_THERE
    if event.series_id is None:
        return True
    series = copies.known_on(store, event.series_id, calendar.id)
    return series is not None and series.copy.state not in _NOT_THERE and not _waits_for_times(series, known, stand)


def _waits_for_times(series: Known, known: Known, stand: Stand) -> bool:
    """Tell whether Google must hear of a series' times first: an exception's place there comes, or goes, with them."""
    told = series.copy.base_version == series.event.version
    if told or known.copy.state is CopyState.LEAVING:
        return False
    if known.event.deleted is not None:
        return stand.plain is not None and not stand.takes_place
    unheard = known.copy.state is CopyState.PLANNED and known.copy.etag is None
    return unheard and stand.plain is None
