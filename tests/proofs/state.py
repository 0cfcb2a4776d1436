"""How both sides stand, in words that do not depend on random keys: compared after each life, field by field."""

from __future__ import annotations

from msgspec.structs import replace

from calsyncctl.model.calendar import Calendar
from calsyncctl.model.copy import Copy, CopyState, RemoteEvent
from calsyncctl.model.event import Content, Event
from calsyncctl.model.fields import value_of
from calsyncctl.store import calendars, copies, links, runs
from calsyncctl.store.events import COLUMNS, read_event
from calsyncctl.sync.canonical import alike, fields_for
from calsyncctl.sync.links import wanted_on
from calsyncctl.sync.policy import HERE
from tests.support.memory import MemoryGoogle
from tests.sync.house import House

Said = list[str]
"""Sorted lines, one for each thing."""


def end_state(house: House) -> dict[str, Said]:
    """Return all that counts of both sides."""
    google = house.google
    told: dict[str, Said] = {f"there {name}": _there(google, name) for name in google._calendars}
    told["here"] = _here(house)
    told["mails"] = sorted(f"{mail.calendar} {mail.what} {mail.people}" for mail in google.mails)
    told["calendars"] = sorted(
        f"{one.name} {one.state} {one.mode} {one.access}" for one in calendars.list_calendars(house.store)
    )
    return told


def _there(google: MemoryGoogle, name: str) -> Said:
    """Say what the service holds, tombstones counted."""
    items = [one.item for one in google._calendars[name].placed.values() if isinstance(one.item, RemoteEvent)]
    summaries = {one.google_id: one.content.summary if one.content else "-" for one in items}
    return sorted(
        f"{_said(one.content)} series={summaries.get(one.master or '', '-')} original={one.original} "
        f"tagged={one.tag is not None and one.tag.google_id == one.google_id} extra={one.extra}"
        for one in items
    )


def _said(content: Content | None) -> str:
    if content is None:
        return "gone"
    return str(replace(content, body=replace(content.body, meet="yes" if content.body.meet else "")))


def _here(house: House) -> Said:
    names = {one.id: one.name for one in calendars.list_calendars(house.store)}
    rows = house.store.connection.execute(f"SELECT {COLUMNS} FROM event e").fetchall()
    known = {event.id: event for event in map(read_event, rows)}
    lines = []
    for event in known.values():
        series = known.get(event.series_id or 0)
        title = series.content.summary if series is not None and series.content is not None else "-"
        standing = sorted(_copied(one, names, event.version) for one in copies.copies_of(house.store, event.id))
        lost = sorted(f"{one.field}={one.value}" for row in runs.versions_of(house.store, event.id) for one in row.lost)
        lines.append(
            f"{names[event.calendar_id]} {event.kind} {event.origin} {_said(event.content)} {event.status} "
            f"deleted={event.deleted is not None} series={title} {event.original} {standing} lost={lost}"
        )
    return sorted(lines)


def _copied(copy: Copy, names: dict[int, str], version: int) -> str:
    agreed = copy.base_version == version
    return (
        f"{names[copy.calendar_id]}:{copy.state} agreed={agreed} sent={copy.sent_version} due={copy.due is not None} "
        f"hold={copy.hold} generation={copy.generation}"
    )


def disagreements(house: House) -> Said:
    """Compare both sides through the canonical form; say what differs, what is not agreed, and what stands twice."""
    return [*_doubled(house.google), *_differing(house), *_unheard(house)]


def _doubled(google: MemoryGoogle) -> Said:
    """Nothing twice: not by tag, not by iCalUID and original start, on one calendar."""
    found: Said = []
    for name in google._calendars:
        seen: set[tuple[object, ...]] = set()
        for item in google.alive(name).values():
            marks: list[tuple[object, ...]] = [("uid", item.ical_uid, item.original)]
            if item.tag is not None and item.tag.google_id == item.google_id:
                marks.append(("tag", item.tag.key, item.original))
            found += [f"{name}: twice {mark}" for mark in marks if mark in seen]
            seen |= set(marks)
    return found


def _differing(house: House) -> Said:
    found: Said = []
    rows = house.store.connection.execute(f"SELECT c.id, {COLUMNS} FROM copy c JOIN event e ON e.id = c.event_id")
    for row in rows.fetchall():
        event, copy = read_event(row[1:]), copies.get_copy(house.store, row[0])
        home = calendars.get_calendar(house.store, copy.calendar_id)
        if home.state != "selected" or copy.hold is not None or home.google_id not in house.google._calendars:
            continue
        item = house.google.find(home.google_id, copy.google_id)
        if event.deleted is not None and event.original is not None:
            # Not here as an exception any more: what its series says there is said here, too.
            item = house.google.alive(home.google_id).get(copy.google_id)
        there = item.content if item is not None else None
        mark = f"{home.name} “{event.content.summary if event.content else '-'}” {event.original or ''} ({copy.state})"
        if copy.sent_version is not None or copy.due is not None:
            found.append(f"{mark}: not settled (sent {copy.sent_version}, due {copy.due})")
        gone_here = event.deleted is not None or event.status == "cancelled"
        if copy.state is CopyState.DELETED and not gone_here and _is_wanted(house, event, home):
            found.append(f"{mark}: not there")
        if copy.state in {CopyState.STALE, CopyState.DELETED} or gone_here:
            if there is not None:
                found.append(f"{mark}: alive there")
            continue
        if there is None or event.content is None:
            found.append(f"{mark}: alive here only")
            continue
        if copy.base_version != event.version:
            found.append(f"{mark}: agreed on {copy.base_version}, is {event.version}")
        found += [f"{mark}: {line}" for line in _fields(house, copy, event, there)]
    return found


def _is_wanted(house: House, event: Event, calendar: Calendar) -> bool:
    return calendar.id in {one.id for one in wanted_on(house.store, event)}


def _fields(house: House, copy: Copy, event: Event, there: Content) -> Said:
    link = links.find_link(house.store, event.calendar_id, copy.calendar_id)
    home = copy.calendar_id == event.calendar_id
    invites = link is not None and link.invites and event.origin == HERE
    assert event.content is not None
    here, names = event.content, fields_for(home=home, guests=home or invites)
    pairs = ((name, value_of(here, name), value_of(there, name)) for name in names)
    return [f"{name} is {one!r} here, {two!r} there" for name, one, two in pairs if not alike(name, one, two)]


def _unheard(house: House) -> Said:
    """Everything alive in a selected calendar that is not push-only stands here."""
    found: Said = []
    for one in calendars.list_calendars(house.store):
        if one.google_id not in house.google._calendars or one.state != "selected" or one.mode == "push-only":
            continue
        alive = house.google.alive(one.google_id or "")
        known = copies.known_copies(house.store, one.id, alive)
        found += [f"{one.name}: nothing here of {name}" for name in alive if name not in known]
    return found
