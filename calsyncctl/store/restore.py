"""Putting a backup in the store's place: prepared beside it, then swapped in one step. For who has the profile alone.

A crash leaves the old store or the new one, never a mixture: the old one's log is worked into its file, and gone,
before the file is replaced, since SQLite would read an old log into a new file.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from calsyncctl.clock import Clock
from calsyncctl.errors import CalsyncError, StoreFault
from calsyncctl.machine import cure
from calsyncctl.paths import private_dir
from calsyncctl.store import meta
from calsyncctl.store.backup import NOTE, Backup, Note, back_up, to_disk, unused, write_backup
from calsyncctl.store.db import Store, connect, open_store
from calsyncctl.store.migrations import NAMES

DRAFT = ".restoring"
"""The folder beside the store in which the new one is prepared."""
BEFORE = "before-restore"
"""The label of the backup that keeps what was there."""


def check_known(backup: Backup) -> None:
    """Refuse a backup of a newer program.

    Raises:
        StoreFault: it is one.
    """
    if backup.step not in NAMES:
        raise StoreFault(
            f"The backup {backup.path} was made by a newer calsyncctl (it has {backup.step}).",
            "Upgrade calsyncctl, then restore it.",
        )


def put_aside(store_file: Path, folder: Path, note: Note) -> Path | None:
    """Keep the present store in `folder`: as a backup, or as it is if it is damaged; None if there is none."""
    if not store_file.exists():
        return None
    try:
        return back_up(store_file, folder, label=BEFORE, now=note.made, note=note)
    except CalsyncError:
        return _keep_damaged(store_file, folder, note.made)


def put_back(backup: Backup, store_file: Path, clock: Clock, prepare: Callable[[Store], None]) -> None:
    """Put a backup in the store's place, brought to this program's schema; `prepare` changes it before it counts.

    Raises:
        StoreFault: it could not be prepared or swapped: the old store is as it was.
    """
    draft_folder = store_file.parent / DRAFT
    try:
        shutil.rmtree(draft_folder, ignore_errors=True)  # of a restore that was cut off
        private_dir(draft_folder)
        try:
            draft = draft_folder / store_file.name
            _prepare(backup, draft, clock, prepare)
            _swap(draft, store_file)
        finally:
            shutil.rmtree(draft_folder, ignore_errors=True)
    except OSError as error:
        raise StoreFault(
            f"The store could not be restored: {error.strerror}.", cure(error, "It is as it was; check its folder.")
        ) from error


def _prepare(backup: Backup, draft: Path, clock: Clock, prepare: Callable[[Store], None]) -> None:
    write_backup(backup.path, draft)  # by SQLite, not byte by byte: a copied store may have its log beside it
    with open_store(draft, backups=draft.parent, clock=clock) as store:
        with store.write():
            meta.drop_meta(store, NOTE)
        prepare(store)
        store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    to_disk(draft)


def _swap(draft: Path, store_file: Path) -> None:
    if store_file.exists():
        with contextlib.suppress(CalsyncError, sqlite3.Error), contextlib.closing(connect(store_file)) as old:
            old.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # a damaged one cannot: it was put aside with its log
    for log in _logs(store_file):
        log.unlink(missing_ok=True)
    draft.replace(store_file)
    to_disk(store_file.parent)


def _keep_damaged(store_file: Path, folder: Path, now: int) -> Path:
    """Copy a store that no backup can be made of, byte by byte, with its log."""
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
    target = unused(folder, f"store-{stamp}-damaged")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for one, to in zip((store_file, *_logs(store_file)), (target, *_logs(target)), strict=True):
        if one.exists():
            shutil.copyfile(one, to)
            to.chmod(0o600)
    return target


def _logs(store_file: Path) -> tuple[Path, Path]:
    return store_file.with_name(f"{store_file.name}-wal"), store_file.with_name(f"{store_file.name}-shm")
