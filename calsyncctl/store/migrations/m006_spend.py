"""Step 6: what is spent of Google's quota: leases of the minute, sums of the days, and who rests."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


def m006_spend(db: Database) -> None:
    """Create lease, spend and rest; a client and a user are keys, not names, and an empty user is the whole project."""
    db.execute("""
        CREATE TABLE lease (
            client TEXT NOT NULL,
            user TEXT NOT NULL,
            slot INTEGER NOT NULL,
            units INTEGER NOT NULL,
            PRIMARY KEY (client, user, slot)
        ) STRICT, WITHOUT ROWID
    """)
    db.execute("""
        CREATE TABLE spend (
            client TEXT NOT NULL,
            day TEXT NOT NULL,
            user TEXT NOT NULL,
            kind TEXT NOT NULL,
            requests INTEGER NOT NULL,
            units INTEGER NOT NULL,
            PRIMARY KEY (client, day, user, kind)
        ) STRICT, WITHOUT ROWID
    """)
    db.execute("""
        CREATE TABLE rest (
            client TEXT NOT NULL,
            user TEXT NOT NULL,
            since INTEGER NOT NULL,
            until INTEGER NOT NULL,
            tries INTEGER NOT NULL,
            reason TEXT NOT NULL,
            PRIMARY KEY (client, user)
        ) STRICT, WITHOUT ROWID
    """)
