"""Copies of the store: made while others write, private, and believed only after they were checked."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from calsyncctl.errors import StoreFault
from calsyncctl.store.faults import fault


def back_up(store_file: Path, folder: Path, *, label: str, now: int) -> Path:
    """Copy the store into `folder` (made 0700) as `store-20260415T070000Z-LABEL.sqlite` (0600); return that path.

    The copy is one consistent state, whatever is written meanwhile. It gets its name only after SQLite's integrity
    check of it passed, so a file of that name can be trusted.

    Raises:
        StoreFault: the copy could not be made, or is not sound.
    """
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
    target = folder / f"store-{stamp}-{label}.sqlite"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=folder, prefix=".store-", suffix=".part")  # mkstemp makes it 0600
        os.close(descriptor)
        draft = Path(name)
        try:
            _copy(store_file, draft)
            _verify(draft)
            _to_disk(draft)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
        _to_disk(folder)
    except OSError as error:
        raise _no_backup(folder, error.strerror or str(error)) from error
    except sqlite3.Error as error:
        raise fault(error, store_file) or _no_backup(folder, str(error)) from error
    return target


def _copy(source: Path, target: Path) -> None:
    address = f"{source.absolute().as_uri()}?mode=ro"
    with (
        contextlib.closing(sqlite3.connect(address, uri=True)) as reading,
        contextlib.closing(sqlite3.connect(target)) as writing,
    ):
        reading.backup(writing)
        # The copy of a WAL database says WAL too; a file that is moved about is better whole.
        writing.execute("PRAGMA journal_mode = DELETE")


def _verify(copied: Path) -> None:
    with contextlib.closing(sqlite3.connect(copied)) as connection:
        (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if verdict != "ok":
        raise StoreFault(f"The backup of the store is not sound: {verdict}.", "Check the disk; nothing was changed.")


def _to_disk(path: Path) -> None:
    """Make sure that a file, or a folder's list of names, survives a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _no_backup(folder: Path, why: str) -> StoreFault:
    return StoreFault(f"No backup of the store could be made in {folder}: {why}.", "Make room or name another folder.")
