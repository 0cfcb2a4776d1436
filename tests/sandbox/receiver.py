"""A push receiver on a free port of this machine: remembers every message, answers as told."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

WAIT_SECONDS = 10


@dataclass(slots=True)
class Receiver:
    """What came, oldest first, and what is answered (the last status stays)."""

    address: str = ""
    statuses: list[int] = field(default_factory=lambda: [200])
    messages: list[dict[str, str]] = field(default_factory=list)
    came: threading.Condition = field(default_factory=threading.Condition)

    def take(self, headers: dict[str, str]) -> int:
        """Keep a message and return the status to answer."""
        with self.came:
            self.messages.append(headers)
            self.came.notify_all()
            return self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]

    def wait(self, count: int) -> list[dict[str, str]]:
        """Wait until so many messages came and return all; fails after ten seconds."""
        with self.came:
            enough = self.came.wait_for(lambda: len(self.messages) >= count, WAIT_SECONDS)
            assert enough, self.messages
            return list(self.messages)

    def states(self, count: int) -> list[str]:
        """Wait for so many messages and return their states."""
        return [message["x-goog-resource-state"] for message in self.wait(count)]


@contextmanager
def receiving(certificate: Path | None = None) -> Iterator[Receiver]:
    """Serve a receiver; with a file of certificate and key by https."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            self.send_response(receiver.take({**headers, "body": body.decode()}))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    scheme = "https" if certificate else "http"
    receiver.address = f"{scheme}://127.0.0.1:{server.server_address[1]}/hook"
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join(WAIT_SECONDS)
