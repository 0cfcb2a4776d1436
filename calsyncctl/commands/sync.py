"""`calsyncctl sync`: what changed since last time, both ways."""

from __future__ import annotations

import typer

from calsyncctl.commands.options import AccountsOpt, CalendarsOpt, DryRunOpt, PlanOpt
from calsyncctl.commands.planning import rehearsed
from calsyncctl.commands.syncing import run_sync, tell
from calsyncctl.connections.planning import Wanted
from calsyncctl.connections.resting import check_awake
from calsyncctl.connections.sync_now import Choice, check_calendar, choose, why_nothing
from calsyncctl.errors import UsageFault
from calsyncctl.health.needs import needs
from calsyncctl.health.snapshot import take
from calsyncctl.runtime import Runtime
from calsyncctl.store.find import find_account, find_calendar
from calsyncctl.sync.planning.plan import Scope


def command(
    ctx: typer.Context,
    account: AccountsOpt = None,
    calendar: CalendarsOpt = None,
    dry_run: DryRunOpt = False,
    plan: PlanOpt = None,
) -> None:
    """Bring in what changed in Google since last time, and send what changed here; the first time, everything.

    With --dry-run or --plan it ends as the real run would.

    Exit codes: 0 done, 1 failed, 4 an account must sign in again, 5 something waits for a person, 75 try later (mixed:
    the first of these).
    """
    run: Runtime = ctx.obj
    account_ids = account_ids_of(run, account or [])
    choice = chosen(run, account_ids, calendar or [])
    if dry_run or plan is not None:
        rehearsed(run, choice, Wanted(Scope(kind="sync")), plan)
    done = run_sync(run, choice)
    if run.console.json:
        run.console.result(done, "", schema="sync")
    else:
        tell(run.console, done)
        if not done.calendars and not done.skipped:
            what, hint = why_nothing(run.store, account_ids=account_ids)
            run.console.say(what)
            run.console.hint(hint)
        _say_endings(run)
    raise typer.Exit(done.exit_code)


def _say_endings(run: Runtime) -> None:
    """Say which sign-ins are about to end: while it works, nobody looks at status."""
    for need in needs(take(run.store, run.clock.now())):
        if need.kind == "sign-in-ends":
            run.console.say(f"{need.what} {need.what_to_do}")


def account_ids_of(run: Runtime, names: list[str]) -> set[int]:
    """Return the accounts that were named, each awake."""
    found = [find_account(run.store, text) for text in names]
    for one in found:
        check_awake(one)
    return {one.id for one in found}


def chosen(run: Runtime, account_ids: set[int], names: list[str]) -> Choice:
    """Return what takes part: everything selected, or only what was named."""
    found = [find_calendar(run.store, text) for text in names]
    for one in found:
        check_calendar(run.store, one)
        if account_ids and one.account_id not in account_ids:
            raise UsageFault(f"“{one.name}” belongs to another account than the one given.", "Leave out --account.")
    return choose(run.store, account_ids=account_ids, calendar_ids={one.id for one in found})
