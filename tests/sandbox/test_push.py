"""Push channels: messages really POSTed, with Google's headers, in order; lost, doubled, repeated on wish."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.client import Client, Refused, timed
from tests.sandbox.receiver import Receiver, receiving
from tests.support.sandbox import WORK


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


def watch(
    client: Client, address: str, channel_id: str = "c1", path: str = "calendars/primary/events", **more: Any
) -> Any:
    return client.call("POST", f"{path}/watch", {"id": channel_id, "type": "web_hook", "address": address, **more})


def test_a_channel_begins_with_sync_and_tells_of_changes(work: Client, receiver: Receiver) -> None:
    channel = watch(work, receiver.address, token="route-1")
    receiver.wait(1)
    work.sandbox.insert(WORK, timed())

    first, second = receiver.wait(2)
    assert [first["x-goog-resource-state"], second["x-goog-resource-state"]] == ["sync", "exists"]
    assert first["x-goog-message-number"] == "1" != second["x-goog-message-number"]
    assert second["x-goog-channel-id"] == "c1"
    assert second["x-goog-channel-token"] == "route-1"
    assert second["x-goog-resource-id"] == channel["resourceId"]
    assert second["user-agent"].startswith("APIs-Google")
    assert second["body"] == ""


def test_the_sync_message_may_come_before_the_watch_answer(work: Client, receiver: Receiver) -> None:
    work.sandbox.settings(sync_before_answer=True)
    watch(work, receiver.address)

    assert len(receiver.messages) == 1


def test_an_expiration_is_milliseconds_in_a_string_and_the_strictest_wins(work: Client, receiver: Receiver) -> None:
    work.sandbox.settings(max_channel_seconds=3600)
    usual = watch(work, receiver.address, "c1")
    short = watch(work, receiver.address, "c2", params={"ttl": "60"})

    assert int(usual["expiration"]) - int(short["expiration"]) == pytest.approx(3_540_000, abs=5000)


def test_a_stopped_or_expired_channel_is_silent(work: Client, receiver: Receiver) -> None:
    stopped = watch(work, receiver.address, "stopped")
    watch(work, receiver.address, "expired", params={"ttl": "5"})
    receiver.wait(2)
    work.call("POST", "channels/stop", {"id": "stopped", "resourceId": stopped["resourceId"]})
    work.sandbox.settings(clock_offset_seconds=10)
    living = Client(work.sandbox).sign_in()
    with living.session:
        watch(living, receiver.address, "living")
        living.insert(timed())

    assert [one["x-goog-channel-id"] for one in receiver.wait(4)[2:]] == ["living", "living"]


def test_stopping_an_unknown_channel_is_404(work: Client) -> None:
    with pytest.raises(Refused) as refusal:
        work.call("POST", "channels/stop", {"id": "x", "resourceId": "y"})
    assert refusal.value.status == 404


def test_a_channel_id_is_used_once(work: Client, receiver: Receiver) -> None:
    watch(work, receiver.address)

    with pytest.raises(Refused) as refusal:
        watch(work, receiver.address)
    assert (refusal.value.status, refusal.value.reason) == (400, "channelIdNotUnique")


def test_the_calendar_list_can_be_watched_too(work: Client, receiver: Receiver) -> None:
    watch(work, receiver.address, path="users/me/calendarList")
    work.sandbox.add_calendar(WORK, "New")

    assert receiver.states(2) == ["sync", "exists"]


def test_messages_come_twice_or_get_lost_on_wish(work: Client, receiver: Receiver) -> None:
    work.sandbox.settings(push_twice=True)
    watch(work, receiver.address)
    receiver.wait(2)
    work.sandbox.settings(push_twice=False, push_lose_every=1)
    work.insert(timed("Lost"))
    work.sandbox.settings(push_lose_every=0)
    work.insert(timed("Told"))

    assert receiver.states(3) == ["sync", "sync", "exists"]


def test_a_receiver_in_trouble_is_tried_again_and_a_refusing_one_is_not(work: Client, receiver: Receiver) -> None:
    work.sandbox.settings(push_retry_seconds=0.01)
    receiver.statuses = [503, 500, 200, 400, 200]
    watch(work, receiver.address)
    receiver.wait(3)
    work.insert(timed())
    receiver.wait(4)
    work.insert(timed())

    assert receiver.states(5) == ["sync", "sync", "sync", "exists", "exists"]


def test_an_https_receiver_with_a_certificate_of_the_sandbox_is_trusted(work: Client, tmp_path: Path) -> None:
    issued = work.sandbox.admin("POST", "/certificates", {"hosts": ["127.0.0.1"]})
    file = tmp_path / "receiver.pem"
    file.write_text(issued["certificate"] + issued["key"])

    with receiving(file) as receiver:
        watch(work, receiver.address)
        assert receiver.states(1) == ["sync"]


def test_an_https_receiver_for_another_host_gets_nothing(work: Client, tmp_path: Path, receiver: Receiver) -> None:
    issued = work.sandbox.admin("POST", "/certificates", {"hosts": ["other.example.com"]})
    file = tmp_path / "receiver.pem"
    file.write_text(issued["certificate"] + issued["key"])

    with receiving(file) as wrong:
        work.sandbox.settings(sync_before_answer=True)
        watch(work, wrong.address, "wrong")
        watch(work, receiver.address, "right")
        assert (len(wrong.messages), len(receiver.messages)) == (0, 1)


@pytest.mark.parametrize(
    ("address", "https_only"), [("http://hook.example.com/", False), ("http://127.0.0.1:9/", True), ("nonsense", False)]
)
def test_a_plain_http_receiver_is_refused(work: Client, address: str, https_only: bool) -> None:
    work.sandbox.settings(https_only_channels=https_only)

    with pytest.raises(Refused) as refusal:
        watch(work, address)
    assert (refusal.value.status, refusal.value.reason) == (400, "push.webhookUrlNotHttps")


def test_holidays_push_nothing(work: Client, receiver: Receiver) -> None:
    holidays = work.sandbox.calendar("Holidays in United Kingdom").replace("#", "%23")

    with pytest.raises(Refused) as refusal:
        watch(work, receiver.address, path=f"calendars/{holidays}/events")
    assert (refusal.value.status, refusal.value.reason) == (400, "pushNotSupportedForRequestedResource")
