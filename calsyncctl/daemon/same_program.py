"""Whether this version of the program is still the one that is to work: on the store, and in its place on the disk."""

from __future__ import annotations

from pathlib import Path

import calsyncctl
from calsyncctl.daemon.same_store import AGAIN
from calsyncctl.errors import Later
from calsyncctl.store import upgrade
from calsyncctl.store.db import Store
from calsyncctl.store.due import schema_version


class SameProgram:
    """Remembers for which schema of the store that was asked."""

    def __init__(self) -> None:
        self._schema: int | None = None

    def fault(self, store: Store) -> Later | None:
        """Return what to end with if another version of the program has taken over; None while none has."""
        schema = schema_version(store)
        if schema != self._schema:
            self._schema = schema
            if upgrade.newer(store.connection):
                return newer_store()
        on_disk = _installed_version()
        if on_disk in ("", calsyncctl.__version__):
            return None
        return _replaced(f"calsyncctl {on_disk} was installed in the place of this one")


def newer_store() -> Later:
    """Return what ends a daemon whose store a newer version of the program works on."""
    return _replaced("A newer calsyncctl has brought the store to its version")


def _installed_version() -> str:
    """Return the version that stands on the disk, empty if it cannot be read just now."""
    try:
        text = Path(calsyncctl.__file__).read_text(encoding="utf-8")
    except OSError:
        return ""
    return next((line.split('"')[1] for line in text.splitlines() if line.startswith('__version__ = "')), "")


def _replaced(what: str) -> Later:
    return Later(f"{what} ({calsyncctl.__version__}).", AGAIN)
