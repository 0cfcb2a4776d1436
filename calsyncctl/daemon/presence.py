"""Whether a daemon runs for a profile, and what it says of itself: its lock, and a small file that it keeps up to date.

The lock is the truth (the kernel frees it with the process); the file only tells more.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from calsyncctl.errors import CalsyncError, Later
from calsyncctl.locks import lock
from calsyncctl.paths import Paths, write_private

HANDOVER = 2.0
"""Seconds for one that is ending to let go of the lock, as at a restart."""


SILENT = 60
"""Seconds after which a daemon that should have said something stands still."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a running daemon says of itself. Times are UTC seconds."""

    pid: int
    version: str
    since: int
    at: int
    """When it said so."""
    ready: bool = False
    """Whether the first pass is done."""
    enabled: bool = True
    """Whether it works: `sync.enabled`."""
    last_pass: int | None = None
    passes: int = 0
    calendars: int = 0
    waiting: int = 0
    """Changes that wait to be sent."""
    trouble: str | None = None
    """What keeps it from working, if anything does: the store, the disk."""
    hangs: str | None = None
    """What does not advance any more, if anything does not: the daemon is to be started again."""

    notes: tuple[str, ...] = ()
    """What else is wrong with the daemon itself, though it works: its port, its configuration, silent channels."""

    @property
    def wrong(self) -> str | None:
        """What is wrong with the daemon itself, in one sentence."""
        return self.trouble or self.hangs

    def is_silent(self, now: int) -> bool:
        """Tell whether it does not say anything any more, though its process is there."""
        return now - self.at > SILENT


@contextmanager
def hold(paths: Paths) -> Iterator[None]:
    """Be the daemon of a profile while the block runs.

    Raises:
        Later: another one is, naming it.
    """
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(lock(lock_file(paths), holder="daemon run", wait=HANDOVER))
        except Later as error:
            raise Later(
                f"A daemon runs already for the profile “{paths.profile}”{_named(paths)}.",
                "See: calsyncctl daemon status",
            ) from error
        try:
            yield
        finally:
            forget(paths)


def tell(paths: Paths, told: Told) -> None:
    """Keep what the daemon says of itself; a full disk does not stop it.

    Where its folder was removed, it is for nobody: then the profile is, and a folder that came back would be all of it.
    """
    if not paths.state_dir.is_dir():
        return
    text = json.dumps(msgspec.to_builtins(told))
    try:
        write_private(_told_file(paths), text)
    except CalsyncError:
        with contextlib.suppress(OSError):
            _write_over(_told_file(paths), text)


def _write_over(path: Path, text: str) -> None:
    """Write over a file that is there: a full disk has room for what lies where something lay.

    Whoever reads it in between finds half of it, and takes it for nothing said.
    """
    with path.open("r+b", buffering=0) as file:
        written = file.write(text.encode())
        file.truncate(written)


def forget(paths: Paths) -> None:
    """Take back what the daemon said of itself: it ends."""
    with contextlib.suppress(OSError):
        _told_file(paths).unlink(missing_ok=True)


def running(paths: Paths) -> bool:
    """Tell whether a daemon holds the profile; nothing is created by looking."""
    if sys.platform == "win32":
        return _told_file(paths).exists()
    import fcntl  # noqa: PLC0415  (not on Windows)

    try:
        handle = os.open(lock_file(paths), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False


def told(paths: Paths) -> Told | None:
    """Return what the running daemon says of itself; None if none runs, or it has not said anything yet."""
    if not running(paths):
        return None
    try:
        return msgspec.json.decode(_told_file(paths).read_bytes(), type=Told)
    except (OSError, msgspec.DecodeError):
        return None


def in_words(paths: Paths, now: int) -> str | None:
    """Say in a few words how a profile's daemon stands now; None if none runs."""
    if not running(paths):
        return None
    said = told(paths)
    if said is None or not (said.ready or said.wrong):
        return "begins"
    if said.is_silent(now):
        return f"has said nothing for {now - said.at} seconds (see daemon status)"
    if not said.enabled:
        return "rests, sync.enabled is false"
    return said.wrong or "at work"


def lock_file(paths: Paths) -> Path:
    """Return the file whose lock says that a daemon runs."""
    return paths.locks_dir / "daemon.lock"


def _told_file(paths: Paths) -> Path:
    return paths.state_dir / "daemon.json"


def _named(paths: Paths) -> str:
    """Name who holds it, as far as it is known."""
    try:
        who = json.loads(lock_file(paths).read_text(encoding="utf-8"))
        return f" (pid {who['pid']}, since {who['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        return ""
