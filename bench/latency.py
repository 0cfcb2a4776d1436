"""How soon a change is on the other side, with the real daemon: `python -m bench.latency CALENDARS ROUNDS` prints JSON.

All times are of one machine's clock: edits are made in this process, and what the local Google made says when.
"""

from __future__ import annotations

import json
import socket
import sqlite3
import statistics
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from calsyncctl.model.event import Body, Content, When
from calsyncctl.store.calendars import list_calendars
from calsyncctl.store.db import open_store
from calsyncctl.sync.editing.edit import Draft, EditMeans, add_event
from tests.support.daemon import DaemonProcess
from tests.support.desk import WORK, Desk
from tests.support.run import run
from tests.support.sandbox import Sandbox

SOON = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)
LONGEST = 40.0
"""Seconds after which a change counts as lost."""


class Place:
    """A profile with so many calendars at a local Google."""

    def __init__(self, google: Sandbox, home: Path, calendars: int) -> None:
        enabled = run("init", "--sandbox", "--sandbox-address", google.root, "--vault", "file", home=home)
        assert enabled.code == 0, enabled
        self.google = google
        self.desk = Desk(home, google)
        self.names = {f"Room {number}": google.add_calendar(WORK, f"Room {number}") for number in range(calendars)}
        self.desk.connected(*(word for name in self.names for word in ("--select", name)))
        self.store = home / "calsyncctl" / "default" / "calsyncctl.db"
        config = tomllib.loads((home / "calsyncctl" / "default" / "config.toml").read_text())
        self.instance = str(config["instance"])

    def ask(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """Ask the store."""
        with closing(sqlite3.connect(self.store, timeout=10)) as there:
            return there.execute(statement, values).fetchall()

    def made_there(self, name: str, title: str) -> float:
        """Make an event in Google's web pages, and return when Google has it."""
        times = {"start": {"dateTime": SOON.isoformat()}, "end": {"dateTime": (SOON + timedelta(hours=1)).isoformat()}}
        made = self.google.insert(self.names[name], {"summary": title, **times})
        return datetime.fromisoformat(made["updated"]).timestamp()

    def here(self, title: str) -> bool:
        """Tell whether an event is in the store."""
        return bool(self.ask("SELECT 1 FROM event WHERE summary = ?", title))


def to_google(place: Place, rounds: int) -> list[float]:
    """Return the seconds from a commit here until Google has the event."""
    found = []
    for name, number in zip(_turns(place), range(rounds), strict=False):
        title, calendar = f"Here {number}", place.names[name]
        committed = _write_here(place, name, title)
        _until(partial(_has, place, calendar, title), f"“{title}” to Google")
        made = next(one for one in place.google.listed(calendar) if one.get("summary") == title)
        found.append(datetime.fromisoformat(made["updated"]).timestamp() - committed)
    return found


def from_google(place: Place, rounds: int) -> list[float]:
    """Return the seconds from a change in Google until it is here, a push channel telling of it."""
    found = []
    for name, number in zip(_turns(place), range(rounds), strict=False):
        title = f"There {number}"
        made = place.made_there(name, title)
        _until(partial(place.here, title), f"“{title}” from Google")
        found.append(time.time() - made)
    return found


def late_polls(place: Place) -> list[float]:
    """Return by how many seconds later than its calendar was due each of many changes is here, without channels."""
    for name in place.names:  # lively ones are asked every 15 seconds
        place.made_there(name, f"First of {name}")
    begun = time.time()
    with closing(sqlite3.connect(place.store)) as there, there:
        there.execute("UPDATE calendar SET due = 0 WHERE due IS NOT NULL")
    first = "SELECT 1 FROM event WHERE summary LIKE 'First of %'"
    _until(lambda: len(place.ask(first)) == len(place.names), "the first changes")
    _until(lambda: not place.ask("SELECT 1 FROM calendar WHERE due < ?", begun), "the next due times")
    rows = place.ask("SELECT name, due FROM calendar WHERE due IS NOT NULL")
    due = {str(name): float(str(when)) for name, when in rows}
    made = {name: max(place.made_there(name, f"Second of {name}"), due[name]) for name in place.names}
    late: dict[str, float] = {}

    def all_here() -> bool:
        for name in made.keys() - late.keys():
            if place.here(f"Second of {name}"):
                late[name] = time.time() - made[name]
        return len(late) == len(made)

    _until(all_here, "the second changes")
    return list(late.values())


def _write_here(place: Place, name: str, title: str) -> float:
    """Make an event as `events add` does, and return when it was committed."""
    start, end = (moment.isoformat().replace("+00:00", "Z") for moment in (SOON, SOON + timedelta(minutes=45)))
    when = When(start, end, zone="UTC")
    with closing(open_store(place.store)) as store:
        (calendar,) = (one for one in list_calendars(store) if one.name == name)
        means = EditMeans(author="bench", now=int(time.time()), instance=place.instance)
        add_event(store, means, calendar, Draft(content=Content(title, "confirmed", when, Body())))
        return time.time()


def _turns(place: Place) -> Iterator[str]:
    while True:
        yield from place.names


def _has(place: Place, calendar: str, title: str) -> bool:
    return title in _titles(place, calendar)


def _titles(place: Place, calendar: str) -> list[str]:
    return [str(one.get("summary")) for one in place.google.listed(calendar)]


def _until(look: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + LONGEST
    while not look():
        assert time.monotonic() < deadline, f"{what} did not come within {LONGEST:.0f} seconds"
        time.sleep(0.01)


def _figures(seconds: list[float], name: str) -> dict[str, float]:
    ordered = sorted(seconds)
    return {name: statistics.median(ordered), f"{name}_95": ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]}


def main() -> None:
    calendars, rounds = int(sys.argv[1]), int(sys.argv[2])
    with Sandbox(events=20) as google, tempfile.TemporaryDirectory() as folder:
        place = Place(google, Path(folder), calendars)
        with DaemonProcess(place.desk.home):
            figures = {**_figures(late_polls(place), "late"), **_figures(to_google(place, rounds), "to_google")}
        with closing(socket.socket()) as one:
            one.bind(("127.0.0.1", 0))
            port = int(one.getsockname()[1])
        env = {"CALSYNCCTL_DAEMON_PORT": str(port), "CALSYNCCTL_DAEMON_PUBLIC_URL": f"http://127.0.0.1:{port}"}
        with DaemonProcess(place.desk.home, env=env):
            told = "SELECT 1 FROM channel WHERE heard IS NOT NULL"
            _until(lambda: len(place.ask(told)) > calendars, "the channels' first messages")
            figures |= _figures(from_google(place, rounds), "from_google")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
