"""A calendar service in memory, as realistic as tests of the engine need: the fake that stands in for Google.

`MemoryGoogle` is the service: calendars, who may see them, events, tombstones, sync tokens. `provider(email)` gives
what one account sees, the `Provider` protocol. It keeps to what Google does and the contract suite compares: pages
in a stable order, possibly empty ones; the token on the last page only, answering with what changed since the
listing *began*; tombstones with nothing but an id; items gone without one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import msgspec

from calsyncctl.errors import CalsyncError, CursorExpired, Gone, Later, PageExpired, Refused, Unknown
from calsyncctl.model.calendar import RemoteCalendar
from calsyncctl.model.copy import RemoteEvent
from calsyncctl.model.event import Body, Content, When
from calsyncctl.sync.provider import Answer, CalendarsPage, Delete, EventsPage, Insert, OddItem, Patch, Write
from tests.support import memory_writing as writing
from tests.support.memory_items import Calendar, Items

BATCH = 50
"""Writes in one request."""


class MemoryGoogle(Items):
    """The service. Change it as a user in Google's own app would; ask it through `provider`."""

    def __init__(self, *, page_size: int = 250, empty_pages: bool = False) -> None:
        super().__init__()
        self.page_size = page_size
        self.empty_pages = empty_pages
        """Whether an empty page with a next one comes before each full one, as Google sometimes does."""
        self.calls: Counter[str] = Counter()
        """How often each method was called, refused calls included."""
        self.page_era = 0
        self.writes: list[Write] = []
        """Every write that arrived, refused ones included."""
        self.at_boundary: Callable[[str], None] = lambda _moment: None
        """Called at each moment at which a process could die: `asked NAME`, `sent` and `applied KIND` for each write,
        `answered NAME`; what it raises goes through."""
        self._failures: list[tuple[str | None, CalsyncError]] = []
        self._before: list[Callable[[], None]] = []

    # What a user does in Google

    def add_calendar(
        self, google_id: str, *, owner: str, name: str = "", zone: str = "UTC", primary: bool = False
    ) -> None:
        """Make a calendar that `owner` owns."""
        entry = RemoteCalendar(google_id, name or google_id, zone, "owner", is_primary=primary)
        step = self._tick()
        self._calendars[google_id] = Calendar(entry, step, {owner: "owner"}, listed_by={owner: step})

    def share(self, calendar: str, account: str, role: str | None) -> None:
        """Give an account a role on a calendar, or take it away. A changed role does not show in its list's cursor."""
        found = self._calendars[calendar]
        if role is None:
            found.roles.pop(account, None)
            found.listed_by[account] = self._tick()
        else:
            found.listed_by.setdefault(account, self._tick())
            found.roles[account] = role

    def rename(self, calendar: str, name: str, *, zone: str | None = None) -> None:
        """Change a calendar's name, and its zone."""
        found = self._calendars[calendar]
        found.entry = RemoteCalendar(
            calendar, name, zone or found.entry.zone, "owner", is_primary=found.entry.is_primary
        )
        found.listed_by = dict.fromkeys(found.listed_by, self._tick())

    def delete_calendar(self, calendar: str) -> None:
        """Delete a calendar, for everybody."""
        del self._calendars[calendar]

    def bury(self, calendar: str) -> None:
        """Forget the tombstones, as Google does some time later; those of occurrences stay with their series."""
        placed = self._calendars[calendar].placed
        for google_id, one in list(placed.items()):
            if isinstance(one.item, RemoteEvent) and one.item.content is None and one.item.master is None:
                del placed[google_id]

    # What goes wrong

    def lose(self, calendar: str, google_id: str) -> None:
        """Let an item vanish with neither tombstone nor trace."""
        del self._calendars[calendar].placed[google_id]

    def cut(self, calendar: str, *google_ids: str) -> None:
        """Leave items out of listings from now on, though they are there: a cut answer."""
        for google_id in google_ids:
            self._calendars[calendar].placed[google_id].listed = False

    def mend(self, calendar: str) -> None:
        """Undo `cut`."""
        for one in self._calendars[calendar].placed.values():
            one.listed = True

    def expire_cursors(self, calendar: str | None = None) -> None:
        """Let the sync tokens die: of one calendar, or of all."""
        for google_id, found in self._calendars.items():
            if calendar in {None, google_id}:
                found.era += 1

    def expire_pages(self) -> None:
        """Let the page tokens die."""
        self.page_era += 1

    def fail_next(self, error: CalsyncError, *, method: str | None = None, times: int = 1) -> None:
        """Answer the next calls (of one method) with an error."""
        self._failures += [(method, error)] * times

    def before_next(self, action: Callable[[], None]) -> None:
        """Do something just before the next call is answered: a user who edits meanwhile."""
        self._before.append(action)

    def fail_write(
        self, error: CalsyncError, *, kind: type[Insert] | type[Patch] | type[Delete] | None = None, times: int = 1
    ) -> None:
        """Answer the next writes (of one kind), parts of batches too, with an error; they are not carried out."""
        self.habits.faults.append(writing.Fault(kind, times, 0, error))

    def lose_answer(
        self,
        *,
        applied: bool = True,
        kind: type[Insert] | type[Patch] | type[Delete] | None = None,
        times: int = 1,
        skip: int = 0,
    ) -> None:
        """Lose the answer of the next writes (of one kind), parts of batches too; carried out, or not."""
        self.habits.faults.append(writing.Fault(kind, times, skip, None, applied))

    # What a program sees

    def provider(self, email: str) -> MemoryProvider:
        """See the service as one account does."""
        return MemoryProvider(self, email)

    def _enter(self, method: str) -> None:
        self.at_boundary(f"asked {method}")
        self.calls[method] += 1
        for action in self._before[:1]:
            self._before.pop(0)
            action()
        for index, (only, error) in enumerate(self._failures):
            if only in {None, method}:
                del self._failures[index]
                raise error


