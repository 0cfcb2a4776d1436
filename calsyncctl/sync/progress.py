"""How a pass tells of itself while it runs: to a terminal, or to nobody. Called from several threads."""

from __future__ import annotations

from typing import Protocol

from calsyncctl.model.calendar import Calendar
from calsyncctl.sync.outcome import CalendarOutcome


class Progress(Protocol):
    """Something that wants to know how far a pass is."""

    def started(self, calendar: Calendar) -> None:
        """A calendar's turn has come."""
        ...

    def page(self, calendar: Calendar, items_so_far: int) -> None:
        """One more page of it is stored."""
        ...

    def sent(self, calendar: Calendar, events_so_far: int) -> None:
        """Some more of what waited for it was sent."""
        ...

    def finished(self, calendar: Calendar, outcome: CalendarOutcome) -> None:
        """It is done, or failed."""
        ...


class Silent:
    """Progress where nobody looks."""

    def started(self, calendar: Calendar) -> None:
        """Do nothing."""

    def page(self, calendar: Calendar, items_so_far: int) -> None:
        """Do nothing."""

    def sent(self, calendar: Calendar, events_so_far: int) -> None:
        """Do nothing."""

    def finished(self, calendar: Calendar, outcome: CalendarOutcome) -> None:
        """Do nothing."""
