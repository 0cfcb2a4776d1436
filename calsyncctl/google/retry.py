"""When a failed read is tried again, and after how long: pure, the one policy there is.

Writes are never tried again here: the engine reads the event first. What takes longer than a pass can wait is left
to the next pass, which knows from the error when that may be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from calsyncctl.errors import Later, MuchLater


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Full-jitter exponential waits (Google's quota guide asks for exponential back-off), few of them."""

    attempts: int = 3
    """Tries in all, the first included."""
    base: float = 1.0
    cap: float = 32.0
    patience: float = 60.0
    """The longest `Retry-After`, in seconds, that is waited for inside a pass."""

    def wait(self, tried: int, error: Later, random: Callable[[], float]) -> float | None:
        """Return the seconds to wait before the next try after `tried` tries, None to give up.

        `random` gives numbers in [0, 1). A `Retry-After` is a floor: the jitter comes on top of it, so that many
        clients told the same moment do not all come at it.
        """
        if tried >= self.attempts or isinstance(error, MuchLater):
            return None
        asked = error.retry_after or 0.0
        if asked > self.patience:
            return None
        return asked + random() * min(self.cap, self.base * 2.0 ** (tried - 1))
