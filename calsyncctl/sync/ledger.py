"""The run of one account's pass: opened by the first page that changes something, so that a quiet pass leaves none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from calsyncctl.clock import Clock
from calsyncctl.model.history import Counts
from calsyncctl.store import runs
from calsyncctl.store.db import Store


class Ledger:
    """Gives the run's id to whoever writes in it, and sums what was done."""

    def __init__(self, *, kind: str, author: str, account_id: int | None, clock: Clock) -> None:
        self._kind = kind
        self._author = author
        self._account_id = account_id
        self._clock = clock
        self._draft: int | None = None
        self.run_id: int | None = None
        self.counts = Counts()
        self.mails = 0
        """Writes that asked Google to mail guests."""

    @contextmanager
    def write(self, store: Store) -> Iterator[None]:
        """Hold the store's write lock for the block; a run begun in it stands or falls with it."""
        self._draft = self.run_id
        with store.write():
            yield
        self.run_id = self._draft

    def run(self, store: Store) -> int:
        """Return the run's id, beginning it if need be; inside `write` only."""
        if self._draft is None:
            self._draft = runs.begin_run(
                store, kind=self._kind, author=self._author, account_id=self._account_id, now=self._clock.now()
            )
        return self._draft

    def close(self, store: Store, *, outcome: str, error: str | None) -> None:
        """End the run, if there was one."""
        if self.run_id is None:
            return
        now, counts, mails = self._clock.now(), self.counts, self.mails
        with store.write():
            runs.end_run(store, self.run_id, outcome=outcome, counts=counts, now=now, error=error, mails=mails)
