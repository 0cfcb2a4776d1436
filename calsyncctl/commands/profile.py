"""`calsyncctl profile`: the profiles on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from calsyncctl.commands.complete import profile_names
from calsyncctl.console import Column
from calsyncctl.errors import ConfigFault, NotFound
from calsyncctl.layout import state_style
from calsyncctl.paths import profiles
from calsyncctl.runtime import Runtime

app = typer.Typer(help="The profiles on this machine: each has its own settings, store and secrets.")


@dataclass(frozen=True, slots=True)
class Row:
    """One profile of the list."""

    profile: str
    state: str
    """`enabled`, `disabled`, or `faulty` where the configuration cannot be used."""
    current: bool
    config_file: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One profile, whole."""

    profile: str
    state: str
    instance: str
    google_app: str
    google: str
    vault: str
    secrets: str
    config_file: str
    store_file: str
    log_file: str


LIST = (
    Column("profile", "PROFILE"),
    Column("state", "STATE", style=state_style),
    Column("current", "CURRENT"),
    Column("config_file", "SETTINGS", drop=1),
)
SHOW = (
    Column("profile", "Profile"),
    Column("state", "State", style=state_style),
    Column("instance", "Instance"),
    Column("google_app", "Google app"),
    Column("google", "Google"),
    Column("secrets", "Secrets"),
    Column("config_file", "Settings"),
    Column("store_file", "Store"),
    Column("log_file", "Log"),
)


@app.command("list")
def list_(ctx: typer.Context) -> None:
    """List the profiles that have a configuration."""
    runtime: Runtime = ctx.obj
    rows = [_row(runtime.for_profile(name), name == runtime.paths.profile) for name in profiles(runtime.environ)]
    runtime.console.table(rows, LIST, empty="There is no profile yet.", hint="calsyncctl init")


@app.command()
def show(
    ctx: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="[PROFILE]", help="The current one if not given.", autocompletion=profile_names)
    ] = "",
) -> None:
    """Show where a profile's files and secrets are, and which Google app it uses."""
    runtime: Runtime = ctx.obj
    if name and name not in profiles(runtime.environ):
        raise NotFound(f"There is no profile “{name}”.", "List them: calsyncctl profile list")
    one = runtime.for_profile(name) if name else runtime
    one.require_configured()
    runtime.console.record(_shown(one), SHOW, schema="profile")


def _row(runtime: Runtime, current: bool) -> Row:
    return Row(runtime.paths.profile, _state(runtime), current, str(runtime.paths.config_file))


def _state(runtime: Runtime) -> str:
    try:
        return "enabled" if runtime.config.settings.sync.enabled else "disabled"
    except ConfigFault:
        return "faulty"


def _shown(runtime: Runtime) -> Shown:
    settings, paths = runtime.config.settings, runtime.paths
    return Shown(
        profile=paths.profile,
        state=_state(runtime),
        instance=settings.instance,
        google_app=settings.google.client_secrets or settings.google.client_id,
        google=settings.google.api_root,
        vault=settings.vault.backend,
        secrets=runtime.secrets_place(settings.vault.backend or "file"),
        config_file=str(paths.config_file),
        store_file=str(paths.store_file),
        log_file=str(paths.log_file),
    )
