"""The way out: one urllib3 pool for calls and tokens alike, and the thin adapter that Google's client library runs on.

Nothing here ever sends a request twice. httplib2, which the library would use, repeats a POST whose answer was lost,
and urllib3 by default repeats reads and follows redirects: what is tried again is decided in `client.py` alone.
"""

from __future__ import annotations

import os
import ssl
import sys
import threading
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import unquote, urlsplit

import certifi
import httplib2
import urllib3

from calsyncctl import __version__
from calsyncctl.errors import ConfigFault, Later
from calsyncctl.google.deadline import POOLS, REAPER
from calsyncctl.google.errors import classify_transport, never_left

USER_AGENT: Final = f"calsyncctl/{__version__} (gzip) python/{sys.version_info.major}.{sys.version_info.minor}"
CONNECT_TIMEOUT: Final = 10.0
READ_TIMEOUT: Final = 60.0
"""Seconds of silence on an open connection; a page of 2,500 events can take Google many of them."""
WHOLE_TIMEOUT: Final = 180.0
"""Seconds for a request and its whole answer: one that trickles is no answer. A page over a poor line takes half."""
KEPT_OPEN: Final = 32
"""Connections that are kept for the next request: as many as there may be `sync.workers`."""
_OBEYED: Final = (
    "https_proxy",
    "HTTPS_PROXY",
    "all_proxy",
    "ALL_PROXY",
    "no_proxy",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
)
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class NoAnswer(Later):
    """The request left and no whole answer came: whether it arrived is unknown."""


class Http(Protocol):
    """What Google's client library asks of its transport."""

    def request(
        self,
        uri: str,
        method: str = "GET",
        body: str | bytes | None = None,
        headers: dict[str, str] | None = None,
        redirections: int = 0,
        connection_type: object = None,
        **kw: Any,
    ) -> tuple[httplib2.Response, bytes]:
        """Send one request and return its answer."""
        ...


def is_loopback(host: str | None) -> bool:
    """Tell whether a host name means this machine: the only one that may be talked to in plain http."""
    return (host or "").casefold() in LOOPBACK


class Pool(urllib3.PoolManager):
    """One thread-safe pool of connections; through the proxy of the environment where it says so.

    `request` and `urlopen` send exactly once and follow no redirect. Plain http to any host but this machine is
    refused before a byte is sent.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        timeout = urllib3.Timeout(connect=CONNECT_TIMEOUT, read=READ_TIMEOUT)
        super().__init__(maxsize=KEPT_OPEN, retries=False, timeout=timeout)
        self.pool_classes_by_scheme = POOLS
        self.whole_timeout = WHOLE_TIMEOUT
        self._environ = dict(environ)
        self._guard = threading.Lock()
        self._proxy: urllib3.ProxyManager | None = None
        self._context: ssl.SSLContext | None = None

    def urlopen(  # type: ignore[override]  # urllib3 overloads nothing here but types its keywords as Any
        self, method: str, url: str, redirect: bool = False, **kw: Any
    ) -> urllib3.BaseHTTPResponse:
        """Send one request and have its answer, whole, within three minutes.

        Raises urllib3's errors, TimeoutError, or ConfigFault for plain http beyond this machine.
        """
        with REAPER.within(self.whole_timeout):
            return self._send(method, url, kw | {"retries": False})

    def _send(self, method: str, url: str, kw: dict[str, Any]) -> urllib3.BaseHTTPResponse:
        parts = urlsplit(url)
        if parts.scheme == "http" and is_loopback(parts.hostname):
            return super().urlopen(method, url, redirect=False, **kw)
        if parts.scheme != "https":
            raise ConfigFault(
                f"Plain http to {parts.hostname or url} is refused: it would send secrets in the clear.",
                "Use an https address; http is for 127.0.0.1 and localhost only.",
            )
        self._use_context()
        manager = self._proxied(parts.hostname or "", parts.port)
        if manager is not None:
            return manager.urlopen(method, url, redirect=False, **kw)
        return super().urlopen(method, url, redirect=False, **kw)

    def clear(self) -> None:
        """Close every connection, those through the proxy too."""
        super().clear()
        if self._proxy is not None:
            self._proxy.clear()

    def _use_context(self) -> None:
        """Load the trusted certificates once, at the first https request: it takes some 15 ms."""
        with self._guard:
            if self._context is None:
                self._context = trusted_context(self._environ)
                self.connection_pool_kw["ssl_context"] = self._context

    def _proxied(self, host: str, port: int | None) -> urllib3.ProxyManager | None:
        address = proxy_for(host if port is None else f"{host}:{port}", self._environ)
        if address is None:
            return None
        with self._guard:
            if self._proxy is None:
                self._proxy = _proxy_manager(address, self.connection_pool_kw)
            return self._proxy


def make_pool(environ: Mapping[str, str] = os.environ) -> Pool:
    """Make the pool that everything to Google goes through: API calls, tokens, revocation.

    Obeys HTTPS_PROXY (else ALL_PROXY), NO_PROXY, SSL_CERT_FILE and REQUESTS_CA_BUNDLE of `environ`; certifi's
    certificates otherwise. This machine is never reached through a proxy.
    """
    return Pool(environ)


def shared_pool(environ: Mapping[str, str] = os.environ) -> Pool:
    """Return the process's one pool for an environment: loading the certificates anew for each account would show."""
    return _pool_for(tuple((name, environ[name]) for name in _OBEYED if name in environ))


