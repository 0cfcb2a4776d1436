"""What is to be undone: the versions of a run, or of the last change of one event, as far back as undoing reaches."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from msgspec import Struct

from calsyncctl.errors import NotAllowed, NotFound, UsageFault
from calsyncctl.model.event import Event
from calsyncctl.model.history import Run, Version
from calsyncctl.store import events, runs
from calsyncctl.store.db import Store

WINDOW_DAYS = 30
"""How far back undoing reaches; the history itself is kept longer."""
_WINDOW = WINDOW_DAYS * 86400


class Facts(Struct, frozen=True, kw_only=True):
    """What is to be undone."""

    run: int | None
    """The run that did it; None: from before edits were runs."""
    what: str
    """It, in words: `run 12`."""
    versions: tuple[Version, ...]

    def numbers(self) -> dict[int, list[int]]:
        """Return the version numbers of each event."""
        found: dict[int, list[int]] = {}
        for one in self.versions:
            found.setdefault(one.event_id, []).append(one.version)
        return found


def facts_of_run(store: Store, run_id: int, now: int) -> Facts:
    """Return what a run changed here. What it only sent to Google was changed by other runs, which it names.

    Raises:
        NotFound: there is no such run, or it changed nothing here.
        NotAllowed: it is too long ago.
        UsageFault: it is still under way.
    """
    run = runs.get_run(store, run_id)
    if run.ended is None and not _is_over(run, now):
        raise UsageFault(f"Run {run_id} is still under way.", "Wait until it has ended.")
    _see_recent(f"Run {run_id}", run.ended or run.started, now)
    versions = tuple(_real(runs.versions_in(store, run_id)))
    if not versions:
        raise NotFound(*_nothing(run, runs.versions_sent_by(store, run_id)))
    return Facts(run=run_id, what=f"run {run_id}", versions=versions)


def _is_over(run: Run, now: int) -> bool:
    """A run that was killed never says that it has ended."""
    return now - run.started > 3600


def _nothing(run: Run, sent: Iterable[Version]) -> tuple[str, str]:
    """Say why there is nothing to undo, and what is meant perhaps."""
    others = sorted({one.run_id for one in sent if one.run_id is not None})
    if others:
        what = f"Run {run.id} changed nothing here: it sent to Google what was changed here before."
        return what, f"Undo what it sent: calsyncctl undo {others[-1]}"
    if run.counts.new:
        what = f"Run {run.id} read a calendar for the first time: that is no change."
        return what, "To take its events away: calsyncctl calendars deselect NAME"
    return f"Run {run.id} changed nothing here.", f"See: calsyncctl runs show {run.id}"


def facts_of_event(store: Store, event: Event, now: int) -> Facts:
    """Return the last change of an event: the whole of a person's act, or what a pass did to it and what belongs to it.

    Raises:
        NotFound: nothing has changed since it came.
        NotAllowed: that is too long ago.
    """
    history = list(_real(runs.versions_of(store, event.id)))
    if not history:
        raise NotFound(f"Nothing of {event.key[:8]} has changed since it came.", "See: calsyncctl events history")
    last = history[-1]
    _see_recent(f"The last change of {event.key[:8]}", last.at, now)
    if last.run_id is None:
        return Facts(run=None, what=f"version {last.version}", versions=(last,))
    run = runs.get_run(store, last.run_id)
    made = _real(runs.versions_in(store, run.id))
    if run.kind != "edit":
        family = _family(store, event)
        made = (one for one in made if one.event_id in family)
    return Facts(run=run.id, what=f"run {run.id}", versions=tuple(made))


def _family(store: Store, event: Event) -> set[int]:
    """Return an event with the exceptions of its series: they go and come back together."""
    return {event.id, *(one.id for one in events.exceptions_of(store, event.id, deleted=True))}


def _real(versions: Iterable[Version]) -> Iterable[Version]:
    """Leave out rows that make no version: they only note what a conflict did not choose."""
    seen: set[tuple[int, int]] = set()
    for one in versions:
        name = one.event_id, one.version
        if name not in seen and (one.changes or one.action != "changed" or not one.lost):
            yield one
        seen.add(name)


def _see_recent(what: str, at: int, now: int) -> None:
    if now - at > _WINDOW:
        day = datetime.fromtimestamp(at, UTC).date()
        raise NotAllowed(
            f"{what} is of {day}: only the last {WINDOW_DAYS} days can be undone.",
            "An event's earlier versions can be brought back: calsyncctl events restore EVENT --version N",
        )
