"""Forgetting: history that is older than it is kept, events that both sides gave up long ago, old automatic backups.

Nothing is forgotten that a base needs (what both sides last agreed on is told by the versions since) or that waits
for a person. Chunks, each its own short transaction, for people write meanwhile.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from calsyncctl.store.db import Store

CHUNK = 500
"""Rows looked at in one transaction: a few milliseconds of the write lock."""
WINDOW = 30 * 86_400
"""Seconds for which everything can be brought back, whatever the setting says."""
KEPT_BACKUPS = 5
"""So many of the backups that were made by themselves are kept."""
_AUTOMATIC = re.compile(r"store-\d{8}T\d{6}Z-(?:m\d{3}|before-restore)(?:-\d+)?\.sqlite")
_VACUUM_PAGES = 1_000
"""Free pages given back to the disk at a time."""

# What is kept of an event's versions is always its newest part without a gap, or what it said before could not be
# told. So a version goes only if nothing as old stays: neither a young one, nor a conflict that waits, nor one that a
# copy's base, or a write under way, counts from. Each event's oldest one that stays is found once for a chunk.
_VERSIONS = """
    WITH stays (event_id, oldest) AS MATERIALIZED (
        SELECT k.event_id, min(k.version) FROM version k
        WHERE k.event_id IN (SELECT event_id FROM version WHERE id BETWEEN ?1 AND ?2)
        AND (k.at >= ?3 OR (k.lost IS NOT NULL AND k.settled IS NULL)) GROUP BY k.event_id
    )
    DELETE FROM version AS v WHERE v.id BETWEEN ?1 AND ?2
    AND v.version < coalesce((SELECT oldest FROM stays WHERE stays.event_id = v.event_id), v.version + 1)
    AND NOT EXISTS (
        SELECT 1 FROM copy c WHERE c.event_id = v.event_id
        AND (
            c.base_version < v.version OR c.sent_version < v.version
            OR (c.base_version IS NULL AND c.state <> 'deleted')
        )
    )
"""
_RUNS = """
    DELETE FROM run AS r WHERE r.id BETWEEN ?1 AND ?2 AND r.started < ?3
    AND NOT EXISTS (SELECT 1 FROM version v WHERE v.run_id = r.id)
    AND NOT EXISTS (SELECT 1 FROM run u WHERE u.undoes = r.id)
"""
# Gone on every side, for as long as history is kept; a series only after its exceptions.
_GONE = """
    SELECT e.id FROM event e WHERE e.deleted < ?1 AND NOT EXISTS (
        SELECT 1 FROM copy c WHERE c.event_id = e.id AND (
            c.state NOT IN ('deleted', 'stale') OR c.due IS NOT NULL OR c.sent_version IS NOT NULL OR c.hold IS NOT NULL
        )
    )
    AND NOT EXISTS (SELECT 1 FROM event x WHERE x.series_id = e.id)
    AND NOT EXISTS (
        SELECT 1 FROM version v WHERE v.event_id = e.id AND (v.at >= ?1 OR (v.lost IS NOT NULL AND v.settled IS NULL))
    )
    LIMIT ?2
"""
_OF_EVENTS = (
    "DELETE FROM version WHERE event_id IN ({events})",
    "DELETE FROM occurrence WHERE event_id IN ({events})",
    "DELETE FROM copy WHERE event_id IN ({events})",
    "DELETE FROM event WHERE id IN ({events})",
)


@dataclass(frozen=True, slots=True)
class Pruned:
    """How much was forgotten."""

    versions: int = 0
    runs: int = 0
    events: int = 0


def _on() -> bool:
    return True


def prune(store: Store, now: int, *, keep_days: int, go_on: Callable[[], bool] = _on) -> Pruned:
    """Forget what is older than `keep_days` days and needed by nothing; opens its own transactions.

    `go_on` is asked before each chunk: what is left is forgotten the next time.
    """
    before = now - max(keep_days * 86_400, WINDOW)
    events = _prune_events(store, before, go_on)
    versions = _prune_rows(store, "version", "at", _VERSIONS, before, go_on)
    runs = _prune_rows(store, "run", "started", _RUNS, before, go_on)
    _give_back(store)
    return Pruned(versions, runs, events)


def prune_backups(folder: Path, now: int, keep: int = KEPT_BACKUPS) -> list[Path]:
    """Remove the oldest of the backups that were made by themselves, all but `keep`; return what was removed.

    Also what a backup left behind that was cut off a day ago or more.
    """
    made = sorted(one for one in folder.glob("store-*.sqlite") if _AUTOMATIC.fullmatch(one.name))
    cut_off = [one for one in folder.glob(".store-*.part") if _is_older(one, now - 86_400)]
    old = [*made[: max(0, len(made) - keep)], *cut_off]
    for one in old:
        with contextlib.suppress(OSError):
            one.unlink()
    return old


def _is_older(file: Path, moment: int) -> bool:
    try:
        return file.stat().st_mtime < moment
    except OSError:  # it is finished by now
        return False


def _prune_rows(store: Store, table: str, moment: str, statement: str, before: int, go_on: Callable[[], bool]) -> int:
    """Forget rows in the order of their ids, up to the first chunk in which nothing is old: ids follow time."""
    before_all, last = store.connection.total_changes, 0
    while go_on():
        chunk = store.connection.execute(
            f"SELECT max(id), min({moment}) FROM (SELECT id, {moment} FROM {table} WHERE id > ? ORDER BY id LIMIT ?)",
            (last, CHUNK),
        ).fetchone()
        if chunk[0] is None or chunk[1] >= before:
            break
        with store.write():
            store.connection.execute(statement, (last + 1, chunk[0], before))
        last = chunk[0]
    return store.connection.total_changes - before_all


def _prune_events(store: Store, before: int, go_on: Callable[[], bool]) -> int:
    done = 0
    while go_on():
        with store.write():
            ids = [row[0] for row in store.connection.execute(_GONE, (before, CHUNK))]
            marks = ", ".join("?" * len(ids))
            for statement in _OF_EVENTS:
                store.connection.execute(statement.format(events=marks), ids)
        done += len(ids)
        if not ids:
            break
    return done


def _give_back(store: Store) -> None:
    """Give free pages back to the disk, a few at a time, and let the log be worked in as far as readers permit."""
    (free,) = store.connection.execute("PRAGMA freelist_count").fetchone()
    (pages,) = store.connection.execute("PRAGMA page_count").fetchone()
    if free * 10 > pages:
        store.connection.execute(f"PRAGMA incremental_vacuum({_VACUUM_PAGES})").fetchall()
    store.connection.execute("PRAGMA optimize")
    store.connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
