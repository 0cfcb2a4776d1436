"""What the tests of a daemon's parts have in common: what it told systemd, and a store that somebody holds."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from calsyncctl.daemon.run import Daemon


def said(line: socket.socket) -> list[str]:
    """Return what systemd was told since the last call."""
    found = []
    while True:
        try:
            found.append(line.recv(1000).decode())
        except BlockingIOError:
            return found


@contextmanager
def held(daemon: Daemon) -> Iterator[None]:
    """Hold the store as another process would."""
    with closing(sqlite3.connect(daemon.parts.paths.store_file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
