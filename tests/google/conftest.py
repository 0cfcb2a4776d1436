"""What the tests of google/ share: a scripted server and a client aimed at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from calsyncctl.google.client import Client
from calsyncctl.google.discovery import calendar_service
from calsyncctl.google.provider import GoogleProvider
from calsyncctl.google.transport import Transport, make_pool
from tests.google.server import FakeServer
from tests.support.clocks import StillClock

EMAIL = "work@example.com"


class CountedTokens:
    """Tokens `t1`, `t2`, …: each refresh gives the next, or raises what it was told."""

    def __init__(self) -> None:
        self.refreshes = 0
        self.fails: Exception | None = None

    def token(self) -> str:
        return f"t{self.refreshes + 1}"

    def refresh(self) -> str:
        if self.fails is not None:
            raise self.fails
        self.refreshes += 1
        return self.token()


@pytest.fixture
def google() -> Iterator[FakeServer]:
    with FakeServer() as fake:
        yield fake


@pytest.fixture
def tokens() -> CountedTokens:
    return CountedTokens()


@pytest.fixture
def still() -> StillClock:
    return StillClock()


@pytest.fixture
def client(tokens: CountedTokens, still: StillClock) -> Iterator[Client]:
    pool = make_pool({})
    yield Client(Transport(pool), tokens, email=EMAIL, clock=still, jitter=lambda: 0.5)
    pool.clear()


@pytest.fixture
def provider(google: FakeServer, client: Client) -> GoogleProvider:
    return GoogleProvider(client, calendar_service(google.root))
