"""Deleting a profile: what goes is named first; access is revoked, secrets are forgotten, then the files go.

The configuration goes first of the files: from then on the profile is not there, whatever is cut off.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from calsyncctl.connections.disconnect import part, plan_parting
from calsyncctl.connections.keeping import forget
from calsyncctl.connections.ports import Means
from calsyncctl.errors import CalsyncError, Later
from calsyncctl.machine import cure
from calsyncctl.model.account import AccountState
from calsyncctl.model.secrets import CLIENT_SECRET, Secrets
from calsyncctl.paths import Paths
from calsyncctl.store import accounts
from calsyncctl.store.db import Store
from calsyncctl.store.figures import only_here


@dataclass(frozen=True, slots=True)
class Leaving:
    """What a delete takes away."""

    profile: str
    revoked: tuple[str, ...]
    """Accounts whose access is taken back at Google."""
    only_here: int
    """Living events that no Google calendar has, whole or as they are now: they are lost."""
    backups: tuple[str, ...]
    folders: tuple[str, ...]


def plan_leaving(paths: Paths, store: Store | None, *, revoke: bool) -> Leaving:
    """Say what goes; `store` is None where it cannot be read."""
    connected = accounts.list_accounts(store) if store is not None else []
    granted = tuple(one.email for one in connected if one.state is not AccountState.DISCONNECTED)
    return Leaving(
        paths.profile,
        granted if revoke else (),
        only_here(store) if store is not None else 0,
        tuple(sorted(one.name for one in paths.backups_dir.glob("*.sqlite"))),
        tuple(str(one) for one in folders(paths) if one.exists()),
    )


def revoke_all(means: Means) -> list[str]:
    """Take back every access at Google; return what could not be because its token is not there any more.

    Raises:
        Later: Google is out of reach. What was revoked until then is disconnected; the rest is as it was.
    """
    unrevoked = []
    for account in accounts.list_accounts(means.store):
        if account.state is AccountState.DISCONNECTED:
            continue
        parted = part(means, plan_parting(means, account, revoke=True, purge=False, force=False))
        if not parted.done:
            raise Later(
                f"The access of {account.email} could not be revoked: {parted.why}",
                "Nothing of the profile was removed. Try again, or leave the access as it is: --no-revoke",
            )
        if not parted.revoked:
            unrevoked.append(account.email)
    return unrevoked


def forget_all(secrets: Secrets, store: Store | None) -> None:
    """Forget the profile's secrets: all tokens and the Google app's secret.

    Raises:
        VaultFault: the vault is out of reach.
    """
    for account in accounts.list_accounts(store) if store is not None else []:
        forget(secrets, account.sub)
    secrets.delete(CLIENT_SECRET)


def folders(paths: Paths) -> tuple[Path, ...]:
    """Return the folders that are the profile's alone, the configuration's first."""
    return tuple(dict.fromkeys((paths.config_dir, paths.data_dir, paths.state_dir)))


def remove_files(paths: Paths) -> None:
    """Remove the profile's files and folders, the configuration first.

    Raises:
        CalsyncError: something cannot be removed; it is named.
    """
    try:
        paths.config_file.unlink(missing_ok=True)
        for folder in folders(paths):
            if folder.exists():
                shutil.rmtree(folder)
    except OSError as error:
        raise CalsyncError(
            f"{error.filename or 'A folder'} cannot be removed: {error.strerror}.",
            cure(error, "Remove it by hand."),
        ) from error
