"""`calsyncctl daemon`: run it, ask how it is, install it under systemd."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from calsyncctl.commands.options import DryRunOpt
from calsyncctl.console import moment
from calsyncctl.daemon import presence
from calsyncctl.daemon.systemd import unit_of
from calsyncctl.daemon.unit_state import Finding, UnitState, judge
from calsyncctl.errors import CalsyncError, ConfigFault, NotEnabled, NotFound, UsageFault
from calsyncctl.layout import Column
from calsyncctl.runtime import Runtime

app = typer.Typer(help="Keep both sides equal all the time, under systemd or in the foreground.", no_args_is_help=True)


@app.command("run")
def run_(ctx: typer.Context) -> None:
    """Run in the foreground until Ctrl-C or SIGTERM; systemd does the same.

    SIGHUP reads the configuration again (it is also read when the file changes). One daemon runs per profile; commands
    work beside it.

    Exit codes: 0 after SIGTERM, 130 after Ctrl-C, 1 failed (a damaged store), 6 not enabled, 75 another daemon runs;
    or something hung, or its store, its lock or the program was exchanged: start it again.
    """
    run: Runtime = ctx.obj
    run.require_enabled()
    try:
        import apscheduler  # noqa: F401
    except ModuleNotFoundError:
        raise UsageFault(
            "The daemon needs apscheduler, which is not installed.", "pip install 'calsyncctl[daemon]'"
        ) from None
    from calsyncctl.daemon.run import run_daemon  # noqa: PLC0415

    raise typer.Exit(run_daemon(run))


@dataclass(frozen=True, slots=True)
class UnitView:
    """What systemd knows of the profile's unit."""

    name: str
    manager: str
    """`system` or `user`."""
    state: str
    enabled: bool
    """Whether it is started at boot, or at login."""
    restarts: int
    pid: int | None
    last_end: str | None
    """How it ended last, if not well."""
    wrong: str | None
    what_to_do: str | None

    def __str__(self) -> str:
        enabled = "enabled" if self.enabled else "not enabled"
        restarts = f", started again {self.restarts} times" if self.restarts else ""
        return f"{self.name} ({self.manager}), {self.state}, {enabled}{restarts}"


@dataclass(frozen=True, slots=True)
class DaemonView:
    """What is known of a profile's daemon."""

    running: bool
    ready: bool
    """Whether its first pass is done."""
    enabled: bool
    """Whether it works: sync.enabled."""
    pid: int | None
    version: str | None
    since: datetime | None
    last_pass: datetime | None
    passes: int
    calendars: int
    waiting: int
    trouble: str | None
    notes: tuple[str, ...] = ()
    """What else is wrong with the daemon itself, though it works."""
    unit: UnitView | None = None


_COLUMNS = (
    Column("ready", "ready"),
    Column("enabled", "enabled"),
    Column("pid", "pid"),
    Column("version", "version"),
    Column("since", "since"),
    Column("last_pass", "last pass"),
    Column("passes", "passes"),
    Column("calendars", "calendars"),
    Column("waiting", "waiting to be sent"),
    Column("trouble", "trouble"),
)
_UNIT = Column("unit", "unit")


@app.command()
def status(ctx: typer.Context) -> None:
    """Say whether the profile's daemon runs, since when, and how it stands; and what systemd knows of it.

    Exit codes: 0 it runs, 3 it does not.
    """
    run: Runtime = ctx.obj
    _require_configured(run)
    view = _view(run)
    if run.console.json or view.running:
        run.console.record(view, (*_COLUMNS, _UNIT) if view.unit else _COLUMNS, schema="daemon")
    if run.console.json and not view.running:
        raise typer.Exit(NotFound.exit_code)
    if not view.running:
        raise _not_running(run, view.unit)
    for note in () if run.console.json else view.notes:
        run.console.warn(note)
    if view.unit is not None and view.unit.wrong and not run.console.json:
        run.console.warn(view.unit.wrong)
        run.console.hint(view.unit.what_to_do or "")
    _say_needs(run, known=view.trouble is not None)


def _require_configured(run: Runtime) -> None:
    try:
        run.require_configured()
    except ConfigFault as error:
        if not presence.running(run.paths):
            raise
        what = f"{error.what} The daemon runs, with the configuration from before."
        raise ConfigFault(what, error.what_to_do) from error
    except NotEnabled as error:
        if not presence.running(run.paths):
            raise
        what = f"{error.what} The daemon runs, and does nothing until it is there again."
        raise NotEnabled(what, f"Put {run.paths.config_file} back, as from a backup.") from error


