"""One piece of the crew's work: a use case called for some calendars of one account, and what follows from it.

What follows: when each calendar is due next, one line in the log if anything was done, and trouble told once per state.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import replace

from calsyncctl.connections.calendars import refresh
from calsyncctl.connections.refreshing import keep_alive
from calsyncctl.connections.sync_now import Choice, Outcome, choose, sync_now
from calsyncctl.daemon.channels import ChannelKeeper
from calsyncctl.daemon.crew import Stop
from calsyncctl.daemon.failing import Failing
from calsyncctl.daemon.hints import Hints
from calsyncctl.daemon.once import Once, bug
from calsyncctl.daemon.pace import next_due
from calsyncctl.daemon.parts import Parts
from calsyncctl.daemon.wishes import OF_ACCOUNT, Kind, Task
from calsyncctl.errors import CalsyncError, Installation, Later, NeedsReauth, NotFound, StoreFault
from calsyncctl.model.account import Account, AccountState
from calsyncctl.model.calendar import Calendar
from calsyncctl.store import accounts, calendars
from calsyncctl.store.channels import told_of
from calsyncctl.store.db import Store
from calsyncctl.store.due import make_calendars_due, set_due, waiting_copies
from calsyncctl.sync.outcome import CalendarOutcome
from calsyncctl.sync.taking_part import note_dead

_log = logging.getLogger(__name__)

Marks = Mapping[int, tuple[int, int, int]]
"""Calendar -> the mark of its copies that wait (`store.due.Waiting`)."""
REST = 5.0
"""Seconds without work after the store could not be written."""
AFTER_BUG = 300
"""Seconds until calendars are tried again whose work met a bug."""


class Works:
    """Does tasks; called by the crew's threads.

    `tried` is told of every task, `ended` of every pass, `fatal` of trouble with the store.
    """

    def __init__(
        self,
        parts: Parts,
        once: Once,
        channels: ChannelKeeper,
        hints: Hints,
        *,
        tried: Callable[[Task], None],
        ended: Callable[[], None],
        fatal: Callable[[CalsyncError], None],
    ) -> None:
        self._parts = parts
        self._once = once
        self._channels = channels
        self._hints = hints
        self._tried_once = tried
        self._ended = ended
        self._fatal = fatal
        self._failing = Failing()
        """Also of trouble that the store does not note on the calendars."""
        self._tried: dict[int, tuple[int, int, int]] = {}
        """Calendars whose copies still wait after a push, by their mark: they wait for an edit or for their turn."""
        self._rest_until = 0.0
        self.stretch: Callable[[], float] = lambda: 1.0

    def __call__(self, task: Task, stop: Stop) -> None:
        """Do one task; whatever goes wrong stands in the log, and the task counts as tried."""
        place = f"{task.kind.name.lower()} of account #{task.account_id}"
        try:
            if self._rested(stop) and self._parts.enabled:
                self._do(task, stop)
                self._once.well(place)
            self._hints.done(task)
        except StoreFault as error:
            self._parts.drop_store()
            self._rest_until = self._parts.clock.monotonic() + REST
            self._fatal(error)
        except NotFound:
            self._hints.begun(task)  # removed by a command meanwhile
            self._hints.done(task)
        except CalsyncError as error:
            self._doubt_the_app([error])
            self._once.wrong(f"account #{task.account_id}", error)
        except BaseException as error:
            self._once.wrong(place, bug(error))
            self._put_off(task)
            raise
        finally:
            self._hints.failed(task)  # unless it is done
            self._tried_once(task)

    def _rested(self, stop: threading.Event) -> bool:
        """Wait until work may begin again, if the store could not be written; return whether it was not called off."""
        while (left := self._rest_until - self._parts.clock.monotonic()) > 0 and not stop.wait(left):
            self._parts.pulse.beat()
        return not stop.is_set()

    def _put_off(self, task: Task) -> None:
        """Let what met a bug wait a while: the next try would meet it again."""
        self._parts.drop_store()
        if task.kind in {Kind.PUSH, Kind.SYNC}:
            with suppress(CalsyncError):
                store, now = self._parts.store(), self._parts.clock.now()
                with store.write():
                    set_due(store, dict.fromkeys(task.calendar_ids, now + AFTER_BUG))
                waiting = waiting_marks(store, now)
                self._tried.update({one: waiting[one] for one in task.calendar_ids if one in waiting})

    def _doubt_the_app(self, errors: Iterable[CalsyncError]) -> None:
        """Where Google does not know the app: its secret may be another one by now."""
        if any(isinstance(one, Installation) for one in errors):
            self._parts.doubt_client()

    @property
    def resting(self) -> bool:
        """Whether nothing is begun for a while: the store could not be written, and Google is not asked in vain."""
        return self._parts.clock.monotonic() < self._rest_until

    def unsent(self, store: Store, now: int) -> list[tuple[int, list[int]]]:
        """Return the calendars whose waiting copies are worth a push now, by account."""
        found: dict[int, list[int]] = {}
        for one in waiting_copies(store, now):
            if self._tried.get(one.calendar_id) != one.mark:
                found.setdefault(one.account_id, []).append(one.calendar_id)
        return list(found.items())

    def _do(self, task: Task, stop: Stop) -> None:
        if task.kind in OF_ACCOUNT:
            self._of_account(task)
            return
        store = self._parts.store()
        account = accounts.get_account(store, task.account_id)
        with ExitStack() as held:
            try:
                held.enter_context(self._parts.hold_account(account, task.kind.name.lower()))
            except Later as error:
                _log.debug("account #%d is left for the next tick: %s", account.id, error.what)
                return
            self._hints.begun(task)
            choice = _still(choose(store, account_ids={account.id}, calendar_ids=task.calendar_ids))
            waited = waiting_marks(store, self._parts.clock.now())
            outcome = self._pass(task, choice, stop)
        self._follow_up(task, outcome, stop, waited)

    def _pass(self, task: Task, choice: Choice, stop: threading.Event) -> Outcome:
        from calsyncctl.sync.passes import both_ways, send_first  # noqa: PLC0415
        from calsyncctl.sync.repairing.reconcile import Reconciling  # noqa: PLC0415

        steps = {Kind.PUSH: send_first, Kind.SYNC: both_ways}
        step = steps.get(task.kind) or Reconciling().step
        kind = "reconcile" if task.kind is Kind.RECONCILE else "sync"
        means = replace(self._parts.means(), open_store=self._parts.lend_store)
        well = False
        try:
            outcome = sync_now(
                means, choice, workers=1, progress=self._parts.pulse, step=step, kind=kind, stop=stop, daemon=True
            )
            well = not outcome.errors
            return outcome
        finally:
            if not well:  # whatever went wrong may have left a statement open, which would see no news any more
                self._parts.drop_store()

    def _of_account(self, task: Task) -> None:
        account = accounts.get_account(self._parts.store(), task.account_id)
        with ExitStack() as held:
            try:
                held.enter_context(self._parts.hold_account(account, task.kind.name.lower()))
            except Later as error:
                _log.debug("account #%d is left for later: %s", account.id, error.what)
                return
            self._hints.begun(task)
            if task.kind is Kind.WATCH:
                self._channels.work(account)
            elif task.kind is Kind.REFRESH:
                self._refresh(account)
            elif account.state is AccountState.ACTIVE:
                self._read_list(task, account)

    def _read_list(self, task: Task, account: Account) -> None:
        """Read an account's list of calendars: Google told that it changed, or nobody has looked for long."""
        place, means = f"the calendars of {account.email}", self._parts.means()
        try:
            done = refresh(means, account)
        except NeedsReauth as error:  # whoever signs in again reads it
            note_dead(means.store, account, error, self._parts.clock.now())
            self._once.wrong(f"account #{account.id}", error)
            return
        except StoreFault:
            raise
        except CalsyncError as error:
            self._hints.failed(task)
            self._once.wrong(place, error)
            return
        self._once.well(place)
        if done.new or done.gone:
            _log.info("%s: %d new, %d gone", place, len(done.new), len(done.gone))

    def _refresh(self, account: Account) -> None:
        keep_alive(self._parts.means(), account.id)
        self._once.well(f"account #{account.id}")

    def _follow_up(self, task: Task, outcome: Outcome, stop: Stop, waited: Marks) -> None:
        broken_off = stop.is_set() and not any(isinstance(e, Installation) for e in outcome.errors)
        found = outcome.report.calendars
        left = {one.calendar.id for one in found if broken_off and isinstance(one.error, Later)}
        ended = [one for one in found if one.calendar.id not in left]
        for one in ended:
            self._tell(task, one)
        self._doubt_the_app(outcome.errors)
        if broken_off and not stop.makes_way:
            return
        self._plan(task, ended)
        if broken_off:
            self._go_on_soon(left)
        else:
            store, now = self._parts.store(), self._parts.clock.now()
            self.note_left(store, waited, [one.calendar.id for one in ended], now)
        self._ended()

    def _go_on_soon(self, left: Iterable[int]) -> None:
        """Let what made way for something more urgent have its turn after that."""
        store, now = self._parts.store(), self._parts.clock.now()
        with store.write():
            make_calendars_due(store, left, now)

    def _tell(self, task: Task, one: CalendarOutcome) -> None:
        """Log what was done in one line; titles and people never."""
        place = f"“{one.calendar.name}” (#{one.calendar.id})"
        for item in one.odd:
            self._once.say(f"{place}, event {item.google_id}", "odd", f"cannot be read: {item.why}")
        if one.counts.writes or one.counts.sent or one.counts.held:
            _log.info("%s: %s: %s", place, task.kind.name.lower(), _counted(one))
        if one.error is None:
            if self._failing.end(one.calendar.id, task.kind):
                self._once.well(place)
            return
        self._failing.note(one.calendar.id, task.kind, one.error, self._parts.clock.now())
        if isinstance(one.error, NeedsReauth):
            self._once.wrong(f"account #{task.account_id}", one.error)
        else:
            self._once.wrong(place, one.error)

    def _plan(self, task: Task, ended: Iterable[CalendarOutcome]) -> None:
        """Note when each calendar is due next."""
        store, now = self._parts.store(), self._parts.clock.now()
        tried = {one.calendar.id: one.error for one in ended}
        if accounts.get_account(store, task.account_id).state is AccountState.ACTIVE:
            self._once.well(f"account #{task.account_id}")
        if task.kind is not Kind.PUSH or any(tried.values()):
            due = {one: self._due(store, calendars.get_calendar(store, one), now) for one in tried}
            if task.kind is Kind.PUSH:  # it has asked for nothing: whose edits keep failing is polled all the same
                due = {one: min(when, calendars.get_calendar(store, one).due or when) for one, when in due.items()}
            with store.write():
                set_due(store, due)

    def _due(self, store: Store, calendar: Calendar, now: int) -> int:
        since = self._failing.since(calendar.id)
        return next_due(
            now,
            last_change=calendar.last_change if since is None else since,
            channel=told_of(store, calendar.id, now),
            stretch=self.stretch(),
            random=random.random(),
            troubled_since=since,
            until=calendar.until if calendar.reason is not None else None,
        )

    def note_left(self, store: Store, waited: Marks, tried: Iterable[int], now: int) -> None:
        """Note which copies wait although their calendars have just had their turn.

        Those are left that waited just so before it: what came in, or went out, meanwhile is worth another push.
        """
        left = waiting_marks(store, now)
        for calendar_id in tried:
            if calendar_id in left and left[calendar_id] == waited.get(calendar_id):
                self._tried[calendar_id] = left[calendar_id]
            else:
                self._tried.pop(calendar_id, None)


def waiting_marks(store: Store, now: int) -> Marks:
    """Return the marks of the calendars' waiting copies."""
    return {one.calendar_id: one.mark for one in waiting_copies(store, now)}


def _still(choice: Choice) -> Choice:
    """Return a choice as if nobody had named its calendars: what Google asked to wait with, waits."""
    return Choice(choice.calendars, choice.skipped)


def _counted(one: CalendarOutcome) -> str:
    counts = one.counts
    parts = [
        ("new here", counts.new),
        ("changed here", counts.changed),
        ("deleted here", counts.deleted),
        ("new in Google", counts.placed),
        ("changed in Google", counts.updated),
        ("deleted in Google", counts.removed),
        ("held", counts.held),
        ("mailed about", one.mails),
    ]
    return ", ".join(f"{count} {what}" for what, count in parts if count) + (" (full listing)" if one.full else "")
