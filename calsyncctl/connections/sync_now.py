"""One sync, as command, daemon and cron run it: finish what a disconnect left, choose calendars, pull them.

Accounts that cannot take part are told beside the others' results and never stop them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from calsyncctl.connections.disconnect import Parted, retry_partings
from calsyncctl.connections.keeping import StoredLedger
from calsyncctl.connections.ports import Means
from calsyncctl.errors import CalsyncError, UsageFault, worst
from calsyncctl.model.account import Account, AccountState, needs_sign_in
from calsyncctl.model.calendar import Calendar, CalendarKind, CalendarState
from calsyncctl.store import accounts, calendars
from calsyncctl.store.db import Store
from calsyncctl.sync.progress import Progress
from calsyncctl.sync.report import SyncReport, SyncWork

TAKING_PART = (CalendarState.SELECTED, CalendarState.HOLD)
"""A calendar on hold is tried at every run: it comes back by itself."""


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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did."""

    report: SyncReport
    skipped: tuple[Skipped, ...]
    partings: tuple[Parted, ...]

    @property
    def exit_code(self) -> int:
        """0, or the first of 1, 4, 5, 75 that applies."""
        return worst(self.errors)

    @property
    def errors(self) -> tuple[CalsyncError, ...]:
        """Everything that went wrong, accounts left out first."""
        return (*(skipped.error for skipped in self.skipped), *self.report.errors)


def check_calendar(calendar: Calendar) -> None:
    """Raise UsageFault if a calendar that was asked for by name takes no part in sync."""
    if calendar.kind is not CalendarKind.GOOGLE:
        raise UsageFault(
            f"“{calendar.name}” lives only here: there is nothing to sync.", "See: calsyncctl calendars list"
        )
    if calendar.state not in TAKING_PART:
        raise UsageFault(
            f"“{calendar.name}” is {calendar.state}, so it is not synced.",
            f'Select it: calsyncctl calendars select "{calendar.name}"',
        )


def choose(store: Store, *, account_ids: Collection[int] = (), calendar_ids: Collection[int] = ()) -> Choice:
    """Choose what to sync: everything selected, or of that only what belongs to these accounts and calendars."""
    wanted = calendars.list_calendars(store, states=TAKING_PART, kinds=[CalendarKind.GOOGLE])
    owners = {one.id: one for one in accounts.list_accounts(store)}
    taking_part = [
        one
        for one in wanted
        if (not account_ids or one.account_id in account_ids) and (not calendar_ids or one.id in calendar_ids)
    ]
    active = [one for one in taking_part if owners[one.account_id or 0].state is AccountState.ACTIVE]
    dead = {one.account_id for one in taking_part if owners[one.account_id or 0].state is AccountState.NEEDS_REAUTH}
    skipped = tuple(Skipped(owners[one], needs_sign_in(owners[one])) for one in sorted(filter(None, dead)))
    return Choice(tuple(active), skipped)


def sync_now(means: Means, choice: Choice, *, workers: int, progress: Progress) -> Outcome:
    """Finish what earlier disconnects left, then sync what was chosen; accounts held by another process wait."""
    from calsyncctl.sync.passes import sync_calendars  # noqa: PLC0415  (18 ms that a TAB need not wait for)

    partings = retry_partings(means)
    work = SyncWork(
        open_store=means.open_store,
        provider_for=lambda account: means.provider_for(account, StoredLedger(means.open_store, account.id)),
        clock=means.clock,
        calendars=choice.calendars,
        workers=workers,
        progress=progress,
        lock_for=lambda account: means.hold_account(account, "sync"),
    )
    return Outcome(sync_calendars(work), choice.skipped, tuple(partings))
