"""What the Google in memory holds, and how a change of it comes about: by a user's hand, or by a program's write.

Every change is a step of the service: etags and `updated` count steps. A tombstone keeps what it said while it was
alive, and an id is taken for ever.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeGuard

import msgspec

from calsyncctl.errors import Refused
from calsyncctl.model.calendar import RemoteCalendar
from calsyncctl.model.copy import RemoteEvent, Tag
from calsyncctl.model.event import Content
from calsyncctl.sync.provider import Delete, Insert, OddItem, Patch, Write
from tests.support import memory_writing as writing

BEGINNING = 1_767_225_600
"""2026-01-01T00:00:00Z, the service's first second."""


@dataclass
class Placed:
    """One item of a calendar: its state, and the step of the service at which it came to be so."""

    item: RemoteEvent | OddItem
    step: int
    listed: bool = True
    """False: left out of listings though a `get` finds it, as in a cut answer."""
    details: RemoteEvent | None = None
    """What a tombstone said while it was alive."""


@dataclass
class Calendar:
    entry: RemoteCalendar
    step: int
    roles: dict[str, str]
    placed: dict[str, Placed] = field(default_factory=dict)
    listed_by: dict[str, int] = field(default_factory=dict)
    """Account -> step at which its list entry changed last."""
    era: int = 0
    """Raised when its sync tokens die."""
    taken: set[str] = field(default_factory=set)
    """Every id that there ever was."""


