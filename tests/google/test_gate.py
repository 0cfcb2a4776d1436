"""The gate before each request: what it costs is taken first, and Google's refusals for its rates close it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from calsyncctl.connections.budget import StoredBudget
from calsyncctl.errors import Later, Unknown
from calsyncctl.google.answers import About
from calsyncctl.google.client import Client
from calsyncctl.google.discovery import calendar_service
from calsyncctl.google.governor import Governor, NoRoom
from calsyncctl.google.transport import Http, Transport, make_pool
from calsyncctl.model.quota import Limits, day_of
from calsyncctl.store import spend
from calsyncctl.store.db import open_store
from tests.google.conftest import EMAIL, CountedTokens
from tests.google.server import FakeServer
from tests.support.clocks import StillClock

ABOUT = About(EMAIL, "the calendar c")
WRITING = About(EMAIL, "the calendar c", writing=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite"


@pytest.fixture
def governor(path: Path, still: StillClock) -> Iterator[Governor]:
    budget = StoredBudget(lambda: open_store(path, any_thread=True), "client", Limits(100, 20, 1_000))
    yield Governor(budget, still, patience=0, jitter=lambda: 0.5)
    budget.close()


@pytest.fixture
def gated(governor: Governor, tokens: CountedTokens, still: StillClock) -> Iterator[Client]:
    pool = make_pool({})
    gate = governor.gate("jane", EMAIL)
    yield Client(Transport(pool), tokens, email=EMAIL, clock=still, jitter=lambda: 0.5, gate=gate)
    pool.clear()


def read(client: Client, google: FakeServer) -> bytes:
    request = calendar_service(google.root).events().get(calendarId="c", eventId="e")

    def call(http: Http) -> bytes:
        content: bytes = request.execute(http=http, num_retries=0)
        return content

    return client.read(call, ABOUT)


def patch(client: Client, google: FakeServer) -> bytes:
    request = calendar_service(google.root).events().patch(calendarId="c", eventId="e", body={})

    def call(http: Http) -> bytes:
        content: bytes = request.execute(http=http, num_retries=0)
        return content

    return client.write(call, WRITING)


def spent(path: Path, governor: Governor, still: StillClock) -> int:
    governor.close()
    with open_store(path) as store:
        return spend.spent_in_day(store, "client", day_of(still.now()).name)


def test_every_try_is_paid_for_those_after_a_401_too(
    google: FakeServer, gated: Client, path: Path, governor: Governor, still: StillClock
) -> None:
    google.refuse(401, "authError", "Invalid Credentials")
    google.say({"id": "e"})
    read(gated, google)
    google.say({"id": "e"})
    patch(gated, google)

    assert spent(path, governor, still) == 1 + 1 + 3


def test_without_room_nothing_leaves_and_nobody_tries_again(google: FakeServer, gated: Client) -> None:
    for _ in range(6):
        google.say({"id": "e"})
        patch(gated, google)
    with pytest.raises(NoRoom):
        read(gated, google)
    with pytest.raises(NoRoom) as caught:
        patch(gated, google)

    assert not isinstance(caught.value, Unknown)  # it never left: nothing has to be read first
    assert len(google.seen) == 6


def test_a_read_that_a_write_waits_for_goes_from_what_polls_leave(google: FakeServer, gated: Client) -> None:
    for _ in range(6):
        google.say({"id": "e"})
        patch(gated, google)
    google.say({"id": "e"})
    with gated.urgent():
        read(gated, google)
    with pytest.raises(NoRoom):
        read(gated, google)


@pytest.mark.parametrize(
    ("status", "reason", "rests"),
    [
        (403, "userRateLimitExceeded", True),
        (403, "rateLimitExceeded", True),
        (429, "rateLimitExceeded", True),
        (403, "quotaExceeded", False),
        (403, "forbidden", False),
        (403, "somethingNew", False),
        (503, "backendError", False),
    ],
)
def test_only_refusals_for_rates_close_the_gate(
    google: FakeServer, gated: Client, path: Path, still: StillClock, status: int, reason: str, rests: bool
) -> None:
    google.refuse(status, reason, "No.")
    with pytest.raises(Exception, match=r"\S"):
        patch(gated, google)

    with open_store(path) as store:
        assert bool(spend.rests(store, "client", still.now())) is rests


def test_a_refusal_for_the_project_closes_it_for_everybody(
    google: FakeServer, gated: Client, governor: Governor
) -> None:
    google.refuse(403, "rateLimitExceeded", "Rate Limit Exceeded")
    with pytest.raises(Later):
        patch(gated, google)
    with pytest.raises(NoRoom, match="this installation"):
        governor.gate("max", "max@example.com").take({})


def test_a_batch_is_never_larger_than_a_minutes_quota(gated: Client) -> None:
    assert gated.most_parts == 6
