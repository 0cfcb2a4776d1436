"""What keeps a profile tidy while the daemon runs."""

from __future__ import annotations

import logging

from calsyncctl.daemon.parts import Parts
from calsyncctl.logs import turn_over

_log = logging.getLogger(__name__)


def housekeeping(parts: Parts) -> None:
    """Put a log aside that has grown too large."""
    turn_over(parts.paths)
