"""The server that Google sends the browser back to: one right answer ends it, and nothing else does."""

from __future__ import annotations

import http.client
import queue
import socket
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from calsyncctl.errors import ConnectFault
from calsyncctl.google import loopback as module
from calsyncctl.google.loopback import Arrival, Loopback
from calsyncctl.google.result_page import ResultPage

STATE = "state-of-this-sign-in"


@pytest.fixture
def listener() -> Iterator[Loopback]:
    with closing(Loopback(state=STATE, port=0, page=ResultPage())) as opened:
        yield opened


def ask(listener: Loopback, target: str, method: str = "GET", host: str = "") -> tuple[int, str]:
    """Send one request as a browser would, and read the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", listener.port, timeout=10)
    with closing(connection):
        connection.request(method, target, headers={"Host": host or f"127.0.0.1:{listener.port}"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


class Browser(threading.Thread):
    """A browser that waits for its page beside the test."""

    def __init__(self, listener: Loopback, target: str) -> None:
        super().__init__(daemon=True)
        self.listener, self.target = listener, target
        self.page: tuple[int, str] = (0, "")
        self.start()

    def run(self) -> None:
        self.page = ask(self.listener, self.target)

    def shown(self) -> tuple[int, str]:
        self.join(10)
        return self.page


def arrived(listener: Loopback) -> Arrival:
    return listener.arrivals.get(timeout=10)


def nothing_arrived(listener: Loopback) -> bool:
    with pytest.raises(queue.Empty):
        listener.arrivals.get_nowait()
    return True


def test_the_right_answer_arrives_and_the_browser_waits_for_its_page(listener: Loopback) -> None:
    browser = Browser(listener, f"/?state={STATE}&code=4/0Axy&scope=openid&authuser=0")
    arrival = arrived(listener)
    assert arrival.redirect.code == "4/0Axy"
    assert browser.is_alive()

    arrival.answer(200, "<p>it is true</p>")

    assert browser.shown() == (200, "<p>it is true</p>")


def test_a_refusal_arrives_too(listener: Loopback) -> None:
    Browser(listener, f"/?error=access_denied&state={STATE}")

    assert arrived(listener).redirect.error == "access_denied"


@pytest.mark.parametrize("target", ["/favicon.ico", "/", "/admin?state=x&code=y", f"/x?state={STATE}&code=y"])
def test_other_paths_are_not_there_and_end_nothing(listener: Loopback, target: str) -> None:
    assert ask(listener, target)[0] == 404
    assert nothing_arrived(listener)


@pytest.mark.parametrize(
    "query",
    ["state=wrong&code=4/0A", "code=4/0A", f"state={STATE}", f"state={STATE}&code=&error=", "&".join(["a=b"] * 60)],
)
def test_an_answer_that_is_not_ours_is_turned_away_and_ends_nothing(listener: Loopback, query: str) -> None:
    status, page = ask(listener, f"/?{query}")

    assert status == 400
    assert "another attempt" in page
    assert nothing_arrived(listener)


def test_stray_answers_are_counted(listener: Loopback) -> None:
    ask(listener, "/?state=old&code=4/0A")

    assert listener.strays == 1


@pytest.mark.parametrize("host", ["evil.example.com", "evil.example.com:80", "127.0.0.1", "127.0.0.1:1", "localhost:1"])
def test_a_page_of_another_host_cannot_talk_to_it(listener: Loopback, host: str) -> None:
    assert ask(listener, f"/?state={STATE}&code=4/0A", host=host)[0] == 421
    assert nothing_arrived(listener)


@pytest.mark.parametrize("method", ["POST", "PUT", "HEAD", "OPTIONS", "DELETE"])
def test_only_get_is_spoken(listener: Loopback, method: str) -> None:
    assert ask(listener, f"/?state={STATE}&code=4/0A", method)[0] == 501
    assert nothing_arrived(listener)


def test_silent_connections_do_not_keep_others_waiting(listener: Loopback) -> None:
    silent = [socket.create_connection(("127.0.0.1", listener.port)) for _ in range(8)]

    assert ask(listener, "/favicon.ico")[0] == 404

    for connection in silent:
        connection.close()


def test_a_silent_connection_is_closed_after_a_while(listener: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module._Handler, "timeout", 0.1)

    with socket.create_connection(("127.0.0.1", listener.port), timeout=10) as silent:
        assert silent.recv(1) == b""


def test_a_flood_of_connections_is_cut_and_leaves_it_at_work(listener: Loopback) -> None:
    flood = [socket.create_connection(("127.0.0.1", listener.port), timeout=10) for _ in range(40)]
    assert flood[-1].recv(1) == b""
    for connection in flood:
        connection.close()

    browser = Browser(listener, f"/?state={STATE}&code=4/0A")
    arrived(listener).answer(200, "page")

    assert browser.shown()[0] == 200


def test_garbage_is_survived_without_a_word(listener: Loopback, capfd: pytest.CaptureFixture[str]) -> None:
    for garbage in (b"\x16\x03\x01\x02\x00\x01", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"A" * 70_000):
        with socket.create_connection(("127.0.0.1", listener.port), timeout=10) as connection:
            connection.sendall(garbage)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass

    assert ask(listener, "/favicon.ico")[0] == 404
    assert capfd.readouterr() == ("", "")


def test_a_reload_joins_the_first_answer(listener: Loopback) -> None:
    first, second = (Browser(listener, f"/?state={STATE}&code=4/0A") for _ in range(2))
    arrival = arrived(listener)

    arrival.answer(200, "page")

    assert (first.shown(), second.shown()) == ((200, "page"), (200, "page"))
    assert nothing_arrived(listener)


def test_closing_tells_a_waiting_browser_that_the_command_was_stopped(listener: Loopback) -> None:
    browser = Browser(listener, f"/?state={STATE}&code=4/0A")
    arrived(listener)

    listener.close()

    assert browser.shown()[0] == 400
    assert "The command was stopped" in browser.shown()[1]


def test_nothing_listens_any_more_after_closing() -> None:
    opened = Loopback(state=STATE, port=0, page=ResultPage())
    port = opened.port
    opened.close()

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_it_listens_on_this_machine_only(listener: Loopback) -> None:
    assert listener.redirect_uri == f"http://127.0.0.1:{listener.port}/"
    assert listener._server.server_address[0] == "127.0.0.1"


def test_a_taken_port_is_said(listener: Loopback) -> None:
    with pytest.raises(ConnectFault, match=f"Port {listener.port} on 127.0.0.1 cannot be listened on"):
        Loopback(state=STATE, port=listener.port, page=ResultPage())


def test_the_answer_forbids_scripts_framing_caching_and_referrers(listener: Loopback) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", listener.port, timeout=10)
    with closing(connection):
        connection.request("GET", "/?state=old&code=4/0A")
        headers = connection.getresponse().headers

    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert "Python" not in headers["Server"]


def test_the_code_is_in_no_repr(listener: Loopback) -> None:
    Browser(listener, f"/?state={STATE}&code=4/0Acanary")

    assert "canary" not in repr(arrived(listener).redirect)
