"""One sync, as command, daemon and cron run it: finish what a disconnect left, choose calendars, pull them.

Accounts that cannot take part are told beside the others' results and never stop them.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass

from calsyncctl.connections.disconnect import Parted, retry_partings
from calsyncctl.connections.keeping import StoredLedger
from calsyncctl.connections.ports import Means
from calsyncctl.errors import CalsyncError, Later, NeedsReauth
from calsyncctl.model.account import Account, AccountState
from calsyncctl.model.calendar import Calendar, CalendarState
from calsyncctl.store import accounts, calendars
from calsyncctl.store.db import Store
from calsyncctl.sync.passes import SyncReport, SyncWork, sync_calendars
from calsyncctl.sync.progress import Progress

EXIT_ORDER = (1, 4, 5, 75)
"""Of several failures, the first of these is the exit code (docs/exit-codes.md)."""


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
        codes = {error.exit_code for error in self._errors()}
        return next((code for code in EXIT_ORDER if code in codes), 1 if codes else 0)

    def _errors(self) -> Iterable[CalsyncError]:
        yield from (skipped.error for skipped in self.skipped)
        yield from (outcome.error for outcome in self.report.calendars if outcome.error is not None)


def choose(store: Store, *, account: Account | None, calendar: Calendar | None) -> Choice:
    """Choose what to sync: everything selected, or one account's, or one calendar."""
    wanted = calendars.list_calendars(
        store, account_id=account.id if account else None, states=[CalendarState.SELECTED]
    )
    if calendar is not None:
        wanted = [one for one in wanted if one.id == calendar.id]
    owners = {one.id: one for one in accounts.list_accounts(store)}
    taking_part = [one for one in wanted if one.account_id is not None]
    active = [one for one in taking_part if owners[one.account_id or 0].state is AccountState.ACTIVE]
    dead = {one.account_id for one in taking_part if owners[one.account_id or 0].state is AccountState.NEEDS_REAUTH}
    skipped = tuple(Skipped(owners[one], needs_reauth(owners[one])) for one in sorted(filter(None, dead)))
    return Choice(tuple(active), skipped)


def sync_now(means: Means, choice: Choice, *, workers: int, author: str, progress: Progress) -> Outcome:
    """Sync what was chosen; every account is held by this process meanwhile, those held elsewhere are left out."""
    partings = retry_partings(means)
    with ExitStack() as held:
        free, busy = _hold(means, choice.calendars, held)
        work = SyncWork(
            open_store=means.open_store,
            provider_for=lambda account: means.provider_for(account, StoredLedger(means.open_store, account.id)),
            clock=means.clock,
            progress=progress,
            calendars=free,
            workers=workers,
            author=author,
            kind="sync",
        )
        report = sync_calendars(work)
    return Outcome(report, (*choice.skipped, *busy), tuple(partings))


def needs_reauth(account: Account) -> NeedsReauth:
    """The sentence for an account whose sign-in is dead."""
    return NeedsReauth(
        f"{account.email} must sign in again ({account.reason or 'Google no longer accepts its sign-in'}).",
        f"Sign in again: calsyncctl connect --account {account.email}",
    )


def _hold(
    means: Means, chosen: tuple[Calendar, ...], held: ExitStack
) -> tuple[tuple[Calendar, ...], tuple[Skipped, ...]]:
    """Hold each account in the order of ids, so that two processes never wait for each other."""
    busy: dict[int, Skipped] = {}
    for account_id in sorted({calendar.account_id or 0 for calendar in chosen}):
        account = accounts.get_account(means.store, account_id)
        try:
            held.enter_context(means.hold_account(account))
        except Later as error:
            busy[account_id] = Skipped(account, error)
    free = tuple(calendar for calendar in chosen if calendar.account_id not in busy)
    return free, tuple(busy.values())
