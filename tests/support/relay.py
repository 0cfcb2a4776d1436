"""A wire to a server that can be cut without a word: what was connected stays silent, new connections work."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from types import TracebackType


class Relay:
    """Listens on a free port and passes everything on to another; a context manager."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._frozen: list[threading.Event] = []

    def __enter__(self) -> Relay:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for one in (self._listener, *self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def freeze(self) -> int:
        """Pass nothing on any more of what is connected, and say nothing; return how many lines that were."""
        frozen, self._frozen = self._frozen, []
        for one in frozen:
            one.set()
        return len(frozen)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self._listener.accept()
                there = socket.create_connection(("127.0.0.1", self._to))
                frozen = threading.Event()
                self._open += [here, there]
                self._frozen.append(frozen)
                for one, other in ((here, there), (there, here)):
                    threading.Thread(target=self._pass_on, args=(one, other, frozen), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket, frozen: threading.Event) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                if not frozen.is_set():
                    other.sendall(data)
            if not frozen.is_set():
                other.shutdown(socket.SHUT_WR)
