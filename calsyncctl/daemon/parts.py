"""The parts of the program as the daemon uses them: the runtime in force, a store per thread, a provider per account.

Providers are kept, since each has its connections to Google and the access token in memory: an unchanged poll is then
one request and nothing else.
"""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import cached_property

from calsyncctl.clock import Clock
from calsyncctl.connections.ports import Means
from calsyncctl.daemon.clockwatch import ClockWatch
from calsyncctl.daemon.presence import lock_file
from calsyncctl.daemon.pulse import Pulse
from calsyncctl.daemon.same_store import SameStore, require_store
from calsyncctl.locks import lock
from calsyncctl.model.account import Account
from calsyncctl.model.secrets import TokenLedger
from calsyncctl.paths import Paths
from calsyncctl.runtime import Runtime
from calsyncctl.settings import Settings
from calsyncctl.store.db import Store
from calsyncctl.store.due import schema_version
from calsyncctl.store.upgrade import check_known
from calsyncctl.sync.provider import Provider

PATIENCE = 8.0
"""Seconds that a request waits at most for its quota: it holds the account, and commands give up on that after 20."""
STEADY = 3600.0
"""Seconds since the start, or since the clock was set, until it counts as right: machines begin with wrong ones."""
ASK_AGAIN = 10.0
"""Seconds between two looks at a Google app that Google refuses."""
LOCK_WAIT = 0.2
"""Seconds to wait for an account that a command works on; it is tried again at the next tick."""


