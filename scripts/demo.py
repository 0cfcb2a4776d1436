"""`make demo`: calsyncctl's main job on a local Google, over real HTTP, with the installed command.

It signs in to two accounts, chooses five calendars, brings them here, changes things in Google, brings in those
changes and only those, makes an event here, changes it on both sides at once, takes one change back, looks, and
disconnects. Nothing is left behind. What it expects it checks: the exit code is
non-zero if anything differed.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BIN = Path(sys.executable).parent
COMMAND = str(BIN / "calsyncctl")
EVENTS = 2000
WORK, SUPPORT = "work@example.com", "support@example.com"
COLOURED = sys.stdout.isatty() and "NO_COLOR" not in os.environ

APPROVE = """
import sys, urllib.request
urllib.request.urlopen(sys.argv[1], timeout=20).read()
"""
"""Stands in for the browser: the local Google is told below to say yes at once, as a person would by clicking."""


class Difference(Exception):
    """Something is not as it should be."""


def title(text: str) -> None:
    """Announce a step."""
    print(f"\n\033[1m{text}\033[0m" if COLOURED else f"\n{text}", flush=True)


def expect(what: str, found: object, wanted: object) -> None:
    """Check one fact.

    Raises:
        Difference: if it is not so.
    """
    if found != wanted:
        raise Difference(f"{what}: expected {wanted!r}, found {found!r}")


class Google:
    """The local Google's admin side: what a person would do in the web interface, and what it has counted."""

    def __init__(self, info: dict[str, Any]) -> None:
        self.info = info

    def say(self, method: str, path: str, body: object = None) -> Any:
        """Ask the admin endpoint."""
        data = json.dumps(body).encode() if body is not None else None
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.info['admin']}{path}", data, headers, method=method)
        with urllib.request.urlopen(request, timeout=20) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def events(self, calendar: str) -> str:
        """Return the admin path of a calendar's events."""
        return f"/calendars/{urllib.parse.quote(calendar, safe='')}/events"

    def requests(self) -> dict[str, int]:
        """Return the number of requests by method and name since the last reset."""
        counted: dict[str, int] = self.say("GET", "/counters")["requests"]
        return counted


@contextlib.contextmanager
def local_google() -> Iterator[Google]:
    """Run the sandbox for as long as the demo lasts."""
    line = [COMMAND, "sandbox", "serve", "--port", "0", "--events", str(EVENTS)]
    server = subprocess.Popen(line, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        yield Google(json.loads(server.stdout.readline()))
    finally:
        server.terminate()
        server.wait(timeout=20)


class Terminal:
    """A terminal with a home of its own, in which commands are typed."""

    def __init__(self, home: Path) -> None:
        browser = home / "approve.py"
        browser.write_text(APPROVE)
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("CALSYNCCTL_")},
            "CALSYNCCTL_HOME": str(home / "calsyncctl"),
            "BROWSER": f"{shlex.quote(sys.executable)} {shlex.quote(str(browser))} %s",
        }

    def type(self, *words: str, code: int = 0) -> None:
        """Run a command as a person would, on this terminal."""
        print(f"$ calsyncctl {shlex.join(words)}", flush=True)
        done = subprocess.run(
            [COMMAND, *words], env=self._environment, stdin=subprocess.DEVNULL, timeout=120, check=False
        )
        expect(f"exit code of calsyncctl {words[0]}", done.returncode, code)

    def ask(self, *words: str) -> Any:
        """Run a command quietly and return its JSON."""
        line = [COMMAND, "--json", *words]
        done = subprocess.run(line, env=self._environment, capture_output=True, text=True, timeout=120, check=False)
        expect(f"exit code of calsyncctl {shlex.join(words)}, which said {done.stderr!r}", done.returncode, 0)
        return json.loads(done.stdout)


def connect(terminal: Terminal, google: Google) -> int:
    """Sign in to both accounts, choosing every calendar whose events can be read; return how many those are."""
    selected = 0
    for account in google.info["accounts"]:
        google.say("POST", f"/accounts/{account['email']}", {"consent": "allow"})
        names = [one["summary"] for one in account["calendars"] if "holiday" not in one["id"]]
        selects = [word for name in names for word in ("--select", name)]
        terminal.type("connect", "--account", account["email"], *selects)
        selected += len(names)
    return selected


def at(day: datetime.date, hour: int) -> dict[str, str]:
    """Return a time in Google's form."""
    return {"dateTime": f"{day.isoformat()}T{hour:02}:00:00Z", "timeZone": "UTC"}


def prepare(google: Google, day: datetime.date) -> tuple[str, str]:
    """Put two events into Google that will change later; return their admin paths."""
    events = google.events(WORK)
    moved = google.say("POST", events, {"summary": "To be moved", "start": at(day, 11), "end": at(day, 12)})
    gone = google.say("POST", events, {"summary": "To be deleted", "start": at(day, 13), "end": at(day, 14)})
    return f"{events}/{moved['id']}", f"{events}/{gone['id']}"


def change_in_google(google: Google, day: datetime.date, moved: str, gone: str) -> None:
    """Make, move and delete an event, as people do meanwhile."""
    google.say(
        "POST",
        google.events(WORK),
        {"summary": "Made in Google just now", "location": "Room 1", "start": at(day, 9), "end": at(day, 10)},
    )
    google.say("PATCH", moved, {"summary": "Moved in Google", "start": at(day, 15), "end": at(day, 16)})
    google.say("DELETE", gone)


def sync_changes(terminal: Terminal, google: Google, selected: int) -> None:
    """Bring in what changed: one request a calendar, and nothing but the three changes."""
    before = events_held(terminal)
    google.say("POST", "/counters/reset")
    terminal.type("sync")
    expect("requests of an incremental sync", google.requests(), {"GET events.list": selected})
    expect("events here, one made and one deleted", events_held(terminal), before)


