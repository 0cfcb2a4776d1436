"""Puts the parts of the program together, each when it is first asked for. The only module that knows them all.

Making a `Runtime` costs nothing: no file is read, nothing heavy imported.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from calsyncctl.clock import Clock, SystemClock
from calsyncctl.console import Console
from calsyncctl.errors import CalsyncError, ConfigFault, Later, NotEnabled
from calsyncctl.flags import Flags
from calsyncctl.vaults import Vaults

if TYPE_CHECKING:
    from datetime import tzinfo

    from calsyncctl.connections.budget import StoredBudget
    from calsyncctl.connections.ports import Authority, Envelope, Means
    from calsyncctl.google.governor import Governor
    from calsyncctl.model.account import Account
    from calsyncctl.model.quota import Limits
    from calsyncctl.model.secrets import TokenLedger
    from calsyncctl.store.db import Store
    from calsyncctl.sync.engine import Engine
    from calsyncctl.sync.provider import Provider


class Runtime(Vaults):
    """One invocation's parts: paths, config, console, clock, secrets."""

    def __init__(self, flags: Flags, environ: Mapping[str, str], clock: Clock) -> None:
        super().__init__(flags, environ)
        self.clock = clock
        self.patience: float | None = None
        """Seconds that a request waits at most for its quota or for Google's `Retry-After`, whatever the settings say:
        of a process that comes back to it anyway, and holds what others wait for. None: as they say."""
        self.beat: Callable[[], None] = lambda: None
        """Called before and after each request to the Calendar API, by the thread that makes it."""
        self._making = threading.Lock()
        self._governor: Governor | None = None

    @classmethod
    def from_flags(cls, flags: Flags, environ: Mapping[str, str] | None = None, clock: Clock | None = None) -> Runtime:
        """Make the runtime of one invocation."""
        return cls(flags, os.environ if environ is None else environ, clock or SystemClock())

    @cached_property
    def console(self) -> Console:
        """The way to speak."""
        return Console(self.flags, zone=self.zone, environ=self.environ)

    def zone(self) -> tzinfo:
        """Return the zone in which times are shown: `--tz`, else the configured one, else the machine's."""
        from calsyncctl.zones import view_zone  # noqa: PLC0415

        return view_zone(self.config.settings.view.zone, self.environ)

    def for_profile(self, name: str) -> Runtime:
        """Return the runtime of another profile, for looking at it; flags and environment stay."""
        other = type(self)(replace(self.flags, profile=name), self.environ, self.clock)
        other.doing = self.doing
        return other

    def require_configured(self) -> None:
        """See that `init` was run.

        Raises:
            NotEnabled: if not.
        """
        if not self.config.exists:
            raise NotEnabled(
                f"Not enabled here: the profile “{self.paths.profile}” has no configuration.",
                "Enable it: calsyncctl init",
            )

    def require_enabled(self) -> None:
        """See that the profile takes part at all.

        Raises:
            NotEnabled: if `init` was not run, or `sync.enabled` is false.
            ConfigFault: if it is not said which installation this is.
        """
        self.require_configured()
        if not self.config.settings.sync.enabled:
            where = self.config.origins["sync.enabled"]
            raise NotEnabled(
                f"Not enabled here: sync.enabled is false ({where}) in the profile “{self.paths.profile}”.",
                "Enable it: calsyncctl init",
            )
        self.require_instance()

    def require_instance(self) -> None:
        """See that the installation has its id: without it, others' events could pass for ours.

        Raises:
            ConfigFault: if not.
        """
        if not self.config.settings.instance:
            raise ConfigFault(
                f"{self.paths.config_file} does not say which installation this is: the line “instance” is missing.",
                "Put it back as it was; calsyncctl init does, while the store is there.",
            )

    # Store

    def open_store(self, *, any_thread: bool = False) -> Store:
        """Open the store, for the calling thread, or one at a time; say it where it was lost: `init` makes it."""
        from calsyncctl.store.db import open_store  # noqa: PLC0415

        self.paths.make()
        self.hold_in_use()
        store = open_store(
            self.paths.store_file, backups=self.paths.backups_dir, clock=self.clock, any_thread=any_thread
        )
        if store.made and self.config.exists:
            self.console.warn(
                f"The store {store.path} was not there: a new, empty one was made. "
                "Put a backup in its place (calsyncctl profile restore FILE), or connect the accounts again: "
                "calsyncctl connect"
            )
        return store

    @cached_property
    def store(self) -> Store:
        """The main thread's store."""
        return self.open_store()

    @contextlib.contextmanager
    def rehearsal(self) -> Iterator[Callable[[], Store]]:
        """Copy the store for a rehearsal and yield the way to open the copy; it is gone after the block.

        Raises:
            Later: another rehearsal goes on.
        """
        from calsyncctl.store.rehearsal import copied, open_copy  # noqa: PLC0415

        with self.hold_rehearsal(), copied(self.paths.store_file, self.paths.rehearsal_dir) as path:
            yield lambda: open_copy(path)

    def clear_rehearsal(self) -> None:
        """Throw away the copy that a rehearsal left since it was killed; one that goes on keeps its own."""
        from calsyncctl.locks import lock  # noqa: PLC0415
        from calsyncctl.store.rehearsal import throw_away  # noqa: PLC0415

        if self.paths.rehearsal_dir.exists():
            path = self.paths.locks_dir / "rehearsal.lock"
            with contextlib.suppress(Later), lock(path, holder="dry-run", wait=0.0):
                throw_away(self.paths.rehearsal_dir)

    # Google

    @property
    def limits(self) -> Limits:
        """This profile's part of what Google grants."""
        from calsyncctl.model.quota import Limits  # noqa: PLC0415

        quota = self.config.settings.quota
        return Limits.of_share(quota.share, per_minute=quota.per_minute, per_user=quota.per_user, per_day=quota.per_day)

    @property
    def client_key(self) -> str:
        """The key under which the quota of the operator's OAuth client is counted; asks no vault."""
        from calsyncctl.model.quota import client_key  # noqa: PLC0415

        google = self.config.settings.google
        return client_key(self.client_of_settings().client_id if google.client_secrets else google.client_id)

    @cached_property
    def _budget(self) -> StoredBudget:
        from calsyncctl.connections.budget import StoredBudget  # noqa: PLC0415

        return StoredBudget(lambda: self.open_store(any_thread=True), self.client_key, self.limits)

    @property
    def governor(self) -> Governor:
        """What every request to the Calendar API passes; one for all threads, whichever asks first."""
        from calsyncctl.google.governor import Governor  # noqa: PLC0415

        with self._making:
            if self._governor is None:
                self._governor = Governor(self._budget, self.clock, patience=self._least_patience, beat=self.beat)
            return self._governor

    @property
    def _least_patience(self) -> float:
        patience = self.config.settings.quota.patience
        return min(patience, self.patience or patience)

    def go_on_from(self, before: Runtime) -> bool:
        """Take the governor of the runtime before a reload: leases and counts go on. Return whether that was possible.

        It was not if quota is counted for another Google app now, or nobody knows for which.
        """
        if before._governor is None:
            return True
        try:
            if before._budget.client != self.client_key:
                return False
        except ConfigFault:
            return False
        self._budget, self._governor = before._budget, before._governor
        self._budget.limits, self._governor.patience = self.limits, self._least_patience
        return True

    @property
    def answers(self) -> dict[tuple[str, str], int]:
        """How many requests of which kind were answered with which HTTP status."""
        return {} if self._governor is None else dict(self._governor.answers)

    def close(self, *, within: float | None = None) -> None:
        """Give back what was leased of the quota and not spent; without it, a block or two count as spent.

        `within`: so many seconds at most, if another process holds the store.
        """
        if self._governor is not None:
            with contextlib.suppress(CalsyncError):
                if within is not None:
                    self._budget.wait_at_most(within)
                self._governor.close()
            self._budget.close()

    def drop_connections(self) -> None:
        """Close the connections to Google, also those in use: the next request makes a new one."""
        from calsyncctl.google.transport import drop_connections  # noqa: PLC0415

        drop_connections()

    def provider_for(self, account: Account, ledger: TokenLedger) -> Provider:
        """Make the provider of an account."""
        from calsyncctl.google.provider import google_provider  # noqa: PLC0415
        from calsyncctl.google.tokens import AccessTokens  # noqa: PLC0415
        from calsyncctl.model.quota import user_key  # noqa: PLC0415

        tokens = AccessTokens(
            client=self.client,
            sub=account.sub,
            email=account.email,
            scopes=account.scopes,
            secrets=self.secrets,
            ledger=ledger,
            clock=self.clock,
            lock=lambda: self.hold_tokens(account.sub),
        )
        settings = self.config.settings
        gate = self.governor.gate(user_key(account.sub), account.email)
        return google_provider(
            api_root=settings.google.api_root,
            tokens=tokens,
            email=account.email,
            clock=self.clock,
            gate=gate,
            brand=settings.brand.tag,
            patience=self.patience,
        )

    @cached_property
    def authority(self) -> Authority:
        """Google as the one who grants access."""
        from calsyncctl.authority import GoogleAuthority  # noqa: PLC0415

        return GoogleAuthority(self, self.clock)

    @property
    def envelope(self) -> Envelope:
        """What seals a hand-over."""
        from calsyncctl.vault import seal  # noqa: PLC0415

        return seal

    @cached_property
    def means(self) -> Means:
        """What the use cases of accounts and calendars work with."""
        from calsyncctl.connections.ports import Means  # noqa: PLC0415

        self._begin_log()
        self.clear_rehearsal()
        return Means(
            store=self.store,
            open_store=self.open_store,
            secrets=self.secrets,
            authority=self.authority,
            provider_for=self.provider_for,
            hold_account=self.hold_account,
            hold_sign_ins=self.hold_sign_ins,
            clock=self.clock,
            engine=self.engine,
        )

    @property
    def engine(self) -> Engine:
        """What the operator set about syncing."""
        from calsyncctl.sync.choice import Policy  # noqa: PLC0415
        from calsyncctl.sync.engine import Engine  # noqa: PLC0415

        settings = self.config.settings
        return Engine(instance=settings.instance, policy=Policy(settings.sync.conflicts), mail=settings.sync.mail)

    def _begin_log(self) -> None:
        """Let the use cases log, where the log can be written; into its file only, since commands speak on stderr."""
        from calsyncctl.logs import begin_logging, show_bugs  # noqa: PLC0415

        with contextlib.suppress(CalsyncError, OSError):
            logger = begin_logging(self.paths, verbose=self.flags.verbose, environ={})
            if self.flags.verbose:
                show_bugs(logger)
