"""Ctrl-C: the first ends what is going on in order, the second at once.

Ending in order can take a while, since what is under way at Google is waited for. Nobody has to wait for that: what is
cut off at any point leaves what the next command needs.
"""

from __future__ import annotations

import os
import signal
from types import FrameType

_SHOW_CURSOR = b"\x1b[?25h\n"
"""What a drawing of progress would have done at its end."""


class CtrlC:
    """What became of Ctrl-C in this process."""

    def __init__(self) -> None:
        self.came = False

    def listen(self) -> None:
        """Take Ctrl-C from now on; where it is ignored (`nohup`, `&`) or somebody else's, it stays so."""
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._first)

    def _first(self, number: int, frame: FrameType | None) -> None:
        self.came = True
        signal.signal(signal.SIGINT, _at_once)
        raise KeyboardInterrupt


def _at_once(number: int, frame: FrameType | None) -> None:
    """End by the signal, so that a shell knows; not by an exception, which whatever is ending would show or swallow."""
    if os.isatty(2):
        os.write(2, _SHOW_CURSOR)
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
