"""What the engine asks of a calendar service: a protocol, so that Google is one of several that may come.

Every method raises the errors of `calsyncctl.errors`: `Later`, `NeedsReauth`, `Gone`, `Refused`, `CursorExpired` …
One contract suite runs against each implementation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from calsyncctl.model.calendar import RemoteCalendar
from calsyncctl.model.copy import RemoteEvent


@dataclass(frozen=True, slots=True)
class CalendarsPage:
    """One answer of the calendar list, whole: entries and the cursor that continues after them."""

    calendars: tuple[RemoteCalendar, ...]
    cursor: str | None
    complete: bool
    """True for a full list (what it lacks is gone), False for the changes since a cursor."""


@dataclass(frozen=True, slots=True)
class OddItem:
    """An item that could not be read: its id and why, without its contents. It never stops a page."""

    google_id: str
    why: str


@dataclass(frozen=True, slots=True)
class EventsPage:
    """One page of events. `next_page` or, on the last page only, `cursor`."""

    items: tuple[RemoteEvent, ...]
    odd: tuple[OddItem, ...]
    next_page: str | None
    cursor: str | None
    access: str
    """The access role that the account has on the calendar now."""
    zone: str
    """The calendar's time zone now."""


class Provider(Protocol):
    """A calendar service as one account sees it."""

    @property
    def query(self) -> str:
        """The fingerprint of the fixed list parameters that a cursor belongs to."""
        ...

    def list_calendars(self, cursor: str | None) -> CalendarsPage:
        """List the account's calendars, all pages; with a cursor only what changed. Raises CursorExpired."""
        ...

    def list_events(self, calendar: str, *, cursor: str | None, page: str | None) -> EventsPage:
        """Read one page of a calendar's events: with neither, the first page of a full listing.

        Raises:
            CursorExpired: the sync token is dead.
            PageExpired: the page token is refused.
            Gone: the calendar is not there, or out of reach.
        """
        ...

    def get_events(self, calendar: str, google_ids: tuple[str, ...]) -> dict[str, RemoteEvent | None]:
        """Read single events, batched; None for one that is not there (404/410). Any other failure is raised.

        Raises:
            Gone: the calendar itself is not there; that says nothing of its events.
        """
        ...
