"""How the Google in memory takes writes: what it accepts, what it makes of it, whom it mails, and what goes wrong.

It works on whole fields of `Content`, where Google works on JSON; `tests/contract` holds both to the same
outcome. Ids stay taken for ever; a deleted event keeps its details and can be brought back; a write to an occurrence
makes an exception; what a series changes is carried to its exceptions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from msgspec.structs import asdict, replace

from calsyncctl.errors import CalsyncError, Gone, Invalid, Outdated, Refused, Taken, Unknown
from calsyncctl.model.copy import RemoteEvent
from calsyncctl.model.event import Attendee, Body, Content, Event, EventKind, When
from calsyncctl.model.when import series_zone, shown, span, zone_of, zone_or_utc
from calsyncctl.sync.provider import Delete, Insert, Patch, Write
from calsyncctl.sync.recurrence.expand import expand

OWN: Final = frozenset({"colour", "reminders", "visibility"})
READ_ONLY: Final = frozenset(
    {"attendees_omitted", "organizer", "organizer_self", "event_type", "locked", "meet", "attendees"}
)
SHARED: Final = frozenset({"summary", "description", "location", "when", "status", "attendees", "guests_can_modify"})
_CLIENT_ID = re.compile(r"[a-v0-9]{5,1024}")
_MOST_REMINDERS = 5
_PARTS = ["FREQ", "WKST", "UNTIL", "COUNT", "INTERVAL", "BYSETPOS", "BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"]
_PARTS += ["BYDAY", "BYHOUR", "BYMINUTE", "BYSECOND"]
"""The order in which Google writes the parts of a rule."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One write that Google would tell people of: `what` is `insert`, `patch` or `delete`."""

    calendar: str
    google_id: str
    what: str
    people: tuple[str, ...]


@dataclass(slots=True)
class Fault:
    """A write that goes wrong: `error` instead of doing it, or the answer lost, the write `applied` or not."""

    kind: type[Insert] | type[Patch] | type[Delete] | None
    times: int
    skip: int
    error: CalsyncError | None = None
    applied: bool = False

    def hits(self, write: Write) -> bool:
        """Tell whether it is this write's turn, and count it."""
        if not self.times or (self.kind is not None and not isinstance(write, self.kind)):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True


@dataclass(slots=True)
class Habits:
    """What this Google does about writes; a test sets it."""

    undelete: bool = True
    """Whether a deleted event may be brought back."""
    meet: str = "at once"
    """What becomes of a Meet asked for: there `at once`, `pending` (there when next read), `never` there though the
    event goes in, or the write `refused`."""
    nameless: set[str] = field(default_factory=set)
    """Occurrences, by their ids, that it does not find although it lists them."""
    faults: list[Fault] = field(default_factory=list)

    def fault(self, write: Write) -> Fault | None:
        """Return what goes wrong with a write."""
        return next((fault for fault in self.faults if fault.hits(write)), None)


def name_of(write: Write) -> str:
    """Return `insert`, `patch` or `delete`."""
    return type(write).__name__.lower()


def lost() -> Unknown:
    """Say that no answer came."""
    return Unknown("No answer came.")


def new_event(write: Insert, calendar: str, zone: str, habits: Habits) -> RemoteEvent:
    """Return what Google makes of an insert.

    Raises:
        Invalid, Refused: it does not accept that.
    """
    if not _CLIENT_ID.fullmatch(write.google_id):
        raise Invalid("Invalid resource id value.")
    sent = write.content.body
    kept = {name: value for name, value in asdict(sent).items() if name not in READ_ONLY and name not in OWN}
    own = {name: getattr(sent, name) for name in OWN} if write.own else {}
    if not (write.own or write.guests):
        kept = {name: value for name, value in kept.items() if not name.startswith("guests_can")}
    guests = _guests(sent.attendees, calendar, calendar) if write.guests else ()
    body = Body(**kept, **own, attendees=guests, organizer=calendar, organizer_self=True)
    content = replace(write.content, body=_with_meet(body, write.google_id, write.meet, habits))
    return RemoteEvent(
        google_id=write.google_id,
        etag="",
        updated="",
        content=accept(content, zone),
        ical_uid=f"{write.google_id}@google.com",
        tag=write.tag,
        extra=write.extra,
    )


