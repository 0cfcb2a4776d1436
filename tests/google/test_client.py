"""The one place that executes requests: the token, the single refresh, and reads tried again with patience."""

from __future__ import annotations

import pytest

from calsyncctl.errors import Gone, Later, MuchLater, NeedsReauth
from calsyncctl.google.answers import About
from calsyncctl.google.client import Client
from calsyncctl.google.discovery import calendar_service
from calsyncctl.google.transport import Http
from tests.google.conftest import EMAIL, CountedTokens
from tests.google.server import Answer, FakeServer
from tests.support.clocks import StillClock

ABOUT = About(EMAIL, "the calendar c")
BEGAN = StillClock().at


def read(client: Client, google: FakeServer) -> bytes:
    request = calendar_service(google.root).events().get(calendarId="c", eventId="e")

    def call(http: Http) -> bytes:
        content: bytes = request.execute(http=http, num_retries=0)
        return content

    return client.read(call, ABOUT)


def test_every_request_carries_the_token(google: FakeServer, client: Client) -> None:
    google.say({"id": "e"})

    assert read(client, google) == b'{"id": "e"}'
    assert google.seen[0].headers["authorization"] == "Bearer t1"
    assert google.seen[0].path == "/calendar/v3/calendars/c/events/e"


def test_a_401_is_followed_by_one_refresh_and_one_more_try(
    google: FakeServer, client: Client, tokens: CountedTokens
) -> None:
    google.refuse(401, "authError", "Invalid Credentials")
    google.say({"id": "e"})
    read(client, google)

    assert [seen.headers["authorization"] for seen in google.seen] == ["Bearer t1", "Bearer t2"]
    assert tokens.refreshes == 1


def test_a_second_401_is_passing_trouble_and_no_reason_to_sign_in_again(google: FakeServer, client: Client) -> None:
    for _ in range(6):
        google.refuse(401, "authError", "Invalid Credentials")
    with pytest.raises(Later, match="fresh access token"):
        read(client, google)

    assert len(google.seen) == 6  # three tries, each with its refresh


def test_a_dead_sign_in_shows_at_the_refresh_and_ends_it(
    google: FakeServer, client: Client, tokens: CountedTokens
) -> None:
    tokens.fails = NeedsReauth("dead")
    google.refuse(401, "authError", "Invalid Credentials")

    with pytest.raises(NeedsReauth):
        read(client, google)
    assert len(google.seen) == 1


@pytest.mark.parametrize("status", [429, 500, 503])
def test_passing_trouble_is_read_through(google: FakeServer, client: Client, still: StillClock, status: int) -> None:
    google.refuse(status, "backendError", "Backend Error")
    google.refuse(status, "backendError", "Backend Error")
    google.say({"id": "e"})

    assert read(client, google) == b'{"id": "e"}'
    assert still.at - BEGAN == 0.5 + 1.0


def test_a_lost_answer_to_a_read_is_asked_for_again(google: FakeServer, client: Client) -> None:
    google.script += [Answer(drop=True), Answer(body=b'{"id": "e"}', cut=True), Answer(body=b'{"id": "e"}')]

    assert read(client, google) == b'{"id": "e"}'


def test_after_three_tries_the_error_is_told(google: FakeServer, client: Client) -> None:
    for _ in range(5):
        google.refuse(503, "backendError", "Backend Error")
    with pytest.raises(Later):
        read(client, google)

    assert len(google.seen) == 3


def test_retry_after_is_obeyed(google: FakeServer, client: Client, still: StillClock) -> None:
    google.say({"error": {"code": 503, "message": "busy"}}, 503, Retry_After="20")
    google.say({"id": "e"})
    read(client, google)

    assert still.at - BEGAN == 20.5


def test_an_hour_of_retry_after_is_left_to_a_later_pass(google: FakeServer, client: Client, still: StillClock) -> None:
    google.say({"error": {"code": 429, "message": "busy"}}, 429, Retry_After="3600")
    with pytest.raises(Later) as caught:
        read(client, google)

    assert caught.value.retry_after == 3600.0
    assert (len(google.seen), still.at - BEGAN) == (1, 0)


@pytest.mark.parametrize(
    ("status", "reason", "kind"),
    [(404, "notFound", Gone), (403, "quotaExceeded", MuchLater), (403, "aReasonOfNextYear", Later)],
)
def test_what_waiting_does_not_cure_is_told_at_once(
    google: FakeServer, client: Client, status: int, reason: str, kind: type[Exception]
) -> None:
    google.refuse(status, reason, "x")
    with pytest.raises(kind):
        read(client, google)

    assert len(google.seen) == 1


def test_a_request_executed_past_the_door_fails_instead_of_leaving() -> None:
    request = calendar_service("http://127.0.0.1:1").events().get(calendarId="c", eventId="e")

    with pytest.raises(AssertionError, match=r"client\.py alone"):
        request.execute()


def test_singles_and_batches_go_to_the_address_given() -> None:
    service = calendar_service("http://127.0.0.1:9000/")

    assert service.events().get(calendarId="c", eventId="e").uri.startswith("http://127.0.0.1:9000/calendar/v3/")
    assert service.new_batch_http_request()._batch_uri == "http://127.0.0.1:9000/batch/calendar/v3"


def test_no_environment_moves_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_API_USE_MTLS_ENDPOINT", "always")
    uri = calendar_service("http://127.0.0.1:9000").events().get(calendarId="c", eventId="e").uri

    assert uri.startswith("http://127.0.0.1:9000/")


def test_a_token_never_shows_in_a_repr(client: Client, google: FakeServer, tokens: CountedTokens) -> None:
    from calsyncctl.google.client import Signed
    from calsyncctl.google.transport import Transport, make_pool

    signed = Signed(Transport(make_pool({})), tokens)

    assert "t1" not in f"{signed!r} {signed.credentials!r}"
