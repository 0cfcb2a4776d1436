"""The command line: the app, and `main()`, the only place where an error becomes a sentence and an exit code.

Text form, on stderr: `calsyncctl: WHAT` and, on the next line, `WHAT TO DO`. With `--json` the same as one line of JSON
(`calsyncctl/error/1`), on stderr too: stdout then stays empty, so that a script parses either data or nothing.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import NoReturn

import typer
from typer.completion import get_completion_inspect_parameters
from typer.exceptions import TyperException

from calsyncctl.commands.anywhere import Invocation, without_command
from calsyncctl.commands.registry import Root
from calsyncctl.console import Console
from calsyncctl.errors import CalsyncError, Interrupted, NotEnabled, UsageFault
from calsyncctl.interrupts import CtrlC
from calsyncctl.machine import cure

ALIKE = 0.7
"""How alike an option must be to one that does not exist, to be suggested: 1 is the same."""
LOGGED = {1, 4, 5, 75}
"""What went wrong in the work is kept in the log, too: cron's mail may be lost; wrong lines are not worth it."""

app = typer.Typer(
    cls=Root,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    subcommand_metavar="COMMAND …",
)


@app.callback(invoke_without_command=True)
def root(ctx: typer.Context) -> None:
    """Keep a platform's calendars and Google Calendar the same."""
    if ctx.invoked_subcommand is None:
        if ctx.obj.flags.json:
            raise without_command(ctx.command_path)
        text = ctx.get_help()  # with its frames, rich prints it itself
        if text:
            typer.echo(text)
        sys.stdout.flush()  # before what follows on stderr
        _say_if_not_enabled(ctx.obj)


def _say_if_not_enabled(invocation: Invocation) -> None:
    """Tell a newcomer the first step; the help itself has not failed."""
    try:
        invocation.open("enabled")
    except NotEnabled as error:
        typer.echo(f"{error.what} {Console(invocation.flags).typed(error.what_to_do)}", err=True)


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit."""
    args = list(sys.argv[1:] if argv is None else argv)
    _open_streams()
    ctrl_c = CtrlC()
    ctrl_c.listen()
    sys.exit(_run(Invocation(os.environ, args), ctrl_c))


def _open_streams() -> None:
    """See that there is something to write to, and that no letter stops it: `>&-`, LC_ALL=C, a Latin-1 terminal."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115  (for as long as the process lives)
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace" if name == "stderr" else "replace")


def _run(invocation: Invocation, ctrl_c: CtrlC) -> int:
    """Run one line; return its exit code. Nothing but this turns errors into text."""
    get_completion_inspect_parameters()  # for its side effect: it registers the shells' completion protocols
    try:
        code = app(args=list(invocation.line), prog_name="calsyncctl", standalone_mode=False, obj=invocation)
        sys.stdout.flush()
        if ctrl_c.came:  # typer makes an exit code of it
            raise KeyboardInterrupt
        return code if isinstance(code, int) else 0
    except CalsyncError as error:
        return _told(error, invocation)
    except TyperException as error:
        return _misused(error, invocation)
    except KeyboardInterrupt:
        return _told(Interrupted(), invocation)
    except typer.Abort:  # typer's word for the end of input while a question was open
        return _told(CalsyncError("Nothing was done: the input ended.", "Answer, or say it: --yes."), invocation)
    except BrokenPipeError:  # the reader has left (`| head`)
        _drop_output()
        return 1
    except OSError as error:
        if error.filename is None:
            _drop_output()
        return _told(_refused_by_machine(error), invocation)
    except Exception as error:
        return report_bug(error, invocation)
    finally:
        if invocation.opened is not None:
            invocation.opened.close()


def _drop_output() -> None:
    """Let what is still buffered for stdout go nowhere, without a word at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _refused_by_machine(error: OSError) -> CalsyncError:
    """Put what the machine refuses into words: a full disk, a read-only folder, a missing right."""
    place = f"“{error.filename}”" if error.filename else "The output"
    return CalsyncError(
        f"{place} cannot be used: {error.strerror or type(error).__name__}.",
        cure(error, "Check its owner and its rights."),
    )


def _told(error: CalsyncError, invocation: Invocation) -> int:
    if error.exit_code in LOGGED:  # first: where nobody reads what is said, it stands there all the same
        from calsyncctl.logs import keep_error  # noqa: PLC0415

        keep_error(error, invocation.flags.profile, invocation.environ)
    Console(invocation.look_ahead()).error(error)  # an error in the line itself can come before it was parsed
    return error.exit_code


def _misused(error: TyperException, invocation: Invocation) -> int:
    """Say what is wrong with the line, in our form; a group without a command has shown its help."""
    ctx = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        typer.echo(str(getattr(error, "message", "")))
        return UsageFault.exit_code
    path = ctx.command_path if ctx is not None else "calsyncctl"
    return _told(UsageFault(_wrong_line(error), f"See: {path} --help"), invocation)


_IN_OUR_WORDS = (
    ("Value error, ", ""),
    (r"Input should be a valid (integer|number)\b.*", "it is not a whole number."),
    (r"Input should be greater than or equal to (-?\d+)", r"it must be \1 or more."),
    (r"Input should be less than or equal to (-?\d+)", r"it must be \1 or less."),
)
"""What the parser says of numbers, and what is said instead."""


def _wrong_line(error: TyperException) -> str:
    """Say what is wrong in one sentence, without pydantic's words, and suggest options only where they are alike."""
    meant = getattr(error, "possibilities", None)
    if meant:
        wrong = getattr(error, "option_name", "")
        known = {option.lstrip("-"): option for option in meant}
        near = [known[name] for name in get_close_matches(wrong.lstrip("-"), known, cutoff=ALIKE)]
        return f"No such option: {wrong}." + (f" Did you mean {' or '.join(near)}?" if near else "")
    message = getattr(error, "format_message", error.__str__)()
    for theirs, ours in _IN_OUR_WORDS:
        message = re.sub(theirs, ours, message)
    return " ".join(message.split())


def report_bug(error: Exception, invocation: Invocation) -> int:
    """Say that this is a bug; keep its traceback, without secrets, where it can be found."""
    from calsyncctl.logs import keep_traceback, shown_traceback  # noqa: PLC0415

    place = keep_traceback(error, invocation.flags.profile, invocation.environ)
    if invocation.flags.verbose:
        sys.stderr.write(shown_traceback(error))
    what_to_do = f"Please report it, with what is at the end of {place}." if place else "Please report it (--verbose)."
    return _told(CalsyncError(f"This is a bug in calsyncctl: {type(error).__name__}.", what_to_do), invocation)
