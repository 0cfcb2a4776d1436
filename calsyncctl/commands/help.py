"""`calsyncctl help [TOPIC]`: the pages that come with the program; also `help COMMAND`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from calsyncctl.commands.complete import topics
from calsyncctl.commands.registry import COMMANDS, load
from calsyncctl.console import Column
from calsyncctl.errors import NotFound
from calsyncctl.runtime import Runtime
from calsyncctl.topics import TOPICS, page


@dataclass(frozen=True, slots=True)
class Page:
    """A page, for JSON."""

    topic: str
    text: str


@dataclass(frozen=True, slots=True)
class Topic:
    """A row of the list of pages."""

    topic: str
    about: str


def command(
    ctx: typer.Context,
    topic: Annotated[str, typer.Argument(metavar="[TOPIC]", help="A page or a command.", autocompletion=topics)] = "",
) -> None:
    """Show a page on setting up Google, exit codes and more; or the help of a command.

    calsyncctl help google-project · calsyncctl help connect
    """
    runtime: Runtime = ctx.obj
    if not topic:
        rows = [Topic(name, about) for name, about in TOPICS.items()]
        runtime.console.table(rows, (Column("topic", "TOPIC"), Column("about", "ABOUT", flexible=True)))
        runtime.console.hint("calsyncctl help TOPIC, or calsyncctl COMMAND --help")
    elif topic in TOPICS:
        runtime.console.markdown(Page(topic, page(topic)), page(topic), schema="help")
    else:
        _show_command(ctx, topic)


def _show_command(ctx: typer.Context, name: str) -> None:
    """Show a command's own help, as `calsyncctl COMMAND --help` does; as JSON without frames."""
    runtime: Runtime = ctx.obj
    for entry in COMMANDS:
        if entry.name != name:
            continue
        command = load(entry)
        if not runtime.flags.json:
            command.make_context(name, ["--help"], parent=ctx.find_root())  # that ends the program
        command.rich_markup_mode = None
        text = command.make_context(name, [], parent=ctx.find_root(), resilient_parsing=True).get_help()
        runtime.console.result(Page(name, text), text, schema="help")
        return
    raise NotFound(f"There is no page and no command “{name}”.", "List the pages: calsyncctl help")
