"""Clocks that a test moves: one that stands still until then, and the machine's own."""

from __future__ import annotations

from calsyncctl.clock import SystemClock


class Stopwatch(SystemClock):
    """The machine's clock, so many seconds later, and set forward by so many."""

    ahead = 0.0
    forward = 0

    def now(self) -> int:
        return super().now() + int(self.ahead) + self.forward

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead


class StillClock:
    """Fills `calsyncctl.clock.Clock`; sleeping moves it on."""

    def __init__(self, now: int = 1_800_000_000) -> None:
        self.at = float(now)

    def now(self) -> int:
        return int(self.at)

    def monotonic(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds
