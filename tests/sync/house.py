"""A desk that edits, too: what the tests of both ways begin with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from msgspec.structs import replace as with_

from calsyncctl.ids import random_keys
from calsyncctl.model.calendar import Calendar, Mode
from calsyncctl.model.copy import Copy, RemoteEvent
from calsyncctl.model.event import Attendee, Body, Content, Event, When
from calsyncctl.model.fields import with_fields
from calsyncctl.model.link import Link, WhenDeleted
from calsyncctl.store import calendars, copies, events, links, runs
from calsyncctl.sync.choice import Policy
from calsyncctl.sync.editing import edit
from calsyncctl.sync.editing.occurrences import inherited
from calsyncctl.sync.engine import Engine
from calsyncctl.sync.links import instance_id
from calsyncctl.sync.report import SyncWork
from tests.sync.desk import WORK, Desk

JANE = "agent:jane"
INSTANCE = "instance0000"


def said(
    summary: str = "Lunch",
    start: str = "2027-05-04T12:00:00Z",
    end: str = "2027-05-04T13:00:00Z",
    *,
    recurrence: tuple[str, ...] = (),
    guests: tuple[str, ...] = (),
    **body: str,
) -> Content:
    """What an event says: an hour of lunch unless told otherwise."""
    people = tuple(Attendee(email) for email in sorted(guests))
    return Content(summary, "confirmed", When(start, end, "UTC", recurrence), Body(attendees=people, **body))  # type: ignore[arg-type]


@contextmanager
def standing(folder: Path, mode: Mode = Mode.TWO_WAY) -> Iterator[House]:
    """A house with one empty calendar, listed once."""
    with closing(House(folder)) as made:
        made.calendar(mode=mode)
        made.sync_one()
        yield made


class House(Desk):
    """A desk at which somebody edits as well."""

    def __init__(self, folder: Path, *, page_size: int = 50) -> None:
        super().__init__(folder, page_size=page_size)
        self.engine = Engine(instance=INSTANCE)
        self.author = JANE
        self.keys: Callable[[int], list[str]] = random_keys

    def work(self, *, workers: int = 1) -> SyncWork:
        return replace(super().work(workers=workers), engine=self.engine, keys=self.keys)

    @property
    def means(self) -> edit.EditMeans:
        return edit.EditMeans(author=self.author, now=self.clock.now(), instance=INSTANCE, keys=self.keys)

    def prefer(self, policy: Policy) -> None:
        self.engine = with_(self.engine, policy=policy)

    def native(self, name: str = "Desk") -> Calendar:
        with self.store.write():
            return calendars.add_native(self.store, name, zone="UTC")

    def link(self, source: Calendar, target: Calendar, *, from_: int | None = None, **more: object) -> None:
        deletes = WhenDeleted(str(more.get("when_deleted", "delete")))
        with self.store.write():
            links.save_link(
                self.store, Link(source.id, target.id, from_, deletes, invites=bool(more.get("invites", False)))
            )

    def home(self, google_id: str = WORK) -> Calendar:
        return self.now(next(one for one in self.calendars if one.google_id == google_id))

    def add(self, content: Content | None = None, calendar: Calendar | None = None, **draft: object) -> Event:
        made = edit.Draft(content=content or said(), **draft)  # type: ignore[arg-type]
        return edit.add_event(self.store, self.means, calendar or self.home(), made)

    def change(self, event: Event, **values: object) -> Event:
        """Change fields of an event here."""
        now = events.get_event(self.store, event.id)
        assert now.content is not None
        return edit.change_event(self.store, self.means, event.id, with_fields(now.content, values))

    def change_occurrence(self, series: Event, original: str, **values: object) -> Event:
        """Change fields of one occurrence of a series here."""
        content = with_fields(inherited(self.store, self.fresh(series), original), values)
        return edit.change_occurrence(self.store, self.means, series.id, original, content)

    def cancel_occurrence(self, series: Event, original: str) -> Event:
        return edit.cancel_occurrence(self.store, self.means, series.id, original)

    def delete(self, event: Event) -> Event:
        return edit.delete_event(self.store, self.means, event.id)

    def fresh(self, event: Event) -> Event:
        return events.get_event(self.store, event.id)

    def text(self, event: Event) -> Content:
        """What an event says here now."""
        content = self.fresh(event).content
        assert content is not None
        return content

    def copy(self, event: Event, calendar: Calendar | None = None) -> Copy:
        chosen = calendar.id if calendar is not None else event.calendar_id
        known = copies.known_on(self.store, event.id, chosen)
        assert known is not None
        return known.copy

    def remote(self, event: Event, calendar: Calendar | None = None) -> RemoteEvent | None:
        """What the service says of an event's copy."""
        where = calendar or calendars.get_calendar(self.store, event.calendar_id)
        assert where.google_id is not None
        google_id = self.copy(event, where).google_id
        account = next(one for one in self.google._calendars[where.google_id].roles)
        return self.google.provider(account).get_events(where.google_id, (google_id,))[google_id]

    def there_is(self, event: Event, calendar: Calendar | None = None) -> Content:
        item = self.remote(event, calendar)
        assert item is not None
        assert item.content is not None
        return item.content

    def edit_there(self, event: Event, calendar: Calendar | None = None, **values: object) -> None:
        """Change fields of an event's copy in the service, as a person does there."""
        item = self.remote(event, calendar)
        assert item is not None
        assert item.content is not None
        self.google.put(self._name(calendar), with_(item, content=with_fields(item.content, values)))

    def occurrence_there(self, series: Event, original: str, calendar: Calendar | None = None) -> RemoteEvent:
        """What the service has of one occurrence of a series, whether anybody touched it or not."""
        found = self.google.find(self._name(calendar), instance_id(self.copy(series, calendar).google_id, original))
        assert found is not None
        return found

    def edit_occurrence_there(
        self, series: Event, original: str, calendar: Calendar | None = None, **values: object
    ) -> None:
        """Change fields of one occurrence in the service, as a person does there."""
        item = self.occurrence_there(series, original, calendar)
        assert item.content is not None
        self.google.put(self._name(calendar), with_(item, content=with_fields(item.content, values)))

    def cancel_occurrence_there(self, series: Event, original: str, calendar: Calendar | None = None) -> None:
        item = self.occurrence_there(series, original, calendar)
        self.google.put(self._name(calendar), with_(item, content=None))

    def _name(self, calendar: Calendar | None) -> str:
        name = (calendar or self.home()).google_id
        assert name is not None
        return name

    def delete_there(self, event: Event, calendar: Calendar | None = None) -> None:
        self.google.delete(self._name(calendar), self.copy(event, calendar or self.home()).google_id)

    def written(self) -> int:
        return len(self.google.writes)

    def lost(self, event: Event) -> dict[str, object]:
        """The values that conflicts about an event did not choose."""
        return {one.field: one.value for row in runs.versions_of(self.store, event.id) for one in row.lost}

    def settle(self, passes: int = 4) -> None:
        """Sync until nothing is left to do; the last pass must write nothing at all."""
        for _ in range(passes):
            self.sync()
        before, sent = self.snapshot(), self.written()
        report = self.sync()
        assert report.errors == ()
        assert self.written() == sent
        assert self.snapshot() == before
