"""The commands of `calsyncctl profile` about its secrets and its end. `profile.py` registers them."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from calsyncctl.commands.complete import profile_names
from calsyncctl.commands.options import YesOpt
from calsyncctl.connections import carrying, leaving
from calsyncctl.console import Column
from calsyncctl.errors import CalsyncError, NotFound, StoreFault
from calsyncctl.model.account import AccountState
from calsyncctl.moving import SYSTEMD, Moved, move_secrets
from calsyncctl.paths import profiles
from calsyncctl.runtime import Runtime
from calsyncctl.store import accounts
from calsyncctl.views.profile import SECRETS, SecretsShown, deleted, leaving_lines, secret_rows

NameArg = Annotated[
    str, typer.Argument(metavar="PROFILE", help="Which; it must be named.", autocompletion=profile_names)
]
NoRevokeOpt = Annotated[bool, typer.Option("--no-revoke", help="Leave the access at Google as it is.")]
MoveOpt = Annotated[
    Literal["auto", "service", "macos", "windows", "file", "systemd"] | None,
    typer.Option("--move-to", help="Move them all; systemd: the encrypted file, its key from systemd."),
]
WHERE = (Column("vault", "Vault"), Column("place", "Place"))


def secrets(ctx: typer.Context, move_to: MoveOpt = None) -> None:
    """Show where the profile's secrets are kept, never the secrets; move them to another vault.

    A move reads every secret back from the new place before the old one forgets it.
    """
    run: Runtime = ctx.obj
    run.require_configured()
    moved = move_secrets(run, move_to) if move_to else None
    if moved is not None:
        run.reread_config()
        run.__dict__.pop("secrets", None)
    shown = _secrets_shown(run, moved)
    if run.console.json:
        run.console.record(shown, (), schema="secrets")
    else:
        run.console.record(shown, WHERE, schema="secrets")
        run.console.table(shown.entries, SECRETS)
    if shown.left:
        run.console.warn(f"{shown.left} Move again to clear it.")
    if moved is not None:
        _tell_moved(run, moved, to_systemd=move_to == SYSTEMD)


def delete(ctx: typer.Context, name: NameArg, no_revoke: NoRevokeOpt = False, yes: YesOpt = False) -> None:
    """Delete a profile: take its access back at Google, forget its secrets, remove its files and backups.

    Says first what goes, and asks for the profile's name. Refused while the daemon or a command works on it. Nothing
    is deleted in Google.
    """
    here: Runtime = ctx.obj
    if name not in profiles(here.environ):
        raise NotFound(f"There is no profile “{name}”.", "List them: calsyncctl profile list")
    run = here.for_profile(name)
    _ = run.config  # what cannot be read cannot be deleted soundly: its error says why
    with run.alone():
        pass  # in use is told before anything is asked or announced
    there = run.paths.store_file.exists()
    plan = leaving.plan_leaving(run.paths, run.store if there else None, revoke=not no_revoke)
    for line in leaving_lines(plan):
        here.console.say(line)
    _confirm(here, name, yes=yes)
    with run.alone():
        unrevoked = leaving.revoke_all(run.means) if plan.revoked else []
        leaving.forget_all(run.secrets, run.store if there else None)
        run.let_go()  # an open store would write beside files that are gone
        leaving.remove_files(run.paths)
    for email in unrevoked:
        here.console.warn(f"{email} could not be revoked: remove it at https://myaccount.google.com/connections")
    text = f"The profile “{name}” is deleted."
    here.console.outcome(deleted(plan, unrevoked), text, schema="profile-deleted")


def _confirm(run: Runtime, name: str, *, yes: bool) -> None:
    if yes:
        return
    typed = run.console.ask(f"Type the profile's name to delete it for good ({name})", instead="--yes")
    if typed != name:
        raise CalsyncError("Nothing was deleted: that is not its name.", "Type it as it is shown, or say --yes.")


def _secrets_shown(run: Runtime, moved: Moved | None) -> SecretsShown:
    if not run.paths.store_file.exists():
        raise StoreFault(f"There is no store {run.paths.store_file}.", "Make one: calsyncctl init")
    backend = run.config.settings.vault.backend or "file"
    left = moved.left if moved else ", ".join(carrying.left_in(run.store, backend))
    return SecretsShown(
        profile=run.paths.profile,
        vault=backend,
        place=run.secrets_place(backend),
        moved_from=moved.before if moved and moved.before != moved.now else None,
        left=(left if moved else f"A move was cut off; secrets may still be in: {left}.") if left else None,
        entries=secret_rows(carrying.survey(run.secrets, run.store)),
    )


def _tell_moved(run: Runtime, moved: Moved, *, to_systemd: bool) -> None:
    if moved.carried:
        run.console.done(f"{moved.carried} secrets are moved, and were read back.")
    else:
        run.console.done("They are there already.")
    if to_systemd and run.credentials_directory is None:
        run.console.hint(f"Hand the key to the service: calsyncctl daemon install --system --key {run.key_file}")
    waiting = accounts.list_accounts(run.store, states=[AccountState.NEEDS_REAUTH])
    for one in waiting:
        run.console.hint(f"calsyncctl connect --account {one.email}")
