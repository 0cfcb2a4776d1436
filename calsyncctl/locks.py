"""Locks between processes: flock on a file that names its holder. The kernel frees it when the holder dies.

`lock` is held by one alone, `share` by as many as like: each keeps the other out.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from calsyncctl.errors import ConfigFault, Later
from calsyncctl.machine import cure
from calsyncctl.paths import private_dir

_LOOK_AGAIN = 0.05
"""Seconds between two tries; flock has no waiting with a limit."""
NAME_BYTES = 192
"""How long the name of a holder is in the file, filled up with blanks."""
NAMES_BYTES = 4096
"""How long the list of those who share a lock may grow; cutting it each time would cost milliseconds on ext4."""


@contextmanager
def lock(path: Path, *, holder: str, wait: float) -> Iterator[None]:
    """Hold a lock while the block runs; `holder` says to others who has it (`sync`, `daemon`, …).

    Waits up to `wait` seconds. Two holders in one process exclude each other as well.

    Raises:
        Later: naming the holder, if the lock is still held then.
        ConfigFault: its file cannot be made.
    """
    private_dir(path.parent)
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        cannot = f"The lock {path} cannot be used: {error.strerror}."
        raise ConfigFault(cannot, cure(error, "Check who owns its folder.")) from error
    try:
        _acquire(handle, path, wait)
        with suppress(OSError):  # on a full disk it is held without a name
            _name_holder(handle, holder)
        yield
    finally:
        os.close(handle)  # frees it; the file stays, as removing it would let two holders in


class Share:
    """A part in a lock that others may hold, too; given back by `close`, or with the object, or with the process."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    def close(self) -> None:
        """Give it back; a second time does nothing."""
        handle, self._handle = self._handle, -1
        if handle >= 0:
            os.close(handle)

    def __del__(self) -> None:
        self.close()


def share(path: Path, *, holder: str, wait: float) -> Share:
    """Hold a lock together with others.

    Raises:
        Later: naming the holder, if one process has it for itself and still does after `wait` seconds.
    """
    private_dir(path.parent)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    shared = Share(handle)
    try:
        if os.fstat(handle).st_size > NAMES_BYTES and _taken(handle):  # nobody else: the names of those who died go
            os.ftruncate(handle, 0)
        _acquire(handle, path, wait, _shared)
        with suppress(OSError):  # on a full disk it is held without a name
            os.write(handle, b"\n" + _name(holder))
    except BaseException:
        shared.close()
        raise
    return shared


def _acquire(handle: int, path: Path, wait: float, take: Callable[[int], bool] | None = None) -> None:
    deadline = time.monotonic() + wait
    while not (take or _taken)(handle):
        left = deadline - time.monotonic()
        if left <= 0:
            raise Later(_held_by(path))
        time.sleep(min(_LOOK_AGAIN, left))


def _taken(handle: int) -> bool:
    if sys.platform == "win32":
        return True  # no flock there: one process at a time is the operator's part, the store has its own locks
    import fcntl  # noqa: PLC0415  (not on Windows)

    return _flocked(handle, fcntl.LOCK_EX)


def _shared(handle: int) -> bool:
    if sys.platform == "win32":
        return True
    import fcntl  # noqa: PLC0415  (not on Windows)

    return _flocked(handle, fcntl.LOCK_SH)


def _flocked(handle: int, how: int) -> bool:
    import fcntl  # noqa: PLC0415  (not on Windows)

    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _name_holder(handle: int, holder: str) -> None:
    """Write who has it over who had it: of one length always, since cutting a file costs milliseconds."""
    name = _name(holder).ljust(NAME_BYTES)
    if os.fstat(handle).st_size > len(name):
        os.ftruncate(handle, 0)
    os.pwrite(handle, name, 0)


def _name(holder: str) -> bytes:
    since = time.strftime("%Y-%m-%d %H:%M:%S")
    return json.dumps({"holder": holder, "pid": os.getpid(), "since": since}).encode()


def _held_by(path: Path) -> str:
    try:
        named = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
        living = [one for one in named if _lives(one["pid"])]
        who = max(reversed(living), key=lambda one: bool(one["pid"] != os.getpid()))
        return f"calsyncctl {who['holder']} is working on it (pid {who['pid']}, since {who['since']})."
    except (OSError, ValueError, KeyError, TypeError):
        return f"Another process is working on it ({path.name})."


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's: it lives
        return True
    return True
