"""How large the store is: rows of each table, how far the history goes back, bytes on the disk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from calsyncctl.store.backup import COUNTED
from calsyncctl.store.db import Store


@dataclass(frozen=True, slots=True)
class Figures:
    """Rows by table; `oldest` is UTC seconds of the oldest change that the history still tells, None: none."""

    counts: dict[str, int]
    oldest: int | None
    deleted: int
    """Events among the counted ones that are deleted and kept for bringing them back."""


def figures(store: Store) -> Figures:
    """Count."""

    def one(sql: str) -> int | None:
        row = store.connection.execute(sql).fetchone()
        return None if row is None or row[0] is None else int(row[0])

    return Figures(
        counts={name: one(f"SELECT count(*) FROM {name}") or 0 for name in COUNTED},
        oldest=one("SELECT at FROM version ORDER BY id LIMIT 1"),
        deleted=one("SELECT count(*) FROM event WHERE deleted IS NOT NULL") or 0,
    )


def only_here(store: Store) -> int:
    """Count the living events that no Google calendar has, or not as they are now; what is a cancelled slot is none."""
    (count,) = store.connection.execute(
        "SELECT count(*) FROM event e WHERE e.deleted IS NULL AND e.status <> 'cancelled' AND NOT EXISTS "
        "(SELECT 1 FROM copy c WHERE c.event_id = e.id AND c.state = 'live' AND c.due IS NULL AND c.hold IS NULL)"
    ).fetchone()
    return int(count)


def sizes(files: Iterable[Path]) -> int:
    """Add up the bytes of files, those that are there."""
    return sum(one.stat().st_size for one in files if one.is_file())
