"""Events as people see them: rows of a range, and one event whole; times in the zone that was asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from calsyncctl.layout import Column
from calsyncctl.model.calendar import Calendar
from calsyncctl.model.copy import Copy, CopyState
from calsyncctl.model.event import Body, Content, Event, Occurrence, When

_EMPTY = Content("", "cancelled", When("", ""), Body())
"""What is known of a cancelled occurrence of which only its original start is told."""

KEY_SHOWN = 8
"""How much of an event's key lists show; it is enough to name it."""


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event, or one occurrence of a series, in a range.

    `start` and `end` are dates for all-day ones (`end` exclusive), else RFC 3339 in the zone that was asked for.
    """

    key: str
    start: str
    end: str
    all_day: bool
    summary: str
    calendar: str
    calendar_id: int
    kind: str
    status: str
    location: str
    guests: int
    repeats: bool
    original: str | None
    """The occurrence's original start within its series, None for a single event."""
    zone: str | None
    """The event's own zone."""


@dataclass(frozen=True, slots=True)
class Range:
    """A range of time as people mean it: instants for timed events, whole days for all-day ones."""

    begin: datetime
    end: datetime

    def shows(self, one: Occurrence) -> bool:
        """Whether an occurrence takes place in it; all-day ones by their dates, whatever the calendar's zone."""
        if len(one.start) > len("2026-11-20"):
            begin, end = self.begin.timestamp(), self.end.timestamp()
            return one.starts < end and (one.ends > begin or one.starts >= begin)
        first, last = date.fromisoformat(one.start), date.fromisoformat(one.end)
        until = (self.end - timedelta(microseconds=1)).date()
        return first <= until and max(last, first + timedelta(days=1)) > self.begin.date()

    def instants(self) -> tuple[int, int]:
        """The UTC seconds to read: wide enough for the dates of every zone."""
        margin = timedelta(hours=26)
        return int((self.begin - margin).timestamp()), int((self.end + margin).timestamp())


def rows(
    found: Iterable[Occurrence], shown: Range, zone: tzinfo, calendars: Mapping[int, Calendar]
) -> tuple[EventRow, ...]:
    """Turn occurrences into rows, in the order in which a day shows them."""
    made = [_row(one, zone, calendars[one.event.calendar_id]) for one in found if shown.shows(one)]
    return tuple(sorted(made, key=lambda row: (row.start[:10], not row.all_day, row.start)))


def _row(one: Occurrence, zone: tzinfo, calendar: Calendar) -> EventRow:
    event, content = one.event, one.event.content
    assert content is not None  # what takes time has content
    all_day = content.when.all_day
    return EventRow(
        key=event.key,
        start=one.start if all_day else in_zone(one.starts, zone),
        end=one.end if all_day else in_zone(one.ends, zone),
        all_day=all_day,
        summary=content.summary,
        calendar=calendar.name,
        calendar_id=calendar.id,
        kind=str(event.kind),
        status=event.status,
        location=content.body.location,
        guests=len(content.body.attendees),
        repeats=one.original is not None,
        original=one.original,
        zone=content.when.zone,
    )


def in_zone(seconds: int, zone: tzinfo) -> str:
    """Write an instant in a zone: `2026-11-20T09:00:00+01:00`."""
    return datetime.fromtimestamp(seconds, UTC).astimezone(zone).isoformat(timespec="seconds")


def _when(row: EventRow) -> str:
    """`2026-11-20 09:00-10:30`, with the second date only where it is another."""
    if row.all_day:
        last = (date.fromisoformat(row.end) - timedelta(days=1)).isoformat()
        return row.start if last <= row.start else f"{row.start} to {last}"
    begin, end = row.start.replace("T", " ")[:16], row.end.replace("T", " ")[:16]
    return f"{begin}-{end[11:]}" if end[:10] == begin[:10] else f"{begin} to {end}"


@dataclass(frozen=True, slots=True)
class ListedRow:
    """A row as a terminal shows it."""

    key: str
    when: str
    summary: str
    calendar: str
    mark: str


def listed(row: EventRow) -> ListedRow:
    """Turn a row into its cells."""
    mark = "repeats" if row.repeats else ""
    marks = filter(None, [mark, "tentative" if row.status == "tentative" else ""])
    return ListedRow(row.key[:KEY_SHOWN], _when(row), row.summary or "(no title)", row.calendar, " ".join(marks))


EVENTS = (
    Column("when", "WHEN"),
    Column("summary", "TITLE", flexible=True),
    Column("calendar", "CALENDAR", flexible=True, drop=2),
    Column("mark", "", show=str, drop=3),
    Column("key", "KEY", drop=1),
)


@dataclass(frozen=True, slots=True)
class Guest:
    """One guest with the reply."""

    email: str
    name: str
    reply: str


@dataclass(frozen=True, slots=True)
class CopyView:
    """One placing of the event on a google calendar.

    `state`: `waiting` to be sent, `live`, `held`, `stale` (gone there, made afresh at the next change), `behind` (no
    link keeps it up to date any more), `gone`.
    """

    calendar: str
    calendar_id: int
    google_id: str
    state: str
    reason: str | None

    @property
    def text(self) -> str:
        """The calendar, and how it stands there."""
        told = {"live": "", "waiting": " (waits for sync)", "held": f" (held: {self.reason})", "gone": " (deleted)"}
        return f"{self.calendar}{told.get(self.state, f' ({self.state})')}"


