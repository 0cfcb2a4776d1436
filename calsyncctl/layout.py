"""Text laid out in columns: pure, no terminal, no rich (a table of 2,000 rows costs rich 380 ms, this 10).

What people and Google wrote passes through `printable` first: it is shown, never obeyed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

GAP = 2
NARROWEST, READABLE = 8, 16
"""Cells that a flexible column keeps in any case, and as long as another column can still go instead."""
PADDED = 80
"""Cells to which columns are filled up in pipes and files: one name of 5,000 letters must not widen every row."""
_STYLES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "cyan": "36",
}
STATE_STYLES = {
    "active": "green",
    "selected": "green",
    "pending": "yellow",
    "paused": "yellow",
    "hold": "yellow",
    "disconnecting": "yellow",
    "needs-reauth": "red",
    "failed": "red",
    "available": "dim",
    "disconnected": "dim",
}
"""The colour of a state, the same wherever one is shown."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table, or one line of a record.

    `key` is the row's attribute; `show` turns its value into text (default: by type); `drop` says in which order
    columns go when the terminal is too narrow (0: never; the highest goes first); `flexible` columns are cut before
    that, with an ellipsis. `style` names a style by the shown text; `right` aligns numbers. `rare` columns are there
    only if a row has something in them.
    """

    key: str
    title: str
    show: Callable[[object], str] | None = None
    drop: int = 0
    flexible: bool = False
    right: bool = False
    style: Callable[[str], str] | None = None
    rare: bool = False


def state_style(text: str) -> str:
    """Name the style of a state's text; a `style` for state columns."""
    return STATE_STYLES.get(text.split(" ", 1)[0], "")


def printable(text: str) -> str:
    """Return text on one line, without control characters (escape sequences, direction overrides)."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(char) for char in text)


def _shown(char: str) -> str:
    category = unicodedata.category(char)
    if char in "\n\r\t":
        return " "
    if category in {"Cc", "Cs", "Co", "Zl", "Zp"} or char in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069":
        return "\ufffd"
    return char


def width(text: str) -> int:
    """Count the terminal cells of a text: wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(_cells(char) for char in text)


def _cells(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in {"Cf", "Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def cut(text: str, cells: int, ellipsis: str = "…") -> str:
    """Shorten a text to so many cells, ending it in an ellipsis where something is missing."""
    if width(text) <= cells:
        return text
    room = max(0, cells - len(ellipsis))
    kept = ""
    for char in text:
        room -= _cells(char)
        if room < 0:
            break
        kept += char
    return kept + ellipsis


def styled(text: str, style: str) -> str:
    """Wrap a text in the terminal codes of a style; an unknown or empty style changes nothing."""
    code = _STYLES.get(style)
    return f"\x1b[{code}m{text}\x1b[0m" if code else text


def table_lines(
    cells: Sequence[Sequence[str]],
    columns: Sequence[Column],
    *,
    room: int | None,
    color: bool,
    ellipsis: str = "…",
) -> Iterable[str]:
    """Lay out a header and rows; `room` is the terminal's width, None for no limit.

    Pipes and files get every text whole; what is longer than `PADDED` only pushes its own row aside.
    """
    natural = [max([width(column.title), *(width(row[i]) for row in cells)]) for i, column in enumerate(columns)]
    if room is None:
        kept, widths, end = list(range(len(columns))), [min(cell, PADDED) for cell in natural], None
    else:
        (kept, widths), end = _fitted(columns, natural, room), ellipsis
    yield _line([column.title for column in columns], columns, widths, kept, "bold" if color else None, end)
    for row in cells:
        yield _line(row, columns, widths, kept, "" if color else None, end)


def _fitted(columns: Sequence[Column], natural: Sequence[int], room: int) -> tuple[list[int], list[int]]:
    """Return which columns stay, and how wide: flexible ones shrink to a readable width before any column goes."""
    kept = list(range(len(columns)))
    for index in sorted((i for i in kept if columns[i].drop), key=lambda i: -columns[i].drop):
        widths = _squeezed(columns, natural, kept, room, READABLE)
        if _total(widths, kept) <= room:
            return kept, widths
        kept.remove(index)
    return kept, _squeezed(columns, natural, kept, room, NARROWEST)


def _total(widths: Sequence[int], kept: Sequence[int]) -> int:
    return sum(widths[i] for i in kept) + GAP * (len(kept) - 1)


def _squeezed(columns: Sequence[Column], natural: Sequence[int], kept: list[int], room: int, floor: int) -> list[int]:
    """Share among the flexible columns what the others leave: short ones stay whole, long ones keep `floor`."""
    widths = list(natural)
    flexible = sorted((i for i in kept if columns[i].flexible), key=lambda i: natural[i])
    left = room - _total(natural, kept) + sum(natural[i] for i in flexible)
    for place, index in enumerate(flexible):
        share = left // (len(flexible) - place)
        widths[index] = min(natural[index], max(share, floor))
        left -= widths[index]
    return widths


def _line(
    row: Sequence[str],
    columns: Sequence[Column],
    widths: Sequence[int],
    kept: Sequence[int],
    style: str | None,
    ellipsis: str | None,
) -> str:
    """Lay out one row. `style`: None for no colour, else the row's own, which a column's may replace.

    `ellipsis` ends what is cut; None cuts nothing.
    """
    parts = []
    for index in kept:
        text = row[index] if ellipsis is None else cut(row[index], widths[index], ellipsis)
        pad = " " * (widths[index] - width(text))
        column = columns[index]
        if style is not None:
            text = styled(text, style or (column.style(row[index]) if column.style else ""))
        parts.append(pad + text if column.right else text + pad)
    return (" " * GAP).join(parts).rstrip()
