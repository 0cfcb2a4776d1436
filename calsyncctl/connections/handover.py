"""Hand a connection over to another machine, sealed with a passphrase: laptop with a browser → server without.

The refresh token travels, the access token does not; nor does the client's secret, which both machines have from the
operator. The connection counts at the other end only after it was stored, read back and used once.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace

import msgspec

from calsyncctl.connections.calendars import plan_selection, select
from calsyncctl.connections.connect import Connected, check_owner, keep, try_out
from calsyncctl.connections.keeping import TrialLedger, entries_of, replaced
from calsyncctl.connections.ports import Envelope, Means
from calsyncctl.errors import ConnectFault, NeedsReauth, NotAllowed, UsageFault
from calsyncctl.model.account import Account, AccountState
from calsyncctl.model.calendar import CalendarState, Mode
from calsyncctl.store import accounts, calendars

FORMAT = "calsyncctl/connection/1"


class Choice(msgspec.Struct, frozen=True):
    """One selected calendar of the connection."""

    google_id: str
    mode: str


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """What travels; only ever seen sealed."""

    format: str
    provider: str
    sub: str
    email: str
    owner: str | None
    scopes: list[str]
    client: str
    grant_expires: int | None
    refresh_token: str
    choices: list[Choice]

    def __repr__(self) -> str:
        return f"Parcel({self.email})"


def export_connection(means: Means, account: Account, passphrase: str, envelope: Envelope) -> bytes:
    """Return the account's connection, sealed.

    Raises:
        NeedsReauth: there is no sign-in to hand over.
    """
    refresh, _ = entries_of(account.sub)
    token = means.secrets.get(refresh)
    if not token or account.state not in {AccountState.ACTIVE, AccountState.PAUSED}:
        raise NeedsReauth(f"{account.email} has no working sign-in to hand over.", "Sign in first: calsyncctl connect")
    chosen = calendars.list_calendars(means.store, account_id=account.id, states=[CalendarState.SELECTED])
    parcel = Parcel(
        format=FORMAT,
        provider=account.provider,
        sub=account.sub,
        email=account.email,
        owner=account.owner,
        scopes=sorted(account.scopes),
        client=account.client,
        grant_expires=account.grant_expires,
        refresh_token=token,
        choices=[Choice(one.google_id or "", str(one.mode)) for one in chosen],
    )
    return envelope.seal(msgspec.json.encode(parcel), passphrase)


def import_connection(means: Means, sealed: bytes, passphrase: str, envelope: Envelope) -> Connected:
    """Open a sealed connection, try it out, keep it, and select the calendars that were selected.

    Raises:
        UsageFault: wrong passphrase, or not such a file.
        ConnectFault: it belongs to another OAuth client, or Google no longer accepts it.
        NotFound: the agent or team that owns it is not here.
    """
    parcel = _open(envelope.unseal(sealed, passphrase))
    if parcel.client != means.authority.client_id:
        raise ConnectFault(
            f"The connection of {parcel.email} was made with another OAuth client than this profile's.",
            "Give both machines the same client file: calsyncctl init --client-secrets FILE",
        )
    owner = check_owner(means.store, parcel.owner)
    refresh, access = entries_of(parcel.sub)
    # Without an access token the first use refreshes, which tries the very token that travelled.
    with means.hold_sign_ins("accounts import"), replaced(means.secrets, {refresh: parcel.refresh_token, access: None}):
        trial = _on_trial(means, parcel)
        ledger = TrialLedger(None, parcel.grant_expires)
        page = try_out(means, trial, ledger)
        connected = keep(means, trial, ledger, page, owner=owner, client=parcel.client)
    _choose_again(means, connected.account, parcel.choices)
    found = calendars.list_calendars(means.store, account_id=connected.account.id)
    return replace(connected, calendars=tuple(found))


def _open(payload: bytes) -> Parcel:
    try:
        parcel = msgspec.json.decode(payload, type=Parcel)
    except (msgspec.DecodeError, UnicodeDecodeError):
        parcel = None
    if parcel is None or parcel.format != FORMAT:
        raise UsageFault("The file holds no connection that this version can read.", "Make it anew: accounts export")
    return parcel


def _on_trial(means: Means, parcel: Parcel) -> Account:
    known = accounts.account_by_sub(means.store, parcel.provider, parcel.sub)
    return Account(
        id=known.id if known else 0,
        provider=parcel.provider,
        sub=parcel.sub,
        email=parcel.email,
        owner=parcel.owner,
        state=AccountState.ACTIVE,
        scopes=frozenset(parcel.scopes),
        client=parcel.client,
        vault=means.secrets.backend,
    )


def _choose_again(means: Means, account: Account, choices: list[Choice]) -> None:
    """Select what was selected over there, but nothing that could not be selected so here, for whatever reason."""
    wanted = {choice.google_id: choice.mode for choice in choices}
    available = calendars.list_calendars(means.store, account_id=account.id, states=[CalendarState.AVAILABLE])
    for calendar in available:
        mode = wanted.get(calendar.google_id or "")
        if mode:
            with contextlib.suppress(NotAllowed):
                select(means, plan_selection(means.store, [calendar], Mode(mode)))
