"""The one way to speak: tables, records, hints, questions, progress; for people or as JSON.

Data goes to stdout, talk to stderr. Commands say what, `Console` knows how: `--json` (one object or array on stdout,
objects with a versioned `schema`), `--quiet` (no talk), colour, width, zone. Nothing here decides anything.
"""

from __future__ import annotations

import getpass
import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Any, TextIO

from calsyncctl.errors import CalsyncError, UsageFault
from calsyncctl.flags import DEFAULT_PROFILE, Color, Flags
from calsyncctl.layout import Column, printable, styled, table_lines, width
from calsyncctl.progress import NoProgress, Progress

if TYPE_CHECKING:
    from rich.console import Console as RichConsole
    from rich.console import RenderableType

__all__ = ["Column", "Console", "moment"]

_COMMAND = re.compile(r"\bcalsyncctl (?=[a-z])(?!help\b|sandbox\b)")
_PLAIN = str.maketrans({"…": "...", "→": "->", "–": "-", "—": "-", "✓": "+", "✗": "x", "●": "*", "“": '"', "”": '"'})


def moment(seconds: int | None) -> datetime | None:
    """Turn UTC seconds into the aware datetime that rows carry (JSON shows it as RFC 3339, people see their zone)."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


class Console:
    """Output of one invocation. `zone` is asked at the first time that is shown."""

    def __init__(
        self,
        flags: Flags,
        *,
        zone: Callable[[], tzinfo] = lambda: UTC,
        environ: Mapping[str, str] | None = None,
        out: TextIO | None = None,
        err: TextIO | None = None,
    ) -> None:
        self.flags = flags
        self._zone = zone
        self._environ = os.environ if environ is None else environ
        self._out = sys.stdout if out is None else out
        self._err = sys.stderr if err is None else err

    # What it knows of its surroundings

    @property
    def json(self) -> bool:
        """Whether stdout is JSON."""
        return self.flags.json

    @property
    def zone(self) -> tzinfo:
        """The zone in which times are shown."""
        return self._zone()

    @property
    def interactive(self) -> bool:
        """Whether a person can be asked: stdin and stderr are a terminal, and `--no-input` was not given."""
        return not self.flags.no_input and sys.stdin is not None and sys.stdin.isatty() and self._err.isatty()

    def colored(self, file: TextIO) -> bool:
        """Whether to colour what goes to a file."""
        if self.flags.color is not Color.AUTO:
            return self.flags.color is Color.ALWAYS
        if self._environ.get("NO_COLOR"):
            return False
        return bool(self._environ.get("FORCE_COLOR")) or (file.isatty() and self._environ.get("TERM") != "dumb")

    # Data, to stdout

    def table(self, rows: Sequence[object], columns: Sequence[Column], *, empty: str = "", hint: str = "") -> None:
        """Show rows (frozen dataclasses or structs); as JSON a bare array of plain objects.

        Where there are none, people read `empty` and `hint` (what to type next) instead.
        """
        if self.json:
            self._print_json(_builtins(list(rows)))
            return
        if not rows:
            self.say(empty or "There are none.")
            self.hint(hint)
            return
        self._write_table(self._out, rows, columns)

    def lines(self, rows: Iterable[object]) -> None:
        """Show rows as JSON Lines, one at a time, however many there are."""
        for row in rows:
            self._out.write(json.dumps(_builtins(row), ensure_ascii=False) + "\n")

    def record(self, value: object, columns: Sequence[Column], *, schema: str) -> None:
        """Show one value, a line for each column; as JSON an object with `"schema": "calsyncctl/<schema>/1"`."""
        if self.json:
            self._print_json(_with_schema(value, schema))
            return
        room = max(width(column.title) for column in columns)
        for column in columns:
            text = self.text(column, value)
            if self.colored(self._out) and column.style:
                text = styled(text, column.style(text))
            self._write(self._out, f"{column.title}{' ' * (room - width(column.title))}  {text}")

    def result(self, value: object, human: str | Callable[[], RenderableType], *, schema: str) -> None:
        """Show a value for people as text or as a renderable made when needed; as JSON like `record`."""
        if self.json:
            self._print_json(_with_schema(value, schema))
        elif isinstance(human, str):
            for line in human.splitlines():
                self._write(self._out, self.typed(line) if "→ calsyncctl " in line else line)
        else:
            self.render(human())

    def outcome(self, value: object, text: str, *, schema: str, hint: str = "") -> None:
        """Tell what was done: to people as talk, as JSON as an object like `record`."""
        if self.json:
            self._print_json(_with_schema(value, schema))
        else:
            self.done(text, hint)

    def markdown(self, value: object, text: str, *, schema: str) -> None:
        """Show a page of Markdown: drawn on a terminal, as it is in a pipe; as JSON like `record`."""
        if self.json or not self._out.isatty():
            self.result(value, text, schema=schema)
            return
        from rich.markdown import Markdown

        self.render(Markdown(text, hyperlinks=False))

    def render(self, renderable: RenderableType) -> None:
        """Print a rich renderable to stdout; text in it must be `Text`, not markup."""
        self.rich(self._out).print(renderable)

    # Talk, to stderr

    def say(self, text: str) -> None:
        """Say how things go; not under `--quiet` or `--json`."""
        if text:
            self._talk(printable(text))

    def talk_table(self, rows: Sequence[object], columns: Sequence[Column]) -> None:
        """Show rows on stderr, as part of a question or a preview; not under `--quiet` or `--json`."""
        if rows and not self.flags.quiet and not self.json:
            self._write_table(self._err, rows, columns)

    def done(self, text: str, hint: str | None = None) -> None:
        """Say that something is done, and what may come next."""
        self._talk(self._marked("✓", "green", text))
        self.hint(hint or "")

    def hint(self, text: str) -> None:
        """Say what could be typed next."""
        if text:
            self._talk(self._marked("→", "cyan", self.typed(text)))

    def warn(self, text: str) -> None:
        """Say what a person should know, also under `--quiet` and `--json`."""
        self._write(self._err, self._marked("!", "yellow", self.typed(text)))

    def detail(self, text: str) -> None:
        """Say what only `--verbose` wants to know."""
        if self.flags.verbose:
            self._write(self._err, printable(text))

    def error(self, error: CalsyncError) -> None:
        """Say an error: two lines of text, or one line of JSON, always on stderr; stdout stays what it was."""
        self._write(self._err, error_text(error, self.typed(error.what_to_do), as_json=self.json))

    # Questions

    def confirm(self, question: str, *, yes: bool) -> None:
        """Ask; return only if the answer is yes.

        Raises:
            UsageFault: if nobody can be asked; it names `--yes`.
            CalsyncError: if the answer was no.
        """
        if yes:
            return
        if not self.interactive:
            raise UsageFault(f"{question} Nobody can be asked here.", "Say it on the command line: --yes.")
        if self.ask(f"{question} [y/N]", instead="--yes").strip().casefold() not in {"y", "yes"}:
            raise CalsyncError("Nothing was done.", "To do it, answer y, or say --yes on the command line.")

    def ask(self, question: str, *, instead: str, default: str = "", hidden: bool = False) -> str:
        """Ask for a line of text on the terminal; `hidden` does not show what is typed.

        Raises:
            UsageFault: if nobody can be asked; it names the option to give `instead`.
        """
        if not self.interactive:
            raise UsageFault(f"{question}: nobody can be asked here.", f"Give it on the command line: {instead}.")
        if hidden:
            return getpass.getpass(f"{printable(question)}: ", stream=self._err)
        self._err.write(f"{self._encodable(printable(question))}: ")
        self._err.flush()
        line = sys.stdin.readline()
        if not line:
            self._write(self._err, "")
        return line.strip() or default

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """Show progress on a terminal while the block runs; elsewhere nothing."""
        if self.json or self.flags.quiet or not self._err.isatty():
            yield NoProgress()
            return
        from calsyncctl.progress import live_progress  # noqa: PLC0415  (rich, only where it is seen)

        with live_progress(self.rich(self._err)) as shown:
            yield shown

    # Forms

    def when(self, time: datetime | None) -> str:
        """Show a time with its zone, in the zone of this invocation: `2026-11-20 09:05 CET`."""
        if time is None:
            return "–"
        local = time.astimezone(self.zone)
        return f"{local:%Y-%m-%d %H:%M} {local.tzname() or local.strftime('%z')}"

    def typed(self, text: str) -> str:
        """Put the profile into the commands that a text says to type, where they would reach another one without."""
        profile = self.flags.profile
        if profile == (self._environ.get("CALSYNCCTL_PROFILE") or DEFAULT_PROFILE):
            return text
        return _COMMAND.sub(f"calsyncctl --profile {profile} ", text)

    def text(self, column: Column, row: object) -> str:
        """Return the text of a row's cell, free of control characters."""
        value = getattr(row, column.key)
        return printable(self._shown(value) if column.show is None else column.show(value))

    def _shown(self, value: object) -> str:
        if value is None or value == "":
            return "–"
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, datetime):
            return self.when(value)
        if isinstance(value, list | tuple | frozenset | set):
            return ", ".join(str(item) for item in value) or "–"
        return str(value)

    def rich(self, file: TextIO) -> RichConsole:
        """Return rich's console on a file, with markup and guessing off."""
        from rich.console import Console as RichConsole

        colored = self.colored(file)
        return RichConsole(
            file=file,
            force_terminal=True if colored else None,
            no_color=not colored,
            color_system="auto" if colored else None,  # without: not bold either, only text
            markup=False,
            emoji=False,
            highlight=False,
            safe_box=self.flags.ascii,
        )

    def _marked(self, mark: str, style: str, text: str) -> str:
        return f"{styled(mark, style) if self.colored(self._err) else mark} {printable(text)}"

    def _talk(self, line: str) -> None:
        if not self.flags.quiet and not self.json:
            self._write(self._err, line)

    def _write_table(self, file: TextIO, rows: Sequence[object], columns: Sequence[Column]) -> None:
        """Lay rows out for a terminal's width; pipes and files get everything."""
        columns = [one for one in columns if not one.rare or any(getattr(row, one.key) for row in rows)]
        cells = [[self.text(column, row) for column in columns] for row in rows]
        room = shutil.get_terminal_size().columns if file.isatty() else None
        ellipsis = "..." if self.flags.ascii else "…"
        for line in table_lines(cells, columns, room=room, color=self.colored(file), ellipsis=ellipsis):
            self._write(file, line)

    def _print_json(self, value: object) -> None:
        indent = 2 if self._out.isatty() else None
        # Where the output cannot say every letter, JSON's own escapes can: nothing is lost.
        self._out.write(json.dumps(value, ensure_ascii=not _says_everything(self._out), indent=indent) + "\n")

    def _write(self, file: TextIO, line: str) -> None:
        file.write(self._encodable(line, file) + "\n")
        file.flush()

    def _encodable(self, text: str, file: TextIO | None = None) -> str:
        """Return what the file's encoding (or `--ascii`) can say of a text."""
        file = file or self._err
        if text.isascii() or (_says_everything(file) and not self.flags.ascii):
            return text
        encoding = "ascii" if self.flags.ascii else file.encoding
        return text.translate(_PLAIN).encode(encoding, "replace").decode(encoding)


def _says_everything(file: TextIO) -> bool:
    return (getattr(file, "encoding", None) or "utf-8").lower() in {"utf-8", "utf8"}


def error_text(error: CalsyncError, what_to_do: str, *, as_json: bool) -> str:
    """Put an error in its two lines, or in one line of JSON."""
    if not as_json:
        return "\n".join(filter(None, [f"calsyncctl: {printable(error.what)}", printable(what_to_do)]))
    body = {"kind": error.kind, "what": error.what, "what_to_do": what_to_do, "exit_code": error.exit_code}
    return json.dumps({"schema": "calsyncctl/error/1", "error": body}, ensure_ascii=False)


def _builtins(value: object) -> Any:
    import msgspec  # noqa: PLC0415  (17 ms, only for JSON)

    return msgspec.to_builtins(value)


def _with_schema(value: object, schema: str) -> dict[str, Any]:
    return {"schema": f"calsyncctl/{schema}/1", **_builtins(value)}
