"""Writes for tests: an hour of tea, what to do to it, and how it reads afterwards."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from calsyncctl.ids import google_id
from calsyncctl.model.copy import RemoteEvent, Tag
from calsyncctl.model.event import Attendee, Body, Content, When
from calsyncctl.sync.provider import Answer, Insert, Patch, Write
from tests.support.worlds import ZONE, World

HOUR = When("2026-04-15T09:00:00+02:00", "2026-04-15T10:00:00+02:00", ZONE)
DAILY = replace(HOUR, recurrence=("RRULE:FREQ=DAILY;COUNT=5",))
DAY = When("2026-04-15", "2026-04-16")
GUEST = Attendee("guest@example.org", reply="accepted")
ID = google_id("instance", "key", "calendar", 0)
THIRD = f"{ID}_20260417T070000Z"
"""The third occurrence of the daily series."""


def content(summary: str = "Tea", when: When = HOUR, **body: Any) -> Content:
    return Content(summary, "confirmed", when, Body(**body))


def insert(said: Content | None = None, *, name: str = ID, **more: Any) -> Insert:
    return Insert(google_id=name, content=said or content(), tag=Tag("instance", "key", name), **more)


def patch(before: RemoteEvent, after: Content, *fields: str, **more: Any) -> Patch:
    """Patch what was read, under its etag."""
    return Patch(
        google_id=before.google_id,
        etag=before.etag,
        before=before.content,
        after=after,
        fields=frozenset(fields),
        **more,
    )


def write(world: World, one: Write) -> Answer:
    (answer,) = world.me.write_events(world.calendar, (one,))
    return answer


def made(world: World, said: Content | None = None, **more: Any) -> RemoteEvent:
    """Insert an event and return it as it was answered."""
    answer = write(world, insert(said, **more))
    assert answer.error is None
    assert answer.event is not None
    return answer.event


def changed(world: World, one: Patch) -> RemoteEvent:
    """Patch an event and return it as it was answered."""
    answer = write(world, one)
    assert answer.error is None
    assert answer.event is not None
    return answer.event


def read(world: World, name: str = ID) -> RemoteEvent | None:
    return world.me.get_events(world.calendar, (name,))[name]


def said(event: RemoteEvent | None) -> Content:
    assert event is not None
    assert event.content is not None
    return event.content


def listed(world: World) -> dict[str, RemoteEvent]:
    """Return what a full listing shows, at most 20 pages of it."""
    found: dict[str, RemoteEvent] = {}
    page: str | None = None
    for _ in range(20):
        answer = world.me.list_events(world.calendar, cursor=None, page=page)
        found |= {event.google_id: event for event in answer.items}
        page = answer.next_page
        if page is None:
            return found
    raise AssertionError("the pages do not end")


def names_of(count: int) -> list[str]:
    return [google_id("instance", f"key {number}", "calendar", 0) for number in range(count)]
