"""Watch and stop over HTTP: what Google is asked, and what its answers mean."""

from __future__ import annotations

import json

import pytest

from calsyncctl.errors import ConfigFault, Invalid, Later, Unknown
from calsyncctl.google.provider import GoogleProvider
from calsyncctl.model.channel import Opened
from tests.google.server import Answer, FakeServer

HERE = "https://calendars.example.com/push"
CHANNEL = {"kind": "api#channel", "id": "c1", "resourceId": "r1", "expiration": "1776604800999"}


def opened(provider: GoogleProvider, calendar: str | None = "team@calendars") -> Opened | None:
    return provider.open_channel(calendar, "c1", "good", HERE)


def test_a_watch_names_the_calendar_the_address_the_token_and_a_week(
    google: FakeServer, provider: GoogleProvider
) -> None:
    google.say(CHANNEL)
    assert opened(provider) == Opened("r1", 1_776_604_800)

    assert (google.seen[0].method, google.seen[0].path) == (
        "POST",
        "/calendar/v3/calendars/team%40calendars/events/watch",
    )
    assert json.loads(google.seen[0].body) == {
        "id": "c1",
        "type": "web_hook",
        "address": HERE,
        "token": "good",
        "params": {"ttl": "604800"},
    }


def test_without_a_calendar_it_is_the_list(google: FakeServer, provider: GoogleProvider) -> None:
    google.say(CHANNEL)
    opened(provider, None)

    assert google.seen[0].path == "/calendar/v3/users/me/calendarList/watch"


def test_a_calendar_that_nothing_is_told_of_is_no_error(google: FakeServer, provider: GoogleProvider) -> None:
    google.refuse(400, "pushNotSupportedForRequestedResource", "Push notifications are not supported by this resource.")
    assert opened(provider) is None


@pytest.mark.parametrize("reason", ["push.webhookUrlNotHttps", "push.webhookUrlUnauthorized"])
def test_an_address_that_is_not_taken_is_told_with_the_setting(
    google: FakeServer, provider: GoogleProvider, reason: str
) -> None:
    google.refuse(400, reason)
    with pytest.raises(ConfigFault, match=reason) as caught:
        opened(provider)
    assert "daemon.public_url" in caught.value.what_to_do


def test_any_other_refusal_stays_what_it_is(google: FakeServer, provider: GoogleProvider) -> None:
    google.refuse(400, "channelIdNotUnique")
    with pytest.raises(Invalid, match="channelIdNotUnique"):
        opened(provider)


def test_a_watch_without_an_answer_is_not_sent_again(google: FakeServer, provider: GoogleProvider) -> None:
    google.script.append(Answer(drop=True))
    with pytest.raises(Unknown):
        opened(provider)
    assert len(google.seen) == 1


def test_an_answer_that_cannot_be_read_is_for_later(google: FakeServer, provider: GoogleProvider) -> None:
    google.say({"kind": "api#channel"})
    with pytest.raises(Later, match="could not be read"):
        opened(provider)


def test_stopping_names_both_ids(google: FakeServer, provider: GoogleProvider) -> None:
    google.script.append(Answer(204, b""))
    provider.stop_channel("c1", "r1")

    assert google.seen[0].path == "/calendar/v3/channels/stop"
    assert json.loads(google.seen[0].body) == {"id": "c1", "resourceId": "r1"}


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_not_there_any_more_is_stopped(google: FakeServer, provider: GoogleProvider, status: int) -> None:
    google.refuse(status, "notFound")
    provider.stop_channel("c1", "r1")


@pytest.mark.parametrize(("status", "reason"), [(403, "forbidden"), (400, "invalid")])
def test_one_that_is_not_ours_to_stop_is_left_to_end_by_itself(
    google: FakeServer, provider: GoogleProvider, status: int, reason: str
) -> None:
    google.refuse(status, reason)
    provider.stop_channel("c1", "r1")
