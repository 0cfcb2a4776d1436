"""A whole exchange has an end: a server that trickles, so that no time-out of silence ever fires, is left."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from calsyncctl.errors import Later
from calsyncctl.google.deadline import REAPER, Exchange, Reaper
from calsyncctl.google.transport import NoAnswer, Transport, make_pool
from tests.google.server import FakeServer, Trickle

HEAD = b"HTTP/1.1 200 OK\r\n"
BODY = HEAD + b"Content-Length: 1000000\r\n\r\n"
TO_THE_END = HEAD + b"Connection: close\r\n\r\n"
"""The client forgets the socket of such an answer while it reads it."""
ENOUGH = 0.3


@pytest.mark.parametrize("first", [b"", HEAD, BODY, TO_THE_END], ids=["status", "headers", "body", "to the end"])
def test_an_answer_that_trickles_is_left(first: bytes) -> None:
    server, pool = Trickle(first), make_pool({})
    pool.whole_timeout = ENOUGH
    begun = time.monotonic()
    with pytest.raises(NoAnswer, match="took too long to answer"):  # it left: whether it arrived is unknown
        Transport(pool).request(f"http://127.0.0.1:{server.port}/x", "POST", body="{}")
    assert ENOUGH <= time.monotonic() - begun < 5
    server.close()
    pool.clear()


def test_over_tls_too(tmp_path: Path) -> None:
    certificate = tmp_path / "both.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    make += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(certificate), "-out", str(tmp_path / "cert.pem")]
    subprocess.run(make, check=True, capture_output=True, timeout=60)
    certificate.write_bytes(certificate.read_bytes() + (tmp_path / "cert.pem").read_bytes())
    server, pool = Trickle(BODY, certificate), make_pool({"SSL_CERT_FILE": str(tmp_path / "cert.pem")})
    pool.whole_timeout = 1.0
    with pytest.raises(NoAnswer, match="took too long to answer"):
        Transport(pool).request(f"https://127.0.0.1:{server.port}/x")
    server.close()
    pool.clear()


def test_a_proxy_that_trickles_is_left() -> None:
    server = Trickle(b"")
    pool = make_pool({"HTTPS_PROXY": f"http://127.0.0.1:{server.port}"})
    pool.whole_timeout = ENOUGH
    with pytest.raises(Later):
        Transport(pool).request("https://www.googleapis.com/x")
    server.close()
    pool.clear()


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer() as fake:
        yield fake


def test_what_is_answered_in_time_is_left_in_peace_and_its_connection_used_again(server: FakeServer) -> None:
    pool = make_pool({})
    pool.whole_timeout = 0.2
    for _ in range(3):
        server.say({"a": 1})
        Transport(pool).request(f"{server.root}/x")
        threading.Event().wait(0.15)  # so that the first deadline passes while the same connection serves another
    (kept,) = pool.pools._container.values()
    assert kept.num_connections == 1
    pool.clear()


def wait_until_cut(exchange: Exchange) -> None:
    begun = time.monotonic()
    while exchange.fault is None and time.monotonic() - begun < 10:
        threading.Event().wait(0.01)


def test_an_exchange_that_has_no_connection_yet_is_cut_once_it_has_one() -> None:
    ours, theirs = socket.socketpair()
    heard = []

    def exchange_late() -> None:
        with Reaper().within(0.05) as exchange:
            wait_until_cut(exchange)
            exchange.sock = ours
            heard.append(ours.recv(1))

    with pytest.raises(TimeoutError, match="no whole answer in time"):
        exchange_late()
    assert heard == [b""]
    ours.close()
    theirs.close()


def test_everything_that_is_under_way_can_be_cut_off_at_once() -> None:
    servers, pool = [Trickle(BODY), Trickle(b"")], make_pool({})
    heard: list[str] = []

    def ask(port: int) -> None:
        with pytest.raises(NoAnswer) as caught:
            Transport(pool).request(f"http://127.0.0.1:{port}/x")
        heard.append(str(caught.value))

    asking = [threading.Thread(target=ask, args=(one.port,)) for one in servers]
    for one in asking:
        one.start()
    for server in servers:
        assert server.said.wait(10)
    REAPER.cut_all()
    for one in asking:
        one.join(10)
    assert [text.endswith("broke off.") for text in heard] == [True, True]
    for server in servers:
        server.close()
    pool.clear()


def test_what_fails_by_itself_keeps_its_own_error() -> None:
    with pytest.raises(ZeroDivisionError), REAPER.within(60):
        _ = 1 / 0


def test_a_shorter_deadline_is_kept_beside_a_longer_one() -> None:
    reaper, longer = Reaper(), threading.Event()

    def wait_long() -> None:
        with reaper.within(60):
            longer.wait(10)

    beside = threading.Thread(target=wait_long)
    beside.start()
    with suppress(TimeoutError), reaper.within(0.05) as exchange:
        wait_until_cut(exchange)
    longer.set()
    beside.join(10)
    assert exchange.fault is not None
