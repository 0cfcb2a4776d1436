"""Time as an argument: the one clock that production passes in, and the protocol that tests fill otherwise."""

from __future__ import annotations

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """Now, progress, and waiting; nothing else in the program looks at the machine's clock."""

    def now(self) -> int:
        """UTC seconds since 1970."""
        ...

    def monotonic(self) -> float:
        """Seconds that never step back."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait; ends early when the process is asked to stop."""
        ...


class SystemClock:
    """The machine's clock; `stop` set ends every wait."""

    def __init__(self, stop: threading.Event | None = None) -> None:
        self._stop = stop or threading.Event()

    def now(self) -> int:
        """Return UTC seconds since 1970."""
        return int(time.time())

    def monotonic(self) -> float:
        """Return seconds that never step back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait, unless asked to stop."""
        self._stop.wait(max(0.0, seconds))
