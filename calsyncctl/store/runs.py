"""The run and version tables: one row for each pass or act that changed something, one for each change of an event."""

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


def begin_run(
    store: Store, *, kind: str, author: str, account_id: int | None, now: int, undoes: int | None = None
) -> int:
    """Begin a run and return its id."""
    cursor = store.connection.execute(
        "INSERT INTO run (kind, author, account_id, started, undoes) VALUES (?, ?, ?, ?, ?)",
        (kind, author, account_id, now, undoes),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def end_run(
    store: Store, run_id: int, *, outcome: str, counts: Counts, now: int, error: str | None = None, mails: int = 0
) -> None:
    """End a run; `outcome` is `done`, `failed` or `interrupted`."""
    store.connection.execute(
        "UPDATE run SET ended = ?, outcome = ?, counts = ?, error = ?, mails = ? WHERE id = ?",
        (now, outcome, _encode(counts).decode(), error, mails, run_id),
    )


def end_act(store: Store, run_id: int, now: int) -> int | None:
    """End the run of a person's act, counted by what it wrote into the history; one that wrote nothing leaves none.

    Return its id, or None. It counts for the account on whose calendar its first change was.
    """
    rows = store.connection.execute("SELECT action, calendar_id FROM version WHERE run_id = ? ORDER BY id", (run_id,))
    done = [(Action(action), calendar_id) for action, calendar_id in rows]
    if not done:
        store.connection.execute("DELETE FROM run WHERE id = ?", (run_id,))
        return None
    actions = [action for action, _ in done]
    gone = actions.count(Action.DELETED) + actions.count(Action.CANCELLED)
    new = actions.count(Action.ADDED) + actions.count(Action.RESTORED)
    counts = Counts(new=new, changed=actions.count(Action.CHANGED), deleted=gone)
    end_run(store, run_id, outcome="done", counts=counts, now=now)
    store.connection.execute(
        "UPDATE run SET account_id = (SELECT account_id FROM calendar WHERE id = ?) WHERE id = ?", (done[0][1], run_id)
    )
    return run_id


_RUN = "SELECT id, kind, author, account_id, started, ended, outcome, counts, mails, error, undoes FROM run "


def last_runs(store: Store, limit: int = 20, *, account_id: int | None = None, kind: str | None = None) -> list[Run]:
    """Return the latest runs, newest first; of one account, of one kind."""
    rows = store.connection.execute(
        _RUN + "WHERE (?1 IS NULL OR account_id = ?1) AND (?3 IS NULL OR kind = ?3) ORDER BY id DESC LIMIT ?2",
        (account_id, limit, kind),
    )
    return [_read_run(row) for row in rows]


def get_run(store: Store, run_id: int) -> Run:
    """Return a run.

    Raises:
        NotFound: there is none of that number.
    """
    row = None
    if run_id < 1 << 63:  # SQLite's integers end there
        row = store.connection.execute(_RUN + "WHERE id = ?", (run_id,)).fetchone()
    if row is None:
        raise NotFound(f"There is no run {run_id}.", "See: calsyncctl runs list")
    return _read_run(row)


def undone_by(store: Store, run_id: int) -> list[int]:
    """Return the runs that took a run back, oldest first."""
    rows = store.connection.execute("SELECT id FROM run WHERE undoes = ? ORDER BY id", (run_id,))
    return [id_ for (id_,) in rows]


def _read_run(row: tuple[Any, ...]) -> Run:
    id_, kind, author, account_id, started, ended, outcome, counts, mails, error, undoes = row
    return Run(
        id=id_,
        kind=kind,
        author=author,
        account_id=account_id,
        started=started,
        ended=ended,
        outcome=outcome,
        counts=_decode_counts(counts) if counts else Counts(),
        mails=mails,
        error=error,
        undoes=undoes,
    )


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


def last_version(store: Store) -> int:
    """Return the number of the history's last row, 0 if there is none."""
    (last,) = store.connection.execute("SELECT coalesce(max(id), 0) FROM version").fetchone()
    return int(last)


def versions_since(store: Store, row_id: int) -> list[Version]:
    """Return the changes that were written after a row of the history, in their order."""
    return _read_versions(store, "id > ?", row_id)


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


def versions_sent_by(store: Store, run_id: int) -> list[Version]:
    """Return the changes, made by others or before, that a run was the first to send to Google, in their order."""
    return _read_versions(store, "sent_run = ?", run_id)


def mark_sent(store: Store, event_id: int, *, after: int, upto: int, run_id: int) -> None:
    """Note that a run sent an event's versions above `after`, up to `upto`; inside a write.

    What another run sent first, and what the run itself brought here, stays as noted.
    """
    store.connection.execute(
        "UPDATE version SET sent_run = ?4 WHERE event_id = ?1 AND version > ?2 AND version <= ?3 "
        "AND sent_run IS NULL AND run_id IS NOT ?4",
        (event_id, after, upto, run_id),
    )


def _read_versions(store: Store, which: str, *values: int) -> list[Version]:
    rows = store.connection.execute(
        "SELECT id, event_id, version, run_id, calendar_id, at, author, action, why, changes, lost, settled, sent_run "
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
            sent_run=sent,
        )
        for id_, event_id, version, run_id, calendar_id, at, author, action, why, changes, lost, settled, sent in rows
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