class Items:
    """The calendars' items. `MemoryGoogle` adds all else that the service is."""

    def __init__(self) -> None:
        self.habits = writing.Habits()
        self.mails: list[writing.Mail] = []
        self._calendars: dict[str, Calendar] = {}
        self._step = 0
        self._pending: set[str] = set()

    def put(self, calendar: str, item: RemoteEvent | OddItem) -> RemoteEvent | OddItem:
        """Make or change an item; `etag` and `updated` are the service's own, whatever `item` says."""
        step = self._tick()
        if isinstance(item, RemoteEvent):
            item = msgspec.structs.replace(item, etag=f'"{step}"', updated=self.stamp(step))
        self._place(self._calendars[calendar], Placed(item, step))
        return item

    def put_as_is(self, calendar: str, item: RemoteEvent) -> None:
        """Make or change an item with the etag and `updated` that it has: for stale reads."""
        self._place(self._calendars[calendar], Placed(item, self._tick()))

    def delete(self, calendar: str, google_id: str, *, exceptions: bool = False) -> None:
        """Delete an item; a tombstone with little more than its id stays until `bury`.

        Of a series its `exceptions` too; they are left for the reader to conclude otherwise.
        """
        found = self._calendars[calendar]
        self._kill(found, google_id)
        if exceptions:
            self._kill_exceptions(found, google_id)

    def read(self, calendar: str, google_id: str) -> RemoteEvent | None:
        """Return an item as it is, None if it is not there."""
        placed = self._calendars[calendar].placed.get(google_id)
        return placed.item if placed is not None and isinstance(placed.item, RemoteEvent) else None

    def find(self, calendar: str, google_id: str) -> RemoteEvent | None:
        """Return an item as a program reads it: an occurrence that nobody touched says what its series says."""
        placed = self._find(self._calendars[calendar], google_id)
        return placed.item if placed is not None and isinstance(placed.item, RemoteEvent) else None

    def alive(self, calendar: str) -> dict[str, RemoteEvent]:
        """Return the events that are not deleted, by id."""
        found = (one.item for one in self._calendars[calendar].placed.values())
        return {one.google_id: one for one in found if isinstance(one, RemoteEvent) and one.content is not None}

    def graves(self, calendar: str) -> dict[str, Tag | None]:
        """Return the deleted events, not occurrences, with their marks: what a user finds in the trash."""
        placed = self._calendars[calendar].placed.items()
        dead = ((name, one.item, one.details) for name, one in placed if one.details is not None)
        return {name: was.tag for name, item, was in dead if _is_whole(item) and item.content is None}

    def revive(self, calendar: str, google_id: str) -> None:
        """Take an event out of the trash, as it was."""
        details = self._calendars[calendar].placed[google_id].details
        assert details is not None
        self.put(calendar, details)

    def stamp(self, step: int) -> str:
        """Write the moment of a step as `updated` is written: one second a step."""
        moment = datetime.fromtimestamp(BEGINNING + step, UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")

    def _tick(self) -> int:
        self._step += 1
        return self._step

    def _place(self, found: Calendar, placed: Placed) -> None:
        """Put an item into its place; a tombstone keeps what was known of it."""
        google_id = placed.item.google_id
        old = found.placed.get(google_id)
        if old is not None and isinstance(placed.item, RemoteEvent) and placed.item.content is None:
            alive = isinstance(old.item, RemoteEvent) and old.item.content is not None
            placed.details = old.item if alive and isinstance(old.item, RemoteEvent) else old.details
        found.placed[google_id] = placed
        found.taken.add(google_id)

    def _kill(self, found: Calendar, google_id: str) -> None:
        old = found.placed[google_id].item
        series = (old.master, old.original) if isinstance(old, RemoteEvent) else (None, None)
        step = self._tick()
        grave = RemoteEvent(
            google_id=google_id, etag=f'"{step}"', updated="", content=None, master=series[0], original=series[1]
        )
        self._place(found, Placed(grave, step))

    def _kill_exceptions(self, found: Calendar, google_id: str) -> None:
        for exception in self._exceptions(found, google_id):
            if exception.content is not None:
                self._kill(found, exception.google_id)

    def _exceptions(self, found: Calendar, master: str) -> list[RemoteEvent]:
        items = [one.item for one in found.placed.values()]
        return [item for item in items if isinstance(item, RemoteEvent) and item.master == master]

    def _find(self, found: Calendar, google_id: str) -> Placed | None:
        """Find an item, or make up the occurrence that an instance id names."""
        placed = found.placed.get(google_id)
        if placed is not None:
            return placed
        master = found.placed.get(google_id.rpartition("_")[0])
        if master is None or not isinstance(master.item, RemoteEvent) or google_id in self.habits.nameless:
            return None
        made = writing.occurrence(master.item, google_id, found.entry.zone)
        return None if made is None else Placed(made, master.step)

    def _ripen(self, found: Calendar, google_id: str) -> None:
        """Let a pending Meet be there."""
        placed = found.placed.get(google_id)
        if placed is None or google_id not in self._pending or not isinstance(placed.item, RemoteEvent):
            return
        self._pending.discard(google_id)
        item = placed.item
        if item.content is not None:
            body = msgspec.structs.replace(item.content.body, meet=writing.link(google_id))
            content = msgspec.structs.replace(item.content, body=body)
            self.put(found.entry.google_id, msgspec.structs.replace(item, content=content))

    def _apply(self, found: Calendar, write: Write) -> RemoteEvent | None:
        """Carry a write out and return the event after it; raises what Google would refuse it with."""
        if isinstance(write, Insert):
            return self._insert(found, write)
        placed = self._find(found, write.google_id)
        if placed is None or not isinstance(placed.item, RemoteEvent):
            if isinstance(write, Delete):
                return None
            raise writing.gone()
        writing.check_etag(write.etag, placed.item)
        if isinstance(write, Delete):
            self._delete(found, write, placed.item)
            return None
        return self._patch(found, write, placed)

    def _insert(self, found: Calendar, write: Insert) -> RemoteEvent:
        calendar, zone = found.entry.google_id, found.entry.zone
        event = writing.new_event(write, calendar, zone, self.habits)
        if write.google_id in found.taken:
            raise writing.taken()
        if write.meet and self.habits.meet == "pending":
            self._pending.add(write.google_id)
        self._mail("insert", write, calendar, event.content)
        return self._put(found, event)

    def _patch(self, found: Calendar, write: Patch, placed: Placed) -> RemoteEvent:
        calendar, zone = found.entry.google_id, found.entry.zone
        assert isinstance(placed.item, RemoteEvent)
        now, dead = placed.item, placed.item.content is None
        if dead:
            now = self._details(found, placed)
        revived = write.revive or "status" in write.fields  # Google knows no other sign
        if dead and revived and not self.habits.undelete:
            raise Refused("Forbidden")
        after = writing.patched(write, now, calendar, zone, self.habits)
        if dead and not revived:
            grave = self._put(found, msgspec.structs.replace(placed.item, etag=""))
            found.placed[write.google_id].details = after
            return grave
        self._mail("patch", write, calendar, now.content, after.content)
        if write.meet and self.habits.meet == "pending":
            self._pending.add(write.google_id)
        event = self._put(found, after)
        if now.content is not None and after.content is not None:
            self._carry(found, event, now.content, after.content)
        return event

    def _details(self, found: Calendar, placed: Placed) -> RemoteEvent:
        """Return what a tombstone said; an occurrence that was cancelled untouched says what its series says."""
        if placed.details is not None:
            return placed.details
        assert isinstance(placed.item, RemoteEvent)
        master = found.placed.get(placed.item.master or "")
        if master is not None and isinstance(master.item, RemoteEvent):
            made = writing.occurrence(master.item, placed.item.google_id, found.entry.zone)
            if made is not None:
                return made
        raise writing.gone()

    def _delete(self, found: Calendar, write: Delete, event: RemoteEvent) -> None:
        if event.content is None:
            return
        if event.google_id not in found.placed:
            self._put(found, event)
        self._mail("delete", write, found.entry.google_id, event.content)
        self._kill(found, event.google_id)
        self._kill_exceptions(found, event.google_id)

    def _carry(self, found: Calendar, series: RemoteEvent, before: Content, after: Content) -> None:
        for exception in self._exceptions(found, series.google_id):
            if exception.content is None:
                continue
            if writing.occurrence(series, exception.google_id, found.entry.zone) is None:
                self._kill(found, exception.google_id)
                continue
            follows = writing.carried(exception, before, after)
            if follows != exception:
                self._put(found, follows)

    def _mail(self, what: str, write: Write, calendar: str, *contents: Content | None) -> None:
        mail = writing.mailed(what, write, calendar, *contents)
        if mail is not None:
            self.mails.append(mail)

    def _put(self, found: Calendar, event: RemoteEvent) -> RemoteEvent:
        put = self.put(found.entry.google_id, event)
        assert isinstance(put, RemoteEvent)
        return put


def _is_whole(item: RemoteEvent | OddItem) -> TypeGuard[RemoteEvent]:
    return isinstance(item, RemoteEvent) and item.master is None
