"""Shadow accounts: everything is pulled and nothing is written, until somebody looked and trusts them.

What would be written is on hold, in `review list`; trust lets it go with the next sync. Guard and mail rule stay.
"""

from __future__ import annotations

from dataclasses import dataclass

from calsyncctl.errors import UsageFault
from calsyncctl.model.account import Account, shadow_sentence
from calsyncctl.store import accounts, calendars, shades
from calsyncctl.store.db import Store


@dataclass(frozen=True, slots=True)
class Trusted:
    """An account that is no shadow any more, and how many changes wait for the next sync because of it."""

    account: Account
    released: int


def shade(store: Store, account: Account, now: int) -> Account:
    """Make an account a shadow: from now on nothing is written to its calendars. Opens its own write.

    What waits already is put on hold here, so that `review` shows it at once.
    """
    with store.write():
        cast_shadow(store, account, now)
    return accounts.get_account(store, account.id)


def cast_shadow(store: Store, account: Account, now: int) -> None:
    """Do as `shade` does, inside a write."""
    accounts.set_shadow(store, account.id, True)
    for calendar in calendars.list_calendars(store, account_id=account.id):
        shades.keep_back(store, calendar.id, shadow_sentence(account), now)


def trust(store: Store, account: Account, now: int) -> Trusted:
    """End an account's shadow: what was kept back goes out with the next sync. Opens its own write.

    Raises:
        UsageFault: it is no shadow.
    """
    with store.write():
        check_shadow(accounts.get_account(store, account.id))
        accounts.set_shadow(store, account.id, False)
        released = shades.let_all_go(store, account.id, now)
    return Trusted(accounts.get_account(store, account.id), released)


def check_shadow(account: Account) -> None:
    """Raise UsageFault for an account that is no shadow."""
    if not account.shadow:
        raise UsageFault(f"{account.email} is no shadow account.", "See: calsyncctl accounts list")
