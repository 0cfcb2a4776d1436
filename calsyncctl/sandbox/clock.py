"""The sandbox's clock: real time plus an offset that tests may set; no two writes share a millisecond."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(slots=True)
class Clock:
    """Tells the time to everything in the sandbox."""

    offset: float = 0.0
    _last: int = 0

    def seconds(self) -> float:
        """Return seconds since 1970."""
        return time.time() + self.offset

    def now(self) -> datetime:
        """Return the time as an aware datetime."""
        return datetime.fromtimestamp(self.seconds(), UTC)

    def next_micros(self) -> int:
        """Return microseconds since 1970 in whole milliseconds, later than any value returned before."""
        self._last = max(int(self.seconds() * 1000) * 1000, self._last + 1000)
        return self._last
