"""Plans as use cases: rehearse a pass on a copy of the store, and carry a plan out later."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from calsyncctl.connections.afresh import after_upgrade
from calsyncctl.connections.keeping import StoredLedger
from calsyncctl.connections.linking import fill_links
from calsyncctl.connections.ports import Means
from calsyncctl.connections.sync_now import Choice, Outcome
from calsyncctl.errors import CalsyncError, Held, worst
from calsyncctl.model.account import AccountState
from calsyncctl.model.calendar import TAKING_PART, Calendar
from calsyncctl.store import accounts, calendars
from calsyncctl.store.db import Store
from calsyncctl.sync.passes import Step, both_ways, sync_calendars
from calsyncctl.sync.planning.applying import Applying, Told
from calsyncctl.sync.planning.judging import Fate
from calsyncctl.sync.planning.plan import Plan, Scope
from calsyncctl.sync.planning.rehearsal import Rehearsal, rehearse
from calsyncctl.sync.progress import Progress
from calsyncctl.sync.report import SyncReport, SyncWork

Copied = AbstractContextManager[Callable[[], Store]]
"""A copy of the store for one rehearsal, as the way to open it; gone after the block."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to rehearse. `prepare` changes the copy first, as the command would change the store."""

    scope: Scope
    step: Step = both_ways
    prepare: Callable[[Store], object] | None = None


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What a rehearsal brought, with the accounts that take no part."""

    plan: Plan
    outcome: Outcome

    @property
    def exit_code(self) -> int:
        """As the real run would end: 0, or the first of 1, 4, 5, 75 that applies; 5 if something would be held."""
        return self.outcome.exit_code


def rehearse_now(
    means: Means, choice: Choice, wanted: Wanted, copied: Copied, *, profile: str, workers: int, progress: Progress
) -> Rehearsed:
    """Do a pass without doing it. Only tokens that were refreshed meanwhile are kept, where they always are."""
    with copied as open_copy:
        with open_copy() as store:
            if wanted.prepare is not None:
                wanted.prepare(store)
            if wanted.scope.kind != "reconcile":  # as a sync begins
                after_upgrade(store, means.clock.now())
                fill_links(store, means.engine.instance, means.clock.now())
        work = replace(_work(means, choice, workers, progress), open_store=open_copy, kind=wanted.scope.kind)
        done: Rehearsal = rehearse(work, wanted.scope, profile=profile, step=wanted.step)
    return Rehearsed(done.plan, Outcome(done.report, choice.skipped, ()))


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a plan's decisions, in its order. `refused`: all or nothing was asked for, so nothing was done."""

    told: tuple[Told, ...]
    report: SyncReport
    refused: bool = False

    @property
    def skipped(self) -> tuple[Told, ...]:
        """What moved on."""
        return tuple(one for one in self.told if one.fate is Fate.MOVED_ON)

    @property
    def exit_code(self) -> int:
        """0, or the first of 1, 4, 5, 75 that applies; 5 if something moved on."""
        errors: tuple[CalsyncError, ...] = self.report.errors
        return worst((*errors, Held("Something moved on.")) if self.skipped else errors)


def apply_plan(
    means: Means, plan: Plan, *, author: str, all_or_nothing: bool, workers: int, progress: Progress
) -> Applied:
    """Do exactly what a plan says, as a run of `author`; what moved on since is skipped, or with it everything."""
    work = replace(
        _work(means, Choice(_calendars(means.store, plan), ()), workers, progress),
        kind="apply",
        author=author,
        lock_for=lambda account: means.hold_account(account, "apply"),
    )
    if all_or_nothing:
        looking = Applying(plan, look_only=True)
        report = sync_calendars(replace(work, kind="look"), looking.step)
        done = _summed(plan, looking, report)
        if done.skipped or report.errors:
            return replace(done, refused=True)
    applying = Applying(plan)
    report = sync_calendars(work, applying.step)
    if applying.again() and not report.errors:
        report = sync_calendars(work, applying.step)
    return _summed(plan, applying, report)


def _work(means: Means, choice: Choice, workers: int, progress: Progress) -> SyncWork:
    return SyncWork(
        open_store=means.open_store,
        provider_for=lambda account: means.provider_for(account, StoredLedger(means.open_store, account.id)),
        clock=means.clock,
        calendars=choice.calendars,
        workers=workers,
        progress=progress,
        engine=means.engine,
        named=frozenset(one.id for one in choice.calendars) if choice.named else frozenset(),
    )


def _calendars(store: Store, plan: Plan) -> tuple[Calendar, ...]:
    """Return the calendars that a plan is about and that still take part."""
    about = dict.fromkeys([*(one.id for one in plan.calendars), *(one.calendar for one in plan.decisions)])
    known = {one.id: one for one in calendars.list_calendars(store, states=TAKING_PART)}
    active = {one.id for one in accounts.list_accounts(store, states=[AccountState.ACTIVE])}
    return tuple(known[one] for one in about if one in known and known[one].account_id in active)


def _summed(plan: Plan, applying: Applying, report: SyncReport) -> Applied:
    """Put together what became of each decision; of those that nobody came to it is told why."""
    failed = {one.calendar.id: one.error.what for one in report.calendars if one.error is not None}
    taking_part = {one.calendar.id for one in report.calendars}
    told = []
    for at, one in enumerate(plan.decisions):
        known = applying.told.get(at)
        if known is None and applying.look_only and one.calendar in taking_part - failed.keys():
            continue  # it may be done
        away = failed.get(one.calendar, "its calendar does not take part any more")
        told.append(known or Told(one, Fate.MOVED_ON, away))
    return Applied(tuple(told), report)
