"""The soak itself: a long life of the daemon that is measured, many short ones, quiet, and then the comparison."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.soak import gauge
from tests.soak.comparing import Side, differences, history, seen_here, seen_there, unsettled
from tests.soak.driver import Driver
from tests.soak.weather import Clock, Weather
from tests.support.daemon import DaemonProcess
from tests.support.sandbox import Sandbox

SAMPLES = 10
WARM_UP, MEASURED = 0.2, 0.65
"""Parts of the time after which the samples begin and end; the restarts come then."""
SETTLE = 240.0
"""Seconds at most until both sides are the same once nothing goes wrong any more."""
BAD_WORDS = ("bug in", "Traceback", "ERROR", "CRITICAL")
ENDS_WITHIN = 5.0
LATE = 2.0
"""Seconds more than that, on a machine that does other things as well."""


@dataclass(slots=True)
class Outcome:
    """What there is to say at the end."""

    faults: list[str] = field(default_factory=list)
    samples: list[gauge.Sample] = field(default_factory=list)
    restarts: dict[str, int] = field(default_factory=dict)
    slowest_end: float = 0.0
    settled_after: float = 0.0
    compared: int = 0
    log: list[str] = field(default_factory=list)


class Soak:
    """One run over one profile."""

    def __init__(self, google: Sandbox, home: Path, driver: Driver, weather: Weather, clock: Clock, seed: int) -> None:
        self.outcome = Outcome()
        self._google, self._home = google, home
        self._driver, self._weather, self._clock = driver, weather, clock
        self._random = random.Random(seed)
        self._calendars: list[str] = []

    def run(self, seconds: float, calendars: list[str]) -> Outcome:
        """Run for so long, and until it is quiet."""
        self._calendars = calendars
        begun = time.monotonic()
        with self._life() as daemon:
            self._work(begun + WARM_UP * seconds)
            start, step = time.monotonic(), (MEASURED - WARM_UP) * seconds / (SAMPLES - 1)
            for number in range(SAMPLES):
                self._work(start + number * step)
                at = time.monotonic() - start
                self.outcome.samples.append(gauge.look(daemon.pid, at, self._driver.store))
            self._end(daemon, signal.SIGTERM)
        while time.monotonic() < begun + seconds:
            with self._life(ready=self._random.random() < 0.7) as daemon:
                self._work(time.monotonic() + self._random.uniform(0, 6))
                self._end(daemon, self._random.choice((signal.SIGTERM, signal.SIGKILL)))
            self._work(time.monotonic() + self._random.uniform(0, 2))
        self._settle()
        self.outcome.faults += gauge.faults(self.outcome.samples)
        return self.outcome

    @contextmanager
    def _life(self, *, ready: bool = True) -> Iterator[DaemonProcess]:
        with DaemonProcess(self._home, env=self._clock.env, ready=ready) as daemon:
            yield daemon
        log = daemon.heard()
        self.outcome.log += log
        self.outcome.faults += [line for line in log if any(word in line for word in BAD_WORDS)]

    def _work(self, until: float) -> None:
        """Edit on both sides until then."""
        while time.monotonic() < until:
            self._weather.tick()
            self._driver.act()
            time.sleep(0.05)  # nobody types faster; nothing is waited for here

    def _end(self, daemon: DaemonProcess, how: signal.Signals) -> None:
        begun = time.monotonic()
        code = daemon.end(how)
        self.outcome.restarts[how.name] = self.outcome.restarts.get(how.name, 0) + 1
        if how is not signal.SIGTERM:
            return
        took = time.monotonic() - begun
        self.outcome.slowest_end = max(self.outcome.slowest_end, took)
        unborn = code == -signal.SIGTERM and not daemon.ready  # it came before the program did
        if (code != 0 and not unborn) or took > ENDS_WITHIN + LATE:
            self.outcome.faults.append(f"SIGTERM: exit code {code} after {took:.1f} s")

    def _settle(self) -> None:
        """Let everything be well, and wait until both sides are the same; what is not by then is a fault."""
        self._weather.clear()
        begun = time.monotonic()
        with self._life() as daemon:
            while (wrong := self._wrong()) and time.monotonic() < begun + SETTLE:
                if not self._clock.env:
                    daemon.all_due()
                time.sleep(1.0)
            self.outcome.settled_after = time.monotonic() - begun
            self._end(daemon, signal.SIGTERM)
        self.outcome.faults += wrong or self._wrong()

    def _wrong(self) -> list[str]:
        store = self._driver.store
        here: Side = {one: seen_here(store, one) for one in self._calendars}
        there: Side = {one: seen_there(self._google.listed(one)) for one in self._calendars}
        self.outcome.compared = sum(map(len, there.values()))
        return [*unsettled(store), *differences(self._driver.books, here, there, history(store))]
