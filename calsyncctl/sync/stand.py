"""How a copy stands before a new word from either side: its rules, and the states that a merge compares.

Most copies need none of this: one that was agreed on, on its event's own calendar, with nothing under way. Only for the
others is the history read.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct

from calsyncctl.model.calendar import Calendar
from calsyncctl.model.copy import Base, CopyState, Known
from calsyncctl.model.event import Content, Event
from calsyncctl.model.fields import value_of, with_fields
from calsyncctl.model.history import Action
from calsyncctl.store import calendars, copies, events, links, runs
from calsyncctl.store.db import Store
from calsyncctl.store.history import content_at
from calsyncctl.sync.canonical import OWN, SHARED, alike
from calsyncctl.sync.choice import Policy
from calsyncctl.sync.merge import Merged, Sides, merge
from calsyncctl.sync.policy import Rules, rules_for
from calsyncctl.sync.recurrence.recur import occurrence

_decode_content = msgspec.json.Decoder(Content).decode

_MAY_STAND = {CopyState.PLANNED, CopyState.LIVE, CopyState.LEAVING}
_AGREED = {CopyState.LIVE, CopyState.DELETED}


class Stand(Struct, frozen=True, kw_only=True):
    """What is known of one copy, beside the row itself."""

    rules: Rules
    base_version: int | None
    """The version agreed on; an unanswered insert counts as agreed on, as soon as it is seen to have arrived."""
    base: Content | None
    before: Content | None
    sent: Content | None
    sent_gone: bool = False
    """Whether the write without an answer was a deletion."""
    plain: Content | None = None
    """What Google says of an occurrence as long as nobody changes it, worked out from its series; only where nothing is
    known of it there: never heard of, not written yet, or gone; and where it is cancelled here."""
    inferred: bool = False
    """Whether `before` is no answer of Google's, but worked out."""
    takes_place: bool = False
    """Whether it is an exception that is deleted here, of an occurrence that its series has: nobody cancelled that."""


def stands_for(store: Store, calendar: Calendar, known: Iterable[Known], policy: Policy) -> dict[str, Stand]:
    """Return how those copies stand that do not simply follow Google, by Google id."""
    return {one.copy.google_id: stand_of(store, calendar, one, policy) for one in known if not _follows(one, calendar)}


def stand_of(store: Store, calendar: Calendar, known: Known, policy: Policy) -> Stand:
    """Return how one copy stands."""
    event, copy = known.event, known.copy
    link = links.find_link(store, event.calendar_id, calendar.id) if event.calendar_id != calendar.id else None
    rules = rules_for(event, calendar, link, policy)
    agreed, unanswered = copy.base_version, copy.state is CopyState.PLANNED and copy.sent_version is not None
    if agreed is None and unanswered and copy.master_google_id is None:
        agreed = copy.sent_version
    base = None if agreed is None else content_at(store, event, agreed)
    unheard = copy.master_google_id is not None and copy.etag is None and copy.state in _MAY_STAND
    if base is None and unheard:
        base = _unchanged(store, event, _series_here(store, event))
    before = _decode_content(copy.there) if copy.there else base
    if copy.base is not None and copy.base.version == agreed:
        base = copy.base.content
    first = copy.master_google_id is not None and copy.base_version == 0
    plain = _plain(store, calendar, event) if unheard or first or _is_gone(known) else None
    inferred = unheard and copy.there is None and base is not None
    if inferred and base is not None:
        before = _in_googles_words(store, calendar, event, base, plain)
    return Stand(
        rules=rules if rules.held or copy.state is CopyState.LEAVING else msgspec.structs.replace(rules, fields=()),
        base_version=agreed,
        base=base,
        before=before,
        sent=None if copy.sent_version is None else content_at(store, event, copy.sent_version),
        sent_gone=copy.sent_version is not None and _was_gone(store, event, copy.sent_version),
        plain=plain,
        inferred=inferred,
        takes_place=event.deleted is not None
        and not known.series_deleted
        and _unchanged(store, event, _series_here(store, event)) is not None,
    )


def _is_gone(known: Known) -> bool:
    """Tell whether this is an exception that is deleted, here or there, or cancelled here."""
    exception = known.copy.master_google_id is not None
    gone_here = known.event.deleted is not None or known.event.status == "cancelled"
    return exception and (known.copy.state is CopyState.STALE or gone_here)


