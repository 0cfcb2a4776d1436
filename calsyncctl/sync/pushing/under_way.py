"""One push under way: what its steps share, and what it did so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from calsyncctl.errors import CalsyncError
from calsyncctl.model.calendar import Calendar
from calsyncctl.model.history import Counts
from calsyncctl.store.db import Store
from calsyncctl.sync.pulling.pull import Means
from calsyncctl.sync.pushing import place
from calsyncctl.sync.pushing.outgoing import Outgoing
from calsyncctl.sync.report import Held


@dataclass(slots=True)
class Pushed:
    """What a push did so far; a failed push has counts too."""

    counts: Counts = Counts()  # noqa: RUF009  (frozen)
    held: list[Held] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    mails: int = 0
    """Writes that asked Google to mail guests."""
    trouble: CalsyncError | None = None
    unsettled: int = 0
    """Copies that kept changing in Google while they were written: they wait."""


@dataclass(frozen=True, slots=True)
class Push:
    """One push under way."""

    store: Store
    calendar: Calendar
    means: Means
    pushed: Pushed

    @property
    def google_id(self) -> str:
        """Return Google's id of the calendar."""
        assert self.calendar.google_id is not None
        return self.calendar.google_id


def count(run: Push, counts: Counts) -> None:
    """Count what was done, for the report and for the run."""
    run.pushed.counts += counts
    run.means.ledger.counts += counts


def hold_copy(run: Push, one: Outgoing, kind: str, reason: str) -> None:
    """Put a copy on hold; inside a write."""
    known = one.duty.known
    place.hold(run.store, known.copy.id, kind, reason, run.means.clock.now())
    run.pushed.held.append(Held(known.event.id, kind, reason))
    count(run, Counts(held=1))
