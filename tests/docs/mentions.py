"""Commands that a text tells people to type, and whether they exist."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from calsyncctl.commands.anywhere import global_options
from tests.docs.pages import blocks, prose
from tests.docs.tree import Node, nodes

_SPAN = re.compile(r"`([^`\n]+)`")
_TYPED = re.compile(r"(?<![\w/.=-])calsyncctl +(?=[a-z-])([^|`\n()→·“”]*)")
_ADVICE = re.compile(r"(?:^|: |`|\()(calsyncctl +[a-z-][^|`\n()→·“”]*)")
"""In a sentence, `calsyncctl` is also a name: what is to be typed stands at the beginning or after a colon."""
_WORD = re.compile(r"[\w./:=-]+")


def in_page(text: str) -> Iterator[str]:
    """Yield what follows `calsyncctl` in a page's code."""
    code = [block.text for block in blocks(text) if block.language != "json"]
    for part in [*code, *_SPAN.findall(prose(text))]:
        for line in part.splitlines():
            yield from _TYPED.findall(line.partition(" #")[0])


def in_module(path: Path) -> Iterator[str]:
    """Yield what follows `calsyncctl` in the sentences that a module says."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
    pieces = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if id(node) not in silent | pieces:
            for advice in _ADVICE.findall(_text(node)):
                yield re.split(r"[.,;:](?: |$)", advice.removeprefix("calsyncctl "))[0]


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) or "X" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def fault(typed: str) -> str | None:
    """Say what of a typed line does not exist; None if all does."""
    words = [found[0] for found in _WORD.finditer(typed)]
    options = {text for option in global_options(top=True) for text in option.opts} | {"--help", "-h"}
    node, at = None, 0
    while at < len(words):
        word = words[at].partition("=")[0]
        at += 2 if word in ("--profile", "--tz", "--color") else 1
        if word.startswith("-"):
            if word not in options and word.strip("-"):
                return f"{word} in “{typed}”"
        elif node is None or node.group:
            node = _below(node, word)
            if node is None:
                return f"“{typed}”"
            options |= {text for option in node.command.params for text in option.opts}
            if node.path == "help":
                break
    return None


def _below(node: Node | None, word: str) -> Node | None:
    path = word if node is None else f"{node.path} {word}"
    return next((one for one in nodes() if one.path == path), None)
