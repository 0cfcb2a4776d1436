"""`calsyncctl config`: the settings of a profile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from calsyncctl.commands.complete import settings as setting_names
from calsyncctl.commands.options import YesOpt
from calsyncctl.config import Value, parse, setting_named, shown
from calsyncctl.console import Column
from calsyncctl.runtime import Runtime

app = typer.Typer(help="The settings of a profile.")

NameArg = Annotated[str, typer.Argument(metavar="NAME", help="Such as sync.workers.", autocompletion=setting_names)]


@dataclass(frozen=True, slots=True)
class Row:
    """One setting as it is in force."""

    name: str
    value: Value
    origin: str
    default: Value
    about: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where the file is."""

    path: str


@dataclass(frozen=True, slots=True)
class Check:
    """What `validate` found; what is wrong is an error instead."""

    path: str
    valid: bool
    set: tuple[str, ...]


NAME = Column("name", "SETTING")
VALUE = Column("value", "VALUE", show=lambda value: shown(value) or "–", flexible=True)
ORIGIN, ABOUT = Column("origin", "FROM"), Column("about", "MEANS", drop=1, flexible=True)


def _row(runtime: Runtime, name: str) -> Row:
    setting, config = setting_named(name), runtime.config
    return Row(name, config.values[name], config.origins[name], setting.default, setting.help)


@app.command()
def show(
    ctx: typer.Context,
    origin: Annotated[bool, typer.Option("--origin", help="Say where each value comes from.")] = False,
) -> None:
    """Show every setting that is in force.

    calsyncctl config show --origin
    """
    runtime: Runtime = ctx.obj
    runtime.require_configured()
    rows = [_row(runtime, name) for name in runtime.config.values]
    runtime.console.table(rows, (NAME, VALUE, ORIGIN) if origin else (NAME, VALUE, ABOUT))


@app.command()
def get(ctx: typer.Context, name: NameArg) -> None:
    """Print one setting's value."""
    runtime: Runtime = ctx.obj
    runtime.require_configured()
    row = _row(runtime, name)
    runtime.console.result(row, shown(row.value), schema="setting")


@app.command("set")
def set_(
    ctx: typer.Context,
    name: NameArg,
    value: Annotated[str, typer.Argument(metavar="VALUE", help="The new value.")],
    yes: YesOpt = False,
) -> None:
    """Change a setting in the file; its comments stay.

    calsyncctl config set sync.workers 8
    """
    runtime: Runtime = ctx.obj
    runtime.require_configured()
    _change(runtime, name, parse(setting_named(name), value), yes)


@app.command()
def unset(ctx: typer.Context, name: NameArg, yes: YesOpt = False) -> None:
    """Take a setting out of the file: its default holds again."""
    runtime: Runtime = ctx.obj
    runtime.require_configured()
    setting_named(name)
    _change(runtime, name, None, yes)


def _change(runtime: Runtime, name: str, value: Value | None, yes: bool) -> None:
    from calsyncctl.config_file import edit_config  # noqa: PLC0415  (tomlkit: 25 ms)

    if name == "instance" and value != runtime.config.settings.instance:
        runtime.console.confirm(
            "With another instance id, events made here are no longer known as ours. Change it?", yes=yes
        )
    with runtime.hold_config():
        edit_config(runtime.paths, {name: value})
    now = runtime.reread_config()
    for _, origin in now.outranked([name]):
        runtime.console.warn(f"{origin} is set and outranks the file: {name} stays {shown(now.values[name])}.")
    row = _row(runtime, name)
    default = shown(row.default) or "nothing"
    text = f"{name} = {shown(value)}" if value is not None else f"{name} is at its default again: {default}."
    runtime.console.outcome(row, text, schema="setting")


@app.command()
def path(ctx: typer.Context) -> None:
    """Print where the file is, also if it is not there yet."""
    runtime: Runtime = ctx.obj
    runtime.console.result(Place(str(runtime.paths.config_file)), str(runtime.paths.config_file), schema="config-path")


@app.command()
def validate(ctx: typer.Context) -> None:
    """Check the file and the environment; what is wrong is named with its key."""
    runtime: Runtime = ctx.obj
    runtime.require_configured()
    known = tuple(name for name, origin in runtime.config.origins.items() if origin != "default")
    found = Check(str(runtime.paths.config_file), valid=True, set=known)
    runtime.console.result(found, f"{found.path} is fine: {len(known)} settings are set.", schema="config-check")
