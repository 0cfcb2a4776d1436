"""Who takes part in a pass: selected calendars of active accounts, for as long as nobody says otherwise."""

from __future__ import annotations

from calsyncctl.errors import CalsyncError, NeedsReauth, NotAllowed
from calsyncctl.model.account import Account, AccountState, needs_sign_in
from calsyncctl.model.calendar import TAKING_PART, Calendar
from calsyncctl.store import accounts, calendars
from calsyncctl.store.db import Store


def why_not(account: Account) -> CalsyncError | None:
    """Return why an account takes no part, None if it does."""
    if account.state is AccountState.NEEDS_REAUTH:
        return needs_sign_in(account)
    if account.state is not AccountState.ACTIVE:
        return NotAllowed(f"{account.email} is {account.state}.", "Only active accounts sync.")
    return None


def as_it_is(store: Store, calendar: Calendar) -> Calendar:
    """Return a calendar as it is now: whoever changed it, or its account, while a pass is at work has the last word.

    Raises:
        NotAllowed, NeedsReauth: it takes no part, or no more.
    """
    now = calendars.get_calendar(store, calendar.id)
    if now.state not in TAKING_PART:
        raise NotAllowed(f"“{now.name}” is {now.state}.", "Only selected calendars sync.")
    refusal = why_not(accounts.get_account(store, now.account_id)) if now.account_id is not None else None
    if refusal is not None:
        raise refusal
    return now


def note_dead(store: Store, begun: Account, error: NeedsReauth, now: int) -> None:
    """Note that an account's sign-in is dead, unless somebody repaired, paused or disconnected it meanwhile.

    `begun` is the account as it was before Google was asked. One that was paused then stays so, with the reason.
    Opens its own write.
    """
    with store.write():
        account = accounts.get_account(store, begun.id)
        if (account.state, account.since) != (begun.state, begun.since):
            return
        paused = account.state is AccountState.PAUSED
        state, since = (account.state, account.since or now) if paused else (AccountState.NEEDS_REAUTH, now)
        accounts.set_account_state(store, account.id, state, reason=error.what, since=since)
