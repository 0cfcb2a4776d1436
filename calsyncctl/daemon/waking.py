"""Hearing of local commits: SQLite's `data_version`, asked a few times a second on a connection that only reads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from calsyncctl.errors import CalsyncError
from calsyncctl.store.db import Store
from calsyncctl.store.due import data_version

LOOK = 0.1
"""Seconds between two looks; a look takes some microseconds."""
SETTLE = 0.25
"""Seconds at most that a burst of commits is waited out, so that it is one batch."""
AFTER_TROUBLE = 2.0


class Waker:
    """A thread that calls `woken` with its store soon after anybody's commit."""

    def __init__(
        self,
        open_store: Callable[[], Store],
        woken: Callable[[Store], None],
        failed: Callable[[CalsyncError | Exception], None],
        stop: threading.Event,
    ) -> None:
        self._open_store = open_store
        self._woken = woken
        self._failed = failed
        self._stop = stop
        self._advanced = time.monotonic()
        self._thread = threading.Thread(target=self._watch, name="waker", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    @property
    def silent_for(self) -> float:
        """How many seconds ago it looked last."""
        return time.monotonic() - self._advanced

    def _watch(self) -> None:
        while not self._stop.is_set():
            try:
                with self._open_store() as store:
                    self._look_again_and_again(store)
            except Exception as error:  # locked, full, a bug: told, and tried again
                self._failed(error)
                self._advanced = time.monotonic()
                self._stop.wait(AFTER_TROUBLE)

    def _look_again_and_again(self, store: Store) -> None:
        seen = -1
        while not self._stop.wait(LOOK):
            self._advanced = time.monotonic()
            now = data_version(store)
            if now == seen:
                continue
            seen = self._settled(store, now) if seen >= 0 else now
            self._woken(store)

    def _settled(self, store: Store, version: int) -> int:
        """Wait until nobody commits any more, or long enough; return the version then."""
        deadline = time.monotonic() + SETTLE
        while time.monotonic() < deadline and not self._stop.wait(LOOK / 2):
            before, version = version, data_version(store)
            if version == before:
                break
        return version
