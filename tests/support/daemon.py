"""A real daemon process for tests, with a socket in systemd's place: every wait is for something that it says."""

from __future__ import annotations

import queue
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from calsyncctl.paths import paths_of
from calsyncctl.store.calendars import list_calendars
from calsyncctl.store.db import open_store
from calsyncctl.store.due import make_calendars_due
from tests.support.run import environment, start

DEADLINE = 30.0


@dataclass(slots=True)
class DaemonProcess:
    """`calsyncctl daemon run` in a home; a context manager that waits until it is ready, and ends it by its pid."""

    home: Path
    env: Mapping[str, str] = field(default_factory=dict)
    args: tuple[str, ...] = ()
    ready: bool = True
    """Whether to wait until it is."""
    bare: bool = False
    """Whether its environment is empty but for `env`, and where the profiles are."""
    prefix: tuple[str, ...] = ()
    """A command that becomes it."""
    process: subprocess.Popen[str] | None = None
    told: list[str] = field(default_factory=list)
    """Everything that was told to systemd, in order."""
    log: list[str] = field(default_factory=list)
    _said: queue.Queue[tuple[str, str]] = field(default_factory=queue.Queue)
    _socket: socket.socket | None = None

    def __enter__(self) -> DaemonProcess:
        address = f"@calsyncctl-test-{id(self)}-{time.monotonic_ns()}"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + address[1:])
        env = {"NOTIFY_SOCKET": address, **self.env}
        self.process = start("daemon", "run", *self.args, home=self.home, env=env, bare=self.bare, prefix=self.prefix)
        threading.Thread(target=self._hear_systemd, daemon=True).start()
        threading.Thread(target=self._hear_log, daemon=True).start()
        if self.ready:
            self.wait_told("READY=1")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self.process is not None
        assert self._socket is not None
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def _hear_systemd(self) -> None:
        assert self._socket is not None
        while message := self._socket.recv(4096):
            for line in message.decode().splitlines():
                self._said.put(("told", line))

    def _hear_log(self) -> None:
        assert self.process is not None
        assert self.process.stderr is not None
        try:
            for line in self.process.stderr:
                self._said.put(("log", line.rstrip("\n")))
        except ValueError:  # closed
            return
        self._said.put(("log", "(end)"))

    def wait_told(self, pattern: str, *, after: int = 0) -> str:
        """Wait until it has told systemd something; return the line."""
        return self._wait(self.told, pattern, after)

    def wait_log(self, pattern: str, *, after: int = 0) -> str:
        """Wait until its log says something; return the line."""
        return self._wait(self.log, pattern, after)

    def _wait(self, lines: list[str], pattern: str, after: int) -> str:
        deadline = time.monotonic() + DEADLINE
        while True:
            found = next((line for line in lines[after:] if re.search(pattern, line)), None)
            if found is not None:
                return found
            try:
                where, line = self._said.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"{pattern!r} was not said; the log:\n" + "\n".join(self.log)) from None
            (self.told if where == "told" else self.log).append(line)

    def heard(self) -> list[str]:
        """Return the log so far."""
        while not self._said.empty():
            where, line = self._said.get_nowait()
            (self.told if where == "told" else self.log).append(line)
        return self.log

    def send(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end, and return its exit code."""
        self.send(number)
        return self.wait()

    def wait(self) -> int:
        """Wait for its end, and return its exit code."""
        assert self.process is not None
        return self.process.wait(DEADLINE)

    def all_due(self) -> None:
        """Let every calendar be due now, as if its time had come."""
        paths = paths_of("default", environment(self.home))
        with closing(open_store(paths.store_file)) as store, store.write():
            make_calendars_due(store, [one.id for one in list_calendars(store)], 0)


def eventually(look: Callable[[], bool], *, within: float = DEADLINE) -> float:
    """Look again and again until something holds, and return after how many seconds; for what tells nobody."""
    begun = time.monotonic()
    while not look():
        assert time.monotonic() - begun < within, "it did not come"
        threading.Event().wait(0.02)
    return time.monotonic() - begun
