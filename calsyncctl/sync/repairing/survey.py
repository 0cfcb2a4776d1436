"""A survey: one full listing of a calendar compared with everything that is known of it, nothing changed.

Each page is compared and forgotten; what stays is which ids were named, and the differences.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from calsyncctl.errors import Later, PageExpired
from calsyncctl.model.calendar import Calendar
from calsyncctl.model.copy import Copy, CopyState, RemoteEvent
from calsyncctl.model.event import Event
from calsyncctl.store import calendars, copies, linked, links
from calsyncctl.store.db import Store
from calsyncctl.sync.links import holds
from calsyncctl.sync.provider import EventsPage
from calsyncctl.sync.pulling.access import check_readable
from calsyncctl.sync.pulling.adopt import mark_of
from calsyncctl.sync.pulling.classify import kind_of
from calsyncctl.sync.pulling.incoming import Verdict, decide
from calsyncctl.sync.pulling.marked import has_moved_from
from calsyncctl.sync.pulling.pull import Means, check_onward
from calsyncctl.sync.pulling.series import unheld_exceptions
from calsyncctl.sync.pushing.duties import duties
from calsyncctl.sync.pushing.outgoing import plan
from calsyncctl.sync.repairing.beside import stands_beside
from calsyncctl.sync.repairing.differences import (
    NEEDS_A_PERSON,
    Difference,
    Doubles,
    Drift,
    beside_its_event,
    of_item,
    of_promise,
    of_waiting,
    resting,
)
from calsyncctl.sync.stand import stands_for

CHUNK = 200
"""Copies compared at a time."""
KEPT = 1000
"""Differences told one by one; beyond that they are counted."""


@dataclass(slots=True)
class Findings:
    """What a survey found. `to_read` are the ids whose state in Google is to be taken through the merge."""

    counts: Counter[Drift] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)
    to_read: list[str] = field(default_factory=list)
    items: int = 0
    others: Counter[str] = field(default_factory=Counter)
    """How many living events bear the mark of which other installation."""
    foreign: list[str] = field(default_factory=list)
    """Ids of those whose installation is to be taken over."""
    _seen: set[tuple[str, str]] = field(default_factory=set)

    def add(self, difference: Difference | None) -> None:
        """Keep a difference, the first that is said of an event on this calendar."""
        if difference is None:
            return
        name = (difference.google_id, "" if difference.google_id else difference.event_key or "")
        if name in self._seen:
            return
        self._seen.add(name)
        self.counts[difference.kind] += 1
        if len(self.differences) < KEPT:
            self.differences.append(difference)


def survey(store: Store, calendar: Calendar, means: Means) -> Findings:
    """List a calendar in full and compare.

    Raises:
        Gone, Refused, Invalid, Later, NeedsReauth: as the provider says.
    """
    findings, named = Findings(), set[str]()
    ours = means.engine.adopt | {means.engine.instance}
    doubles = Doubles(means.engine.instance)
    page: str | None = None
    asked = set[str | None]()
    while True:
        asked.add(page)
        answer = _page(calendar, means, page)
        check_onward(calendar, answer, asked)
        named.update(item.google_id for item in answer.items)
        named.update(item.google_id for item in answer.odd)
        doubtful = _compare(store, calendar, means, answer.items, findings, ours)
        _ask(store, calendar, means, doubtful, findings, ours)
        for item in answer.items:
            if doubles.is_double(item):
                findings.add(_doubled(item))
            _note_mark(item, means, findings)
        findings.items += len(answer.items)
        means.on_page(findings.items)
        page = answer.next_page
        if page is None:
            break
        if means.stop.is_set():
            raise Later(f"Reconciling “{calendar.name}” was interrupted.")
    _absent(store, calendar, means, named, findings, ours)
    _of_this_side(store, calendar, means, findings)
    return findings


def _page(calendar: Calendar, means: Means, page: str | None) -> EventsPage:
    assert calendar.google_id is not None
    try:
        answer = means.provider.list_events(calendar.google_id, cursor=None, page=page)
    except PageExpired as error:
        raise Later(f"Google refused to go on listing “{calendar.name}”.", scope="calendar") from error
    check_readable(calendar, answer)
    return answer


def _compare(
    store: Store,
    calendar: Calendar,
    means: Means,
    items: Sequence[RemoteEvent],
    findings: Findings,
    ours: frozenset[str],
    *,
    confirmed: bool = False,
) -> list[str]:
    """Compare items; return the ids of those that are older than what is known: to be asked for."""
    doubtful: list[str] = []
    known = copies.known_copies(store, calendar.id, [item.google_id for item in items])
    stands = stands_for(store, calendar, known.values(), means.engine.policy)
    wanted = kind_of(calendar.mode) is not None
    unheld = unheld_exceptions(store, calendar, [item for item in items if item.google_id not in known])
    for item in items:
        if item.google_id in unheld:
            continue
        decision = decide(item, known.get(item.google_id), stands.get(item.google_id), confirmed=confirmed)
        if decision.verdict is Verdict.STALE:
            doubtful.append(item.google_id)
        mark = mark_of(item, ours)
        moved = decision.known is not None and has_moved_from(store, decision.known.event, calendar, mark)
        difference = of_item(decision, ours=mark is not None, wanted=wanted, moved=moved)
        if difference is None and stands_beside(store, calendar, item, decision.known, ours) is not None:
            difference = beside_its_event(item)
        findings.add(difference)
        if difference is not None and difference.kind not in NEEDS_A_PERSON:
            findings.to_read.append(item.google_id)
    return doubtful


def _note_mark(item: RemoteEvent, means: Means, findings: Findings) -> None:
    tag = item.tag
    if tag is None or item.content is None or tag.google_id != item.google_id or tag.instance == means.engine.instance:
        return
    findings.others[tag.instance] += 1
    if tag.instance in means.engine.adopt:
        findings.foreign.append(item.google_id)


def _doubled(item: RemoteEvent) -> Difference:
    said = item.content.summary if item.content is not None else ""
    return Difference(kind=Drift.DOUBLED, google_id=item.google_id, event_key=None, summary=said)


def _absent(
    store: Store, calendar: Calendar, means: Means, named: set[str], findings: Findings, ours: frozenset[str]
) -> None:
    """Ask for what should be there and was not named: absence alone says nothing."""
    after = 0
    while living := copies.living_on(store, calendar.id, after=after, limit=CHUNK):
        after = living[-1][0]
        missing = [google_id for _, google_id in living if google_id not in named]
        _ask(store, calendar, means, missing, findings, ours)


def _ask(
    store: Store,
    calendar: Calendar,
    means: Means,
    google_ids: Sequence[str],
    findings: Findings,
    ours: frozenset[str],
) -> None:
    """Compare what Google says of single items."""
    if google_ids:
        items = read_items(means, calendar, google_ids)
        _compare(store, calendar, means, items, findings, ours, confirmed=True)


def read_items(means: Means, calendar: Calendar, google_ids: Sequence[str]) -> list[RemoteEvent]:
    """Ask for items by their ids; one that is not there comes back as a tombstone with nothing but its id."""
    assert calendar.google_id is not None
    answers = means.provider.get_events(calendar.google_id, tuple(google_ids))
    return [
        item or RemoteEvent(google_id=google_id, etag="", updated="", content=None)
        for google_id, item in answers.items()
    ]


def _of_this_side(store: Store, calendar: Calendar, means: Means, findings: Findings) -> None:
    """Add what this side knows by itself: what waits to be sent, rests, or was promised and never planned."""
    after = 0
    while open_ones := copies.open_on(store, calendar.id, after=after, limit=CHUNK):
        after = open_ones[-1]
        for known in copies.known_by_id(store, open_ones):
            findings.add(resting(known) if known.copy.due is None and known.copy.sent_version is None else None)
        for duty in duties(store, calendar, means.engine, open_ones, means.clock.now()):
            if _is_open(duty.known.copy):
                findings.add(of_waiting(plan(duty)))
    for event in promised(store, calendar):
        findings.add(of_promise(event))


def _is_open(copy: Copy) -> bool:
    """Tell whether a copy has something to be sent; one that is planned has, though nothing may wake it."""
    planned = copy.state is CopyState.PLANNED and copy.hold is None
    return copy.due is not None or copy.sent_version is not None or planned


def promised(store: Store, target: Calendar) -> Iterator[Event]:
    """Yield the events that links promise on a calendar and that have no copy there."""
    for link in links.list_links(store, target_id=target.id):
        zone = calendars.get_calendar(store, link.source_id).zone
        lacking = linked.lacking(store, link.source_id, target.id)
        yield from (event for event in lacking if holds(link, event, zone))
