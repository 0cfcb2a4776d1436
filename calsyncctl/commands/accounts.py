"""`calsyncctl accounts`: look at the connected accounts, rest them, hand them over."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from calsyncctl.commands.options import AccountArg, DryRunOpt
from calsyncctl.commands.planning import rehearsed
from calsyncctl.commands.waiting import then_sync
from calsyncctl.connections import handover, resting, shadow
from calsyncctl.connections.planning import Wanted
from calsyncctl.connections.sync_now import choose
from calsyncctl.errors import UsageFault
from calsyncctl.health.snapshot import account_facts, take
from calsyncctl.runtime import Runtime
from calsyncctl.store.find import find_account
from calsyncctl.sync.planning.plan import Scope
from calsyncctl.views.columns import ACCOUNT, ACCOUNTS

app = typer.Typer()

FileArg = Annotated[Path, typer.Argument(metavar="FILE", help="The sealed file.")]
PassphraseFileOpt = Annotated[
    Path | None,
    typer.Option("--passphrase-file", metavar="FILE", help="Read the passphrase from the first line of a file."),
]


@app.command("list")
def list_(ctx: typer.Context) -> None:
    """List the accounts with their states; `pending`: no calendar is selected yet."""
    run: Runtime = ctx.obj
    facts = take(run.store, run.clock.now())
    run.console.table(facts.accounts, ACCOUNTS, empty="No account is connected.", hint="calsyncctl connect")


@app.command()
def show(ctx: typer.Context, account: AccountArg) -> None:
    """Show one account."""
    run: Runtime = ctx.obj
    run.console.record(account_facts(run.store, find_account(run.store, account)), ACCOUNT, schema="account")


@app.command()
def pause(ctx: typer.Context, account: AccountArg) -> None:
    """Rest an account's sync; its events stay as they are."""
    run: Runtime = ctx.obj
    paused = resting.pause(run.means, find_account(run.store, account))
    text, hint = f"{paused.email} is paused.", f"calsyncctl accounts resume {paused.email}"
    run.console.outcome(account_facts(run.store, paused), text, schema="account", hint=hint)


@app.command()
def resume(ctx: typer.Context, account: AccountArg) -> None:
    """Let a paused account go on."""
    run: Runtime = ctx.obj
    resumed = resting.resume(run.means, find_account(run.store, account))
    text = f"{resumed.email} is active again."
    run.console.outcome(account_facts(run.store, resumed), text, schema="account", hint=then_sync(run))


@app.command()
def trust(ctx: typer.Context, account: AccountArg, dry_run: DryRunOpt = False) -> None:
    """End a shadow: what was kept back goes to Google with the next sync. Guard and mail rule hold as ever.

    With --dry-run: what that sync would do, and whom it would mail; the account stays a shadow.
    """
    run: Runtime = ctx.obj
    found = find_account(run.store, account)
    if dry_run:
        shadow.check_shadow(found)
        now = run.clock.now()
        wanted = Wanted(Scope(kind="sync"), prepare=lambda store: shadow.trust(store, found, now))
        rehearsed(run, choose(run.store, account_ids={found.id}), wanted, None)
    trusted = shadow.trust(run.store, found, run.clock.now())
    waits = {0: "Nothing waits.", 1: "1 change waits to be sent."}.get(
        trusted.released, f"{trusted.released:,} changes wait to be sent."
    )
    text = f"{trusted.account.email} is trusted. {waits}"
    run.console.outcome(account_facts(run.store, trusted.account), text, schema="account", hint=then_sync(run))


@app.command()
def export(ctx: typer.Context, account: AccountArg, file: FileArg, passphrase_file: PassphraseFileOpt = None) -> None:
    """Seal an account's connection into a file, for a machine without a browser."""
    run: Runtime = ctx.obj
    found = find_account(run.store, account)
    passphrase = _new_passphrase(run, passphrase_file)
    sealed = handover.export_connection(run.means, found, passphrase, run.envelope)
    _write_new(file, sealed)
    text = f"The connection of {found.email} is sealed in {file}."
    hint = f"On the other machine: calsyncctl accounts import {file.name}"
    run.console.outcome(account_facts(run.store, found), text, schema="account", hint=hint)


@app.command("import")
def import_(ctx: typer.Context, file: FileArg, passphrase_file: PassphraseFileOpt = None) -> None:
    """Take a sealed connection over: stored, read back, used once; its calendars are selected as they were."""
    run: Runtime = ctx.obj
    sealed = _read(file, "the file that accounts export wrote")
    passphrase = _passphrase(run, passphrase_file)
    connected = handover.import_connection(run.means, sealed, passphrase, run.envelope)
    run.console.record(account_facts(run.store, connected.account), ACCOUNT, schema="account")
    run.console.done(f"Connected {connected.account.email}.", hint=then_sync(run))


def _read(file: Path, wanted: str) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageFault(f"{file} cannot be read: {error.strerror}.", f"Give {wanted}.") from error


def _write_new(file: Path, content: bytes) -> None:
    """Write a file that nobody else can read, and that was not there before."""
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise UsageFault(f"{file} cannot be written: {error.strerror}.", "Give another file.") from error
    with os.fdopen(handle, "wb") as opened:
        opened.write(content)


def _passphrase(run: Runtime, file: Path | None) -> str:
    if file is not None:
        lines = _read(file, "a file whose first line is the passphrase").decode("utf-8", "replace").splitlines()
        return lines[0] if lines else ""
    return run.console.ask("Passphrase", instead="--passphrase-file", hidden=True)


def _new_passphrase(run: Runtime, file: Path | None) -> str:
    first = _passphrase(run, file)
    if file is None and run.console.ask("The same again", instead="--passphrase-file", hidden=True) != first:
        raise UsageFault("The two passphrases differ.", "Try again.")
    return first
