"""`calsyncctl links`: calendars that live only here, also kept in Google."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer

from calsyncctl.commands import complete
from calsyncctl.commands.dates import moment_of
from calsyncctl.commands.options import DryRunOpt, PlanOpt, YesOpt
from calsyncctl.commands.planning import rehearsed
from calsyncctl.commands.syncing import run_sync, tell
from calsyncctl.commands.waiting import then_sync
from calsyncctl.connections import linking
from calsyncctl.connections.linking import Backfill, Linked, Terms
from calsyncctl.connections.planning import Wanted
from calsyncctl.connections.sync_now import check_calendar, choose
from calsyncctl.errors import NotFound, UsageFault
from calsyncctl.health.linked import link_facts
from calsyncctl.model.link import Link, WhenDeleted
from calsyncctl.runtime import Runtime
from calsyncctl.store import links
from calsyncctl.store.db import Store
from calsyncctl.store.find import find_calendar
from calsyncctl.sync.planning.plan import Scope
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
ExistingOpt = Annotated[
    bool, typer.Option("--push-existing", help="Also send everything that is here already; asks first.")
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
    push_existing: ExistingOpt = False,
    yes: YesOpt = False,
) -> None:
    """Keep the events of a calendar here also on one in Google, from now on unless told otherwise.

    One source may have several targets, of one account or of several; each link works or fails on its own. Linking
    again changes nothing.
    """
    run: Runtime = ctx.obj
    terms = _terms(run, from_, when_deleted, invites)
    if push_existing:
        if from_ is not None:
            raise UsageFault("--from and --push-existing cannot be given together.", "Give one of them.")
        _push_existing(run, _backfill(run, source, target), terms, yes=yes)
    linked = linking.add_link(
        run.store,
        find_calendar(run.store, source),
        find_calendar(run.store, target),
        terms,
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
    """Change a link. Who invites stays while guests stand on its copies; nothing is deleted in Google."""
    run: Runtime = ctx.obj
    terms = _terms(run, from_, when_deleted, invites)
    if terms == Terms():
        raise UsageFault("Nothing is given that could be changed.", "See: calsyncctl links edit --help")
    link = _find(run, source, target)
    done = linking.edit_link(run.store, link, terms, instance=run.config.settings.instance, now=run.clock.now())
    _tell(run, done, "is linked on new terms to")


@app.command("push-existing")
def push_existing(
    ctx: typer.Context,
    source: SourceArg,
    target: GoalArg,
    dry_run: DryRunOpt = False,
    plan: PlanOpt = None,
    yes: YesOpt = False,
) -> None:
    """Send everything that a calendar has to one that it is linked to, once; asks first. What is there stays.

    From then on the link holds all its events, past ones too. Cut off, the next sync goes on.
    """
    run: Runtime = ctx.obj
    fill = _backfill(run, source, target)
    if fill.link is None:
        raise NotFound(
            f"“{fill.source.name}” is not linked to “{fill.target.name}”.",
            f"Link it: calsyncctl links add {fill.source.typed} {fill.target.typed} --push-existing",
        )
    if dry_run or plan is not None:
        _rehearse(run, fill, plan)
    _push_existing(run, fill, Terms(), yes=yes)


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
    run.console.outcome(facts, text, schema="link", hint=then_sync(run) if gone else "")


def _backfill(run: Runtime, source: str, target: str) -> Backfill:
    return linking.plan_backfill(run.store, find_calendar(run.store, source), find_calendar(run.store, target))


def _rehearse(run: Runtime, fill: Backfill, file: Path | None) -> NoReturn:
    check_calendar(run.store, fill.target)
    instance, now = run.config.settings.instance, run.clock.now()

    def prepare(store: Store) -> None:
        linking.backfill(store, fill, Terms(), instance=instance, now=now)

    scope = Scope(kind="push-existing", source=fill.source.id, target=fill.target.id)
    rehearsed(run, choose(run.store, calendar_ids={fill.target.id}), Wanted(scope, prepare=prepare), file)


def _push_existing(run: Runtime, plan: Backfill, terms: Terms, *, yes: bool) -> NoReturn:
    """Ask, plan, send with progress, and end with what the sync says."""
    check_calendar(run.store, plan.target)
    if plan.events:
        where = f"“{plan.target.name}” in Google"
        many = "1 event" if plan.events == 1 else f"{plan.events:,} events"
        run.console.confirm(f"Send {many} of “{plan.source.name}” to {where}? Nobody is mailed.", yes=yes)
    now = run.clock.now()
    linking.backfill(run.store, plan, terms, instance=run.config.settings.instance, now=now)
    done = run_sync(run, choose(run.store, calendar_ids={plan.target.id}))
    if run.console.json:
        run.console.result(done, "", schema="sync")
    else:
        tell(run.console, done)
    raise typer.Exit(done.exit_code)


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
    run.console.outcome(facts, text, schema="link", hint=then_sync(run) if linked.planned else "")
