"""A profile as it is shown: where everything is, how large it is; backups, what a delete takes, where secrets live."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from calsyncctl.connections.backups import Restored
from calsyncctl.connections.carrying import Kept
from calsyncctl.connections.leaving import Leaving
from calsyncctl.console import Column, moment
from calsyncctl.layout import state_style
from calsyncctl.store.backup import Backup


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """One profile of the list."""

    profile: str
    state: str
    """`enabled`, `disabled`, or `faulty` where the configuration cannot be used."""
    current: bool
    config_file: str


@dataclass(frozen=True, slots=True)
class Size:
    """How large a profile is, in bytes and rows. `history_since` is the oldest change that is still told."""

    store: int
    backups: int
    log: int
    backup_files: int
    accounts: int
    calendars: int
    events: int
    deleted: int
    versions: int
    history_since: datetime | None


@dataclass(frozen=True, slots=True)
class ProfileShown:
    """One profile, whole. `size` is None where there is no store; `restored` until somebody looked at a reconcile."""

    profile: str
    state: str
    instance: str
    google_app: str
    google: str
    vault: str
    secrets: str
    config_file: str
    store_file: str
    backups_dir: str
    log_file: str
    keep_days: int
    restored: datetime | None
    size: Size | None


@dataclass(frozen=True, slots=True)
class BackupShown:
    """One backup that was checked. `made` is None where it does not say."""

    file: str
    bytes: int
    made: datetime | None
    instance: str
    accounts: int
    calendars: int
    events: int
    versions: int


@dataclass(frozen=True, slots=True)
class RestoredShown:
    """A restore that is done. `kept` is where the store that was there is kept, None: there was none."""

    file: str
    kept: str | None
    shadows: tuple[str, ...]
    unknown: tuple[str, ...]
    """Accounts that were connected since the backup."""
    events: int


@dataclass(frozen=True, slots=True)
class Exported:
    """An export: how many lines it has."""

    file: str
    lines: int


@dataclass(frozen=True, slots=True)
class Deleted:
    """What a delete takes, or took."""

    profile: str
    revoked: tuple[str, ...]
    unrevoked: tuple[str, ...]
    only_here: int
    backups: tuple[str, ...]
    folders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SecretRow:
    """Whether one secret is kept; never the secret."""

    whose: str
    what: str
    kept: bool


@dataclass(frozen=True, slots=True)
class SecretsShown:
    """Where a profile's secrets live. `moved_from` is set by a move; `left` says where some may still lie."""

    profile: str
    vault: str
    place: str
    moved_from: str | None
    left: str | None
    entries: tuple[SecretRow, ...]


LIST = (
    Column("profile", "PROFILE"),
    Column("state", "STATE", style=state_style),
    Column("current", "CURRENT"),
    Column("config_file", "SETTINGS", drop=1),
)
SECRETS = (Column("whose", "WHOSE"), Column("what", "SECRET"), Column("kept", "KEPT"))


def show_columns(when: Callable[[datetime | None], str], size: Size | None) -> tuple[Column, ...]:
    """Return the lines of a profile; `when` writes a time."""
    lines = (
        Column("profile", "Profile"),
        Column("state", "State", style=state_style),
        Column("instance", "Instance"),
        Column("google_app", "Google app"),
        Column("google", "Google"),
        Column("secrets", "Secrets"),
        Column("config_file", "Settings"),
        Column("store_file", "Store"),
        Column("backups_dir", "Backups"),
        Column("log_file", "Log"),
    )
    if size is None:
        return lines
    return (
        *lines,
        Column("size", "Size", show=lambda _: size_text(size)),
        Column("size", "Holds", show=lambda _: holds_text(size)),
        Column("keep_days", "History", show=lambda days: _history(size, days, when)),
    )


def size_text(size: Size) -> str:
    """Say how large a profile is."""
    files = "1 file" if size.backup_files == 1 else f"{size.backup_files:,} files"
    return f"store {bytes_text(size.store)}, backups {bytes_text(size.backups)} ({files}), log {bytes_text(size.log)}"


def holds_text(size: Size) -> str:
    """Say what a store holds."""
    gone = f" ({size.deleted:,} of them deleted)" if size.deleted else ""
    return (
        f"{size.accounts:,} accounts, {size.calendars:,} calendars, {size.events:,} events{gone}, "
        f"{size.versions:,} changes"
    )


def _history(size: Size, days: object, when: Callable[[datetime | None], str]) -> str:
    since = f"since {when(size.history_since)}, " if size.history_since else ""
    return f"{since}kept for {days} days"


def bytes_text(count: int) -> str:
    """Write a number of bytes for people."""
    amount = float(count)
    for unit in ("bytes", "kB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"


def backup_shown(backup: Backup) -> BackupShown:
    """Make a backup's view."""
    counts = backup.counts
    numbers = (counts.get(name, 0) for name in ("account", "calendar", "event", "version"))
    return BackupShown(str(backup.path), backup.size, moment(backup.made), backup.instance, *numbers)


def backup_text(backup: Backup, when: Callable[[datetime | None], str]) -> str:
    """Say what a backup holds."""
    shown = backup_shown(backup)
    made = when(shown.made) if shown.made else "a time that it does not say"
    return f"of {made}: {shown.accounts:,} accounts, {shown.calendars:,} calendars, {shown.events:,} events"


def restored_shown(restored: Restored) -> RestoredShown:
    """Make a restore's view."""
    kept = None if restored.kept is None else str(restored.kept)
    return RestoredShown(
        str(restored.backup.path), kept, restored.shadows, restored.unknown, restored.backup.counts.get("event", 0)
    )


def leaving_lines(leaving: Leaving) -> list[str]:
    """Say what a delete will take away, a line each."""
    lines = [f"To be taken back at Google, the access to: {email}" for email in leaving.revoked]
    if leaving.only_here:
        lines.append(f"Events that no Google calendar has as they are here, lost for good: {leaving.only_here:,}")
    if leaving.backups:
        lines.append(f"To be removed, backups: {len(leaving.backups):,}, the newest {leaving.backups[-1]}")
    return [*lines, *(f"To be removed: {one}" for one in leaving.folders), "And its secrets, wherever they are."]


def deleted(leaving: Leaving, unrevoked: list[str]) -> Deleted:
    """Make the view of a delete that is done."""
    gone = tuple(one for one in leaving.revoked if one not in unrevoked)
    return Deleted(leaving.profile, gone, tuple(unrevoked), leaving.only_here, leaving.backups, leaving.folders)


def secret_rows(found: list[Kept]) -> tuple[SecretRow, ...]:
    """Make the rows of what is kept."""
    return tuple(SecretRow(one.whose, one.what, one.kept) for one in found)
