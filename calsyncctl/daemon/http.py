"""The daemon's port on this machine: one small WSGI application behind waitress, and what it refuses.

It listens on 127.0.0.1 only. Pages are for names of this machine (a page elsewhere cannot reach them by pointing its
own name here: DNS rebinding); what Google posts comes through the operator's proxy and bears the public name.
"""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from calsyncctl.settings import is_loopback

_log = logging.getLogger(__name__)

ADDRESS = "127.0.0.1"
LARGEST_BODY = 4096
"""Bytes; Google's messages have none."""
LARGEST_HEAD = 16_384
THREADS = 4
MOST_CONNECTIONS = 200
SILENT = 20
"""Seconds after which a connection that says nothing is closed."""
PUSH = "/push"
"""Where Google's messages arrive."""
_PHRASES = {
    200: "OK",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
_HEADERS = (
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'",
    ),
)

Environ = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer."""

    status: int = 200
    body: str = ""
    type: str = "text/plain; charset=utf-8"


Route = Callable[[Environ], Reply]


class Application:
    """Finds the route of a request. `routes`: (method, path) -> what answers it; HEAD goes where GET goes."""

    def __init__(self, routes: Mapping[tuple[str, str], Route], public_host: Callable[[], str]) -> None:
        self._routes = routes
        self._public_host = public_host

    def __call__(self, environ: Environ, start_response: Callable[..., object]) -> Iterable[bytes]:
        """Answer one request; called by waitress."""
        reply = self._answer(environ)
        body = reply.body.encode()
        headers = [("Content-Type", reply.type), ("Content-Length", str(len(body))), *_HEADERS]
        start_response(f"{reply.status} {_PHRASES[reply.status]}", headers)
        return [] if environ.get("REQUEST_METHOD") == "HEAD" else [body]

    def _answer(self, environ: Environ) -> Reply:
        path, method = str(environ.get("PATH_INFO") or "/"), str(environ.get("REQUEST_METHOD"))
        route = self._routes.get(("GET" if method == "HEAD" else method, path))
        if not self._is_for_us(str(environ.get("HTTP_HOST", "")), path):
            return Reply(403, "This is not for that name.\n")
        if route is None:
            known = any(path == one for _, one in self._routes)
            return Reply(405, "Not so.\n") if known else Reply(404, "There is nothing here.\n")
        try:
            return route(environ)
        except Exception as error:  # a bug: it costs this answer, and no other
            _log.error("bug while answering %s %s", method, path, exc_info=error)
            return Reply(500, "This did not work out; the log says why.\n")

    def _is_for_us(self, host: str, path: str) -> bool:
        name = host_of(host)
        return is_loopback(name) or (path == PUSH and name != "" and name == self._public_host())


def host_of(header: str) -> str:
    """Return the name in a Host header, without its port and brackets; empty if it is none."""
    try:
        return (urlsplit(f"//{header}").hostname or "").rstrip(".")
    except ValueError:
        return ""


class Port:
    """The port, open or not: `keep` makes it so, and is called again and again."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._number = 0
        self._server: Any = None
        self._thread: threading.Thread | None = None

    @property
    def number(self) -> int:
        """The port that is open, 0 if none is."""
        return self._number

    def keep(self, wanted: int) -> None:
        """Have this port open and no other; 0: none.

        Raises:
            OSError: it is taken, or may not be used. ModuleNotFoundError: waitress is not installed.
        """
        if wanted == self._number:
            return
        self.close()
        if wanted:
            self._open(wanted)

    def _open(self, number: int) -> None:
        import waitress.server  # noqa: PLC0415  (only where a port is wanted)

        # Bound here: a port that is taken would leave waitress's threads behind, at every try.
        line = socket.create_server((ADDRESS, number), backlog=128)
        logging.getLogger("waitress").setLevel(logging.ERROR)
        self._server = waitress.server.create_server(
            self._application,
            map={},
            sockets=[line],
            threads=THREADS,
            ident=None,
            max_request_body_size=LARGEST_BODY,
            max_request_header_size=LARGEST_HEAD,
            connection_limit=MOST_CONNECTIONS,
            channel_timeout=SILENT,
            cleanup_interval=5,
            expose_tracebacks=False,
        )
        self._thread = threading.Thread(target=self._server.run, name="http", daemon=True)
        self._thread.start()
        self._number = number

    def close(self) -> None:
        """Close it; what is being answered is left to end."""
        server, thread = self._server, self._thread
        self._server, self._thread, self._number = None, None, 0
        if server is None or thread is None:
            return
        from waitress import wasyncore  # noqa: PLC0415

        server.task_dispatcher.shutdown(timeout=1)  # first: who still answers writes to what is closed below
        pulled = threading.Event()

        def end() -> None:
            pulled.wait(1.0)  # the loop may come here while the trigger is being pulled: by an answer's end
            wasyncore.close_all(server._map, ignore_all=True)

        # In its own thread: closing a socket that is being waited for in another one is an error there.
        server.trigger.pull_trigger(end)
        pulled.set()
        thread.join(2.0)
