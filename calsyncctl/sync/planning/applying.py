"""Carrying a plan out: exactly its decisions, each only while event, copy and Google's item are as they were planned.

Items are read by their ids and go the way of every pull, writes that of every push, with If-Match. No cursor moves: the
next sync is told of all this once more and finds nothing to do. Cut off, the same plan applied again does the rest.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from msgspec.structs import replace as with_

from calsyncctl.model.calendar import Calendar
from calsyncctl.model.copy import Known, RemoteEvent
from calsyncctl.model.event import Event
from calsyncctl.model.history import Counts
from calsyncctl.store import copies, deletions, events, links, runs
from calsyncctl.store.db import Store
from calsyncctl.sync.links import plan_copies
from calsyncctl.sync.planning.judging import Fate, Sight, is_done, why_not
from calsyncctl.sync.planning.notebook import step_of
from calsyncctl.sync.planning.plan import Decision, Plan, Side
from calsyncctl.sync.planning.unplanned import with_news
from calsyncctl.sync.pulling.apply_items import apply_items
from calsyncctl.sync.pulling.departure import let_move
from calsyncctl.sync.pulling.pull import Means, Pulled, scene_of
from calsyncctl.sync.pushing.duties import duties
from calsyncctl.sync.pushing.outgoing import Step, plan
from calsyncctl.sync.pushing.push import push_only
from calsyncctl.sync.pushing.under_way import Pushed
from calsyncctl.sync.repairing.takeover import take_over

CHUNK = 200
"""Items read together."""

Items = dict[str, RemoteEvent | None]


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one decision, and why it was skipped."""

    decision: Decision
    fate: Fate
    why: str = ""


