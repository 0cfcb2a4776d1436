"""Backing a profile's store up and putting a backup back; what rests after that until somebody has looked.

A store that was put back knows nothing of what happened since. So every account is a shadow (nothing is written to
Google), and triggers rest, until one reconcile was looked at and the accounts are trusted.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from calsyncctl.clock import Clock
from calsyncctl.connections.leaving import folders
from calsyncctl.connections.shadow import shade
from calsyncctl.errors import CalsyncError, StoreFault, UsageFault
from calsyncctl.model.account import AccountState
from calsyncctl.paths import Paths
from calsyncctl.store import accounts, channels, meta
from calsyncctl.store.backup import Backup, Note, back_up, examine, write_backup
from calsyncctl.store.db import Store, open_store
from calsyncctl.store.restore import check_known, put_aside, put_back

ASKED = "asked"
"""The label of backups that somebody asked for: they are never removed by themselves."""
RESTORED = "restored"
"""The name in `meta` of when the store was put back; gone once a reconcile was looked at."""


@dataclass(frozen=True, slots=True)
class Restored:
    """How a restore ended."""

    backup: Backup
    kept: Path | None
    """Where the store that was there is kept; None: there was none."""
    shadows: tuple[str, ...]
    """The accounts that write nothing until they are trusted."""
    unknown: tuple[str, ...]
    """Accounts connected since the backup: it does not know them."""


def take_backup(paths: Paths, instance: str, now: int, target: Path | None = None) -> Backup:
    """Back the store up, to the file or into the folder `target` or the profile's own, and check what was written.

    Raises:
        StoreFault: there is no store, or no sound copy of it could be made.
    """
    if not paths.store_file.is_file():
        raise StoreFault(f"There is no store {paths.store_file}.", "Make one: calsyncctl init")
    note = Note(instance, now)
    if target is not None and not target.is_dir():
        return examine(write_backup(paths.store_file, target, note=note))
    return examine(back_up(paths.store_file, target or paths.backups_dir, label=ASKED, now=now, note=note))


def check_replaceable(paths: Paths, file: Path) -> None:
    """See that what is to be written over is none of the profile's own files, but for its backups.

    Raises:
        UsageFault: it is one; without it the profile were lost, while others go on with a file that has no name.
    """
    place = file.resolve()
    of_profile = any(place.is_relative_to(folder.resolve()) for folder in folders(paths))
    if of_profile and not place.is_relative_to(paths.backups_dir.resolve()):
        raise UsageFault(f"{file} belongs to the profile itself.", "Name another file.")


def plan_restore(paths: Paths, instance: str, file: Path) -> Backup:
    """Check a backup: whether it is one, sound, of this installation, and of a schema that this program knows.

    Raises:
        StoreFault: it is not.
        UsageFault: it is the store itself.
    """
    if paths.store_file.exists() and file.exists() and file.samefile(paths.store_file):
        raise UsageFault(f"{file} is the store itself.", "Name a backup: they lie beside it in `backups`.")
    backup = examine(file)
    check_known(backup)
    if backup.instance and instance and backup.instance != instance:
        raise StoreFault(
            f"The backup {file} is of another installation ({backup.instance}; this one is {instance}).",
            "Restore it there; or, if this profile is to be that one: "
            f"calsyncctl config set instance {backup.instance}",
        )
    return backup


def restore(paths: Paths, backup: Backup, instance: str, clock: Clock) -> Restored:
    """Keep the present store as a backup, then put `backup` in its place. Only for who has the profile alone.

    Raises:
        StoreFault: it could not be done: the store is as it was.
    """
    now, before = clock.now(), _connected(paths.store_file)
    kept = put_aside(paths.store_file, paths.backups_dir, Note(instance, now))
    shadows: list[str] = []
    put_back(backup, paths.store_file, clock, partial(_let_rest, now=now, shadows=shadows))
    return Restored(backup, kept, tuple(shadows), tuple(one for one in before if one not in shadows))


def triggers_rest(store: Store) -> bool:
    """Tell whether triggers rest: the store was put back, and nobody looked at a reconcile since."""
    return meta.get_meta(store, RESTORED) is not None


def restored_at(store: Store) -> int | None:
    """Return when the store was put back, in UTC seconds; None once a reconcile was looked at."""
    at = meta.get_meta(store, RESTORED)
    return None if at is None else int(at)


def looked_at(store: Store) -> tuple[str, ...]:
    """Note that somebody looked at a whole reconcile; return the accounts to trust, if that ended a restore's rest."""
    if not triggers_rest(store):
        return ()
    with store.write():
        meta.drop_meta(store, RESTORED)
    return tuple(one.email for one in accounts.list_accounts(store) if one.shadow)


def _connected(store_file: Path) -> list[str]:
    """Return the accounts that are connected now; none where the store is missing or damaged."""
    if not store_file.exists():
        return []
    try:
        with open_store(store_file) as store:
            known = accounts.list_accounts(store)
    except CalsyncError:
        return []
    return [one.email for one in known if one.state is not AccountState.DISCONNECTED]


def _let_rest(store: Store, *, now: int, shadows: list[str]) -> None:
    """Make every account a shadow and let triggers rest, in a store that is about to be put back."""
    with store.write():
        meta.set_meta(store, RESTORED, str(now))
        channels.drop_channels(store, [one.id for one in channels.list_channels(store)], now)  # long stopped, perhaps
    for account in accounts.list_accounts(store):
        shade(store, account, now)
        shadows.append(account.email)
