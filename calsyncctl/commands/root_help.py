"""The help at the root: what one can do comes first, the flags after it. Typer's own has it the other way round."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

Rows = Iterable[tuple[str, str]]


def root_help(usage: str, about: str, panels: Mapping[str, Rows], flags: Rows) -> RenderableType:
    """Draw the page: usage, a panel for each part of the work, the flags that may stand anywhere."""
    names = [name for rows in panels.values() for name, _ in rows]
    wide = max((len(name) for name in names), default=0)
    drawn = [_panel(title, rows, wide) for title, rows in panels.items()]
    head = Padding(Group(Text(usage.strip(), style="bold"), Text(), Text(about)), 1)
    return Group(head, *drawn, _panel("Anywhere on the line", flags, 0))


def _panel(title: str, rows: Rows, wide: int) -> Panel:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold cyan", no_wrap=True, min_width=wide)
    table.add_column()
    for name, text in rows:
        table.add_row(Text(name), Text(text))
    return Panel(table, title=title, title_align="left", border_style="dim")


def flag_rows(options: Iterable[Any]) -> list[tuple[str, str]]:
    """Turn the global options into rows of a panel."""
    rows = []
    for option in options:
        if not option.hidden:
            names = ", ".join(sorted(option.opts, key=len))
            rows.append((f"{names} {option.metavar or ''}".strip(), option.help or ""))
    return rows
