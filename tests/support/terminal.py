"""The command on a terminal of its own, typed at by a test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.run import COMMAND, environment

if TYPE_CHECKING:
    import pexpect

TIMEOUT = 30


@contextmanager
def terminal(*args: str, home: Path, env: Mapping[str, str] | None = None) -> Iterator[pexpect.spawn]:
    """Start `calsyncctl ARGS...` on a terminal; ended, if it still runs, when the block ends."""
    import pexpect

    child = pexpect.spawn(
        str(COMMAND),
        list(args),
        env={"TERM": "xterm", "NO_COLOR": "1", **environment(home, env)},
        encoding="utf-8",
        timeout=TIMEOUT,
        dimensions=(50, 200),
        cwd=str(home),
    )
    child.delaybeforesend = None
    try:
        yield child
    finally:
        child.close(force=True)
