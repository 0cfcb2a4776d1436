"""Step 1: what the program notes of itself, accounts, and calendars. Times are UTC seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


def m001_accounts(db: Database) -> None:
    """Create meta, account and calendar; secrets have no column here, on purpose."""
    db.execute("CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID")
    _create_account(db)
    _create_calendar(db)


def _create_account(db: Database) -> None:
    db.execute("""
        CREATE TABLE account (
            id INTEGER PRIMARY KEY,
            provider TEXT NOT NULL,
            sub TEXT NOT NULL,
            email TEXT NOT NULL,
            owner TEXT,
            state TEXT NOT NULL,
            reason TEXT,
            since INTEGER,
            until INTEGER,
            shadow INTEGER NOT NULL DEFAULT 0,
            scopes TEXT NOT NULL,
            client TEXT NOT NULL,
            vault TEXT NOT NULL,
            token_expires INTEGER,
            grant_expires INTEGER,
            list_cursor TEXT,
            last_success INTEGER,
            UNIQUE (provider, sub)
        ) STRICT
    """)


def _create_calendar(db: Database) -> None:
    db.execute("""
        CREATE TABLE calendar (
            id INTEGER PRIMARY KEY,
            account_id INTEGER REFERENCES account,
            google_id TEXT,
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            zone TEXT NOT NULL,
            colour TEXT,
            access TEXT,
            is_primary INTEGER NOT NULL DEFAULT 0,
            mode TEXT,
            state TEXT NOT NULL,
            reason TEXT,
            since INTEGER,
            until INTEGER,
            cursor TEXT,
            query TEXT,
            page TEXT,
            listing INTEGER NOT NULL DEFAULT 0,
            due INTEGER,
            last_success INTEGER,
            last_change INTEGER,
            last_reconcile INTEGER,
            UNIQUE (account_id, google_id)
        ) STRICT
    """)
    # What the daemon asks every few seconds; only calendars that wait for something stand in it.
    db.execute("CREATE INDEX calendar_due ON calendar (due) WHERE due IS NOT NULL")
    db.execute("CREATE INDEX calendar_google ON calendar (google_id) WHERE google_id IS NOT NULL")
