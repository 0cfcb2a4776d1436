"""What a pass is given and what it returns: frozen values that command, daemon and cron share."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from calsyncctl.clock import Clock
from calsyncctl.errors import CalsyncError
from calsyncctl.ids import random_keys
from calsyncctl.model.account import Account
from calsyncctl.model.calendar import Calendar
from calsyncctl.model.history import Counts
from calsyncctl.store.db import Store
from calsyncctl.sync.engine import Engine
from calsyncctl.sync.outcome import CalendarOutcome as CalendarOutcome
from calsyncctl.sync.outcome import Held as Held
from calsyncctl.sync.progress import Progress, Silent
from calsyncctl.sync.provider import Provider


def _unlocked(_: Account) -> AbstractContextManager[None]:
    return nullcontext()


@dataclass(frozen=True, slots=True)
class SyncWork:
    """One pass: which calendars, and what it works with. Stores are opened and closed by the thread that uses them.

    `lock_for` holds an account against other processes (raises `Later`, naming the holder); callers that hold the
    accounts themselves leave it out. `named` are calendars asked for by hand: they are tried even while Google asked
    to wait. `stop` set ends the pass after the page in hand.
    """

    open_store: Callable[[], Store]
    provider_for: Callable[[Account], Provider]
    clock: Clock
    calendars: tuple[Calendar, ...]
    workers: int = 4
    author: str = "google"
    kind: str = "sync"
    progress: Progress = field(default_factory=Silent)
    lock_for: Callable[[Account], AbstractContextManager[None]] = _unlocked
    keys: Callable[[int], list[str]] = random_keys
    stop: threading.Event = field(default_factory=threading.Event)
    engine: Engine = Engine()  # noqa: RUF009  (frozen)
    named: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a pass did, in the order of the calendars given. Times are UTC seconds."""

    calendars: tuple[CalendarOutcome, ...]
    runs: tuple[int, ...]
    """The runs that changed something: one for each account, and one more for what waited for another calendar."""
    started: int
    ended: int

    @property
    def counts(self) -> Counts:
        """The counts of all calendars together."""
        return sum((outcome.counts for outcome in self.calendars), Counts())

    @property
    def errors(self) -> tuple[CalsyncError, ...]:
        """The errors of the calendars that failed."""
        return tuple(outcome.error for outcome in self.calendars if outcome.error is not None)
