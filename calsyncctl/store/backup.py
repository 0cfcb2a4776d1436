"""Copies of the store: made while others write, private, and believed only after they were checked.

A backup is one whole SQLite file. It holds no secrets, since the store has none; it notes in itself which
installation it is of and when it was made.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import msgspec

from calsyncctl.errors import NotFound, StoreFault
from calsyncctl.store.faults import fault

NOTE = "backup"
"""The name in `meta`, in backups only, of what a backup notes of itself."""
COUNTED = ("account", "calendar", "assignee", "link", "event", "copy", "version", "run")
"""The tables whose rows are counted, before and after."""
_LAST_STEP = "SELECT name FROM _sqlite_migrations ORDER BY id DESC LIMIT 1"


class Note(msgspec.Struct, frozen=True):
    """What a backup notes of itself. `made` is UTC seconds."""

    instance: str
    made: int


@dataclass(frozen=True, slots=True)
class Backup:
    """What is known of a backup that was checked. `made` is UTC seconds; None and "" where it does not say."""

    path: Path
    size: int
    instance: str
    made: int | None
    step: str
    """The last step of its schema."""
    counts: Mapping[str, int]


def back_up(store_file: Path, folder: Path, *, label: str, now: int, note: Note | None = None) -> Path:
    """Copy the store into `folder` (made 0700) as `store-20260415T070000Z-LABEL.sqlite` (0600); return that path.

    Never in place of another: a second one in the same second has `-2` behind its label.

    Raises:
        StoreFault: the copy could not be made, or is not sound.
    """
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
    return write_backup(store_file, unused(folder, f"store-{stamp}-{label}"), note=note)


def unused(folder: Path, stem: str) -> Path:
    """Return a path in a folder that no store's file has yet: `STEM.sqlite`, else `STEM-2.sqlite` and so on."""
    names = (f"{stem}.sqlite" if number == 1 else f"{stem}-{number}.sqlite" for number in count(1))
    return next(path for path in (folder / name for name in names) if not path.exists())


def write_backup(store_file: Path, target: Path, *, note: Note | None = None) -> Path:
    """Copy the store to a file (0600, its folder made 0700 if need be), in place of an earlier one; return its path.

    The copy is one consistent state, whatever is written meanwhile. It gets its name only after SQLite's integrity
    check of it passed and its rows were counted, so a file of that name can be trusted.

    Raises:
        StoreFault: the copy could not be made, or is not sound.
    """
    folder = target.parent
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=folder, prefix=".store-", suffix=".part")  # mkstemp makes it 0600
        os.close(descriptor)
        draft = Path(name)
        try:
            _verify(draft, _copy(store_file, draft, note))
            to_disk(draft)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
        to_disk(folder)
    except OSError as error:
        raise _no_backup(folder, error.strerror or str(error)) from error
    except sqlite3.Error as error:
        raise fault(error, store_file) or _no_backup(folder, str(error)) from error
    return target


def examine(path: Path) -> Backup:
    """Check a backup whole and return what it says of itself.

    Raises:
        NotFound: there is none.
        StoreFault: it is damaged, or it is something else.
    """
    if not path.is_file():
        raise NotFound(f"There is no file {path}.", "Backups lie where `calsyncctl profile show` says.")
    try:
        with contextlib.closing(_reading(path)) as connection:
            _sound(connection, path)
            (step,) = connection.execute(_LAST_STEP).fetchone()
            note, instance = (_noted(connection, name) for name in (NOTE, "instance"))
            said = msgspec.json.decode(note, type=Note) if note else Note(instance or "", 0)
            return Backup(path, path.stat().st_size, said.instance, said.made or None, step, _counts(connection))
    except OSError as error:
        raise StoreFault(f"{path} cannot be read: {error.strerror}.", "Check its name and its owner.") from error
    except (sqlite3.DatabaseError, msgspec.MsgspecError, TypeError) as error:
        raise StoreFault(
            f"{path} is not a backup of a calsyncctl store.", "Backups lie where `calsyncctl profile show` says."
        ) from error


def to_disk(path: Path) -> None:
    """Make sure that a file, or a folder's list of names, survives a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _copy(source: Path, target: Path, note: Note | None) -> dict[str, int]:
    """Copy one state of the store; return how many rows that state has."""
    with contextlib.closing(_reading(source)) as reading, contextlib.closing(sqlite3.connect(target)) as writing:
        reading.execute("BEGIN")  # what is counted and what is copied are one state
        counts = _counts(reading)
        reading.backup(writing)
        # The copy of a WAL database says WAL too; a file that is moved about is better whole.
        writing.execute("PRAGMA journal_mode = DELETE")
        if note is not None:
            text = msgspec.json.encode(note).decode()
            writing.execute("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", (NOTE, text))
            writing.commit()
    return counts


def _reading(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)


def _counts(connection: sqlite3.Connection) -> dict[str, int]:
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    tables = [name for name in COUNTED if name in there]
    return {name: int(connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]) for name in tables}


def _verify(copied: Path, counts: Mapping[str, int]) -> None:
    with contextlib.closing(sqlite3.connect(copied)) as connection:
        _sound(connection, copied)
        found = _counts(connection)
    if found != counts:
        raise StoreFault("The backup of the store is not whole: rows are missing.", "Check the disk, and try again.")


def _sound(connection: sqlite3.Connection, path: Path) -> None:
    (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if verdict != "ok":
        raise StoreFault(f"The backup {path.name} is not sound: {verdict}.", "Check the disk; nothing was changed.")


def _noted(connection: sqlite3.Connection, name: str) -> str | None:
    row = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row[0])


def _no_backup(folder: Path, why: str) -> StoreFault:
    return StoreFault(f"No backup of the store could be made in {folder}: {why}.", "Make room or name another folder.")
