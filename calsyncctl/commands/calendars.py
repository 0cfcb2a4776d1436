"""`calsyncctl calendars`: which calendars take part in sync, and whom they serve."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from calsyncctl.commands.naming import spoken, typed
from calsyncctl.commands.options import (
    AccountOfOpt,
    AssigneeOpt,
    AssigneesArg,
    CalendarArg,
    CalendarsArg,
    LoseUnsentOpt,
    ModeOpt,
    NoSyncOpt,
    SomeAccountArg,
    YesOpt,
)
from calsyncctl.commands.purging import check_unsent, confirm_loss
from calsyncctl.commands.selecting import finish_selection, show_as_json
from calsyncctl.commands.waiting import then_sync
from calsyncctl.connections import calendars as use
from calsyncctl.connections import directory, modes
from calsyncctl.connections.sync_now import why_nothing
from calsyncctl.errors import worst
from calsyncctl.health.snapshot import calendar_facts
from calsyncctl.model.account import Account, AccountState
from calsyncctl.model.calendar import Calendar, CalendarState, Mode
from calsyncctl.runtime import Runtime
from calsyncctl.store import accounts, calendars
from calsyncctl.store.find import find_account, find_assignee, find_calendar
from calsyncctl.views.columns import CALENDAR, CALENDARS
from calsyncctl.views.parting import unsent_sentence
from calsyncctl.views.refreshed import REFRESHED, about_account, refreshed_row

app = typer.Typer()

StateOpt = Annotated[CalendarState | None, typer.Option("--state", help="Only those in this state.")]
PurgeOpt = Annotated[bool, typer.Option("--purge", help="Also remove its events here; asks first.")]
ZoneOpt = Annotated[str | None, typer.Option("--zone", metavar="ZONE", help="Its time zone; else the shown one.")]
ModeArg = Annotated[
    Literal["two-way", "one-way", "push-only", "read-only"],
    typer.Argument(metavar="MODE", help="two-way, one-way, push-only or read-only."),
]
SwitchOpt = Annotated[bool, typer.Option("--switch", help="Turn one-way off, and let two-way begin.")]
ColourOpt = Annotated[str | None, typer.Option("--colour", metavar="#RRGGBB", help="Its colour.")]


@app.command("list")
def list_(
    ctx: typer.Context, account: AccountOfOpt = None, assignee: AssigneeOpt = None, state: StateOpt = None
) -> None:
    """List calendars: name, account, primary, writable, state, mode, whom they serve."""
    run: Runtime = ctx.obj
    found = calendars.list_calendars(
        run.store,
        account_id=find_account(run.store, account).id if account else None,
        assignee=find_assignee(run.store, assignee).id if assignee else None,
        states=[state] if state else None,
    )
    facts = calendar_facts(run.store, found)
    run.console.table(facts, CALENDARS, empty="There are no such calendars.", hint="calsyncctl connect")


@app.command()
def show(ctx: typer.Context, calendar: CalendarArg) -> None:
    """Show one calendar."""
    run: Runtime = ctx.obj
    _show(run, find_calendar(run.store, calendar))


@app.command()
def refresh(ctx: typer.Context, account: SomeAccountArg = None) -> None:
    """Read Google's list of calendars again, for one account or for all that are not paused."""
    run: Runtime = ctx.obj
    done = use.refresh_each(run.means, [find_account(run.store, account)] if account else _awake(run))
    if done or run.console.json:
        run.console.table([refreshed_row(one) for one in done], REFRESHED)
    else:
        what, hint = why_nothing(run.store)
        run.console.say(what)
        run.console.hint(hint)
    for one in done:
        if one.error is not None:
            run.console.warn(about_account(one.account, one.error))
    raise typer.Exit(worst(one.error for one in done if one.error))


def _awake(run: Runtime) -> list[Account]:
    return accounts.list_accounts(run.store, states=[AccountState.ACTIVE, AccountState.NEEDS_REAUTH])


@app.command()
def select(
    ctx: typer.Context,
    names: CalendarsArg,
    mode: ModeOpt = None,
    switch: SwitchOpt = False,
    no_sync: NoSyncOpt = False,
) -> None:
    """Let calendars take part in sync, and sync them once. Adds to what is selected, never replaces it.

    Without --mode a calendar syncs as it did before; a new one two-way where you may write to it, else read-only.
    """
    run: Runtime = ctx.obj
    wanted = [find_calendar(run.store, name) for name in names]
    may_switch = switch or run.console.interactive
    choices = use.plan_selection(run.store, wanted, Mode(mode) if mode else None, switch=may_switch)
    for choice in choices:
        _agree(run, choice.change, switch=switch)
    use.select(run.means, choices)
    code = finish_selection(run, choices, sync=not no_sync)
    raise typer.Exit(code)


