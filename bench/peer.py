"""gcal-sync's first sync into its memory: `python peer.py ROOT TOKEN CALENDAR` prints JSON, as first_sync.py does.

Runs by itself under any Python that has gcal-sync (3.12 or newer), which need not be the one that runs the bench.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time

import aiohttp
from gcal_sync.api import GoogleCalendarService
from gcal_sync.auth import AbstractAuth
from gcal_sync.store import InMemoryCalendarStore
from gcal_sync.sync import CalendarEventSyncManager

_MB = 1024 if sys.platform == "linux" else 1024 * 1024


class Still(AbstractAuth):
    """A token that does not end."""

    def __init__(self, session: aiohttp.ClientSession, root: str, token: str) -> None:
        super().__init__(session, f"{root}/calendar/v3")
        self._token = token

    async def async_get_access_token(self) -> str:
        return self._token


async def fill(root: str, token: str, calendar: str) -> int:
    """Sync a calendar and return how many items are in the memory then."""
    async with aiohttp.ClientSession() as session:
        store = InMemoryCalendarStore()
        manager = CalendarEventSyncManager(GoogleCalendarService(Still(session, root, token)), calendar, store)
        await manager.run()
        (kept,) = ((await store.async_load()) or {}).values()
        return len(kept[calendar]["items"])


def main() -> None:
    root, token, calendar = sys.argv[1:4]
    wall, cpu = time.perf_counter(), time.process_time()
    count = asyncio.run(fill(root, token, calendar))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MB
    print(json.dumps({"seconds": wall, "cpu": cpu, "peak_mb": peak, "items": count}))


if __name__ == "__main__":
    main()
