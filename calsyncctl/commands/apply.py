"""`calsyncctl apply`: do exactly what a plan says."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from calsyncctl.commands.acting import acting
from calsyncctl.commands.planning import SHOWN, read_plan
from calsyncctl.connections.planning import apply_plan
from calsyncctl.console import Console
from calsyncctl.runtime import Runtime
from calsyncctl.store import accounts
from calsyncctl.views.plan import APPLIED, AppliedView, applied_view
from calsyncctl.views.synced import ShownProgress

FileArg = Annotated[Path, typer.Argument(metavar="FILE", help="The file that --plan wrote.")]
AllOpt = Annotated[bool, typer.Option("--all-or-nothing", help="Do nothing if anything of it moved on.")]


def command(ctx: typer.Context, file: FileArg, all_or_nothing: AllOpt = False) -> None:
    """Do exactly what a plan says; what moved on since is skipped and listed. Applied again, it finds all of it done.

    Each decision is done only while the event here and the item in Google are as they were planned. What would be held
    is left for the next sync, as is everything that came after the plan.

    Exit codes: 0 done, or already so; 1 failed; 2 not a plan, or an edited one; 4 an account must sign in again; 5
    something moved on; 6 another installation's plan; 75 try later.
    """
    run: Runtime = ctx.obj
    author = acting(run)
    plan = read_plan(file, run.engine.instance)
    emails = {one.id: one.email for one in accounts.list_accounts(run.store)}
    with run.console.progress() as shown:
        done = apply_plan(
            run.means,
            plan,
            author=author,
            all_or_nothing=all_or_nothing,
            workers=run.config.settings.sync.workers,
            progress=ShownProgress(shown, emails),
        )
    view = applied_view(plan, done)
    if run.console.json:
        run.console.result(view, "", schema="applied")
    else:
        _tell(run.console, view)
    raise typer.Exit(view.exit_code)


def _tell(console: Console, view: AppliedView) -> None:
    skipped = [one for one in view.decisions if one.fate == "moved on"]
    if skipped:
        console.talk_table(skipped[:SHOWN], APPLIED)
    for failed in view.errors:
        console.warn(f"{failed.what} {failed.what_to_do}")
    if view.refused:
        console.warn(f"Nothing was done: {view.moved_on:,} moved on since the plan was made.")
        console.hint("Make it anew: calsyncctl sync --plan FILE")
        return
    parts = [f"{view.done:,} done"]
    parts += [f"{view.already:,} already so"] if view.already else []
    parts += [f"{view.moved_on:,} skipped, since they moved on"] if view.moved_on else []
    console.done(f"{', '.join(parts)}.", hint="calsyncctl sync" if view.moved_on else None)
