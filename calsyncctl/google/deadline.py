"""A whole exchange has an end: time-outs of a socket count silence only, and a byte now and then is none.

One thread watches every exchange that goes on, and cuts the connection of one that takes too long; whoever waits on
it then hears that it broke off.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

AGAIN = 1.0
"""Seconds until a connection that could not be cut (it was not made yet) is tried again."""


@dataclass(eq=False, slots=True)
class Exchange:
    """One request and its answer, under way in one thread."""

    until: float
    connection: HTTPConnection | None = None
    sock: socket.socket | None = None
    """Kept besides the connection, which forgets it where the answer ends with the connection."""
    fault: OSError | None = None
    """Why it was cut off, if it was."""
    _over: bool = False
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def end(self) -> None:
        """Note that it is over: its connection may be another's now."""
        with self._guard:
            self._over = True

    def cut_off(self, fault: OSError) -> None:
        """Cut its connection, unless it is over; whoever waits on it hears of `fault`."""
        with self._guard:
            if self._over:
                return
            self.fault = self.fault or fault
            sock = self.sock or (self.connection.sock if self.connection is not None else None)
            if sock is not None:
                with contextlib.suppress(OSError):  # a TLS socket's own method would pull the ground from its reader
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)


class Reaper:
    """The thread that watches; it sleeps while nothing goes on. Safe between threads."""

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._open: set[Exchange] = set()
        self._wakes = float("inf")
        self._thread: threading.Thread | None = None

    @contextlib.contextmanager
    def within(self, seconds: float) -> Iterator[Exchange]:
        """Give what the calling thread exchanges in the block so many seconds.

        Raises:
            TimeoutError: it took longer, and was cut off.
            ConnectionError: it was cut off by `cut_all`.
        """
        exchange = _mine.exchange = Exchange(time.monotonic() + seconds)
        self._watch(exchange)
        try:
            yield exchange
        except Exception as error:
            if exchange.fault is not None:
                raise exchange.fault from error
            raise
        finally:
            _mine.exchange = None
            exchange.end()
            with self._change:
                self._open.discard(exchange)
        if exchange.fault is not None:  # an answer that ends with its connection seems whole
            raise exchange.fault

    def cut_all(self) -> None:
        """Cut off everything that is under way."""
        with self._change:
            under_way = list(self._open)
        for one in under_way:
            one.cut_off(ConnectionAbortedError("cut off"))

    def _watch(self, exchange: Exchange) -> None:
        with self._change:
            self._open.add(exchange)
            if self._thread is None or not self._thread.is_alive():  # a forked process has none
                self._thread = threading.Thread(target=self._reap, name="deadlines", daemon=True)
                self._thread.start()
            elif exchange.until < self._wakes:
                self._change.notify()

    def _reap(self) -> None:
        while True:
            with self._change:
                self._wakes = min((one.until for one in self._open), default=float("inf"))
                wait = self._wakes - time.monotonic()
                if wait > 0:
                    self._change.wait(None if self._wakes == float("inf") else wait)
                    continue
                late = [one for one in self._open if one.until <= time.monotonic()]
                for one in late:
                    one.until = time.monotonic() + AGAIN
            for one in late:
                one.cut_off(TimeoutError("no whole answer in time"))


_mine: Any = threading.local()
REAPER = Reaper()
"""The process's one: it holds no more than what is under way."""


def _meet(connection: HTTPConnection, *, with_socket: bool = False) -> None:
    """Let the calling thread's exchange know by which connection it goes."""
    exchange: Exchange | None = getattr(_mine, "exchange", None)
    if exchange is not None:
        exchange.connection = connection
        exchange.sock = connection.sock if with_socket else None


class _Watched(HTTPConnection):
    """A connection that makes itself known to the exchange that it is used for."""

    def connect(self) -> None:
        _meet(self)
        super().connect()

    def request(self, *args: Any, **kw: Any) -> None:
        _meet(self)
        super().request(*args, **kw)

    def getresponse(self) -> Any:
        _meet(self, with_socket=True)
        return super().getresponse()


class _WatchedSafely(_Watched, HTTPSConnection):
    """The same over TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Watched


class _SafePool(HTTPSConnectionPool):
    ConnectionCls = _WatchedSafely


POOLS: dict[str, type[HTTPConnectionPool]] = {"http": _Pool, "https": _SafePool}
"""By scheme, for a `PoolManager`: what its connections must be for `Reaper.within` to reach them."""