class MemoryProvider:
    """What one account sees of a `MemoryGoogle`."""

    def __init__(self, service: MemoryGoogle, email: str) -> None:
        self._service = service
        self._email = email

    @property
    def query(self) -> str:
        return f"memory:{self._service.page_size}"

    def urgent(self) -> AbstractContextManager[None]:
        return nullcontext()

    def list_calendars(self, cursor: str | None) -> CalendarsPage:
        service = self._service
        service._enter("list_calendars")
        since = 0 if cursor is None else int(_token(cursor, "calendars", CursorExpired)[0])
        entries = [
            self._entry(found)
            for found in service._calendars.values()
            if self._email in (found.roles if cursor is None else found.listed_by)
            and found.listed_by[self._email] > since
        ]
        return CalendarsPage(tuple(entries), f"calendars|{service._step}", complete=cursor is None)

    def list_events(self, calendar: str, *, cursor: str | None, page: str | None) -> EventsPage:
        self._service._enter("list_events")
        answer = self._list_events(calendar, cursor, page)
        self._service.at_boundary("answered list_events")
        return answer

    def _list_events(self, calendar: str, cursor: str | None, page: str | None) -> EventsPage:
        service = self._service
        found = self._reach(calendar)
        since = 0
        if cursor is not None:
            era, step = _token(cursor, "events", CursorExpired)
            if int(era) != found.era:
                raise CursorExpired("The sync token is no longer valid.")
            since = int(step)
        began, offset, empty = self._page(page)
        changed = [one.item for one in found.placed.values() if one.listed and one.step > since]
        if empty:
            return self._answer(found, [], f"page|{service.page_era}|{began}|{offset}|full", None)
        items = changed[offset : offset + service.page_size]
        if offset + service.page_size < len(changed):
            upcoming = "empty" if service.empty_pages else "full"
            token = f"page|{service.page_era}|{began}|{offset + service.page_size}|{upcoming}"
            return self._answer(found, items, token, None)
        return self._answer(found, items, None, f"events|{found.era}|{began}")

    def get_events(self, calendar: str, google_ids: tuple[str, ...]) -> dict[str, RemoteEvent | None]:
        service = self._service
        service._enter("get_events")
        found = self._reach(calendar)
        answers: dict[str, RemoteEvent | None] = {}
        for google_id in google_ids:
            service._ripen(found, google_id)
            placed = service._find(found, google_id)
            item = placed.item if placed else None
            answers[google_id] = self._shown(item, calendar) if isinstance(item, RemoteEvent) else None
        service.at_boundary("answered get_events")
        return answers

    def has_calendar(self, calendar: str) -> bool:
        self._service._enter("has_calendar")
        try:
            self._reach(calendar)
        except Gone:
            return False
        return True

    def write_events(self, calendar: str, writes: tuple[Write, ...]) -> tuple[Answer, ...]:
        service = self._service
        answers: list[Answer] = []
        for offset in range(0, len(writes), BATCH):
            some = writes[offset : offset + BATCH]
            try:
                service._enter("write_events")
            except CalsyncError as error:
                answers += [Answer(error=error)] * len(some)
                unsent = Later("Not sent.") if isinstance(error, Unknown) else error
                answers += [Answer(error=unsent)] * (len(writes) - len(answers))
                break
            answers += [self._write(calendar, write) for write in some]
            service.at_boundary("answered write_events")
        return tuple(answers)

    def _write(self, calendar: str, write: Write) -> Answer:
        service = self._service
        service.at_boundary(f"sent {writing.name_of(write)}")
        service.writes.append(write)
        fault = service.habits.fault(write)
        if fault is not None and not fault.applied:
            return Answer(error=fault.error or writing.lost())
        try:
            event = service._apply(self._reach_to_write(calendar), write)
        except CalsyncError as error:
            answer = Answer(error=error)
        else:
            answer = Answer(event=None if event is None else self._shown(event, calendar))
        service.at_boundary(f"applied {writing.name_of(write)}")
        return answer if fault is None else Answer(error=writing.lost())

    def _reach_to_write(self, calendar: str) -> Calendar:
        found = self._reach(calendar)
        if found.roles[self._email] not in {"owner", "writer"}:
            raise Refused("You need to have writer access to this calendar.")
        return found

    def _page(self, page: str | None) -> tuple[int, int, bool]:
        """Take a page token apart: the step at which its listing began, the offset, and whether it comes empty."""
        service = self._service
        if page is None:
            return service._step, 0, service.empty_pages
        era, began, offset, kind = _token(page, "page", PageExpired)
        if int(era) != service.page_era:
            raise PageExpired("The page token is no longer valid.")
        return int(began), int(offset), kind == "empty"

    def _answer(
        self, found: Calendar, items: list[RemoteEvent | OddItem], next_page: str | None, cursor: str | None
    ) -> EventsPage:
        google_id = found.entry.google_id
        events = tuple(self._shown(item, google_id) for item in items if isinstance(item, RemoteEvent))
        odd = tuple(item for item in items if isinstance(item, OddItem))
        return EventsPage(events, odd, next_page, cursor, found.roles[self._email], found.entry.zone)

    def _shown(self, event: RemoteEvent, calendar: str) -> RemoteEvent:
        """Hide the details from those who may see busy times only, private ones from all who do not write."""
        role = self._service._calendars[calendar].roles[self._email]
        content = event.content
        if content is None or role in {"owner", "writer"}:
            return event
        if role != "freeBusyReader" and content.body.visibility not in {"private", "confidential"}:
            return event
        bare = Content("", content.status, content.when, Body(visibility=content.body.visibility))
        return msgspec.structs.replace(event, content=bare, extra="", tag=None, hidden=True)

    def _entry(self, found: Calendar) -> RemoteCalendar:
        role = found.roles.get(self._email)
        entry = found.entry
        if role is None:
            return RemoteCalendar(entry.google_id, entry.name, entry.zone, "none", deleted=True)
        return RemoteCalendar(
            entry.google_id, entry.name, entry.zone, role, is_primary=entry.is_primary and role == "owner"
        )

    def _reach(self, calendar: str) -> Calendar:
        found = self._service._calendars.get(calendar)
        if found is None or self._email not in found.roles:
            raise Gone(f"The calendar {calendar} is not there for {self._email}.")
        return found


