"""The global options, accepted by every command and group, before and after the sub-command; and the command classes.

Typer knows options of one command only. `Leaf` and `Branch` add these to each, as real options of its parser, so that
the values of other options are never mistaken for them (`--description -v`) and completion knows them. They do not go
through typer's coercion, which would import pydantic (50 ms) for every command.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.completion import install_callback, show_callback
from typer.core import TyperCommand, TyperGroup, TyperOption

from calsyncctl import __version__
from calsyncctl.commands import complete
from calsyncctl.commands.pairs import watch_pairs
from calsyncctl.console import Console
from calsyncctl.errors import UsageFault
from calsyncctl.flags import Color, Flags, flags_from

if TYPE_CHECKING:
    from calsyncctl.runtime import Runtime

EPILOG = (
    "Anywhere: --profile NAME, --as MEMBER, --tz ZONE, --json, -q, -v, --no-input, --color, --ascii. "
    "See calsyncctl --help."
)
PANEL = "Anywhere on the line"
FRAMED = 60
"""Columns that help needs for its frames: on less they would cut the names of options."""


class Invocation:
    """What one invocation has gathered while its line was parsed: the root's `ctx.obj`."""

    def __init__(self, environ: Mapping[str, str], line: Sequence[str] = ()) -> None:
        self.environ = environ
        self.line = line
        self.given: dict[str, str | bool] = {}
        self.opened: Runtime | None = None

    @property
    def flags(self) -> Flags:
        """The global flags so far."""
        return flags_from(self.given, self.environ)

    def look_ahead(self) -> Flags:
        """Note how to speak, where the line ends before all of it is parsed: by help, the version, a mistake."""
        words = list(takewhile(lambda word: word != "--", self.line))
        if "--json" in words:
            self.given["json"] = True
        colors = [after for word, after in pairwise(words) if word == "--color"]
        colors += [word.partition("=")[2] for word in words if word.startswith("--color=")]
        if colors and colors[-1] in set(Color):
            self.given["color"] = colors[-1]
        return self.flags

    def open(self, gate: str) -> Runtime:
        """Make the runtime of a command, and see that the profile is as the command's gate asks."""
        from calsyncctl.runtime import Runtime  # noqa: PLC0415  (help and completion do without)

        runtime = self.opened = Runtime.from_flags(self.flags, self.environ)
        if gate == "enabled":
            runtime.require_enabled()
        return runtime


class Anywhere(TyperOption):
    """One global option: its value goes to the invocation, not to the command."""

    def __init__(self, like: TyperOption, hidden: bool) -> None:
        super().__init__(
            param_decls=[like.name, *like.opts],
            type_descriptor=like.type_descriptor,
            is_flag=like.is_flag,
            is_eager=like.is_eager,
            metavar=like.metavar,
            expose_value=False,
            help=like.help,
            hidden=hidden,
            rich_help_panel=PANEL,
            autocompletion=_OFFERED.get(like.name or ""),
        )

    def process_value(self, ctx: Any, value: Any) -> Any:
        """Note the value; nothing is coerced."""
        if value is None or value is False:
            return value
        if self.name in _AT_ONCE and not ctx.resilient_parsing:
            _AT_ONCE[self.name](ctx, self, value)
        if self.name == "color" and value not in set(Color):
            raise typer.BadParameter(f"{value!r} is not one of auto, always, never.", param_hint="--color")
        invocation = ctx.find_root().obj
        if isinstance(invocation, Invocation):
            invocation.given[self.name] = value
        return value


@dataclass(frozen=True, slots=True)
class Version:
    """What `--version` prints as JSON."""

    version: str


def _show_version(ctx: Any, option: TyperOption, value: object) -> None:
    Console(_flags_ahead(ctx)).result(Version(__version__), f"calsyncctl {__version__}", schema="version")
    raise typer.Exit


_AT_ONCE: dict[str, Callable[[Any, Any, Any], Any]] = {
    "version": _show_version,
    "install_completion": install_callback,
    "show_completion": show_callback,
}


_OFFERED: dict[str, Callable[[Any, list[str], str], Any]] = {
    "profile": lambda ctx, args, begun: complete.profile_names(ctx),
    "acting": lambda ctx, args, begun: complete.agents(ctx),
    "tz": lambda ctx, args, begun: complete.zones(),
    "color": lambda ctx, args, begun: list(Color),
}
"""What TAB offers for the values of global options."""


