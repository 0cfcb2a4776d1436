"""One sync, as command, daemon and cron run it: finish what a disconnect left, choose calendars, pull them.

Accounts that cannot take part are told beside the others' results and never stop them.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from calsyncctl.connections.afresh import after_upgrade
from calsyncctl.connections.disconnect import Parted, retry_partings
from calsyncctl.connections.keeping import StoredLedger
from calsyncctl.connections.linking import fill_links
from calsyncctl.connections.ports import Means
from calsyncctl.connections.resting import check_awake
from calsyncctl.errors import CalsyncError, Held, Later, UsageFault, worst
from calsyncctl.model.account import Account, AccountState, needs_sign_in
from calsyncctl.model.calendar import TAKING_PART, Calendar, CalendarKind, CalendarState
from calsyncctl.store import accounts, calendars
from calsyncctl.store.db import Store
from calsyncctl.store.holds import count_held
from calsyncctl.sync.progress import Progress
from calsyncctl.sync.report import SyncReport, SyncWork

if TYPE_CHECKING:
    from calsyncctl.sync.passes import Step
_log = logging.getLogger(__name__)

SHADOW = "shadow"
"""The kind of hold of what a shadow account does not write."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """An account that takes no part in this run, and why."""

    account: Account
    error: CalsyncError


@dataclass(frozen=True, slots=True)
class Choice:
    """What a run will sync: selected calendars of active accounts, and the accounts that must be left out."""

    calendars: tuple[Calendar, ...]
    skipped: tuple[Skipped, ...]
    named: bool = False
    """Asked for by hand: they are tried even while Google asked to wait."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did."""

    report: SyncReport
    skipped: tuple[Skipped, ...]
    partings: tuple[Parted, ...]
    waiting: int = 0
    """How many changes on these calendars wait for a person, those that waited before included."""

    @property
    def exit_code(self) -> int:
        """0, or the first of 1, 4, 5, 75 that applies."""
        held = self.waiting or any(one.held for one in self.report.calendars)
        return worst((*self.errors, Held("Something waits for a person.")) if held else self.errors)

    @property
    def errors(self) -> tuple[CalsyncError, ...]:
        """Everything that went wrong, accounts left out first; a disconnect that still waits is for later."""
        waiting = (Later(f"{one.account.email} could not be disconnected.") for one in self.partings if not one.done)
        return (*(skipped.error for skipped in self.skipped), *waiting, *self.report.errors)


def check_calendar(store: Store, calendar: Calendar) -> None:
    """Raise UsageFault if a calendar that was asked for by name, or its account, takes no part in sync."""
    if calendar.kind is not CalendarKind.GOOGLE:
        raise UsageFault(
            f"“{calendar.name}” lives only here: there is nothing to sync.", "See: calsyncctl calendars list"
        )
    if calendar.state not in TAKING_PART:
        paused = calendar.state is CalendarState.PAUSED
        cure = "Resume it: calsyncctl calendars resume" if paused else "Select it: calsyncctl calendars select"
        raise UsageFault(
            f"“{calendar.name}” is {calendar.state}, so it is not synced.",
            f"{cure} {calendar.typed}",
        )
    if calendar.account_id is not None:
        check_awake(accounts.get_account(store, calendar.account_id))


def choose(store: Store, *, account_ids: Collection[int] = (), calendar_ids: Collection[int] = ()) -> Choice:
    """Choose what to sync: everything selected, or of that only what belongs to these accounts and calendars."""
    wanted = calendars.list_calendars(store, states=TAKING_PART, kinds=[CalendarKind.GOOGLE], ids=calendar_ids or None)
    taking_part = [one for one in wanted if not account_ids or one.account_id in account_ids]
    owners = {one.id: one for one in accounts.list_accounts(store, ids={one.account_id or 0 for one in taking_part})}
    active = [one for one in taking_part if owners[one.account_id or 0].state is AccountState.ACTIVE]
    dead = {one.account_id for one in taking_part if owners[one.account_id or 0].state is AccountState.NEEDS_REAUTH}
    skipped = tuple(Skipped(owners[one], needs_sign_in(owners[one])) for one in sorted(filter(None, dead)))
    return Choice(tuple(active), skipped, named=bool(account_ids or calendar_ids))