@dataclass(slots=True)
class Applying:
    """One plan on its way, as a step for `sync_calendars`; what became of each decision is in `told`."""

    plan: Plan
    look_only: bool = False
    """Judge everything, do nothing."""
    told: dict[int, Told] = field(default_factory=dict)
    """By the decision's place in the plan."""
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _of_event: dict[str, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Note which decisions are about the same event."""
        for at, one in enumerate(self.plan.decisions):
            self._of_event.setdefault(one.event, []).append(at)

    @property
    def _adopts(self) -> bool:
        """Whether the plan takes over another installation's events: then that is what its marks are for."""
        return bool(self.plan.scope.adopt)

    def again(self) -> bool:
        """Tell whether some decisions may be tried once more, since what they waited for may be done by now."""
        return any(one.why == _WAITS for one in self.told.values())

    def step(self, store: Store, calendar: Calendar, means: Means, pulled: Pulled, pushed: Pushed) -> None:
        """Carry out what the plan says of one calendar."""
        means = replace(means, engine=with_(means.engine, adopt=frozenset(self.plan.scope.adopt)))
        own = [
            (at, one) for at, one in enumerate(self.plan.decisions) if one.calendar == calendar.id and self._open(at)
        ]
        changed = _changed_calendar(self.plan, calendar)
        if changed is not None:
            self._tell([(at, Told(one, Fate.MOVED_ON, changed)) for at, one in own])
            return
        items = _read(means, calendar, [one for _, one in own])
        own = self._sort_out(store, calendar, own, items)
        own = self._spare_occurrences(store, calendar, means, own, items)
        if self.look_only:
            return
        here = [(at, one) for at, one in own if one.side is Side.HERE]
        there = [(at, one) for at, one in own if one.side is Side.GOOGLE]
        _take(store, calendar, means, [one for _, one in own], items, pulled)
        self._write(store, calendar, means, there, pushed)
        self._settle(store, calendar, [*here, *there])

    def _open(self, at: int) -> bool:
        told = self.told.get(at)
        return told is None or (told.fate is Fate.MOVED_ON and told.why == _WAITS)

    def _tell(self, told: Iterable[tuple[int, Told]]) -> None:
        with self._guard:
            self.told.update(told)

    def _sort_out(
        self, store: Store, calendar: Calendar, own: Sequence[tuple[int, Decision]], items: Items
    ) -> list[tuple[int, Decision]]:
        """Tell what is done already or may not be done any more, and return the rest."""
        left: list[tuple[int, Decision]] = []
        for at, one in own:
            seen = sight(store, calendar, one, items)
            if is_done(one, seen, adopts=self._adopts):
                self._tell([(at, Told(one, Fate.DONE if at in self.told else Fate.ALREADY))])
                continue
            why = why_not(one, seen, first=self._is_first(at, one))
            if why is None:
                left.append((at, one))
            else:
                self._tell([(at, Told(one, Fate.MOVED_ON, why))])
        return left

    def _spare_occurrences(
        self, store: Store, calendar: Calendar, means: Means, own: Sequence[tuple[int, Decision]], items: Items
    ) -> list[tuple[int, Decision]]:
        """Leave writes to series of which Google says something new that is not planned; return the rest."""
        series = {one.google_id for _, one in own if one.side is Side.GOOGLE and _repeats(items.get(one.google_id))}
        news = with_news(store, calendar, means.provider, series, self.plan.decisions)
        left = [(at, one) for at, one in own if one.side is Side.GOOGLE and one.google_id in news]
        self._tell([(at, Told(one, Fate.MOVED_ON, "one of its occurrences was changed in Google")) for at, one in left])
        return [pair for pair in own if pair not in left]

    def _is_first(self, at: int, one: Decision) -> bool:
        """Tell whether no decision that is still to be done comes before this one for its event."""
        told = (self.told.get(place) for place in self._of_event[one.event] if place < at)
        return all(before is not None and before.fate is Fate.ALREADY for before in told)

    def _goes_on_from(self, at: int, one: Decision) -> bool:
        """Tell whether a decision that another calendar has yet to do comes before this one for its event."""
        return any(self._open(place) for place in self._of_event[one.event] if place < at)

    def _write(
        self, store: Store, calendar: Calendar, means: Means, there: Sequence[tuple[int, Decision]], pushed: Pushed
    ) -> None:
        marks = [(at, one) for at, one in there if one.step == "mark" and self._adopts]
        if marks:
            take_over(store, calendar, means, [one.google_id for _, one in marks])
            self._tell([(at, Told(one, Fate.DONE)) for at, one in marks])
        chosen: list[int] = []
        for at, one in there:
            if (at, one) in marks:
                continue
            copy_id, why = _ready(store, calendar, means, one, self.plan)
            if copy_id is None:
                why = _WAITS if why == _NOT_THERE and self._goes_on_from(at, one) else why
                self._tell([(at, Told(one, Fate.MOVED_ON, why))])
            else:
                chosen.append(copy_id)
        chosen += _to_give_back(store, calendar, self.plan, means.clock.now())
        push_only(store, calendar, means, pushed, chosen)

    def _settle(self, store: Store, calendar: Calendar, tried: Sequence[tuple[int, Decision]]) -> None:
        """Tell what was done: by what both sides say now."""
        for at, one in tried:
            if self._open(at):
                done = is_done(one, sight(store, calendar, one, {}), adopts=self._adopts)
                self._tell([(at, Told(one, Fate.DONE) if done else Told(one, Fate.MOVED_ON, _WAITS))])


_WAITS = "what it builds on was not done"
"""Why a decision is left that may be tried once more: what it waits for belongs to another calendar."""
_HARMLESS = {Step.WAIT, Step.READ, Step.SETTLE}
"""What may be asked of the push for whatever write was planned: none is sent unseen."""
_NOT_THERE = "it is not to stand there any more"


def _changed_calendar(plan_: Plan, calendar: Calendar) -> str | None:
    was = next((one for one in plan_.calendars if one.id == calendar.id), None)
    if was is None or (was.google_id, was.mode) == (calendar.google_id, str(calendar.mode)):
        return None
    return f"“{calendar.name}” syncs {calendar.mode} by now"


def sight(store: Store, calendar: Calendar, one: Decision, items: Items) -> Sight:
    """Look at what a decision is about."""
    known = copies.known_copies(store, calendar.id, [one.google_id]).get(one.google_id)
    event = known.event if known is not None else _event(store, one.event)
    history = runs.versions_of(store, event.id) if event is not None else ()
    return Sight(event=event, copy=known.copy if known else None, item=items.get(one.google_id), history=history)


def _event(store: Store, key: str) -> Event | None:
    found = events.by_keys(store, [key]).get(key)
    return None if found is None else events.get_event(store, found)


def _read(means: Means, calendar: Calendar, own: Sequence[Decision]) -> Items:
    """Read what the decisions are about, as it is in Google now."""
    assert calendar.google_id is not None
    names = list(dict.fromkeys(one.google_id for one in own if one.google_id))
    items: Items = {}
    for at in range(0, len(names), CHUNK):
        items |= means.provider.get_events(calendar.google_id, tuple(names[at : at + CHUNK]))
    return items


# Here


def _take(
    store: Store, calendar: Calendar, means: Means, own: Sequence[Decision], items: Items, pulled: Pulled
) -> None:
    """Apply the items that the decisions follow from."""
    taken = [one for one in own if one.read or (one.side is Side.GOOGLE and items.get(one.google_id) is not None)]
    for at in range(0, len(taken), CHUNK):
        some = taken[at : at + CHUNK]
        told: dict[str, Decision] = {}
        for one in some:
            if one.read or _is_news(store, calendar, one, items):
                told.setdefault(one.google_id, one)
        cancelled = [one for one in told.values() if one.step == "cancelled"]
        others = [one for one in told.values() if one.step != "cancelled"]
        first = [one for one in cancelled if _goes_before_its_series(store, calendar, one, told)]
        last = [one for one in cancelled if one not in first]
        for chosen, confirmed in ((first, False), (others, True), (last, False)):
            if chosen:
                _take_some(store, calendar, means, chosen, items, pulled, confirmed=confirmed)


def _goes_before_its_series(store: Store, calendar: Calendar, one: Decision, told: Iterable[str]) -> bool:
    """Tell whether an occurrence was cancelled before its series, which is known here, gets other times."""
    series = one.google_id.rpartition("_")[0]
    order = list(told)
    later = series in order and order.index(one.google_id) < order.index(series)
    return one.version == 0 and later and bool(copies.known_copies(store, calendar.id, [series]))


def _is_news(store: Store, calendar: Calendar, one: Decision, items: Items) -> bool:
    """Tell whether a write is conditional on an etag that is not known here: its item says nothing new, else."""
    known = copies.known_copies(store, calendar.id, [one.google_id]).get(one.google_id)
    item = items.get(one.google_id)
    if known is None or item is None or item.content is None or known.copy.etag is None:
        return False  # what was never heard of is read by the push itself
    return known.copy.etag != item.etag


def _take_some(
    store: Store,
    calendar: Calendar,
    means: Means,
    chosen: Sequence[Decision],
    items: Items,
    pulled: Pulled,
    *,
    confirmed: bool,
) -> None:
    now = means.clock.now()
    with means.ledger.write(store):
        known = copies.known_copies(store, calendar.id, [one.google_id for one in chosen])
        chosen = [one for one in chosen if _is_as_planned(store, one, known.get(one.google_id))]
        read = [items.get(one.google_id) or _tombstone(one.google_id) for one in chosen]
        scene = replace(scene_of(calendar, means, now), keys=_keys(chosen, read, means.keys))
        waiting = [one.copy.id for one in known.values() if one.copy.hold == deletions.DELETIONS]
        deletions.lift(store, waiting, now)
        applied = apply_items(store, scene, let_move(store, scene, read, confirmed=confirmed), confirmed=confirmed)
    told = applied.counts
    counts = Counts(new=told.new, changed=told.changed, deleted=told.deleted, odd=told.odd)
    pulled.counts += counts
    means.ledger.counts += counts


def _is_as_planned(store: Store, one: Decision, known: Known | None) -> bool:
    """Tell whether the event is at the version that the decision goes on from; one that moved is not known there."""
    if one.version == 0:
        return known is None
    event = known.event if known is not None and known.event.key == one.event else _event(store, one.event)
    return event is not None and event.version == one.version


def _repeats(item: RemoteEvent | None) -> bool:
    return item is not None and item.content is not None and bool(item.content.when.recurrence)


def _tombstone(google_id: str) -> RemoteEvent:
    return RemoteEvent(google_id=google_id, etag="", updated="", content=None)


def _keys(
    chosen: Sequence[Decision], read: Sequence[RemoteEvent], drawn: Callable[[int], list[str]]
) -> Callable[[int], list[str]]:
    """Give new events the keys that the plan gave them; in the order in which they are added."""
    planned = {one.google_id: one.event for one in chosen if one.version == 0}
    new = sorted((item.master is not None, item.google_id) for item in read if item.google_id in planned)
    keys = [planned[google_id] for _, google_id in new]
    return lambda number: keys if number == len(keys) else drawn(number)


# In Google


def _ready(store: Store, calendar: Calendar, means: Means, one: Decision, plan_: Plan) -> tuple[int | None, str]:
    """Return the copy that a write is about, due; or None, and why it may not be written any more."""
    known = _planned_copy(store, calendar, means, one, plan_)
    if known is None:
        return None, _NOT_THERE
    if known.event.version > one.version:
        return None, "it was changed here since"
    if known.copy.hold is not None:
        return None, f"it is on hold: {known.copy.reason or known.copy.hold}"
    now = means.clock.now()
    _make_due(store, known, now)
    (duty,) = duties(store, calendar, means.engine, [known.copy.id], now)
    decided = plan(duty)
    if known.event.version < one.version:
        return None, _WAITS
    if decided.step in _HARMLESS or (
        decided.write is not None and _is_same(one, step_of(decided.write), decided.write.mail)
    ):
        return known.copy.id, ""
    return None, "something else would be written by now"


def _make_due(store: Store, known: Known, now: int) -> None:
    if known.copy.due is None or known.copy.due > now:
        with store.write():
            copies.update_copies(store, [with_(known.copy, due=now)])


def _is_same(one: Decision, step: str, mail: str) -> bool:
    return (one.step, one.mail) == (step, mail)


def _planned_copy(store: Store, calendar: Calendar, means: Means, one: Decision, plan_: Plan) -> Known | None:
    """Return the copy, planning it first where a link promises it, or the plan lets the link hold it."""
    known = copies.known_copies(store, calendar.id, [one.google_id]).get(one.google_id)
    event = _event(store, one.event)
    if known is not None or event is None:
        return known
    with store.write():
        _open_link(store, calendar, plan_)
        plan_copies(store, event, means.engine.instance, means.clock.now())
    return copies.known_copies(store, calendar.id, [one.google_id]).get(one.google_id)


def _open_link(store: Store, calendar: Calendar, plan_: Plan) -> None:
    """Let a link hold everything, where that is what was planned; inside a write."""
    scope = plan_.scope
    if scope.kind != "push-existing" or scope.target != calendar.id or scope.source is None:
        return
    link = links.find_link(store, scope.source, calendar.id)
    if link is not None and link.from_instant is not None:
        links.save_link(store, replace(link, from_instant=None))


def _to_give_back(store: Store, calendar: Calendar, plan_: Plan, now: int) -> list[int]:
    """Return the copies whose edit cannot be written, and whose event is to say again what Google says."""
    found = []
    for one in plan_.decisions:
        if one.side is Side.HERE and not one.read and one.calendar == calendar.id and one.google_id:
            known = copies.known_copies(store, calendar.id, [one.google_id]).get(one.google_id)
            if known is not None and known.event.version == one.version:
                if known.copy.due is not None:
                    _make_due(store, known, now)
                found.append(known.copy.id)
    return found
