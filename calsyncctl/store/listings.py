"""The listing table: which ids a full listing under way has named, so that absence means something after its last page.

They stand in a narrow table of their own: noting them in the copies would rewrite every copy at every listing.
"""

from __future__ import annotations

from collections.abc import Iterable

from calsyncctl.store.db import Store

UNSETTLED = ""
"""The id of the row that says: this listing's absences are not settled yet. No item has an empty id."""


def open_listing(store: Store, calendar_id: int, listing: int) -> None:
    """Begin to remember what a listing names; what an earlier one named is forgotten."""
    close_listings(store, calendar_id)
    name_items(store, calendar_id, listing, [UNSETTLED])


def name_items(store: Store, calendar_id: int, listing: int, google_ids: Iterable[str]) -> None:
    """Note items that a listing named; naming one twice is fine."""
    store.connection.executemany(
        "INSERT OR IGNORE INTO listing (calendar_id, listing, google_id) VALUES (?, ?, ?)",
        ((calendar_id, listing, google_id) for google_id in google_ids),
    )


def is_unsettled(store: Store, calendar_id: int, listing: int) -> bool:
    """Tell whether a listing was begun and its absences were never settled."""
    found = store.connection.execute(
        "SELECT 1 FROM listing WHERE calendar_id = ? AND listing = ? AND google_id = ?",
        (calendar_id, listing, UNSETTLED),
    ).fetchone()
    return found is not None


def close_listings(store: Store, calendar_id: int) -> None:
    """Forget what listings of a calendar named: absences are settled."""
    store.connection.execute("DELETE FROM listing WHERE calendar_id = ?", (calendar_id,))
