"""Noticing that the clock was set, or that the machine slept: wall time against time that never steps."""

from __future__ import annotations

import time

STEP = 5.0
"""Seconds of difference that count as a step; less is the clock being corrected gently."""


class ClockWatch:
    """Compares how far the two clocks went between two looks."""

    def __init__(self, wall: float, monotonic: float) -> None:
        self._offset = wall - monotonic

    def step(self, wall: float, monotonic: float) -> float:
        """Return by how many seconds the wall clock was set since the last look (negative: back), 0.0 if it was not.

        Sleep of the machine looks like a step forward, as it should: what fell due meanwhile is due now.
        """
        step = wall - monotonic - self._offset
        if abs(step) <= STEP:
            return 0.0
        self._offset = wall - monotonic
        return step


def asleep_before() -> float:
    """Return for how many seconds this machine has slept since it was booted; 0.0 where it does not tell.

    CLOCK_MONOTONIC stands still in sleep and CLOCK_BOOTTIME does not (clock_gettime(2), Linux).
    """
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return 0.0 if clock is None else time.clock_gettime(clock) - time.clock_gettime(time.CLOCK_MONOTONIC)
