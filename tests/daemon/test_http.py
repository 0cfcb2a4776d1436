"""The port: only what is meant, only for names of this machine, whatever is thrown at it; opened, moved, closed."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing

import pytest

from calsyncctl.daemon.http import LARGEST_BODY, PUSH, Application, Environ, Port, Reply, host_of


def answer(environ: Environ) -> Reply:
    if environ.get("HTTP_X_BREAK"):
        raise RuntimeError("a bug")
    return Reply(200, "here\n")


def free_port() -> int:
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def port() -> Iterator[Port]:
    routes = {("GET", "/"): answer, ("POST", PUSH): answer}
    made = Port(Application(routes, lambda: "calendars.example.com"))
    made.keep(free_port())
    yield made
    made.close()


def ask(
    port: Port, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
) -> tuple[int, str, Mapping[str, str]]:
    with closing(http.client.HTTPConnection("127.0.0.1", port.number, timeout=10)) as line:
        line.request(method, path, body, dict(headers or {}))
        got = line.getresponse()
        return got.status, got.read().decode(), {name.lower(): value for name, value in got.getheaders()}


def test_it_answers_what_it_has_and_nothing_else(port: Port) -> None:
    assert ask(port, "GET", "/")[:2] == (200, "here\n")
    assert ask(port, "HEAD", "/")[:2] == (200, "")
    assert ask(port, "GET", "/etc/passwd")[0] == 404
    assert ask(port, "GET", PUSH)[0] == 405
    assert ask(port, "DELETE", "/")[0] == 405


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:9", "[::1]:8750", "LOCALHOST:1"])
def test_pages_are_for_names_of_this_machine(port: Port, host: str) -> None:
    assert ask(port, "GET", "/", {"Host": host})[0] == 200


@pytest.mark.parametrize("host", ["evil.example.com", "127.0.0.1.evil.example.com", "", "[", "localhost@e.example.com"])
def test_a_page_elsewhere_cannot_reach_it_under_its_own_name(port: Port, host: str) -> None:
    assert ask(port, "GET", "/", {"Host": host})[0] == 403
    assert ask(port, "POST", PUSH, {"Host": host})[0] == 403


def test_under_the_public_name_there_are_googles_messages_only(port: Port) -> None:
    assert ask(port, "POST", PUSH, {"Host": "calendars.example.com"})[0] == 200
    assert ask(port, "GET", "/", {"Host": "calendars.example.com"})[0] == 403


def test_nothing_is_kept_framed_or_loaded(port: Port) -> None:
    headers = ask(port, "GET", "/")[2]

    assert headers["cache-control"] == "no-store"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "server" not in headers


def test_a_body_that_is_too_large_is_refused(port: Port) -> None:
    assert ask(port, "POST", PUSH, body=b"x" * (LARGEST_BODY + 1))[0] == 413


def test_a_bug_costs_one_answer_and_tells_nothing(port: Port) -> None:
    status, text, _ = ask(port, "GET", "/", {"X-Break": "1"})

    assert (status, "RuntimeError" in text) == (500, False)
    assert ask(port, "GET", "/")[0] == 200


def test_connections_that_say_nothing_keep_nobody_out(port: Port) -> None:
    silent = [socket.create_connection(("127.0.0.1", port.number)) for _ in range(40)]
    try:
        assert ask(port, "GET", "/")[0] == 200
    finally:
        for one in silent:
            one.close()


def test_a_taken_port_is_an_error_and_can_be_had_later(port: Port) -> None:
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = int(other.getsockname()[1])
        with pytest.raises(OSError, match="in use"):
            port.keep(taken)
        assert port.number == 0
    port.keep(taken)
    assert ask(port, "GET", "/")[0] == 200


def test_it_moves_and_closes_without_leaving_threads(port: Port) -> None:
    first = port.number
    port.keep(free_port())
    assert ask(port, "GET", "/")[0] == 200
    with pytest.raises(ConnectionRefusedError), closing(socket.create_connection(("127.0.0.1", first), timeout=5)):
        pass
    port.keep(0)
    ending = [one for one in threading.enumerate() if one.name.startswith(("http", "waitress"))]
    for one in ending:
        one.join(5)
    assert not any(one.is_alive() for one in ending)


def test_it_closes_in_order_while_it_answers(caplog: pytest.LogCaptureFixture) -> None:
    asked, may_answer = threading.Event(), threading.Event()

    def answer_late(environ: Environ) -> Reply:
        asked.set()
        may_answer.wait(5)
        return Reply(200, "here\n")

    port = Port(Application({("GET", "/"): answer_late}, lambda: ""))
    port.keep(free_port())
    with closing(socket.create_connection(("127.0.0.1", port.number), timeout=5)) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert asked.wait(5)
        threading.Timer(0.2, may_answer.set).start()
        port.close()
        assert line.recv(12) == b"HTTP/1.1 200"
    assert caplog.messages == []


@pytest.mark.parametrize(
    ("header", "name"),
    [("a.example.com:1", "a.example.com"), ("[::1]:2", "::1"), ("localhost.", "localhost"), ("", ""), ("[", "")],
)
def test_the_name_of_a_host_header(header: str, name: str) -> None:
    assert host_of(header) == name
