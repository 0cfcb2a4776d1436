"""`events list --changed-since`: events whole, deleted ones too, for platforms that keep a mirror of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice

from calsyncctl.commands.dates import moment_of
from calsyncctl.commands.shown import view_of
from calsyncctl.model.calendar import Calendar
from calsyncctl.runtime import Runtime
from calsyncctl.store.changes import changed_since
from calsyncctl.views.events import CHANGED, EventView


def list_changed(
    run: Runtime, since: str, calendars: Sequence[Calendar] | None, limit: int | None, *, lines: bool
) -> None:
    """Show what changed since a moment; `lines`: as JSON Lines, one event each, however many there are."""
    now = datetime.fromtimestamp(run.clock.now(), UTC)
    moment = int(moment_of(since, now, run.zone()).timestamp())
    found = islice(_views(run, moment, calendars), limit)
    if lines:
        run.console.lines(found)
    else:
        run.console.table(list(found), CHANGED, empty="Nothing has changed since then.")


def _views(run: Runtime, moment: int, calendars: Sequence[Calendar] | None) -> Iterator[EventView]:
    ids = None if calendars is None else [one.id for one in calendars]
    for event in changed_since(run.store, moment, ids):
        yield view_of(run, event)
