"""The tree of commands, as the program has it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from calsyncctl.commands.registry import COMMANDS, load


@dataclass(frozen=True, slots=True)
class Node:
    """One command: `path` as typed after calsyncctl."""

    path: str
    command: Any
    group: bool


def _walk(path: str, command: Any) -> Iterator[Node]:
    below = getattr(command, "commands", None)
    yield Node(path, command, below is not None)
    for name, one in (below or {}).items():
        yield from _walk(f"{path} {name}", one)


@cache
def nodes() -> tuple[Node, ...]:
    """Every command and group."""
    return tuple(node for entry in COMMANDS for node in _walk(entry.name, load(entry)))


def leaves() -> tuple[Node, ...]:
    """Every command that does something."""
    return tuple(node for node in nodes() if not node.group)
