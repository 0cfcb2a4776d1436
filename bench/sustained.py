"""What the daemon can keep up with: `python -m bench.sustained CALENDARS SECONDS` prints JSON.

The real daemon process on one core, and the local Google on another where there is one, with so many calendars that
each is due every 15 seconds: the pace of those that changed just now. The quota's settings are raised, so that Google's
limits are not what is measured; every request still passes the budget in the store.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import tempfile
import threading
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote

from calsyncctl.model.calendar import CalendarKind, Mode
from calsyncctl.store import calendars
from calsyncctl.store.db import open_store
from tests.soak import gauge
from tests.support.daemon import DaemonProcess
from tests.support.desk import Desk
from tests.support.run import run
from tests.support.sandbox import Sandbox

ACCOUNTS = 16
"""And as many workers: each waits for Google on its own, and a core has time for more than four that wait."""
SETTINGS = {
    "CALSYNCCTL_SYNC_WORKERS": str(ACCOUNTS),
    "CALSYNCCTL_QUOTA_PER_MINUTE": "10000000",
    "CALSYNCCTL_QUOTA_PER_USER": "1000000",
    "CALSYNCCTL_QUOTA_PER_DAY": "1000000000",
}
SETTLED = 25.0
"""Seconds of work before the measured ones: each calendar has been asked once or twice."""
LOOK = 0.5
"""Seconds between two looks at when calendars are due."""
LONGEST = 240.0
"""Seconds for the first sync of all of them."""

Dues = dict[str, list[tuple[float, int]]]
"""Calendar -> since when (as far as it was seen) it is due when; both in UTC seconds."""


def made(google: Sandbox, home: Path, count: int) -> Desk:
    """Return a desk with so many calendars that take part, on several accounts, all of them read once."""
    enabled = run("init", "--sandbox", "--sandbox-address", google.root, "--vault", "file", home=home)
    assert enabled.code == 0, enabled
    desk = Desk(home, google, env=dict(SETTINGS))
    for number, email in enumerate(google.accounts):
        for room in range(number, count, len(google.accounts)):
            google.add_calendar(email, f"Room {room}")
        desk.connected("--no-sync", "--select", "primary", email=email)
    with closing(open_store(store_of(desk))) as store, store.write():
        for one in calendars.list_calendars(store, kinds=[CalendarKind.GOOGLE]):
            calendars.select_calendar(store, one.id, Mode.TWO_WAY, int(time.time()))
    first = run("sync", "--quiet", home=home, env=SETTINGS, timeout=LONGEST)
    assert first.code == 0, first
    now = int(time.time())
    with closing(sqlite3.connect(store_of(desk))) as there, there:  # as if all changed just now, for the whole run
        there.execute("UPDATE calendar SET last_change = ?, due = ? + id % 15", (now + 3600, now + 5))
    return desk


def store_of(desk: Desk) -> Path:
    """Return where the profile's store is."""
    return desk.home / "calsyncctl" / "default" / "calsyncctl.db"


def sustained(google: Sandbox, desk: Desk, seconds: float) -> dict[str, float]:
    """Let the daemon work, and return what it did in so many seconds of wall time."""
    ours, others = _cores()
    os.sched_setaffinity(0, ours)  # the daemon inherits it
    with DaemonProcess(desk.home, env=SETTINGS, ready=False) as daemon:
        os.sched_setaffinity(0, others)
        threading.Event().wait(SETTLED)
        dues: Dues = defaultdict(list)
        before, begun, theirs = _cpu(daemon.pid), time.time(), _theirs(google)
        first = gauge.look(daemon.pid, begun, store_of(desk))
        _watch(desk, dues, begun + seconds)
        last = gauge.look(daemon.pid, time.time(), store_of(desk))
        ended, cpu, theirs = time.time(), _cpu(daemon.pid) - before, _theirs(google) - theirs
        polls = [one for one in google.admin("GET", "/log")["requests"] if begun <= one["at"] < ended]
    late = sorted(_lateness(dues, polls))
    took = ended - begun
    return {
        "minute": 60 * len(polls) / took,
        "cpu_share": cpu / took,
        "cpu_minute": 60 * len(polls) / cpu,
        "google_share": theirs / took,
        "late": late[len(late) // 2],
        "late_95": late[int(0.95 * len(late))],
        "calendars": float(len(dues)),
        "megabytes": last.kilobytes / 1024,
        "grown": last.kilobytes - first.kilobytes,
    }


def _cores() -> tuple[set[int], set[int]]:
    """Return the core for the daemon, and those for everything else."""
    all_of_them = sorted(os.sched_getaffinity(0))
    return {all_of_them[0]}, set(all_of_them[1:] or all_of_them)


def _watch(desk: Desk, dues: Dues, until: float) -> None:
    """Note what calendars are due when, until the time is over."""
    with closing(sqlite3.connect(store_of(desk), timeout=10)) as there:
        while time.time() < until:
            now = time.time()
            for name, due in there.execute("SELECT google_id, due FROM calendar WHERE due IS NOT NULL").fetchall():
                seen = dues[name]
                if not seen or seen[-1][1] != due:
                    seen.append((now, due))
            threading.Event().wait(max(0.0, min(LOOK, until - time.time())))


def _lateness(dues: Dues, polls: Sequence[dict[str, object]]) -> list[float]:
    """Return by how many seconds after its calendar was due each poll came, as far as the time is known."""
    found = []
    for one in polls:
        path = str(one["path"])
        if not path.endswith("/events"):
            continue
        seen, at = dues.get(unquote(path.split("/")[-2]), []), float(str(one["at"]))
        place = bisect_left(seen, (at, 0)) - 1
        if place >= 0 and seen[place][1] <= at:
            found.append(at - seen[place][1])
    return found


def _cpu(pid: int) -> float:
    """Return the seconds of CPU that a process used so far."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def _theirs(google: Sandbox) -> float:
    return float(google.counters()["cpu_seconds"])


def main() -> None:
    count, seconds = int(sys.argv[1]), float(sys.argv[2])
    _, others = _cores()
    os.sched_setaffinity(0, others)
    names = tuple(f"people{number}@example.com" for number in range(ACCOUNTS))
    with Sandbox(events=20, accounts=names) as google, tempfile.TemporaryDirectory() as folder:
        print(json.dumps(sustained(google, made(google, Path(folder), count), seconds)))


if __name__ == "__main__":
    main()
