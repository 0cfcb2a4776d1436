"""What people type, found: accounts, calendars, assignees and events by name, address, id or the beginning of one.

Case never matters. The best kind of match wins (whole before beginning); if that kind fits several things, all are
named and nobody guesses. An id is typed as `#3`.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from typing import TypeVar

from calsyncctl.errors import NotFound, UsageFault
from calsyncctl.model.account import Account, AccountState
from calsyncctl.model.calendar import Calendar
from calsyncctl.model.event import Event
from calsyncctl.model.people import Assignee
from calsyncctl.store.accounts import list_accounts
from calsyncctl.store.calendars import list_calendars
from calsyncctl.store.db import Store
from calsyncctl.store.events import events_of_key
from calsyncctl.store.people import list_assignees

SHORTEST_KEY = 4
"""Fewer characters of an event's key name it by accident rather than on purpose."""
WHOLE_KEY = 32
"""So many characters an event's key has."""

_Thing = TypeVar("_Thing", Account, Calendar, Assignee)
_SHOWN = 5


def find_account(store: Store, text: str) -> Account:
    """Return the account named by its address, the part before @, the beginning of one, or `#ID`.

    A disconnected account is found only where no connected one matches as well as it does.

    Raises:
        NotFound: none fits.
        UsageFault: several fit.
    """
    wanted = text.strip().casefold()
    accounts = list_accounts(store)
    tests: tuple[Callable[[Account], bool], ...] = (
        lambda account: wanted == f"#{account.id}",
        lambda account: account.email.casefold() == wanted,
        lambda account: _local_part(account) == wanted,
        lambda account: bool(wanted) and account.email.casefold().startswith(wanted),
    )
    for test in tests:
        fitting = [account for account in accounts if test(account)]
        connected = [account for account in fitting if account.state is not AccountState.DISCONNECTED]
        if fitting:
            return _only(connected or fitting, text, "accounts", lambda one: f"{one.email} (#{one.id})")
    raise _nothing("account", text, [account.email for account in accounts])


def find_calendar(store: Store, text: str, *, account_id: int | None = None) -> Calendar:
    """Return the calendar named by its name, Google's id, `#ID`, `ACCOUNT/NAME`, or the beginning of a name.

    `account_id` looks among an account's own only. Calendars of a disconnected account are found only where no other
    matches as well. Spaces around a name never count: nobody sees them.

    Raises:
        NotFound: none fits.
        UsageFault: several fit.
    """
    wanted = text.strip().casefold()
    owners = {account.id: account for account in list_accounts(store)}
    gone = {account.id for account in owners.values() if account.state is AccountState.DISCONNECTED}
    calendars = list_calendars(store, account_id=account_id)
    labels = {one.id: _label(one, owners) for one in calendars}
    for test in _calendar_tests(wanted, owners):
        fitting = [one for one in calendars if test(one)]
        here = [one for one in fitting if one.account_id not in gone]
        if fitting:
            return _only(here or fitting, text, "calendars", lambda one: f"{labels[one.id]} (#{one.id})")
    raise _nothing("calendar", text, [one.name for one in calendars])


def find_assignee(store: Store, text: str) -> Assignee:
    """Return the assignee named by `KIND:NAME`, the name alone if only one has it, or `#ID`.

    Raises:
        NotFound: none fits.
        UsageFault: several fit.
    """
    wanted = text.strip().casefold()
    assignees = list_assignees(store)
    fitting = [one for one in assignees if wanted in {f"#{one.id}", one.label.casefold(), one.name.casefold()}]
    if fitting:
        return _only(fitting, text, "assignees", lambda one: one.label)
    raise _nothing("assignee", text, [one.label for one in assignees])


def find_event(store: Store, text: str) -> Event:
    """Return the event named by its key, or by four or more characters that only its key begins with.

    Raises:
        NotFound: none fits.
        UsageFault: several fit, or fewer than four characters were given.
    """
    wanted = text.strip().lower()
    if len(wanted) < SHORTEST_KEY:
        raise UsageFault(f"“{text}” is too short for an event's key.", f"Give {SHORTEST_KEY} characters or more of it.")
    fitting = events_of_key(store, wanted)
    if not fitting:
        raise NotFound(f"There is no event “{text}”.", "`calsyncctl events list` shows the keys.")
    if len(fitting) > 1:
        keys = ", ".join(event.key for event in fitting[:_SHOWN])  # never its title: errors are logged
        raise UsageFault(f"“{text}” fits several events: {keys} …", "Give more of the key.")
    return fitting[0]


def _calendar_tests(wanted: str, owners: dict[int, Account]) -> tuple[Callable[[Calendar], bool], ...]:
    """Return the kinds of match, best first; `ACCOUNT/NAME` divides at the first slash, which no address has."""
    left, slash, right = (part.strip() for part in wanted.partition("/"))

    def whole_account(one: Calendar) -> bool:
        owner = owners.get(one.account_id or 0)
        return (
            bool(slash) and owner is not None and left in {f"#{owner.id}", owner.email.casefold(), _local_part(owner)}
        )

    def beginning_of_account(one: Calendar) -> bool:
        owner = owners.get(one.account_id or 0)
        return bool(slash and left) and owner is not None and owner.email.casefold().startswith(left)

    def name(one: Calendar) -> str:
        return one.name.strip().casefold()

    return (
        lambda one: wanted == f"#{one.id}",
        lambda one: (
            wanted in {name(one), (one.google_id or "").casefold()} or (whole_account(one) and name(one) == right)
        ),
        lambda one: beginning_of_account(one) and name(one) == right,
        lambda one: (
            bool(wanted) and (name(one).startswith(wanted) or (whole_account(one) and name(one).startswith(right)))
        ),
        lambda one: beginning_of_account(one) and name(one).startswith(right),
    )


def _label(calendar: Calendar, owners: dict[int, Account]) -> str:
    owner = owners.get(calendar.account_id or 0)
    return f"{owner.email}/{calendar.name}" if owner else calendar.name


def _local_part(account: Account) -> str:
    return account.email.casefold().partition("@")[0]


def _only(fitting: Sequence[_Thing], text: str, things: str, label: Callable[[_Thing], str]) -> _Thing:
    """Return the one that fits.

    Raises:
        UsageFault: there are several; it names them.
    """
    if len(fitting) == 1:
        return fitting[0]
    named = ", ".join(label(one) for one in fitting[:_SHOWN])
    more = f" and {len(fitting) - _SHOWN} more" if len(fitting) > _SHOWN else ""
    what = f"“{text}” fits {len(fitting)} {things}: {named}{more}."
    raise UsageFault(what, "Write more of the name you mean, or its #ID.")


def _nothing(thing: str, text: str, names: Sequence[str]) -> NotFound:
    """Return the error for a name that nothing has, with the name that may have been meant."""
    by_folded = {name.casefold(): name for name in names}
    near = difflib.get_close_matches(text.strip().casefold(), by_folded, n=1)
    meant = f"Did you mean “{by_folded[near[0]]}”? " if near else ""
    return NotFound(f"There is no {thing} “{text}”.", f"{meant}`calsyncctl {thing}s list` shows what there is.")
