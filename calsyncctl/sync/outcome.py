"""What became of one calendar in a pass."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from calsyncctl.errors import CalsyncError
from calsyncctl.model.calendar import Calendar
from calsyncctl.model.history import Counts
from calsyncctl.sync.provider import OddItem


@dataclass(frozen=True, slots=True)
class Held:
    """A copy that was put on hold, and why."""

    event_id: int
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class CalendarOutcome:
    """What became of one calendar: counts, or the error that ended it (with the counts of the pages before)."""

    calendar: Calendar
    counts: Counts = field(default_factory=Counts)
    full: bool = False
    """Whether it was (the rest of) a full listing."""
    error: CalsyncError | None = None
    warnings: tuple[str, ...] = ()
    odd: tuple[OddItem, ...] = ()
    held: tuple[Held, ...] = ()
    """What Google refused, and waits now."""
    mails: int = 0
    """Writes that asked Google to mail guests."""

    def __add__(self, later: CalendarOutcome) -> CalendarOutcome:
        """Return what became of the calendar after a second turn in the same pass."""
        return replace(
            later,
            counts=self.counts + later.counts,
            full=self.full or later.full,
            warnings=(*self.warnings, *later.warnings),
            odd=(*self.odd, *later.odd),
            held=(*self.held, *later.held),
            mails=self.mails + later.mails,
        )
