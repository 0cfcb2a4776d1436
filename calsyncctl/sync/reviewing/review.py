"""What a person decides about what waits: let it happen, refuse it, try it again.

Deletions from Google: released, they happen here too; rejected, the events return in Google. What Google refused, or
what kept changing: released or retried, it is sent once more; rejected, Google's value returns here and ours stays in
the history. A conflict: released, the choice stands; rejected or restored, the value that was not chosen returns.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from msgspec import Struct
from msgspec.structs import replace

from calsyncctl.clock import Clock
from calsyncctl.errors import NotAllowed, UsageFault
from calsyncctl.ids import random_keys
from calsyncctl.model.calendar import Calendar
from calsyncctl.model.copy import CopyState, Known
from calsyncctl.model.event import Content, Event
from calsyncctl.model.fields import value_of, with_plain
from calsyncctl.model.history import Action, Lost
from calsyncctl.store import accounts, calendars, copies, deletions, events, holds, runs
from calsyncctl.store.db import Store
from calsyncctl.store.titles import title_of
from calsyncctl.sync.editing import edit
from calsyncctl.sync.editing.record import RESTORE, Act, Fact, keep_changed
from calsyncctl.sync.editing.restoring import restore_event
from calsyncctl.sync.engine import Engine
from calsyncctl.sync.ledger import Ledger
from calsyncctl.sync.policy import comes_back
from calsyncctl.sync.pulling.deletions import do_deletions
from calsyncctl.sync.pulling.scene import Scene
from calsyncctl.sync.pushing.duties import duties
from calsyncctl.sync.pushing.returning import give_back
from calsyncctl.sync.reviewing.inbox import Detail, Kind, copy_ids
from calsyncctl.sync.stand import stand_of


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Who decides, and what it takes to carry that out."""

    author: str
    clock: Clock
    engine: Engine
    horizon: int = 400
    keys: Callable[[int], list[str]] = random_keys

    @property
    def means(self) -> edit.EditMeans:
        """What edits by this person are made with."""
        now, instance = self.clock.now(), self.engine.instance
        return edit.EditMeans(self.author, now, instance, keys=self.keys, horizon=self.horizon, kind="review")


class Reviewed(Struct, frozen=True, kw_only=True):
    """What became of an entry: how many of it were settled, what stays, what waits for the next sync."""

    done: int
    waiting: int = 0
    """Changes to be sent to Google with the next sync."""
    left: tuple[str, ...] = ()
    """What stays as it is, and why."""


def release(store: Store, who: Reviewer, found: Detail) -> Reviewed:
    """Let happen what waits; of a conflict, let the choice stand."""
    kind = found.entry.kind
    if kind is Kind.CONFLICT:
        return _settle(store, who, found)
    if kind is Kind.DELETIONS:
        return _delete(store, who, found)
    return retry(store, who, found)


def retry(store: Store, who: Reviewer, found: Detail) -> Reviewed:
    """Send once more what Google refused, or what kept changing.

    Raises:
        UsageFault: nothing was sent that could be tried again.
    """
    if found.entry.kind is Kind.SHADOW:
        raise NotAllowed(
            f"{found.entry.reason}.", "Trust the account, which lets all of it go: calsyncctl accounts trust"
        )
    if found.entry.kind in {Kind.CONFLICT, Kind.DELETIONS}:
        raise UsageFault("There is nothing to try again.", f"Decide: calsyncctl review release {found.entry.id}")
    chosen = copy_ids(store, found)
    with store.write():
        holds.let_go(store, chosen, who.clock.now())
    return Reviewed(done=len(chosen), waiting=len(chosen))


def reject(store: Store, who: Reviewer, found: Detail) -> Reviewed:
    """Refuse what waits: deleted events return in Google, refused edits are taken back, a conflict is turned round."""
    kind = found.entry.kind
    if kind is Kind.CONFLICT:
        return _turn_round(store, who, found)
    if kind is Kind.DELETIONS:
        return _revive(store, who, found)
    return _take_back(store, who, found)


def restore(store: Store, who: Reviewer, found: Detail) -> Reviewed:
    """Bring back what a deletion or a conflict took.

    Raises:
        UsageFault: nothing was taken.
    """
    if found.entry.kind not in {Kind.CONFLICT, Kind.DELETIONS}:
        raise UsageFault("Nothing was taken that could be restored.", f"calsyncctl review retry {found.entry.id}")
    return reject(store, who, found)


# Deletions


def _delete(store: Store, who: Reviewer, found: Detail) -> Reviewed:
    """Do deletions that waited; the run says that they were looked at, so they count no more."""
    calendar = calendars.get_calendar(store, found.entry.calendar_id)
    chosen = set(copy_ids(store, found))
    waiting = [one for one in deletions.waiting(store, calendar.id) if one.copy_id in chosen]
    ledger = Ledger(kind=deletions.RELEASE, author=who.author, account_id=calendar.account_id, clock=who.clock)
    scene = Scene(
        calendar=calendar,
        ledger=ledger,
        keys=who.keys,
        now=who.clock.now(),
        listing=None,
        first=False,
        policy=who.engine.policy,
        instance=who.engine.instance,
    )
    ledger.counts += do_deletions(store, scene, waiting)
    ledger.close(store, outcome="done", error=None)
    return Reviewed(done=len(waiting))


