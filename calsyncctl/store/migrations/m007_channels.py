"""Step 7: push channels, each with the hash of its token; and notes of what Google tells nothing of."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


def m007_channels(db: Database) -> None:
    """Create channel; without a calendar it is the account's list, with a reason it is a note until `expires`."""
    db.execute("""
        CREATE TABLE channel (
            id TEXT PRIMARY KEY,
            account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
            calendar_id INTEGER REFERENCES calendar (id) ON DELETE CASCADE,
            token_hash TEXT NOT NULL,
            address TEXT NOT NULL,
            opened INTEGER NOT NULL,
            expires INTEGER NOT NULL,
            resource_id TEXT,
            heard INTEGER,
            reason TEXT
        ) STRICT
    """)
    db.execute("CREATE INDEX channel_calendar ON channel (calendar_id)")
    db.execute("CREATE INDEX channel_account ON channel (account_id)")
