"""Locks between processes: flock on a file that names its holder. The kernel frees it when the holder dies."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from calsyncctl.errors import Later
from calsyncctl.paths import private_dir

_LOOK_AGAIN = 0.05
"""Seconds between two tries; flock has no waiting with a limit."""


@contextmanager
def lock(path: Path, *, holder: str, wait: float) -> Iterator[None]:
    """Hold a lock while the block runs; `holder` says to others who has it (`sync`, `daemon`, …).

    Waits up to `wait` seconds. Two holders in one process exclude each other as well.

    Raises:
        Later: naming the holder, if the lock is still held then.
    """
    private_dir(path.parent)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _acquire(handle, path, wait)
        _name_holder(handle, holder)
        yield
    finally:
        os.close(handle)  # frees it; the file stays, as removing it would let two holders in


def _acquire(handle: int, path: Path, wait: float) -> None:
    deadline = time.monotonic() + wait
    while not _taken(handle):
        left = deadline - time.monotonic()
        if left <= 0:
            raise Later(_held_by(path))
        time.sleep(min(_LOOK_AGAIN, left))


def _taken(handle: int) -> bool:
    if sys.platform == "win32":
        return True  # no flock there: one process at a time is the operator's part, the store has its own locks
    import fcntl  # noqa: PLC0415  (not on Windows)

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _name_holder(handle: int, holder: str) -> None:
    since = time.strftime("%Y-%m-%d %H:%M:%S")
    os.ftruncate(handle, 0)
    os.pwrite(handle, json.dumps({"holder": holder, "pid": os.getpid(), "since": since}).encode(), 0)


def _held_by(path: Path) -> str:
    try:
        who = json.loads(path.read_text(encoding="utf-8"))
        return f"calsyncctl {who['holder']} is working on it (pid {who['pid']}, since {who['since']})."
    except (OSError, ValueError, KeyError):
        return f"Another process is working on it ({path.name})."
