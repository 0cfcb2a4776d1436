"""Part from an account: say what will happen, revoke at Google, forget the tokens, hide its events.

The order makes every step repeatable: the account is `disconnecting` before anything is done, and whatever is cut
off there is done again by the next run. Its calendars keep their rows and Google ids, so that connecting again
re-attaches what was here.
"""

from __future__ import annotations

from dataclasses import dataclass

from calsyncctl.connections.keeping import entries_of, forget
from calsyncctl.connections.ports import Means
from calsyncctl.errors import CalsyncError
from calsyncctl.model.account import Account, AccountState
from calsyncctl.model.calendar import CalendarState
from calsyncctl.store import accounts, calendars
from calsyncctl.store.events import count_events
from calsyncctl.store.purge import purge_calendar


@dataclass(frozen=True, slots=True)
class Parting:
    """What a disconnect will do: shown, confirmed and done, one value."""

    account: Account
    calendars: tuple[str, ...]
    """Names of the selected calendars: they stop."""
    events: int
    """Events here that are hidden, or removed by `purge`."""
    revoke: bool
    purge: bool
    force: bool


@dataclass(frozen=True, slots=True)
class Parted:
    """How it ended: `done`, or still `disconnecting` because Google is out of reach."""

    account: Account
    done: bool
    why: str = ""


def plan_parting(means: Means, account: Account, *, revoke: bool, purge: bool, force: bool) -> Parting:
    """Say what a disconnect will do, without doing it."""
    owned = calendars.list_calendars(means.store, account_id=account.id)
    selected = tuple(calendar.name for calendar in owned if calendar.state is not CalendarState.AVAILABLE)
    counts = count_events(means.store, [calendar.id for calendar in owned])
    revoke = revoke and account.state is not AccountState.DISCONNECTED
    return Parting(account, selected, sum(counts.values()), revoke, purge, force)


def part(means: Means, parting: Parting) -> Parted:
    """Do what was planned; when Google is out of reach and not forced, the account stays `disconnecting`."""
    account = parting.account
    if parting.revoke:  # a later run revokes what is `disconnecting`: never so without the wish
        _wait(means, account, None)
    with means.hold_account(account, "disconnect"), means.hold_sign_ins("disconnect"):
        if parting.purge:
            purge_calendars(means, account)
        try:
            if parting.revoke:
                revoke(means, account)
        except CalsyncError as error:
            if not parting.force:
                _wait(means, account, error.what)
                return Parted(accounts.get_account(means.store, account.id), False, error.what)
        return _forget(means, account, parting.purge)


def retry_partings(means: Means) -> list[Parted]:
    """Try again what an earlier disconnect could not finish; every run begins with it."""
    waiting = accounts.list_accounts(means.store, states=[AccountState.DISCONNECTING])
    return [parted for parted in (_retry(means, account) for account in waiting) if parted is not None]


def revoke(means: Means, account: Account) -> None:
    """Take the grant back at Google; a dead or lost token is as good as revoked.

    Raises:
        Later: Google is out of reach.
        VaultFault: the vault is out of reach.
    """
    for entry in entries_of(account.sub):
        token = means.secrets.get(entry)
        if token:
            means.authority.revoke(token)
            return


def purge_calendars(means: Means, account: Account) -> None:
    """Remove an account's calendars and events from here; Google's stay as they are."""
    for calendar in calendars.list_calendars(means.store, account_id=account.id):
        purge_calendar(means.store, calendar.id)
        with means.store.write():
            calendars.delete_calendar(means.store, calendar.id)


def _retry(means: Means, account: Account) -> Parted | None:
    """Finish one; None if somebody else was first, by disconnecting it or by connecting it again."""
    try:
        with means.hold_account(account, "disconnect"), means.hold_sign_ins("disconnect"):
            if account not in accounts.list_accounts(means.store, states=[AccountState.DISCONNECTING]):
                return None
            revoke(means, account)
            purged = not calendars.list_calendars(means.store, account_id=account.id)  # all gone: a purge began it
            return _forget(means, account, purged)
    except CalsyncError as error:  # whatever it is, it must not stop the run that tries
        return Parted(account, False, error.what)


def _wait(means: Means, account: Account, why: str | None) -> None:
    with means.store.write():
        accounts.set_account_state(
            means.store, account.id, AccountState.DISCONNECTING, reason=why, since=means.clock.now()
        )


def _forget(means: Means, account: Account, purge: bool) -> Parted:
    forget(means.secrets, account.sub)
    with means.store.write():
        if purge:
            accounts.delete_account(means.store, account.id)
        else:
            accounts.set_tokens(means.store, account.id, token_expires=None, grant_expires=None)
            accounts.set_account_state(means.store, account.id, AccountState.DISCONNECTED, since=means.clock.now())
    return Parted(account, True)