def events_held(terminal: Terminal) -> int:
    """Return how many events are here."""
    return sum(one["events"] for one in terminal.ask("calendars", "list"))


def span(day: datetime.date) -> tuple[str, ...]:
    """Return the flags that choose a day."""
    return "--from", day.isoformat(), "--to", day.isoformat(), "--tz", "UTC"


def look(terminal: Terminal, day: datetime.date) -> None:
    """Show the day, and check that it says what Google says."""
    there = {one["summary"]: one for one in terminal.ask("events", "list", "--calendar", WORK, *span(day))}
    expect("place of the new event", there.get("Made in Google just now", {}).get("location"), "Room 1")
    expect("start of the moved event", there.get("Moved in Google", {}).get("start"), f"{day}T15:00:00+00:00")
    expect("old titles", {"To be moved", "To be deleted"} & there.keys(), set())
    terminal.type("events", "list", *span(day))


def make_here(terminal: Terminal, google: Google, day: datetime.date) -> tuple[str, str]:
    """Make an event here, at once in Google; return its key here, and its admin path there."""
    google.say("POST", "/counters/reset")
    terminal.type("events", "add", "Team", "Lunch", "--start", f"{day} 12:00", "--for", "45m", "--tz", "UTC", "--push")
    made = there(google)
    expect("titles in Google's Team calendar", made.get("summary"), "Lunch")
    key = next(one["key"] for one in terminal.ask("events", "list", *span(day)) if one["summary"] == "Lunch")
    return key, f"{google.events(team(google))}/{made['id']}"


def team(google: Google) -> str:
    """Return the id of the calendar “Team”."""
    calendars = [one for account in google.info["accounts"] for one in account["calendars"]]
    found: str = next(one["id"] for one in calendars if one["summary"] == "Team")
    return found


def there(google: Google) -> dict[str, Any]:
    """Return what Google says of the event that was made here."""
    events = google.say("GET", google.events(team(google)))["items"]
    return next((one for one in events if "unch" in one.get("summary", "")), {})


def change_both(terminal: Terminal, google: Google, key: str, path: str) -> None:
    """Give it another title here and a place there: see what a sync would do, let it, and find both on both sides."""
    google.say("PATCH", path, {"location": "Canteen"})
    terminal.type("events", "edit", key, "--title", "Team lunch")
    terminal.type("sync", "--calendar", "Team", "--dry-run")
    expect("title in Google after a dry run", there(google)["summary"], "Lunch")
    terminal.type("sync", "--calendar", "Team")
    expect("both changes in Google", (there(google)["summary"], there(google)["location"]), ("Team lunch", "Canteen"))
    (here,) = (one for one in terminal.ask("events", "list") if one["key"] == key)
    expect("both changes here", (here["summary"], here["location"]), ("Team lunch", "Canteen"))


def take_back(terminal: Terminal, google: Google) -> None:
    """Undo the edit that a person made; what came from Google since stays."""
    (edit, *_) = (one for one in terminal.ask("runs", "list") if one["kind"] == "edit")
    terminal.type("undo", str(edit["id"]), "--push")
    expect("after undoing", (there(google)["summary"], there(google)["location"]), ("Lunch", "Canteen"))


def run(terminal: Terminal, google: Google) -> list[str]:
    """Go through the whole story; return what was seen, a line each."""
    title("1. Enable a profile, aimed at the local Google")
    base = google.info["api_root"]
    terminal.type("init", "--sandbox", "--sandbox-address", base, "--vault", "file")
    title("2. Sign in to two Google accounts and choose calendars; the first sync brings what is there")
    day = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=1)
    moved, gone = prepare(google, day)
    selected = connect(terminal, google)
    expect("calendars selected", selected, 5)
    first = google.requests()["GET events.list"]
    held = events_held(terminal)
    terminal.type("calendars", "list")
    title("3. Meanwhile in Google: an event is made, one moved, one deleted. Sync brings these, and only these")
    change_in_google(google, day, moved, gone)
    sync_changes(terminal, google, selected)
    look(terminal, day)
    title("4. The other way: made here, it is in Google; changed on both sides at once, both changes stay")
    key, path = make_here(terminal, google, day)
    change_both(terminal, google, key, path)
    title("5. Take it back: the edit made here is undone on both sides, the change made in Google stays")
    take_back(terminal, google)
    writes = google.say("GET", "/counters")["writes"]
    terminal.type("sync", "-q")
    expect("writes of one more sync", google.say("GET", "/counters")["writes"], writes)
    title("6. Is all well?")
    terminal.type("status")
    title("7. Disconnect: the access is revoked at Google, the tokens are forgotten")
    for email in (WORK, SUPPORT):
        terminal.type("disconnect", email, "--yes")
    expect("accounts' states", {one["state"] for one in terminal.ask("accounts", "list")}, {"disconnected"})
    expect("events still shown", terminal.ask("events", "list", *span(day)), [])
    return [
        f"{held:,} events of {selected} calendars in 2 accounts came with {first} list requests",
        f"3 changes in Google came with {selected} requests, one a calendar, and nothing else was touched",
        f"1 event made here, edited on both sides and undone cost {writes} writes; one more sync makes none",
        "both accesses are revoked at Google, no secret and no file is left behind",
    ]


def main() -> int:
    """Run the demo, print its one-screen summary, clean up."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="calsyncctl-demo-") as home:
        try:
            with local_google() as google:
                seen = run(Terminal(Path(home)), google)
        except Difference as difference:
            print(f"\nDemo failed. {difference}", file=sys.stderr)
            return 1
    title(f"Done in {time.monotonic() - began:.0f} s: as it should be")
    for line in seen:
        print(f"  ✓ {line}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
