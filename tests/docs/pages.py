"""The documents as tests read them: their text, their fenced blocks, and the commands typed in `console` blocks.

A document is run from top to bottom on machines of its own. HTML comments say what happens besides what is typed::

    <!-- test: enabled -->                     the profile is enabled, aimed at the sandbox
    <!-- test: connected EMAIL CALENDAR, … -->  that account is connected, these calendars selected
    <!-- test: machine NAME -->                what follows is typed on another machine (same working directory)
    <!-- test: file NAME TEXT -->              a file is in the working directory
    <!-- test: event CALENDAR / TITLE -->      somebody makes an event in Google, tomorrow at nine
    <!-- test: retitle CALENDAR / OLD / NEW --> somebody renames an event in Google
    <!-- test: revoke EMAIL -->                the person withdraws the permission in Google
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = (ROOT / "README.md", *sorted(DOCS.glob("*.md")))

_FENCE = re.compile(r"^```(\S*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_DIRECTIVE = re.compile(r"^<!-- test: (.+?) -->$", re.MULTILINE)
_EXIT = re.compile(r"\[exit (\d+)\]")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block."""

    language: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Typed:
    """One command of a `console` block: its words, what the document shows, and the exit code that it names."""

    words: tuple[str, ...]
    shown: tuple[str, ...]
    code: int
    line: int


@dataclass(frozen=True, slots=True)
class Directive:
    """Something that happens between the commands."""

    verb: str
    rest: str


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(text: str) -> Iterator[Block]:
    for found in _FENCE.finditer(text):
        yield Block(found[1], found[2], text.count("\n", 0, found.start()) + 1)


def prose(text: str) -> str:
    """Return a page without its fenced blocks."""
    return _FENCE.sub("", text)


def steps(text: str) -> list[Typed | Directive]:
    """Return what a page types and what happens besides, in its order."""
    found: list[tuple[int, Typed | Directive]] = []
    for directive in _DIRECTIVE.finditer(text):
        verb, _, rest = directive[1].partition(" ")
        found.append((text.count("\n", 0, directive.start()) + 1, Directive(verb, rest)))
    for block in blocks(text):
        if block.language == "console":
            found.extend((typed.line, typed) for typed in commands(block))
    return [step for _, step in sorted(found, key=lambda one: one[0])]


def commands(block: Block) -> Iterator[Typed]:
    """Cut a `console` block into commands with what they show."""
    lines = block.text.splitlines()
    starts = [at for at, line in enumerate(lines) if line.startswith("$ ")]
    for at, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        program, *words = shlex.split(lines[at].removeprefix("$ "))
        assert program == "calsyncctl", f"line {block.line + at + 1}: only calsyncctl is typed in console blocks"
        shown = [line for line in lines[at + 1 : end] if line.strip()]
        named = _EXIT.fullmatch(shown[-1]) if shown else None
        yield Typed(tuple(words), tuple(shown[:-1] if named else shown), int(named[1]) if named else 0, block.line + at)