def _not_running(run: Runtime, unit: UnitView | None) -> NotFound:
    what = f"No daemon runs for the profile “{run.paths.profile}”."
    found = [(one.what, one.what_to_do) for one in (_trouble_of_store(run),) if one is not None]
    if unit is not None and unit.wrong is not None:
        found.append((unit.wrong, unit.what_to_do or ""))
    if not found:
        return NotFound(what, "Install it: calsyncctl daemon install (or try it: calsyncctl daemon run)")
    return NotFound(" ".join((what, *(said for said, _ in found))), "; then: ".join(cure for _, cure in found))


def _trouble_of_store(run: Runtime) -> CalsyncError | None:
    """Return what every daemon would end with: a store that is gone, or cannot be read."""
    from calsyncctl.daemon.same_store import require_store  # noqa: PLC0415

    try:
        require_store(run.paths.store_file)
        _ = run.store
    except CalsyncError as error:
        return error
    return None


def _say_needs(run: Runtime, *, known: bool) -> None:
    """Point to what waits for a person: the daemon may be well while it can do nothing.

    A store that cannot be read is told unless trouble is `known`: the daemon may not have met it yet.
    """
    from calsyncctl.health.needs import needs  # noqa: PLC0415
    from calsyncctl.health.snapshot import take  # noqa: PLC0415
    from calsyncctl.store.faults import disk_is_full  # noqa: PLC0415

    try:
        waiting = len(needs(take(run.store, run.clock.now())))
    except CalsyncError as error:
        if not (known or run.console.json):
            run.console.warn(error.what)
            run.console.hint(error.what_to_do)
        return
    if disk_is_full(run.paths.store_file) and not (known or run.console.json):  # it may not even note that
        run.console.warn(f"The disk of the store {run.paths.store_file} is full.")
    if waiting:
        run.console.hint(f"{waiting} {'things need' if waiting > 1 else 'thing needs'} you: calsyncctl status")


def _silence(run: Runtime, told: presence.Told) -> str | None:
    """Say that a daemon, though alive, does not say anything any more."""
    if not told.is_silent(run.clock.now()):
        return None
    return f"It has said nothing since {run.console.when(moment(told.at))}: restart it."


def _unit(run: Runtime, pid: int | None, *, running: bool) -> UnitView | None:
    state = unit_of(run.paths.profile, run.environ, pid)
    return None if state is None else _unit_view(state, judge(state, pid, running=running))


def _unit_view(state: UnitState, finding: Finding | None) -> UnitView:
    return UnitView(
        name=state.name,
        manager="user" if state.user else "system",
        state=f"{state.active} ({state.sub})" if state.sub else state.active,
        enabled=state.enabled,
        restarts=state.restarts,
        pid=state.pid,
        last_end=state.why or None,
        wrong=finding.what if finding else None,
        what_to_do=finding.what_to_do if finding else None,
    )


def _view(run: Runtime) -> DaemonView:
    told = presence.told(run.paths)
    if told is None:
        on, running = run.config.settings.sync.enabled, presence.running(run.paths)
        unit = _unit(run, None, running=running)
        return DaemonView(running, False, on, None, None, None, None, 0, 0, 0, None, unit=unit)
    return DaemonView(
        running=True,
        ready=told.ready,
        enabled=told.enabled,
        pid=told.pid,
        version=told.version,
        since=moment(told.since),
        last_pass=moment(told.last_pass),
        passes=told.passes,
        calendars=told.calendars,
        waiting=told.waiting,
        trouble=told.wrong or _silence(run, told),
        notes=told.notes,
        unit=_unit(run, told.pid, running=True),
    )


@app.command()
def install(
    ctx: typer.Context,
    user: Annotated[bool, typer.Option("--user", help="For yourself; the default unless you are root.")] = False,
    system: Annotated[bool, typer.Option("--system", help="For the machine, confined, as a user of its own.")] = False,
    key: Annotated[
        Path | None,
        typer.Option("--key", metavar="FILE", help="The vault's key, for systemd to hand over (--system)."),
    ] = None,
    dry_run: DryRunOpt = False,
) -> None:
    """Install the daemon under systemd and start it, telling each step; --verbose tells how to take it away.

    One unit serves every profile: calsyncctl@PROFILE.
    """
    from calsyncctl.commands import installing  # noqa: PLC0415

    run: Runtime = ctx.obj
    if user and system:
        raise UsageFault("--user and --system exclude each other.", "Give one of them.")
    if not (system or dry_run):
        run.require_configured()
    as_system = system or (not user and os.geteuid() == 0)
    installing.install(run, system=as_system, key=key, dry_run=dry_run)
