"""A pass rehearsed instead of done, for every command that has `--dry-run` and `--plan`; and files of plans."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import NoReturn

import typer

from calsyncctl.connections.planning import Rehearsed, Wanted, rehearse_now
from calsyncctl.connections.sync_now import Choice
from calsyncctl.errors import UsageFault
from calsyncctl.runtime import Runtime
from calsyncctl.store import accounts
from calsyncctl.sync.planning.plan import Plan, sealed, unsealed
from calsyncctl.views.plan import HELD, PLANNED, PlanView, counted, plan_view
from calsyncctl.views.synced import ShownProgress

SHOWN = 200
"""So many decisions are shown to people one by one."""


def rehearsed(run: Runtime, choice: Choice, wanted: Wanted, file: Path | None) -> NoReturn:
    """Show what a pass would do, keep it if asked, and end as the pass would."""
    emails = {one.id: one.email for one in accounts.list_accounts(run.store)}
    with run.console.progress() as shown:
        done = rehearse_now(
            run.means,
            choice,
            wanted,
            run.rehearsal(),
            profile=run.paths.profile,
            workers=run.config.settings.sync.workers,
            progress=ShownProgress(shown, emails),
        )
    _keep(done, file)
    view = plan_view(done, str(file) if file else None)
    if run.console.json:
        run.console.result(view, "", schema="plan")
    else:
        _tell(run, view)
    raise typer.Exit(view.exit_code)


def _tell(run: Runtime, view: PlanView) -> None:
    console = run.console
    if view.decisions and not console.flags.quiet:
        console.table(view.decisions[:SHOWN], PLANNED)
        if len(view.decisions) > SHOWN:
            console.say(f"… and {len(view.decisions) - SHOWN:,} more; --json tells them all.")
    console.say(counted(view.counts))
    if view.mailed:
        console.say(f"Google would mail {len(view.mailed):,}: {', '.join(view.mailed)}")
    console.talk_table(view.held[:SHOWN], HELD)
    failures = [one.error for one in view.skipped] + [one.error for one in view.calendars if one.error]
    for failed in dict.fromkeys(failures):
        console.warn(f"{failed.what} {failed.what_to_do}")
    if view.file is not None:
        console.done(f"The plan is in {view.file}; nothing was changed.", hint=f"calsyncctl apply {view.file}")
    else:
        console.say("Nothing was changed.")


def _keep(done: Rehearsed, file: Path | None) -> None:
    if file is not None:
        write_plan(file, done.plan)


def write_plan(file: Path, plan: Plan) -> None:
    """Write a plan (0600) in one step; an earlier one is replaced.

    Raises:
        UsageFault: it cannot be written there.
    """
    try:
        handle, name = tempfile.mkstemp(dir=file.absolute().parent, prefix=f".{file.name}.")
        try:
            with os.fdopen(handle, "wb") as opened:
                opened.write(sealed(plan))
                opened.flush()
                os.fsync(opened.fileno())
            Path(name).replace(file)
        finally:
            with contextlib.suppress(FileNotFoundError):
                Path(name).unlink()
    except OSError as error:
        raise UsageFault(f"{file} cannot be written: {error.strerror}.", "Give another file.") from error


def read_plan(file: Path, instance: str) -> Plan:
    """Read a plan of this installation.

    Raises:
        UsageFault: it cannot be read, or is not as it was written. NotAllowed: another installation made it.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UsageFault(f"{file} cannot be read: {error.strerror}.", "Give the file that --plan wrote.") from error
    return unsealed(content, instance=instance)
