"""What the layers above ask of the vault, and how its entries are called; the vault itself is in `vault/`."""

from __future__ import annotations

from typing import Protocol

CLIENT_SECRET = "oauth-client"  # noqa: S105  (the entry's name, not its value)
"""The entry that keeps the OAuth client's secret."""


def refresh_entry(sub: str) -> str:
    """Name the entry of an account's refresh token."""
    return f"refresh:{sub}"


def access_entry(sub: str) -> str:
    """Name the entry of an account's access token."""
    return f"access:{sub}"


class Secrets(Protocol):
    """A place for secrets, by entry name. Raises `VaultFault` when it cannot be reached."""

    @property
    def backend(self) -> str:
        """The backend's name, as `init` chose it: `service`, `macos`, `windows` or `file`."""
        ...

    def get(self, entry: str) -> str | None:
        """Return the secret of an entry, or None."""
        ...

    def set(self, entry: str, secret: str) -> None:
        """Keep a secret, durably, replacing an earlier one."""
        ...

    def delete(self, entry: str) -> None:
        """Forget an entry; forgetting what is not there is fine."""
        ...


class TokenLedger(Protocol):
    """Where the expiries of an account's tokens are kept (the store keeps these, never the tokens)."""

    def access_expires(self) -> int | None:
        """UTC seconds at which the saved access token ends."""
        ...

    def refreshed(self, access_expires: int, refresh_expires: int | None) -> None:
        """Note the expiries after a refresh; `refresh_expires` None: Google said nothing new."""
        ...
