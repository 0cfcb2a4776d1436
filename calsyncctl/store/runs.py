"""The run and version tables: one row for each pass that changed something, one for each change of an event here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from calsyncctl.errors import NotFound
from calsyncctl.model.history import Action, Counts, FieldChange, Lost, Run, Version
from calsyncctl.store.db import Store
from calsyncctl.store.rows import must_write

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
        "INSERT INTO version (event_id, version, run_id, calendar_id, at, author, action, why, changes, lost) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
                _write_lost(version.lost),
            )
            for version in versions
        ),
    )


def versions_of(store: Store, event_id: int) -> list[Version]:
    """Return the changes of an event, oldest first."""
    return _read_versions(store, "event_id = ?", event_id)


def versions_after(store: Store, event_id: int, version: int) -> list[Version]:
    """Return the changes of an event that came after a version, oldest first."""
    return _read_versions(store, "event_id = ? AND version > ?", event_id, version)


def open_conflicts(store: Store) -> list[Version]:
    """Return the changes whose conflicts nobody has settled, oldest first."""
    return _read_versions(store, "lost IS NOT NULL AND settled IS NULL")


def get_version(store: Store, row_id: int) -> Version:
    """Return one change by its row's number.

    Raises:
        NotFound: there is none.
    """
    found = _read_versions(store, "id = ?", row_id)
    if not found:
        raise NotFound(f"There is no conflict #{row_id}.", "See: calsyncctl review list")
    return found[0]


def settle(store: Store, row_id: int, now: int) -> None:
    """Note that somebody looked at a conflict."""
    must_write(store)
    store.connection.execute("UPDATE version SET settled = ? WHERE id = ?", (now, row_id))


def versions_in(store: Store, run_id: int) -> list[Version]:
    """Return the changes that a run made, in their order."""
    return _read_versions(store, "run_id = ?", run_id)


def _read_versions(store: Store, which: str, *values: int) -> list[Version]:
    rows = store.connection.execute(
        "SELECT id, event_id, version, run_id, calendar_id, at, author, action, why, changes, lost, settled "
        f"FROM version WHERE {which} ORDER BY id",
        values,
    )
    return [
        Version(
            id=id_,
            event_id=event_id,
            version=version,
            run_id=run_id,
            calendar_id=calendar_id,
            at=at,
            author=author,
            action=Action(action),
            why=why,
            changes=_read_changes(changes),
            lost=_read_lost(lost),
            settled=settled,
        )
        for id_, event_id, version, run_id, calendar_id, at, author, action, why, changes, lost, settled in rows
    ]


def _write_changes(changes: tuple[FieldChange, ...]) -> str | None:
    if not changes:
        return None
    return _encode({change.field: (change.before, change.after) for change in changes}).decode()


def _read_changes(text: str | None) -> tuple[FieldChange, ...]:
    if not text:
        return ()
    return tuple(FieldChange(field, before, after) for field, (before, after) in _decode_changes(text).items())


def _write_lost(lost: tuple[Lost, ...]) -> str | None:
    return _encode({one.field: (one.value, one.chosen) for one in lost}).decode() if lost else None


def _read_lost(text: str | None) -> tuple[Lost, ...]:
    if not text:
        return ()
    return tuple(Lost(field, value, chosen) for field, (value, chosen) in _decode_changes(text).items())
