"""What an event said at an earlier version: what it says now, with the changes since then taken back.

A version row keeps the fields from → to, so one content (the newest) and the rows after a version give that version.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_type_hints

import msgspec
from msgspec.structs import replace

from calsyncctl.model.event import Body, Content, Event
from calsyncctl.model.history import FieldChange, Version
from calsyncctl.store import runs
from calsyncctl.store.db import Store

_TYPES: dict[str, Any] = {**get_type_hints(Content), **get_type_hints(Body)}
_IN_CONTENT = frozenset({"summary", "status", "when"})


def content_at(store: Store, event: Event, version: int) -> Content | None:
    """Return what an event said at a version; None for a cancelled occurrence that never had a content."""
    if event.content is None or version >= event.version:
        return event.content
    return taken_back(event.content, runs.versions_after(store, event.id, version))


def taken_back(content: Content, versions: Iterable[Version]) -> Content:
    """Return a content with changes taken back, the newest first; `versions` come oldest first."""
    for version in reversed(list(versions)):
        content = with_values(content, {change.field: change.before for change in version.changes})
    return content


def with_changes(content: Content, changes: Iterable[FieldChange]) -> Content:
    """Return a content with changes made."""
    return with_values(content, {change.field: change.after for change in changes})


def with_values(content: Content, values: dict[str, Any]) -> Content:
    """Return a content with fields set from plain JSON values; fields of another program version are passed over."""
    read = {field: msgspec.convert(value, _TYPES[field]) for field, value in values.items() if field in _TYPES}
    own = {field: value for field, value in read.items() if field in _IN_CONTENT}
    body = {field: value for field, value in read.items() if field not in _IN_CONTENT}
    if body:
        own["body"] = replace(content.body, **body)
    return replace(content, **own) if own else content
