"""What a stored event is called wherever it is named: its title, or for lack of one that of its series and its day."""

from __future__ import annotations

from calsyncctl.model.event import Event
from calsyncctl.model.titles import called
from calsyncctl.store.db import Store
from calsyncctl.store.events import get_event


def title_of(store: Store, event: Event) -> str:
    """Return what an event is called; empty if nothing is known."""
    series = get_event(store, event.series_id) if event.content is None and event.series_id is not None else None
    return called(event, series)
