"""`calsyncctl status`: one screen, and what needs you first."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated

import typer

from calsyncctl.commands.quota import show_quota, stretched
from calsyncctl.daemon.presence import in_words
from calsyncctl.health.needs import needs, passing
from calsyncctl.health.snapshot import take
from calsyncctl.layout import styled
from calsyncctl.model.account import AccountState
from calsyncctl.model.calendar import CalendarState
from calsyncctl.runtime import Runtime
from calsyncctl.views.columns import ACCOUNTS, CALENDARS
from calsyncctl.views.status import Status, head


def command(
    ctx: typer.Context,
    quota: Annotated[
        bool, typer.Option("--quota", help="Show instead what was spent of Google's quota, and what is left.")
    ] = False,
) -> None:
    """Show accounts, calendars, the last success, and first of all what needs you.

    Reads the store only: it works offline, too.
    """
    run: Runtime = ctx.obj
    if quota:
        show_quota(run)
        return
    facts = take(run.store, run.clock.now())
    status = Status(
        run.paths.profile,
        needs(facts),
        (*passing(facts), *stretched(run)),
        facts.last_success,
        facts.accounts,
        facts.calendars,
        in_words(run.paths, run.clock.now()),
    )
    run.console.result(status, head(status, run.console.when, _style(run)), schema="status")
    if not run.console.json:
        _tables(run, status)


def _style(run: Runtime) -> Callable[[str, str], str]:
    colored = run.console.colored(sys.stdout)
    return lambda text, style: styled(text, style) if colored else text


def _tables(run: Runtime, status: Status) -> None:
    hidden = {CalendarState.AVAILABLE, AccountState.DISCONNECTED}
    taking_part = [one for one in status.calendars if one.state not in hidden]
    for rows, columns in ((status.accounts, ACCOUNTS), (taking_part, CALENDARS)):
        if rows:
            run.console.result(None, "\n", schema="")
            run.console.table(rows, columns)
