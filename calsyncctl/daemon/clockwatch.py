"""Noticing that the clock was set, or that the machine slept: wall time against time that never steps. Pure."""

from __future__ import annotations

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