def _was_gone(store: Store, event: Event, version: int) -> bool:
    """Tell whether an event was deleted or cancelled at a version of its own."""
    rows = [row for row in runs.versions_of(store, event.id) if row.version <= version]
    lives = [row.action for row in sorted(rows, key=lambda row: row.version) if row.action is not Action.CHANGED]
    return bool(lives) and lives[-1] in {Action.DELETED, Action.CANCELLED}


def _series_here(store: Store, event: Event) -> Content | None:
    series = events.get_event(store, event.series_id) if event.series_id is not None else None
    return None if series is None else series.content


def _unchanged(store: Store, event: Event, series: Content | None) -> Content | None:
    """Return what an occurrence says that nobody changed, as its series says it; None if it has no such occurrence."""
    if series is None or event.original is None or series.when.all_day == ("T" in event.original):
        return None
    zone = calendars.get_calendar(store, event.calendar_id).zone
    when = occurrence(series.when, event.original, calendar_zone=zone)
    return None if when is None else msgspec.structs.replace(series, when=when)


def _plain(store: Store, calendar: Calendar, event: Event) -> Content | None:
    known = copies.known_on(store, event.series_id, calendar.id) if event.series_id is not None else None
    if known is None:
        return None
    agreed = content_at(store, known.event, known.copy.base_version or 0)
    return _unchanged(store, event, _decode_content(known.copy.there) if known.copy.there else agreed)


def _in_googles_words(store: Store, calendar: Calendar, event: Event, base: Content, plain: Content | None) -> Content:
    """Return what was agreed on of an occurrence as Google words it: Google rewrites what a series says."""
    known = copies.known_on(store, event.series_id, calendar.id) if event.series_id is not None else None
    if known is None or plain is None:
        return base
    said = content_at(store, known.event, known.copy.base_version or 0)
    same = [field for field in (*SHARED, *OWN) if field != "when" and value_of(said, field) == value_of(base, field)]
    return with_fields(base, {field: value_of(plain, field) for field in same})


def merged(stand: Stand, here: Content, there: Content, policy: Policy | None = None) -> Merged:
    """Merge what Google says now into what the event says."""
    before = stand.before
    if stand.inferred and before is not None:
        same = [field for field in stand.rules.fields if _is_no_news(stand, field, here, there)]
        before = with_fields(before, {field: value_of(there, field) for field in same})
    sides = Sides(base=stand.base, here=here, before=before, there=there, sent=stand.sent)
    return merge(sides, stand.rules.fields, policy or stand.rules.policy, home=stand.rules.home)


def _is_no_news(stand: Stand, field: str, here: Content, there: Content) -> bool:
    """Tell whether Google says of an occurrence what was worked out, or what its series says by now.

    Of a field that was changed here, that is: the others follow the series.
    """
    read = value_of(there, field)
    follows = stand.plain is not None and alike(field, value_of(stand.plain, field), read)
    edited = value_of(here, field) != value_of(stand.base, field)
    return alike(field, value_of(stand.before, field), read) or (follows and edited)


def agreed_now(stand: Stand, there: Content) -> Base | None:
    """Return what both sides agree on once Google's changes are taken in, while edits made here still wait."""
    if stand.base is None or stand.base_version is None:
        return None
    news: dict[str, Any] = {}
    for field in stand.rules.fields:
        read, sent = value_of(there, field), value_of(stand.sent, field)
        if read != value_of(stand.before, field):
            news[field] = sent if alike(field, read, sent) else read
    return Base(stand.base_version, with_fields(stand.base, news))


def waiting(stand: Stand, here: Content, policy: Policy | None = None) -> Merged:
    """Tell what waits to be written, if Google says what it said last; with THEIRS, what would be lost."""
    return merged(stand, here, stand.before, policy) if stand.before is not None else Merged(content=here)


def _follows(known: Known, calendar: Calendar) -> bool:
    copy, event = known.copy, known.event
    return (
        copy.base_version == event.version
        and copy.sent_version is None
        and copy.there is None
        and copy.state in _AGREED
        and event.calendar_id == calendar.id
        and event.origin == "google"
        and (event.deleted is None or event.original is None)
    )
