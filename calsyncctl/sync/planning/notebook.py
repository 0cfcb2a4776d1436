"""What a rehearsal does, noted while it does it, and put together into a plan's decisions afterwards.

Changes here are the versions that the rehearsal wrote, each with the item that it follows from; writes to Google are
those that the stage answered. So the plan is what the pass decided, not another opinion.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import msgspec

from calsyncctl.model.calendar import Calendar
from calsyncctl.model.copy import Known, RemoteEvent
from calsyncctl.model.event import Content, Event
from calsyncctl.model.fields import value_of
from calsyncctl.model.history import Action, FieldChange, Version
from calsyncctl.store import calendars, copies, events, runs
from calsyncctl.store.db import Store
from calsyncctl.store.titles import title_of
from calsyncctl.sync.planning.plan import Decision, Side
from calsyncctl.sync.planning.stage import OURS, Stage, sent
from calsyncctl.sync.provider import Delete, Insert, Patch, Write
from calsyncctl.sync.pulling.incoming import Incoming, Verdict

_RAISED = {
    Verdict.ADD: 1,
    Verdict.TAKE: 1,
    Verdict.RESTORE: 1,
    Verdict.REVIVE: 1,
    Verdict.DELETE: 1,
    Verdict.CANCEL: 1,
    Verdict.WRITE_BACK: 2,
    Verdict.LAPSE: 0,
    Verdict.UNDO: 0,
}
"""By how much a decision raises the event's version; others change nothing of it."""
_QUIET = {Verdict.NOTE, Verdict.AGREE}


@dataclass(frozen=True, slots=True)
class _Item:
    """A decision on an item, with the calendar that told it."""

    calendar_id: int
    decision: Incoming
    at: int
    """The history's last row at that time."""

    @property
    def before(self) -> int:
        known = self.decision.known
        return known.event.version if known is not None else 0

    @property
    def after(self) -> int:
        return self.before + _RAISED.get(self.decision.verdict, 0)

    @property
    def quiet(self) -> bool:
        """Whether it changes nothing by itself: it counts only if its event moved with it."""
        return self.decision.verdict not in _RAISED


@dataclass(slots=True)
class Notebook:
    """Notes of one rehearsal, from several threads.

    `since` is the history's last row before it, `first` the id that the first new event gets.
    """

    since: int
    first: int
    _items: list[_Item] = field(default_factory=list)
    _writes: list[tuple[int, Decision]] = field(default_factory=list)
    """Each with the history's last row at that time."""
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def heard(self, store: Store, calendar: Calendar, decisions: Sequence[Incoming], stage: Stage) -> None:
        """Note what is decided about items that Google really told; what the stage told comes along with a write."""
        at = runs.last_version(store)
        wanted = _RAISED.keys() | _QUIET
        telling = [
            _Item(calendar.id, one, at)
            for one in decisions
            if one.verdict in wanted and not stage.has_touched(calendar.google_id or "", one.item.google_id)
        ]
        with self._guard:
            self._items += telling

    def wrote(self, store: Store, account_id: int, calendar: str, write: Write, item: RemoteEvent | None) -> None:
        """Note a write that would be carried out."""
        owned = calendars.list_calendars(store, account_id=account_id)
        where = next(one for one in owned if one.google_id == calendar)
        known = copies.known_copies(store, where.id, [write.google_id])[write.google_id]
        decision = write_decision(store, where, known, write, item)
        with self._guard:
            self._writes.append((runs.last_version(store), decision))

    def decisions(self, store: Store) -> tuple[Decision, ...]:
        """Put the notes together, in the order in which they were decided."""
        found = [*self._here(store), *((at, 2, one) for at, one in self._writes)]
        return tuple(one for _, _, one in sorted(found, key=lambda each: each[:2]))

    def _here(self, store: Store) -> Iterator[tuple[int, int, Decision]]:
        """Yield the changes here, each with its place in time."""
        by_event = self._by_event(store)
        told: set[int] = set()
        for row in runs.versions_since(store, self.since):
            items = by_event.get(row.event_id, [])
            item = next((one for one in items if _brings(one, row)), None) or _mover(items, row)
            told.add(id(item))
            yield row.id, 0, _of_version(store, row, item)
        for event_id, items in by_event.items():
            for item in items:
                new = item.decision.known is not None or event_id >= self.first
                if id(item) not in told and not item.quiet and new:
                    yield item.at, 1, _of_item(store, events.get_event(store, event_id), item)

    def _by_event(self, store: Store) -> dict[int, list[_Item]]:
        found: dict[int, list[_Item]] = {}
        folded = self._folded(store)
        for item in self._items:
            known = item.decision.known or _known_now(store, item)
            if known is None:
                continue  # it could not be placed in time
            event_id = known.event.id
            if item.decision.known is None and event_id < self.first:
                event_id = next((one.id for one in folded if _was(one, item)), event_id)
            found.setdefault(event_id, []).append(item)
        return found

    def _folded(self, store: Store) -> list[Event]:
        """Return the events that were added and turned out to be others that had moved: their copies are theirs now."""
        rows = runs.versions_since(store, self.since)
        new = dict.fromkeys(row.event_id for row in rows if row.event_id >= self.first)
        return [events.get_event(store, one) for one in new if not copies.copies_of(store, one)]


