"""What the daemon tells systemd: datagrams to `$NOTIFY_SOCKET` (sd_notify(3)); without one, nothing."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator, Mapping

USEC = 1_000_000
PATIENCE = 1.0
"""Seconds that what is said once waits for a systemd that is busy: with many units its queue fills up."""


class Notify:
    """The line to systemd. Sending never raises, and waits a second at most: whoever does not listen is not told."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        self._watchdog = environ.get("WATCHDOG_USEC", "")
        self._watched = environ.get("WATCHDOG_PID", "")

    @property
    def listened(self) -> bool:
        """Whether somebody asked to be told."""
        return self._address.startswith(("/", "@"))

    @property
    def watchdog(self) -> float | None:
        """Seconds after which systemd takes the daemon for dead, None if it does not watch this process."""
        if self._watched and self._watched != str(os.getpid()):
            return None
        return int(self._watchdog) / USEC if self._watchdog.isdigit() and int(self._watchdog) else None

    def ready(self, *, again: bool = False) -> None:
        """Say that the first pass is done, or a reload; `again` does no harm, and does not wait."""
        self._send("READY=1", 0.0 if again else PATIENCE)

    def status(self, text: str) -> None:
        """Say in one line how things are; `systemctl status` shows it."""
        self._send(f"STATUS={' '.join(text.split())}")

    def alive(self) -> None:
        """Feed the watchdog."""
        self._send("WATCHDOG=1")

    def starting(self, seconds: float) -> None:
        """Ask for so many seconds more until `ready`."""
        self._send(f"EXTEND_TIMEOUT_USEC={int(seconds * USEC)}")

    @contextlib.contextmanager
    def patient(self, *, every: float = 30.0, at_most: float = 3600.0) -> Iterator[None]:
        """Ask for more time until `ready`, again and again, while the block is at work; `every`: seconds between two.

        What comes before the first sign of life may take long, such as bringing a large store up to date, and a start
        that is broken off is begun anew for ever. Not for longer than `at_most` seconds: it may hang.
        """
        over = threading.Event()

        def ask() -> None:
            until = time.monotonic() + at_most
            while time.monotonic() < until and not over.wait(every):
                self.starting(3 * every)

        self.starting(3 * every)
        asking = threading.Thread(target=ask, name="patience", daemon=True)
        asking.start()
        try:
            yield
        finally:
            over.set()
            asking.join()

    def reloading(self) -> None:
        """Say that a reload begins; `ready` ends it."""
        self._send(f"RELOADING=1\nMONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}", PATIENCE)

    def stopping(self) -> None:
        """Say that the end begins."""
        self._send("STOPPING=1", PATIENCE)

    def _send(self, message: str, patience: float = 0.0) -> None:
        if not self.listened:
            return
        # A leading @ stands for the zero byte of an abstract address, which no file system sees.
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.settimeout(patience)  # 0: does not wait
            line.connect(address)  # without, a full queue would be asked again and again instead of waited for
            line.send(message.encode())
