"""`calsyncctl init`: enable a profile."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from calsyncctl.commands.options import YesOpt
from calsyncctl.console import Column, Console
from calsyncctl.enabling import SANDBOX_ADDRESS, Enabling, Wish, enable, plan_enabling
from calsyncctl.runtime import Runtime

COLUMNS = (
    Column("profile", "Profile"),
    Column("config_file", "Settings"),
    Column("secrets", "Secrets"),
    Column("google_app", "Google app"),
    Column("google", "Google"),
    Column("instance", "Instance"),
)


def command(
    ctx: typer.Context,
    client_secrets: Annotated[
        Path | None,
        typer.Option("--client-secrets", metavar="FILE", help="The OAuth client file that Google's console gave you."),
    ] = None,
    vault: Annotated[
        Literal["auto", "service", "file", "macos", "windows"] | None,
        typer.Option("--vault", help="Where secrets live; auto: the system's keyring if it works, else a file."),
    ] = None,
    sandbox: Annotated[bool, typer.Option("--sandbox", help="Aim the profile at a running sandbox.")] = False,
    sandbox_address: Annotated[
        str, typer.Option("--sandbox-address", metavar="URL", help="Where the sandbox is.")
    ] = SANDBOX_ADDRESS,
    yes: YesOpt = False,
) -> None:
    """Enable a profile: where secrets live, which Google app. Run again, it changes only what is given.

    calsyncctl init --client-secrets client_secret.json · calsyncctl --profile try init --sandbox
    """
    runtime: Runtime = ctx.obj
    aimed = sandbox or sandbox_address != SANDBOX_ADDRESS
    with runtime.hold_config():
        enabling = plan_enabling(runtime, Wish(client_secrets, vault, sandbox_address if aimed else None))
        for doubt in enabling.doubts:
            runtime.console.warn(doubt)
        if enabling.doubts:
            runtime.console.confirm("Go on?", yes=yes)
        enable(runtime, enabling)
    _report(runtime.console, enabling)


def _report(console: Console, enabling: Enabling) -> None:
    shown = enabling.shown
    console.record(shown, COLUMNS, schema="init")
    for name, origin in enabling.outranked:
        console.warn(f"{origin} is set and outranks the file: it decides {name}.")
    console.done(
        f"The profile “{shown.profile}” is enabled.",
        hint="calsyncctl connect" if shown.google_app else "Get a Google app first: calsyncctl help google-project",
    )
