"""Carrying a profile's secrets from one vault to another: all of them, read back, before the old place forgets any.

Whatever is cut off loses nothing: until the switch (the configuration) the old place holds everything, after it the
new one does; what is left in the old place is noted, and cleared by the next move.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from calsyncctl.connections.keeping import entries_of
from calsyncctl.errors import VaultFault
from calsyncctl.model.account import AccountState
from calsyncctl.model.secrets import CLIENT_SECRET, Secrets
from calsyncctl.store import accounts, meta
from calsyncctl.store.db import Store

LEFT = "secrets-left"
"""The name in `meta` of the vaults between which secrets are carried; gone once the old one is cleared."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Whether one secret is in the vault; never the secret. `whose` is the account's address, or the Google app."""

    whose: str
    what: str
    kept: bool


def entries(store: Store) -> list[str]:
    """Name every entry that the profile has in its vault."""
    return [CLIENT_SECRET, *(entry for one in accounts.list_accounts(store) for entry in entries_of(one.sub))]


def survey(secrets: Secrets, store: Store) -> list[Kept]:
    """Tell which secrets are in the vault.

    Raises:
        VaultFault: it is out of reach.
    """
    found = [Kept("Google app", "client secret", secrets.get(CLIENT_SECRET) is not None)]
    for one in accounts.list_accounts(store):
        if one.state is AccountState.DISCONNECTED:
            continue
        words = ("refresh token", "access token")
        for what, entry in zip(words, entries_of(one.sub), strict=True):
            found.append(Kept(one.email, what, secrets.get(entry) is not None))
    return found


def carry(source: Secrets, target: Secrets, names: Iterable[str]) -> int:
    """Copy the entries that are there, and read each back; return how many. The source keeps them.

    Raises:
        VaultFault: one of the two is out of reach, or the target does not give back what it was given.
    """
    carried = 0
    for entry in names:
        secret = source.get(entry)
        if secret is None:
            continue
        target.set(entry, secret)
        if target.get(entry) != secret:
            raise VaultFault(
                f"The vault “{target.backend}” does not give back what it is given.",
                "Nothing was moved: the secrets are where they were. Try another vault.",
            )
        carried += 1
    return carried


def note_left(store: Store, *backends: str) -> None:
    """Note, before anything is carried, between which vaults: one of them is left over, should it be cut off."""
    with store.write():
        meta.set_meta(store, LEFT, " ".join(backends))


def left_in(store: Store, now: str) -> list[str]:
    """Return the vaults, other than the one in use now, in which secrets may still lie after a move."""
    return [one for one in (meta.get_meta(store, LEFT) or "").split() if one != now]


def settle(store: Store, backend: str) -> None:
    """Note on the accounts which vault keeps their tokens from now on."""
    with store.write():
        for one in accounts.list_accounts(store):
            accounts.set_vault(store, one.id, backend)


def clear(source: Secrets, store: Store) -> None:
    """Let a vault forget everything of the profile.

    Raises:
        VaultFault: it is out of reach.
    """
    for entry in entries(store):
        source.delete(entry)


def forget_left(store: Store) -> None:
    """Note that nothing is left anywhere."""
    with store.write():
        meta.drop_meta(store, LEFT)
