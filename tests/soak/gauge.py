"""Memory and file handles of a process, from /proc, and whether they stay where they are."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
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
SPARE_HANDLES = 20
"""Handles more than before that count as flat: each of the daemon's threads opens the store when it first has work, and
keeps it: three handles (file, log, index). Half a dozen threads may first have work late; a leak goes past that."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One look: seconds since the first, resident memory in KB, open file handles."""

    at: float
    kilobytes: int
    handles: int


def look(pid: int, at: float) -> Sample:
    """Look at a process. Handles are counted three times, since some are open for a moment only."""
    status = Path(f"/proc/{pid}/status").read_text()
    memory = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))
    return Sample(at, memory, min(sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir()) for _ in range(3)))


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
        found.append(f"file handles went from {before} to {after}")
    return found
