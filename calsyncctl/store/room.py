"""Whether the store can be worked on again after trouble with it: tried for real, since nothing else tells."""

from __future__ import annotations

import os
import tempfile

from calsyncctl.errors import StoreFault
from calsyncctl.store.db import Store
from calsyncctl.store.meta import drop_meta, set_meta

ROOM = 1 << 20
"""Bytes that must fit beside the store: a small write alone finds room in a file that is there already."""
BUSY = 0.25
"""Seconds that somebody else's write is waited for."""
TRIED = "tried"
"""What is written, and taken away again: both change the file."""


def check_room(store: Store, now: int) -> None:
    """Write to the store, and a larger file beside it that is gone at once.

    `store` is one opened for this: its patience is short from now on.

    Raises:
        StoreFault: it cannot be written, or there is no room for it to grow.
        Later: somebody else writes, and for long.
    """
    store.wait_at_most(BUSY)
    with store.write():
        set_meta(store, TRIED, str(now))
        drop_meta(store, TRIED)
    try:
        with tempfile.TemporaryFile(dir=store.path.parent) as file:
            file.write(os.urandom(ROOM))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise StoreFault(f"There is no room beside the store {store.path}: {error.strerror}.") from error
