"""The inbox of what waits for a person: holds and conflicts, each under a short id, and what may be done with it.

`d3`: the deletions that wait on calendar 3; `h17`: copy 17, on hold; `c42`: the conflict in version row 42.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from calsyncctl.errors import NotFound
from calsyncctl.model.copy import Known
from calsyncctl.model.history import Lost, Version
from calsyncctl.store import calendars, copies, deletions, events, holds, runs
from calsyncctl.store.db import Store
from calsyncctl.store.titles import title_of


class Kind(StrEnum):
    """What an entry is."""

    DELETIONS = "deletions"
    REFUSED = "refused"
    INVALID = "invalid"
    LOOP = "loop"
    SHADOW = "shadow"
    CONFLICT = "conflict"


class Entry(Struct, frozen=True, kw_only=True):
    """One thing that waits. `since` is UTC seconds; `event_id` None: it is about several."""

    id: str
    kind: Kind
    calendar_id: int
    calendar: str
    event_id: int | None
    event_key: str | None
    summary: str
    count: int
    reason: str
    since: int


class Detail(Struct, frozen=True, kw_only=True):
    """One entry whole: the events that it is about, the values that a conflict did not choose."""

    entry: Entry
    members: tuple[Entry, ...] = ()
    lost: tuple[Lost, ...] = ()
    version: int | None = None


def entries(store: Store, *, kind: Kind | None = None, calendar_id: int | None = None) -> list[Entry]:
    """Return what waits, deletions first, then the other holds, then conflicts."""
    found = [*_deletions(store), *_copies(store), *_conflicts(store)]
    return [one for one in found if kind in {None, one.kind} and calendar_id in {None, one.calendar_id}]


def detail(store: Store, entry_id: str) -> Detail:
    """Return one entry with all that is known of it.

    Raises:
        NotFound: nothing under that id waits.
    """
    letter, number = _parsed(entry_id)
    if letter == "d":
        for entry in _deletions(store):
            if entry.calendar_id == number:
                held = holds.held_copies(store, kind=deletions.DELETIONS, calendar_id=number)
                return Detail(entry=entry, members=tuple(_of_copy(store, one) for one in held))
        raise _nothing(entry_id)
    if letter == "h":
        for known in copies.known_by_id(store, [number]):
            if known.copy.hold is not None and known.copy.reason is not None:
                return Detail(entry=_of_copy(store, known))
        raise _nothing(entry_id)
    version = runs.get_version(store, number)
    if not version.lost or version.settled is not None:
        raise _nothing(entry_id)
    return Detail(entry=_of_conflict(store, version), lost=version.lost, version=version.version)


def copy_ids(store: Store, found: Detail) -> list[int]:
    """Return the copies that an entry is about; none for a conflict."""
    if found.entry.kind is Kind.CONFLICT:
        return []
    named = [one.id for one in found.members] or [found.entry.id]
    return [int(name[1:]) for name in named]


def _parsed(entry_id: str) -> tuple[str, int]:
    text = entry_id.strip().casefold()
    if len(text) < 2 or text[0] not in "dhc" or not text[1:].isdecimal():
        raise _nothing(entry_id)
    return text[0], int(text[1:])


def _nothing(entry_id: str) -> NotFound:
    return NotFound(f"Nothing waits under “{entry_id}”.", "See: calsyncctl review list")


def _deletions(store: Store) -> list[Entry]:
    return [
        Entry(
            id=f"d{one.calendar_id}",
            kind=Kind.DELETIONS,
            calendar_id=one.calendar_id,
            calendar=calendars.get_calendar(store, one.calendar_id).name,
            event_id=None,
            event_key=None,
            summary="1 event" if one.count == 1 else f"{one.count:,} events",
            count=one.count,
            reason=one.reason,
            since=one.since,
        )
        for one in holds.held_deletions(store)
    ]


def _copies(store: Store) -> list[Entry]:
    return [_of_copy(store, known) for known in holds.held_copies(store)]


def _conflicts(store: Store) -> list[Entry]:
    return [_of_conflict(store, version) for version in runs.open_conflicts(store)]


def _of_copy(store: Store, known: Known) -> Entry:
    copy, event = known.copy, known.event
    return Entry(
        id=f"h{copy.id}",
        kind=Kind(copy.hold or ""),
        calendar_id=copy.calendar_id,
        calendar=calendars.get_calendar(store, copy.calendar_id).name,
        event_id=event.id,
        event_key=event.key,
        summary=title_of(store, event),
        count=1,
        reason=copy.reason or "",
        since=copy.since or 0,
    )


def _of_conflict(store: Store, version: Version) -> Entry:
    event = events.get_event(store, version.event_id)
    fields = ", ".join(one.field.replace("_", " ") for one in version.lost)
    return Entry(
        id=f"c{version.id}",
        kind=Kind.CONFLICT,
        calendar_id=event.calendar_id,
        calendar=calendars.get_calendar(store, event.calendar_id).name,
        event_id=event.id,
        event_key=event.key,
        summary=title_of(store, event),
        count=len(version.lost),
        reason=f"{version.why} ({fields})",
        since=version.at,
    )
