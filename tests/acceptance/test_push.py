"""Push channels with the real daemon: Google's messages really arrive, and whatever goes wrong costs freshness only."""

from __future__ import annotations

import signal
import socket
import sqlite3
import ssl
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from calsyncctl.locks import lock
from calsyncctl.paths import paths_of
from tests.acceptance.test_daemon import lunch, made_there, titles_here, titles_there
from tests.support.daemon import DaemonProcess, eventually
from tests.support.desk import WORK, Desk
from tests.support.nginx import nginx
from tests.support.run import environment


def free_port() -> int:
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def told(desk: Desk, port: int = 0, url: str = "", **more: Any) -> DaemonProcess:
    """Return a daemon whose port Google reaches directly, as it may on this machine; or by another address."""
    port = port or free_port()
    url = url or f"http://127.0.0.1:{port}"
    env = {"CALSYNCCTL_DAEMON_PORT": str(port), "CALSYNCCTL_DAEMON_PUBLIC_URL": url}
    return DaemonProcess(desk.home, env=env, **more)


def asked(daemon: DaemonProcess, path: str) -> str:
    """Return what the daemon answers on its port."""
    with urllib.request.urlopen(f"http://127.0.0.1:{daemon.env['CALSYNCCTL_DAEMON_PORT']}{path}", timeout=10) as answer:
        return str(answer.read().decode())


def living(desk: Desk) -> list[dict[str, Any]]:
    """Return the channels that Google has open."""
    return list(desk.google.admin("GET", "/channels")["channels"])


def sql(desk: Desk, statement: str) -> list[tuple[Any, ...]]:
    store = paths_of("default", environment(desk.home)).store_file
    with closing(sqlite3.connect(store, timeout=10)) as there, there:
        return there.execute(statement).fetchall()


def heard(desk: Desk, count: int) -> bool:
    return sql(desk, "SELECT count(*) FROM channel WHERE heard IS NOT NULL") == [(count,)]


def asks_hourly(desk: Desk, name: str = "Team") -> bool:
    return sql(desk, f"SELECT due - last_success > 1800 FROM calendar WHERE name = '{name}'") == [(1,)]


def post(address: str, channel: str, token: str, trust: ssl.SSLContext | None = None) -> int:
    headers = {
        "X-Goog-Channel-ID": channel,
        "X-Goog-Channel-Token": token,
        "X-Goog-Resource-State": "exists",
        "X-Goog-Message-Number": "9",
    }
    try:
        request = urllib.request.Request(address, b"", headers, method="POST")
        with urllib.request.urlopen(request, timeout=10, context=trust) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code


@pytest.mark.feature("E7", "A14")
def test_what_is_made_in_google_arrives_within_two_seconds_and_polls_become_hourly(desk: Desk) -> None:
    desk.connected("--select", "Team")
    desk.google.settings(push_twice=True, sync_before_answer=True)
    with told(desk) as daemon:
        daemon.wait_log(f"push channels of {WORK}: 2 opened")
        eventually(lambda: heard(desk, 2))
        begun = time.monotonic()
        made_there(desk, desk.google.calendar("Team"), "Review")
        daemon.wait_log("sync: 1 new here")
        assert time.monotonic() - begun < 2
        eventually(lambda: asks_hourly(desk))
        assert daemon.end() == 0
    assert titles_here(desk).count("Review") == 1
    assert (living(desk), sql(desk, "SELECT * FROM channel")) == ([], [])
    assert not asks_hourly(desk)


