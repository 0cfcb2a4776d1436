"""`calsyncctl sync`: what changed since last time, both ways."""

from __future__ import annotations

import typer

from calsyncctl.commands.options import AccountsOpt, CalendarsOpt
from calsyncctl.commands.syncing import run_sync, tell
from calsyncctl.connections.sync_now import Choice, check_calendar, choose
from calsyncctl.health.needs import needs
from calsyncctl.health.snapshot import take
from calsyncctl.runtime import Runtime
from calsyncctl.store.find import find_account, find_calendar


def command(ctx: typer.Context, account: AccountsOpt = None, calendar: CalendarsOpt = None) -> None:
    """Bring in what changed in Google since last time, and send what changed here; the first time, everything.

    Exit codes: 0 done, 1 failed, 4 an account must sign in again, 5 something waits for a person, 75 try later (mixed:
    the first of these).
    """
    run: Runtime = ctx.obj
    done = run_sync(run, chosen(run, account or [], calendar or []))
    if run.console.json:
        run.console.result(done, "", schema="sync")
    else:
        tell(run.console, done)
        if not done.calendars and not done.skipped:
            run.console.say("Nothing is selected.")
            run.console.hint("calsyncctl calendars select NAME...")
        _say_endings(run)
    raise typer.Exit(done.exit_code)


def _say_endings(run: Runtime) -> None:
    """Say which sign-ins are about to end: while it works, nobody looks at status."""
    for need in needs(take(run.store, run.clock.now())):
        if need.kind == "sign-in-ends":
            run.console.say(f"{need.what} {need.what_to_do}")


def chosen(run: Runtime, account: list[str], calendar: list[str]) -> Choice:
    """Return what takes part: everything selected, or only what was named."""
    calendars = [find_calendar(run.store, text) for text in calendar]
    for one in calendars:
        check_calendar(one)
    return choose(
        run.store,
        account_ids={find_account(run.store, text).id for text in account},
        calendar_ids={one.id for one in calendars},
    )
