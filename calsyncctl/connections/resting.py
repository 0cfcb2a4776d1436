"""Pause and resume an account: its calendars and events stay as they are, nothing is asked of Google meanwhile."""

from __future__ import annotations

from calsyncctl.connections.ports import Means
from calsyncctl.errors import UsageFault
from calsyncctl.model.account import Account, AccountState
from calsyncctl.store import accounts


def pause(means: Means, account: Account) -> Account:
    """Rest an account's sync.

    Raises:
        UsageFault: it is not active.
    """
    return _move(means, account, AccountState.ACTIVE, AccountState.PAUSED)


def resume(means: Means, account: Account) -> Account:
    """Let a paused account go on.

    Raises:
        UsageFault: it is not paused.
    """
    return _move(means, account, AccountState.PAUSED, AccountState.ACTIVE)


def _move(means: Means, account: Account, before: AccountState, after: AccountState) -> Account:
    if account.state is not before:
        raise UsageFault(f"{account.email} is {account.state}, not {before}.", "See: calsyncctl accounts list")
    with means.store.write():
        accounts.set_account_state(means.store, account.id, after, since=means.clock.now())
    return accounts.get_account(means.store, account.id)
