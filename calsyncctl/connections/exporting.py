"""Taking a profile along: everything that a person may want of it, as JSON Lines (docs/backup.md, The export).

One line is one thing, with its kind in `line`; no secrets, and nothing is gathered in memory but names.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from calsyncctl.errors import CalsyncError
from calsyncctl.machine import cure
from calsyncctl.model.event import Event
from calsyncctl.model.history import Version
from calsyncctl.store import accounts, calendars, copies, links, people, runs
from calsyncctl.store.db import Store
from calsyncctl.store.export import all_events, keys_of_series, one_state

SCHEMA = "calsyncctl/export/1"
Line = dict[str, Any]


def export_to(file: Path, lines: Iterator[Line]) -> int:
    """Write lines to a file (0600) that gets its name when it is whole; return how many there were.

    Raises:
        CalsyncError: it cannot be written.
    """
    try:
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")  # made 0600
        draft = Path(name)
        try:
            count = _write(handle, lines)
            draft.replace(file)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise CalsyncError(f"{file} cannot be written: {error.strerror}.", cure(error, "Name another file.")) from error
    return count


def _write(handle: int, lines: Iterator[Line]) -> int:
    """Write lines through a descriptor, which is closed then, and return how many there were; they are on the disk."""
    encode, count = msgspec.json.Encoder().encode, 0
    with os.fdopen(handle, "wb") as out:
        for line in lines:
            out.write(encode(line) + b"\n")
            count += 1
        out.flush()
        os.fsync(out.fileno())
    return count


def export_lines(store: Store, *, instance: str, profile: str, now: int) -> Iterator[Line]:
    """Yield the lines of an export: one state of the store, ended by a line that says how many there were."""
    counts: dict[str, int] = {}
    yield {"line": "export", "schema": SCHEMA, "instance": instance, "profile": profile, "made": _time(now)}
    with one_state(store):
        for line in _things(store):
            counts[line["line"]] = counts.get(line["line"], 0) + 1
            yield line
    yield {"line": "end", "counts": counts}


def _things(store: Store) -> Iterator[Line]:
    yield from _accounts(store)
    yield from _assignees(store)
    yield from _calendars(store)
    yield from _links(store)
    series = keys_of_series(store)
    for event in all_events(store):
        yield _event(store, event, series)


def _accounts(store: Store) -> Iterator[Line]:
    for one in accounts.list_accounts(store):
        yield {"line": "account", "id": one.id, "email": one.email, "owner": one.owner, "state": one.state}


def _assignees(store: Store) -> Iterator[Line]:
    for one in people.list_assignees(store):
        more = {"email": one.email, "role": one.role, "zone": one.zone, "members": one.members}
        yield {"line": "assignee", "assignee": one.label, **more}


def _calendars(store: Store) -> Iterator[Line]:
    for one in calendars.list_calendars(store):
        yield {
            "line": "calendar",
            "id": one.id,
            "kind": one.kind,
            "name": one.name,
            "zone": one.zone,
            "colour": one.colour,
            "account": one.account_id,
            "google_id": one.google_id,
            "access": one.access,
            "mode": one.mode,
            "state": one.state,
            "assignees": [assignee.label for assignee in people.assignees_of(store, one.id)],
        }


def _links(store: Store) -> Iterator[Line]:
    for one in links.list_links(store):
        yield {
            "line": "link",
            "source": one.source_id,
            "target": one.target_id,
            "from": _time(one.from_instant),
            "when_deleted": one.when_deleted,
            "invites": one.invites,
            "state": one.state,
        }


def _event(store: Store, event: Event, series: dict[int, str]) -> Line:
    return {
        "line": "event",
        "key": event.key,
        "calendar": event.calendar_id,
        "kind": event.kind,
        "origin": event.origin,
        "status": event.status,
        "ical_uid": event.ical_uid,
        "series": series.get(event.series_id or 0),
        "original": event.original,
        "deleted": _time(event.deleted),
        "version": event.version,
        "content": msgspec.to_builtins(event.content),
        "copies": [
            {"calendar": one.calendar_id, "google_id": one.google_id, "state": one.state}
            for one in copies.copies_of(store, event.id)
        ],
        "history": [_version(one) for one in runs.versions_of(store, event.id)],
    }


def _version(one: Version) -> Line:
    return {
        "version": one.version,
        "at": _time(one.at),
        "run": one.run_id,
        "author": one.author,
        "action": one.action,
        "why": one.why,
        "changes": {change.field: [change.before, change.after] for change in one.changes},
        "not_chosen": {lost.field: [lost.value, lost.chosen] for lost in one.lost},
    }


def _time(seconds: int | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
