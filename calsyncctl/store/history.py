"""What an event said at an earlier version: what it says now, with the changes since then taken back.

A version row keeps the fields from → to, so one content (the newest) and the rows after a version give that version.
"""

from __future__ import annotations

from collections.abc import Iterable

from calsyncctl.model.event import Content, Event
from calsyncctl.model.fields import with_plain
from calsyncctl.model.history import Version
from calsyncctl.store import runs
from calsyncctl.store.db import Store


def content_at(store: Store, event: Event, version: int) -> Content | None:
    """Return what an event said at a version; None for a cancelled occurrence that never had a content."""
    if event.content is None or version >= event.version:
        return event.content
    return taken_back(event.content, runs.versions_after(store, event.id, version))


def taken_back(content: Content, versions: Iterable[Version]) -> Content:
    """Return a content with changes taken back, the newest first; `versions` come oldest first."""
    for version in reversed(list(versions)):
        content = with_plain(content, {change.field: change.before for change in version.changes})
    return content
