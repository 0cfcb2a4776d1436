"""Opening the store and writing to it: the only door to the profile's SQLite file.

One connection belongs to one thread. WAL lets readers go on beside the one writer; `write()` takes the write lock
from its first statement and is kept short, so that daemon and commands share the file.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from calsyncctl.clock import Clock, SystemClock
from calsyncctl.errors import Later, StoreFault
from calsyncctl.machine import cure
from calsyncctl.store import upgrade
from calsyncctl.store.faults import fault, spoken

BUSY_TIMEOUT_SECONDS = 5.0
PAGE_BYTES = 8192
"""The page size of a new store: a first listing is written a sixth faster than with SQLite's 4,096."""
_TRIES = 100


class _Connection(sqlite3.Connection):
    """A connection whose trouble with the file speaks in our sentences, whoever uses it.

    The `try` is written out, twice: as a context manager it would triple the cost of a statement.
    """

    path: Path

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        try:
            return super().execute(sql, parameters)
        except sqlite3.Error as error:
            sentence = fault(error, self.path)
            if sentence is None:
                raise
            raise sentence from error

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> sqlite3.Cursor:
        try:
            return super().executemany(sql, parameters)
        except sqlite3.Error as error:
            sentence = fault(error, self.path)
            if sentence is None:
                raise
            raise sentence from error


class Store:
    """An open store: one connection for one thread, to be closed by whoever opened it (it is a context manager)."""

    def __init__(self, connection: sqlite3.Connection, path: Path, *, made: bool = False) -> None:
        self.connection = connection
        self.path = path
        self.made = made
        """Whether there was none, or an empty file, before it was opened."""

    @contextlib.contextmanager
    def write(self) -> Iterator[None]:
        """Hold the write lock for the block; all of it is kept, or, if it raises, nothing.

        `BEGIN IMMEDIATE`, since a transaction that reads before it writes fails at once when somebody else wrote in
        between, whatever the time-out. Never call a network inside; blocks do not nest.

        Raises:
            Later: another process kept the lock for longer than five seconds, or than `wait_at_most` says.
            RuntimeError: a block is already open on this connection.
        """
        if self.writing():
            raise RuntimeError("store.write() does not nest: pass the store on and write in the block that is open")
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.connection.execute("COMMIT")
        except BaseException:
            if self.writing():  # a full disk rolls back by itself
                self.connection.execute("ROLLBACK")
            raise

    @contextlib.contextmanager
    def attempt(self) -> Iterator[None]:
        """Hold a part of an open `write()` block: if it raises, nothing of this part is kept, and the rest goes on."""
        self.connection.execute("SAVEPOINT attempt")
        try:
            yield
        except BaseException:
            if self.writing():  # a full disk rolls back everything by itself
                self.connection.execute("ROLLBACK TO attempt")
                self.connection.execute("RELEASE attempt")
            raise
        self.connection.execute("RELEASE attempt")

    def wait_at_most(self, seconds: float) -> None:
        """Wait so long, from now on, for another process that writes, before it is `Later`."""
        self.connection.execute(f"PRAGMA busy_timeout = {max(0, int(1000 * seconds))}")

    def writing(self) -> bool:
        """Tell whether a `write()` block is open."""
        return self.connection.in_transaction

    def lent(self) -> Store:
        """Return this store for somebody of the same thread who closes what he is given: it stays open."""
        return _Lent(self.connection, self.path)

    def close(self) -> None:
        """Close the connection; an open block is rolled back."""
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Lent(Store):
    """A store whose owner goes on with it."""

    def close(self) -> None:
        """Leave the connection to its owner."""


def open_store(
    path: Path, *, backups: Path | None = None, clock: Clock | None = None, any_thread: bool = False
) -> Store:
    """Open the store at `path`; made (0600) if it is not there, brought to this program's schema if it is older.

    Before an existing store changes its schema it is saved, verified, into `backups` (default: `backups` beside it).
    `any_thread`: for whoever lets one thread after the other use it, under a lock of their own.

    Raises:
        StoreFault: it was made by a newer calsyncctl, is no store, is damaged, or cannot be read or written.
        Later: another process held it for longer than five seconds.
    """
    _make_private(path)
    connection = connect(path, any_thread=any_thread)
    try:
        upgrade.check_known(connection, path)
        made = not upgrade.applied(connection)
        _keep_wal(connection)
        connection.execute("PRAGMA synchronous = NORMAL")
        if upgrade.pending(connection):
            upgrade.upgrade(connection, path, backups or path.parent / "backups", clock or SystemClock())
        connection.execute("PRAGMA foreign_keys = ON")  # per connection, and off by default
    except BaseException:
        connection.close()
        raise
    return Store(connection, path, made=made)


def connect(path: Path, *, any_thread: bool = False) -> _Connection:
    """Open the file as it is: no schema, no pragmas; transactions are opened by hand only."""
    with spoken(path):
        connection = sqlite3.connect(
            path,
            timeout=BUSY_TIMEOUT_SECONDS,
            isolation_level=None,
            factory=_Connection,
            check_same_thread=not any_thread,
        )
    connection.path = path
    return connection


def _keep_wal(connection: _Connection) -> None:
    """Switch a new file, or a restored backup, to WAL, which it then stays.

    Several processes may do it at once: whoever does not get the whole file looks again whether it is done.

    Raises:
        Later: it could not be switched within the time-out.
    """
    for _ in range(_TRIES):
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()  # without a read the answer may be an old one
        if connection.execute("PRAGMA journal_mode").fetchone() == ("wal",):
            return
        with contextlib.suppress(Later):
            _switch_to_wal(connection.path)
    raise Later(f"Another calsyncctl is busy with the store {connection.path}.", "Try again in a moment.")


def _switch_to_wal(path: Path) -> None:
    """Take the whole file, through a connection of its own, and switch it; Later if somebody else has it open.

    By itself the switch raises a shared lock, for which SQLite never waits.
    """
    with contextlib.closing(connect(path)) as alone:
        alone.execute(f"PRAGMA page_size = {PAGE_BYTES}")  # only a new file takes these two
        alone.execute("PRAGMA auto_vacuum = INCREMENTAL")  # what is forgotten is given back to the disk, bit by bit
        alone.execute(f"PRAGMA busy_timeout = {int(1000 * BUSY_TIMEOUT_SECONDS / _TRIES)}")
        alone.execute("PRAGMA locking_mode = EXCLUSIVE")
        alone.execute("BEGIN EXCLUSIVE")
        alone.execute("COMMIT")
        alone.execute("PRAGMA journal_mode = WAL")


def _make_private(path: Path) -> None:
    """See to it that the file is there and only its owner's; SQLite gives -wal and -shm the same mode.

    The file is never opened by its own name here: closing a descriptor of it would drop the locks of every other
    connection in this process (https://www.sqlite.org/howtocorrupt.html, section 2.2).
    """
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            path.chmod(mode & 0o700)
    except FileNotFoundError:
        _create_empty(path)
    except OSError as error:
        raise StoreFault(
            f"The store {path} cannot be reached: {error.strerror}.", cure(error, "Check who owns its folder.")
        ) from error


def _create_empty(path: Path) -> None:
    """Put an empty 0600 file under the name in one step; another process may have done it first."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        os.close(descriptor)
        try:
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)
        finally:
            Path(draft).unlink()
    except OSError as error:
        raise StoreFault(
            f"The store {path} cannot be made: {error.strerror}.", cure(error, "Check its folder.")
        ) from error
