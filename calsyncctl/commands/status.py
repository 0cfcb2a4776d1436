"""`calsyncctl status`: one screen, and what needs you first."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated

import typer

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
        _quota(run)
        return
    facts = take(run.store, run.clock.now())
    status = Status(
        run.paths.profile,
        needs(facts),
        passing(facts),
        facts.last_success,
        facts.accounts,
        facts.calendars,
        in_words(run.paths),
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


def _quota(run: Runtime) -> None:
    from calsyncctl.daemon.outlook import outlook  # noqa: PLC0415
    from calsyncctl.daemon.presence import running  # noqa: PLC0415
    from calsyncctl.health.quota import not_polls, take_quota  # noqa: PLC0415
    from calsyncctl.store.due import liveliness  # noqa: PLC0415
    from calsyncctl.views.quota import KINDS, SPANS, SPENDERS, quota_head, quota_of, spans  # noqa: PLC0415

    now, limits, polling = run.clock.now(), run.limits, running(run.paths)
    facts = take_quota(run.store, run.client_key, limits, now)
    calendars = liveliness(run.store)
    ahead = outlook(
        calendars, spent=facts.today.spent, otherwise=not_polls(facts), limits=limits, now=now, polling=polling
    )
    quota = quota_of(
        run.paths.profile,
        facts,
        forecast=ahead.forecast,
        polling=polling,
        calendars=len(calendars),
        polls=ahead.polls,
        stretch=ahead.stretch,
        why=ahead.why,
    )
    run.console.result(quota, quota_head(quota, run.console.when), schema="quota")
    if not run.console.json:
        for rows, columns in ((spans(quota), SPANS), (quota.kinds, KINDS), (quota.accounts, SPENDERS)):
            if rows:
                run.console.result(None, "\n", schema="")
                run.console.table(rows, columns)
