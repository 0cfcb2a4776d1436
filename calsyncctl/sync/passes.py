"""One pass over calendars: accounts side by side, the calendars of one account one after the other, failures apart.

`sync_calendars` is what command, daemon and cron call. What fails stays where it failed: an item with its page's odd
ones, a calendar with its own reason, an account with its own state; only a wrong project or client ends the pass.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace

from calsyncctl.errors import (
    CalsyncError,
    Gone,
    Held,
    Installation,
    Later,
    MuchLater,
    NeedsReauth,
    NotAllowed,
    Refused,
)
from calsyncctl.model.account import Account
from calsyncctl.model.calendar import Calendar, CalendarState
from calsyncctl.store import accounts, calendars, copies, moves
from calsyncctl.store.db import Store
from calsyncctl.sync.ledger import Ledger
from calsyncctl.sync.progress import Silent
from calsyncctl.sync.provider import Provider
from calsyncctl.sync.pulling.heard import AFTER_ALL
from calsyncctl.sync.pulling.pull import Means, Pulled, pull
from calsyncctl.sync.pushing.push import push
from calsyncctl.sync.pushing.under_way import Pushed
from calsyncctl.sync.report import CalendarOutcome, SyncReport, SyncWork
from calsyncctl.sync.taking_part import as_it_is, note_dead, why_not
from calsyncctl.sync.trouble import hold, keep_trouble, named

_log = logging.getLogger(__name__)

PATIENCE = 2
"""After so many calendars in a row with passing trouble that is not their own (network, rates, Google's outages), the
account's other calendars wait for the next pass."""

_FOR_ALL = (NeedsReauth, Installation, MuchLater)
"""Errors that hold for every calendar of the account."""

Step = Callable[[Store, Calendar, Means, Pulled, Pushed], None]
"""What is done with one calendar; what it did so far stands in the last two, also when it raises."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What one account's thread brings back."""

    outcomes: tuple[CalendarOutcome, ...]
    run_id: int | None = None


@dataclass(slots=True)
class _Whole:
    """What the accounts of one pass share."""

    fault: Installation | None = None
    """What ended the pass: a wrong project or client."""


@dataclass(slots=True)
class _AccountPass:
    """One account's calendars, being worked off; lives in one thread."""

    work: SyncWork
    whole: _Whole
    store: Store
    account: Account
    ledger: Ledger
    step: Step
    outcomes: list[CalendarOutcome] = field(default_factory=list)
    troubles: int = 0
    """Calendars with passing trouble, not their own, since the last that went well."""
    ended_by: CalsyncError | None = None
    """What keeps the rest of the account from being tried."""
    unsaid: set[int] = field(default_factory=set)
    """Calendars left for the next pass, of which this one has learnt nothing: nothing is noted on them."""


def both_ways(store: Store, calendar: Calendar, means: Means, pulled: Pulled, pushed: Pushed) -> None:
    """Pull one calendar, then push what waits for it."""
    pull(store, calendar, means, pulled)
    push(store, calendars.get_calendar(store, calendar.id), means, pushed)


def send_first(store: Store, calendar: Calendar, means: Means, pulled: Pulled, pushed: Pushed) -> None:
    """Push what waits for a calendar without asking for news before: somebody here has just written.

    Nothing is pushed to a calendar whose first listing is not complete, and one on hold is tried as a whole. Before a
    series is written to, what Google says of its occurrences is read: a new rule may end some of them there, and the
    condition on the series does not speak of them.
    """
    unread = calendar.cursor is None or calendar.page is not None or calendar.state is CalendarState.HOLD
    if unread:
        both_ways(store, calendar, means, pulled, pushed)
        return
    if copies.has_series_due(store, calendar.id, means.clock.now()):
        with means.provider.urgent():
            pull(store, calendar, means, pulled)
    push(store, calendars.get_calendar(store, calendar.id), means, pushed)


def finish(store: Store, calendar: Calendar, means: Means, pulled: Pulled, pushed: Pushed) -> None:
    """Push what had to wait until every calendar of the pass was read and written."""
    push(store, calendar, means, pushed, ahead=AFTER_ALL)


_FINISHED_BY: dict[Step, Step] = {both_ways: finish, send_first: finish}


def sync_calendars(work: SyncWork, step: Step = both_ways, *, then: Step | None = None) -> SyncReport:
    """Sync the calendars given, both ways, and report on each; errors stand in the report, none is raised for them.

    `then` is what is done, after all, with those calendars that waited for another one; as a rule `finish`.

    Calendars on hold are tried and come back by themselves; paused and deselected ones, those of accounts that are
    not active, and those that Google asked to wait with (but for `work.named`), are left alone and say so in their
    outcome.
    """
    started = work.clock.now()
    by_account: dict[int, list[Calendar]] = {}
    for calendar in work.calendars:
        if calendar.account_id is not None:
            by_account.setdefault(calendar.account_id, []).append(calendar)
    parts = _side_by_side(work, by_account, step)
    outcomes = {outcome.calendar.id: outcome for part in parts for outcome in part.outcomes}
    last = _finish_all(work, outcomes, then or _FINISHED_BY.get(step))
    parts += last
    outcomes |= {one.calendar.id: outcomes[one.calendar.id] + one for part in last for one in part.outcomes}
    return SyncReport(
        calendars=tuple(outcomes[calendar.id] for calendar in work.calendars if calendar.id in outcomes),
        runs=tuple(part.run_id for part in parts if part.run_id is not None),
        started=started,
        ended=work.clock.now(),
    )


def _finish_all(work: SyncWork, outcomes: Mapping[int, CalendarOutcome], step: Step | None) -> list[_Part]:
    """Do what waited for other calendars: copies that come back, and what has moved from one account to another."""
    well = [calendar_id for calendar_id, one in outcomes.items() if one.error is None]
    if step is None or work.stop.is_set():
        return []
    with closing(work.open_store()) as store:
        unfinished = moves.unfinished(store, well, work.clock.now() + AFTER_ALL)
    by_account: dict[int, list[Calendar]] = {}
    for calendar in (outcomes[one].calendar for one in unfinished):
        by_account.setdefault(calendar.account_id or 0, []).append(calendar)
    return _side_by_side(replace(work, progress=Silent()), by_account, step) if by_account else []


def _side_by_side(work: SyncWork, by_account: dict[int, list[Calendar]], step: Step) -> list[_Part]:
    """Work off accounts in threads; Ctrl-C, or a bug in one of them, lets the others finish their page in hand."""
    whole = _Whole()
    if len(by_account) <= 1 or work.workers <= 1:
        return [_sync_account(work, whole, account_id, chosen, step) for account_id, chosen in by_account.items()]
    with ThreadPoolExecutor(min(work.workers, len(by_account)), thread_name_prefix="sync") as pool:
        futures = [
            pool.submit(_sync_account, work, whole, account_id, chosen, step)
            for account_id, chosen in by_account.items()
        ]
        try:
            return [future.result() for future in futures]
        except BaseException:
            _call_off(work, futures)
            raise


def _call_off(work: SyncWork, futures: Sequence[Future[_Part]]) -> None:
    work.stop.set()
    for future in futures:
        future.cancel()


def _sync_account(work: SyncWork, whole: _Whole, account_id: int, chosen: Sequence[Calendar], step: Step) -> _Part:
    with closing(work.open_store()) as store:
        account = accounts.get_account(store, account_id)
        refusal = why_not(account)
        if refusal is not None:
            return _Part(tuple(_told(work, CalendarOutcome(calendar, error=refusal)) for calendar in chosen))
        ledger = Ledger(kind=work.kind, author=work.author, account_id=account_id, clock=work.clock)
        run = _AccountPass(work, whole, store, account, ledger, step)
        try:
            with work.lock_for(account):
                _work_off(run, chosen)
        except Later as error:  # somebody else holds the account
            done = {outcome.calendar.id for outcome in run.outcomes}
            run.outcomes += [_told(work, CalendarOutcome(one, error=error)) for one in chosen if one.id not in done]
        return _Part(tuple(run.outcomes), ledger.run_id)


def _work_off(run: _AccountPass, chosen: Sequence[Calendar]) -> None:
    """Sync the calendars of an account in turn, and end its run however this ends."""
    outcome = "interrupted"
    try:
        provider = _provider(run)
        for calendar in sorted(chosen, key=_in_trouble):
            run.outcomes.append(_told(run.work, _kept(run, _sync_calendar(run, provider, calendar))))
        _mark_success(run)
        outcome = _summed_up(run)
    finally:
        error = next((one.error.what for one in run.outcomes if one.error is not None), None)
        run.ledger.close(run.store, outcome=outcome, error=error)


def _in_trouble(calendar: Calendar) -> bool:
    """Tell who comes last: a calendar that failed at its last try shall not keep those that are well waiting."""
    return calendar.reason is not None


def _summed_up(run: _AccountPass) -> str:
    errors = [one.error for one in run.outcomes if one.error is not None]
    if run.work.stop.is_set() and all(isinstance(error, Later) for error in errors):
        return "interrupted"
    return "failed" if errors else "done"


def _provider(run: _AccountPass) -> Provider | None:
    """Return the account's provider; its sign-in may be refused already here."""
    try:
        return run.work.provider_for(run.account)
    except CalsyncError as error:
        _account_trouble(run, error)
        run.ended_by = run.ended_by or error
        return None


def _sync_calendar(run: _AccountPass, provider: Provider | None, calendar: Calendar) -> CalendarOutcome:
    try:
        calendar = as_it_is(run.store, calendar)
    except (NotAllowed, NeedsReauth) as refusal:
        return CalendarOutcome(calendars.get_calendar(run.store, calendar.id), error=refusal)
    left_out = _left_out(run, calendar)
    if left_out is not None or provider is None:
        return CalendarOutcome(calendar, error=left_out)
    run.work.progress.started(calendar)
    pulled, pushed = Pulled(), Pushed()
    error = _try_sync(run, provider, calendar, pulled, pushed)
    return CalendarOutcome(
        calendar=calendars.get_calendar(run.store, calendar.id),
        counts=pulled.counts + pushed.counts,
        full=pulled.full,
        error=error,
        warnings=(*pulled.warnings, *pushed.warnings),
        odd=pulled.odd,
        held=(*pulled.held, *pushed.held),
        mails=pushed.mails,
    )


def _left_out(run: _AccountPass, calendar: Calendar) -> CalsyncError | None:
    """Return why a calendar is not tried in this pass, None if it is."""
    if run.ended_by is not None:
        if run.troubles >= PATIENCE and not isinstance(run.ended_by, _FOR_ALL):
            run.unsaid.add(calendar.id)
        return run.ended_by
    if run.work.stop.is_set():
        return run.whole.fault or Later(f"“{calendar.name}” was not reached in this pass.")
    wait = (calendar.until or 0) - run.work.clock.now()
    if wait > 0 and calendar.reason is not None and calendar.id not in run.work.named:
        run.unsaid.add(calendar.id)
        return Later(calendar.reason, retry_after=wait)
    return None


def _try_sync(
    run: _AccountPass, provider: Provider, calendar: Calendar, pulled: Pulled, pushed: Pushed
) -> CalsyncError | None:
    """Do the pass's step with one calendar, and return what went wrong, kept where it belongs."""
    work = run.work
    means = Means(
        provider=provider,
        ledger=run.ledger,
        clock=work.clock,
        keys=work.keys,
        stop=work.stop,
        on_page=lambda items: work.progress.page(calendar, items),
        engine=work.engine,
        on_sent=lambda events: work.progress.sent(calendar, events),
    )
    try:
        run.step(run.store, calendar, means, pulled, pushed)
    except (Gone, Refused) as error:
        return hold(run.store, calendar, error, work.clock.now())
    except CalsyncError as error:
        error.what = named(calendar, error)
        if isinstance(error, Later) and work.stop.is_set() and run.whole.fault is not None:
            return run.whole.fault  # broken off for it: one sentence says both
        _account_trouble(run, error)
        return error
    except Exception as error:  # a bug: it stops the calendar that meets it, and no other
        _log.error("bug in the sync of calendar #%d", calendar.id, exc_info=error)
        return _bug(calendar, error)
    run.troubles = 0
    return None


def _bug(calendar: Calendar, error: Exception) -> CalsyncError:
    return CalsyncError(
        f"An error in calsyncctl ({type(error).__name__}) stopped the sync of “{calendar.name}”.",
        "This is a bug: the traceback is at the end of the log.",
    )


def _kept(run: _AccountPass, outcome: CalendarOutcome) -> CalendarOutcome:
    """Keep with the calendar how it went; that a pass was called off, or did not come to it, says nothing of it."""
    called_off = run.work.stop.is_set() and isinstance(outcome.error, Later)
    if not called_off and outcome.calendar.id not in run.unsaid:
        keep_trouble(run.store, outcome, run.work.clock.now())
    return outcome


def _account_trouble(run: _AccountPass, error: CalsyncError) -> None:
    """Keep what concerns more than one calendar where it belongs, and decide whether to go on with the account."""
    if isinstance(error, NeedsReauth):
        note_dead(run.store, run.account, error, run.work.clock.now())
    if isinstance(error, Installation):
        run.whole.fault = run.whole.fault or error
        run.work.stop.set()
    run.troubles += isinstance(error, Later) and error.scope != "calendar"
    if isinstance(error, _FOR_ALL) or run.troubles >= PATIENCE:
        run.ended_by = error


def _mark_success(run: _AccountPass) -> None:
    """Move the account's success clock if it was reached as a whole: calendars on hold are their own affair."""
    errors = [one.error for one in run.outcomes if one.error is not None]
    reached = any(one.error is None for one in run.outcomes)
    if reached and all(isinstance(error, Held | NotAllowed) for error in errors):
        with run.store.write():
            accounts.mark_account_success(run.store, run.account.id, run.work.clock.now())


def _told(work: SyncWork, outcome: CalendarOutcome) -> CalendarOutcome:
    work.progress.finished(outcome.calendar, outcome)
    return outcome
