"""What the engine asks of a calendar service: a protocol, so that Google is one of several that may come.

Reading raises the errors of `calsyncctl.errors`: `Later`, `NeedsReauth`, `Gone`, `Refused`, `CursorExpired` …
Writing answers with them, write by write. One contract suite runs against each implementation.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from msgspec import Struct

from calsyncctl.errors import CalsyncError
from calsyncctl.model.calendar import RemoteCalendar
from calsyncctl.model.copy import RemoteEvent, Tag
from calsyncctl.model.event import Content


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


class Insert(Struct, frozen=True, kw_only=True):
    """Make an event under an id of ours; the same id again is `Taken`, also after the event was deleted."""

    google_id: str
    content: Content
    tag: Tag
    extra: str = ""
    """Writable fields that the model does not name, as `RemoteEvent.extra` has them."""
    own: bool = False
    """Whether what belongs to the copy is sent: reminders, colour, visibility."""
    guests: bool = False
    """Whether the guest list is sent: to one copy of an event only."""
    mail: str = "none"
    """Whom Google mails about it: `all`, `externalOnly` (guests without Google Calendar), `none`."""
    meet: str | None = None
    """Ask for a Meet link under this request id; the same id again changes nothing."""


class Patch(Struct, frozen=True, kw_only=True):
    """Change some fields of an event, or of one occurrence of a series by its instance id; all others stay."""

    google_id: str
    etag: str | None
    """Only if the event still has it, else `Outdated`. None: whatever it is by now."""
    before: Content | None
    """What it said there as far as known. None: nothing is known; then a recurrence that is not in `after` is only
    taken away if the event is `alone`."""
    after: Content
    fields: frozenset[str]
    """The changed ones: `summary`, `status`, `when`, and those of `Body`. Read-only ones are passed over, and so is a
    guest list that is cut or that `guests` does not send."""
    tag: Tag | None = None
    guests: bool = False
    mail: str = "none"
    meet: str | None = None
    revive: bool = False
    """Bring a deleted event back: its status is sent whatever `fields` names. A patch that names `status` does so
    too, wherever no etag keeps it from it."""
    alone: bool = False
    """It is no occurrence of a series: those have no recurrence that could be taken away."""


class Delete(Struct, frozen=True, kw_only=True):
    """Delete an event, a series, or one occurrence by its instance id."""

    google_id: str
    etag: str | None
    mail: str = "none"


Write = Insert | Patch | Delete


class Answer(Struct, frozen=True, kw_only=True):
    """What became of one write: `event` as it is now (None after a deletion), or `error`.

    `Unknown` means that it may have been applied; every other error that it was not. A changed event that is deleted
    there stays so unless it was revived: the answer's content is None then.
    """

    event: RemoteEvent | None = None
    error: CalsyncError | None = None


class Provider(Protocol):
    """A calendar service as one account sees it."""

    @property
    def query(self) -> str:
        """The fingerprint of the fixed list parameters that a cursor belongs to."""
        ...

    def urgent(self) -> AbstractContextManager[None]:
        """Let reads go before others while the block runs, where quota is short: a write waits for them."""
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

    def has_calendar(self, calendar: str) -> bool:
        """Ask for the calendar itself: False if it is not there, or out of reach. Raises Later without an answer."""
        ...

    def write_events(self, calendar: str, writes: tuple[Write, ...]) -> tuple[Answer, ...]:
        """Write and return the answers in order; nothing is raised, and nothing is ever sent a second time.

        One write is one request, more are batches of at most 50, whose writes may be carried out in any order: what
        depends on another write belongs into a later call. Deleting what is gone already is done. `Refused` with a
        Meet asked for may mean the Meet alone.
        """
        ...
