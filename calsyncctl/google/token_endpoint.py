"""Talking to Google's token, userinfo and revocation addresses: one form sent once, one answer read."""

from __future__ import annotations

import email.utils
from typing import Final, NoReturn, TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec
import urllib3

from calsyncctl.errors import Later
from calsyncctl.google.answers import read_retry_after
from calsyncctl.google.errors import classify_transport
from calsyncctl.google.transport import USER_AGENT

TIMEOUT: Final = 20.0
"""Seconds for one exchange with these addresses; they answer in a fraction of one."""

KNOCK_TIMEOUT: Final = 10.0
"""Seconds for an answer to come from there at all, while a person waits for the browser."""

T = TypeVar("T")


class TokenAnswer(msgspec.Struct, frozen=True):
    """A token address's good answer (RFC 6749 5.1; Google adds the last two). Lifetimes in seconds."""

    access_token: str
    expires_in: int = 3600
    refresh_token: str = ""
    scope: str = ""
    id_token: str = ""
    refresh_token_expires_in: int | None = None

    def __repr__(self) -> str:
        return "TokenAnswer(…)"


class Reply(msgspec.Struct, frozen=True):
    """What came back: status, headers by lower-case name, body."""

    status: int
    headers: dict[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"Reply({self.status})"

    def read(self, kind: type[T]) -> T | None:
        """Decode the body (numbers may be quoted, fields may be more); None if it is not of that kind."""
        try:
            return msgspec.json.decode(self.body, type=kind, strict=False)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return None


def post_form(pool: urllib3.PoolManager, uri: str, fields: dict[str, str]) -> Reply:
    """Send a form, once.

    Raises:
        Later: if no answer came, or one that says "not now" (408, 429, 5xx).
    """
    return _send(pool, "POST", uri, {"content-type": "application/x-www-form-urlencoded"}, urlencode(fields))


def get(pool: urllib3.PoolManager, uri: str, token: str) -> Reply:
    """Read an address with an access token. Raises as `post_form` does."""
    return _send(pool, "GET", uri, {"authorization": f"Bearer {token}"}, None)


def knock(pool: urllib3.PoolManager, uri: str) -> None:
    """See that something answers at an address; any answer will do.

    Raises:
        Later: if none came.
    """
    try:
        pool.request("HEAD", uri, headers={"user-agent": USER_AGENT}, timeout=KNOCK_TIMEOUT, redirect=False)
    except (urllib3.exceptions.HTTPError, OSError) as error:
        _raise_offline(error, urlsplit(uri).netloc)


def raise_if_busy(status: int, retry_after: float | None, host: str) -> None:
    """Raise Later for the answers that pass by themselves."""
    if status >= 500 or status in {408, 429}:
        raise Later(f"Google's sign-in service is having trouble ({host}: {status}).", retry_after=retry_after)


def _send(pool: urllib3.PoolManager, method: str, uri: str, headers: dict[str, str], body: str | None) -> Reply:
    host = urlsplit(uri).netloc
    headers = headers | {"user-agent": USER_AGENT, "accept": "application/json"}
    try:
        answer = pool.request(method, uri, headers=headers, body=body, timeout=TIMEOUT, redirect=False)
        reply = Reply(answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.data)
    except (urllib3.exceptions.HTTPError, OSError) as error:
        _raise_offline(error, host)
    raise_if_busy(reply.status, read_retry_after(reply.headers.get("retry-after", ""), _said_at(reply)), host)
    return reply


def _said_at(reply: Reply) -> int:
    """Return when the server said it, by its own clock (RFC 9110, 6.6.1): what a wait given as a date counts from."""
    try:
        return int(email.utils.parsedate_to_datetime(reply.headers.get("date", "")).timestamp())
    except (ValueError, OverflowError):
        return 0


def _raise_offline(error: Exception, host: str) -> NoReturn:
    # Not chained: messages of the layers below may hold the address with all that is in it.
    raise classify_transport(error, host) from None
