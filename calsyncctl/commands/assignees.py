"""`calsyncctl assignees`: agents, teams and inboxes that calendars serve."""

from __future__ import annotations

from typing import Annotated

import typer

from calsyncctl.commands.options import AssigneeArg, YesOpt
from calsyncctl.connections import directory
from calsyncctl.connections.directory import Details
from calsyncctl.health.people import assignee_facts
from calsyncctl.model.people import Assignee, Role
from calsyncctl.quoting import word
from calsyncctl.runtime import Runtime
from calsyncctl.store import people
from calsyncctl.store.find import find_assignee
from calsyncctl.views.columns import ASSIGNEE, ASSIGNEES

app = typer.Typer()

NewArg = Annotated[str, typer.Argument(metavar="ASSIGNEE", help="agent:NAME, team:NAME or inbox:NAME.")]
EmailOpt = Annotated[str | None, typer.Option("--email", metavar="EMAIL", help="E-mail address.")]
RoleOpt = Annotated[Role | None, typer.Option("--role", help="A member's role.")]
ZoneOpt = Annotated[str | None, typer.Option("--zone", metavar="ZONE", help="IANA time zone.")]
MemberOpt = Annotated[
    list[str] | None, typer.Option("--member", metavar="AGENT", help="An agent of the team; may be given often.")
]
NameOpt = Annotated[str | None, typer.Option("--name", metavar="NAME", help="A new name.")]


@app.command("list")
def list_(ctx: typer.Context) -> None:
    """List agents, teams and inboxes, with the calendars that serve them."""
    run: Runtime = ctx.obj
    rows = [assignee_facts(run.store, one) for one in people.list_assignees(run.store)]
    run.console.table(rows, ASSIGNEES, empty="There are none yet.", hint="calsyncctl assignees add agent:NAME")


@app.command()
def show(ctx: typer.Context, assignee: AssigneeArg) -> None:
    """Show one agent, team or inbox."""
    run: Runtime = ctx.obj
    _show(run, find_assignee(run.store, assignee))


@app.command()
def add(
    ctx: typer.Context,
    assignee: NewArg,
    email: EmailOpt = None,
    role: RoleOpt = None,
    zone: ZoneOpt = None,
    member: MemberOpt = None,
) -> None:
    """Add an agent, team or inbox."""
    run: Runtime = ctx.obj
    details = Details(email=email, role=role, zone=zone, members=tuple(member) if member else None)
    added = directory.add_assignee(run.store, assignee, details)
    _show(run, added)
    run.console.hint(f"calsyncctl calendars assign CALENDAR {word(added.label)}")


@app.command()
def edit(
    ctx: typer.Context,
    assignee: AssigneeArg,
    name: NameOpt = None,
    email: EmailOpt = None,
    role: RoleOpt = None,
    zone: ZoneOpt = None,
    member: MemberOpt = None,
) -> None:
    """Change what is given; an empty text clears it. --member names all members anew."""
    run: Runtime = ctx.obj
    details = Details(name=name, email=email, role=role, zone=zone, members=tuple(member) if member else None)
    _show(run, directory.edit_assignee(run.store, find_assignee(run.store, assignee), details))


@app.command()
def delete(ctx: typer.Context, assignee: AssigneeArg, yes: YesOpt = False) -> None:
    """Delete an agent, team or inbox; its calendars stay."""
    run: Runtime = ctx.obj
    found = find_assignee(run.store, assignee)
    run.console.confirm(f"Delete {found.label}?", yes=yes)
    facts = assignee_facts(run.store, found)
    directory.delete_assignee(run.store, found)
    run.console.outcome(facts, f"{found.label} is deleted.", schema="assignee")


def _show(run: Runtime, assignee: Assignee) -> None:
    run.console.record(assignee_facts(run.store, assignee), ASSIGNEE, schema="assignee")
