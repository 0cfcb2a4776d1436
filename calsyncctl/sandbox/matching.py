"""Which events a listing takes: window, search, types, properties, deleted ones; and the occurrences of series."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from calsyncctl.sandbox.calls import Call
from calsyncctl.sandbox.recurrence import endless, instance, margin, starts, suffix_of
from calsyncctl.sandbox.refusals import Json, refuse
from calsyncctl.sandbox.state import ROLES, Calendar, Event
from calsyncctl.sandbox.times import moment_instant, parse_instant

REMEMBERED = [
    "timeMin",
    "timeMax",
    "q",
    "iCalUID",
    "eventTypes",
    "singleEvents",
    "privateExtendedProperty",
    "sharedExtendedProperty",
]
ENDLESS_DAYS = 730
UPDATED_MIN_DAYS = 30
SEARCHED = ("summary", "description", "location")


@dataclass(slots=True, frozen=True)
class Filter:
    """The parameters of a listing that choose events."""

    zone: str
    low: datetime | None
    high: datetime | None
    words: tuple[str, ...]
    uid: str
    types: frozenset[str]
    expanded: bool
    order: str
    show_deleted: bool
    updated_min: datetime | None
    private: tuple[tuple[str, str], ...]
    shared: tuple[tuple[str, str], ...]
    remembered: dict[str, list[str]]
    """What the sync token of this listing keeps."""

    @property
    def everything(self) -> bool:
        """Whether no filter but that for deleted events is set."""
        return not (self.low or self.high or self.words or self.uid or self.types or self.private or self.shared)

    def takes(self, event: Event) -> bool:
        """Tell whether a full listing shows this event."""
        if event.purged or (event.cancelled and not self._takes_cancelled(event)):
            return False
        if self.updated_min and event.updated < self.updated_min.timestamp() * 1e6:
            return False
        return self.everything or event.thin or self._matches(event)

    def takes_change(self, event: Event) -> bool:
        """Tell whether an incremental listing shows this changed event; deleted ones always come."""
        return event.cancelled or self.everything or self._matches(event)

    def start_of(self, event: Event) -> datetime:
        """Return when an event begins, for sorting and windows."""
        moment = event.body.get("start") or event.body.get("originalStartTime")
        return moment_instant(moment, self.zone) if moment else datetime(1970, 1, 1, tzinfo=UTC)

    def in_window(self, event: Event) -> bool:
        """Tell whether an event or occurrence lies in the window, both bounds exclusive."""
        if "start" not in event.body or "end" not in event.body:
            return True
        if self.low and moment_instant(event.body["end"], self.zone) <= self.low:
            return False
        return not (self.high and moment_instant(event.body["start"], self.zone) >= self.high)

    def _takes_cancelled(self, event: Event) -> bool:
        if self.updated_min or self.show_deleted:
            return True
        # A cancelled occurrence of a living series always comes with the series, unless expanded.
        return not self.expanded and "recurringEventId" in event.body

    def _matches(self, event: Event) -> bool:
        body = event.body
        if self.types and body.get("eventType", "default") not in self.types:
            return False
        if self.uid and body.get("iCalUID") != self.uid:
            return False
        if self.words and not self._has_words(body):
            return False
        if not (_has_pairs(body, "private", self.private) and _has_pairs(body, "shared", self.shared)):
            return False
        if "recurrence" in body:
            return self._touches_window(event)
        return self.in_window(event)

    def _has_words(self, body: Json) -> bool:
        people = " ".join(str(one.get("displayName", "")) + " " + one["email"] for one in body.get("attendees", []))
        text = " ".join([*(str(body.get(name, "")) for name in SEARCHED), people]).lower()
        return all(word in text for word in self.words)

    def _touches_window(self, master: Event) -> bool:
        if self.high and moment_instant(master.body["start"], self.zone) >= self.high:
            return False
        if not self.low or endless(master):
            return True
        after = _moved(self.low, -margin() - _length(master))
        return next(starts(master, after, None), None) is not None


def _moved(bound: datetime, by: timedelta) -> datetime:
    """Return a bound as wall-clock time, widened by a span as far as years can be named."""
    try:
        return bound.replace(tzinfo=None) + by
    except OverflowError:
        return datetime(9999 if by > timedelta() else 1, 1, 1)  # noqa: DTZ001 - wall-clock time is meant


def _length(event: Event) -> timedelta:
    return moment_instant(event.body["end"], "UTC") - moment_instant(event.body["start"], "UTC")


def _has_pairs(body: Json, kind: str, wanted: tuple[tuple[str, str], ...]) -> bool:
    have = body.get("extendedProperties", {}).get(kind, {})
    return all(have.get(key) == value for key, value in wanted)


def read_filter(call: Call, remembered: dict[str, list[str]]) -> Filter:
    """Read a listing's parameters; those that a sync token remembers come from it."""
    given = {name: values for name in REMEMBERED if (values := call.args(name))}
    kept = {**remembered, **given} if remembered else given
    low, high = _instant(kept, "timeMin"), _instant(kept, "timeMax")
    if low and high and low >= high:
        raise refuse("timeRangeEmpty")
    calendar = call.world.calendar(call.params["calendarId"], call.account.email)
    # With mere free/busy access a list behaves as if singleEvents=true.
    only_busy = ROLES.index(calendar.role(call.account.email)) < ROLES.index("reader")
    expanded = only_busy or _last(kept, "singleEvents").lower() == "true"
    order = call.arg("orderBy")
    if order not in ("", "startTime", "updated"):
        raise refuse("invalid", f"Invalid value for: {order} is not a valid value", location="orderBy")
    if order == "startTime" and not expanded:
        message = "The requested ordering is not available for the particular query."
        raise refuse("badRequest", message, location="orderBy")
    return Filter(
        zone=calendar.zone,
        low=low,
        high=high,
        words=tuple(_last(kept, "q").lower().split()),
        uid=_last(kept, "iCalUID"),
        types=frozenset(kept.get("eventTypes", [])),
        expanded=expanded,
        order=order,
        show_deleted=call.flag("showDeleted"),
        updated_min=_updated_min(call),
        private=_pairs(kept, "privateExtendedProperty"),
        shared=_pairs(kept, "sharedExtendedProperty"),
        remembered=kept,
    )


