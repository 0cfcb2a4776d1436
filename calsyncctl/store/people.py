"""Assignees: agents, teams and inboxes, the members of teams, and which calendars serve whom.

Writing functions are called inside `store.write()`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from calsyncctl.errors import NotFound, UsageFault
from calsyncctl.model.calendar import Calendar
from calsyncctl.model.people import Assignee, AssigneeKind
from calsyncctl.store.calendars import list_calendars
from calsyncctl.store.db import Store
from calsyncctl.store.rows import KEEP, Keep, among, change, insert, kept, must_write, no_row

_COLUMNS = "id, kind, name, email, role, zone"


def _assignee(store: Store, row: tuple[Any, ...]) -> Assignee:
    row_id, kind, name, email, role, zone = row
    members = store.connection.execute(
        "SELECT agent.name FROM membership JOIN assignee AS agent ON agent.id = agent_id WHERE team_id = ? ORDER BY 1",
        (row_id,),
    )
    names = tuple(member for (member,) in members)
    return Assignee(row_id, AssigneeKind(kind), name, email, role, zone, names)


def add_assignee(
    store: Store,
    kind: AssigneeKind,
    name: str,
    *,
    email: str | None = None,
    role: str | None = None,
    zone: str | None = None,
) -> Assignee:
    """Add an agent, team or inbox.

    Raises:
        UsageFault: one of that kind already has that name, whatever the case.
    """
    _must_be_free(store, kind, name)
    values = {"kind": kind, "name": name, "email": email, "role": role, "zone": zone}
    return get_assignee(store, insert(store, "assignee", values))


def list_assignees(store: Store, *, kinds: Iterable[AssigneeKind] | None = None) -> list[Assignee]:
    """Return the assignees, by kind and name."""
    condition, wanted = among("kind", kinds)
    rows = store.connection.execute(
        f"SELECT {_COLUMNS} FROM assignee WHERE {condition} ORDER BY kind, name COLLATE NOCASE, id", wanted
    ).fetchall()
    return [_assignee(store, row) for row in rows]


def get_assignee(store: Store, assignee_id: int) -> Assignee:
    """Return one assignee.

    Raises:
        NotFound: it is not there (any more).
    """
    row = store.connection.execute(f"SELECT {_COLUMNS} FROM assignee WHERE id = ?", (assignee_id,)).fetchone()
    if row is None:
        raise no_row("assignee", assignee_id)
    return _assignee(store, row)


def assignee_by_name(store: Store, kind: AssigneeKind, name: str) -> Assignee | None:
    """Return the assignee of that kind and name, whatever the case, or None."""
    same = (one for one in list_assignees(store, kinds=(kind,)) if one.name.casefold() == name.casefold())
    return next(same, None)


def edit_assignee(
    store: Store,
    assignee_id: int,
    *,
    name: str | Keep = KEEP,
    email: str | Keep | None = KEEP,
    role: str | Keep | None = KEEP,
    zone: str | Keep | None = KEEP,
) -> Assignee:
    """Change what is given; None clears.

    Raises:
        UsageFault: another one of its kind already has the new name.
    """
    if not isinstance(name, Keep):
        _must_be_free(store, get_assignee(store, assignee_id).kind, name, but=assignee_id)
    change(store, "assignee", assignee_id, kept({"name": name, "email": email, "role": role, "zone": zone}))
    return get_assignee(store, assignee_id)


def delete_assignee(store: Store, assignee_id: int) -> None:
    """Remove an assignee, its memberships and its assignments; the calendars stay."""
    must_write(store)
    execute = store.connection.execute
    execute("DELETE FROM assignment WHERE assignee_id = ?", (assignee_id,))
    execute("DELETE FROM membership WHERE team_id = ?1 OR agent_id = ?1", (assignee_id,))
    execute("DELETE FROM assignee WHERE id = ?", (assignee_id,))


def set_members(store: Store, team_id: int, names: Iterable[str]) -> Assignee:
    """Make exactly these agents the members of a team.

    Raises:
        UsageFault: it is not a team.
        NotFound: a name is no agent's.
    """
    must_write(store)
    team = get_assignee(store, team_id)
    if team.kind is not AssigneeKind.TEAM:
        raise UsageFault(f"{team.label} is not a team, so it has no members.", "Name a team: team:NAME.")
    agents = {_agent(store, name).id for name in names}
    store.connection.execute("DELETE FROM membership WHERE team_id = ?", (team_id,))
    rows = [(team_id, agent) for agent in sorted(agents)]
    store.connection.executemany("INSERT INTO membership (team_id, agent_id) VALUES (?, ?)", rows)
    return get_assignee(store, team_id)


def assign(store: Store, calendar_id: int, assignee_id: int) -> bool:
    """Make a calendar serve an assignee; False if it already did."""
    must_write(store)
    done = store.connection.execute(
        "INSERT INTO assignment (assignee_id, calendar_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
        (assignee_id, calendar_id),
    )
    return done.rowcount > 0


def unassign(store: Store, calendar_id: int, assignee_id: int) -> bool:
    """End that a calendar serves an assignee; False if it did not."""
    must_write(store)
    done = store.connection.execute(
        "DELETE FROM assignment WHERE assignee_id = ? AND calendar_id = ?", (assignee_id, calendar_id)
    )
    return done.rowcount > 0


def assignees_of(store: Store, calendar_id: int) -> list[Assignee]:
    """Return whom a calendar serves, by kind and name."""
    rows = store.connection.execute(
        f"""
        SELECT {_COLUMNS} FROM assignee WHERE id IN (SELECT assignee_id FROM assignment WHERE calendar_id = ?)
        ORDER BY kind, name COLLATE NOCASE, id
        """,
        (calendar_id,),
    ).fetchall()
    return [_assignee(store, row) for row in rows]


def labels_by_calendar(store: Store) -> dict[int, tuple[str, ...]]:
    """Return the labels of whom each calendar serves, as `assignees_of` orders them: all of them at once."""
    found: dict[int, tuple[str, ...]] = {}
    rows = store.connection.execute(
        "SELECT calendar_id, kind, name FROM assignment JOIN assignee ON assignee.id = assignee_id "
        "ORDER BY kind, name COLLATE NOCASE, assignee.id"
    )
    for calendar_id, kind, name in rows:
        found[calendar_id] = (*found.get(calendar_id, ()), f"{kind}:{name}")
    return found


def calendars_of(store: Store, assignee_id: int) -> list[Calendar]:
    """Return the calendars that are assigned to an assignee itself, not to a team of it."""
    return list_calendars(store, assignee=assignee_id)


def _must_be_free(store: Store, kind: AssigneeKind, name: str, *, but: int | None = None) -> None:
    other = assignee_by_name(store, kind, name)
    if other is not None and other.id != but:
        raise UsageFault(f"There is already an assignee {other.label}.", "Choose another name.")


def _agent(store: Store, name: str) -> Assignee:
    agent = assignee_by_name(store, AssigneeKind.AGENT, name.removeprefix("agent:"))
    if agent is None:
        raise NotFound(f"There is no agent “{name}”.", f"`calsyncctl assignees add agent:{name}` adds one.")
    return agent