@pytest.mark.feature("E7", "A14")
def test_through_nginx_and_its_certificate_a_change_in_google_is_here_within_two_seconds(
    desk: Desk, tmp_path: Path
) -> None:
    desk.connected("--select", "Team")
    desk.google.settings(https_only_channels=True)
    outside, inside = free_port(), free_port()
    with (
        nginx(desk.google, tmp_path / "nginx", outside=outside, inside=inside) as authority,
        told(desk, inside, f"https://localhost:{outside}") as daemon,
    ):
        eventually(lambda: heard(desk, 2))
        desk.google.reset_counters()
        begun = time.monotonic()
        made_there(desk, desk.google.calendar("Team"), "Review")
        daemon.wait_log("sync: 1 new here")
        assert time.monotonic() - begun < 2
        trust = ssl.create_default_context(cafile=str(authority))
        assert post(f"https://localhost:{outside}/push", "x", "y", trust) == 404
        for path in ("/", "/metrics", "/healthz"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                urllib.request.urlopen(f"https://localhost:{outside}{path}", timeout=10, context=trust)
    assert desk.google.requests()["GET events.list"] <= 2


@pytest.mark.feature("E7")
def test_strays_wrong_tokens_and_strangers_are_answered_and_do_nothing(desk: Desk) -> None:
    desk.connected("--select", "Team")
    port = free_port()
    with told(desk, port) as daemon:
        eventually(lambda: heard(desk, 2))
        channel = next(one for one in living(desk) if not one["resource"].startswith("list:"))
        address = f"http://127.0.0.1:{port}/push"
        desk.google.reset_counters()
        assert post(address, "nobody", channel["token"]) == 404
        assert post(address, channel["id"], "guessed") == 404
        assert post(address, channel["id"], "") == 404
        assert "GET events.list" not in desk.google.requests()
        assert post(address, channel["id"], channel["token"]) == 200
        eventually(lambda: desk.google.requests().get("GET events.list", 0) == 1)
        store = paths_of("default", environment(desk.home)).store_file
        kept = "".join(one.read_bytes().decode("latin-1") for one in store.parent.glob(f"{store.name}*"))
        assert channel["id"] in kept
        assert channel["token"] not in kept + "".join(daemon.heard())


@pytest.mark.feature("E7")
def test_a_channel_is_renewed_with_overlap_and_stopped_when_its_calendar_is_let_go(desk: Desk) -> None:
    desk.connected("--select", "Team")
    with told(desk) as daemon:
        eventually(lambda: heard(desk, 2))
        first = {one["id"] for one in living(desk)}
        sql(desk, "UPDATE channel SET opened = opened - 600000, expires = expires - 600000")
        eventually(lambda: len(living(desk)) == 2 and first.isdisjoint(one["id"] for one in living(desk)))
        opened = [one for one in desk.google.log() if str(one).count("/watch")]
        stopped = [one for one in desk.google.log() if "channels/stop" in str(one)]
        assert (len(opened), len(stopped)) == (4, 2)

        desk.ok("calendars", "pause", "Team")
        eventually(lambda: living(desk) == [])
        desk.ok("calendars", "resume", "Team")
        eventually(lambda: len(living(desk)) == 2)
        desk.ok("disconnect", WORK, "--yes")
        assert living(desk) == []
        assert not [line for line in daemon.heard() if "ERROR" in line]


@pytest.mark.feature("E7")
def test_a_killed_daemons_channels_go_on_and_what_was_told_meanwhile_is_asked_for(desk: Desk) -> None:
    desk.connected("--select", "Team")
    port = free_port()
    with told(desk, port) as daemon:
        eventually(lambda: heard(desk, 2))
        made_there(desk, desk.google.calendar("Team"), "Before")
        daemon.wait_log("sync: 1 new here")
        eventually(lambda: asks_hourly(desk))
        daemon.end(signal.SIGKILL)
    before = {one["id"] for one in living(desk)}
    made_there(desk, desk.google.calendar("Team"), "Meanwhile")
    with told(desk, port) as daemon:
        daemon.wait_log("sync: 1 new here")
        made_there(desk, desk.google.calendar("Team"), "Afterwards")
        eventually(lambda: "Afterwards" in titles_here(desk))
        assert {one["id"] for one in living(desk)} == before


@pytest.mark.feature("E7")
def test_a_calendar_that_google_tells_nothing_of_is_polled_and_a_new_one_is_known_at_once(desk: Desk) -> None:
    desk.connected("--select", "Team", "--select", "Holidays in United Kingdom")
    with told(desk) as daemon:
        daemon.wait_log("“Holidays in United Kingdom” of .* is polled: Google tells nothing of its changes")
        eventually(lambda: heard(desk, 2))
        made = desk.google.add_calendar(WORK, "Trainees")
        daemon.wait_log(f"the calendars of {WORK}: 1 new, 0 gone")
        assert desk.calendar("Trainees")["google_id"] == made
        assert not asks_hourly(desk, "Holidays in United Kingdom")


@pytest.mark.feature("E7")
def test_an_address_that_google_does_not_take_is_told_once_and_polls_go_on(desk: Desk) -> None:
    desk.connected("--select", "Team")
    desk.google.settings(https_only_channels=True)
    with told(desk) as daemon:
        daemon.wait_log("WARNING push channels of .*Google does not send messages to http://.*daemon.public_url")
        made_there(desk, desk.google.calendar("Team"), "Review")
        daemon.all_due()
        daemon.wait_log("sync: 1 new here")
        assert sql(desk, "SELECT * FROM channel") == []


@pytest.mark.feature("E7", "E8")
def test_where_messages_do_not_arrive_nobody_relies_on_them(desk: Desk) -> None:
    desk.connected("--select", "Team")
    with told(desk, url="http://127.0.0.1:9") as daemon:
        daemon.wait_log("2 opened")
        daemon.all_due()
        eventually(lambda: not asks_hourly(desk))
        assert 'calsyncctl_channels{state="silent"} 2.0' in asked(daemon, "/metrics")
        sql(desk, "UPDATE channel SET opened = opened - 600")
        daemon.wait_log("no message of Google's arrives at http://127.0.0.1:9/push: calendars are polled")
        assert heard(desk, 0)
        (need,) = desk.json("status")["needs"]
        assert (need["kind"], "1 calendar is polled meanwhile" in need["what"]) == ("push-silent", True)


@pytest.mark.feature("E7")
def test_what_is_told_while_a_command_holds_the_account_is_pulled_once_it_lets_go(desk: Desk) -> None:
    desk.connected("--select", "Team")
    with told(desk) as daemon:
        eventually(lambda: heard(desk, 2))
        daemon.all_due()
        eventually(lambda: asks_hourly(desk))
        path = paths_of("default", environment(desk.home)).locks_dir / "account-1.lock"
        with lock(path, holder="a test", wait=10):
            made_there(desk, desk.google.calendar("Team"), "Review")
            eventually(lambda: 'messages_total{kind="hint"}' in asked(daemon, "/metrics"))
            assert "Review" not in titles_here(desk)
        daemon.wait_log("sync: 1 new here")


@pytest.mark.feature("E7", "E8")
def test_it_ends_in_time_though_google_does_not_answer_and_what_is_left_is_used_again(desk: Desk) -> None:
    desk.connected("--select", "Team")
    port = free_port()
    with told(desk, port) as daemon:
        eventually(lambda: heard(desk, 2))
        desk.google.fault(path="channels.stop", delay=20)
        begun = time.monotonic()
        assert daemon.end() == 0
        assert time.monotonic() - begun < 5
    desk.google.clear_faults()
    kept = {one["id"] for one in living(desk)}
    with told(desk, port) as daemon:
        eventually(lambda: heard(desk, 2))
        assert len(living(desk)) == 2
        assert kept <= {one["id"] for one in living(desk)}
        made_there(desk, desk.google.calendar("Team"), "Review")
        daemon.wait_log("sync: 1 new here")
        assert daemon.end() == 0
    assert living(desk) == []


@pytest.mark.feature("E7", "E16")
def test_our_own_writes_come_back_as_hints_and_cost_a_few_polls_at_most(desk: Desk) -> None:
    desk.connected("--select", "Team")
    with told(desk) as daemon:
        eventually(lambda: heard(desk, 2))
        desk.google.reset_counters()
        for number in range(5):
            lunch(desk, f"Lunch {number}")
        eventually(
            lambda: sum(one.startswith("Lunch") for one in titles_there(desk, desk.google.calendar("Team"))) == 5
        )
        eventually(lambda: 'messages_total{kind="hint"}' in asked(daemon, "/metrics"))
        assert daemon.end() == 0
    assert desk.google.requests()["GET events.list"] <= 12
    assert sum(one.startswith("Lunch") for one in titles_here(desk)) == 5
