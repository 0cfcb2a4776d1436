"""The settings of an invocation, the vault that its secrets lie in, and the operator's Google app."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from calsyncctl.errors import ConfigFault
from calsyncctl.holding import Holding
from calsyncctl.model.account import OAuthClient
from calsyncctl.model.secrets import CLIENT_SECRET
from calsyncctl.settings import (
    GOOGLE_AUTH_URI,
    GOOGLE_REVOKE_URI,
    GOOGLE_TOKEN_URI,
    GOOGLE_USERINFO_URI,
)

if TYPE_CHECKING:
    from calsyncctl.config import Config
    from calsyncctl.model.secrets import Secrets

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


class Vaults(Holding):
    """The settings, and the vault and the Google app that they name; the rest of an invocation is the runtime's."""

    @cached_property
    def config(self) -> Config:
        """The settings in force."""
        from calsyncctl.config import load_config  # noqa: PLC0415

        return load_config(self.paths, self.environ, {"view.zone": ("--tz", self.flags.tz)} if self.flags.tz else {})

    def reread_config(self) -> Config:
        """Read the settings again, after an edit of the file."""
        self.__dict__.pop("config", None)
        return self.config

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

    def reread_client(self) -> bool:
        """Read the client anew, and return whether it is another one. Raises as `client` does."""
        before = self.__dict__.pop("client", None)
        return bool(self.client != before)

    def _with_addresses(self, client: OAuthClient, origin: str) -> OAuthClient:
        """Put in the addresses that are set; beside a client file named by hand only those of the environment."""
        google = self.config.settings.google
        given = {
            name: getattr(google, name)
            for name in GOOGLE_ADDRESSES
            if getattr(google, name) and self.config.origins[f"google.{name}"].startswith(origin)
        }
        return replace(client, **given)
