"""The commands of `calsyncctl profile` that take its data along or bring it back. `profile.py` registers them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from calsyncctl.commands.options import YesOpt
from calsyncctl.connections import backups
from calsyncctl.connections.exporting import export_lines, export_to
from calsyncctl.errors import StoreFault
from calsyncctl.runtime import Runtime
from calsyncctl.views.profile import Exported, backup_shown, backup_text, bytes_text, restored_shown

ToArg = Annotated[
    Path | None, typer.Argument(metavar="[FILE]", help="File or folder; the profile's own folder if not given.")
]
FromArg = Annotated[Path, typer.Argument(metavar="FILE", help="A backup.")]
ExportArg = Annotated[Path, typer.Argument(metavar="FILE", help="Where to; JSON Lines.")]


def backup(ctx: typer.Context, file: ToArg = None, yes: YesOpt = False) -> None:
    """Back the store up, also while the daemon and other commands write; what was written is checked.

    It holds calendars, events, history and which accounts there are; no secrets and no settings.
    """
    run: Runtime = ctx.obj
    run.require_configured()
    _may_replace(run, file, yes=yes)
    run.hold_in_use()
    made = backups.take_backup(run.paths, run.config.settings.instance, run.clock.now(), file)
    text = f"Backed up: {made.path} ({bytes_text(made.size)}, {made.counts.get('event', 0):,} events), and checked."
    run.console.outcome(backup_shown(made), text, schema="backup")
    run.console.detail("Secrets and settings are not in it: see docs/backup.md.")


def restore(ctx: typer.Context, file: FromArg, yes: YesOpt = False) -> None:
    """Put a backup in the store's place; what is there now is kept as a backup first.

    Refused while the daemon or another command works. Afterwards nothing is written to Google, and triggers rest,
    until you looked at a reconcile and trust the accounts: `calsyncctl reconcile`, then `calsyncctl accounts trust`.
    """
    run: Runtime = ctx.obj
    run.require_configured()
    instance = run.config.settings.instance
    found = backups.plan_restore(run.paths, instance, file)
    run.console.say(f"The backup is {backup_text(found, run.console.when)}.")
    if not found.instance:
        run.console.warn("It does not say of which installation it is.")
    run.console.confirm("Put it in the store's place?", yes=yes)
    with run.alone():
        done = backups.restore(run.paths, found, instance, run.clock)
    if not run.console.json and done.kept is not None:
        run.console.say(f"What was there is kept: {done.kept}")
    if done.shadows:
        run.console.say(f"Nothing is written to Google for now: {', '.join(done.shadows)}.")
    for email in done.unknown:
        run.console.warn(f"{email} was connected after this backup: calsyncctl connect --account {email}")
    run.console.outcome(
        restored_shown(done), "Restored.", schema="restored", hint="calsyncctl reconcile (look at what differs)"
    )


def export(ctx: typer.Context, file: ExportArg, yes: YesOpt = False) -> None:
    """Write what a person may want of the profile to a file of JSON Lines: calendars, assignees, links, events.

    Events with their history; no secrets. The format is in docs/backup.md.
    """
    run: Runtime = ctx.obj
    run.require_configured()
    if not run.paths.store_file.is_file():
        raise StoreFault(f"There is no store {run.paths.store_file}.", "Make one: calsyncctl init")
    _may_replace(run, file, yes=yes)
    instance = run.config.settings.instance
    lines = export_lines(run.store, instance=instance, profile=run.paths.profile, now=run.clock.now())
    count = export_to(file, lines)
    run.console.outcome(Exported(str(file), count), f"Exported {count:,} lines to {file}.", schema="exported")


def _may_replace(run: Runtime, file: Path | None, *, yes: bool) -> None:
    if file is not None and file.is_file():
        backups.check_replaceable(run.paths, file)
        run.console.confirm(f"Replace {file}?", yes=yes)
