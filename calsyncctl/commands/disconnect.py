"""`calsyncctl disconnect`: part from an account."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from calsyncctl.commands.options import AccountArg, DryRunOpt, LoseUnsentOpt, YesOpt
from calsyncctl.commands.purging import check_unsent, confirm_loss
from calsyncctl.connections.disconnect import BY_HAND, Parted, part, plan_parting
from calsyncctl.errors import Later
from calsyncctl.health.snapshot import account_facts
from calsyncctl.model.account import AccountState
from calsyncctl.runtime import Runtime
from calsyncctl.store.find import find_account
from calsyncctl.views.parting import PartingRow, parting_columns, parting_row

PurgeOpt = Annotated[bool, typer.Option("--purge", help="Also remove its events and calendars here.")]
NoRevokeOpt = Annotated[
    bool, typer.Option("--no-revoke", help="Leave the grant at Google: it may serve other profiles of the same client.")
]
ForceOpt = Annotated[bool, typer.Option("--force", help="Forget at once, even if Google cannot be reached.")]


def command(
    ctx: typer.Context,
    account: AccountArg,
    purge: PurgeOpt = False,
    no_revoke: NoRevokeOpt = False,
    force: ForceOpt = False,
    lose_unsent: LoseUnsentOpt = False,
    dry_run: DryRunOpt = False,
    yes: YesOpt = False,
) -> None:
    """Stop syncing an account, revoke its sign-in at Google and forget its tokens.

    Its events are hidden here, not deleted (unless --purge), and nothing is deleted in Google: connect it again and
    everything re-attaches. If Google cannot be reached, every later run tries again (exit code 75).
    """
    run: Runtime = ctx.obj
    found = find_account(run.store, account)
    if found.state is AccountState.DISCONNECTED and not purge:
        hint = f"To remove what is here: calsyncctl disconnect {found.email} --purge"
        text = f"{found.email} is disconnected already."
        run.console.outcome(account_facts(run.store, found), text, schema="account", hint=hint)
        return
    parting = plan_parting(run.means, found, revoke=not no_revoke, purge=purge, force=force)
    row = parting_row(parting)
    if not run.console.json:
        run.console.record(row, parting_columns(row), schema="parting")
    if dry_run:
        _show(run, row)
        return
    if purge:
        check_unsent(run.console, parting.unsent, lose=lose_unsent)
    run.console.confirm(f"Disconnect {found.email}?", yes=yes)
    if purge:
        confirm_loss(run.console, parting.unsent, lose=lose_unsent)
    _report(run, row, part(run.means, parting))


def _report(run: Runtime, row: PartingRow, parted: Parted) -> None:
    email = parted.account.email
    if not parted.done:
        raise Later(
            f"{email} stops syncing, but Google could not be told: {parted.why}",
            f"Every sync tries it again; or forget it at once: calsyncctl disconnect {email} --force",
        )
    _show(run, replace(row, revoked=parted.revoked))
    if parted.why:
        run.console.warn(f"{parted.why} {BY_HAND}" if row.revoked and not parted.revoked else parted.why)
    run.console.done(f"Disconnected {email}.", hint=f"Connect it again: calsyncctl connect --account {email}")


def _show(run: Runtime, row: PartingRow) -> None:
    if run.console.json:
        run.console.record(row, (), schema="parting")