class Parts:
    """What the threads of the daemon share. Safe between threads, but for `reread`, which is the main thread's."""

    def __init__(self, run: Runtime, clock: Clock) -> None:
        self.clock = clock
        self.pulse = Pulse()
        self._run = _runtime(run, clock, self.pulse)
        self._local = threading.local()
        self._providers = _Providers(self._run)
        self._retired: list[Runtime] = []
        """Runtimes of other Google apps, from before a reload: work may still go on with them."""
        self._steady_since = clock.monotonic()
        self._clock_watch = ClockWatch(clock.now(), self._steady_since)
        self._doubted = False
        self._settled = -math.inf
        """When the Google app was read anew last."""
        self._seen = self._stamp()
        self._run.config  # noqa: B018  (read it now: a broken one is told at once)
        self._run.doing = "daemon run"
        self._run.hold_in_use()  # for as long as it lives: nobody swaps the store beneath it

    @property
    def run(self) -> Runtime:
        """The runtime in force."""
        return self._run

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self._run.config.settings

    @property
    def paths(self) -> Paths:
        """Where the profile's files are."""
        return self._run.paths

    @property
    def enabled(self) -> bool:
        """Whether the profile takes part at all."""
        return self.why_off is None

    @property
    def why_off(self) -> str | None:
        """Why the profile takes no part; None if it does."""
        if not self._run.config.exists:
            return "the configuration is gone"
        return None if self.settings.sync.enabled else "sync.enabled is false"

    def config_changed(self) -> bool:
        """Tell whether the configuration file is another one than at the last look."""
        before, self._seen = self._seen, self._stamp()
        return self._seen != before

    def reread(self) -> None:
        """Read the configuration anew and put the parts together again; what is going on ends with the old ones.

        Raises:
            ConfigFault: it is broken; the old one stays in force.
        """
        fresh = _runtime(self._run, self.clock, self.pulse)
        if fresh.config.exists and fresh.config.settings.sync.enabled:
            fresh.require_instance()
        fresh.doing = self._run.doing
        if not fresh.go_on_from(self._run):
            self._retired.append(self._run)
        fresh.hold_in_use_with(self._run)
        self._run, self._providers = fresh, _Providers(fresh)

    def clock_is_steady(self) -> bool:
        """Tell whether the wall clock went on as it should for long enough to say by it what is old; for one thread.

        It looks for itself: a job may begin before the main thread has noticed a step.
        """
        now = self.clock.monotonic()
        if self._clock_watch.step(self.clock.now(), now):
            self._steady_since = now
        return now - self._steady_since >= STEADY

    @property
    def answers(self) -> Counter[tuple[str, str]]:
        """How many requests of which kind were answered with which HTTP status, since the daemon began."""
        found: Counter[tuple[str, str]] = Counter()
        for run in (*self._retired, self._run):
            found.update(run.answers)
        return found

    def close(self, *, within: float) -> None:
        """Give back what was leased of the quota, within so many seconds; when nobody works any more."""
        until = time.monotonic() + within
        for run in (*self._retired, self._run):
            run.close(within=until - time.monotonic())

    def doubt_client(self) -> None:
        """Have the Google app read anew before its next use: `init` may have given it another secret."""
        self._doubted = True

    def _settle_doubt(self) -> None:
        """Take another Google app, if it is doubted and there is one; the vault is not asked by each calendar."""
        now = self.clock.monotonic()
        if not self._doubted or now < self._settled + ASK_AGAIN:
            return
        self._doubted, self._settled = False, now
        if self._run.reread_client():
            self._providers = _Providers(self._run)

    def means(self) -> Means:
        """Return what the use cases work with, for the calling thread; the caller holds the accounts itself."""
        self._settle_doubt()
        run = self._run
        return Means(
            store=self.store(),
            open_store=self.open_store,
            secrets=run.secrets,
            authority=run.authority,
            provider_for=self._providers.provider_for,
            hold_account=_held_already,
            hold_sign_ins=run.hold_sign_ins,
            clock=self.clock,
            engine=run.engine,
        )

    def holding_means(self) -> Means:
        """Return the same for use cases that hold accounts themselves."""
        return replace(self.means(), hold_account=self.hold_account)

    @cached_property
    def same_store(self) -> SameStore:
        """Which file the store was when the daemon first opened it, and which its lock."""
        require_store(self.paths.store_file)
        return SameStore(self.paths.store_file, lock_file(self.paths))

    def store(self) -> Store:
        """Return the calling thread's store, opened at its first use and looked at before each further one.

        Raises:
            StoreFault: it is gone, or was brought to the schema of a newer program.
            Later: another file lies in its place.
        """
        kept: _Kept | None = getattr(self._local, "kept", None)
        if kept is None:
            store = self.open_store()
            kept = self._local.kept = _Kept(store, schema_version(store))
        else:
            self._look_at(kept)
        return kept.store

    def _look_at(self, kept: _Kept) -> None:
        """See that a store may still be worked on: the same file, and of a schema that is known here."""
        self._require_same()
        schema = schema_version(kept.store)
        if schema != kept.schema:
            check_known(kept.store.connection, kept.store.path)
            kept.schema = schema

    def open_store(self) -> Store:
        """Open the store once more; the caller closes it.

        Raises:
            StoreFault: it is gone. The daemon never makes one: nobody would know that it works on an empty one.
            Later: another file lies in its place.
        """
        self._require_same()
        return self._run.open_store()

    def lend_store(self) -> Store:
        """Return the calling thread's store for somebody who closes it: opening one costs as much as a poll."""
        kept: _Kept | None = getattr(self._local, "kept", None)
        return (kept.store if kept is not None else self.store()).lent()

    def drop_store(self) -> None:
        """Close the calling thread's store: the next use opens it again."""
        kept: _Kept | None = self._local.__dict__.pop("kept", None)
        if kept is not None:
            kept.store.close()

    def _require_same(self) -> None:
        fault = self.same_store.fault()
        if fault is not None:
            raise fault

    def hold_account(self, account: Account, doing: str) -> AbstractContextManager[None]:
        """Hold an account against commands.

        Raises:
            Later: one works on it.
        """
        path = self.paths.locks_dir / f"account-{account.id}.lock"
        return lock(path, holder=f"daemon ({doing})", wait=LOCK_WAIT)

    def _stamp(self) -> tuple[int, ...] | None:
        try:
            stat = self._run.paths.config_file.stat()
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_ino, stat.st_size


@dataclass(slots=True)
class _Kept:
    """One thread's store, and the number of its schema when that was last looked at."""

    store: Store
    schema: int


class _Providers:
    """The providers of one runtime: a thread that still works with an old one leaves nothing of it to the next."""

    def __init__(self, run: Runtime) -> None:
        self._run = run
        self._kept: dict[int, tuple[object, Provider]] = {}

    def provider_for(self, account: Account, ledger: TokenLedger) -> Provider:
        """Return an account's provider, made at its first use, and anew after another sign-in."""
        same = (account.sub, account.scopes, account.vault, account.client, account.since)
        kept = self._kept.get(account.id)
        if kept is None or kept[0] != same:
            kept = self._kept[account.id] = (same, self._run.provider_for(account, ledger))
        return kept[1]


def _runtime(like: Runtime, clock: Clock, pulse: Pulse) -> Runtime:
    run = Runtime(like.flags, like.environ, clock)
    run.patience = PATIENCE
    run.beat = pulse.beat
    return run


def _held_already(account: Account, doing: str) -> AbstractContextManager[None]:
    return nullcontext()
