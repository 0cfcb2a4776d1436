"""Memory and file handles of a process, from /proc, and whether they stay where they are."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

SPREADS = 3.0
"""Growth within so many spreads of the samples around their line is noise."""
NOISE = 0.08
"""And so is growth by this part of the memory: a dozen threads have a connection to the store each, whose cache fills
over many minutes, up to 2 MB, while the soak's store grows, and what comes late for the first time (a comparison at
night) loads its modules. What is seen for certain is some 10 KB lost a request; `make bench` looks closer."""
LATER = 0.5
"""Only the later samples count, from this part on: caches fill and are full then, a leak goes on for ever."""
SPARE_HANDLES = 2
"""Handles more than before that count as flat, the store's left out: a connection that is just being opened."""
STORE_HANDLES = 3
"""Handles on the store that a thread of the process stands for: each keeps the store open once it has had work, some
late; a connection has the file and its log open, all of a process one index, and the quota's is nobody's own."""
BESIDE = ("", "-wal", "-shm")
"""How the names of the store's files end: itself, its log, its index."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One look: seconds since the first, resident memory in KB, open handles on the store and on all else, threads."""

    at: float
    kilobytes: int
    handles: int
    on_store: int = 0
    threads: int = 1


def look(pid: int, at: float, store: Path) -> Sample:
    """Look at a process that has the store open. Handles are counted three times: some are open for a moment only."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    counts = [handles(pid, store) for _ in range(3)]
    memory, threads = (int(status[name].split()[0]) for name in ("VmRSS", "Threads"))
    return Sample(at, memory, min(others for _, others in counts), min(own for own, _ in counts), threads)


def handles(pid: int, store: Path) -> tuple[int, int]:
    """Count the open handles of a process: those on the store's files, and all others."""
    files = {str(store.resolve()) + ending for ending in BESIDE}
    own = others = 0
    for handle in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # it was closed since
            where = str(handle.readlink()).removesuffix(" (deleted)")
            own, others = (own + 1, others) if where in files else (own, others + 1)
    return own, others


def slope(samples: Sequence[Sample]) -> float:
    """Return the growth in KB a second: the median of the slopes between any two samples (Theil and Sen)."""
    return statistics.median((b.kilobytes - a.kilobytes) / (b.at - a.at) for a, b in combinations(samples, 2))


def growth(samples: Sequence[Sample]) -> tuple[float, float]:
    """Return by how many KB it grew over the later samples, and how much of that would be noise."""
    later = samples[int(LATER * len(samples)) :]
    steep = slope(later)
    off = [one.kilobytes - steep * one.at for one in later]
    middle = statistics.median(off)
    spread = 1.4826 * statistics.median(abs(one - middle) for one in off)
    seconds = later[-1].at - later[0].at
    return steep * seconds, max(SPREADS * spread, NOISE * statistics.median(one.kilobytes for one in samples))


def faults(samples: Sequence[Sample]) -> list[str]:
    """Say what does not stay where it is."""
    found = []
    grown, noise = growth(samples)
    if grown > noise:
        found.append(f"memory grew by {grown:.0f} KB, and only {noise:.0f} KB would be noise")
    half = len(samples) // 2
    before, after = (max(one.handles for one in part) for part in (samples[:half], samples[half:]))
    if after > before + SPARE_HANDLES:
        found.append(f"file handles went from {before} to {after}, the store's not counted")
    found += [
        f"{one.on_store} handles on the store, {one.threads} threads"
        for one in samples
        if one.on_store > STORE_HANDLES * one.threads
    ][:1]
    return found
