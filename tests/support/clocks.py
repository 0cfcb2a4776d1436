"""A clock that stands still until a test moves it."""

from __future__ import annotations


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
