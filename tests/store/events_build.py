"""Events and copies for the tests of their tables."""

from __future__ import annotations

from typing import Any

from calsyncctl.model.copy import Copy
from calsyncctl.model.event import Body, Content, Event, EventKind, When
from calsyncctl.store import copies, events
from calsyncctl.store.db import Store

TEA = Content(
    "Tea", "tentative", When("2026-04-15T09:00:00Z", "2026-04-15T10:00:00Z", "UTC"), Body(description="With milk")
)
WEEKLY = Content(
    "Weekly", "confirmed", When("2026-04-15T09:00:00Z", "2026-04-15T10:00:00Z", "UTC", ("RRULE:FREQ=WEEKLY",)), Body()
)
NINE, TEN = 1_776_243_600, 1_776_247_200
"""2026-04-15T09:00:00Z and an hour later."""


def event(calendar_id: int, event_id: int = 1, content: Content | None = TEA, **more: Any) -> Event:
    values: dict[str, Any] = {
        "key": f"{event_id:032x}",
        "kind": EventKind.EVENT,
        "origin": "google",
        "starts": NINE if content else None,
        "ends": TEN if content else None,
        "version": 1,
        "status": content.status if content else "cancelled",
    }
    return Event(id=event_id, calendar_id=calendar_id, content=content, **(values | more))


def keep(store: Store, *kept: Event) -> None:
    """Keep events, each with a copy called `g` and its id."""
    with store.write():
        events.insert_events(store, kept, None)
        copies.insert_copies(store, [copy(one) for one in kept])


def copy(of: Event, **more: Any) -> Copy:
    values: dict[str, Any] = {"id": 0, "google_id": f"g{of.id}", "etag": '"1"', "base_version": 1, "heard": 1}
    return Copy(event_id=of.id, calendar_id=of.calendar_id, **(values | more))
