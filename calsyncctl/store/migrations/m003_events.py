"""Step 3: events, their copies and occurrences, what a listing named, runs and versions. Times are UTC seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


def m003_events(db: Database) -> None:
    """Create run, version, event, copy, occurrence and listing."""
    _create_history(db)
    _create_event(db)
    _create_copy(db)
    _create_caches(db)


def _create_history(db: Database) -> None:
    db.execute("""
        CREATE TABLE run (
            id INTEGER PRIMARY KEY,
            kind TEXT NOT NULL,
            author TEXT NOT NULL,
            account_id INTEGER,
            started INTEGER NOT NULL,
            ended INTEGER,
            outcome TEXT,
            counts TEXT,
            requests INTEGER NOT NULL DEFAULT 0,
            mails INTEGER NOT NULL DEFAULT 0,
            error TEXT,
            undoes INTEGER REFERENCES run
        ) STRICT
    """)
    db.execute("""
        CREATE TABLE version (
            id INTEGER PRIMARY KEY,
            event_id INTEGER NOT NULL,
            version INTEGER,
            run_id INTEGER,
            calendar_id INTEGER,
            at INTEGER NOT NULL,
            author TEXT NOT NULL,
            action TEXT NOT NULL,
            why TEXT NOT NULL,
            changes TEXT,
            lost TEXT,
            settled INTEGER
        ) STRICT
    """)
    db.execute("CREATE INDEX version_event ON version (event_id, id)")
    db.execute("CREATE INDEX version_run ON version (run_id)")
    db.execute("CREATE INDEX version_conflict ON version (id) WHERE lost IS NOT NULL AND settled IS NULL")


def _create_event(db: Database) -> None:
    # expanded_from and expanded_to: the window whose occurrences stand in `occurrence`; NULL: none do.
    db.execute("""
        CREATE TABLE event (
            id INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,
            calendar_id INTEGER NOT NULL REFERENCES calendar,
            ref TEXT,
            series_id INTEGER REFERENCES event,
            original TEXT,
            kind TEXT NOT NULL,
            origin TEXT NOT NULL,
            status TEXT NOT NULL,
            ical_uid TEXT,
            summary TEXT,
            start TEXT,
            "end" TEXT,
            zone TEXT,
            starts INTEGER,
            ends INTEGER,
            shows INTEGER NOT NULL,
            recurrence TEXT,
            expanded_from INTEGER,
            expanded_to INTEGER,
            body TEXT NOT NULL,
            version INTEGER NOT NULL,
            run_id INTEGER,
            deleted INTEGER
        ) STRICT
    """)
    db.execute(
        "CREATE INDEX event_when ON event (calendar_id, starts, ends, shows) "
        "WHERE recurrence IS NULL AND deleted IS NULL"
    )
    # A range is read from a week before it on; what lasts longer than that is found here.
    db.execute(
        "CREATE INDEX event_long ON event (calendar_id, ends) "
        "WHERE ends - starts > 604800 AND recurrence IS NULL AND deleted IS NULL"
    )
    db.execute("CREATE UNIQUE INDEX event_exception ON event (series_id, original) WHERE series_id IS NOT NULL")
    db.execute("CREATE UNIQUE INDEX event_ref ON event (calendar_id, ref) WHERE ref IS NOT NULL")
    db.execute(
        "CREATE INDEX event_series ON event (calendar_id, expanded_to) WHERE recurrence IS NOT NULL AND deleted IS NULL"
    )
    db.execute("CREATE INDEX event_deleted ON event (deleted) WHERE deleted IS NOT NULL")


def _create_copy(db: Database) -> None:
    db.execute("""
        CREATE TABLE copy (
            id INTEGER PRIMARY KEY,
            event_id INTEGER NOT NULL REFERENCES event,
            calendar_id INTEGER NOT NULL REFERENCES calendar,
            google_id TEXT NOT NULL,
            master_google_id TEXT,
            generation INTEGER NOT NULL DEFAULT 0,
            etag TEXT,
            extra TEXT,
            base_version INTEGER,
            there TEXT,
            updated TEXT,
            sent_version INTEGER,
            heard INTEGER,
            state TEXT NOT NULL,
            due INTEGER,
            tries INTEGER NOT NULL DEFAULT 0,
            hold TEXT,
            reason TEXT,
            since INTEGER,
            writes INTEGER NOT NULL DEFAULT 0,
            writes_since INTEGER,
            UNIQUE (event_id, calendar_id)
        ) STRICT
    """)
    db.execute("CREATE UNIQUE INDEX copy_google ON copy (calendar_id, google_id)")
    db.execute("CREATE INDEX copy_due ON copy (due) WHERE due IS NOT NULL")
    db.execute("CREATE INDEX copy_hold ON copy (calendar_id, hold) WHERE hold IS NOT NULL")
    db.execute("CREATE INDEX copy_orphan ON copy (calendar_id, master_google_id) WHERE master_google_id IS NOT NULL")


def _create_caches(db: Database) -> None:
    db.execute("""
        CREATE TABLE occurrence (
            calendar_id INTEGER NOT NULL,
            starts INTEGER NOT NULL,
            event_id INTEGER NOT NULL,
            ends INTEGER NOT NULL,
            shows INTEGER NOT NULL,
            PRIMARY KEY (calendar_id, starts, event_id)
        ) STRICT, WITHOUT ROWID
    """)
    db.execute("CREATE INDEX occurrence_event ON occurrence (event_id)")
    db.execute("CREATE INDEX occurrence_long ON occurrence (calendar_id, ends) WHERE ends - starts > 604800")
    # The ids that a full listing named; the row with an empty id says that its absences are not settled yet.
    db.execute("""
        CREATE TABLE listing (
            calendar_id INTEGER NOT NULL,
            listing INTEGER NOT NULL,
            google_id TEXT NOT NULL,
            PRIMARY KEY (calendar_id, listing, google_id)
        ) STRICT, WITHOUT ROWID
    """)
