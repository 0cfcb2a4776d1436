"""Pause and resume an account: its calendars and events stay as they are, nothing is asked of Google meanwhile."""

from __future__ import annotations

from collections.abc import Collection

from calsyncctl.connections.ports import Means
from calsyncctl.errors import UsageFault
from calsyncctl.model.account import Account, AccountState
from calsyncctl.store import accounts


def check_connected(account: Account) -> None:
    """Raise UsageFault for an account that is disconnected, or on its way to be."""
    if account.state in {AccountState.DISCONNECTED, AccountState.DISCONNECTING}:
        raise UsageFault(
            f"{account.email} is not connected.", f"Connect it first: calsyncctl connect --account {account.email}"
        )


def check_awake(account: Account) -> None:
    """Raise UsageFault for an account that was asked for by name and is at rest, or not connected."""
    check_connected(account)
    if account.state is AccountState.PAUSED:
        raise UsageFault(f"{account.email} is paused.", f"Resume it: calsyncctl accounts resume {account.email}")


def pause(means: Means, account: Account) -> Account:
    """Rest an account's sync; also that of one whose sign-in is dead, so that nobody is told of it at every run.

    Raises:
        UsageFault: it is paused already, or not connected.
    """
    return _move(means, account, {AccountState.ACTIVE, AccountState.NEEDS_REAUTH}, AccountState.PAUSED)


def resume(means: Means, account: Account) -> Account:
    """Let a paused account go on.

    Raises:
        UsageFault: it is not paused.
    """
    return _move(means, account, {AccountState.PAUSED}, AccountState.ACTIVE)


def _move(means: Means, account: Account, before: Collection[AccountState], after: AccountState) -> Account:
    if account.state not in before:
        verb = "paused" if after is AccountState.PAUSED else "resumed"
        raise UsageFault(
            f"{account.email} is {account.state}, so it cannot be {verb}.", "See: calsyncctl accounts list"
        )
    reason = account.reason if after is AccountState.PAUSED else None  # why a sign-in is dead is known while it rests
    with means.store.write():
        accounts.set_account_state(means.store, account.id, after, reason=reason, since=means.clock.now())
    return accounts.get_account(means.store, account.id)