def drop_connections() -> None:
    """Close every connection of the shared pool, and cut what is under way: after a sleep, nobody is at the other end.

    It would be waited for in silence for a minute.
    """
    shared_pool().clear()
    REAPER.cut_all()


@lru_cache(maxsize=4)
def _pool_for(obeyed: tuple[tuple[str, str], ...]) -> Pool:
    return Pool(dict(obeyed))


def proxy_for(host: str, environ: Mapping[str, str]) -> str | None:
    """Tell which proxy an https request to `host` (or `host:port`) takes; lower-case names win, as everywhere."""
    address = _read(environ, "https_proxy") or _read(environ, "all_proxy")
    if not address or is_loopback(host.rsplit(":", 1)[0].strip("[]")) or is_loopback(host):
        return None
    if any(_covers(entry.strip(), host) for entry in _read(environ, "no_proxy").split(",")):
        return None
    return address if "://" in address else f"http://{address}"


def _covers(entry: str, host: str) -> bool:
    """Tell whether an entry of NO_PROXY covers `host` or `host:port`: a name, its subdomains, or `*`."""
    entry = entry.casefold().lstrip(".")
    name = host.casefold() if ":" in entry else host.casefold().rsplit(":", 1)[0]
    return entry == "*" or (bool(entry) and (name == entry or name.endswith(f".{entry}")))


def trusted_context(environ: Mapping[str, str]) -> ssl.SSLContext:
    """Make the TLS context: the certificates that the environment names, else certifi's.

    Raises:
        ConfigFault: when what the environment names is not there or not a certificate file.
    """
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        if environ.get(name):
            return _context_from(name, Path(environ[name]))
    return ssl.create_default_context(cafile=certifi.where())


def _context_from(name: str, path: Path) -> ssl.SSLContext:
    try:
        if path.is_dir():
            return ssl.create_default_context(capath=str(path))
        return ssl.create_default_context(cafile=str(path))
    except OSError as error:  # ssl.SSLError is one
        raise ConfigFault(
            f"{name} names {path}, which holds no certificates that can be read.", f"Correct or unset {name}."
        ) from error


def _proxy_manager(address: str, settings: dict[str, Any]) -> urllib3.ProxyManager:
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigFault("HTTPS_PROXY is not the address of an http proxy.", "Write it as http://host:port.")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = f":{parts.port}" if parts.port else ""
    secret = f"{unquote(parts.username)}:{unquote(parts.password or '')}" if parts.username else None
    headers = urllib3.make_headers(proxy_basic_auth=secret) if secret else None
    manager = urllib3.ProxyManager(f"{parts.scheme}://{host}{port}", proxy_headers=headers, **settings)
    manager.pool_classes_by_scheme = POOLS
    return manager


def _read(environ: Mapping[str, str], name: str) -> str:
    return environ.get(name) or environ.get(name.upper()) or ""


class Transport:
    """The adapter between Google's client library and the pool: one request in, one answer out, counted.

    Safe to share between threads.
    """

    def __init__(self, pool: urllib3.PoolManager) -> None:
        self._pool = pool
        self._guard = threading.Lock()
        self._requests = 0

    @property
    def requests(self) -> int:
        """How many requests were sent so far."""
        return self._requests

    def request(
        self,
        uri: str,
        method: str = "GET",
        body: str | bytes | None = None,
        headers: dict[str, str] | None = None,
        redirections: int = 0,
        connection_type: object = None,
        **kw: Any,
    ) -> tuple[httplib2.Response, bytes]:
        """Send one request, once, and read its answer whole.

        Raises:
            NoAnswer: when no whole answer came.
            Later: when the request could not even be sent.
        """
        sent = {name.lower(): value for name, value in (headers or {}).items()}
        sent |= {"user-agent": USER_AGENT, "accept-encoding": "gzip"}
        with self._guard:
            self._requests += 1
        try:
            answer = self._pool.request(
                method, uri, body=body.encode() if isinstance(body, str) else body, headers=sent, redirect=False
            )
            content = answer.data
        except (urllib3.exceptions.HTTPError, OSError) as error:
            # Not chained: urllib3 puts the address, and with it our sync token, into its messages.
            named = classify_transport(error, urlsplit(uri).netloc or "Google")
            raise (named if never_left(error) else NoAnswer(named.what, named.what_to_do)) from None
        return _response(answer), content


def _response(answer: urllib3.BaseHTTPResponse) -> httplib2.Response:
    response = httplib2.Response({name.lower(): value for name, value in answer.headers.items()})
    response.status = answer.status
    response["status"] = str(answer.status)
    response.reason = answer.reason or ""
    return response