def copy_view(copy: Copy, calendar: Calendar, version: int) -> CopyView:
    """Say how a copy of an event stands, which has this version now."""
    return CopyView(calendar.name, calendar.id, copy.google_id, _copy_state(copy, version), copy.reason)


def _copy_state(copy: Copy, version: int) -> str:
    if copy.hold is not None:
        return "held"
    told = copy.state is CopyState.LIVE and copy.base_version == version and copy.sent_version is None
    if told:
        return "live"  # also while Google is still making a Meet link
    if copy.due is not None or copy.sent_version is not None:
        return "waiting"
    named = {CopyState.LIVE: "behind", CopyState.STALE: "stale", CopyState.DELETED: "gone"}
    return named.get(copy.state, "waiting")


@dataclass(frozen=True, slots=True)
class EventView:
    """One event, whole.

    `start` and `end` (of a series: of its first occurrence) are dates for all-day ones, else RFC 3339 in the zone
    that was asked for; `zone` is the event's own.
    """

    key: str
    summary: str
    calendar: str
    account: str | None
    kind: str
    origin: str
    status: str
    deleted: bool
    start: str | None
    end: str | None
    all_day: bool
    zone: str | None
    recurrence: tuple[str, ...]
    original: str | None
    exceptions: int
    location: str
    description: str
    organizer: str
    attendees: tuple[Guest, ...]
    transparency: str
    visibility: str
    meet: str
    version: int
    ical_uid: str | None
    google_ids: tuple[str, ...]
    reminders: tuple[str, ...] | None
    """`popup 10m`; None: the calendar's own."""
    copies: tuple[CopyView, ...]

    @property
    def mark(self) -> str:
        """What else a list says of it."""
        told = ("deleted" if self.deleted else "", "repeats" if self.recurrence else "")
        return " ".join(filter(None, told))

    @property
    def in_google(self) -> str:
        """Where it is kept in Google."""
        return ", ".join(one.text for one in self.copies) or "no: it lives only here"

    @property
    def guests(self) -> str:
        """The guests on one line."""
        return ", ".join(f"{one.name or one.email} ({one.reply})" for one in self.attendees)


@dataclass(frozen=True, slots=True)
class Home:
    """Where an event lives."""

    calendar: str
    account: str | None


EVENT = (
    Column("summary", "Title"),
    Column("key", "Key"),
    Column("calendar", "Calendar"),
    Column("account", "Account"),
    Column("start", "Start"),
    Column("end", "End"),
    Column("zone", "Time zone"),
    Column("recurrence", "Repeats"),
    Column("exceptions", "Exceptions"),
    Column("location", "Location"),
    Column("description", "Description"),
    Column("organizer", "Organiser"),
    Column("guests", "Guests"),
    Column("status", "Status"),
    Column("reminders", "Reminders", show=lambda value: _reminded(value)),
    Column("meet", "Video call"),
    Column("in_google", "In Google"),
    Column("kind", "Kind"),
    Column("origin", "Made"),
    Column("version", "Version"),
)


CHANGED = (
    Column("start", "START"),
    Column("summary", "TITLE", flexible=True),
    Column("calendar", "CALENDAR", flexible=True, drop=2),
    Column("mark", "", show=str, drop=3),
    Column("key", "KEY", show=lambda value: str(value)[:KEY_SHOWN], drop=1),
)


def _reminded(value: object) -> str:
    if value is None:
        return "as the calendar has them"
    return ", ".join(value) or "none" if isinstance(value, tuple) else str(value)


def event_view(event: Event, home: Home, exceptions: int, copies: Iterable[CopyView], zone: tzinfo) -> EventView:
    """Put one event together, its times in the zone that was asked for."""
    content = event.content or _EMPTY
    body, when, held = content.body, content.when, tuple(copies)
    timed = not when.all_day and event.starts is not None and event.ends is not None
    return EventView(
        key=event.key,
        summary=content.summary,
        calendar=home.calendar,
        account=home.account,
        kind=str(event.kind),
        origin=event.origin,
        status=event.status,
        deleted=event.deleted is not None,
        start=in_zone(event.starts or 0, zone) if timed else when.start or None,
        end=in_zone(event.ends or 0, zone) if timed else when.end or None,
        all_day=bool(when.start) and when.all_day,
        zone=when.zone,
        recurrence=when.recurrence,
        original=event.original,
        exceptions=exceptions,
        location=body.location,
        description=body.description,
        organizer=body.organizer,
        attendees=tuple(Guest(one.email, one.name, one.reply) for one in body.attendees),
        transparency=body.transparency,
        visibility=body.visibility,
        meet=body.meet,
        version=event.version,
        ical_uid=event.ical_uid,
        google_ids=tuple(copy.google_id for copy in held),
        reminders=None if body.reminders is None else tuple(f"{one.method} {one.minutes}m" for one in body.reminders),
        copies=held,
    )
