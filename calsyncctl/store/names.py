"""Names for TAB: read straight from the file, without opening it as a store.

Completion runs at every key press and must neither migrate nor wait nor complain: the file is opened read-only with a
short time-out, and any trouble means no names.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path

_TIMEOUT_SECONDS = 0.2
_CONNECTED = "account.state <> 'disconnected'"


def account_names(path: Path) -> list[str]:
    """Return the addresses of the connected accounts."""
    return _read(
        path, lambda rows: [email for (email,) in rows(f"SELECT email FROM account WHERE {_CONNECTED} ORDER BY 1")]
    )


def calendar_names(path: Path) -> list[str]:
    """Return the calendars' names; `ACCOUNT/NAME` where several have the same."""
    query = f"""
        SELECT calendar.name, account.email FROM calendar LEFT JOIN account ON account.id = calendar.account_id
        WHERE account.id IS NULL OR {_CONNECTED} ORDER BY calendar.name COLLATE NOCASE, account.email
    """
    return _read(path, lambda rows: _told_apart(rows(query)))


def assignee_names(path: Path) -> list[str]:
    """Return the assignees as `KIND:NAME`."""
    query = "SELECT kind || ':' || name FROM assignee ORDER BY kind, name COLLATE NOCASE"
    return _read(path, lambda rows: [name for (name,) in rows(query)])


_Rows = Callable[[str], list[tuple[str, ...]]]


def _read(path: Path, names: Callable[[_Rows], list[str]]) -> list[str]:
    try:
        address = f"{path.absolute().as_uri()}?mode=ro"
        with contextlib.closing(sqlite3.connect(address, uri=True, timeout=_TIMEOUT_SECONDS)) as connection:
            return names(lambda query: connection.execute(query).fetchall())
    except (sqlite3.Error, OSError):
        return []  # a TAB that offers nothing is right here; the command itself will say what is wrong


def _told_apart(rows: list[tuple[str, ...]]) -> list[str]:
    folded = Counter(name.casefold() for name, _ in rows)
    return [f"{email}/{name}" if email and folded[name.casefold()] > 1 else name for name, email in rows]
