"""`python -m tests.soak SECONDS [SEED [PLACE]]`: run it, sum it up, and fail if anything is lost, doubled or leaks.

PLACE is a folder that is to hold everything afterwards: store, logs, requests.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.soak import gauge
from tests.soak.driver import Driver
from tests.soak.timeline import Outcome, Soak
from tests.soak.weather import Clock, Weather
from tests.support.desk import WORK, Desk
from tests.support.run import environment, run
from tests.support.sandbox import Sandbox

CALENDARS = ("Team", WORK)


def main() -> int:
    """Run it, and return the exit code."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 1200.0
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time())
    print(f"soak of {seconds:.0f} seconds, seed {seed}", flush=True)
    with Sandbox(events=60) as google, tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        prepared(google, home)
        clock = Clock(home / "clock")
        weather = Weather(google, clock, seed, every=max(2.0, seconds / 120))
        ids = {name: google.calendar(name) for name in CALENDARS}
        store = home / "calsyncctl" / "default" / "calsyncctl.db"
        driver = Driver(google, ids, environment(home, clock.env), home, store, seed)
        try:
            outcome = Soak(google, home, driver, weather, clock, seed).run(seconds, list(ids.values()))
            told(driver, weather, google, outcome)
        finally:
            driver.close()
        if len(sys.argv) > 3:
            keep(Path(sys.argv[3]), home, google, outcome)
    return 1 if outcome.faults else 0


def keep(place: Path, home: Path, google: Sandbox, outcome: Outcome) -> None:
    """Keep what tells how it came: the profile with its store, the daemons' log, and every request."""
    shutil.copytree(home, place, dirs_exist_ok=True)
    (place / "daemons.log").write_text("\n".join(outcome.log))
    (place / "requests.json").write_text(json.dumps(google.log(), indent=1))


def prepared(google: Sandbox, home: Path) -> None:
    """Enable a profile and connect its account."""
    enabled = run("init", "--sandbox", "--sandbox-address", google.root, "--vault", "file", home=home)
    assert enabled.code == 0, enabled
    desk = Desk(home, google)
    desk.connected(*(word for name in CALENDARS for word in ("--select", name)))


def told(driver: Driver, weather: Weather, google: Sandbox, outcome: Outcome) -> None:
    """Print the summary."""
    grown, noise = gauge.growth(outcome.samples)
    memory = [f"{one.kilobytes / 1024:.1f}" for one in outcome.samples]
    handles = [f"{one.handles}+{one.on_store}" for one in outcome.samples]
    ends = f"the slowest SIGTERM took {outcome.slowest_end:.1f} s"
    print(f"  edits      {counted(driver.books.acts)}")
    print(f"  weather    {counted(weather.counts)}")
    print(f"  restarts   {counted(outcome.restarts)}; {ends}")
    print(f"  requests   {sum(google.requests().values())}")
    print(f"  memory MB  {' '.join(memory)}")
    seconds = outcome.samples[-1].at
    print(f"             in {seconds:.0f} s; {grown:+.0f} KB over the later half, noise {noise:.0f} KB")
    print(f"  handles    {' '.join(handles)} on the store, {outcome.samples[-1].threads} threads")
    print(f"  compared   {outcome.compared} events, the same after {outcome.settled_after:.0f} s")
    for fault in outcome.faults[:40]:
        print(f"  WRONG      {fault}")
    print("nothing lost, nothing doubled, nothing leaked" if not outcome.faults else f"{len(outcome.faults)} faults")


def counted(counts: dict[str, int]) -> str:
    """Say counts in a line."""
    return ", ".join(f"{count} {what}" for what, count in sorted(counts.items())) or "none"


if __name__ == "__main__":
    sys.exit(main())
