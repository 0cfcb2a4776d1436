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
from pathlib import Path
from typing import TYPE_CHECKING

from calsyncctl.clock import Clock, SystemClock
from calsyncctl.console import Console
from calsyncctl.errors import CalsyncError, ConfigFault, Later, NotEnabled
from calsyncctl.flags import Flags
from calsyncctl.holding import Holding
from calsyncctl.model.account import OAuthClient
from calsyncctl.model.secrets import CLIENT_SECRET
from calsyncctl.paths import Paths, paths_of
from calsyncctl.settings import (
    GOOGLE_AUTH_URI,
    GOOGLE_REVOKE_URI,
    GOOGLE_TOKEN_URI,
    GOOGLE_USERINFO_URI,
)

if TYPE_CHECKING:
    from datetime import tzinfo

    from calsyncctl.config import Config
    from calsyncctl.connections.budget import StoredBudget
    from calsyncctl.connections.ports import Authority, Envelope, Means
    from calsyncctl.google.governor import Governor
    from calsyncctl.model.account import Account
    from calsyncctl.model.quota import Limits
    from calsyncctl.model.secrets import Secrets, TokenLedger
    from calsyncctl.store.db import Store
    from calsyncctl.sync.engine import Engine
    from calsyncctl.sync.provider import Provider

GOOGLE_ADDRESSES = {
    "auth_uri": GOOGLE_AUTH_URI,
    "token_uri": GOOGLE_TOKEN_URI,
    "revoke_uri": GOOGLE_REVOKE_URI,
    "userinfo_uri": GOOGLE_USERINFO_URI,
}


_PLACES = {
    "service": "the desktop's Secret Service (GNOME Keyring, KWallet, KeePassXC)",
    "macos": "the macOS keychain",
    "windows": "the Windows Credential Manager",
}


