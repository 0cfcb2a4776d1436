"""What SQLite's errors mean for a person: the one place that turns them into sentences.

Only trouble with the file is turned; a wrong statement or a broken constraint is a mistake of ours and keeps its
traceback.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from calsyncctl.errors import CalsyncError, Later, StoreFault

_PRIMARY_CODE = 0xFF  # the low byte of an extended result code: https://www.sqlite.org/rescode.html

_RESTORE = (
    "Put a backup in its place (calsyncctl profile restore FILE), or move it away and sign in again: calsyncctl connect"
)
_SENTENCES: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_NOTADB: ("is not a calsyncctl store", "Put a backup in its place: calsyncctl profile restore FILE"),
    sqlite3.SQLITE_CORRUPT: ("is damaged", _RESTORE),
    sqlite3.SQLITE_FULL: ("cannot grow: the disk is full", "Make room and run it again; nothing was half written."),
    sqlite3.SQLITE_READONLY: ("cannot be written", "Check who owns the file and its folder, and their permissions."),
    sqlite3.SQLITE_PERM: ("cannot be used", "Check who owns the file and its folder, and their permissions."),
    sqlite3.SQLITE_AUTH: ("cannot be used", "Check who owns the file and its folder, and their permissions."),
    sqlite3.SQLITE_CANTOPEN: ("cannot be opened", "Check that its folder is there and yours."),
    sqlite3.SQLITE_IOERR: (
        "cannot be read or written: the disk answers with an error",
        "Check the disk, then run it again.",
    ),
    sqlite3.SQLITE_NOLFS: ("is too large for this file system", "Move the profile to another file system."),
}
_KEPT_OUT = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR}
_LEAST = 64 * 1024
"""Bytes; with less a disk is full: the smallest file beside the store is half as large."""
_PASSING = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
_WRITABLE = "Mount it writable: even reading keeps a small file beside the store."


def _read_only(path: Path) -> bool:
    """Tell whether the file system is mounted for reading only; not known everywhere."""
    try:
        return bool(os.statvfs(path.parent).f_flag & os.ST_RDONLY)
    except (OSError, AttributeError):
        return False


def disk_is_full(path: Path) -> bool:
    """Tell whether there is no room beside a file; not known everywhere."""
    try:
        disk = os.statvfs(path.parent)
        return disk.f_blocks > 0 and disk.f_bavail * disk.f_frsize < _LEAST
    except (OSError, AttributeError):
        return False


def fault(error: sqlite3.Error, path: Path) -> CalsyncError | None:
    """Return what a user should read instead of `error`, or None where it is a mistake of the program.

    A lock that did not come free within the time-out is `Later`: another run is writing, and the same call will do.
    """
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return Later(f"Another calsyncctl is writing to the store {path}.", "Try again in a moment.")
    if code not in _SENTENCES:
        return None
    if code == sqlite3.SQLITE_IOERR and disk_is_full(
        path
    ):  # as SQLite says where the small file beside it cannot be made
        code = sqlite3.SQLITE_FULL
    what, what_to_do = _SENTENCES[code]
    if code in _KEPT_OUT and _read_only(path):
        what, what_to_do = "lies on a read-only file system", _WRITABLE
    return StoreFault(f"The store {path} {what}.", what_to_do)


def is_damaged(error: CalsyncError) -> bool:
    """Tell whether an error says that the file itself is broken: trying again cannot help."""
    code = getattr(error.__cause__, "sqlite_errorcode", 0) & _PRIMARY_CODE
    return code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def may_pass(error: CalsyncError) -> bool:
    """Tell whether an error is one of the disk, not of the file: a full one has room again some time."""
    code = getattr(error.__cause__, "sqlite_errorcode", 0) & _PRIMARY_CODE
    return code in _PASSING


@contextlib.contextmanager
def spoken(path: Path) -> Iterator[None]:
    """Turn trouble with the file at `path`, in the block, into its sentence; mistakes of ours pass as they are."""
    try:
        yield
    except sqlite3.Error as error:
        sentence = fault(error, path)
        if sentence is None:
            raise
        raise sentence from error
