"""What applying items shares: the place where it happens, a decision with its event, and the history of a change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from calsyncctl.model.calendar import Calendar
from calsyncctl.model.event import Event
from calsyncctl.model.history import Action, Counts, Version
from calsyncctl.model.when import span
from calsyncctl.sync.incoming import Incoming, Verdict
from calsyncctl.sync.ledger import Ledger
from calsyncctl.sync.provider import OddItem

GOOGLE = "google"
"""Origin of events made there, and author of changes that came from there."""

ACTIONS = {
    Verdict.ADD: Action.ADDED,
    Verdict.TAKE: Action.CHANGED,
    Verdict.RESTORE: Action.RESTORED,
    Verdict.DELETE: Action.DELETED,
    Verdict.CANCEL: Action.CANCELLED,
}
"""What the history calls that which a verdict does to an event; other verdicts change none."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Where items are applied: the calendar, which listing named them, and when.

    `listing` is the number of the full listing under way, None in an incremental pull; `first` the calendar's first
    listing, which writes no versions.
    """

    calendar: Calendar
    ledger: Ledger
    keys: Callable[[int], list[str]]
    now: int
    listing: int | None
    first: bool

    @property
    def heard(self) -> int:
        """The number that copies heard of now are to have."""
        return self.listing or self.calendar.listing


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of the items; `stale` are the ids to be read again."""

    counts: Counts
    odd: tuple[OddItem, ...] = ()
    stale: tuple[str, ...] = ()


class Placed(NamedTuple):
    """A decision with the event that it makes."""

    decision: Incoming
    event: Event


def instants_of(decision: Incoming, zone: str, odd: list[OddItem]) -> tuple[int | None, int | None] | None:
    """Return start and end of the event to be, (None, None) for one that takes no time; None: it cannot be placed."""
    if decision.content is None:
        return None, None
    try:
        return span(decision.content.when, zone)
    except (ValueError, OverflowError):
        odd.append(OddItem(decision.item.google_id, "its times cannot be read"))
        return None


def versions(scene: Scene, run_id: int, placed: Iterable[Placed]) -> Iterator[Version]:
    """Return the history's lines for changes that Google made."""
    for decision, event in placed:
        yield version_of(scene, run_id, event, ACTIONS[decision.verdict], "Google says so", decision)


def version_of(scene: Scene, run_id: int, event: Event, action: Action, why: str, decision: Incoming | None) -> Version:
    """Return the history's line for one change."""
    return Version(
        event_id=event.id,
        version=event.version,
        run_id=run_id,
        calendar_id=event.calendar_id,
        at=scene.now,
        author=GOOGLE,
        action=action,
        why=why,
        changes=decision.changes if decision is not None else (),
    )
