"""The quota budget of one OAuth client, kept in the store: what all processes of the profile lease from.

`google/governor.py` asks it before a request leaves; that side knows no store, this one no Google.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress

from calsyncctl.errors import CalsyncError
from calsyncctl.model.quota import SLOT, SLOTS, Lease, Limits, Used, Wish
from calsyncctl.store import spend
from calsyncctl.store.db import Store


class StoredBudget:
    """Fills `model.quota.Budget`; its store is opened at the first lease and used under the governor's lock."""

    def __init__(self, open_store: Callable[[], Store], client: str, limits: Limits) -> None:
        self._open_store = open_store
        self.client = client
        self.limits = limits
        """What may be spent; whoever reads other settings puts others in its place."""
        self._opened: Store | None = None
        self._swept = 0

    def lease(self, wish: Wish, settled: Sequence[Used], now: int) -> Lease:
        """Lease a block, after accounting for blocks that are done with: one short transaction."""
        store = self._store()
        with store.write():
            if abs(now - self._swept) > SLOT * SLOTS:
                spend.sweep(store, now)
                self._swept = now
            spend.settle(store, self.client, settled)
            return spend.lease(store, self.client, wish, self.limits, now)

    def settle(self, settled: Sequence[Used], now: int) -> None:
        """Account for blocks that are done with."""
        store = self._store()
        with store.write():
            spend.settle(store, self.client, settled)

    def rest(self, user: str, *, asked: float | None, jitter: float, reason: str, now: int) -> None:
        """Note that Google refused for its rates; a store that cannot be written does not hide why."""
        store = self._store()
        with suppress(CalsyncError), store.write():
            spend.rest(store, self.client, user, asked=asked, jitter=jitter, reason=reason, now=now)

    def wait_at_most(self, seconds: float) -> None:
        """Wait so long for another process that writes, from now on; called when nobody leases any more."""
        if self._opened is not None:
            self._opened.wait_at_most(seconds)

    def close(self) -> None:
        """Close the store, if it was opened."""
        if self._opened is not None:
            with suppress(sqlite3.Error):
                self._opened.close()
            self._opened = None

    def _store(self) -> Store:
        if self._opened is None:
            self._opened = self._open_store()
        return self._opened
