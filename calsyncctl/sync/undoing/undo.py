"""Undoing, as a run of its own: each event as far as it may be edited here, the rest is named.

What is to become of an event is decided by `takeback.py`; a rehearsal does the same and keeps nothing of it, so that
`--dry-run` says exactly what would happen.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from calsyncctl.errors import Invalid, NotAllowed, NotFound, UsageFault
from calsyncctl.model.calendar import Calendar
from calsyncctl.model.event import Content, Event
from calsyncctl.model.history import FieldChange, Version
from calsyncctl.store import calendars, events, runs
from calsyncctl.store.db import Store
from calsyncctl.store.titles import title_of
from calsyncctl.sync.changes import differences
from calsyncctl.sync.editing import edit, occurrences
from calsyncctl.sync.editing.edit import EditMeans
from calsyncctl.sync.editing.following import AWAY, followed
from calsyncctl.sync.editing.restoring import bring_back
from calsyncctl.sync.policy import GOOGLE
from calsyncctl.sync.takeback import Kept, Life, TakenBack, life_of, states, take_back
from calsyncctl.sync.undoing.facts import Facts

UNDO = "undo"
"""The kind of the run, and the author of what it brings back: it mails nobody, and `why` says who decided."""
AT_ONCE = 250
"""Events taken back in one transaction: others wait for it."""


class Did(StrEnum):
    """What undoing does to one event."""

    DELETED = "deleted"
    RESTORED = "restored"
    CANCELLED = "cancelled"
    CHANGED = "changed"
    MOVED = "moved"
    NOTHING = "nothing"
    """All of it was changed again since, or it is as before already."""
    REFUSED = "refused"


class Line(Struct, frozen=True, kw_only=True):
    """One event in it. `kept` are later changes that stay, `gone` what cannot return, `refused` why nothing may be."""

    event: Event
    title: str
    did: Did
    changes: tuple[FieldChange, ...] = ()
    kept: tuple[Kept, ...] = ()
    gone: tuple[str, ...] = ()
    refused: str | None = None


class Undone(Struct, frozen=True, kw_only=True):
    """What undoing did, or would do. `run` is its own, None if there was nothing to do, or nothing was done."""

    what: str
    undoes: int | None
    run: int | None
    lines: tuple[Line, ...]

    @property
    def touched(self) -> tuple[Line, ...]:
        """The events that changed by it."""
        return tuple(one for one in self.lines if one.did not in {Did.NOTHING, Did.REFUSED})


class _OnlyRehearsed(Exception):
    """Nothing of it is to be kept."""


def _go_on() -> None:
    """Nobody else is waiting."""


def rehearse(
    store: Store, means: EditMeans, facts: Facts, *, at_once: int = AT_ONCE, rest: Callable[[], None] = _go_on
) -> Undone:
    """Return what undoing would do, and change nothing."""
    lines: list[Line] = []
    for ids in _steps(store, facts, at_once, rest):
        try:
            with store.write():
                lines += _step(store, means, facts, ids, _begin(store, means, facts))
                raise _OnlyRehearsed
        except _OnlyRehearsed:
            pass
    return Undone(what=facts.what, undoes=facts.run, run=None, lines=tuple(lines))


def undo(
    store: Store, means: EditMeans, facts: Facts, *, at_once: int = AT_ONCE, rest: Callable[[], None] = _go_on
) -> Undone:
    """Take back what a run did: here at once, in Google with the next push. Later changes stay, and are named.

    Above `at_once` events it takes several transactions, a series always in one, with `rest` between them. What is cut
    off there is one run, too, and undoing the same again does the rest.
    """
    lines: list[Line] = []
    run_id: int | None = None
    for ids in _steps(store, facts, at_once, rest):
        with store.write():
            begun = run_id or _begin(store, means, facts)
            lines += _step(store, means, facts, ids, begun)
            run_id = runs.end_act(store, begun, means.now)
    return Undone(what=facts.what, undoes=facts.run, run=run_id, lines=tuple(lines))


def _begin(store: Store, means: EditMeans, facts: Facts) -> int:
    return runs.begin_run(store, kind=UNDO, author=means.author, account_id=None, now=means.now, undoes=facts.run)


def _steps(store: Store, facts: Facts, at_once: int, rest: Callable[[], None]) -> Iterator[list[int]]:
    """Yield the events of each transaction, a series with its exceptions in one; let others write between them."""
    families: dict[int, list[int]] = {}
    for id_ in facts.numbers():
        families.setdefault(events.get_event(store, id_).series_id or id_, []).append(id_)
    step: list[int] = []
    for family in families.values():
        if step and len(step) + len(family) > at_once:
            yield step
            rest()
            step = []
        step += family
    yield step


def _step(store: Store, means: EditMeans, facts: Facts, ids: Sequence[int], run_id: int) -> list[Line]:
    why = f"{means.author} undid {facts.what}"
    means = dataclasses.replace(means, author=UNDO, run=run_id)
    numbers = facts.numbers()
    chosen = sorted((events.get_event(store, id_) for id_ in ids), key=_series_first)
    lives = {one.id: _decided(store, one, numbers[one.id]).life for one in chosen}
    chosen.sort(key=lambda one: not _takes_place_before(store, one, lives[one.id]))
    return [_take_back(store, means, one.id, numbers[one.id], lives[one.id], why) for one in chosen]


def _takes_place_before(store: Store, event: Event, life: Life) -> bool:
    """Tell whether a cancelled occurrence takes place again before its series is touched.

    Else it would stay cancelled under the times that its series gets back.
    """
    cancelled = event.series_id is not None and life_of(event) is Life.CANCELLED and life is Life.ALIVE
    return cancelled and _inherited(store, event) is not None


def _series_first(event: Event) -> tuple[bool, int]:
    return event.series_id is not None, event.id


def _decided(store: Store, event: Event, numbers: Sequence[int]) -> TakenBack:
    return take_back(states(event, runs.versions_of(store, event.id), _inherited(store, event)), numbers)


def _take_back(store: Store, means: EditMeans, event_id: int, numbers: Sequence[int], life: Life, why: str) -> Line:
    """Take back what was done to one event; `life` was decided before any of the others was touched."""
    event = events.get_event(store, event_id)
    title = title_of(store, event)
    if _goes_with_its_series(store, event):
        return Line(event=event, title=title, did=Did.NOTHING)
    history = runs.versions_of(store, event_id)
    taken = [one for one in history if one.version in numbers]
    back = _following(store, event, replace(_decided(store, event, numbers), life=life), taken)
    home = _home_back(store, event, taken, history)
    line = Line(event=event, title=title, did=Did.REFUSED, kept=back.kept, gone=back.gone)
    try:
        with store.attempt():
            now = _carry_out(store, means, event, back, home, why)
    except (NotAllowed, NotFound, Invalid, UsageFault) as error:
        return replace(line, refused=error.what)
    title = title_of(store, now)
    return replace(line, event=now, title=title, did=_did(event, now), changes=_changes(store, event, now))


def _goes_with_its_series(store: Store, event: Event) -> bool:
    """Tell whether an occurrence is gone with its series, or has no place in what that is again."""
    if event.series_id is None:
        return False
    if events.get_event(store, event.series_id).deleted is not None:
        return True
    return event.deleted is not None and _inherited(store, event) is None


def _following(store: Store, event: Event, back: TakenBack, taken: Sequence[Version]) -> TakenBack:
    """Let an occurrence that comes back say what its series was edited to while it was away."""
    left = next((one for one in taken if one.action in AWAY), None)
    comes = back.life is Life.ALIVE and life_of(event) is not Life.ALIVE
    if left is None or back.content is None or not comes:
        return back
    return replace(back, content=followed(store, event, back.content, left))


def _did(before: Event, after: Event) -> Did:
    was, now = life_of(before), life_of(after)
    if was is not now:
        return {Life.ALIVE: Did.RESTORED, Life.CANCELLED: Did.CANCELLED}.get(now, Did.DELETED)
    if before.calendar_id != after.calendar_id:
        return Did.MOVED
    return Did.CHANGED if before.version != after.version else Did.NOTHING


def _changes(store: Store, before: Event, after: Event) -> tuple[FieldChange, ...]:
    changes = differences(before.content, after.content) if after.content is not None else ()
    if before.calendar_id == after.calendar_id:
        return changes
    names = [calendars.get_calendar(store, one.calendar_id).name for one in (before, after)]
    return (*changes, FieldChange("calendar", *names))


def _inherited(store: Store, event: Event) -> Content | None:
    """Return what the series says where an exception stands; None if it has no such occurrence, or is no exception."""
    if event.series_id is None or event.original is None:
        return None
    series = events.get_event(store, event.series_id)
    if series.content is None:
        return None
    try:
        return occurrences.inherited(store, series, event.original)
    except NotFound:
        return None


def _carry_out(store: Store, means: EditMeans, event: Event, back: TakenBack, home: Calendar | None, why: str) -> Event:
    """Let an event be again what it was; return it as it is then."""
    now = life_of(event)
    if now is Life.ALIVE and back.life in {Life.DELETED, Life.CANCELLED}:
        _let_live(store, means, event, back.content, why)  # what it says counts when it comes back
    if back.life in {Life.DELETED, Life.NEVER}:
        if now is not Life.DELETED:
            edit.delete_event(store, means, event.id, why=why)
    elif back.life is Life.CANCELLED:
        if now is not Life.CANCELLED and event.series_id is not None and event.original is not None:
            edit.cancel_occurrence(store, means, event.series_id, event.original, why=why)
    else:
        _let_live(store, means, event, back.content, why)
        if home is not None:
            edit.move_event(store, means, event.id, home, why=why)
    return events.get_event(store, event.id)


def _let_live(store: Store, means: EditMeans, event: Event, content: Content | None, why: str) -> None:
    if event.series_id is not None and event.original is not None:
        said = content or _inherited(store, event)
        if said is None:
            raise NotFound("Its series has no such occurrence any more.", "See: calsyncctl events history")
        edit.change_occurrence(store, means, event.series_id, event.original, said, why=why)
    elif content is None:
        raise NotFound("Nothing is known of what it said.", "See: calsyncctl events history")
    elif event.deleted is not None:
        bring_back(store, means, event, occurrences.ours(content, event.content), why)
    else:
        changed = edit.change_event(store, means, event.id, content, why=why)
        if event.content is not None and event.content.when.recurrence:
            occurrences.let_follow(store, means.act, changed, event.content)


def _home_back(store: Store, event: Event, taken: Sequence[Version], history: Sequence[Version]) -> Calendar | None:
    """Return the calendar that an event is to move back to: where it was before, if it is still where it came to."""
    moves = [(one, change) for one in taken for change in one.changes if change.field == "calendar"]
    if moves:
        name, left = str(moves[0][1].before), [one for one in history if one.version < moves[0][0].version]
        return _calendar(store, event, moves[-1][0], name, left)
    arrived = next((one for one in taken if one.author == GOOGLE and one.action == "restored"), None)
    left = [one for one in history if arrived is not None and one.version < arrived.version]
    if arrived is None or not left or left[-1].author != GOOGLE or left[-1].action != "deleted":
        return None
    return _calendar(store, event, arrived, None, left)


def _calendar(
    store: Store, event: Event, arrived: Version, name: str | None, left: Sequence[Version]
) -> Calendar | None:
    """Find the calendar that an event came from: by the change before, else by its name if only one bears it."""
    if arrived.calendar_id != event.calendar_id or event.series_id is not None:
        return None
    known = calendars.list_calendars(store)
    before = {one.calendar_id for one in left[-1:]}
    found = [one for one in known if one.id in before and name in {None, one.name}]
    found = found or [one for one in known if one.name == name]
    return found[0] if len(found) == 1 and found[0].id != event.calendar_id else None
