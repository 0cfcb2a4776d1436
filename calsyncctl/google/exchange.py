"""From the code in the redirect to a grant: the tokens, what was permitted, and who it is."""

from __future__ import annotations

from typing import Final

import msgspec
import urllib3
from google.auth import jwt

from calsyncctl.clock import Clock
from calsyncctl.errors import CalsyncError, ConfigFault, ConnectFault, Later
from calsyncctl.google.answers import Answer, read_answer
from calsyncctl.google.errors import client_unusable
from calsyncctl.google.scopes import SCOPES
from calsyncctl.google.token_endpoint import TokenAnswer, get, post_form
from calsyncctl.model.account import Grant, OAuthClient

CLOCK_TOLERANCE: Final = 300
"""Seconds that this machine's clock may differ from Google's; beyond, tokens would seem dead or alive wrongly."""

_AGAIN: Final = "Start again: calsyncctl connect"
_POLICY: Final = frozenset({"access_denied", "admin_policy_enforced", "org_internal"})


class Person(msgspec.Struct, frozen=True):
    """Who signed in: claims of the id token, or the answer of the userinfo address (`id` in the older one)."""

    sub: str = ""
    email: str = ""
    aud: str = ""
    iat: int | None = None
    id: str = ""


def exchange(
    client: OAuthClient, *, code: str, verifier: str, redirect_uri: str, pool: urllib3.PoolManager, clock: Clock
) -> Grant:
    """Trade the code for a grant; a code works once, so this is never repeated.

    Raises:
        ConnectFault: the code is refused, no lasting access came with it, or this machine's clock is wrong.
        Installation: Google does not know the client. ConfigFault: its secret is missing.
        Later: Google cannot be reached, or is in trouble.
    """
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "code_verifier": verifier,
        "redirect_uri": redirect_uri,
    }
    reply = post_form(pool, client.token_uri, form)
    answer = reply.read(TokenAnswer) if reply.status == 200 else None
    if answer is None:
        raise _refusal(read_answer(reply.status, reply.headers, reply.body))
    if not answer.refresh_token:
        raise ConnectFault(
            "Google gave no lasting access (no refresh token came).",
            "Remove the app at myaccount.google.com/connections, then: calsyncctl connect",
        )
    person = _who(client, answer, pool, clock)
    return _grant(client, answer, person, clock.now())


def _grant(client: OAuthClient, answer: TokenAnswer, person: Person, now: int) -> Grant:
    lasting = answer.refresh_token_expires_in
    return Grant(
        sub=person.sub,
        email=person.email,
        # An answer that names no scope grants what was asked (RFC 6749, 5.1).
        scopes=frozenset(answer.scope.split() or SCOPES),
        client=client.client_id,
        access_token=answer.access_token,
        access_expires=now + answer.expires_in,
        refresh_token=answer.refresh_token,
        refresh_expires=None if lasting is None else now + lasting,
    )


def _who(client: OAuthClient, answer: TokenAnswer, pool: urllib3.PoolManager, clock: Clock) -> Person:
    person = read_id_token(answer.id_token)
    if person.aud not in {"", client.client_id}:
        raise ConnectFault("Google's answer was meant for another OAuth client.", _AGAIN)
    if person.iat is not None:
        check_clock(person.iat, clock.now())
    if person.sub and person.email:
        return person
    found = get(pool, client.userinfo_uri, answer.access_token).read(Person) or Person()
    sub = found.sub or found.id or person.sub
    if not sub or not found.email:
        raise ConnectFault("Google did not say who signed in.", _AGAIN)
    return Person(sub=sub, email=found.email)


def read_id_token(token: str) -> Person:
    """Read who signed in; nobody, if there is no such token.

    Not verified: it came straight from Google over TLS (OpenID Connect core, 3.1.3.7, point 6).
    """
    try:
        return msgspec.convert(jwt.decode(token, verify=False), Person, strict=False)
    except (ValueError, msgspec.MsgspecError):  # google-auth's MalformedError is a ValueError
        return Person()


def check_clock(google: int, here: int) -> None:
    """Raise ConnectFault if this machine's clock is more than five minutes off; both in UTC seconds."""
    off = here - google
    if abs(off) <= CLOCK_TOLERANCE:
        return
    direction = "ahead of" if off > 0 else "behind"
    raise ConnectFault(
        f"This machine's clock is {_span(abs(off))} {direction} Google's.",
        "Set it right (timedatectl set-ntp true), then: calsyncctl connect",
    )


def _span(seconds: int) -> str:
    minutes = round(seconds / 60)
    if minutes < 120:
        return f"{minutes} minutes"
    return f"{round(minutes / 60)} hours" if minutes < 48 * 60 else f"{round(minutes / 1440)} days"


def _refusal(answer: Answer) -> CalsyncError:
    """Say why the code was not accepted, by the error's code; texts vary too much to be read."""
    reason = answer.reason
    if reason in {"invalid_client", "unauthorized_client", "deleted_client"}:
        return client_unusable(reason)
    if reason == "invalid_request" and "client_secret" in answer.message:
        return ConfigFault(
            "The OAuth client's secret is missing.",
            "Download the client's file with its secret: calsyncctl help google-project",
        )
    if reason == "invalid_grant":
        return ConnectFault("Google did not accept the sign-in: its code was used already, or is too old.", _AGAIN)
    if reason in _POLICY:
        return refused_by_policy(reason)
    if reason == "redirect_uri_mismatch":
        return ConnectFault(
            "Google does not send this OAuth client back to this machine.",
            "Make a client of the type “Desktop app”: calsyncctl help google-project",
        )
    if not answer.from_google:
        return Later(
            f"The answer {answer.status} to the sign-in did not come from Google: a proxy stands between.",
            "Check the network, HTTPS_PROXY and NO_PROXY, then: calsyncctl connect",
        )
    return ConnectFault(f"Google did not accept the sign-in ({plain(reason) or answer.status}).", _AGAIN)


def refused_by_policy(reason: str) -> ConnectFault:
    """Say that the organisation of the account stands in the way."""
    return ConnectFault(
        f"The account's organisation does not permit this app ({reason}).",
        "Ask its Google Workspace administrator to allow it, then: calsyncctl connect",
    )


def plain(text: str) -> str:
    """Keep what an error code consists of: it came from an address, and goes to a terminal."""
    return "".join(char for char in text[:60] if char.isascii() and (char.isalnum() or char in "_-."))
