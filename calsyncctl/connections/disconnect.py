"""Part from an account: say what will happen, revoke at Google, forget the tokens, hide its events.

The order makes every step repeatable: the account is `disconnecting` before anything is done, and whatever is cut
off there is done again by the next run. Its calendars keep their rows and Google ids, so that connecting again
re-attaches what was here.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from calsyncctl.connections.channels import stop_all
from calsyncctl.connections.keeping import entries_of, forget
from calsyncctl.connections.ports import Means
from calsyncctl.errors import CalsyncError, VaultFault
from calsyncctl.model.account import Account, AccountState
from calsyncctl.model.calendar import CalendarState
from calsyncctl.store import accounts, calendars, links, meta
from calsyncctl.store.db import Store
from calsyncctl.store.events import count_events
from calsyncctl.store.purge import Unsent, purge_calendar, unsent_on

BY_HAND = "Remove the app by hand: https://myaccount.google.com/connections"
UNREVOKED = "Nothing could be revoked at Google: the vault holds no token of it any more."


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
    unsent: Unsent
    """Changes made here that Google does not have: `purge` loses them, else they wait for the account to be back."""
    links: tuple[str, ...]
    """Links that `purge` ends, as “source → target”."""


@dataclass(frozen=True, slots=True)
class Parted:
    """How it ended: `done`, or still `disconnecting` because Google is out of reach.

    `why` is what did not work; `revoked`: whether Google took the grant back now.
    """

    account: Account
    done: bool
    why: str = ""
    revoked: bool = False


def plan_parting(means: Means, account: Account, *, revoke: bool, purge: bool, force: bool) -> Parting:
    """Say what a disconnect will do, without doing it."""
    owned = calendars.list_calendars(means.store, account_id=account.id)
    selected = tuple(calendar.name for calendar in owned if calendar.state is not CalendarState.AVAILABLE)
    ids = [calendar.id for calendar in owned]
    counts = count_events(means.store, ids)
    revoke = revoke and account.state is not AccountState.DISCONNECTED
    unsent, ended = unsent_on(means.store, ids), links_of(means.store, ids) if purge else ()
    return Parting(account, selected, sum(counts.values()), revoke, purge, force, unsent, ended)


def links_of(store: Store, calendar_ids: Collection[int]) -> tuple[str, ...]:
    """Return the links to some calendars, as “source → target”."""
    names = {one.id: one.name for one in calendars.list_calendars(store)}
    found = [one for one in links.list_links(store) if one.target_id in calendar_ids]
    return tuple(f"{names[one.source_id]} → {names[one.target_id]}" for one in found)


def part(means: Means, parting: Parting) -> Parted:
    """Do what was planned; when Google is out of reach and not forced, the account stays `disconnecting`."""
    account, revoked, why = parting.account, False, ""
    if parting.revoke:  # a later run revokes what is `disconnecting`: never so without the wish
        _wait(means, account, None, parting.purge)
    with means.hold_account(account, "disconnect"), means.hold_sign_ins("disconnect"):
        stop_all(means, account)  # while its sign-in lives
        if parting.purge:
            purge_calendars(means, account)
        try:
            if parting.revoke:
                revoked = revoke(means, account)
                why = "" if revoked else UNREVOKED
        except CalsyncError as error:
            why = error.what
            if not parting.force:
                _wait(means, account, why, parting.purge)
                return Parted(accounts.get_account(means.store, account.id), False, why)
        left = _forget_tokens(means, account, force=parting.force)
        return _finish(
            means, account, parting.purge, Parted(account, True, " ".join(filter(None, (why, left))), revoked)
        )


def retry_partings(means: Means) -> list[Parted]:
    """Try again what an earlier disconnect could not finish; every run begins with it."""
    waiting = accounts.list_accounts(means.store, states=[AccountState.DISCONNECTING])
    return [parted for parted in (_retry(means, account) for account in waiting) if parted is not None]


def revoke(means: Means, account: Account) -> bool:
    """Take the grant back at Google and return whether that was possible: without a token it is not.

    A token that Google no longer knows is as good as revoked.

    Raises:
        Later: Google is out of reach.
        VaultFault: the vault is out of reach.
    """
    for entry in entries_of(account.sub):
        token = means.secrets.get(entry)
        if token:
            means.authority.revoke(token)
            return True
    return False


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
            stop_all(means, account)
            revoked = revoke(means, account)
            # Calendars all gone: a purge began it, before wishes were noted.
            gone = not calendars.list_calendars(means.store, account_id=account.id)
            purge = gone or meta.get_meta(means.store, _wish(account)) is not None
            if purge:
                purge_calendars(means, account)
            _forget_tokens(means, account, force=False)
            return _finish(means, account, purge, Parted(account, True, "" if revoked else UNREVOKED, revoked))
    except CalsyncError as error:  # whatever it is, it must not stop the run that tries
        return Parted(account, False, error.what)


def _wish(account: Account) -> str:
    """Name the note that a disconnect under way is to purge."""
    return f"purge:{account.id}"


def _wait(means: Means, account: Account, why: str | None, purge: bool) -> None:
    with means.store.write():
        if purge:
            meta.set_meta(means.store, _wish(account), "yes")
        else:
            meta.drop_meta(means.store, _wish(account))
        accounts.set_account_state(
            means.store, account.id, AccountState.DISCONNECTING, reason=why, since=means.clock.now()
        )


def _forget_tokens(means: Means, account: Account, *, force: bool) -> str:
    """Forget the tokens; with `force` also if the vault is out of reach: then return what is to be known of it."""
    try:
        forget(means.secrets, account.sub)
    except VaultFault:
        if not force:
            raise
        return f"Its tokens may still lie in the vault “{account.vault}”, which is out of reach."
    return ""


def _finish(means: Means, account: Account, purge: bool, parted: Parted) -> Parted:
    with means.store.write():
        meta.drop_meta(means.store, _wish(account))
        if purge:
            accounts.delete_account(means.store, account.id)
        else:
            accounts.set_tokens(means.store, account.id, token_expires=None, grant_expires=None)
            accounts.set_account_state(means.store, account.id, AccountState.DISCONNECTED, since=means.clock.now())
    return parted
