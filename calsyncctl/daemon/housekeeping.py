"""What keeps a profile tidy while the daemon runs."""

from __future__ import annotations

import contextlib
import logging
import threading

from calsyncctl.connections.forgetting import keep_house
from calsyncctl.daemon.parts import Parts
from calsyncctl.logs import turn_over

_log = logging.getLogger(__name__)


def housekeeping(parts: Parts, stop: threading.Event) -> None:
    """Put a log aside that has grown too large, and forget what is older than it is kept, until told to `stop`.

    Nothing is forgotten by a clock that may have gone wrong: what is gone would not come back with the right time.
    """

    def go_on() -> bool:
        parts.pulse.beat()
        return not stop.is_set()

    with contextlib.suppress(OSError):  # a log that cannot be opened costs its lines, and not the rest
        turn_over(parts.paths)
    if not parts.clock_is_steady():
        return
    keep_days = parts.settings.history.keep_days
    keep_house(
        parts.store(),
        parts.paths.backups_dir,
        keep_days=keep_days,
        now=parts.clock.now(),
        go_on=go_on,
    )
