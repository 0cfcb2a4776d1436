"""Connect an account, or repair it in place: check the grant, try it out, and only then keep it.

A refused grant is dropped, not revoked: revoking takes the person's whole grant to the Google project away, and with
it connections of other profiles of the same client (Google: "Token revocation").
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from calsyncctl.connections.afresh import after_sign_in
from calsyncctl.connections.keeping import TrialLedger, entries_of, replaced
from calsyncctl.connections.ports import Consent, Means
from calsyncctl.connections.shadow import cast_shadow
from calsyncctl.errors import ConnectFault, NeedsReauth, NotFound, Refused, UsageFault
from calsyncctl.model.account import Account, AccountState, Grant
from calsyncctl.model.calendar import GONE, Calendar, CalendarState, can_read
from calsyncctl.model.people import AssigneeKind, parse_assignee
from calsyncctl.store import accounts, calendars, people
from calsyncctl.store.db import Store
from calsyncctl.sync.provider import CalendarsPage

PROVIDER = "google"
_OWNERS = "An owner is agent:NAME, team:NAME or an e-mail address."


@dataclass(frozen=True, slots=True)
class Wish:
    """What the operator asked for: only this e-mail address, and whose account it is to be."""

    email: str | None = None
    owner: str | None = None
    shadow: bool = False
    """Whether nothing is to be written to it until it is trusted."""


@dataclass(frozen=True, slots=True)
class Connected:
    """An account that works, with its calendars; `repaired` if it was known before."""

    account: Account
    calendars: tuple[Calendar, ...]
    repaired: bool
    yielded: tuple[Calendar, ...] = ()
    """Calendars that another account has taken over meanwhile: no longer selected here."""


def check_owner(store: Store, owner: str | None) -> str | None:
    """Return the owner as it is stored: an agent, a team, or a contact by e-mail address.

    Raises:
        UsageFault: an inbox, or no owner at all.
        NotFound: no such agent or team.
    """
    if owner is None or "@" in owner:
        return owner and owner.strip().casefold()
    try:
        kind, name = parse_assignee(owner)
    except UsageFault as error:
        raise UsageFault(f"“{owner}” cannot own an account.", _OWNERS) from error
    if kind is AssigneeKind.INBOX:
        raise UsageFault("An inbox cannot own an account.", _OWNERS)
    if people.assignee_by_name(store, kind, name) is None:
        raise NotFound(f"There is no {kind}:{name}.", f"Add it first: calsyncctl assignees add {kind}:{name}")
    return f"{kind}:{name}"


def begin_sign_in(means: Means, *, login_hint: str | None, port: int) -> Consent:
    """Begin a sign-in, once it is certain that the answer could be redeemed: nobody consents in vain.

    Raises:
        Later: the authority is out of reach.
    """
    means.authority.reach()
    return means.authority.begin(login_hint=login_hint, port=port)


def sign_in(means: Means, wish: Wish, consent: Consent, timeout: float) -> Connected:
    """Wait for the person's consent and connect; the browser hears the outcome too."""
    done: list[Connected] = []
    try:
        consent.wait(timeout, lambda grant: done.append(connect(means, wish, grant)))
    finally:
        consent.close()
    return done[0]


def connect(means: Means, wish: Wish, grant: Grant) -> Connected:
    """Check a grant, try it out with its stored tokens, and keep account and calendar list.

    Raises:
        ConnectFault: a needed permission is missing, somebody else signed in, or the account has no calendars.
    """
    check_grant(means, wish, grant)
    refresh, access = entries_of(grant.sub)
    tokens = {refresh: grant.refresh_token, access: grant.access_token}
    with means.hold_sign_ins("connect"), replaced(means.secrets, tokens):
        trial = _on_trial(means, grant, accounts.account_by_sub(means.store, PROVIDER, grant.sub))
        ledger = TrialLedger(grant.access_expires, grant.refresh_expires)
        page = try_out(means, trial, ledger)
        return keep(means, trial, ledger, page, owner=wish.owner, client=grant.client, shadow=wish.shadow)


def check_grant(means: Means, wish: Wish, grant: Grant) -> None:
    """Raise ConnectFault unless the wished account signed in and permitted what is needed."""
    if wish.email and not same_address(wish.email, grant.email):
        raise ConnectFault(
            f"{grant.email} signed in, but {wish.email} was asked for; nothing was kept.",
            f"Choose {wish.email} on Google's page: calsyncctl connect --account {wish.email}",
        )
    if means.authority.missing(grant.scopes):
        raise ConnectFault(
            f"{grant.email} did not permit: {_listed(means.authority.unticked(grant.scopes))}; nothing was kept.",
            "Connect again and tick every box on Google's page: calsyncctl connect",
        )


