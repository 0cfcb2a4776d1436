"""Small HTTP servers: one answers what a test wrote down, and remembers what it was asked; one never ends."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import threading
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Answer:
    """One answer. `drop`: none at all, the connection is closed after reading; `cut`: only half of the body.

    `meet`: given once so many requests are there at the same time.
    """

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    drop: bool = False
    cut: bool = False
    meet: threading.Barrier | None = None


@dataclass(frozen=True)
class Seen:
    """One request that came in."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: Mapping[str, str]
    body: bytes
    port: int = 0
    """Of the other end: another one for each connection."""


class FakeServer:
    """Answers requests in turn from a script; past its end, and for nothing else, with 599."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.script: deque[Answer] = deque()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self.port = self._server.server_address[1]
        self.root = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> FakeServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()

    def say(self, body: object = None, status: int = 200, **headers: str) -> None:
        """Add an answer to the script: JSON, or bytes as they are; `Retry_After="7"` is a header."""
        raw = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        self.script.append(Answer(status, raw, {"Content-Type": "application/json; charset=UTF-8"} | names))

    def refuse(self, status: int, reason: str, message: str = "", **more: str) -> None:
        """Add a refusal of Google's to the script."""
        item = {"domain": "global", "reason": reason, "message": message} | more
        self.say({"error": {"errors": [item], "code": status, "message": message}}, status)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, fake: FakeServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.fake = fake


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 10
    server: _Server

    def _serve(self) -> None:
        parts = urlsplit("" if self.command == "CONNECT" else self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        fake = self.server.fake
        query, port = parse_qs(parts.query), self.client_address[1]
        fake.seen.append(Seen(self.command, parts.path or self.path, query, headers, body, port))
        answer = fake.script.popleft() if fake.script else Answer(599, b"the script has ended")
        if answer.meet is not None:
            answer.meet.wait(10)
        if answer.drop:
            self.close_connection = True
            return
        self._send(answer, "gzip" in headers.get("accept-encoding", ""))

    def _send(self, answer: Answer, zipped: bool) -> None:
        body = gzip.compress(answer.body) if zipped and answer.body else answer.body
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if body is not answer.body:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if answer.cut else body)
        self.close_connection = answer.cut or self.close_connection

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = do_CONNECT = _serve

    def log_message(self, format: str, *args: Any) -> None:
        """Stay quiet."""


class Trickle:
    """Says `first`, then a byte every few hundredths of a second until the other side goes."""

    def __init__(self, first: bytes, certificate: Path | None = None) -> None:
        self._first = first
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.said = threading.Event()
        self._over = threading.Event()
        self._tls: ssl.SSLContext | None = None
        if certificate is not None:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(certificate)
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        self._over.set()
        self._listener.close()
        self._thread.join(10)

    def _serve(self) -> None:
        with suppress(OSError):
            line, _ = self._listener.accept()
            with self._tls.wrap_socket(line, server_side=True) if self._tls else line as line:
                line.recv(10_000)
                line.sendall(self._first)
                self.said.set()
                for _ in range(1000):
                    line.sendall(b"X")
                    if self._over.wait(0.02):
                        return
