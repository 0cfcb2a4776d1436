"""Drives gcal-sync (the library under Home Assistant) against a sandbox; prints what it holds after each step as JSON.

Runs under its own Python (gcal-sync needs 3.12). Arguments: API root, admin address, access token, calendar id.
"""

from __future__ import annotations

import asyncio
import json
import sys
import urllib.request
from typing import Any

import aiohttp
from gcal_sync.api import GoogleCalendarService
from gcal_sync.auth import AbstractAuth
from gcal_sync.model import DateOrDatetime, Event
from gcal_sync.store import InMemoryCalendarStore
from gcal_sync.sync import CalendarEventSyncManager, CalendarListSyncManager

ROOT, ADMIN, TOKEN, CALENDAR = sys.argv[1:5]


class Auth(AbstractAuth):  # type: ignore[misc,unused-ignore]  # absent on Python 3.11
    """Gives out the token that the test signed in for."""

    async def async_get_access_token(self) -> str:
        return TOKEN


def admin(method: str, path: str, body: dict[str, Any]) -> Any:
    """Change something as the user in Google's web pages."""
    request = urllib.request.Request(ADMIN + path, json.dumps(body).encode(), method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read() or b"{}")


async def held(manager: CalendarEventSyncManager) -> list[str]:
    """Synchronise, and return the titles of everything that is not cancelled."""
    await manager.run()
    events = (await manager.store_service.async_list_events(_all())).events
    return sorted(f"{event.summary}" for event in events)


def _all() -> Any:
    from datetime import UTC, datetime

    from gcal_sync.api import LocalListEventsRequest

    return LocalListEventsRequest(
        start_time=datetime(2020, 1, 1, tzinfo=UTC), end_time=datetime(2027, 12, 31, tzinfo=UTC)
    )


async def main() -> None:
    """Full, incremental, expired token, write, delete."""
    steps: dict[str, Any] = {}
    async with aiohttp.ClientSession() as session:
        service = GoogleCalendarService(Auth(session, f"{ROOT}/calendar/v3"))
        store = InMemoryCalendarStore()
        lists = CalendarListSyncManager(service, store=store)
        await lists.run()
        calendars = (await lists.store_service.async_list_calendars()).calendars
        steps["calendars"] = sorted(str(calendar.summary) for calendar in calendars)
        manager = CalendarEventSyncManager(service, CALENDAR, store=store)
        steps["full"] = len(await held(manager))
        path = f"/calendars/{CALENDAR}/events"
        moments = {"start": {"dateTime": "2026-11-23T10:00:00Z"}, "end": {"dateTime": "2026-11-23T11:00:00Z"}}
        made = admin("POST", path, {"summary": "From the web", **moments})
        steps["incremental"] = [title for title in await held(manager) if title == "From the web"]
        admin("POST", "/tokens/expire", {"calendar": CALENDAR})
        steps["after an expired token"] = len(await held(manager))
        admin("DELETE", f"{path}/{made['id']}", {})
        steps["after a deletion"] = [title for title in await held(manager) if title == "From the web"]
        start, end = (DateOrDatetime.model_validate(moments[name]) for name in ("start", "end"))
        await service.async_create_event(CALENDAR, Event(summary="By gcal-sync", start=start, end=end))
        steps["after a write"] = [title for title in await held(manager) if title == "By gcal-sync"]
    sys.stdout.write(json.dumps(steps))


asyncio.run(main())
