"""All that the store knows of one event, read once; what a copy asks of Google next, the engine's own plan says."""

from __future__ import annotations

from dataclasses import dataclass

from calsyncctl.health.explaining.explanation import Asking, place
from calsyncctl.model.account import Account
from calsyncctl.model.calendar import Calendar, CalendarKind
from calsyncctl.model.copy import Copy, CopyState
from calsyncctl.model.event import Event
from calsyncctl.model.history import Version
from calsyncctl.model.link import Link
from calsyncctl.store import accounts, calendars, copies, events, kin, links, runs
from calsyncctl.store.db import Store
from calsyncctl.store.ranges import visible_calendars
from calsyncctl.sync.pushing.duties import duties, unmailed
from calsyncctl.sync.pushing.outgoing import Outgoing, plan


@dataclass(frozen=True, slots=True)
class Standing:
    """One copy: where it is, which link holds it there, and what it asks of Google next."""

    copy: Copy
    calendar: Calendar
    account: Account | None
    link: Link | None
    outgoing: Outgoing
    unmailed: str | None
    """Why a write would mail nobody, as far as no setting says so."""

    @property
    def place(self) -> str:
        """The calendar, as sentences name it."""
        return place(self.calendar, self.account)

    @property
    def is_home(self) -> bool:
        """Whether it is the copy on the event's own calendar."""
        return self.outgoing.duty.stand.rules.home


@dataclass(frozen=True, slots=True)
class Twin:
    """Another living event of the same title and time."""

    event: Event
    calendar: Calendar
    account: Account | None
    first: Version | None
    """Its first version; None: none is kept."""


@dataclass(frozen=True, slots=True)
class EventFacts:
    """One event. `versions` oldest first; `run` wrote it last; `series` is that of an exception."""

    event: Event
    home: Calendar
    account: Account | None
    standings: tuple[Standing, ...]
    links: tuple[tuple[Link, Calendar], ...]
    """The links of its home calendar, with their targets."""
    versions: tuple[Version, ...]
    run: int | None
    ref: str | None
    series: Event | None
    exceptions: tuple[Event, ...]
    """A series' occurrences that were changed or cancelled on their own."""
    apart: tuple[Twin, ...]
    """Made apart from it: another iCalUID."""
    alike: tuple[Twin, ...]
    """The same meeting, as other guests' calendars have it: the same iCalUID."""

    @property
    def place(self) -> str:
        """Its calendar, as sentences name it."""
        return place(self.home, self.account)

    @property
    def key(self) -> str:
        """As much of its key as people type."""
        return self.event.key[:8]


def gather(asking: Asking, event: Event) -> EventFacts:
    """Read what is known of an event."""
    store = asking.store
    home = calendars.get_calendar(store, event.calendar_id)
    run, ref = kin.arrival(store, event.id)
    seen = set(visible_calendars(store))
    like = kin.twins(store, event) if event.deleted is None and home.id in seen else []
    twins = [_twin(store, one) for one in like if one.calendar_id in seen]
    held = [(one, calendars.get_calendar(store, one.target_id)) for one in links.list_links(store, source_id=home.id)]
    return EventFacts(
        event=event,
        home=home,
        account=_owner(store, home),
        standings=tuple(_standing(asking, event, one) for one in copies.copies_of(store, event.id)),
        links=tuple(held),
        versions=tuple(runs.versions_of(store, event.id)),
        run=run,
        ref=ref,
        series=events.get_event(store, event.series_id) if event.series_id is not None else None,
        exceptions=tuple(events.exceptions_of(store, event.id)),
        apart=tuple(one for one in twins if not _same_meeting(store, one.event, event)),
        alike=tuple(one for one in twins if _same_meeting(store, one.event, event)),
    )


def _same_meeting(store: Store, one: Event, other: Event) -> bool:
    """Tell whether two events are one meeting, as two calendars have it: by iCalUID, also that of a link's copy."""
    return one.calendar_id != other.calendar_id and bool(_ical_uids(store, one) & _ical_uids(store, other))


def _ical_uids(store: Store, event: Event) -> set[str]:
    """Return the iCalUIDs that an event has, or its copies have: Google makes them of the id where it makes them."""
    made = {f"{copy.google_id}@google.com" for copy in copies.copies_of(store, event.id)}
    return made | ({event.ical_uid} if event.ical_uid is not None else set())


def _owner(store: Store, calendar: Calendar) -> Account | None:
    return None if calendar.account_id is None else accounts.get_account(store, calendar.account_id)


def _twin(store: Store, event: Event) -> Twin:
    calendar = calendars.get_calendar(store, event.calendar_id)
    versions = runs.versions_of(store, event.id)
    return Twin(event, calendar, _owner(store, calendar), versions[0] if versions else None)


def _standing(asking: Asking, event: Event, copy: Copy) -> Standing:
    store = asking.store
    calendar = calendars.get_calendar(store, copy.calendar_id)
    (duty,) = duties(store, calendar, asking.engine, [copy.id], asking.now)
    away = calendar.id != event.calendar_id
    return Standing(
        copy=copy,
        calendar=calendar,
        account=_owner(store, calendar),
        link=links.find_link(store, event.calendar_id, calendar.id) if away else None,
        outgoing=plan(duty),
        unmailed=unmailed(store, duty.known, duty.stand, asking.now),
    )


GONE = frozenset({CopyState.DELETED})
"""States of copies of which nothing is to be said."""


def lives_only_here(facts: EventFacts) -> bool:
    """Tell whether an event stands on no google calendar, nor is to."""
    return facts.home.kind is not CalendarKind.GOOGLE and all(one.copy.state in GONE for one in facts.standings)
