"""Puts the parts of the program together, each when it is first asked for. The only module that knows them all.

Making a `Runtime` costs nothing: no file is read, nothing heavy imported.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from calsyncctl.clock import Clock, SystemClock
from calsyncctl.console import Console
from calsyncctl.errors import NotEnabled
from calsyncctl.flags import Flags
from calsyncctl.paths import Paths, paths_of

if TYPE_CHECKING:
    from datetime import tzinfo

    from calsyncctl.config import Config
    from calsyncctl.model.account import OAuthClient
    from calsyncctl.model.secrets import Secrets


class Runtime:
    """One invocation's parts: paths, config, console, clock, secrets."""

    def __init__(self, flags: Flags, environ: Mapping[str, str], clock: Clock) -> None:
        self.flags = flags
        self.environ = environ
        self.clock = clock

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

        return load_config(self.paths, self.environ, {"view.zone": self.flags.tz} if self.flags.tz else {})

    @cached_property
    def console(self) -> Console:
        """The way to speak."""
        return Console(self.flags, zone=self.zone, environ=self.environ)

    def zone(self) -> tzinfo:
        """Return the zone in which times are shown: `--tz`, else the configured one, else the machine's."""
        from calsyncctl.zones import view_zone  # noqa: PLC0415

        return view_zone(self.config.settings.view.zone, self.environ)

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

    def open_vault(self, backend: str) -> Secrets:
        """Open a vault by its backend's name."""
        from calsyncctl.vault.vault import open_vault  # noqa: PLC0415

        return open_vault(
            backend,
            service=f"calsyncctl:{self.paths.profile}",
            directory=self.paths.vault_dir,
            key_file=self.key_file,
            credentials_directory=self._credentials_directory,
        )

    @property
    def _credentials_directory(self) -> Path | None:
        """Where systemd puts credentials (`LoadCredential=`)."""
        given = self.environ.get("CREDENTIALS_DIRECTORY")
        return Path(given) if given else None

    def read_client(self, path: Path) -> OAuthClient:
        """Read and check an OAuth client file.

        Raises:
            ConfigFault: if it is not the file of a desktop app's client.
        """
        from calsyncctl.google.oauth import read_client_file  # noqa: PLC0415

        return read_client_file(path)
