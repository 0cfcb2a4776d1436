"""Access tokens of one account: used while they last, refreshed in time, by one thread of one process at once.

The order of saving: a new refresh token first, then the access token, then the expiry. A crash between two of them
leaves at worst one refresh too many, never a token that is taken for fresh and is not.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
import urllib3
from google.auth.exceptions import GoogleAuthError
from google.auth.transport import Response
from google.auth.transport.urllib3 import Request
from google.oauth2.credentials import Credentials

from calsyncctl.clock import Clock
from calsyncctl.errors import Later
from calsyncctl.google.answers import read_retry_after
from calsyncctl.google.errors import classify_refresh, needs_reauth
from calsyncctl.google.token_endpoint import TIMEOUT, TokenAnswer, raise_if_busy
from calsyncctl.google.transport import make_pool
from calsyncctl.model.account import OAuthClient
from calsyncctl.model.secrets import Secrets, TokenLedger, access_entry, refresh_entry

MARGIN: Final = 300
"""Seconds that a token must have left to be used; with less it is refreshed first."""


class AccessTokens:
    """The account's access token, always one that works for five minutes more. Safe between threads.

    `lock` holds the account's tokens against other processes; `ledger` keeps the expiries, `secrets` the tokens.
    """

    def __init__(
        self,
        *,
        client: OAuthClient,
        sub: str,
        email: str,
        scopes: Iterable[str],
        secrets: Secrets,
        ledger: TokenLedger,
        clock: Clock,
        lock: Callable[[], AbstractContextManager[None]],
        pool: urllib3.PoolManager | None = None,
    ) -> None:
        self._client = client
        self._sub = sub
        self._email = email
        self._scopes = sorted(scopes)
        self._secrets = secrets
        self._ledger = ledger
        self._clock = clock
        self._lock = lock
        self._pool = pool
        self._guard = threading.Lock()
        self._token = ""
        self._use_until = 0

    def __repr__(self) -> str:
        return f"AccessTokens({self._email})"

    def token(self) -> str:
        """Return a token with five minutes left or more, refreshing first if need be.

        Raises:
            NeedsReauth: Google has withdrawn the account's permission, or its refresh token is not in the vault.
            Installation: Google does not know the OAuth client. Later: Google is out of reach.
            VaultFault: the secrets are.
        """
        with self._guard:
            if self._clock.now() <= self._use_until:
                return self._token
            with self._lock():
                return self._saved() or self._refreshed()

    def refresh(self, refused: str | None = None) -> str:
        """Return another token than the one that Google refused (None: the last one given). Raises as `token` does."""
        with self._guard:
            stale = self._token if refused is None else refused
            if self._token != stale and self._clock.now() <= self._use_until:
                return self._token  # another thread was here with the same refusal
            self._use_until = 0
            with self._lock():
                return self._saved(besides=stale) or self._refreshed()

    def _saved(self, besides: str = "") -> str:
        """Take the vault's token if it is fresh: another process may have refreshed while we waited. Else empty."""
        expires = self._ledger.access_expires()
        if expires is None or expires - self._clock.now() < MARGIN:
            return ""
        token = self._secrets.get(access_entry(self._sub)) or ""
        if not token or token == besides:
            return ""
        self._token, self._use_until = token, expires - MARGIN
        return token

    def _refreshed(self) -> str:
        kept = self._secrets.get(refresh_entry(self._sub))
        if not kept:
            raise needs_reauth(self._email, "The sign-in of this account is no longer in the vault")
        answer = self._ask_google(kept)
        now = self._clock.now()
        if answer.refresh_token and answer.refresh_token != kept:
            self._secrets.set(refresh_entry(self._sub), answer.refresh_token)
        self._secrets.set(access_entry(self._sub), answer.access_token)
        lasting = answer.refresh_token_expires_in
        self._ledger.refreshed(now + answer.expires_in, None if lasting is None else now + lasting)
        # A token that Google gives for less than ten minutes is used for the half of them, not refreshed at every use.
        self._token = answer.access_token
        self._use_until = now + answer.expires_in - min(MARGIN, answer.expires_in // 2)
        return self._token

    def _ask_google(self, refresh_token: str) -> TokenAnswer:
        pool = self._pool or make_pool()
        request = _OnceRequest(pool, urlsplit(self._client.token_uri).netloc, self._clock)
        credentials = Credentials(
            token=None,
            refresh_token=refresh_token,
            token_uri=self._client.token_uri,
            client_id=self._client.client_id,
            client_secret=self._client.client_secret,
            scopes=self._scopes,
        )
        try:
            credentials.refresh(request)
        except (GoogleAuthError, OSError) as error:  # the latter: it was cut off, or took too long
            # Not chained: google-auth puts the whole answer into its exceptions.
            raise classify_refresh(error, self._email, request.host) from None
        finally:
            if self._pool is None:
                pool.clear()
        if request.answer is None:
            raise Later(f"{request.host} gave no token.")
        return request.answer


class _OnceRequest:
    """google-auth's way through our pool: with a time-out, no repeats, and nothing taken for an answer that is none.

    google-auth would sleep and ask twice more after a 5xx (when to try again is decided in one place, not here), and
    falls over a captive portal's page. It also keeps neither the seconds nor a refresh token's lifetime that came.
    """

    def __init__(self, pool: urllib3.PoolManager, host: str, clock: Clock) -> None:
        self._send = Request(pool)
        self.host = host
        self._clock = clock
        self.answer: TokenAnswer | None = None

    def __call__(
        self, url: str, method: str = "GET", body: Any = None, headers: Any = None, timeout: Any = None, **kw: Any
    ) -> Response:
        """Send one request; raises Later for the answers that pass by themselves."""
        response: Response = self._send(url, method, body, headers, timeout or TIMEOUT, **kw)
        wait = read_retry_after(response.headers.get("retry-after", ""), self._clock.now())
        raise_if_busy(response.status, wait, self.host)
        if response.status == 200:
            self.answer = self._read(response.data)
        return response

    def _read(self, body: bytes) -> TokenAnswer:
        try:
            return msgspec.json.decode(body, type=TokenAnswer, strict=False)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            # Not chained: what cannot be read may still hold a token.
            raise Later(f"{self.host} gave an answer that cannot be read; a proxy may stand between.") from None
