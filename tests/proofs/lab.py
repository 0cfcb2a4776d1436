"""A house beside either world: the Google in memory, or `google/` and a local Google over HTTP."""

from __future__ import annotations

from pathlib import Path

from calsyncctl.model.account import Account
from calsyncctl.model.calendar import Calendar, Mode, RemoteCalendar
from calsyncctl.model.copy import RemoteEvent
from calsyncctl.model.event import Event
from calsyncctl.store import calendars, events
from calsyncctl.sync.provider import Provider
from tests.support.worlds import ME, ZONE, World
from tests.support.written import listed
from tests.sync.house import House


class Lab(House):
    """One profile with the world's calendar selected and listed once."""

    def __init__(self, folder: Path, world: World, *, mode: Mode = Mode.TWO_WAY) -> None:
        super().__init__(folder)
        self.world = world
        self.clock.sleep(1)
        account = self.account(ME)
        with self.store.write():
            remote = RemoteCalendar(world.calendar, "Contract", ZONE, "owner")
            kept = calendars.keep_remote(self.store, account.id, remote)
            calendars.select_calendar(self.store, kept.id, mode, self.clock.now())
        self.calendars.append(kept)
        self.sync_one()

    def provider(self, account: Account) -> Provider:
        return self.world.me

    def home(self, google_id: str = "") -> Calendar:
        return self.now(self.calendars[0])

    def of_ref(self, ref: str) -> Event:
        """Find an event by its caller's own id."""
        found = events.event_of_ref(self.store, self.home().id, ref)
        assert found is not None
        return found

    def alive(self) -> dict[str, RemoteEvent]:
        """Return what the world holds that is not deleted, by id."""
        return {name: item for name, item in listed(self.world).items() if item.content is not None}

    def titles(self) -> list[str]:
        """Return the titles of what is alive in the world, sorted."""
        return sorted(item.content.summary for item in self.alive().values() if item.content is not None)

    def quiet(self) -> None:
        """See that after the echo of what was written, and of a Meet that took its time, a pass writes nothing."""
        sent = len(self.world.arrived())
        self.sync_one()
        self.sync_one()
        before = self.snapshot()
        self.sync_one()
        assert len(self.world.arrived()) == sent
        assert self.snapshot() == before
