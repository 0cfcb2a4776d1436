"""A copy of the store that a rehearsal works on: private, and thrown away afterwards, also after a crash."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from calsyncctl.errors import StoreFault
from calsyncctl.store.db import Store, connect
from calsyncctl.store.faults import fault

NAME = "store.sqlite"


@contextmanager
def copied(store_file: Path, folder: Path) -> Iterator[Path]:
    """Copy the store into a folder of its own (0700) and return the copy's path; the folder goes with the block.

    The copy is one consistent state, whatever is written meanwhile. What an earlier block left there, since its process
    was killed, goes first: the caller sees to it that only one block at a time uses the folder.

    Raises:
        StoreFault: the copy could not be made.
    """
    throw_away(folder)
    try:
        folder.mkdir(mode=0o700, parents=True)
        target = folder / NAME
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        _copy(store_file, target)
        yield target
    except OSError as error:
        raise _no_copy(folder, error.strerror or str(error)) from error
    except sqlite3.Error as error:
        raise fault(error, store_file) or _no_copy(folder, str(error)) from error
    finally:
        throw_away(folder)


def open_copy(path: Path) -> Store:
    """Open the copy, for one thread; nothing of it has to outlive a power cut."""
    connection = connect(path)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA foreign_keys = ON")
    return Store(connection, path)


def throw_away(folder: Path) -> None:
    """Remove the folder and what is in it, if it is there."""
    shutil.rmtree(folder, ignore_errors=True)


def _copy(source: Path, target: Path) -> None:
    address = f"{source.absolute().as_uri()}?mode=ro"
    with (
        contextlib.closing(sqlite3.connect(address, uri=True)) as reading,
        contextlib.closing(sqlite3.connect(target)) as writing,
    ):
        reading.backup(writing)


def _no_copy(folder: Path, why: str) -> StoreFault:
    return StoreFault(f"No copy of the store could be made in {folder}: {why}.", "Make room; nothing was changed.")
