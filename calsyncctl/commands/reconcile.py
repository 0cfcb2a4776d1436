"""`calsyncctl reconcile`: compare everything with Google, and repair what differs."""

from __future__ import annotations

from typing import Annotated

import typer

from calsyncctl.commands.options import AccountsOpt, CalendarsOpt, DryRunOpt, PlanOpt
from calsyncctl.commands.planning import rehearsed
from calsyncctl.commands.sync import account_ids_of, chosen
from calsyncctl.connections.backups import looked_at
from calsyncctl.connections.forgetting import keep_house
from calsyncctl.connections.planning import Wanted
from calsyncctl.connections.sync_now import Choice, sync_now
from calsyncctl.errors import NotFound, UsageFault
from calsyncctl.runtime import Runtime
from calsyncctl.store import accounts
from calsyncctl.sync.planning.plan import Scope
from calsyncctl.sync.repairing.reconcile import Reconciling
from calsyncctl.views.reconciled import DIFFERENCES, RECONCILED, Reconciled, reconciled
from calsyncctl.views.synced import ShownProgress

LOOKED_AT = {0, 4, 5}
"""Exit codes of a reconcile that looked at everything that can be looked at."""
SHOWN = 20
"""So many differences are told to people one by one."""

CheckOpt = Annotated[bool, typer.Option("--check", help="Only look: exit code 5 if anything differs.")]

AdoptOpt = Annotated[
    str | None,
    typer.Option("--adopt", metavar="INSTANCE", help="Take over the events that another installation made."),
]


def command(
    ctx: typer.Context,
    check: CheckOpt = False,
    account: AccountsOpt = None,
    calendar: CalendarsOpt = None,
    dry_run: DryRunOpt = False,
    plan: PlanOpt = None,
    adopt: AdoptOpt = None,
) -> None:
    """Compare every event with Google by a full listing, name the differences, and repair them.

    First an ordinary sync, so that what is merely new is no difference. Repairs go through the same merge, guard and
    push as everything else. Silent under --quiet unless a person is needed, so it suits cron.

    Exit codes: 0 equal, or repaired; 1 failed; 3 nothing of that installation is there (--adopt); 4 an account must
    sign in again; 5 something is held, there twice, or (with --check) differs; 75 try later.
    """
    run: Runtime = ctx.obj
    if check and (dry_run or plan is not None):
        raise UsageFault("--check only names differences; --dry-run tells what would be done.", "Give one of them.")
    if adopt == "":
        raise UsageFault("--adopt names no installation.", "See which there are: calsyncctl reconcile --check -v")
    if adopt is not None and adopt == run.engine.instance:
        raise UsageFault(f"{adopt} is this installation's own id.", "Its events are known again by themselves.")
    choice = chosen(run, account_ids_of(run, account or []), calendar or [])
    reconciling = Reconciling(check, frozenset({adopt} if adopt else ()))
    if dry_run or plan is not None:
        scope = Scope(kind="reconcile", adopt=tuple(reconciling.adopt))
        rehearsed(run, choice, Wanted(scope, reconciling.step), plan)
    done = _reconcile(run, choice, reconciling, strict=check)
    if run.console.json:
        run.console.result(done, "", schema="reconcile")
    else:
        _tell(run, done)
    if not check:
        _afterwards(run, done, whole=not account and not calendar)
    raise typer.Exit(done.exit_code)


def _afterwards(run: Runtime, done: Reconciled, *, whole: bool) -> None:
    """Forget what is older than it is kept; the first whole reconcile that was shown ends the rest after a restore."""
    keep_days = run.config.settings.history.keep_days
    keep_house(run.store, run.paths.backups_dir, keep_days=keep_days, now=run.clock.now())
    if whole and done.exit_code in LOOKED_AT and not run.console.flags.quiet:
        for email in looked_at(run.store):
            run.console.hint(f"If all is as it should be: calsyncctl accounts trust {email}")


def _reconcile(run: Runtime, choice: Choice, reconciling: Reconciling, *, strict: bool) -> Reconciled:
    emails = {one.id: one.email for one in accounts.list_accounts(run.store)}
    with run.console.progress() as shown:
        outcome = sync_now(
            run.means,
            choice,
            workers=run.config.settings.sync.workers,
            progress=ShownProgress(shown, emails),
            step=reconciling.step,
            kind="reconcile",
        )
    adopt = next(iter(reconciling.adopt), None)
    return reconciled(outcome, reconciling.found, emails, check=reconciling.check, strict=strict, adopt=adopt)


def _tell(run: Runtime, done: Reconciled) -> None:
    console = run.console
    found = [one for row in done.calendars for one in row.differences]
    if not console.flags.quiet:
        if done.calendars:
            console.table(done.calendars, RECONCILED)
        else:
            console.say("Nothing is selected.")
        console.talk_table(found[:SHOWN], DIFFERENCES)
        if len(found) > SHOWN:
            console.say(f"… and {len(found) - SHOWN:,} more; --json tells them all.")
    for failed in [one.error for one in done.skipped] + [row.error for row in done.calendars if row.error]:
        console.warn(f"{failed.what} {failed.what_to_do}")
    held = dict.fromkeys(reason for row in done.calendars for reason in row.held)
    for reason in held:
        console.warn(f"Waits for you: {reason}")
    for row in done.calendars:
        if row.left and done.exit_code == 5:
            console.warn(f"“{row.name}”: {row.result}.")
    for row in done.calendars:
        for other in row.others:
            console.detail(f"“{row.name}”: {other.count:,} events were made by another installation: {other.instance}")
    if done.exit_code == NotFound.exit_code:
        console.warn("Nothing on these calendars was made by the installation that --adopt names.")
        console.hint("calsyncctl reconcile --check -v (names those whose events are there)")
    if done.exit_code == 5:
        console.hint("calsyncctl reconcile" if done.repairable else "calsyncctl review list")
