"""The real daemon's port: alive, ready, metrics and the page, with the facts of `status`; and a port that is taken."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request
from contextlib import closing

import pytest

from tests.acceptance.test_daemon import lunch
from tests.acceptance.test_push import free_port, living
from tests.support.daemon import DaemonProcess, eventually
from tests.support.desk import SUPPORT, WORK, Desk


def get(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.read().decode()


def answers(port: int) -> bool:
    try:
        return get(port, "/healthz")[0] == 200
    except OSError:
        return False


@pytest.mark.feature("E8", "A14")
def test_the_port_tells_what_status_tells_and_no_titles_and_no_secrets(desk: Desk) -> None:
    desk.connected("--select", "Team")
    desk.connected("--select", "Duty roster", email=SUPPORT)
    port = free_port()
    with DaemonProcess(desk.home, env={"CALSYNCCTL_DAEMON_PORT": str(port)}) as daemon:
        eventually(lambda: answers(port))
        assert get(port, "/readyz") == (200, "ready\n")
        desk.google.revoke(SUPPORT)
        lunch(desk, "Confidential")
        daemon.wait_log("push: 1 new in Google")
        daemon.all_due()
        daemon.wait_log(f"{SUPPORT}.*connect --account")
        eventually(lambda: "needs you" in get(port, "/")[1])
        page, metrics = get(port, "/")[1], get(port, "/metrics")[1]
        (need,) = [one for one in desk.json("status")["needs"] if one["kind"] == "needs-reauth"]
        assert need["what_to_do"] in page
        assert f'calsyncctl_account_state{{account="{SUPPORT}",state="needs-reauth"}} 1.0' in metrics
        assert 'calsyncctl_requests_total{kind="insert",status="200"} 1.0' in metrics
        assert 'calsyncctl_errors_total{class="needs-reauth"}' in metrics
        assert f'account="{WORK}",calendar="Team"' in metrics
        for text in (page, metrics):
            assert not any(secret in text for secret in ("Confidential", "ya29.", "1//", "GOCSPX", "Bearer"))


@pytest.mark.feature("E8")
def test_a_port_that_is_taken_stops_nothing_and_is_had_once_it_is_free(desk: Desk) -> None:
    desk.connected("--select", "Team")
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = int(other.getsockname()[1])
        daemon = DaemonProcess(desk.home, env={"CALSYNCCTL_DAEMON_PORT": str(port)})
        daemon.__enter__()
        try:
            daemon.wait_log(
                f"WARNING the daemon's port: 127.0.0.1:{port} cannot be opened \\(Address already in use\\)"
            )
            eventually(lambda: "cannot be opened" in str(desk.json("daemon", "status")["notes"]))
            assert f"127.0.0.1:{port} cannot be opened" in desk.ok("daemon", "status").err
            lunch(desk)
            daemon.wait_log("push: 1 new in Google")
            other.close()
            daemon.wait_log("the daemon's port: well again")
            assert answers(port)
            eventually(lambda: desk.json("daemon", "status")["notes"] == [], within=6)  # not with the next heartbeat
            assert daemon.end() == 0
        finally:
            daemon.__exit__(None, None, None)


def test_a_public_address_without_a_port_is_told(desk: Desk) -> None:
    desk.connected("--select", "Team")
    desk.ok("config", "set", "daemon.public_url", "https://calendars.example.com")
    with DaemonProcess(desk.home) as daemon:
        daemon.wait_log("WARNING the daemon's port: daemon.public_url is set, and no port: no push.")


@pytest.mark.feature("E7")
def test_port_and_channels_follow_the_configuration(desk: Desk) -> None:
    desk.connected("--select", "Team")
    first, second = free_port(), free_port()
    with DaemonProcess(desk.home):
        desk.ok("config", "set", "daemon.public_url", f"http://127.0.0.1:{second}")
        desk.ok("config", "set", "daemon.port", str(first))
        eventually(lambda: answers(first))
        desk.ok("config", "set", "daemon.port", str(second))
        eventually(lambda: answers(second))
        assert not answers(first)
        eventually(lambda: len(living(desk)) == 2)
        desk.ok("config", "unset", "daemon.public_url")
        eventually(lambda: living(desk) == [])
        desk.ok("config", "set", "daemon.port", "0")
        eventually(lambda: not answers(second))
