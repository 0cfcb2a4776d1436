"""Keeping an account's secrets while it is being tried: in place, read back, and put back if anything fails.

"Connected" is said only after the stored secret was read back and used once; until then the earlier sign-in of the
same account must survive whatever happens, a Ctrl-C included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager

from calsyncctl.errors import VaultFault
from calsyncctl.model.secrets import Secrets, access_entry, refresh_entry
from calsyncctl.store import accounts
from calsyncctl.store.db import Store


def entries_of(sub: str) -> tuple[str, str]:
    """Name the vault entries of an account: refresh token first."""
    return refresh_entry(sub), access_entry(sub)


def forget(secrets: Secrets, sub: str) -> None:
    """Forget both tokens of an account."""
    for entry in entries_of(sub):
        secrets.delete(entry)


@contextmanager
def replaced(secrets: Secrets, tokens: Mapping[str, str | None]) -> Iterator[None]:
    """Put tokens in place and read them back; whatever fails inside brings the earlier ones back.

    Raises:
        VaultFault: what was read back is not what was stored.
    """
    before = {entry: secrets.get(entry) for entry in tokens}
    try:
        _put(secrets, tokens)
        if any(secrets.get(entry) != token for entry, token in tokens.items()):
            raise VaultFault(
                f"The secrets of the vault “{secrets.backend}” do not come back as they were stored.",
                "Choose another vault: calsyncctl init --vault file",
            )
        yield
    except BaseException:  # Ctrl-C too: half-connected is worse than not connected.
        _put(secrets, before)
        raise


def _put(secrets: Secrets, tokens: Mapping[str, str | None]) -> None:
    for entry, token in tokens.items():
        if token is None:
            secrets.delete(entry)
        else:
            secrets.set(entry, token)


class TrialLedger:
    """The token expiries of a sign-in that is being tried; they reach the store together with the account."""

    def __init__(self, access_expires: int | None, refresh_expires: int | None) -> None:
        self.access = access_expires
        self.refresh = refresh_expires

    def access_expires(self) -> int | None:
        """UTC seconds at which the access token ends."""
        return self.access

    def refreshed(self, access_expires: int, refresh_expires: int | None) -> None:
        """Note what a refresh said; nothing new about the refresh token keeps what is known."""
        self.access = access_expires
        self.refresh = refresh_expires or self.refresh


class StoredLedger:
    """The token expiries of a connected account, in the store; each call with a connection of its own, for threads."""

    def __init__(self, open_store: Callable[[], Store], account_id: int) -> None:
        self._open_store = open_store
        self._account_id = account_id

    def access_expires(self) -> int | None:
        """UTC seconds at which the access token ends."""
        with closing(self._open_store()) as store:
            return accounts.get_account(store, self._account_id).token_expires

    def refreshed(self, access_expires: int, refresh_expires: int | None) -> None:
        """Note what a refresh said; nothing new about the refresh token keeps what is known."""
        with closing(self._open_store()) as store, store.write():
            if refresh_expires is None:
                accounts.set_tokens(store, self._account_id, token_expires=access_expires)
            else:
                accounts.set_tokens(
                    store, self._account_id, token_expires=access_expires, grant_expires=refresh_expires
                )
