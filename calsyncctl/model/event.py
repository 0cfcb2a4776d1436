"""Events: the canonical form of one event's content, the same whether it came from a provider or was made here.

Structs of msgspec rather than dataclasses: a first listing makes hundreds of thousands of them, and these are built
and encoded in C. They are frozen all the same.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec


class EventKind(StrEnum):
    """What an event is here; the kind decides what is shown, editable and triggered."""

    EVENT = "event"
    APPOINTMENT = "appointment"
    TASK = "task"
    BLOCK = "block"


class When(msgspec.Struct, frozen=True, gc=False):
    """Start, end, all-day, zone and recurrence: one field, since merged apart they make nonsense.

    Timed: `start`/`end` are RFC 3339 with the offset that holds in `zone` at that moment (`2026-04-15T09:00:00+02:00`),
    so that wall time, zone and instant are all there, also in the hour that DST repeats. All-day: dates
    (`2026-04-15`), `end` exclusive, no zone. `recurrence`: RRULE, RDATE, EXDATE lines as the provider keeps them.
    """

    start: str
    end: str
    zone: str | None = None
    recurrence: tuple[str, ...] = ()

    @property
    def all_day(self) -> bool:
        """Whether it is given in dates."""
        return len(self.start) == 10


class Attendee(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One guest. `reply` is `needsAction`, `declined`, `tentative` or `accepted`."""

    email: str
    name: str = ""
    reply: str = "needsAction"
    optional: bool = False
    organizer: bool = False
    self: bool = False
    resource: bool = False
    comment: str = ""
    extra_guests: int = 0


class Reminder(msgspec.Struct, frozen=True, gc=False):
    """A reminder by `popup` or `email`, so many minutes before the start."""

    method: str
    minutes: int


class Body(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """The rest of an event's content: what no query asks for. Defaults are left out when stored, as Google does."""

    description: str = ""
    location: str = ""
    attendees: tuple[Attendee, ...] = ()
    attendees_omitted: bool = False
    """The guest list is cut: it is never written back."""
    organizer: str = ""
    organizer_self: bool = False
    transparency: str = "opaque"
    visibility: str = "default"
    event_type: str = "default"
    guests_can_invite: bool = True
    guests_can_modify: bool = False
    guests_can_see: bool = True
    locked: bool = False
    # What belongs to the copy on the home calendar:
    colour: str = ""
    reminders: tuple[Reminder, ...] | None = None
    """None: the calendar's own default reminders."""
    meet: str = ""
    """The video link of the conference."""


class Content(msgspec.Struct, frozen=True, gc=False):
    """The canonical form of one event, whole."""

    summary: str
    status: str
    """`confirmed` or `tentative`; a cancelled event has no content but a deletion."""
    when: When
    body: Body


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One event here. `starts`/`ends` are UTC seconds; `deleted` the second it was deleted (its content is kept)."""

    id: int
    key: str
    calendar_id: int
    kind: EventKind
    origin: str
    """`google` (made there) or `here`."""
    content: Content | None
    """None only for a cancelled occurrence of a series, of which Google tells no more than its original start."""
    starts: int | None
    ends: int | None
    version: int
    status: str
    """`confirmed`, `tentative` or `cancelled`."""
    ical_uid: str | None = None
    series_id: int | None = None
    original: str | None = None
    """An exception's original start: a date, or a UTC instant as `20261109T090000Z`."""
    deleted: int | None = None


class Occurrence(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One appearance of an event in a range: a single event, one occurrence of a series, or an exception in its place.

    `starts`/`ends` are UTC seconds; `start`/`end` the same as `When` writes them (a date, or RFC 3339 in the event's
    own zone). `original` names the occurrence within its series, None for a single event.
    """

    event: Event
    starts: int
    ends: int
    start: str
    end: str
    original: str | None = None
