"""What the quota budget costs: `python -m bench.governed ROOT TOKEN CALENDAR POLLS` prints JSON.

The dearest case is polled: each request is another user's, so that each takes a lease of its own from the store.
"""

from __future__ import annotations

import itertools
import json
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import calsyncctl.google.provider  # noqa: F401  (imports are not what is measured)
from bench.engine import prepared
from calsyncctl.clock import SystemClock
from calsyncctl.connections.budget import StoredBudget
from calsyncctl.errors import Later
from calsyncctl.google.governor import Governor
from calsyncctl.model.quota import Cost, Costs, Limits
from calsyncctl.store.db import open_store

LIMITS = Limits(10_000_000, 10_000_000, 1_000_000_000)
WORKERS = 4
"""Threads, as `sync.workers`: each waits for Google on its own."""
POLL = {"poll": Cost(1, 1)}


class Strangers:
    """A gate through which everybody goes but once."""

    most_parts = 50

    def __init__(self, governor: Governor) -> None:
        self._governor = governor
        self._numbers = itertools.count()

    def take(self, costs: Costs, *, urgent: bool = False) -> None:
        """Take it for somebody new."""
        self._governor.take(f"user {next(self._numbers)}", "", costs, urgent=urgent)

    def refused(self, error: Later) -> None:
        """Nothing refuses here."""

    def answered(self, costs: Costs, status: str) -> None:
        """Nobody counts the answers."""


def main() -> None:
    root, token, calendar, polls = *sys.argv[1:4], int(sys.argv[4])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.sqlite"
        governor = Governor(StoredBudget(lambda: open_store(path, any_thread=True), "bench", LIMITS), SystemClock())
        strangers = Strangers(governor)
        runs = [prepared(root, token, calendar, Path(folder) / str(number), strangers) for number in range(WORKERS)]
        for run in runs * 2:
            run()
        wall, cpu = time.perf_counter(), time.process_time()
        with ThreadPoolExecutor(WORKERS) as pool:
            for done in [pool.submit(_polls, run, polls) for run in runs]:
                done.result()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        figures = {
            "minute": 60 * WORKERS * polls / wall,
            "cpu_minute": 60 * WORKERS * polls / cpu,
            "leased": _each(lambda: strangers.take(POLL), 1_000),
            "in_hand": _each(lambda: governor.take("busy", "", POLL), 20_000),
        }
    print(json.dumps(figures))


def _polls(run: Callable[[], object], polls: int) -> None:
    for _ in range(polls):
        run()


def _each(act: Callable[[], None], times: int) -> float:
    """Return the microseconds that one takes."""
    begun = time.perf_counter()
    for _ in range(times):
        act()
    return 1e6 * (time.perf_counter() - begun) / times


if __name__ == "__main__":
    main()
