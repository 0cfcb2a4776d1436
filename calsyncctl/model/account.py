"""Accounts: one connected Google account each, known by Google's `sub`; and what signing in brings."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from calsyncctl.errors import NeedsReauth


class AccountState(StrEnum):
    """What an account may be in; the reason, since and until stand beside it."""

    ACTIVE = "active"
    PAUSED = "paused"
    NEEDS_REAUTH = "needs-reauth"
    DISCONNECTING = "disconnecting"
    DISCONNECTED = "disconnected"
    """Forgotten but for its name: what was here re-attaches when it is connected again."""


@dataclass(frozen=True, slots=True)
class Account:
    """One connected account. Times are UTC seconds; `scopes` are the granted ones; secrets are never here."""

    id: int
    provider: str
    sub: str
    email: str
    owner: str | None
    state: AccountState
    scopes: frozenset[str]
    client: str
    """The OAuth client id that the grant belongs to."""
    vault: str
    """The name of the vault backend that keeps its tokens."""
    reason: str | None = None
    since: int | None = None
    until: int | None = None
    token_expires: int | None = None
    grant_expires: int | None = None
    """When the refresh token ends, where Google tells (test-mode apps: seven days)."""
    list_cursor: str | None = None
    last_success: int | None = None
    shadow: bool = False
    """Nothing is written to its calendars until somebody trusts it; pulls flow."""


def dead_sentence(email: str, reason: str | None) -> str:
    """Say that a sign-in is dead, with the reason that is known; reasons often name the account themselves."""
    if reason and email in reason:
        return reason if reason.endswith(".") else f"{reason}."
    return f"{email} must sign in again ({(reason or 'Google no longer accepts its sign-in').rstrip('.')})."


def needs_sign_in(account: Account) -> NeedsReauth:
    """Return the error for an account whose sign-in is dead."""
    cure = f"Sign in again: calsyncctl connect --account {account.email}"
    return NeedsReauth(dead_sentence(account.email, account.reason), cure)


def shadow_sentence(account: Account) -> str:
    """Say why nothing is written to a shadow account's calendars."""
    return f"{account.email} is a shadow account: nothing is written to it until it is trusted"


@dataclass(frozen=True, slots=True)
class Grant:
    """What signing in brought: who it is, what was permitted, and the two tokens (never shown, hence out of repr)."""

    sub: str
    email: str
    scopes: frozenset[str]
    client: str
    access_token: str = field(repr=False)
    access_expires: int
    refresh_token: str = field(repr=False)
    refresh_expires: int | None = None


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """The operator's OAuth client, from the client file; one serves every account of the profile."""

    client_id: str
    client_secret: str = field(repr=False)
    auth_uri: str
    token_uri: str
    revoke_uri: str
    userinfo_uri: str
