"""An event's fields by their names: read one, set some; the names are those of `FieldChange`."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final, get_type_hints

import msgspec
from msgspec.structs import replace

from calsyncctl.model.event import Body, Content


class Nothing(Enum):
    """The value of a field in a state that does not exist; no value equals it (None is one: the default reminders)."""

    NOTHING = "nothing"


NOTHING: Final = Nothing.NOTHING

_OWN = frozenset({"summary", "status", "when"})
_TYPES: dict[str, Any] = {**get_type_hints(Content), **get_type_hints(Body)}


def value_of(content: Content | None, field: str) -> Any:
    """Return one field's value, wherever it stands; of no content `NOTHING`."""
    if content is None:
        return NOTHING
    return getattr(content if field in _OWN else content.body, field)


def with_fields(content: Content, values: Mapping[str, Any]) -> Content:
    """Return a content with fields set."""
    own = {field: value for field, value in values.items() if field in _OWN}
    body = {field: value for field, value in values.items() if field not in _OWN}
    if body:
        own["body"] = replace(content.body, **body)
    return replace(content, **own) if own else content


def with_plain(content: Content, values: Mapping[str, Any]) -> Content:
    """Return a content with fields set from plain JSON values; fields that this program does not know are left out."""
    known = {field: msgspec.convert(value, _TYPES[field]) for field, value in values.items() if field in _TYPES}
    return with_fields(content, known)
