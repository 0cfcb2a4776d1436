"""The small server on 127.0.0.1 that Google sends the browser back to (RFC 8252, section 7.3).

One right answer ends it; nothing else does. Stray requests (a favicon, a port scan, an older tab) are turned away,
silent connections time out beside the others, and a page of another host cannot talk to it. The browser's request
stays open until the outcome is known: the page never says "connected" before it is true.
"""

from __future__ import annotations

import hmac
import logging
import queue
import socket
import socketserver
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from calsyncctl.errors import ConnectFault
from calsyncctl.google.result_page import ResultPage

HOST: Final = "127.0.0.1"
SILENCE: Final = 10.0
"""Seconds that a connection may say nothing."""
OUTCOME: Final = 180.0
"""Seconds that the browser waits for the outcome before it is sent to the terminal."""
MOST_AT_ONCE: Final = 32
"""Connections served at the same time; more are closed at once."""

_log = logging.getLogger(__name__)
_HEADERS: Final = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # the address of the page holds the code
    "X-Content-Type-Options": "nosniff",
    "Connection": "close",
}


@dataclass(frozen=True, slots=True)
class Redirect:
    """What Google says in the address: a code, or an error."""

    state: str = field(repr=False)
    code: str = field(repr=False)
    error: str

    def belongs_to(self, state: str) -> bool:
        """Tell whether this answers the sign-in with that state, and answers it at all."""
        return hmac.compare_digest(self.state.encode(), state.encode()) and bool(self.code or self.error)


def read_redirect(query: str) -> Redirect:
    """Read the query of the redirect's address; what is missing is empty.

    Raises:
        ValueError: if it has absurdly many fields.
    """
    fields = parse_qs(query, keep_blank_values=True, max_num_fields=50, errors="replace")
    return Redirect(*(fields.get(name, [""])[0] for name in ("state", "code", "error")))


class Arrival:
    """Google's answer, and the browser (none, if it was pasted) that waits to hear how it ended."""

    def __init__(self, redirect: Redirect, *, browser: bool) -> None:
        self.redirect = redirect
        self._page: tuple[int, str] | None = None
        self._decided = threading.Event()
        self._sent = threading.Event()
        if not browser:
            self._sent.set()

    def answer(self, status: int, page: str) -> None:
        """Give the browser its page; the first one counts. Returns when it was sent, or soon after."""
        if self._page is None:
            self._page = (status, page)
            self._decided.set()
        self._sent.wait(2.0)

    def outcome(self, timeout: float) -> tuple[int, str] | None:
        """Wait for the page to show; None if it is still not known."""
        self._decided.wait(timeout)
        return self._page

    def sent(self) -> None:
        """Note that the browser has its page."""
        self._sent.set()


class Loopback:
    """The listener of one sign-in; `arrivals` holds the one answer that is right."""

    def __init__(self, *, state: str, port: int, page: ResultPage) -> None:
        """Listen from now on; port 0 takes a free one.

        Raises:
            ConnectFault: if the port is taken.
        """
        self.arrivals: queue.SimpleQueue[Arrival] = queue.SimpleQueue()
        self.page = page
        self.strays = 0
        self._state = state
        self._first: Arrival | None = None
        self._guard = threading.Lock()
        self._server = _open_server(self, port)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="loopback", daemon=True
        )
        self._thread.start()

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._server.server_address[1])

    @property
    def redirect_uri(self) -> str:
        """The address for Google to send the browser to."""
        return f"http://{HOST}:{self.port}/"

    def take(self, redirect: Redirect, *, browser: bool) -> Arrival | None:
        """Take an answer if it is this sign-in's; a repeated one (a reload) joins the first. None: a stray."""
        if not redirect.belongs_to(self._state):
            self.strays += 1
            return None
        with self._guard:
            if self._first is None:
                self._first = Arrival(redirect, browser=browser)
                self.arrivals.put(self._first)
            return self._first

    def close(self) -> None:
        """Stop listening; a browser that still waits hears that the command was stopped. May be called again."""
        if self._first is not None:
            self._first.answer(400, self.page.stopped())
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(2.0)


def _open_server(loopback: Loopback, port: int) -> _Server:
    try:
        return _Server(loopback, port)
    except (OSError, OverflowError) as error:
        raise ConnectFault(
            f"Port {port} on {HOST} cannot be listened on: {getattr(error, 'strerror', None) or error}.",
            "Choose another with --port, or leave it out to take a free one.",
        ) from error


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, loopback: Loopback, port: int) -> None:
        self.loopback = loopback
        self._room = threading.BoundedSemaphore(MOST_AT_ONCE)
        super().__init__((HOST, port), _Handler)

    def server_bind(self) -> None:
        # Not HTTPServer's: it asks the resolver for this machine's name, which can take seconds.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._room.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        # The library prints a traceback on stderr; a browser that goes away is no news.
        _log.debug("a connection to the sign-in's port ended early", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = SILENCE
    server_version = "calsyncctl"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer the browser, or whoever it is."""
        address = urlsplit(self.path)
        if not self._meant_for_us():
            self._send(421, self.server.loopback.page.stray())
        elif address.path != "/" or not address.query:
            self.send_error(404)
        else:
            self._take(address.query)

    def _take(self, query: str) -> None:
        loopback = self.server.loopback
        try:
            arrival = loopback.take(read_redirect(query), browser=True)
        except ValueError:
            arrival = None
        if arrival is None:
            self._send(400, loopback.page.stray())
            return
        try:
            self._send(*(arrival.outcome(OUTCOME) or (200, loopback.page.unfinished())))
        finally:
            arrival.sent()

    def _meant_for_us(self) -> bool:
        """Refuse other names for this machine: a page elsewhere could point its own name here (DNS rebinding)."""
        host, _, port = self.headers.get("Host", "").rpartition(":")
        return host in {HOST, "localhost"} and port == str(self.server.loopback.port)

    def _send(self, status: int, page: str) -> None:
        body = page.encode()
        self.send_response(status)
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
        self.close_connection = True
        # A half-close lets the browser read to the end before the socket goes.
        self.connection.shutdown(socket.SHUT_WR)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the request line holds the code."""