def _updated_min(call: Call) -> datetime | None:
    value = _instant({"updatedMin": call.args("updatedMin")}, "updatedMin")
    if value and value < call.world.clock.now() - timedelta(days=UPDATED_MIN_DAYS):
        raise refuse("updatedMinTooLongAgo")
    return value


def _last(kept: dict[str, list[str]], name: str) -> str:
    return (kept.get(name) or [""])[-1]


def _instant(kept: dict[str, list[str]], name: str) -> datetime | None:
    text = _last(kept, name)
    if not text:
        return None
    try:
        return parse_instant(text).astimezone(UTC)
    except ValueError:
        raise refuse("badRequest", location=name) from None


def _pairs(kept: dict[str, list[str]], name: str) -> tuple[tuple[str, str], ...]:
    pairs = []
    for text in kept.get(name, []):
        key, sign, value = text.partition("=")
        if not sign:
            raise refuse("invalid", f"Invalid value for: {name}", location=name)
        pairs.append((key, value))
    return tuple(pairs)


def expand(calendar: Calendar, events: Iterable[Event], wanted: Filter, now: datetime) -> Iterator[Event]:
    """Yield single events, exceptions and the occurrences of series, endless ones for two years from now."""
    high = wanted.high or now + timedelta(days=ENDLESS_DAYS)
    for event in events:
        if "recurrence" not in event.body:
            master = calendar.events.get(event.body.get("recurringEventId", ""))
            if not (event.cancelled and master and master.cancelled):
                yield event
        elif not event.cancelled:
            yield from occurrences(calendar, event, wanted, high)


def expand_change(calendar: Calendar, event: Event, wanted: Filter, now: datetime) -> Iterator[Event]:
    """Yield what an expanded incremental listing brings for a changed event: its occurrences, and those it lost."""
    living = [] if event.cancelled and event.former else list(expand(calendar, [event], wanted, now))
    yield from living
    known = {one.id for one in living}
    past = [*event.former, event.body] if event.cancelled else event.former
    high = wanted.high or now + timedelta(days=ENDLESS_DAYS)
    for former in past:
        was = replace(event, body={**event.body, "recurrence": [], **former}, rendered={})
        lost = occurrences(calendar, was, wanted, high) if former.get("recurrence") else [was]
        for one in lost:
            if one.id not in known:
                known.add(one.id)
                yield replace(one, body={**one.body, "status": "cancelled"}, thin=True, rendered={})


def occurrences(calendar: Calendar, master: Event, wanted: Filter, high: datetime) -> Iterator[Event]:
    """Yield a series' occurrences in the window that have no exception of their own."""
    own = set(calendar.exceptions.get(master.id, ()))
    after = _moved(wanted.low, -margin() - _length(master)) if wanted.low else None
    for start in starts(master, after, _moved(high, margin())):
        if f"{master.id}_{suffix_of(master, start)}" in own:
            continue
        made = instance(master, start)
        if wanted.in_window(made) and moment_instant(made.body["start"], wanted.zone) < high:
            yield made
