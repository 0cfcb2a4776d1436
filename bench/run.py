"""`make bench`: medians of several runs taken in turn, as ratios to yardsticks. Never a pass or a failure.

The yardsticks: a bare loop (requests, json, `executemany` into one table), gcal-sync into its memory, and an empty
Typer program. `--quick` takes fewer and smaller runs.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench import startup  # noqa: E402
from bench.local_google import LocalGoogle, local_google  # noqa: E402

Figures = dict[str, float]
LARGE = 50_000
"""Events from which on fewer rounds must do."""
LONGEST = 300.0
"""Seconds after which one measurement is given up; the others go on."""
AIMS = (
    "aims: first sync ≤ 1.5 × bare, faster than gcal-sync, ≤ 90 MB; idle poll ≤ 5 ms CPU; start ≤ 1.5 × empty; "
    "local Google ≥ 5; 10,000 requests a minute of one core, governed and sent; 95 of 100: to Google < 1 s, from "
    "Google by push channel < 2 s, by a poll < 1 s after it was due"
)


class NotMeasured(Exception):
    """A measurement failed, or took too long; says why."""


def main() -> None:
    quick = "--quick" in sys.argv[1:]
    sizes, rounds, polls, starts = ((2_000,), 3, 50, 5) if quick else ((10_000, 50_000), 5, 100, 15)
    print(f"{'':22}{'seconds':>9}{'× bare':>9}{'CPU s':>9}{'× bare':>9}{'peak MB':>9}")
    with _peer_python() as peer:
        for size in sizes:
            with local_google(size) as google:
                _row(_first_syncs, google, size, rounds if size < LARGE else min(rounds, 3), peer)
                _row(_idle_polls, google, size, polls)
                if size == sizes[0]:
                    _row(_governed, google, polls)
    _row(_latencies, *(10, 10) if quick else (50, 60))
    _row(_sustained, *(500, 10) if quick else (2_900, 60))
    print(f"\n{'':22}{'seconds':>9}{'× empty':>9}")
    for start in startup.measure(starts):
        print(f"{start.what:22}{start.ours:9.3f}{start.ours / start.empty:9.2f}")
    print(f"\n{AIMS}")


def _row(measure: Callable[..., None], *given: object) -> None:
    """Measure and print; what cannot be measured says why, and the next comes."""
    try:
        measure(*given)
    except NotMeasured as error:
        print(f"  not measured: {error}\n")


def _first_syncs(google: LocalGoogle, size: int, rounds: int, peer: str | None) -> None:
    """Take the ways in turn, so that whatever else the machine does hits them alike."""
    ways = {"bare loop": _module("bench.first_sync", "bare"), "calsyncctl": _module("bench.first_sync", "ours")}
    if peer is not None:
        ways["gcal-sync, in memory"] = [peer, str(ROOT / "bench" / "peer.py")]
    _run(ways["bare loop"], google)  # the server answers faster the second time
    runs: dict[str, list[Figures]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way, command in ways.items():
            before = google.cpu()
            figures = _run(command, google)
            runs[way].append({**figures, "server": google.cpu() - before})
    bare = _median(runs["bare loop"])
    print(f"first sync, {size:,} events")
    for way, its_own in runs.items():
        one = _median(its_own)
        compared = f"{one['seconds'] / bare['seconds']:9.2f}{one['cpu']:9.3f}{one['cpu'] / bare['cpu']:9.2f}"
        print(f"  {way:20}{one['seconds']:9.3f}{compared}{one['peak_mb']:9.0f}")
    ours = _median(runs["calsyncctl"])
    print(f"  local Google could feed {ours['cpu'] / ours['server']:.1f} such syncs at once (CPU of ours × its own)")
    if peer is None:
        print("  gcal-sync: not measured (needs Python 3.12 or newer, and pip to fetch it)")


def _idle_polls(google: LocalGoogle, size: int, polls: int) -> None:
    one = _run(_module("bench.idle_poll"), google, str(polls))
    print(f"  idle poll at {size:,}: {1000 * one['cpu']:.1f} ms CPU, {1000 * one['seconds']:.1f} ms")
    print(f"  local Google could answer {one['cpu'] / one['server']:.1f} such pollers at once\n")


def _governed(google: LocalGoogle, polls: int) -> None:
    """Say what the quota budget costs, and how many requests a minute one core could send."""
    one = _run(_module("bench.governed"), google, str(polls))
    print(
        f"  governor: {one['in_hand']:.1f} µs a request from a block, {one['leased']:.0f} µs with a lease; "
        f"idle polls, a lease each: {one['cpu_minute']:,.0f} a minute of one core, {one['minute']:,.0f} sent\n"
    )


def _latencies(calendars: int, rounds: int) -> None:
    """Say how soon a change is on the other side, with the real daemon; never fails."""
    print(f"a daemon with {calendars} calendars, seconds{'median':>12}{'95 of 100':>11}")
    figures = _figures([*_module("bench.latency"), str(calendars), str(rounds)])
    rows = {
        "to_google": "from a commit here until Google has it",
        "from_google": "from Google until here, by push channel",
        "late": "later here than its poll was due",
    }
    for name, what in rows.items():
        print(f"  {what:40}{figures[name]:9.2f}{figures[name + '_95']:11.2f}")


def _sustained(calendars: int, seconds: int) -> None:
    """Say what a daemon on one core keeps up with; never fails."""
    one = _figures([*_module("bench.sustained"), str(calendars), str(seconds)])
    print(f"\na daemon on one core, {one['calendars']:,.0f} calendars asked every 15 seconds, for {seconds} seconds")
    print(
        f"  {one['minute']:,.0f} requests a minute, {100 * one['cpu_share']:.0f} % of the core: "
        f"{60_000 / one['cpu_minute']:.1f} ms CPU each, {one['cpu_minute']:,.0f} a minute of it"
    )
    print(f"  later than due: {one['late']:.2f} s, 95 of 100 within {one['late_95']:.2f} s")
    print(f"  {one['megabytes']:.0f} MB of memory, {one['grown']:+,.0f} KB in that time")


def _module(*words: str) -> list[str]:
    return [sys.executable, "-m", *words]


def _run(command: list[str], google: LocalGoogle, *more: str) -> Figures:
    return _figures([*command, google.root, google.token, google.calendar, *more])


def _figures(command: list[str]) -> Figures:
    """Run a measurement in a process of its own, and return what it prints.

    It is asked to end, not killed, when it takes too long: the sandbox and the daemon under it are to end with it.

    Raises:
        NotMeasured: it failed, or did not end in time.
    """
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            out, err = process.communicate(timeout=LONGEST)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)
            raise NotMeasured(f"it takes longer than {LONGEST:.0f} seconds") from None
    if process.returncode:
        raise NotMeasured(err.strip().splitlines()[-1] if err.strip() else f"it ended with {process.returncode}")
    figures: Figures = json.loads(out)
    return figures


def _median(runs: list[Figures]) -> Figures:
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


@contextlib.contextmanager
def _peer_python() -> Iterator[str | None]:
    """Give a Python that has gcal-sync: this one, or a newer one with an environment made for the occasion."""
    if _works([sys.executable, "-c", "import gcal_sync"]):
        yield sys.executable
        return
    newer = next(
        (path for path in _pythons() if _works([path, "-c", "import sys; sys.version_info >= (3, 12) or 1/0"])), None
    )
    with tempfile.TemporaryDirectory() as folder:
        python = str(Path(folder) / "bin" / "python")
        made = newer is not None and _works([newer, "-m", "venv", folder])
        yield python if made and _works([python, "-m", "pip", "install", "--quiet", "gcal-sync>=8,<9"]) else None


def _pythons() -> Iterator[str]:
    for name in ("python3.13", "python3.12", "python3.14"):
        if found := shutil.which(name):
            yield found
    versions = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser() / "versions"
    yield from (str(path) for path in sorted(versions.glob("3.1[2-9].*/bin/python")))


def _works(command: list[str]) -> bool:
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0


if __name__ == "__main__":
    main()
