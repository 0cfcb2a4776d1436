"""One first sync, in a process of its own: `python -m bench.first_sync WAY ROOT TOKEN CALENDAR` prints JSON.

Ways: `ours`, the engine as `calsyncctl sync` runs it; `bare`, a loop of requests, json and `executemany` into one
table. Both are durable page by page. Only the sync is timed, not what comes before it.
"""

from __future__ import annotations

import json
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

PAGE = 2500
_MB = 1024 if sys.platform == "linux" else 1024 * 1024


def bare(root: str, token: str, calendar: str, folder: Path) -> Callable[[], int]:
    """Return a loop that reads every page and keeps a plain row for each item, a transaction a page."""
    import requests

    connection = sqlite3.connect(folder / "bare.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(
        "CREATE TABLE item (id TEXT PRIMARY KEY, etag, status, updated, summary, description, location, start, "
        '"end", recurrence, ical_uid, attendees)'
    )
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {token}"
    url = f"{root}/calendar/v3/calendars/{quote(calendar, safe='')}/events"

    def run() -> int:
        asked: dict[str, str] = {"maxResults": str(PAGE), "singleEvents": "false", "showDeleted": "true"}
        count = 0
        while True:
            page = session.get(url, params=asked, timeout=60).json()
            rows = [_row(item) for item in page["items"]]
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(f"INSERT OR REPLACE INTO item VALUES ({', '.join('?' * 12)})", rows)
            connection.execute("COMMIT")
            count += len(rows)
            if "nextPageToken" not in page:
                connection.close()
                return count
            asked["pageToken"] = page["nextPageToken"]

    return run


def _row(item: dict[str, object]) -> tuple[object, ...]:
    plain = ("id", "etag", "status", "updated", "summary", "description", "location")
    nested = ("start", "end", "recurrence")
    return (
        *(item.get(name) for name in plain),
        *(json.dumps(item[name]) if name in item else None for name in nested),
        item.get("iCalUID"),
        json.dumps(item["attendees"]) if "attendees" in item else None,
    )


def ours(root: str, token: str, calendar: str, folder: Path) -> Callable[[], int]:
    """Return a sync as the command does it, into a store of its own."""
    from bench.engine import prepared

    run = prepared(root, token, calendar, folder)
    return lambda: run().counts.new


WAYS: dict[str, Callable[[str, str, str, Path], Callable[[], int]]] = {"ours": ours, "bare": bare}


def main() -> None:
    way, root, token, calendar = sys.argv[1:5]
    with tempfile.TemporaryDirectory() as folder:
        # Making an empty store, sessions and clients is not what is measured.
        run = WAYS[way](root, token, calendar, Path(folder))
        wall, cpu = time.perf_counter(), time.process_time()
        count = run()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MB
    print(json.dumps({"seconds": wall, "cpu": cpu, "peak_mb": peak, "items": count}))


if __name__ == "__main__":
    main()
