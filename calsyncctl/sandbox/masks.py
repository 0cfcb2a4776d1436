"""The `fields` parameter: partial answers such as `items(id,start),nextPageToken`."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from calsyncctl.sandbox.refusals import refuse


@dataclass(slots=True, frozen=True)
class Mask:
    """A tree of field names; an empty one takes everything below it."""

    text: str
    children: dict[str, Mask] = field(default_factory=dict)

    def below(self, name: str) -> Mask | None:
        """Return the mask of a member: None = not wanted, an empty mask = all of it."""
        if not self.children:
            return self
        return self.children.get(name) or self.children.get("*")

    def apply(self, value: Any) -> Any:
        """Return the value with only what the mask names."""
        if not self.children:
            return value
        if isinstance(value, list):
            return [self.apply(item) for item in value]
        if not isinstance(value, dict):
            return value
        kept = {}
        for name, member in value.items():
            inner = self.below(name)
            if inner is not None:
                kept[name] = inner.apply(member)
        return kept


@lru_cache(maxsize=256)
def parse_mask(text: str) -> Mask:
    """Compile a `fields` text; 400 `invalidParameter` when it is malformed."""
    names, rest = _names(text)
    if rest:
        raise _malformed(text)
    return Mask(text, names)


def _names(text: str) -> tuple[dict[str, Mask], str]:
    found: dict[str, Mask] = {}
    while True:
        path, text = _path(text)
        inner: dict[str, Mask] = {}
        if text.startswith("("):
            inner, text = _names(text[1:])
            if not text.startswith(")"):
                raise _malformed(text)
            text = text[1:]
        _plant(found, path, inner)
        if not text.startswith(","):
            return found, text
        text = text[1:]


def _path(text: str) -> tuple[list[str], str]:
    end = next((at for at, letter in enumerate(text) if letter in ",()"), len(text))
    path = text[:end].strip().split("/")
    if not all(path):
        raise _malformed(text)
    return path, text[end:]


def _plant(found: dict[str, Mask], path: list[str], inner: dict[str, Mask]) -> None:
    for name in path[:-1]:
        found = found.setdefault(name, Mask("", {})).children
    known = found.get(path[-1])
    found[path[-1]] = Mask("", {**known.children, **inner}) if known else Mask("", inner)


def _malformed(text: str) -> Exception:
    return refuse("invalidParameter", f"Invalid field selection {text}", location="fields")
