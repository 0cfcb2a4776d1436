"""A house whose process can die at every boundary, and begin again from nothing but its store file.

Death is an exception that no program catches. Whoever is dead does nothing any more: what still runs while the
exception travels (an `except` or a `finally` of the program) dies again at its first transaction or request, so it
leaves no more behind than a process that was killed.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

from calsyncctl.connections.ports import Means
from calsyncctl.model.account import Account
from calsyncctl.model.event import Event
from calsyncctl.model.secrets import TokenLedger
from calsyncctl.store import calendars, events
from calsyncctl.store.db import Store, connect, open_store
from calsyncctl.sync.engine import Engine
from calsyncctl.sync.provider import Provider
from calsyncctl.sync.report import SyncWork
from tests.support.authority import MemoryAuthority, MemorySecrets
from tests.support.clocks import StillClock
from tests.support.memory import MemoryGoogle
from tests.sync.house import INSTANCE, House


class Killed(BaseException):
    """The process died here."""


@dataclass(slots=True)
class Fate:
    """Counts the boundaries that a process passes, and lets it die at one of them (the first is 1)."""

    dies_at: int | None = None
    moments: list[str] = field(default_factory=list)
    dead: bool = False

    def reach(self, moment: str) -> None:
        """Pass a boundary, or die there; the dead die again."""
        if self.dead:
            raise Killed
        self.moments.append(moment)
        if len(self.moments) == self.dies_at:
            self.dead = True
            raise Killed(moment)


@dataclass(slots=True)
class CountedKeys:
    """Draws events' keys that look random and are the same in every life: what a story finds, it finds again."""

    drawn: int = 0

    def __call__(self, count: int) -> list[str]:
        self.drawn += count
        return [hashlib.sha256(f"{self.drawn - left}".encode()).hexdigest()[:32] for left in range(count)]


class MortalStore(Store):
    """A store whose process can die just before a commit, and just after it."""

    fate: Fate

    @contextlib.contextmanager
    def write(self) -> Iterator[None]:
        if self.fate.dead:
            raise Killed
        with super().write():
            yield
            self.fate.reach("before commit")
        self.fate.reach("committed")


class MortalSecrets(MemorySecrets):
    """A vault that outlives the process."""

    fate = Fate()

    def _enter(self) -> None:
        self.fate.reach("vault")
        super()._enter()


def open_mortal(path: Path, fate: Fate) -> MortalStore:
    """Open a store that is there already, as its next process does; durability is not what is tested."""
    connection = connect(path)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = OFF")
    store = MortalStore(connection, path)
    store.fate = fate
    return store


class MortalHouse(House):
    """A house on a store file, a service and a vault that were there before."""

    def __init__(self, path: Path, outside: Outside, fate: Fate) -> None:
        self.path = path
        self.outside = outside
        self.google = outside.google
        self.clock = outside.clock
        self.fate = fate
        self.google.at_boundary = fate.reach
        outside.secrets.fate = fate
        self.store = open_mortal(path, fate)
        self.wrap = {}
        self.engine = outside.engine
        self.keys = outside.keys
        self.author = "agent:jane"
        self.calendars = [one for one in calendars.list_calendars(self.store) if one.google_id is not None]

    def work(self, *, workers: int = 1) -> SyncWork:
        return replace(super().work(workers=workers), open_store=lambda: open_mortal(self.path, self.fate))

    @property
    def office(self) -> Means:
        """What the use cases of connections work with."""
        return Means(
            store=self.store,
            open_store=lambda: open_mortal(self.path, self.fate),
            secrets=self.outside.secrets,
            authority=self.outside.authority,
            provider_for=self._provider_for,
            hold_account=lambda account, doing: nullcontext(),
            hold_sign_ins=lambda doing: nullcontext(),
            clock=self.clock,
            engine=self.engine,
        )

    def _provider_for(self, account: Account, ledger: TokenLedger) -> Provider:
        return self.google.provider(account.email)

    def of_ref(self, ref: str, calendar: str = "work-calendar") -> Event:
        """Find an event again by its caller's own id, after whatever happened."""
        for one in calendars.list_calendars(self.store):
            if calendar in {one.google_id, one.name}:
                found = events.event_of_ref(self.store, one.id, ref)
                if found is not None:
                    return found
        raise AssertionError(f"nothing bears the ref {ref}")


@dataclass(slots=True)
class Outside:
    """What a process does not take with it when it dies."""

    google: MemoryGoogle
    clock: StillClock
    engine: Engine
    keys: CountedKeys = field(default_factory=CountedKeys)
    secrets: MortalSecrets = field(default_factory=MortalSecrets)
    authority: MemoryAuthority = field(default_factory=MemoryAuthority)


Act = Callable[[MortalHouse], object]
"""One thing that happens: the program does it, or (`Outer`) the world."""


class Outer:
    """An act of the world: it goes on while no process runs, and is done once."""

    def __init__(self, act: Act) -> None:
        self.act = act

    def __call__(self, house: MortalHouse) -> object:
        return self.act(house)


@dataclass(frozen=True, slots=True)
class Start:
    """Where a scenario begins: a prepared store file and the service beside it, copied for every life."""

    path: Path
    google: MemoryGoogle
    clock: StillClock
    engine: Engine
    keys: CountedKeys
    secrets: MortalSecrets

    def house(self, folder: Path, fate: Fate) -> MortalHouse:
        """Begin anew in an empty folder."""
        folder.mkdir()
        target = folder / self.path.name
        shutil.copyfile(self.path, target)
        google, clock, keys, secrets = copy.deepcopy((self.google, self.clock, self.keys, self.secrets))
        return MortalHouse(target, Outside(google, clock, self.engine, keys, secrets), fate)


def prepared(folder: Path, acts: tuple[Act, ...], *, page_size: int) -> Start:
    """Prepare a store and a service, undisturbed; the schema is made once, by whoever comes first."""
    folder.mkdir()
    path = folder / "store.sqlite"
    template = folder.parent / "template.sqlite"
    if not template.exists():
        open_store(template).close()
    shutil.copyfile(template, path)
    outside = Outside(MemoryGoogle(page_size=page_size), StillClock(), Engine(instance=INSTANCE))
    house = MortalHouse(path, outside, Fate())
    for act in acts:
        act(house)
    house.close()
    house.google.at_boundary = nowhere
    return Start(path, house.google, house.clock, house.engine, outside.keys, outside.secrets)


def nowhere(_moment: str) -> None:
    """A boundary that nobody watches."""


def live(house: MortalHouse, acts: tuple[Act, ...]) -> MortalHouse:
    """Let the acts happen; whoever dies is reborn and does what it was doing again, unless that was done."""
    for act in acts:
        try:
            act(house)
        except Killed as death:
            house = reborn(house)
            if not (getattr(act, "once", False) and str(death) == "committed"):
                act(house)
    return house


def reborn(house: MortalHouse) -> MortalHouse:
    """Throw everything in memory away and begin again from the store file."""
    house.close()
    return MortalHouse(house.path, house.outside, Fate())


def once(act: Act) -> Act:
    """Mark an act of one transaction that is not to be repeated when that was committed."""

    def done(house: MortalHouse) -> object:
        return act(house)

    done.once = True  # type: ignore[attr-defined]
    return done
