"""docs/json.md as a test reads it: what each command prints, the fields of each object, and the examples."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from tests.docs.pages import DOCS, blocks, read

_ROW = re.compile(r"^\| `([\w-]+)` \| (\S+) \|", re.MULTILINE)
_CODE = re.compile(r"`([^`]+)`")
ELIDED = {"…": "…"}
"""What stands in an example for an object that has a section of its own."""


def _is_when(value: object) -> bool:
    if not isinstance(value, str):
        return False
    parse = datetime.fromisoformat if "T" in value else date.fromisoformat
    return parse(value) is not None


def _is_time(value: object) -> bool:
    return isinstance(value, str) and value.endswith("Z") and _is_when(value)


_PLAIN: dict[str, Callable[[object], bool]] = {
    "text": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "bool": lambda value: isinstance(value, bool),
    "value": lambda value: isinstance(value, str | int | float | bool),
    "variables": lambda value: isinstance(value, dict) and all(isinstance(one, str) for one in value.values()),
    "time": _is_time,
    "when": _is_when,
    "any": lambda _: True,
}


@dataclass(frozen=True, slots=True)
class Shape:
    """One object: the type of each field."""

    name: str
    fields: dict[str, str]
    example: dict[str, Any]


@dataclass(slots=True)
class Shapes:
    """All objects, and which of them have been met."""

    known: dict[str, Shape]
    met: set[str] = field(default_factory=set)

    def faults(self, value: Any, type_: str, place: str = "") -> Iterator[str]:
        """Say where a value is not as the document says."""
        if type_.endswith("?"):
            if value is not None:
                yield from self.faults(value, type_[:-1], place)
        elif type_.startswith("["):
            if not isinstance(value, list):
                yield f"{place} is no list"
            else:
                for at, one in enumerate(value):
                    yield from self.faults(one, type_[1:-1], f"{place}[{at}]")
        elif type_ in _PLAIN:
            if not _PLAIN[type_](value):
                yield f"{place} is {value!r}, not {type_}"
        else:
            yield from self._object(value, self.known[type_], place)

    def _object(self, value: Any, shape: Shape, place: str) -> Iterator[str]:
        self.met.add(shape.name)
        if value == ELIDED:
            return
        keys = set(value) - {"schema"}
        if keys != set(shape.fields):
            yield f"{place} ({shape.name}) differs in {sorted(keys ^ set(shape.fields))}"
        for name in keys & set(shape.fields):
            yield from self.faults(value[name], shape.fields[name], f"{place}.{name}")


def shapes() -> Shapes:
    """Read the sections."""
    found = {}
    for section in re.split(r"^## ", read(DOCS / "json.md"), flags=re.MULTILINE)[1:]:
        name = section.partition("\n")[0]
        fields = {row[1]: row[2] for row in _ROW.finditer(section)}
        examples = [json.loads(block.text) for block in blocks(section) if block.language == "json"]
        if fields and examples:
            found[name] = Shape(name, fields, examples[0])
    return Shapes(found)


def printed() -> dict[str, list[str]]:
    """Return what each command prints: names of objects, `[name]` for a list of them."""
    table = read(DOCS / "json.md").partition("## What each command prints")[2].partition("\n## ")[0]
    told = {}
    for line in table.splitlines():
        if line.startswith("| `"):
            _, commands, prints, _ = line.split("|")
            kinds = re.findall(r"\[?`[\w-]+`\]?", prints.replace("`--no-sync`", "").replace("`--json`", ""))
            for command in _CODE.findall(commands):
                told[command] = [kind.replace("`", "") for kind in kinds]
    return told
