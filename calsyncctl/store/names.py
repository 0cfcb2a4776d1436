"""Names for TAB: read straight from the file, without opening it as a store.

Completion runs at every key press and must neither migrate nor wait nor complain: the file is opened read-only with a
short time-out, and any trouble means no names.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

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


def event_names(path: Path, begun: str, now: int) -> list[tuple[str, str, str]]:
    """Return key, title and start of events: those whose key begins so, or the latest changed and the next to come.

    `begun` is what was typed of a key; `now` is UTC seconds. Each question is answered by an index, however many
    events there are.
    """
    queries = [_BEGUN.format(first=begun, after=begun + "g")] if _HEX.fullmatch(begun) else []
    if not begun:
        queries = [_CHANGED, _NEXT.format(now=now - 86400)]
    return _read(
        path, lambda rows: list(dict.fromkeys((str(a), str(b), str(c)) for q in queries for a, b, c in rows(q)))
    )


_HEX = re.compile(r"[0-9a-f]{1,32}")
_SHOWN = "e.key, coalesce(e.summary, ''), coalesce(e.start, '')"
_BEGUN = f"SELECT {_SHOWN} FROM event e WHERE e.key >= '{{first}}' AND e.key < '{{after}}' ORDER BY e.key LIMIT 40"
_CHANGED = f"""
    SELECT {_SHOWN} FROM (
        SELECT event_id, max(id) AS latest FROM (SELECT event_id, id FROM version ORDER BY id DESC LIMIT 60)
        GROUP BY event_id ORDER BY latest DESC LIMIT 20)
    JOIN event e ON e.id = event_id ORDER BY latest DESC
"""
_NEXT = f"""
    SELECT {_SHOWN} FROM calendar JOIN event e ON e.id IN (
        SELECT n.id FROM event n WHERE n.calendar_id = calendar.id AND n.recurrence IS NULL AND n.deleted IS NULL
        AND n.shows AND n.starts >= {{now}}
        ORDER BY n.starts LIMIT 20)
    WHERE calendar.state <> 'available' ORDER BY e.starts LIMIT 40
"""


_Rows = Callable[[str], list[tuple[str, ...]]]
_Name = TypeVar("_Name", str, tuple[str, str, str])


def _read(path: Path, names: Callable[[_Rows], list[_Name]]) -> list[_Name]:
    try:
        address = f"{path.absolute().as_uri()}?mode=ro"
        with contextlib.closing(sqlite3.connect(address, uri=True, timeout=_TIMEOUT_SECONDS)) as connection:
            return names(lambda query: connection.execute(query).fetchall())
    except (sqlite3.Error, OSError):
        return []  # a TAB that offers nothing is right here; the command itself will say what is wrong


def _told_apart(rows: list[tuple[str, ...]]) -> list[str]:
    folded = Counter(name.casefold() for name, _ in rows)
    return [f"{email}/{name}" if email and folded[name.casefold()] > 1 else name for name, email in rows]
