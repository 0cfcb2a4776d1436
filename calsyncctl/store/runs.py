"""The run and version tables: one row for each pass that changed something, one for each change of an event here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from calsyncctl.model.history import Action, Counts, FieldChange, Run, Version
from calsyncctl.store.db import Store

_encode = msgspec.json.Encoder().encode
_decode_counts = msgspec.json.Decoder(Counts).decode
_decode_changes = msgspec.json.Decoder(dict[str, tuple[Any, Any]]).decode


def begin_run(store: Store, *, kind: str, author: str, account_id: int | None, now: int) -> int:
    """Begin a run and return its id."""
    cursor = store.connection.execute(
        "INSERT INTO run (kind, author, account_id, started) VALUES (?, ?, ?, ?)", (kind, author, account_id, now)
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def end_run(store: Store, run_id: int, *, outcome: str, counts: Counts, now: int, error: str | None = None) -> None:
    """End a run; `outcome` is `done`, `failed` or `interrupted`."""
    store.connection.execute(
        "UPDATE run SET ended = ?, outcome = ?, counts = ?, error = ? WHERE id = ?",
        (now, outcome, _encode(counts).decode(), error, run_id),
    )


def last_runs(store: Store, limit: int = 20, *, account_id: int | None = None) -> list[Run]:
    """Return the latest runs, newest first."""
    rows = store.connection.execute(
        "SELECT id, kind, author, account_id, started, ended, outcome, counts, error FROM run "
        "WHERE ?1 IS NULL OR account_id = ?1 ORDER BY id DESC LIMIT ?2",
        (account_id, limit),
    )
    return [
        Run(
            id=id_,
            kind=kind,
            author=author,
            account_id=owner,
            started=started,
            ended=ended,
            outcome=outcome,
            counts=_decode_counts(counts) if counts else Counts(),
            error=error,
        )
        for id_, kind, author, owner, started, ended, outcome, counts, error in rows
    ]


def add_versions(store: Store, versions: Iterable[Version]) -> None:
    """Write changes of events into the history."""
    store.connection.executemany(
        "INSERT INTO version (event_id, version, run_id, calendar_id, at, author, action, why, changes) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                version.event_id,
                version.version,
                version.run_id,
                version.calendar_id,
                version.at,
                version.author,
                version.action,
                version.why,
                _write_changes(version.changes),
            )
            for version in versions
        ),
    )


def versions_of(store: Store, event_id: int) -> list[Version]:
    """Return the changes of an event, oldest first."""
    return _read_versions(store, "event_id", event_id)


def versions_in(store: Store, run_id: int) -> list[Version]:
    """Return the changes that a run made, in their order."""
    return _read_versions(store, "run_id", run_id)


def _read_versions(store: Store, column: str, value: int) -> list[Version]:
    rows = store.connection.execute(
        "SELECT event_id, version, run_id, calendar_id, at, author, action, why, changes FROM version "
        f"WHERE {column} = ? ORDER BY id",
        (value,),
    )
    return [
        Version(
            event_id=event_id,
            version=version,
            run_id=run_id,
            calendar_id=calendar_id,
            at=at,
            author=author,
            action=Action(action),
            why=why,
            changes=_read_changes(changes),
        )
        for event_id, version, run_id, calendar_id, at, author, action, why, changes in rows
    ]


def _write_changes(changes: tuple[FieldChange, ...]) -> str | None:
    if not changes:
        return None
    return _encode({change.field: (change.before, change.after) for change in changes}).decode()


def _read_changes(text: str | None) -> tuple[FieldChange, ...]:
    if not text:
        return ()
    return tuple(FieldChange(field, before, after) for field, (before, after) in _decode_changes(text).items())
