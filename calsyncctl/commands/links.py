"""`calsyncctl links`: calendars that live only here, also kept in Google."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

import typer

from calsyncctl.commands import complete
from calsyncctl.commands.dates import moment_of
from calsyncctl.commands.options import YesOpt
from calsyncctl.connections import linking
from calsyncctl.connections.linking import Linked, Terms
from calsyncctl.errors import UsageFault
from calsyncctl.health.linked import link_facts
from calsyncctl.model.link import Link, WhenDeleted
from calsyncctl.runtime import Runtime
from calsyncctl.store import links
from calsyncctl.store.find import find_calendar
from calsyncctl.views.links import LINK, LINKS

app = typer.Typer()

SourceArg = Annotated[
    str, typer.Argument(metavar="SOURCE", help="The calendar that lives only here.", autocompletion=complete.calendars)
]
GoalArg = Annotated[
    str, typer.Argument(metavar="TARGET", help="The google calendar.", autocompletion=complete.calendars)
]
FromOpt = Annotated[
    str | None, typer.Option("--from", metavar="WHEN", help="Hold what ends after this day or time. [now]")
]
DeletedOpt = Annotated[
    Literal["delete", "republish"] | None,
    typer.Option("--when-deleted", help="What it means if a copy is deleted in Google."),
]
InvitesOpt = Annotated[
    bool | None, typer.Option("--invites/--no-invites", help="Write guests on this copy, so that Google invites them.")
]
RemoveOpt = Annotated[bool, typer.Option("--remove-copies", help="Also delete its copies in Google; asks first.")]


@app.command("list")
def list_(ctx: typer.Context) -> None:
    """List links: what they hold, how many copies stand in Google or wait, and what keeps one from working."""
    run: Runtime = ctx.obj
    rows = [link_facts(run.store, one) for one in links.list_links(run.store)]
    run.console.table(rows, LINKS, empty="Nothing is linked.", hint="calsyncctl links add SOURCE TARGET")


@app.command()
def show(ctx: typer.Context, source: SourceArg, target: GoalArg) -> None:
    """Show one link."""
    run: Runtime = ctx.obj
    run.console.record(link_facts(run.store, _find(run, source, target)), LINK, schema="link")


@app.command()
def add(
    ctx: typer.Context,
    source: SourceArg,
    target: GoalArg,
    from_: FromOpt = None,
    when_deleted: DeletedOpt = None,
    invites: InvitesOpt = None,
) -> None:
    """Keep the events of a calendar here also on one in Google, from now on unless told otherwise.

    One source may have several targets, of one account or of several; each link works or fails on its own. Linking
    again changes nothing.
    """
    run: Runtime = ctx.obj
    linked = linking.add_link(
        run.store,
        find_calendar(run.store, source),
        find_calendar(run.store, target),
        _terms(run, from_, when_deleted, invites),
        instance=run.config.settings.instance,
        now=run.clock.now(),
    )
    _tell(run, linked, "is linked to")


@app.command()
def edit(
    ctx: typer.Context,
    source: SourceArg,
    target: GoalArg,
    from_: FromOpt = None,
    when_deleted: DeletedOpt = None,
    invites: InvitesOpt = None,
) -> None:
    """Change a link. Guests go to another copy as their events change; nothing is deleted in Google."""
    run: Runtime = ctx.obj
    terms = _terms(run, from_, when_deleted, invites)
    if terms == Terms():
        raise UsageFault("Nothing is given that could be changed.", "See: calsyncctl links edit --help")
    link = _find(run, source, target)
    done = linking.edit_link(run.store, link, terms, instance=run.config.settings.instance, now=run.clock.now())
    _tell(run, done, "is linked on new terms to")


@app.command()
def delete(
    ctx: typer.Context, source: SourceArg, target: GoalArg, remove_copies: RemoveOpt = False, yes: YesOpt = False
) -> None:
    """Take a link away. Its copies stay in Google as they are, unless --remove-copies."""
    run: Runtime = ctx.obj
    link = _find(run, source, target)
    facts = link_facts(run.store, link)
    if remove_copies:
        run.console.confirm(f"Delete {facts.copies:,} events from “{facts.target}” in Google?", yes=yes)
    gone = linking.delete_link(run.store, link, remove_copies=remove_copies, now=run.clock.now())
    text = f"“{facts.source}” is no longer linked to “{facts.target}”."
    if not remove_copies and facts.waiting:
        text += f" Not sent any more: {facts.waiting:,} waiting."
    run.console.outcome(facts, text, schema="link", hint="calsyncctl sync" if gone else "")


def _find(run: Runtime, source: str, target: str) -> Link:
    return links.get_link(run.store, find_calendar(run.store, source).id, find_calendar(run.store, target).id)


def _terms(run: Runtime, from_: str | None, when_deleted: str | None, invites: bool | None) -> Terms:
    now = datetime.fromtimestamp(run.clock.now(), UTC)
    begin = None if from_ is None else int(moment_of(from_, now, run.zone()).timestamp())
    return Terms(begin, WhenDeleted(when_deleted) if when_deleted else None, invites)


def _tell(run: Runtime, linked: Linked, how: str) -> None:
    facts = link_facts(run.store, linked.link)
    text = f"“{facts.source}” {how} “{facts.target}”."
    if linked.planned:
        text += f" Waiting to be sent: {linked.planned:,}."
    run.console.outcome(facts, text, schema="link", hint="calsyncctl sync" if linked.planned else "")
