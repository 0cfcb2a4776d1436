"""Keeping sign-ins alive that nothing else uses: Google forgets a refresh token after six months without use.

https://developers.google.com/identity/protocols/oauth2#expiration
"""

from __future__ import annotations

from calsyncctl.connections.keeping import StoredLedger
from calsyncctl.connections.ports import Means
from calsyncctl.errors import NeedsReauth
from calsyncctl.model.account import Account, AccountState
from calsyncctl.store import accounts
from calsyncctl.store.db import Store
from calsyncctl.sync.taking_part import note_dead

IDLE = 7 * 24 * 3600
"""Seconds after which an account that nobody used is refreshed."""


def idle_accounts(store: Store, now: int) -> list[Account]:
    """Return the accounts whose access token ended a week ago or longer; paused ones too: nobody else looks at them.

    A paused one with a reason is known to be dead: it is not asked for again until somebody resumes or connects it.
    """
    connected = accounts.list_accounts(store, states=[AccountState.ACTIVE, AccountState.PAUSED])
    alive = [one for one in connected if one.state is AccountState.ACTIVE or one.reason is None]
    return [one for one in alive if (one.token_expires or 0) < now - IDLE]


def keep_alive(means: Means, account_id: int) -> None:
    """Use an account's sign-in once, so that it stays; one that Google no longer accepts is marked as dead.

    Raises:
        NeedsReauth: it is dead. Later, Installation, VaultFault: it could not be tried.
    """
    account = accounts.get_account(means.store, account_id)
    if account not in idle_accounts(means.store, means.clock.now()):
        return
    with means.hold_account(account, "refresh"):
        provider = means.provider_for(account, StoredLedger(means.open_store, account.id))
        try:
            provider.list_calendars(None)  # its access token is long over, so this needs a new one
        except NeedsReauth as error:
            note_dead(means.store, account, error, means.clock.now())
            raise
