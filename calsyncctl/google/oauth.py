"""Signing in: Google's page in the browser, the answer on a local port or pasted, the tokens; and taking it all back.

`Flow` of google-auth-oauthlib makes the address with its PKCE challenge and state. Its local server is not used: it
ends at the first stray request and says "completed" whatever happened. Its exchange is not used either: ours goes
through the one pool (proxy, certificates, time-out) and needs no process-wide switch for a sandbox on this machine.
"""

from __future__ import annotations

import queue
import secrets
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from calsyncctl.clock import Clock
from calsyncctl.errors import CalsyncError, ConnectFault, UsageFault
from calsyncctl.google.answers import read_answer
from calsyncctl.google.client_file import read_client_file
from calsyncctl.google.exchange import exchange, plain, refused_by_policy
from calsyncctl.google.loopback import Arrival, Loopback, Redirect, read_redirect
from calsyncctl.google.result_page import ResultPage
from calsyncctl.google.scopes import SCOPES
from calsyncctl.google.token_endpoint import knock, post_form
from calsyncctl.google.transport import Pool, is_loopback, make_pool
from calsyncctl.model.account import Grant, OAuthClient

__all__ = ["SignIn", "begin_sign_in", "reach", "read_client_file", "revoke"]

PROMPT: Final = "consent select_account"
"""`consent` makes a new refresh token certain, `select_account` lets people choose which of theirs it is."""

_STATE_BYTES: Final = 32


class SignIn:
    """One sign-in under way; listens until it is closed. Use it in a `with` block, or call `close`."""

    def __init__(
        self, client: OAuthClient, loopback: Loopback, url: str, verifier: str, pool: Pool, clock: Clock
    ) -> None:
        self._client = client
        self._loopback = loopback
        self._url = url
        self._verifier = verifier
        self._pool = pool
        self._clock = clock

    def __repr__(self) -> str:
        return f"SignIn(port={self.port})"

    def __enter__(self) -> SignIn:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        """The address to open in a browser."""
        return self._url

    @property
    def port(self) -> int:
        """The port on 127.0.0.1 that the answer comes to."""
        return self._loopback.port

    def submit(self, redirect_url: str) -> None:
        """Take the answer's address as a person pasted it: the whole, or what follows its `?`. From any thread.

        Raises:
            UsageFault: if it is no such address, or belongs to another sign-in; another try is welcome.
        """
        redirect = _read_pasted(redirect_url)
        if self._loopback.take(redirect, browser=False) is None:
            raise UsageFault(
                "This address belongs to another sign-in.",
                "Open the address printed last, and paste where it leads to.",
            )

    def wait(self, timeout: float, complete: Callable[[Grant], None]) -> Grant:
        """Wait so many seconds for the answer, trade it for a grant, and let `complete` finish the connection.

        All of it runs in the calling thread. The browser's page is sent when `complete` has returned, or shows the
        error that came instead.

        Raises:
            ConnectFault: refused, timed out, or not to be trusted; and whatever `complete` raises.
        """
        arrival = self._arrival(timeout)
        try:
            grant = self._redeem(arrival.redirect)
            complete(grant)
        except CalsyncError as error:
            arrival.answer(400, self._loopback.page.failed(error))
            raise
        arrival.answer(200, self._loopback.page.connected(grant.email))
        return grant

    def close(self) -> None:
        """Stop listening. A browser that still waits is told that the command was stopped."""
        self._loopback.close()
        self._pool.clear()

    def _arrival(self, timeout: float) -> Arrival:
        try:
            return self._loopback.arrivals.get(timeout=timeout)
        except queue.Empty:
            raise _timed_out(timeout, self._loopback.strays) from None

    def _redeem(self, redirect: Redirect) -> Grant:
        if redirect.error:
            raise _refusal(redirect.error)
        return exchange(
            self._client,
            code=redirect.code,
            verifier=self._verifier,
            redirect_uri=self._loopback.redirect_uri,
            pool=self._pool,
            clock=self._clock,
        )


