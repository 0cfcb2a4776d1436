"""The link table: which native calendars are also kept on which google calendars."""

from __future__ import annotations

from typing import Any

from calsyncctl.errors import NotFound
from calsyncctl.model.link import Link, LinkState, WhenDeleted
from calsyncctl.store.db import Store
from calsyncctl.store.rows import must_write

_COLUMNS = "source_id, target_id, from_instant, when_deleted, invites, state, reason, since, until"


def list_links(store: Store, *, source_id: int | None = None, target_id: int | None = None) -> list[Link]:
    """Return links, of a source and to a target if given, in the order of their calendars."""
    rows = store.connection.execute(
        f"SELECT {_COLUMNS} FROM link WHERE (?1 IS NULL OR source_id = ?1) AND (?2 IS NULL OR target_id = ?2) "
        "ORDER BY source_id, target_id",
        (source_id, target_id),
    )
    return [_link(row) for row in rows]


def get_link(store: Store, source_id: int, target_id: int) -> Link:
    """Return one link.

    Raises:
        NotFound: these calendars are not linked.
    """
    link = find_link(store, source_id, target_id)
    if link is None:
        raise NotFound("These calendars are not linked.", "See: calsyncctl links list")
    return link


def find_link(store: Store, source_id: int, target_id: int) -> Link | None:
    """Return one link, None if these calendars are not linked."""
    row = store.connection.execute(
        f"SELECT {_COLUMNS} FROM link WHERE source_id = ? AND target_id = ?", (source_id, target_id)
    ).fetchone()
    return None if row is None else _link(row)


def save_link(store: Store, link: Link) -> None:
    """Add a link, or change the one between its calendars; one that invites takes that from the source's others."""
    must_write(store)
    if link.invites:
        store.connection.execute("UPDATE link SET invites = 0 WHERE source_id = ?", (link.source_id,))
    store.connection.execute(
        f"INSERT OR REPLACE INTO link ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            link.source_id,
            link.target_id,
            link.from_instant,
            link.when_deleted,
            link.invites,
            link.state,
            link.reason,
            link.since,
            link.until,
        ),
    )


def delete_link(store: Store, source_id: int, target_id: int) -> None:
    """Forget a link; its copies are left as they are."""
    must_write(store)
    store.connection.execute("DELETE FROM link WHERE source_id = ? AND target_id = ?", (source_id, target_id))


def _link(row: tuple[Any, ...]) -> Link:
    source_id, target_id, from_instant, when_deleted, invites, state, reason, since, until = row
    return Link(
        source_id,
        target_id,
        from_instant,
        WhenDeleted(when_deleted),
        bool(invites),
        LinkState(state),
        reason,
        since,
        until,
    )
