"""`calsyncctl explain`: why an event, a calendar or an account is as it is."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Annotated

import typer

from calsyncctl.commands import complete
from calsyncctl.commands.waiting import daemon_works
from calsyncctl.console import moment
from calsyncctl.errors import CalsyncError
from calsyncctl.health.explaining.account import explain_account
from calsyncctl.health.explaining.calendar import explain_calendar
from calsyncctl.health.explaining.event import explain_event
from calsyncctl.health.explaining.explanation import Asking, Explanation
from calsyncctl.health.explaining.meant import find_meant
from calsyncctl.model.account import Account
from calsyncctl.model.calendar import Calendar
from calsyncctl.runtime import Runtime
from calsyncctl.views.explained import explained_text

WhatArg = Annotated[
    str,
    typer.Argument(
        metavar="EVENT|CALENDAR|ACCOUNT",
        help="A key, Google id, --ref id or title; a calendar's name or #ID; an address.",
        autocompletion=complete.anything,
    ),
]


def command(ctx: typer.Context, what: WhatArg) -> None:
    """Say in plain sentences why something is as it is: where it came from, what each side said, what waits.

    Also for events that are deleted, hidden or doubled, and for calendars that stopped changing. Reads the store only:
    it works offline, and asks Google nothing.
    """
    run: Runtime = ctx.obj
    found = _explained(run, what)
    typed = replace(found, todo=tuple(replace(one, command=run.console.typed(one.command)) for one in found.todo))
    run.console.result(typed, explained_text(found, run.console.when), schema="explain")


def _client(run: Runtime) -> str:
    """Return the key under which quota is counted; none where a client file cannot be read: everything else is told."""
    with suppress(CalsyncError):
        return run.client_key
    return ""


def _explained(run: Runtime, what: str) -> Explanation:
    meant = find_meant(run.store, what)
    asking = Asking(
        store=run.store,
        engine=run.engine,
        client=_client(run),
        now=run.clock.now(),
        when=lambda at: run.console.when(moment(at)),
        daemon=daemon_works(run),
    )
    if isinstance(meant, Account):
        return explain_account(asking, meant)
    return explain_calendar(asking, meant) if isinstance(meant, Calendar) else explain_event(asking, meant)
