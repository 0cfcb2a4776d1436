"""What a pass leaves on a calendar that it could not bring: a hold, or why and since when; a success clears it.

One state with reason, since and until serves both. A `selected` calendar with a reason failed at its last try: with
`until` set the trouble passes by itself (not to be tried before), without it a person has to see to something.
"""

from __future__ import annotations

from calsyncctl.errors import (
    CalsyncError,
    Gone,
    Held,
    Installation,
    Later,
    NeedsReauth,
    NotAllowed,
    Refused,
    StoreFault,
    VaultFault,
)
from calsyncctl.model.calendar import GONE, TAKING_PART, Calendar, CalendarState
from calsyncctl.store import calendars
from calsyncctl.store.db import Store
from calsyncctl.sync.outcome import CalendarOutcome

_TOLD_ELSEWHERE = (Held, NeedsReauth, NotAllowed, StoreFault)
"""Errors that stand with the calendar's or the account's state already, or that the store cannot take."""


def hold(store: Store, calendar: Calendar, error: Gone | Refused, now: int) -> Held:
    """Put a calendar on hold and return the error that says so; its events stay, since when stays what it was.

    Whoever deselected or paused it while the pass ran has the last word.
    """
    reason = _hold_reason(calendar, error)
    with store.write():
        as_it_is = calendars.get_calendar(store, calendar.id)
        news = as_it_is.state is not CalendarState.HOLD or as_it_is.reason != reason
        if news and as_it_is.state in TAKING_PART:
            calendars.set_calendar_state(store, calendar.id, CalendarState.HOLD, reason=reason, since=now)
    end = f"Ask its owner, or end it: calsyncctl calendars deselect {calendar.typed}"
    return Held(f"“{calendar.name}” is on hold: {reason}.", end if isinstance(error, Gone) else error.what_to_do)


def keep_trouble(store: Store, outcome: CalendarOutcome, now: int) -> None:
    """Note on a selected calendar why it failed and since when, or that it is well again; opens its own write."""
    calendar, error = outcome.calendar, outcome.error
    if isinstance(error, _TOLD_ELSEWHERE) or (error is None and calendar.reason is None):
        return
    with store.write():
        as_it_is = calendars.get_calendar(store, calendar.id)
        if as_it_is.state is not CalendarState.SELECTED:
            return
        if error is None:
            calendars.set_calendar_state(store, calendar.id, CalendarState.SELECTED, since=now)
            return
        since = now if as_it_is.reason is None else as_it_is.since or now
        reason, until = _with_cure(named(calendar, error), error), _until(error, now)
        calendars.set_calendar_state(
            store, calendar.id, CalendarState.SELECTED, reason=reason, since=since, until=until
        )


def _until(error: CalsyncError, now: int) -> int | None:
    """Return until when Google asked to wait; a poll for which our own budget has no room keeps no write waiting."""
    if not isinstance(error, Later):
        return None
    return now if error.of_ours else now + int(error.retry_after or 0)


def _with_cure(reason: str, error: CalsyncError) -> str:
    """Put what helps on a second line, where trying again does not help: trouble of the vault and of the Google app."""
    helps = error.what_to_do if isinstance(error, VaultFault | Installation) else ""
    return f"{reason}\n{helps}" if helps else reason


def _hold_reason(calendar: Calendar, error: Gone | Refused) -> str:
    return GONE if isinstance(error, Gone) else named(calendar, error).rstrip(".")


def named(calendar: Calendar, error: CalsyncError) -> str:
    """Say the error with the calendar's name where the provider knows but its id, which may be a person's address."""
    return error.what.replace(f"the calendar {calendar.google_id}", f"“{calendar.name}”")