def try_out(means: Means, account: Account, ledger: TrialLedger) -> CalendarsPage:
    """Use the stored tokens once, to read the calendar list.

    Raises:
        ConnectFault: Google turns the account away; the reason is in the sentence.
    """
    try:
        page = means.provider_for(account, ledger).list_calendars(None)
    except Refused as error:
        raise ConnectFault(
            f"{account.email} cannot use Google Calendar: {error.what} Nothing was kept.",
            "Ask the account's administrator to turn Google Calendar on for it, then: calsyncctl connect",
        ) from error
    except NeedsReauth as error:
        raise ConnectFault(
            f"Google did not accept the fresh sign-in of {account.email}: {error.what} Nothing was kept.",
            "Check this machine's clock (timedatectl), then: calsyncctl connect",
        ) from error
    if not page.calendars:
        raise ConnectFault(
            f"{account.email} has no Google calendars; nothing was kept.",
            "Open calendar.google.com once with this account, then: calsyncctl connect",
        )
    return page


def keep(
    means: Means,
    trial: Account,
    ledger: TrialLedger,
    page: CalendarsPage,
    *,
    owner: str | None,
    client: str,
    shadow: bool = False,
) -> Connected:
    """Keep a proven account and its calendar list in one transaction; a known one stays what it was, but active."""
    store, now = means.store, means.clock.now()
    with store.write():
        known = accounts.account_by_sub(store, PROVIDER, trial.sub)
        account_id = known.id if known else _add(means, trial, ledger, client)
        if known:
            _repair(means, known.id, trial, ledger, client)
        if owner is not None:
            accounts.set_owner(store, account_id, owner)
        if shadow:
            cast_shadow(store, accounts.get_account(store, account_id), now)
        keep_calendars(store, account_id, page, now)
        yielded = _yield_taken(store, account_id, now)
        accounts.mark_account_success(store, account_id, now)
    found = calendars.list_calendars(store, account_id=account_id)
    return Connected(accounts.get_account(store, account_id), tuple(found), known is not None, yielded)


def keep_calendars(store: Store, account_id: int, page: CalendarsPage, now: int) -> list[Calendar]:
    """Write down an account's calendar list; call inside `store.write()`. A calendar that is back leaves its hold.

    One that was deselected or paused meanwhile stays so: the choice is a person's.
    """
    kept = [calendars.keep_remote(store, account_id, remote) for remote in page.calendars if not remote.deleted]
    for calendar in kept:
        if calendar.state is CalendarState.HOLD and can_read(calendar.access):
            calendars.set_calendar_state(store, calendar.id, CalendarState.SELECTED, since=now)
        elif calendar.reason == GONE:
            calendars.set_calendar_state(store, calendar.id, calendar.state, since=now)
    accounts.set_list_cursor(store, account_id, page.cursor)
    return kept


def same_address(one: str, other: str) -> bool:
    """Compare two e-mail addresses as the design does: stripped and case-folded."""
    return one.strip().casefold() == other.strip().casefold()


def _on_trial(means: Means, grant: Grant, known: Account | None) -> Account:
    """The account as it would be; a new one has no id yet."""
    return Account(
        id=known.id if known else 0,
        provider=PROVIDER,
        sub=grant.sub,
        email=grant.email,
        owner=known.owner if known else None,
        state=AccountState.ACTIVE,
        scopes=grant.scopes,
        client=grant.client,
        vault=means.secrets.backend,
    )


def _add(means: Means, trial: Account, ledger: TrialLedger, client: str) -> int:
    return accounts.add_account(
        means.store,
        provider=PROVIDER,
        sub=trial.sub,
        email=trial.email,
        owner=trial.owner,
        scopes=trial.scopes,
        client=client,
        vault=means.secrets.backend,
        token_expires=ledger.access,
        grant_expires=ledger.refresh,
        now=means.clock.now(),
    ).id


def _repair(means: Means, account_id: int, trial: Account, ledger: TrialLedger, client: str) -> None:
    accounts.set_grant(
        means.store,
        account_id,
        email=trial.email,
        scopes=trial.scopes,
        client=client,
        vault=means.secrets.backend,
        token_expires=ledger.access,
        grant_expires=ledger.refresh,
    )
    accounts.set_account_state(means.store, account_id, AccountState.ACTIVE, since=means.clock.now())
    after_sign_in(means.store, account_id, means.clock.now())


def _yield_taken(store: Store, account_id: int, now: int) -> tuple[Calendar, ...]:
    """While it was disconnected, another account may have selected the same google calendar: that one keeps it."""
    taken = []
    claimed = [CalendarState.SELECTED, CalendarState.PAUSED, CalendarState.HOLD]
    for calendar in calendars.list_calendars(store, account_id=account_id, states=claimed):
        if calendar.google_id and calendars.selected_elsewhere(store, calendar.google_id, account_id):
            calendars.set_calendar_state(store, calendar.id, CalendarState.AVAILABLE, since=now)
            taken.append(calendar)
    return tuple(taken)


def _listed(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