def begin_sign_in(
    client: OAuthClient, *, login_hint: str | None, port: int = 0, page: ResultPage, clock: Clock
) -> SignIn:
    """Listen on 127.0.0.1 (port 0: a free one) and make the address for the browser.

    Raises:
        ConnectFault: if the port is taken.
    """
    state = secrets.token_urlsafe(_STATE_BYTES)
    loopback = Loopback(state=state, port=port, page=page)
    try:
        url, verifier = _address(client, loopback.redirect_uri, state, login_hint)
        return SignIn(client, loopback, url, verifier, make_pool(), clock)
    except BaseException:
        loopback.close()
        raise


def reach(client: OAuthClient) -> None:
    """See that the address at which a sign-in is redeemed answers at all, whatever it answers.

    Raises:
        Later: if nothing does. ConfigFault: if its certificates or the proxy are set wrongly.
    """
    pool = make_pool()
    try:
        knock(pool, client.token_uri)
    finally:
        pool.clear()


def revoke(client: OAuthClient, token: str) -> None:
    """Take the whole grant back at Google, by its refresh or access token; one that is dead already is fine.

    Raises:
        Later: if Google cannot be reached, or is in trouble.
        ConnectFault: if Google answers that it will not.
    """
    pool = make_pool()
    try:
        reply = post_form(pool, client.revoke_uri, {"token": token})
    finally:
        pool.clear()
    if reply.status == 200:
        return
    answer = read_answer(reply.status, reply.headers, reply.body)
    if answer.reason != "invalid_token":
        raise ConnectFault(
            f"Google did not take the access back ({plain(answer.reason) or reply.status}).",
            "Remove the app by hand at myaccount.google.com/connections, then: calsyncctl disconnect ACCOUNT --force",
        )


def _address(client: OAuthClient, redirect_uri: str, state: str, login_hint: str | None) -> tuple[str, str]:
    """Make the authorization address and its PKCE verifier."""
    from google_auth_oauthlib.flow import Flow  # noqa: PLC0415  (150 ms that `revoke` can do without)

    parts = urlsplit(client.auth_uri)
    plain_http = parts.scheme == "http" and is_loopback(parts.hostname)
    # oauthlib makes addresses for https only; a sandbox on this machine speaks plain http.
    auth_uri = client.auth_uri.replace("http:", "https:", 1) if plain_http else client.auth_uri
    config = {"client_id": client.client_id, "auth_uri": auth_uri, "token_uri": client.token_uri}
    flow = Flow.from_client_config({"installed": config}, SCOPES, redirect_uri=redirect_uri)
    hint = {"login_hint": login_hint} if login_hint else {}
    url, _ = flow.authorization_url(state=state, prompt=PROMPT, **hint)
    return (url.replace("https:", "http:", 1) if plain_http else url), flow.code_verifier


def _read_pasted(text: str) -> Redirect:
    text = text.strip()
    try:
        redirect = read_redirect(urlsplit(text).query or text.removeprefix("?"))
    except ValueError:
        redirect = Redirect("", "", "")
    if not redirect.state or not (redirect.code or redirect.error):
        raise UsageFault(
            "This is not the address that Google's page led to.",
            "Copy it from the browser's address line: it begins with http://127.0.0.1 and holds “code=”.",
        )
    return redirect


def _refusal(error: str) -> ConnectFault:
    """Say what an error in the redirect means."""
    if error == "access_denied":
        return ConnectFault(
            "The permission was refused on Google's page; nothing was kept.",
            "To connect after all: calsyncctl connect, then Allow.",
        )
    if error in {"admin_policy_enforced", "org_internal"}:
        return refused_by_policy(error)
    return ConnectFault(f"Google ended the sign-in ({plain(error) or 'no reason given'}).", "Try: calsyncctl connect")


def _timed_out(timeout: float, strays: int) -> ConnectFault:
    span = f"{timeout / 60:.0f} minutes" if timeout >= 120 else f"{timeout:.0f} seconds"
    older = " (answers of another sign-in came: an older tab?)" if strays else ""
    return ConnectFault(
        f"No answer came from Google within {span}{older}; nothing was kept.",
        "If the browser shows an error of Google's own, the account may be missing on the project's test-user list, or "
        "its organisation does not permit the app: calsyncctl help google-project. Else: calsyncctl connect",
    )
