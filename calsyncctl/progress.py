"""Progress of work in several threads: one line for each thing under way, on stderr, only on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from calsyncctl.layout import printable

if TYPE_CHECKING:
    from rich.console import Console as RichConsole
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID


class Progress(Protocol):
    """Something that shows how far things are; `key` names one of them. May be called from any thread."""

    def started(self, key: str, label: str) -> None:
        """Show a line."""
        ...

    def advanced(self, key: str, text: str) -> None:
        """Change what stands behind its label, such as `2,500 events`."""
        ...

    def finished(self, key: str, text: str) -> None:
        """Leave its line as it ends."""
        ...


class NoProgress:
    """Progress where nobody looks."""

    def started(self, key: str, label: str) -> None:
        """Do nothing."""

    def advanced(self, key: str, text: str) -> None:
        """Do nothing."""

    def finished(self, key: str, text: str) -> None:
        """Do nothing."""


class _LiveProgress:
    """Progress on rich's display, which has its own lock."""

    def __init__(self, display: RichProgress) -> None:
        self._display = display
        self._tasks: dict[str, TaskID] = {}

    def started(self, key: str, label: str) -> None:
        self._tasks[key] = self._display.add_task(printable(label), total=None, text="")

    def advanced(self, key: str, text: str) -> None:
        self._display.update(self._tasks[key], text=printable(text))

    def finished(self, key: str, text: str) -> None:
        self._display.update(self._tasks[key], text=printable(text), total=1, completed=1)


@contextmanager
def live_progress(console: RichConsole) -> Iterator[Progress]:
    """Draw on a terminal while the block runs; then the lines go, since a table says how it ended."""
    from rich.progress import Progress as RichProgress
    from rich.progress import SpinnerColumn, TextColumn

    columns = (
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description}", markup=False),
        TextColumn("{task.fields[text]}", markup=False),
    )
    with RichProgress(*columns, console=console, transient=True) as display:
        yield _LiveProgress(display)
