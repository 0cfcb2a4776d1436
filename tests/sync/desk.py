"""What the engine's tests begin with: a service in memory, a store, accounts with selected calendars, and a pass."""

from __future__ import annotations

from pathlib import Path

import msgspec

from calsyncctl.model.account import Account
from calsyncctl.model.calendar import Calendar, Mode, RemoteCalendar
from calsyncctl.model.copy import RemoteEvent
from calsyncctl.model.event import Event
from calsyncctl.model.history import Version
from calsyncctl.store import accounts, calendars, copies, runs
from calsyncctl.store.db import Store, open_store
from calsyncctl.store.events import COLUMNS, read_event
from calsyncctl.sync.passes import sync_calendars
from calsyncctl.sync.provider import Provider
from calsyncctl.sync.report import CalendarOutcome, SyncReport, SyncWork
from tests.support.clocks import StillClock
from tests.support.memory import MemoryGoogle

ME = "work@example.com"
WORK = "work-calendar"

Told = dict[str, tuple[object, ...]]
"""What one side says of each living item, by Google id."""


class Desk:
    """One profile beside one service. `store` is the test's own connection; passes open theirs."""

    def __init__(self, folder: Path, *, page_size: int = 3) -> None:
        self.google = MemoryGoogle(page_size=page_size)
        self.clock = StillClock()
        self.path = folder / "store.sqlite"
        self.store: Store = open_store(self.path)
        self.calendars: list[Calendar] = []
        self.wrap: dict[str, Provider] = {}
        """Account -> the provider to use instead of the service's."""

    def close(self) -> None:
        self.store.close()

    def account(self, email: str = ME) -> Account:
        """Connect an account, once."""
        with self.store.write():
            return accounts.account_by_sub(self.store, "google", email) or accounts.add_account(
                self.store,
                provider="google",
                sub=email,
                email=email,
                owner=None,
                scopes=(),
                client="client",
                vault="file",
                token_expires=None,
                grant_expires=None,
                now=self.clock.now(),
            )

    def calendar(
        self, google_id: str = WORK, *, email: str = ME, mode: Mode = Mode.TWO_WAY, zone: str = "UTC"
    ) -> Calendar:
        """Make a calendar in the service and select it."""
        account = self.account(email)
        self.google.add_calendar(google_id, owner=email, zone=zone)
        with self.store.write():
            kept = calendars.keep_remote(self.store, account.id, RemoteCalendar(google_id, google_id, zone, "owner"))
            calendars.select_calendar(self.store, kept.id, mode, self.clock.now())
        self.calendars.append(kept)
        return self.now(kept)

    def edit(self, item: RemoteEvent) -> None:
        """Make or change an item in the service."""
        self.google.put(WORK, item)

    def now(self, calendar: Calendar) -> Calendar:
        """Return a calendar as it is in the store now."""
        return calendars.get_calendar(self.store, calendar.id)

    def work(self, *, workers: int = 1) -> SyncWork:
        """Return a pass over everything."""
        return SyncWork(
            open_store=lambda: open_store(self.path),
            provider_for=self.provider,
            clock=self.clock,
            calendars=tuple(self.now(calendar) for calendar in self.calendars),
            workers=workers,
        )

    def provider(self, account: Account) -> Provider:
        return self.wrap.get(account.email) or self.google.provider(account.email)

    def sync(self) -> SyncReport:
        """Run a pass, a minute after the one before."""
        self.clock.at += 60
        return sync_calendars(self.work())

    def sync_one(self) -> CalendarOutcome:
        """Run a pass over the only calendar; it must go well."""
        (outcome,) = self.sync().calendars
        if outcome.error is not None:
            raise outcome.error
        return outcome

    def event(self, google_id: str, calendar: str = WORK) -> Event:
        """Return the event behind a Google id, also a deleted one."""
        home = next(one for one in self.calendars if one.google_id == calendar)
        return copies.known_copies(self.store, home.id, [google_id])[google_id].event

    def here(self, calendar: str = WORK) -> Told:
        """Return what stands here, as the service would say it."""
        home = next(one for one in self.calendars if one.google_id == calendar)
        rows = self.store.connection.execute(
            f"SELECT c.google_id, c.master_google_id, {COLUMNS} FROM copy c JOIN event e ON e.id = c.event_id "
            "WHERE c.calendar_id = ? AND e.deleted IS NULL AND e.status <> 'cancelled'",
            (home.id,),
        )
        told: Told = {}
        for row in rows:
            event = read_event(row[2:])
            told[row[0]] = (event.content, event.ical_uid, row[1], event.original)
        return told

    def there(self, calendar: str = WORK, *, email: str = ME) -> Told:
        """Return what the service says of its living items, read whole, page by page."""
        provider, told, page = self.google.provider(email), dict[str, tuple[object, ...]](), None
        for _ in range(1000):
            answer = provider.list_events(calendar, cursor=None, page=page)
            told |= {item.google_id: _told(item) for item in answer.items if item.content is not None}
            page = answer.next_page
            if page is None:
                return told
        raise AssertionError("the listing does not end")

    def versions(self, google_id: str) -> list[Version]:
        return self.versions_on(WORK, google_id)

    def versions_on(self, calendar: str, google_id: str) -> list[Version]:
        return runs.versions_of(self.store, self.event(google_id, calendar).id)

    def rows(self, table: str) -> int:
        (count,) = self.store.connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        return int(count)

    def snapshot(self) -> bytes:
        """Return every event, copy, run and version as bytes: equal before and after means nothing was written."""
        tables = ("event", "copy", "run", "version")
        return msgspec.json.encode(
            [self.store.connection.execute(f"SELECT * FROM {table} ORDER BY id").fetchall() for table in tables]
        )


def _told(item: RemoteEvent) -> tuple[object, ...]:
    return (item.content, item.ical_uid, item.master, item.original)
