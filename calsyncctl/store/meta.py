"""Single named values of the profile: what the program notes of itself and what fits no table."""

from __future__ import annotations

from calsyncctl.store.db import Store
from calsyncctl.store.rows import must_write


def get_meta(store: Store, name: str) -> str | None:
    """Return the value noted under a name, or None."""
    row = store.connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row[0])


def set_meta(store: Store, name: str, value: str) -> None:
    """Note a value, in place of an earlier one. Call it inside `store.write()`."""
    must_write(store)
    store.connection.execute(
        "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )


def drop_meta(store: Store, name: str) -> None:
    """Forget a name; forgetting what is not there is fine. Call it inside `store.write()`."""
    must_write(store)
    store.connection.execute("DELETE FROM meta WHERE name = ?", (name,))
