"""What an occurrence says that was away while its series was edited: the edit reaches it when it comes back.

As if it had stood there all the time: where it said what its series said when it left, it says what that says now.
"""

from __future__ import annotations

from collections.abc import Sequence

from calsyncctl.model.event import Content, Event
from calsyncctl.model.fields import value_of, with_fields
from calsyncctl.model.history import Action, Version
from calsyncctl.store import events, runs
from calsyncctl.store.db import Store
from calsyncctl.sync.changes import differences
from calsyncctl.sync.editing.occurrences import has_place
from calsyncctl.sync.takeback import states

AWAY = {Action.DELETED, Action.CANCELLED}
"""With what an occurrence goes."""


def followed_since(store: Store, event: Event, content: Content) -> Content:
    """Return what an event is to say that comes back: an occurrence that its series has a place for follows that."""
    if event.series_id is None or not has_place(store, events.get_event(store, event.series_id), event):
        return content
    left = [one for one in runs.versions_of(store, event.id) if one.action in AWAY]
    return followed(store, event, content, left[-1]) if left else content


def followed(store: Store, event: Event, content: Content, left: Version) -> Content:
    """Return what an occurrence is to say again; `left` is the change with which it went."""
    if event.series_id is None:
        return content
    series = events.get_event(store, event.series_id)
    history = runs.versions_of(store, series.id)
    before = states(series, history)[_version_before(series, history, left)].content
    if before is None or series.content is None:
        return content
    changed = [one.field for one in differences(before, series.content) if one.field != "when"]
    same = [field for field in changed if value_of(content, field) == value_of(before, field)]
    return with_fields(content, {field: value_of(series.content, field) for field in same})


def _version_before(series: Event, history: Sequence[Version], left: Version) -> int:
    """Return the series' version before the run in which the occurrence went: that may have changed the series, too."""
    since = [one for one in history if one.id >= left.id or (left.run_id is not None and one.run_id == left.run_id)]
    return min((one.version - 1 for one in since), default=series.version)