def patched(write: Patch, now: RemoteEvent, calendar: str, zone: str, habits: Habits) -> RemoteEvent:
    """Return what Google makes of a patch of an event that says `now`.

    Raises:
        Invalid, Refused: it does not accept that.
    """
    content = now.content
    assert content is not None
    _check_organizer(write, content)
    fields = write.fields | ({"status"} if write.revive else set())
    body = content.body
    for name in fields & set(Body.__struct_fields__) - READ_ONLY:
        body = replace(body, **{name: getattr(write.after.body, name)})
    if write.guests and "attendees" in fields and not write.after.body.attendees_omitted:
        body = replace(body, attendees=_guests(write.after.body.attendees, calendar, body.organizer))
    body = _with_meet(body, write.google_id, write.meet, habits)
    plain = {name: getattr(write.after, name) for name in fields & {"summary", "status", "when"}}
    if "when" in plain and now.master is not None:
        plain["when"] = replace(plain["when"], recurrence=())
    elif "when" in plain and write.before is None and not write.alone and not write.after.when.recurrence:
        plain["when"] = replace(plain["when"], recurrence=content.when.recurrence)
    return replace(now, content=accept(replace(content, body=body, **plain), zone), tag=write.tag or now.tag)


def accept(content: Content, zone: str) -> Content:
    """Return a content as Google keeps it: texts trimmed, a time without zone in the calendar's.

    Raises:
        Invalid: its times, zone, reminders or guests cannot be.
    """
    body = content.body
    if body.reminders is not None and len(body.reminders) > _MOST_REMINDERS:
        raise Invalid("Invalid number of reminders.")
    if any("@" not in guest.email for guest in body.attendees):
        raise Invalid("Invalid attendee email.")
    body = replace(
        body,
        description=body.description.strip(),
        location=body.location.strip(),
        reminders=None if body.reminders is None else tuple(sorted(body.reminders, key=asdict_pair)),
    )
    return Content(content.summary.strip(), content.status, _accept_when(content.when, zone), body)


def asdict_pair(reminder: object) -> tuple[str, int]:
    """Return a reminder as what it is sorted by."""
    return getattr(reminder, "method", ""), getattr(reminder, "minutes", 0)


def _check_rules(when: When, zone: str | None) -> None:
    for line in when.recurrence:
        kind, colon, value = line.partition(":")
        names = [part.partition("=")[0].upper() for part in value.split(";")]
        if not colon or (kind.upper() == "RRULE" and ("FREQ" not in names or not set(names) <= set(_PARTS))):
            raise Invalid("Invalid recurrence rule.")
    if when.recurrence and not when.all_day and zone is None:
        raise Invalid("Missing time zone definition for start time.")


def _accept_when(when: When, zone: str) -> When:
    _check_rules(when, when.zone)
    rules = [line for line in when.recurrence if line[:5].upper() == "RRULE"]
    lines = (*map(_rule, rules), *sorted(line for line in when.recurrence if line not in rules))
    if when.all_day:
        if when.end <= when.start:
            raise Invalid("The specified time range is empty.")
        return When(when.start, when.end, None, lines)
    named = when.zone or zone
    if zone_of(named) is None:
        raise Invalid("Invalid time zone definition for start time.")
    if datetime.fromisoformat(when.end) <= datetime.fromisoformat(when.start):
        raise Invalid("The specified time range is empty.")
    return When(_in_zone(when.start, named), _in_zone(when.end, named), named, lines)


def _rule(line: str) -> str:
    """Return a rule with its parts in Google's order, needless ones gone."""
    parts = [part for part in line.partition(":")[2].upper().split(";") if part != "INTERVAL=1"]
    return "RRULE:" + ";".join(sorted(parts, key=lambda part: _PARTS.index(part.partition("=")[0])))


def _in_zone(text: str, zone: str) -> str:
    moment = datetime.fromisoformat(text).replace(microsecond=0).astimezone(zone_or_utc(zone))
    return moment.isoformat().replace("+00:00", "Z")