def why_nothing(store: Store, *, account_ids: Collection[int] = ()) -> tuple[str, str]:
    """Say why nothing takes part in a sync, and what to type: nothing connected, nothing selected, or all at rest."""
    connected = accounts.list_accounts(
        store, states=[AccountState.ACTIVE, AccountState.PAUSED, AccountState.NEEDS_REAUTH]
    )
    if not connected:
        return "No account is connected.", "calsyncctl connect"
    owners = {one.id: one for one in connected if not account_ids or one.id in account_ids}
    chosen = calendars.list_calendars(store, states=(*TAKING_PART, CalendarState.PAUSED), kinds=[CalendarKind.GOOGLE])
    resting = dict.fromkeys(owners[one.account_id or 0] for one in chosen if one.account_id in owners)
    paused = [one.email for one in resting if one.state is AccountState.PAUSED]
    if paused:
        verb = "is" if len(paused) == 1 else "are"
        return f"{', '.join(paused)} {verb} paused.", f"calsyncctl accounts resume {paused[0]}"
    if resting:
        return "Every selected calendar is paused.", "calsyncctl calendars resume NAME"
    return "Nothing is selected.", "calsyncctl calendars select NAME..."


def sync_now(
    means: Means,
    choice: Choice,
    *,
    workers: int,
    progress: Progress,
    step: Step | None = None,
    kind: str = "sync",
    stop: threading.Event | None = None,
    daemon: bool = False,
) -> Outcome:
    """Finish what earlier disconnects left, then sync what was chosen; accounts held by another process wait.

    `step` is what is done with each calendar, None: pull and push; `kind` names the runs. `stop` set ends the pass
    after the page in hand. The `daemon` does partings at their own time, and tells trouble once per state.
    """
    from calsyncctl.sync.passes import both_ways, sync_calendars  # noqa: PLC0415  (18 ms that a TAB need not wait for)

    partings = [] if daemon else retry_partings(means)
    work = SyncWork(
        open_store=means.open_store,
        provider_for=lambda account: means.provider_for(account, StoredLedger(means.open_store, account.id)),
        clock=means.clock,
        calendars=choice.calendars,
        workers=workers,
        progress=progress,
        lock_for=lambda account: means.hold_account(account, "sync"),
        engine=means.engine,
        kind=kind,
        named=frozenset(one.id for one in choice.calendars) if choice.named else frozenset(),
        stop=stop or threading.Event(),
    )
    if kind == "sync":  # a reconcile may only look, and plans what is missing itself
        after_upgrade(means.store, means.clock.now())
        fill_links(means.store, means.engine.instance, means.clock.now())
    report = sync_calendars(work, step or both_ways)
    outcome = Outcome(report, choice.skipped, tuple(partings), _waiting(means.store, choice))
    if not daemon:
        _log_failures(outcome)
    return outcome


def _waiting(store: Store, choice: Choice) -> int:
    """Count what waits for a person; a shadow account's writes do not, as they are meant to."""
    held = count_held(store, [one.id for one in choice.calendars])
    return sum(count for kind, count in held.items() if kind != SHADOW)


def _log_failures(outcome: Outcome) -> None:
    """Keep in the log what went wrong: what cron mails may be lost, and an odd item is told once only."""
    for skipped in outcome.skipped:
        _log.warning("%s: %s", skipped.error.kind, skipped.error.what)
    for one in outcome.report.calendars:
        where = f"“{one.calendar.name}” (#{one.calendar.id})"
        if one.error is not None:
            _log.warning("%s: %s: %s", where, one.error.kind, one.error.what)
        for item in one.odd:
            _log.warning("%s: the event %s cannot be read: %s", where, item.google_id, item.why)
    for parted in outcome.partings:
        if not parted.done:
            _log.warning("%s could not be revoked: %s", parted.account.email, parted.why)
