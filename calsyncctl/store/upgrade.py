"""Bringing a store to this program's schema: checked, backed up, in one transaction, or not at all.

What is pending is read with plain SQL, so that opening a current store never imports sqlite-utils (54 ms).
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from calsyncctl.clock import Clock
from calsyncctl.errors import StoreFault
from calsyncctl.store import migrations
from calsyncctl.store.backup import back_up
from calsyncctl.store.faults import spoken


def applied(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Return the names of the steps that the store has, oldest first; none for an empty file."""
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = '_sqlite_migrations'").fetchone()
    if known is None:
        return ()
    rows = connection.execute(
        "SELECT name FROM _sqlite_migrations WHERE migration_set = ? ORDER BY id", (migrations.SET,)
    )
    return tuple(name for (name,) in rows)


def pending(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Return the names of the steps that the store still lacks."""
    have = set(applied(connection))
    return tuple(name for name in migrations.NAMES if name not in have)


class NewerStore(StoreFault):
    """The store was brought to its schema by a newer program: another one than this is to work on it."""


def newer(connection: sqlite3.Connection) -> bool:
    """Tell whether a newer program has brought the store to its schema."""
    return any(name not in migrations.NAMES for name in applied(connection))


def check_known(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse, before anything is touched, a store of a newer program and a database of another one.

    Raises:
        StoreFault: it is one of the two.
    """
    have = applied(connection)
    newer = [name for name in have if name not in migrations.NAMES]
    if newer:
        raise NewerStore(
            f"The store {path} was made by a newer calsyncctl (it has {newer[-1]}).",
            "Upgrade calsyncctl, or put a backup from before in its place.",
        )
    if not have and connection.execute("SELECT 1 FROM sqlite_master").fetchone():
        raise StoreFault(f"{path} is the database of another program.", "Move that file away.")


def upgrade(connection: sqlite3.Connection, path: Path, backups: Path, clock: Clock) -> None:
    """Apply what is pending, under the write lock; a store with a schema is backed up first.

    Raises:
        StoreFault: a step failed, or no backup could be made: the store is as it was.
        Later: another process held the store for longer than five seconds.
    """
    # Off while steps run, or rebuilding a table would fire its references; checked as a whole below.
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("BEGIN IMMEDIATE")
    try:
        check_known(connection, path)  # a newer program may have been faster
        have = applied(connection)
        if have and pending(connection):
            back_up(path, backups, label=have[-1].partition("_")[0], now=clock.now())
        _apply(connection, path)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _apply(connection: sqlite3.Connection, path: Path) -> None:
    """Run the steps inside the open transaction."""
    from sqlite_utils import Database

    # Plug-ins would be foreign code in every start, recursive triggers a pragma that only upgraded runs have.
    database = Database(connection, execute_plugins=False, recursive_triggers=False, strict=True)
    try:
        with spoken(path):
            migrations.migrations().apply(database)
    except sqlite3.Error as error:
        raise _failed(path, str(error)) from error
    broken = connection.execute("PRAGMA foreign_key_check").fetchone()
    if broken is not None:
        raise _failed(path, f"a row of {broken[0]} points to nothing in {broken[2]}")


def _failed(path: Path, why: str) -> StoreFault:
    return StoreFault(
        f"The store {path} could not be brought to this version: {why}.",
        "It is as it was. Go on with the calsyncctl you had, and tell us.",
    )