def _guests(sent: Iterable[Attendee], calendar: str, organizer: str) -> tuple[Attendee, ...]:
    people: dict[str, Attendee] = {}
    for guest in sent:
        email = guest.email.strip().casefold()
        people[email] = replace(guest, email=email, self=email == calendar, organizer=email == organizer)
    return tuple(people[email] for email in sorted(people))


def _with_meet(body: Body, google_id: str, asked: str | None, habits: Habits) -> Body:
    if asked is None or body.meet:
        return body
    if habits.meet == "refused":
        raise Refused("Invalid conference type value.")
    return replace(body, meet=link(google_id)) if habits.meet == "at once" else body


def link(google_id: str) -> str:
    """Return the Meet link of an event."""
    return f"https://meet.google.com/{google_id[:10]}"


def _check_organizer(write: Patch, content: Content) -> None:
    body = content.body
    guest = body.organizer and not body.organizer_self and not body.guests_can_modify
    if guest and write.fields & (SHARED - {"attendees"}):
        raise Refused("Shared properties can only be changed by the organizer of the event.")


def check_etag(wanted: str | None, event: RemoteEvent) -> None:
    """Hold an event against If-Match.

    Raises:
        Outdated: it is another by now.
    """
    if wanted is not None and wanted != event.etag:
        raise Outdated("Precondition Failed")


def gone() -> Gone:
    """Say that there is no such event."""
    return Gone("Not Found")


def taken() -> Taken:
    """Say that an id is taken."""
    return Taken("The requested identifier already exists.")


def occurrence(series: RemoteEvent, google_id: str, zone: str) -> RemoteEvent | None:
    """Return the occurrence of a series that an instance id names, unchanged as yet; None if there is none."""
    content = series.content
    if content is None or not content.when.recurrence:
        return None
    named = _named(google_id.removeprefix(f"{series.google_id}_"), content.when, zone)
    if named is None:
        return None
    original, starts = named
    event = Event(
        id=0,
        key="",
        calendar_id=0,
        kind=EventKind.EVENT,
        origin="google",
        content=content,
        starts=None,
        ends=None,
        version=1,
        status="confirmed",
    )
    spans = expand(event, (), calendar_zone=zone, from_=starts, to=starts + 1).spans
    ends = next((ends for begins, ends in spans if begins == starts), None)
    if ends is None:
        return None
    where = zone_or_utc(zone) if content.when.all_day else series_zone(content.when, zone)
    begins, finishes = (
        shown(moment, all_day=content.when.all_day, zone=where).replace("+00:00", "Z") for moment in (starts, ends)
    )
    when = When(begins, finishes, content.when.zone)
    return replace(
        series, google_id=google_id, content=replace(content, when=when), master=series.google_id, original=original
    )


def _named(suffix: str, when: When, zone: str) -> tuple[str, int] | None:
    """Read the end of an instance id: the original start, and its instant."""
    try:
        if when.all_day:
            day = datetime.strptime(suffix, "%Y%m%d").date().isoformat()  # noqa: DTZ007
            return day, span(When(day, day), zone)[0]
        moment = datetime.strptime(suffix, "%Y%m%dT%H%M%S%z")
        return suffix, int(moment.timestamp())
    except ValueError:
        return None


def carried(exception: RemoteEvent, before: Content, after: Content) -> RemoteEvent:
    """Return an exception after a change of its series: what it had as the series follows, but for reminders."""
    content = exception.content
    if content is None:
        return exception
    body = content.body
    for name in Body.__struct_fields__:
        if name != "reminders" and getattr(body, name) == getattr(before.body, name):
            body = replace(body, **{name: getattr(after.body, name)})
    summary = after.summary if content.summary == before.summary else content.summary
    return replace(exception, content=replace(content, summary=summary, body=body))


def mailed(what: str, write: Write, calendar: str, *contents: Content | None) -> Mail | None:
    """Return the mail that a write causes: to every guest before and after it, but the calendar's own."""
    if write.mail == "none":
        return None
    people = {guest.email for content in contents if content for guest in content.body.attendees} - {calendar}
    return Mail(calendar, write.google_id, what, tuple(sorted(people))) if people else None
