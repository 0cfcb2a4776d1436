"""One first sync, in a process of its own: `python -m bench.first_sync WAY ROOT TOKEN CALENDAR EMAIL` prints JSON.

Ways: `ours`, the engine as `calsyncctl sync` runs it; `bare`, a loop of requests, json and `executemany` into one
table; `gcal-sync`, that library into its memory. Only the sync is timed, not the imports.
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


def bare(root: str, token: str, calendar: str, folder: Path) -> int:
    """Read every page and keep a plain row for each item, a transaction a page."""
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


def _row(item: dict[str, object]) -> tuple[object, ...]:
    plain = ("id", "etag", "status", "updated", "summary", "description", "location")
    nested = ("start", "end", "recurrence")
    return (
        *(item.get(name) for name in plain),
        *(json.dumps(item[name]) if name in item else None for name in nested),
        item.get("iCalUID"),
        json.dumps(item["attendees"]) if "attendees" in item else None,
    )


def ours(root: str, token: str, calendar: str, folder: Path) -> int:
    """Sync as the command does, into a store of its own."""
    from bench.engine import prepared

    work = prepared(root, token, calendar, folder)
    return work().counts.new


def gcal_sync(root: str, token: str, calendar: str, folder: Path) -> int:
    """Let gcal-sync fill its memory."""
    import asyncio

    from bench.peer import fill

    return asyncio.run(fill(root, token, calendar))


WAYS: dict[str, Callable[[str, str, str, Path], int]] = {"ours": ours, "bare": bare, "gcal-sync": gcal_sync}


def main() -> None:
    way, root, token, calendar = sys.argv[1:5]
    if way == "bare":
        import requests  # noqa: F401  (imports are not what is measured)
    elif way == "ours":
        import bench.engine
        import calsyncctl.google.provider  # noqa: F401
    else:
        import bench.peer  # noqa: F401
    with tempfile.TemporaryDirectory() as folder:
        wall, cpu = time.perf_counter(), time.process_time()
        count = WAYS[way](root, token, calendar, Path(folder))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MB
    print(json.dumps({"seconds": wall, "cpu": cpu, "peak_mb": peak, "items": count}))


if __name__ == "__main__":
    main()
