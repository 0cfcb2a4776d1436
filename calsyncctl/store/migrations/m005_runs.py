"""Step 5: which run sent a change to Google, so that a run that only sent says what it sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


def m005_runs(db: Database) -> None:
    """Let versions name the first run that sent them, and find what a run was taken back by."""
    db.execute("ALTER TABLE version ADD COLUMN sent_run INTEGER")
    db.execute("CREATE INDEX version_sent ON version (sent_run) WHERE sent_run IS NOT NULL")
    db.execute("CREATE INDEX run_undoes ON run (undoes) WHERE undoes IS NOT NULL")