def _revive(store: Store, who: Reviewer, found: Detail) -> Reviewed:
    """Let deleted events return in Google, under their ids; those that this side may not bring back still wait."""
    calendar = calendars.get_calendar(store, found.entry.calendar_id)
    with store.write():  # read within: a pass of the daemon may be at work on the same copies
        known = copies.known_by_id(store, copy_ids(store, found))
        able = [one for one in known if _may_return(store, who, calendar, one)]
        if not able:
            raise NotAllowed(
                f"Google's “{calendar.name}” cannot be given these events back: only its organizer may.",
                f"Let them go: calsyncctl review release {found.entry.id}",
            )
        for one in sorted(able, key=lambda one: one.event.original is not None):
            _bring_back(store, who, one)
    titles = tuple(title_of(store, one.event) or one.event.key[:8] for one in known if one not in able)
    return Reviewed(done=len(able), waiting=len(able), left=titles)


def _may_return(store: Store, who: Reviewer, calendar: Calendar, known: Known) -> bool:
    stand = stand_of(store, calendar, known, who.engine.policy)
    return comes_back(known.event.content, known.event, stand.rules, series_deleted=known.series_deleted)


def _bring_back(store: Store, who: Reviewer, known: Known) -> None:
    now = who.clock.now()
    standing = copies.exceptions_on(store, known.copy.calendar_id, known.copy.google_id)
    gone = [known.copy, *(one.copy for one in standing if one.event.status != "cancelled")]
    copies.update_copies(
        store, (replace(one, state=CopyState.STALE, hold=None, reason=None, since=None, due=now) for one in gone)
    )
    fact = Fact(Action.RESTORED, f"{who.author} rejected its deletion in Google")
    keep_changed(store, Act(RESTORE, now, who.engine.instance), events.get_event(store, known.event.id), fact)


# Edits that Google refused, and what kept changing


def _take_back(store: Store, who: Reviewer, found: Detail) -> Reviewed:
    chosen = copy_ids(store, found)
    calendar = calendars.get_calendar(store, found.entry.calendar_id)
    ledger = Ledger(kind="review", author=who.author, account_id=calendar.account_id, clock=who.clock)
    with ledger.write(store):
        holds.let_go(store, chosen, None)
        for known in copies.known_by_id(store, chosen):
            _return(store, who, calendar, known, ledger)
    ledger.close(store, outcome="done", error=None)
    return Reviewed(done=len(chosen))


def _return(store: Store, who: Reviewer, calendar: Calendar, known: Known, ledger: Ledger) -> None:
    copy, event = known.copy, known.event
    never_there = copy.state is CopyState.PLANNED and copy.master_google_id is None
    in_shadow = calendar.account_id is not None and accounts.get_account(store, calendar.account_id).shadow
    if not never_there:
        (duty,) = duties(store, calendar, who.engine, [copy.id], who.clock.now())
        give_back(store, duty, ledger.run(store), who.clock.now())
    elif event.calendar_id == calendar.id and event.deleted is None:
        why = "it was rejected before it was sent" if in_shadow else "Google does not take it"
        fact = Fact(Action.DELETED, why)
        gone = replace(event, deleted=who.clock.now())
        keep_changed(store, Act(who.author, who.clock.now(), who.engine.instance), gone, fact)


# Conflicts


def _settle(store: Store, who: Reviewer, found: Detail) -> Reviewed:
    with store.write():
        runs.settle(store, int(found.entry.id[1:]), who.clock.now())
    return Reviewed(done=1)


def _turn_round(store: Store, who: Reviewer, found: Detail) -> Reviewed:
    """Let the value that was not chosen stand; fields that were changed again since stay as they are."""
    assert found.entry.event_id is not None
    with store.write():
        event = events.get_event(store, found.entry.event_id)
        undone = {one.field for one in found.lost if one.field == "deleted"}
        before = event.version
        if undone:
            event = _change_fate(store, who, event, next(one for one in found.lost if one.field == "deleted"))
        values = [one for one in found.lost if one.field != "deleted"]
        gone = bool(undone) and event.deleted is not None  # what it would say does not matter any more
        left = () if gone else _change_values(store, who, event, values)
        runs.settle(store, int(found.entry.id[1:]), who.clock.now())
        raised = events.get_event(store, event.id).version > before
    return Reviewed(done=1, waiting=int(raised), left=left)


def _change_fate(store: Store, who: Reviewer, event: Event, lost: Lost) -> Event:
    """A deletion that was not chosen happens after all; a life that was not chosen returns."""
    if lost.value:
        return edit.delete_event(store, who.means, event.id, why="the other side of a conflict")
    return restore_event(store, who.means, event.id)


def _change_values(store: Store, who: Reviewer, event: Event, lost: Sequence[Lost]) -> tuple[str, ...]:
    if not lost:
        return ()
    if event.deleted is not None:
        event = restore_event(store, who.means, event.id)
    assert event.content is not None
    stood = [one for one in lost if _stands(event.content, one)]
    content = with_plain(event.content, {one.field: one.value for one in stood})
    with edit.recorded(store, who.means) as means:
        means = dataclasses.replace(means, author=RESTORE)
        edit.change_event(store, means, event.id, content, why=f"{who.author} chose the other side of a conflict")
    return tuple(one.field for one in lost if one not in stood)


def _stands(content: Content, lost: Lost) -> bool:
    """Tell whether a field still says what the conflict chose, or what is to return."""
    now = value_of(content, lost.field)
    said = {value_of(with_plain(content, {lost.field: value}), lost.field) for value in (lost.chosen, lost.value)}
    return now in said