class Runtime(Holding):
    """One invocation's parts: paths, config, console, clock, secrets."""

    def __init__(self, flags: Flags, environ: Mapping[str, str], clock: Clock) -> None:
        super().__init__()
        self.flags = flags
        self.environ = environ
        self.clock = clock
        self._making = threading.Lock()
        self._governor: Governor | None = None

    @classmethod
    def from_flags(cls, flags: Flags, environ: Mapping[str, str] | None = None, clock: Clock | None = None) -> Runtime:
        """Make the runtime of one invocation."""
        return cls(flags, os.environ if environ is None else environ, clock or SystemClock())

    @cached_property
    def paths(self) -> Paths:
        """Where the profile's files are."""
        return paths_of(self.flags.profile, self.environ)

    @cached_property
    def config(self) -> Config:
        """The settings in force."""
        from calsyncctl.config import load_config  # noqa: PLC0415

        return load_config(self.paths, self.environ, {"view.zone": ("--tz", self.flags.tz)} if self.flags.tz else {})

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

    def reread_config(self) -> Config:
        """Read the settings again, after an edit of the file."""
        self.__dict__.pop("config", None)
        return self.config

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
        """
        self.require_configured()
        if not self.config.settings.sync.enabled:
            where = self.config.origins["sync.enabled"]
            raise NotEnabled(
                f"Not enabled here: sync.enabled is false ({where}) in the profile “{self.paths.profile}”.",
                "Enable it: calsyncctl init",
            )

    # Secrets and the Google app

    @property
    def key_file(self) -> Path:
        """The key file of the encrypted secrets file."""
        chosen = self.config.settings.vault.key_file
        return Path(chosen).expanduser() if chosen else self.paths.key_file

    @cached_property
    def secrets(self) -> Secrets:
        """The profile's vault, with the backend that `init` chose."""
        return self.open_vault(self.config.settings.vault.backend or "file")

    def open_vault(
        self, backend: str, instance: str | None = None, *, directory: Path | None = None, credentials: bool = True
    ) -> Secrets:
        """Open a vault by its backend's name; `instance` is the id of an installation that is not configured yet.

        The encrypted file lies in `directory` if given; without `credentials` its key is the key file's.
        """
        from calsyncctl.vault.vault import open_vault  # noqa: PLC0415

        return open_vault(
            backend,
            service=self._vault_service(backend, instance or self.config.settings.instance),
            directory=directory or self.paths.vault_dir,
            key_file=self.key_file,
            credentials_directory=self.credentials_directory if credentials else None,
        )

    def choose_vault(self, wish: str) -> str:
        """Choose the backend for secrets: `auto` takes what really keeps a secret here, a name is tried.

        Raises:
            VaultFault: if the named one does not work here.
        """
        from calsyncctl.vault import vault  # noqa: PLC0415

        service = f"calsyncctl:{self.paths.profile}"
        if wish == "auto":
            return vault.choose_backend(service=service, credentials_directory=self.credentials_directory)
        if wish != "file":
            vault.probe(wish, service=service)
        return wish

    def secrets_place(self, backend: str) -> str:
        """Say where a backend keeps secrets, in words."""
        if backend != "file":
            return _PLACES.get(backend, backend)
        key = "systemd's credential" if self.credentials_directory else str(self.key_file)
        return f"encrypted file in {self.paths.vault_dir}, key: {key}"

    def _vault_service(self, backend: str, instance: str) -> str:
        """Return the name under which the profile's secrets stand in a keyring.

        The user's own keyring is shared by all installations of that user (CALSYNCCTL_HOME); the file is ours alone.
        """
        name = f"calsyncctl:{self.paths.profile}"
        return name if backend == "file" else f"{name}:{instance}"

    @property
    def credentials_directory(self) -> Path | None:
        """Where systemd puts credentials (`LoadCredential=`)."""
        given = self.environ.get("CREDENTIALS_DIRECTORY")
        return Path(given) if given else None

    def read_client(self, path: Path) -> OAuthClient:
        """Read and check an OAuth client file.

        Raises:
            ConfigFault: if it is not the file of a desktop app's client.
        """
        from calsyncctl.google.client_file import read_client_file  # noqa: PLC0415

        return read_client_file(path)

    def client_of_settings(self) -> OAuthClient:
        """Read the client file that `google.client_secrets` names.

        Raises:
            ConfigFault: naming who says so, if it cannot be used.
        """
        config = self.config
        try:
            client = self.read_client(Path(config.settings.google.client_secrets).expanduser())
        except ConfigFault as error:
            origin = config.origins["google.client_secrets"]
            where = "google.client_secrets" if origin == "file" else origin
            raise ConfigFault(f"{where}: {error.what}", error.what_to_do) from error
        return self._with_addresses(client, "CALSYNCCTL_")

    @cached_property
    def client(self) -> OAuthClient:
        """The operator's OAuth client: a client file named in the settings, else what `init` kept; then the addresses.

        Raises:
            ConfigFault: if there is none.
        """
        google = self.config.settings.google
        if google.client_secrets:
            return self.client_of_settings()
        secret = self.secrets.get(CLIENT_SECRET) if google.client_id else None
        if not secret:
            raise ConfigFault(
                "There is no Google app to sign in with.",
                "Give its client file: calsyncctl init --client-secrets FILE (see calsyncctl help google-project).",
            )
        return self._with_addresses(OAuthClient(google.client_id, secret, **GOOGLE_ADDRESSES), "")

    def _with_addresses(self, client: OAuthClient, origin: str) -> OAuthClient:
        """Put in the addresses that are set; beside a client file named by hand only those of the environment."""
        google = self.config.settings.google
        given = {
            name: getattr(google, name)
            for name in GOOGLE_ADDRESSES
            if getattr(google, name) and self.config.origins[f"google.{name}"].startswith(origin)
        }
        return replace(client, **given)

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
                "Put a backup in its place, or connect the accounts again: calsyncctl connect"
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
                self._governor = Governor(self._budget, self.clock, patience=self.config.settings.quota.patience)
            return self._governor

    def close(self) -> None:
        """Give back what was leased of the quota and not spent; without it, a block or two count as spent."""
        if self._governor is not None:
            with contextlib.suppress(CalsyncError):
                self._governor.close()
            self._budget.close()

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
        )

    @cached_property
    def authority(self) -> Authority:
        """Google as the one who grants access."""
        from calsyncctl.authority import GoogleAuthority  # noqa: PLC0415

        return GoogleAuthority(self)

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
