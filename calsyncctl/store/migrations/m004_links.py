"""Step 4: links between calendars, and which events ask for a Meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


def m004_links(db: Database) -> None:
    """Create link; events remember that a Meet was asked for, since each copy asks for its own when it is placed.

    Copies get room for an agreement that no version of the event says.
    """
    db.execute("""
        CREATE TABLE link (
            source_id INTEGER NOT NULL REFERENCES calendar,
            target_id INTEGER NOT NULL REFERENCES calendar,
            from_instant INTEGER,
            when_deleted TEXT NOT NULL,
            invites INTEGER NOT NULL DEFAULT 0,
            state TEXT NOT NULL,
            reason TEXT,
            since INTEGER,
            until INTEGER,
            PRIMARY KEY (source_id, target_id)
        ) STRICT, WITHOUT ROWID
    """)
    db.execute("CREATE INDEX link_target ON link (target_id)")
    db.execute("ALTER TABLE copy ADD COLUMN base TEXT")
    db.execute("ALTER TABLE event ADD COLUMN meet INTEGER NOT NULL DEFAULT 0")