def _declared(
    profile: Annotated[
        str, typer.Option("--profile", metavar="NAME", help="The profile to work on (CALSYNCCTL_PROFILE).")
    ] = "default",
    json: Annotated[bool, typer.Option("--json", help="Data as JSON on stdout; errors as JSON on stderr.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No talk: only data, warnings and errors.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say more; tracebacks of bugs.")] = False,
    no_input: Annotated[bool, typer.Option("--no-input", help="Never ask a question.")] = False,
    acting: Annotated[
        str, typer.Option("--as", metavar="MEMBER", help="Who acts: agent:NAME or an e-mail (CALSYNCCTL_AS).")
    ] = "",
    tz: Annotated[str, typer.Option("--tz", metavar="ZONE", help="Show times in this zone.")] = "",
    color: Annotated[
        Color, typer.Option("--color", metavar="auto|always|never", help="When to colour.", is_eager=True)
    ] = Color.AUTO,
    ascii: Annotated[bool, typer.Option("--ascii", help="Plain ASCII in tables and talk.")] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
    show_completion: Annotated[bool, typer.Option("--show-completion", is_eager=True)] = False,
    install_completion: Annotated[bool, typer.Option("--install-completion", is_eager=True)] = False,
) -> None:
    """Declare the global options, for typer to make them."""


@cache
def global_options(*, top: bool) -> tuple[Anywhere, ...]:
    """Make the global options; below the top they are hidden in help, to keep it short, but not from completion."""
    app = typer.Typer(add_completion=False)
    app.command()(_declared)
    completing = "_CALSYNCCTL_COMPLETE" in os.environ
    made = []
    for option in typer.main.get_command(app).params:
        if isinstance(option, TyperOption):
            rare = option.name.endswith("_completion")
            made.append(Anywhere(option, hidden=rare or (not top and not completing)))
    return tuple(made)


def with_global_options(params: Sequence[Any], *, top: bool = False) -> list[Any]:
    """Add the global options to a command's own; where it has one of the same name, its own stands."""
    for param in params:
        if getattr(param, "is_flag", False):
            vars(param)["display_type_rich"] = _no_type  # `<bool>` beside every flag helps nobody
            if param.name == "help":
                param.default = False  # a bool already: None would be coerced, which imports pydantic
    own = {text for param in params for text in getattr(param, "opts", ())}
    return [*params, *(option for option in global_options(top=top) if not own.intersection(option.opts))]


def _no_type(ctx: Any) -> None:
    return None


def _unwrapped(help: str | None) -> str | None:
    """Join the lines of each paragraph, for typer would keep the source's line breaks in all but the first."""
    return help and "\n\n".join(" ".join(part.split("\n")) for part in help.split("\n\n"))


def _flags_ahead(ctx: Any) -> Flags:
    invocation = ctx.find_root().obj
    return invocation.look_ahead() if isinstance(invocation, Invocation) else Flags()


def plain_help(command: TyperCommand | TyperGroup, ctx: Any, formatter: Any) -> bool:
    """Settle how typer is to draw help: in which colours; say whether without frames, as there is no room for them."""
    columns = shutil.get_terminal_size().columns
    if command.rich_markup_mode is None or columns < FRAMED:
        command.rich_markup_mode = None
        formatter.width = min(columns, formatter.width)  # by itself never below 50
        return True
    from typer import rich_utils  # noqa: PLC0415  (rich)

    colored = Console(_flags_ahead(ctx)).colored(sys.stdout)
    rich_utils.COLOR_SYSTEM = "auto" if colored else None
    rich_utils.FORCE_TERMINAL = True if colored else None
    return False


def without_command(path: str) -> UsageFault:
    """Return the error of a line that ends before it names a command."""
    return UsageFault(f"{path} needs a command.", f"See: {path} --help")


class Leaf(TyperCommand):
    """A command that does something: it gets a `Runtime` as `ctx.obj`, once its gate is passed."""

    gate = "enabled"

    def __init__(self, *args: Any, **attrs: Any) -> None:
        super().__init__(*args, **attrs)
        self.help = _unwrapped(self.help)
        self.epilog = self.epilog or EPILOG

    def get_params(self, ctx: Any) -> list[Any]:
        """Return its options, the global ones last."""
        return with_global_options(super().get_params(ctx))

    def make_parser(self, ctx: Any) -> Any:
        """Return its parser, which refuses both flags of a pair."""
        return watch_pairs(super().make_parser(ctx))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Draw the help."""
        plain_help(self, ctx, formatter)
        super().format_help(ctx, formatter)

    def invoke(self, ctx: Any) -> Any:
        """Run it. What it returns is dropped: exit codes come from errors and `typer.Exit`."""
        if isinstance(ctx.obj, Invocation):
            ctx.obj = ctx.obj.open(self.gate)
            ctx.obj.doing = ctx.command_path.partition(" ")[2]
        super().invoke(ctx)


class OpenLeaf(Leaf):
    """A command that also works where the profile is not enabled."""

    gate = "open"


class Branch(TyperGroup):
    """A group of commands."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse; alone it shows its help, which is nothing for who asks for JSON."""
        if not args and _flags_ahead(ctx).json:
            raise without_command(ctx.command_path)
        return super().parse_args(ctx, args)

    def get_params(self, ctx: Any) -> list[Any]:
        """Return its options, the global ones last."""
        return with_global_options(super().get_params(ctx))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Draw the help."""
        plain_help(self, ctx, formatter)
        super().format_help(ctx, formatter)
