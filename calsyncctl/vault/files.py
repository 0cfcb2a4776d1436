"""Private files: 0600 in 0700 folders, replaced in one durable step, changed under a lock between processes."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from calsyncctl.errors import VaultFault

if sys.platform != "win32":
    import fcntl

LOCK_WAIT = 5.0
"""Seconds to wait for another process; it holds the lock for milliseconds unless it hangs."""


def private_dir(path: Path) -> None:
    """Make a folder that only its owner can enter, and tighten one that others could."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.stat().st_mode & 0o077:
        path.chmod(0o700)


def replace_file(path: Path, content: bytes) -> None:
    """Write a file so that a crash leaves the old or the new content, never a part of it."""
    temporary = write_beside(path, content)
    try:
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def create_file(path: Path, content: bytes) -> bool:
    """Write a file complete or not at all, and only if there is none: False when another process was first."""
    temporary = write_beside(path, content)
    try:
        os.link(temporary, path)
    except FileExistsError:
        return False
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)
    return True


def write_beside(path: Path, content: bytes) -> Path:
    """Write a durable temporary file (mode 0600) in the same folder, for a rename or a link."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


@contextmanager
def locked(path: Path, wait: float = LOCK_WAIT) -> Iterator[None]:
    """Hold a lock between processes for as long as the block runs.

    Raises:
        VaultFault: if another process keeps it for longer than `wait` seconds.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _take(handle, path, wait)
        yield
    finally:
        os.close(handle)


def _take(handle: int, path: Path, wait: float) -> None:
    deadline = time.monotonic() + wait
    while not _try_lock(handle):
        if time.monotonic() > deadline:
            raise VaultFault(
                f"Another process has kept the vault's lock {path} for {wait:.0f} seconds.",
                "See what runs (ps), end it if it hangs, and try again.",
            )
        time.sleep(0.01)


def _try_lock(handle: int) -> bool:
    if sys.platform == "win32":
        return True  # its own keyring is used there; one process at a time must do for the file
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sync_folder(folder: Path) -> None:
    """Make a rename durable; some file systems and Windows do not know this for folders."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
