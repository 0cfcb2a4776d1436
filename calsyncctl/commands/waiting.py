"""Who sends what waits: the daemon if one is at work, else whoever types `calsyncctl sync`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from calsyncctl.daemon import presence
from calsyncctl.model.account import AccountState
from calsyncctl.model.calendar import CalendarState
from calsyncctl.store import accounts, calendars

if TYPE_CHECKING:
    from calsyncctl.runtime import Runtime

SYNC = "calsyncctl sync"


def then_sync(run: Runtime) -> str:
    """Say what comes next after a change that a sync has to carry out."""
    return "The daemon goes on with it." if daemon_works(run) else SYNC


def who_sends(run: Runtime, calendar_ids: Iterable[int] = ()) -> str:
    """Say who sends an edit that waits on these calendars, or what they rest for; to be put after a colon."""
    ids = list(calendar_ids)
    rest = next((why for one in ids if (why := _rest_of(run, one))), None)
    return rest or _by_whom(run, ids)


def _by_whom(run: Runtime, calendar_ids: Iterable[int]) -> str:
    if not daemon_works(run):
        return SYNC
    told = presence.told(run.paths)
    if told is not None and told.wrong:
        return "the daemon is in trouble (calsyncctl daemon status)"
    if any(calendars.get_calendar(run.store, one).reason for one in calendar_ids):
        return "the daemon tries it again by itself (calsyncctl status)"
    return "the daemon sends it in a moment"


def _rest_of(run: Runtime, calendar_id: int) -> str | None:
    """Say why nobody sends anything to a calendar just now, and what ends that; None if somebody does."""
    calendar = calendars.get_calendar(run.store, calendar_id)
    account = None if calendar.account_id is None else accounts.get_account(run.store, calendar.account_id)
    if account is not None and account.state is AccountState.PAUSED:
        return f"{account.email} is paused (calsyncctl accounts resume {account.email})"
    if account is not None and account.state is AccountState.NEEDS_REAUTH:
        return f"{account.email} must sign in again (calsyncctl connect --account {account.email})"
    if calendar.state is CalendarState.PAUSED:
        return f"“{calendar.name}” is paused (calsyncctl calendars resume {calendar.typed})"
    if calendar.state is CalendarState.HOLD:
        return f"“{calendar.name}” is on hold (calsyncctl status)"
    return None


def daemon_works(run: Runtime) -> bool:
    """Tell whether a daemon is at work on the profile."""
    return run.config.settings.sync.enabled and presence.running(run.paths)