def _brings(item: _Item, row: Version) -> bool:
    return item.before < row.version <= item.after


def _mover(items: Iterable[_Item], row: Version) -> _Item | None:
    """Return the item with which an event came to another calendar."""
    if not any(change.field == "calendar" for change in row.changes):
        return None
    return next((one for one in items if one.calendar_id == row.calendar_id and one.before == row.version), None)


def _was(event: Event, item: _Item) -> bool:
    read = item.decision.item
    return event.original == read.original and (read.ical_uid is None or event.ical_uid == read.ical_uid)


def _is_staged(item: RemoteEvent) -> bool:
    return item.etag.startswith(OURS)


def _known_now(store: Store, item: _Item) -> Known | None:
    name = item.decision.item.google_id
    return copies.known_copies(store, item.calendar_id, [name]).get(name)


def _of_version(store: Store, row: Version, item: _Item | None) -> Decision:
    """Make the decision of one change here; without an item it comes along with another, or with a push."""
    event = events.get_event(store, row.event_id)
    calendar = item.calendar_id if item is not None else row.calendar_id or event.calendar_id
    standing = copies.copies_of(store, event.id)
    if item is None and standing and all(one.calendar_id != calendar for one in standing):
        calendar = standing[0].calendar_id  # it lives only here; in Google it stands there
    known = copies.known_on(store, event.id, calendar)
    return Decision(
        side=Side.HERE,
        step=str(row.action),
        calendar=calendar,
        google_id=_name(item, known),
        event=event.key,
        title=title_of(store, event),
        version=row.version - 1,
        after=row.version,
        read=item is not None,
        etag=_etag(item),
        why=row.why,
        author=row.author,
        changes=row.changes,
        lost=row.lost,
    )


def _of_item(store: Store, event: Event, item: _Item) -> Decision:
    """Make the decision of an item that writes no version: a first listing's, or one whose copy alone is gone."""
    new = item.decision.known is None
    step = Action.CANCELLED if item.decision.verdict is Verdict.CANCEL else Action.ADDED
    return Decision(
        side=Side.HERE,
        step=str(step) if new else "lapsed",
        calendar=item.calendar_id,
        google_id=item.decision.item.google_id,
        event=event.key,
        title=title_of(store, event),
        version=item.before,
        after=item.after,
        read=True,
        etag=_etag(item),
        why="Google says so" if new else "its copy is gone from Google; the event stays",
        author="google",
    )


def _name(item: _Item | None, known: Known | None) -> str:
    if item is not None:
        return item.decision.item.google_id
    return known.copy.google_id if known is not None else ""


def _etag(item: _Item | None) -> str:
    """Return the etag of what lives; a deletion is told in several ways, of which none has to have one."""
    return item.decision.item.etag if item is not None and item.decision.item.content is not None else ""


def write_decision(store: Store, calendar: Calendar, known: Known, write: Write, item: RemoteEvent | None) -> Decision:
    """Make the decision of one write to Google; `item` is what stands there before it."""
    carried = runs.versions_after(store, known.event.id, known.copy.base_version or 0)
    last = carried[-1] if carried else None
    staged = item is not None and _is_staged(item)
    return Decision(
        side=Side.GOOGLE,
        step=step_of(write),
        calendar=calendar.id,
        google_id=write.google_id,
        event=known.event.key,
        title=title_of(store, known.event),
        version=known.event.version,
        after=known.event.version,
        etag=item.etag if item is not None and item.content is not None and not staged else "",
        known=not staged,
        why=last.why if last is not None else "it is to stand there, too",
        author=last.author if last is not None else "",
        changes=tuple(_sent_changes(write, item)),
        mail=write.mail,
        guests=tuple(_mailed(write, known.event.content, item.content if item is not None else None)),
    )


def step_of(write: Write) -> str:
    """Name a write in a plan."""
    if isinstance(write, Insert):
        return "insert"
    if isinstance(write, Delete):
        return "delete"
    return "patch" if write.fields else "mark"


def _sent_changes(write: Write, item: RemoteEvent | None) -> Iterator[FieldChange]:
    if isinstance(write, Insert):
        yield FieldChange("when", None, msgspec.to_builtins(write.content.when))
    if not isinstance(write, Patch):
        return
    for name in sent(write):
        before = value_of(item.content, name) if item is not None and item.content is not None else None
        after = value_of(write.after, name)
        if before != after:
            yield FieldChange(name, msgspec.to_builtins(before), msgspec.to_builtins(after))


def _mailed(write: Write, *contents: Content | None) -> Iterable[str]:
    if write.mail == "none" or (isinstance(write, Patch | Insert) and not write.guests):
        return ()
    guests = {guest.email for content in contents if content for guest in content.body.attendees if not guest.self}
    return sorted(guests)
