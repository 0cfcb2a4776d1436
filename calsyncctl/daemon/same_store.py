"""Whether the store is still the file that the daemon opened: a deleted one can be written to for ever, for nobody."""

from __future__ import annotations

from pathlib import Path

from calsyncctl.errors import CalsyncError, Later, StoreFault


class SameStore:
    """Remembers which file it is."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known = self._stamp()

    def fault(self) -> CalsyncError | None:
        """Return what to end with if the file is gone, or another one lies in its place; None while it is the same."""
        try:
            stamp = self._stamp()
        except FileNotFoundError:
            return _gone(self._path)
        except OSError:  # out of reach just now; whoever opens it says so
            return None
        if stamp == self._known:
            return None
        return Later(
            f"Another file lies in the place of the store {self._path}.",
            "Start the daemon again; systemd does it by itself.",
        )

    def _stamp(self) -> tuple[int, int]:
        stat = self._path.stat()
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
        "Put it back, or a backup in its place, or connect the accounts again: calsyncctl connect",
    )
