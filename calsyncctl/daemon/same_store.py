"""Whether the store and the daemon's lock are still the files that it opened.

A deleted store can be written to for ever, for nobody; a deleted lock keeps no second daemon out.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from calsyncctl.errors import CalsyncError, Later, StoreFault

AGAIN = "Start the daemon again; systemd does it by itself."


class SameFile:
    """Remembers which file it is; one that is not there yet is not missed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known = _stamp(path) if path.exists() else None

    def is_there(self) -> bool:
        """Tell whether it is the same file. One that is out of reach just now is: whoever opens it says so.

        Raises:
            FileNotFoundError: it is gone.
        """
        try:
            return self._known in {None, _stamp(self.path)}
        except FileNotFoundError:
            if self._known is None:
                return True
            raise
        except OSError:
            return True


class SameStore:
    """The store, and the lock under which the daemon works on it."""

    def __init__(self, path: Path, lock: Path) -> None:
        self._store = SameFile(path)
        self._lock = SameFile(lock)

    def fault(self) -> CalsyncError | None:
        """Return what to end with if one is gone, or another file lies in its place; None while both are the same."""
        return self._store_fault() or self._lock_fault()

    def _store_fault(self) -> CalsyncError | None:
        path = self._store.path
        try:
            same = self._store.is_there()
        except FileNotFoundError:
            return _gone(path)
        return None if same else Later(f"Another file lies in the place of the store {path}.", AGAIN)

    def _lock_fault(self) -> CalsyncError | None:
        with suppress(FileNotFoundError):
            if self._lock.is_there():
                return None
        return Later(f"The daemon's lock {self._lock.path} was removed: it keeps no second daemon out.", AGAIN)


def _stamp(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_dev, stat.st_ino


def require_store(path: Path) -> None:
    """See that there is a store to begin with: a disk that is not mounted must not be taken for a fresh profile.

    Raises:
        StoreFault: there is none; `init` has made one.
    """
    if not path.exists():
        raise _gone(path)


def _gone(path: Path) -> StoreFault:
    return StoreFault(
        f"The store {path} is gone.",
        "Put it back, or a backup in its place (calsyncctl profile restore FILE), or connect the accounts again: "
        "calsyncctl connect",
    )
