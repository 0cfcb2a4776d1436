"""What the history says of a decision: one row for each version it makes, with what a conflict did not choose. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from calsyncctl.model.event import Event
from calsyncctl.model.history import Action, FieldChange, Lost, Version
from calsyncctl.sync.editing.record import WITH_SERIES
from calsyncctl.sync.policy import GOOGLE
from calsyncctl.sync.pulling.incoming import Incoming, Verdict

SELF = "calsyncctl"
"""Author of what the program does by a rule."""

ACTIONS = {
    Verdict.ADD: Action.ADDED,
    Verdict.TAKE: Action.CHANGED,
    Verdict.WRITE_BACK: Action.CHANGED,
    Verdict.RESTORE: Action.RESTORED,
    Verdict.REVIVE: Action.RESTORED,
    Verdict.DELETE: Action.DELETED,
    Verdict.CANCEL: Action.CANCELLED,
}
"""The decisions that make a version of the event."""

REVIVED = "deleted in Google while it was edited here: the edit stands"
"""Why an event came back to Google."""

_WHYS = {
    Verdict.REVIVE: REVIVED,
    Verdict.NOTE: "it was gone here while it was edited in Google",
}


def told(decision: Incoming, event: Event, run_id: int, now: int) -> Iterator[Version]:
    """Yield the rows of one decision; `event` as it is after it."""
    if decision.verdict is Verdict.WRITE_BACK:
        yield _row(event, run_id, now, version=event.version - 1, why="Google says so", changes=decision.changes)
        back = tuple(FieldChange(change.field, change.after, change.before) for change in decision.changes)
        yield _row(event, run_id, now, why="what is made here stands on this calendar", author=SELF, changes=back)
        return
    yield _row(
        event,
        run_id,
        now,
        action=ACTIONS.get(decision.verdict, Action.CHANGED),
        why=_WHYS.get(decision.verdict, "both sides changed it" if decision.lost else "Google says so"),
        changes=decision.changes,
        lost=decision.lost,
    )


def cascaded(gone: Iterable[tuple[Event, tuple[Lost, ...]]], run_id: int, now: int) -> Iterator[Version]:
    """Yield the rows of exceptions that went with their series, with the edits that went with them."""
    for event, lost in gone:
        yield _row(event, run_id, now, action=Action.DELETED, why=WITH_SERIES, lost=lost)


def _row(
    event: Event,
    run_id: int,
    now: int,
    *,
    why: str,
    action: Action = Action.CHANGED,
    author: str = GOOGLE,
    version: int | None = None,
    changes: tuple[FieldChange, ...] = (),
    lost: tuple[Lost, ...] = (),
) -> Version:
    return Version(
        event_id=event.id,
        version=version or event.version,
        run_id=run_id,
        calendar_id=event.calendar_id,
        at=now,
        author=author,
        action=action,
        why=why,
        changes=changes,
        lost=lost,
    )