@app.command()
def deselect(
    ctx: typer.Context,
    names: CalendarsArg,
    purge: PurgeOpt = False,
    lose_unsent: LoseUnsentOpt = False,
    yes: YesOpt = False,
) -> None:
    """Stop syncing calendars: their events are hidden here, nothing is deleted in Google."""
    run: Runtime = ctx.obj
    found = [find_calendar(run.store, name) for name in names]
    leaving = use.plan_deselection(run.store, found)
    unsent, ended = leaving.unsent, f" Links that end: {', '.join(leaving.links)}." if leaving.links else ""
    if purge:
        check_unsent(run.console, unsent, lose=lose_unsent)
        run.console.confirm(
            f"Remove {leaving.events:,} events from here?{ended} In Google nothing is deleted.", yes=yes
        )
        confirm_loss(run.console, unsent, lose=lose_unsent)
    elif unsent.changes:
        run.console.warn(f"Not sent: {unsent_sentence(unsent, 'waits until the calendar is selected again')}.")
    for one in found:
        use.deselect(run.means, one, purge=purge)
        hint = f"calsyncctl calendars select {typed(run, one)}"
        run.console.done(f"{spoken(run, one)} is no longer synced.", hint)
    show_as_json(run, found)


@app.command()
def mode(ctx: typer.Context, calendar: CalendarArg, mode: ModeArg, switch: SwitchOpt = False) -> None:
    """Let a selected calendar sync in another mode. What will be different is said; nothing is written to Google.

    While one-way is on, two-way is locked: the question, or --switch, turns one-way off and unlocks it.
    """
    run: Runtime = ctx.obj
    change = modes.plan_mode(run.store, find_calendar(run.store, calendar), Mode(mode))
    _agree(run, change, switch=switch)
    changed = modes.change_mode(run.store, change, run.clock.now())
    _tell(run, changed, f"syncs {changed.mode} now", then_sync(run))


def _agree(run: Runtime, change: modes.ModeChange, *, switch: bool) -> None:
    """Say what another mode changes; ask where one-way ends."""
    for sentence in change.sentences if change.converts else ():
        run.console.say(sentence)
    if not switch and not run.console.interactive:
        modes.check_not_one_way(change)
    if change.switches:
        run.console.confirm(f"Turn one-way off and let “{change.calendar.name}” sync both ways?", yes=switch)


@app.command()
def pause(ctx: typer.Context, calendar: CalendarArg) -> None:
    """Rest a calendar's sync; its events stay as they are."""
    run: Runtime = ctx.obj
    found = find_calendar(run.store, calendar)
    use.pause(run.means, found)
    _tell(run, found, "is paused", f"calsyncctl calendars resume {typed(run, found)}")


@app.command()
def resume(ctx: typer.Context, calendar: CalendarArg) -> None:
    """Let a paused calendar go on."""
    run: Runtime = ctx.obj
    found = find_calendar(run.store, calendar)
    use.resume(run.means, found)
    _tell(run, found, "is synced again", then_sync(run))


@app.command()
def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name.")],
    zone: ZoneOpt = None,
    colour: ColourOpt = None,
) -> None:
    """Add a native calendar: one that lives only here."""
    run: Runtime = ctx.obj
    added = use.add_native(run.store, name, zone=zone or str(getattr(run.zone(), "key", "UTC")), colour=colour)
    _tell(run, added, "is here", f"calsyncctl calendars assign {typed(run, added)} agent:NAME")


@app.command()
def assign(ctx: typer.Context, calendar: CalendarArg, assignees: AssigneesArg) -> None:
    """Say whom a calendar serves: agents, teams, inboxes."""
    run: Runtime = ctx.obj
    found = find_calendar(run.store, calendar)
    directory.assign(run.store, found, [find_assignee(run.store, one) for one in assignees])
    _show(run, found)


@app.command()
def unassign(ctx: typer.Context, calendar: CalendarArg, assignees: AssigneesArg) -> None:
    """End that a calendar serves an agent, team or inbox."""
    run: Runtime = ctx.obj
    found = find_calendar(run.store, calendar)
    directory.unassign(run.store, found, [find_assignee(run.store, one) for one in assignees])
    _show(run, found)


def _show(run: Runtime, calendar: Calendar) -> None:
    (facts,) = calendar_facts(run.store, [calendars.get_calendar(run.store, calendar.id)])
    run.console.record(facts, CALENDAR, schema="calendar")


def _tell(run: Runtime, calendar: Calendar, what: str, hint: str) -> None:
    (facts,) = calendar_facts(run.store, [calendars.get_calendar(run.store, calendar.id)])
    run.console.outcome(facts, f"{spoken(run, calendar)} {what}.", schema="calendar", hint=hint)
