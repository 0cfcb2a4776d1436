"""Runs the installed command in a process of its own, as a user would, in a home of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.warm import WARM

COMMAND = Path(sys.executable).with_name("calsyncctl")
PASSED_ON = ("PATH", "LANG", "LC_ALL", "TMPDIR", "COVERAGE_PROCESS_START")
HARMLESS = {"BROWSER", "PATH", "DBUS_SESSION_BUS_ADDRESS"}
"""Variables that are read when they are needed, not while something is imported."""
TIMEOUT = 60.0


@dataclass(frozen=True, slots=True)
class Result:
    """What a command left: exit code, stdout, stderr."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """Return stdout as JSON."""
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        """Return the error that `--json` wrote to stderr."""
        return json.loads(self.err.splitlines()[-1])["error"]


def environment(home: Path, env: Mapping[str, str] | None = None) -> dict[str, str]:
    """Make an environment that knows nothing of this machine's user: no keyring, no colours, UTC."""
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    own = {
        "HOME": str(home),
        "CALSYNCCTL_HOME": str(home / "calsyncctl"),
        "TZ": "UTC",
        "COLUMNS": "100",
    }
    return kept | own | dict(env or {})


def run(
    *args: str,
    home: Path,
    env: Mapping[str, str] | None = None,
    input: str = "",
    timeout: float = TIMEOUT,
    warm: bool = False,
) -> Result:
    """Run `calsyncctl ARGS...` to its end and return what it left; its stdin is `input`, never a terminal.

    `warm`: what a fresh interpreter does is not the point, so the libraries may be loaded already.
    """
    if warm and may_be_warm(env or {}):
        done = WARM.run(args, env=environment(home, env), cwd=str(home), input=input, timeout=timeout)
        if done is not None:
            return Result(*done)
    finished = subprocess.run(
        [str(COMMAND), *args],
        env=environment(home, env),
        input=input,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        cwd=home,
    )
    return Result(finished.returncode, finished.stdout, finished.stderr)


def may_be_warm(env: Mapping[str, str]) -> bool:
    """Tell whether these variables mean nothing to an interpreter or a library while it starts."""
    cold = os.environ.get("CALSYNC_COLD") or os.environ.get("COVERAGE_PROCESS_START") or not hasattr(os, "fork")
    return not cold and all(name.startswith("CALSYNCCTL_") or name in HARMLESS for name in env)


def start(
    *args: str,
    home: Path,
    env: Mapping[str, str] | None = None,
    stdin: int = subprocess.DEVNULL,
    bare: bool = False,
    prefix: tuple[str, ...] = (),
) -> subprocess.Popen[str]:
    """Start `calsyncctl ARGS...` and return the process; whoever starts one ends it (a context manager does).

    `bare`: its environment is `env`, where the profiles are, and nothing else, as under systemd. `prefix`: a command
    that becomes it, such as `unshare`.
    """
    given = environment(home, env)
    if bare:
        given = {"CALSYNCCTL_HOME": given["CALSYNCCTL_HOME"], **(env or {})}
    return subprocess.Popen(
        [*prefix, str(COMMAND), *args],
        env=given,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=home,
    )
