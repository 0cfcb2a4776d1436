"""`calsyncctl profile`: the profiles on this machine; backups (`backups.py`), secrets and deleting (`leaving.py`)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from calsyncctl.commands import backups, leaving
from calsyncctl.commands.complete import profile_names
from calsyncctl.connections.backups import restored_at
from calsyncctl.console import moment
from calsyncctl.errors import ConfigFault, NotFound, StoreFault
from calsyncctl.paths import profiles
from calsyncctl.runtime import Runtime
from calsyncctl.store.figures import figures, sizes
from calsyncctl.views.profile import LIST, ProfileRow, ProfileShown, Size, show_columns

app = typer.Typer(help="The profiles on this machine: each has its own settings, store and secrets.")


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
    """Show where a profile's files and secrets are, which Google app it uses, and how large it is."""
    runtime: Runtime = ctx.obj
    if name and name not in profiles(runtime.environ):
        raise NotFound(f"There is no profile “{name}”.", "List them: calsyncctl profile list")
    one = runtime.for_profile(name) if name else runtime
    one.require_configured()
    shown = _shown(one)
    runtime.console.record(shown, show_columns(runtime.console.when, shown.size), schema="profile")


def _row(runtime: Runtime, current: bool) -> ProfileRow:
    return ProfileRow(runtime.paths.profile, _state(runtime), current, str(runtime.paths.config_file))


def _state(runtime: Runtime) -> str:
    try:
        return "enabled" if runtime.config.settings.sync.enabled else "disabled"
    except ConfigFault:
        return "faulty"


def _shown(runtime: Runtime) -> ProfileShown:
    settings, paths = runtime.config.settings, runtime.paths
    restored, size = _of_store(runtime)
    return ProfileShown(
        profile=paths.profile,
        state=_state(runtime),
        instance=settings.instance,
        google_app=settings.google.client_secrets or settings.google.client_id,
        google=settings.google.api_root,
        vault=settings.vault.backend,
        secrets=runtime.secrets_place(settings.vault.backend or "file"),
        config_file=str(paths.config_file),
        store_file=str(paths.store_file),
        backups_dir=str(paths.backups_dir),
        log_file=str(paths.log_file),
        keep_days=settings.history.keep_days,
        restored=restored,
        size=size,
    )


def _of_store(runtime: Runtime) -> tuple[datetime | None, Size | None]:
    """Return when it was restored, and its size; a store that is missing or damaged hides nothing of the rest."""
    if not runtime.paths.store_file.exists():
        return None, None
    try:
        return moment(restored_at(runtime.store)), _size(runtime)
    except StoreFault as error:
        runtime.console.warn(f"{error.what} {error.what_to_do}")
        return None, None


def _size(runtime: Runtime) -> Size:
    paths, found = runtime.paths, figures(runtime.store)
    kept = list(paths.backups_dir.glob("*.sqlite"))
    logs = (paths.log_file, paths.log_file.with_suffix(".log.1"))
    return Size(
        store=sizes(paths.store_file.with_name(f"{paths.store_file.name}{end}") for end in ("", "-wal", "-shm")),
        backups=sizes(kept),
        log=sizes(logs),
        backup_files=len(kept),
        accounts=found.counts["account"],
        calendars=found.counts["calendar"],
        events=found.counts["event"],
        deleted=found.deleted,
        versions=found.counts["version"],
        history_since=moment(found.oldest),
    )


app.command()(backups.backup)
app.command()(backups.restore)
app.command()(backups.export)
app.command()(leaving.secrets)
app.command()(leaving.delete)
