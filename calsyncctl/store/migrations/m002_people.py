"""Step 2: agents, teams and inboxes, who belongs to which team, and which calendars serve them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


def m002_people(db: Database) -> None:
    """Create assignee, membership and assignment; the two narrow ones without rowid, which is smaller."""
    db.execute("""
        CREATE TABLE assignee (
            id INTEGER PRIMARY KEY,
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            email TEXT,
            role TEXT,
            hours TEXT,
            zone TEXT,
            UNIQUE (kind, name)
        ) STRICT
    """)
    db.execute("""
        CREATE TABLE membership (
            team_id INTEGER NOT NULL REFERENCES assignee,
            agent_id INTEGER NOT NULL REFERENCES assignee,
            PRIMARY KEY (team_id, agent_id)
        ) STRICT, WITHOUT ROWID
    """)
    db.execute("""
        CREATE TABLE assignment (
            assignee_id INTEGER NOT NULL REFERENCES assignee,
            calendar_id INTEGER NOT NULL REFERENCES calendar,
            PRIMARY KEY (assignee_id, calendar_id)
        ) STRICT, WITHOUT ROWID
    """)
    db.execute("CREATE INDEX assignment_calendar ON assignment (calendar_id)")
    db.execute("CREATE INDEX membership_agent ON membership (agent_id)")