def _token(text: str, kind: str, error: type[CalsyncError]) -> list[str]:
    head, *rest = text.split("|")
    if head != kind:
        raise error("The token cannot be read.")
    return rest


def timed(
    google_id: str,
    summary: str = "Tea",
    start: str = "2026-04-15T09:00:00Z",
    end: str = "2026-04-15T10:00:00Z",
    *,
    zone: str = "UTC",
    recurrence: tuple[str, ...] = (),
    body: Body | None = None,
    status: str = "confirmed",
    master: str | None = None,
    original: str | None = None,
    ical_uid: str | None = None,
) -> RemoteEvent:
    """Make an event to put: a confirmed hour unless told otherwise."""
    content = Content(summary, status, When(start, end, zone, recurrence), body or Body())
    return RemoteEvent(
        google_id=google_id,
        etag="",
        updated="",
        content=content,
        ical_uid=ical_uid or f"{master or google_id}@google.com",
        master=master,
        original=original,
    )


def all_day(google_id: str, summary: str = "Away", start: str = "2026-04-15", end: str = "2026-04-16") -> RemoteEvent:
    """Make an all-day event to put; `end` is exclusive."""
    content = Content(summary, "confirmed", When(start, end), Body())
    return RemoteEvent(google_id=google_id, etag="", updated="", content=content, ical_uid=f"{google_id}@google.com")
