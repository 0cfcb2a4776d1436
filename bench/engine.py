"""The engine under measurement: a store with one selected calendar, and a pass over it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from calsyncctl.clock import SystemClock
from calsyncctl.model.calendar import Mode, RemoteCalendar
from calsyncctl.store import accounts, calendars
from calsyncctl.store.db import Store, open_store
from calsyncctl.sync.passes import sync_calendars
from calsyncctl.sync.report import SyncReport, SyncWork

if TYPE_CHECKING:
    from calsyncctl.google.governor import Gate


class Still:
    """A token that does not end."""

    def __init__(self, token: str) -> None:
        self._token = token

    def token(self) -> str:
        return self._token

    def refresh(self) -> str:
        return self._token


def prepared(root: str, token: str, calendar: str, folder: Path, gate: Gate | None = None) -> Callable[[], SyncReport]:
    """Return a pass over one calendar; called again, it is an incremental one.

    Connections are kept, to Google and to the store, as the daemon keeps them: one for each thread.
    """
    from calsyncctl.google.provider import google_provider

    clock, path = SystemClock(), folder / "store.sqlite"
    with open_store(path) as store, store.write():
        account = accounts.add_account(
            store,
            provider="google",
            sub="1",
            email="work@example.com",
            owner=None,
            scopes=(),
            client="bench",
            vault="file",
            token_expires=None,
            grant_expires=None,
            now=clock.now(),
        )
        kept = calendars.keep_remote(store, account.id, RemoteCalendar(calendar, "Work", "UTC", "owner"))
        calendars.select_calendar(store, kept.id, Mode.TWO_WAY, clock.now())
    provider = google_provider(api_root=root, tokens=Still(token), email=account.email, clock=clock, gate=gate)
    own = threading.local()

    def lent() -> Store:
        if not hasattr(own, "store"):
            own.store = open_store(path)
        found: Store = own.store
        return found.lent()

    work = SyncWork(open_store=lent, provider_for=lambda _: provider, clock=clock, calendars=(kept,))

    def run() -> SyncReport:
        report = sync_calendars(work)
        for error in report.errors:
            raise error
        return report

    return run
