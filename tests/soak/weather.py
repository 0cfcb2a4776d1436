"""What goes wrong around the daemon: Google's faults, and a clock that somebody sets (never the machine's own)."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

from tests.support.sandbox import WORK, Sandbox

FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)

RULES: tuple[dict[str, object], ...] = (
    {"status": 503, "count": 3},
    {"status": 500, "path": "events.list", "count": 2},
    {"status": 503, "path": "events.insert", "apply": True},
    {"status": 503, "path": "events.patch", "apply": True},
    {"status": 503, "path": "events.delete", "apply": True},
    {"status": 502, "envelope": "html", "path": "events.list", "count": 2},
    {"drop": "before", "count": 2},
    {"drop": "after", "path": "batch"},
    {"drop": "after", "path": "events.insert"},
    {"drop": "after", "path": "events.patch"},
    {"drop": "after", "path": "events.list"},
    {"body": "truncate", "path": "events.list"},
    {"body": "cut", "path": "batch"},
    {"body": "html", "path": "events.patch"},
    {"delay": 3.0, "count": 2},
    {"status": 500, "path": "token"},
    {"status": 412, "reason": "conditionNotMet", "path": "events.patch"},
)
RATES: tuple[dict[str, object], ...] = (
    {"status": 429, "reason": "rateLimitExceeded", "retry_after": 1},
    {"status": 403, "reason": "userRateLimitExceeded", "path": "events.list"},
)
STEPS = (-7200, -600, 3600, 7200, 86400)


class Clock:
    """The clock of daemon and commands, by libfaketime; without it there are no steps."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.offset = 0
        self.set(0)

    @property
    def env(self) -> dict[str, str]:
        """The variables under which a process lives by it."""
        if FAKETIME is None:
            return {}
        return {
            "LD_PRELOAD": str(FAKETIME),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def set(self, offset: int) -> None:
        """Be so many seconds off."""
        self.offset = offset
        draft = self._file.with_suffix(".draft")
        draft.write_text(f"{offset:+}")
        draft.replace(self._file)


class Weather:
    """Lets something go wrong every few seconds; rates are refused seldom, since each refusal is waited out."""

    def __init__(self, google: Sandbox, clock: Clock, seed: int, *, every: float) -> None:
        self._google = google
        self._clock = clock
        self._random = random.Random(seed)
        self._every = every
        self._next = time.monotonic() + every
        self.counts: dict[str, int] = {}

    def tick(self) -> None:
        """Let it happen, if it is time."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + self._every * self._random.uniform(0.5, 1.5)
        kinds: dict[Callable[[], None], int] = {self._fault: 12, self._rates: 1, self._tokens: 2, self._step: 3}
        self._random.choices(list(kinds), list(kinds.values()))[0]()

    def clear(self) -> None:
        """Let the sun shine, and let what was to wait be over."""
        self._google.clear_faults()
        self._clock.set(max(self._clock.offset, 0) + 7200)

    def _fault(self) -> None:
        self._google.fault(**self._random.choice(RULES))
        self._count("faults")

    def _rates(self) -> None:
        self._google.fault(**self._random.choice(RATES))
        self._count("refusals for rates")

    def _tokens(self) -> None:
        if self._random.random() < 0.5:
            self._google.expire_access_tokens(WORK)
        else:
            self._google.expire_sync_tokens(pages=self._random.random() < 0.5)
        self._count("dead tokens")

    def _step(self) -> None:
        if FAKETIME is not None:
            self._clock.set(self._clock.offset + self._random.choice(STEPS))
            self._count("clock steps")

    def _count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1
