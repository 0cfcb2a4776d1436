"""Which command is in which module, and on which panel of the help; modules are imported when their command is run.

The root's help and the first TAB read this table only. A module offers `app` (a group) or `command` (a single verb).
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from functools import cache
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from calsyncctl.commands.anywhere import Branch, Leaf, OpenLeaf, global_options, plain_help, with_global_options
from calsyncctl.console import Console


@dataclass(frozen=True, slots=True)
class Entry:
    """One top-level command. `open`: it works where the profile is not enabled, too."""

    name: str
    panel: str
    help: str
    open: bool = False

    @property
    def module(self) -> str:
        """The module that it is in."""
        return f"calsyncctl.commands.{self.name}"


COMMANDS = (
    Entry("init", "BEGIN", "Enable a profile: where secrets live, which Google app.", open=True),
    Entry("connect", "BEGIN", "Sign in to a Google account, or repair its sign-in; choose calendars; first sync."),
    Entry("accounts", "BEGIN", "The connected Google accounts."),
    Entry("calendars", "BEGIN", "Which calendars take part, and whom they serve."),
    Entry("disconnect", "BEGIN", "Stop syncing an account, revoke its sign-in, forget it."),
    Entry("sync", "KEEP EQUAL", "What changed since last time, both ways."),
    Entry("reconcile", "KEEP EQUAL", "Compare everything with Google, and repair what differs."),
    Entry("apply", "KEEP EQUAL", "Do exactly what a plan of sync, reconcile or push-existing says."),
    Entry("daemon", "KEEP EQUAL", "Keep both sides equal all the time, under systemd or in the foreground.", open=True),
    Entry("links", "KEEP EQUAL", "Calendars that live only here, also kept in Google."),
    Entry("status", "LOOK", "One screen; what needs you comes first."),
    Entry("review", "LOOK", "What waits for a person: holds and conflicts."),
    Entry("explain", "LOOK", "Why an event, a calendar or an account is as it is."),
    Entry("runs", "LOOK", "What each pass and each act changed, here and in Google."),
    Entry("events", "WORK", "The events here: look, add, edit, delete, restore."),
    Entry("undo", "WORK", "Take back what a run changed, or an event's last change, on both sides."),
    Entry("assignees", "ARRANGE", "Agents, teams and inboxes that calendars serve."),
    Entry("config", "HOUSE", "The settings of a profile.", open=True),
    Entry("profile", "HOUSE", "The profiles on this machine.", open=True),
    Entry("sandbox", "HOUSE", "A Google of your own on this machine, to try things.", open=True),
    Entry("help", "HOUSE", "Pages on setting up Google, exit codes and more.", open=True),
)
_BY_NAME = {entry.name: entry for entry in COMMANDS}


class Root(TyperGroup):
    """The top of the tree: answers from the table until a command is really wanted."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the global options, shown in the help here."""
        return with_global_options(super().get_params(ctx), top=True)

    def list_commands(self, ctx: Any) -> list[str]:
        """List the commands in the order of the panels."""
        return [entry.name for entry in COMMANDS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a stand-in that knows name, help and panel."""
        entry = _BY_NAME.get(cmd_name)
        if entry is None:
            return None
        return TyperCommand(entry.name, help=entry.help, rich_help_panel=entry.panel)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Show the panels, then the flags."""
        if plain_help(self, ctx, formatter):
            super().format_help(ctx, formatter)
            return
        from calsyncctl.commands.root_help import flag_rows, root_help  # noqa: PLC0415  (rich)

        panels: dict[str, list[tuple[str, str]]] = {}
        for entry in COMMANDS:
            panels.setdefault(entry.panel, []).append((entry.name, entry.help))
        flags = [*flag_rows(global_options(top=True)), ("-h, --help", "Show help: here, or of any command.")]
        Console(ctx.obj.look_ahead()).render(root_help(self.get_usage(ctx), self.help or "", panels, flags))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that is to be run, and import it."""
        self.commands.update(dict.fromkeys(self.list_commands(ctx)))  # type: ignore[arg-type]  # names to suggest from
        name, command, rest = super().resolve_command(ctx, args)
        return name, command and load(_BY_NAME[args[0]]), rest


@cache
def load(entry: Entry) -> TyperCommand | TyperGroup:
    """Import a command's module and make its part of the tree, once."""
    module = importlib.import_module(entry.module)
    leaf = OpenLeaf if entry.open else Leaf
    if hasattr(module, "app"):
        app: typer.Typer = module.app
        _grow(app, leaf)
        made = typer.main.get_group(app)
        made.name = entry.name
        made.help = made.help or entry.help
        return made
    single = typer.Typer(add_completion=False)
    single.command(entry.name, cls=leaf)(module.command)
    command = typer.main.get_command(single)
    assert isinstance(command, TyperCommand)
    return command


def _grow(app: typer.Typer, leaf: type[Leaf]) -> None:
    """Make a group's commands ours, and its groups' too."""
    app.info.cls = Branch
    app.info.no_args_is_help = True
    for info in app.registered_commands:
        info.cls = leaf
    for group in app.registered_groups:
        if group.typer_instance is not None:
            group.cls = Branch
            _grow(group.typer_instance, leaf)
