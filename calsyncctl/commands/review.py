"""`calsyncctl review`: holds and conflicts, looked at and decided."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

import typer

from calsyncctl.commands.acting import acting
from calsyncctl.commands.options import CalendarsOpt, YesOpt
from calsyncctl.commands.waiting import then_sync
from calsyncctl.runtime import Runtime
from calsyncctl.store.db import Store
from calsyncctl.store.find import find_calendar
from calsyncctl.sync.reviewing import inbox, review
from calsyncctl.sync.reviewing.inbox import Detail, Kind
from calsyncctl.sync.reviewing.review import Reviewed, Reviewer
from calsyncctl.views.review import REVIEW, ReviewDone, entry_text, review_entry, review_row

app = typer.Typer()

IdArg = Annotated[str, typer.Argument(metavar="ID", help="As `review list` and `review show` name it: d3, h17, c42.")]
KindOpt = Annotated[
    Literal["deletions", "refused", "invalid", "loop", "shadow", "conflict"] | None,
    typer.Option("--kind", help="Only this kind."),
]


@app.command("list")
def list_(ctx: typer.Context, kind: KindOpt = None, calendar: CalendarsOpt = None) -> None:
    """List what waits for a person: deletions held, what Google refused, what kept changing, conflicts."""
    run: Runtime = ctx.obj
    chosen = {find_calendar(run.store, text).id for text in calendar or []}
    found = inbox.entries(run.store, kind=Kind(kind) if kind else None)
    rows = [review_row(one) for one in found if not chosen or one.calendar_id in chosen]
    run.console.table(rows, REVIEW, empty="Nothing waits for you.")
    if rows:
        run.console.hint("calsyncctl review show ID")


@app.command()
def show(ctx: typer.Context, id: IdArg) -> None:
    """Show one entry: the events that it is about, the values that a conflict did not choose, what may be done."""
    run: Runtime = ctx.obj
    shown = review_entry(inbox.detail(run.store, id))
    run.console.result(shown, entry_text(shown, run.console.when), schema="review-entry")


@app.command()
def release(ctx: typer.Context, id: IdArg, yes: YesOpt = False) -> None:
    """Let it happen: deletions happen here too (`events restore` undoes one), a conflict's choice stands."""
    run: Runtime = ctx.obj
    found = inbox.detail(run.store, id)
    if found.entry.kind is Kind.DELETIONS:
        run.console.confirm(f"Delete {found.entry.summary} of “{found.entry.calendar}” here, too?", yes=yes)
    _do(run, found, review.release, "released")


@app.command()
def reject(ctx: typer.Context, id: IdArg) -> None:
    """Refuse it: deleted events return in Google, a refused edit is taken back, a conflict's other value stands."""
    run: Runtime = ctx.obj
    _do(run, inbox.detail(run.store, id), review.reject, "rejected")


@app.command()
def retry(ctx: typer.Context, id: IdArg) -> None:
    """Send once more, with the next sync, what Google refused or what kept changing."""
    run: Runtime = ctx.obj
    _do(run, inbox.detail(run.store, id), review.retry, "tried again")


@app.command()
def restore(ctx: typer.Context, id: IdArg) -> None:
    """Bring back what was taken: a conflict's other value, or deleted events."""
    run: Runtime = ctx.obj
    _do(run, inbox.detail(run.store, id), review.restore, "restored")


def _do(run: Runtime, found: Detail, act: Callable[[Store, Reviewer, Detail], Reviewed], word: str) -> None:
    engine, horizon = run.engine, run.config.settings.sync.horizon_days
    reviewed = act(run.store, Reviewer(acting(run), run.clock, engine, horizon), found)
    done = ReviewDone(found.entry.id, word, reviewed.done, reviewed.waiting, reviewed.left)
    text = f"{found.entry.id} is {word}: {found.entry.summary or found.entry.kind}."
    run.console.outcome(done, text, schema="review", hint=then_sync(run) if reviewed.waiting else "")
    if reviewed.left:
        since = ", changed since" if found.entry.kind is Kind.CONFLICT else ""
        run.console.warn(f"{len(reviewed.left):,} stay as they are{since}: {', '.join(reviewed.left[:5])}")
