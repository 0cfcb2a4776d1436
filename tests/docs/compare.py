"""Whether a command said what the document shows.

Each line must be as shown, but for what differs from run to run: dates, times, numbers, keys of events, and the width
of columns. `…` stands for anything within a line, a line of `…` alone for any lines; `/home/you` is the home.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_VARYING = (
    (re.compile(r"\b[0-9a-f]{32}\b|\b[0-9a-f]{8}\b"), "KEY"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?"), "TIME"),
    (re.compile(r"\d{4}-\d\d-\d\d"), "DATE"),
    (re.compile(r"\d\d:\d\d"), "TIME"),
    (re.compile(r"\d[\d,]*"), "N"),
    (re.compile(r"\s+"), " "),
)


def same(shown: Sequence[str], said: Sequence[str]) -> bool:
    """Whether the lines that were said fit the lines that are shown."""
    text = "".join(f"{_plain(line)}\n" for line in said if line.strip())
    return re.fullmatch("".join(_pattern(shown)), text) is not None


def _pattern(shown: Sequence[str]) -> list[str]:
    return [r"(?:[^\n]*\n)*" if line.strip() == "…" else _line(line) + "\n" for line in shown]


def _line(line: str) -> str:
    return r"[^\n]*".join(re.escape(_plain(part).rstrip() if last else _plain(part)) for part, last in _parts(line))


def _parts(line: str) -> list[tuple[str, bool]]:
    parts = line.split("…")
    return [(part, at == len(parts) - 1) for at, part in enumerate(parts)]


def _plain(text: str) -> str:
    for pattern, name in _VARYING:
        text = pattern.sub(name, text)
    return text.rstrip("\n")
