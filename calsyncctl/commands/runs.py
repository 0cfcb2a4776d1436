"""`calsyncctl runs`: what each pass, and each act of a person, changed here and in Google."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from calsyncctl.commands.options import AccountOfOpt
from calsyncctl.model.history import Version
from calsyncctl.runtime import Runtime
from calsyncctl.store import accounts, calendars, events, runs
from calsyncctl.store.find import find_account
from calsyncctl.views.runs import RUNS, RunEntry, RunEvent, entry_text, run_event, run_row

app = typer.Typer()

RunArg = Annotated[int, typer.Argument(metavar="RUN", help="Its number, as `runs list` shows it.")]
KindOpt = Annotated[
    str | None, typer.Option("--kind", metavar="KIND", help="Only this kind: sync, reconcile, edit, restore, undo …")
]
LimitOpt = Annotated[int, typer.Option("--limit", min=1, help="At most so many.", show_default=True)]


@app.command("list")
def list_(ctx: typer.Context, account: AccountOfOpt = None, kind: KindOpt = None, limit: LimitOpt = 20) -> None:
    """List what changed something, the latest first; a sync that found nothing to do leaves no run."""
    run: Runtime = ctx.obj
    chosen = find_account(run.store, account).id if account else None
    found = runs.last_runs(run.store, limit, account_id=chosen, kind=kind)
    emails = _emails(run)
    rows = [run_row(one, emails, runs.undone_by(run.store, one.id)) for one in found]
    run.console.table(rows, RUNS, empty="Nothing has changed yet.")
    if rows:
        run.console.hint("calsyncctl runs show RUN (calsyncctl undo RUN takes one back)")


@app.command()
def show(ctx: typer.Context, number: RunArg) -> None:
    """Show one run: of each event the fields from → to, values that a conflict did not choose, mails, errors."""
    run: Runtime = ctx.obj
    found = runs.get_run(run.store, number)
    row = run_row(found, _emails(run), runs.undone_by(run.store, number))
    changed = _events(run, runs.versions_in(run.store, number))
    sent = _events(run, runs.versions_sent_by(run.store, number))
    entry = RunEntry(row, tuple(changed), tuple(sent))
    run.console.result(entry, entry_text(entry, run.console.when), schema="run-entry")


def _emails(run: Runtime) -> dict[int, str]:
    return {one.id: one.email for one in accounts.list_accounts(run.store)}


def _events(run: Runtime, versions: Iterable[Version]) -> Iterable[RunEvent]:
    names = {one.id: one.name for one in calendars.list_calendars(run.store)}
    for one in versions:
        event = events.get_event(run.store, one.event_id)
        series = events.get_event(run.store, event.series_id) if event.content is None and event.series_id else None
        yield run_event(event, series, names.get(event.calendar_id, ""), one)
