"""The stage of a rehearsal: a provider whose reads are real and whose writes are only remembered, and answered.

Before a write is answered, the item that it is about is read: so a write that Google would refuse over its etag, or an
id that is taken, is answered as Google would. Later reads show what was "written". Rights, quotas and what Google makes
of texts cannot be rehearsed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from itertools import count
from typing import Final

from msgspec.structs import replace

from calsyncctl.errors import CalsyncError, Gone, Outdated, Taken
from calsyncctl.model.copy import RemoteEvent
from calsyncctl.model.event import Content
from calsyncctl.model.fields import value_of, with_fields
from calsyncctl.sync.canonical import GOOGLES
from calsyncctl.sync.planning.following import following
from calsyncctl.sync.provider import Answer, CalendarsPage, Delete, EventsPage, Insert, Patch, Provider, Write

OURS: Final = "rehearsed-"
"""How the etags begin that no Google gave."""
_MEET: Final = "rehearsed"

Noted = Callable[[str, Write, RemoteEvent | None], None]
"""Told each write that would be carried out: calendar, write, and the item as it was."""


class Stage:
    """What Google would say after the writes of a rehearsal; shared by its accounts, safe between threads."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, str], RemoteEvent] = {}
        self._before: dict[tuple[str, str], RemoteEvent] = {}
        self._touched: set[tuple[str, str]] = set()
        self._numbers = count(1)
        self._guard = threading.Lock()

    def etag(self) -> str:
        """Return a new etag."""
        with self._guard:
            return f"{OURS}{next(self._numbers)}"

    def tell(self, calendar: str, item: RemoteEvent, before: RemoteEvent | None) -> None:
        """Let an item be as it would be after a write; `before` it was as given."""
        with self._guard:
            self._told[calendar, item.google_id] = item
            if before is not None and before.content is not None:
                self._before.setdefault((calendar, item.google_id), before)

    def has_touched(self, calendar: str, google_id: str) -> bool:
        """Tell whether an item was told as it would be after a write, not as Google says it."""
        with self._guard:
            return (calendar, google_id) in self._touched or (calendar, google_id) in self._told

    def told(self, calendar: str) -> list[RemoteEvent]:
        """Return what was written on a calendar, series before exceptions."""
        with self._guard:
            found = [item for (where, _), item in self._told.items() if where == calendar]
        return sorted(found, key=lambda item: item.master is not None)

    def now(self, calendar: str, google_id: str, item: RemoteEvent | None) -> RemoteEvent | None:
        """Return an item as it would be now: `item` as Google says it, unless it, or its series, was written."""
        master = item.master if item is not None else google_id.rpartition("_")[0]
        with self._guard:
            written = self._told.get((calendar, google_id))
            series = self._told.get((calendar, master or ""))
            before = self._before.get((calendar, master or ""))
            if written is not None or series is not None:
                self._touched.add((calendar, google_id))
        if written is not None or series is None:
            return written or item
        return following(series, before, google_id, item)


class Rehearsed:
    """A provider on the stage."""

    def __init__(self, provider: Provider, stage: Stage, noted: Noted) -> None:
        self._provider = provider
        self._stage = stage
        self._noted = noted

    @property
    def query(self) -> str:
        """Return the fingerprint of the real provider."""
        return self._provider.query

    def urgent(self) -> AbstractContextManager[None]:
        """Let reads go before others."""
        return self._provider.urgent()

    def list_calendars(self, cursor: str | None) -> CalendarsPage:
        """Read the calendar list."""
        return self._provider.list_calendars(cursor)

    def list_events(self, calendar: str, *, cursor: str | None, page: str | None) -> EventsPage:
        """Read a page; the last one tells also what was written."""
        answer = self._provider.list_events(calendar, cursor=cursor, page=page)
        written = self._stage.told(calendar)
        if not written:
            return answer
        names = {item.google_id for item in written}
        items = [self._stage.now(calendar, one.google_id, one) for one in answer.items if one.google_id not in names]
        shown = [item for item in items if item is not None]
        events = (*shown, *written) if answer.next_page is None else tuple(shown)
        return EventsPage(events, answer.odd, answer.next_page, answer.cursor, answer.access, answer.zone)

    def get_events(self, calendar: str, google_ids: tuple[str, ...]) -> dict[str, RemoteEvent | None]:
        """Read single events."""
        answers = self._provider.get_events(calendar, google_ids)
        return {name: self._stage.now(calendar, name, item) for name, item in answers.items()}

    def has_calendar(self, calendar: str) -> bool:
        """Ask for the calendar."""
        return self._provider.has_calendar(calendar)

    def write_events(self, calendar: str, writes: tuple[Write, ...]) -> tuple[Answer, ...]:
        """Remember writes and answer as Google would."""
        try:
            standing = self.get_events(calendar, tuple(write.google_id for write in writes))
        except CalsyncError as error:
            return tuple(Answer(error=error) for _ in writes)
        return tuple(self._write(calendar, write, standing[write.google_id]) for write in writes)

    def _write(self, calendar: str, write: Write, item: RemoteEvent | None) -> Answer:
        error = refusal(write, item)
        if error is not None:
            return Answer(error=error)
        gone = item is None or item.content is None
        if gone and isinstance(write, Delete):
            self._noted(calendar, write, item)  # the pass asks for it all the same
            return Answer()
        if gone and isinstance(write, Patch) and not _revives(write):
            return Answer(event=item)
        self._noted(calendar, write, item)
        made = written(write, item, calendar, self._stage.etag())
        self._stage.tell(calendar, made, item)
        return Answer(event=None if isinstance(write, Delete) else made)


def refusal(write: Write, item: RemoteEvent | None) -> CalsyncError | None:
    """Return why Google would not carry a write out, as far as the item tells."""
    if isinstance(write, Insert):
        return Taken("The id is taken.") if item is not None else None
    if item is None:
        return Gone("It is not there.") if isinstance(write, Patch) else None
    if write.etag is not None and write.etag != item.etag and (item.content is not None or isinstance(write, Patch)):
        return Outdated("It was changed meanwhile.")
    return None


def written(write: Write, item: RemoteEvent | None, calendar: str, etag: str) -> RemoteEvent:
    """Return an item as a write would leave it, as far as this side can tell."""
    if isinstance(write, Insert):
        return RemoteEvent(
            google_id=write.google_id,
            etag=etag,
            updated="",
            content=_inserted(write, calendar),
            ical_uid=f"{write.google_id}@google.com",
            tag=write.tag,
            extra=write.extra,
        )
    assert item is not None
    if isinstance(write, Delete):
        return replace(item, content=None, etag=etag, updated="")
    return replace(item, content=_patched(write, item.content), tag=write.tag or item.tag, etag=etag, updated="")


def _revives(write: Patch) -> bool:
    return write.revive or ("status" in write.fields and write.etag is None)


def _inserted(write: Insert, calendar: str) -> Content:
    guests = write.content.body.attendees if write.guests else ()
    body = replace(
        write.content.body,
        attendees=guests,
        organizer=calendar,
        organizer_self=True,
        meet=_MEET if write.meet else write.content.body.meet,
    )
    return replace(write.content, body=body)


def _patched(write: Patch, before: Content | None) -> Content:
    if before is None:
        return write.after
    return with_fields(before, {field: value_of(write.after, field) for field in sent(write)})


def sent(write: Patch) -> Iterable[str]:
    """Return the fields that a patch really sends, sorted."""
    unsent = set(GOOGLES)
    if not write.guests or write.after.body.attendees_omitted:
        unsent.add("attendees")
    return sorted(write.fields - unsent)
