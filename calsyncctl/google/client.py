"""The only place that executes a request: quota taken, token attached, refreshed once at a 401, failures named.

A 401 was not applied, so repeating it is safe for reads and writes alike. Everything else that fails is repeated for
reads only, by `retry.py`; the libraries below repeat nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

import httplib2
from googleapiclient.errors import HttpError

from calsyncctl.clock import Clock
from calsyncctl.errors import CalsyncError, Later
from calsyncctl.google.answers import About, read_answer
from calsyncctl.google.costs import costs_of
from calsyncctl.google.errors import classify, is_rate, unknown
from calsyncctl.google.governor import Gate, NoRoom, Open
from calsyncctl.google.retry import RetryPolicy
from calsyncctl.google.transport import Http, NoAnswer, Transport

T = TypeVar("T")


class Tokens(Protocol):
    """Where access tokens come from; `google/tokens.py` is the one of production. Both raise NeedsReauth or Later."""

    def token(self) -> str:
        """Return a token that is good for some minutes yet."""
        ...

    def refresh(self) -> str:
        """Get a new token, after Google refused the last one."""
        ...


class Signed:
    """The transport with an account's token on every request, and the gate before each.

    `credentials` is what the library's batch looks for when single parts were answered 401: it refreshes them once
    and sends those parts again.
    """

    def __init__(self, transport: Transport, tokens: Tokens, gate: Gate | None = None, *, urgent: bool = False) -> None:
        self._transport = transport
        self._gate = gate or Open()
        self._urgent = urgent
        self.credentials = _Bearer(tokens)

    def request(
        self,
        uri: str,
        method: str = "GET",
        body: str | bytes | None = None,
        headers: dict[str, str] | None = None,
        redirections: int = 0,
        connection_type: object = None,
        **kw: Any,
    ) -> tuple[httplib2.Response, bytes]:
        """Send one request, signed, once the quota has room for it."""
        costs = costs_of(method, uri, body)
        self._gate.take(costs, urgent=self._urgent)
        signed = dict(headers or {})
        self.credentials.apply(signed)
        status = "none"
        try:
            answer = self._transport.request(uri, method, body, signed, redirections, connection_type, **kw)
            status = str(answer[0].status)
        finally:
            self._gate.answered(costs, status)
        return answer


class _Bearer:
    """One token in use, with the methods that the library's batch asks of credentials."""

    access_token_expired = False

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self.access_token = tokens.token()

    def __repr__(self) -> str:
        return "_Bearer(…)"

    def refresh(self, _http: object = None) -> None:
        """Get a new token."""
        self.access_token = self._tokens.refresh()

    def apply(self, headers: dict[str, str]) -> None:
        """Put the token where Google looks for it."""
        headers["authorization"] = f"Bearer {self.access_token}"


class Client:
    """One account's way to the API. Not for two threads at once; the pool beneath may be shared."""

    def __init__(
        self,
        transport: Transport,
        tokens: Tokens,
        *,
        email: str,
        clock: Clock,
        policy: RetryPolicy | None = None,
        gate: Gate | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._transport = transport
        self._tokens = tokens
        self.email = email
        self._clock = clock
        self._policy = policy or RetryPolicy()
        self._gate = gate or Open()
        self._jitter = jitter
        self._urgent = False

    @property
    def requests(self) -> int:
        """How many requests were sent over this client's transport."""
        return self._transport.requests

    @property
    def most_parts(self) -> int:
        """How many parts may go into one batch, for the quota to have room for it at all."""
        return self._gate.most_parts

    @contextmanager
    def urgent(self) -> Iterator[None]:
        """Let what is read within the block take its quota as writes do: one waits for it."""
        before, self._urgent = self._urgent, True
        try:
            yield
        finally:
            self._urgent = before

    def read(self, call: Callable[[Http], T], about: About) -> T:
        """Execute a request that changes nothing; passing trouble is tried again, a few times.

        `call` takes the signed transport, such as `lambda http: request.execute(http=http)`.
        Raises the errors of `calsyncctl.errors`.
        """
        tried = 0
        while True:
            tried += 1
            try:
                return self._send(call, about)
            except NoRoom:
                raise
            except Later as error:
                self.pause(tried, error)

    def write(self, call: Callable[[Http], T], about: About) -> T:
        """Execute a request that changes something, once: nothing but a 401, which changed nothing, is sent again.

        Raises:
            Unknown: it may have been carried out. Every other error means that it was not.
        """
        try:
            return self._send(call, about)
        except NoAnswer as error:
            raise unknown(error) from None

    def renew(self) -> None:
        """Get a new token, after parts of a batch were answered 401. Raises NeedsReauth or Later."""
        self._tokens.refresh()

    def pause(self, tried: int, error: Later) -> None:
        """Wait before the next try of a read that failed `tried` times; raises `error` when it is not worth one."""
        wait = self._policy.wait(tried, error, self._jitter)
        if wait is None:
            raise error
        self._clock.sleep(wait)

    def name(self, status: int, headers: Mapping[str, str], content: bytes, about: About) -> CalsyncError:
        """Name a refusing answer; one for Google's rates slows down everybody that it concerns."""
        answer = read_answer(status, headers, content, now=self._clock.now())
        error = classify(answer, about)
        if isinstance(error, Later) and is_rate(answer):
            self._gate.refused(error)
        return error

    def _send(self, call: Callable[[Http], T], about: About) -> T:
        http = Signed(self._transport, self._tokens, self._gate, urgent=self._urgent)
        try:
            return call(http)
        except HttpError as error:
            if error.resp.status != 401:
                raise self._named(error, about) from None
        http.credentials.refresh()
        try:
            return call(http)
        except HttpError as error:
            raise self._named(error, about) from None

    def _named(self, error: HttpError, about: About) -> CalsyncError:
        return self.name(error.resp.status, error.resp, error.content, about)
