"""Runs the command's entry point in processes forked from one that has its libraries loaded already.

Four fifths of a short command are imports. A test of what a command *does* need not wait for them; what a fresh
interpreter does (streams, completion, start-up time, signals) is tested with the installed script itself, and
`CALSYNC_COLD=1` runs everything so; `make features`, which says what is proven, does. A forked process has its own
environment, folder, streams and end, and nothing of the command has run in the one that it comes from: that only
imported.

`Warm` is the test's side; run as a module this file is the other side: a line of JSON for each command.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

MODULES = (
    *("calsyncctl.cli", "calsyncctl.runtime", "calsyncctl.logs", "calsyncctl.locks", "calsyncctl.config_file"),
    *("calsyncctl.commands.registry", "calsyncctl.commands.root_help", "calsyncctl.enabling", "calsyncctl.topics"),
    *("calsyncctl.google.provider", "calsyncctl.google.oauth", "calsyncctl.google.tokens", "calsyncctl.store.db"),
    *("calsyncctl.vault.vault", "calsyncctl.vault.sealed_file", "calsyncctl.sync.passes", "calsyncctl.connections"),
    *("calsyncctl.sync.repairing.reconcile", "calsyncctl.connections.sync_now", "calsyncctl.store.upgrade"),
    *("googleapiclient.discovery", "googleapiclient.http", "google_auth_oauthlib.flow", "dateutil.rrule"),
    *("calsyncctl.__main__", "calsyncctl.authority", "calsyncctl.connections.budget", "calsyncctl.store.rehearsal"),
    *("calsyncctl.zones", "typer._adapters", "typer._click.decorators", "pydantic.plugin._loader"),
    *("rich.console", "rich.table", "rich.progress", "keyring", "urllib.request", "webbrowser", "zoneinfo"),
)
"""What commands import late."""


class Warm:
    """The process that commands are forked from; one command at a time."""

    def __init__(self, env: Mapping[str, str] | None = None) -> None:
        self._lock = threading.Lock()
        self._env = dict(env or {})
        """More variables that the process is started with, for libraries that are loaded before anything else."""
        self.google: list[str] = []
        """Addresses of local Googles that run: the client for each is made once, as it takes as long as a command."""
        self._server: subprocess.Popen[bytes] | None = None

    def close(self) -> None:
        """End the process; without this it ends with the one that it serves."""
        if self._server is not None and self._server.stdin is not None and self._server.stdout is not None:
            self._server.stdin.close()
            self._server.wait(10)
            self._server.stdout.close()
            self._server = None

    def run(
        self,
        args: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: str,
        timeout: float,
        input: str = "",
        mixed: bool = False,
    ) -> Any:
        """Run a command; return exit code, stdout and stderr, or None where another thread's is under way.

        `mixed`: both streams go to stdout, in order, as at a terminal.
        """
        if not self._lock.acquire(blocking=False):
            return None
        try:
            server = self._started()
            assert server.stdin is not None
            assert server.stdout is not None
            asked = {"args": args, "env": dict(env), "cwd": cwd, "input": input, "timeout": timeout, "mixed": mixed}
            asked["google"] = self.google[-8:]
            server.stdin.write(json.dumps(asked).encode() + b"\n")
            server.stdin.flush()
            answer = json.loads(server.stdout.readline())
        finally:
            self._lock.release()
        if answer["code"] is None:
            raise subprocess.TimeoutExpired(list(args), timeout, answer["out"], answer["err"])
        return answer["code"], answer["out"], answer["err"]

    def _started(self) -> subprocess.Popen[bytes]:
        if self._server is None or self._server.poll() is not None:
            neutral = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TMPDIR") if name in os.environ}
            command = [sys.executable, "-m", "tests.support.warm"]
            env = neutral | {"TZ": "UTC"} | self._env
            self._server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env)
        return self._server


WARM = Warm()
"""One for each process that runs tests; it ends when that one does, as its line is cut then."""


def serve() -> None:
    """Fork a process for each command that comes, and answer with what it left."""
    import gc
    import importlib
    import pkgutil

    for name in MODULES:
        importlib.import_module(name)
    commands = importlib.import_module("calsyncctl.commands")
    for found in pkgutil.iter_modules(commands.__path__, "calsyncctl.commands."):
        importlib.import_module(found.name)
    registry = importlib.import_module("calsyncctl.commands.registry")
    for entry in registry.COMMANDS:
        registry.load(entry)  # typer's tree is made as much by importing as the modules are
    for top in (True, False):
        registry.global_options(top=top)
    gc.freeze()
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        _make_clients(asked["google"])
        sys.stdout.buffer.write(json.dumps(_answer(asked)).encode() + b"\n")
        sys.stdout.buffer.flush()


def _make_clients(addresses: Sequence[str]) -> None:
    from calsyncctl.google.discovery import calendar_service, resource_of

    for address in addresses:
        for name in ("events", "calendarList"):
            resource_of(calendar_service(address), name)


def _answer(asked: dict[str, Any]) -> dict[str, Any]:
    import tempfile

    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(asked["input"].encode())
        given.seek(0)
        child = os.fork()
        if child == 0:
            _become(asked, given, out, out if asked["mixed"] else err)
        code = _ended(child, asked["timeout"])
        out.seek(0)
        err.seek(0)
        return {"code": code, "out": out.read().decode(), "err": err.read().decode()}


def _ended(child: int, timeout: float) -> int | None:
    """Wait for a process of ours and return its exit code, as `subprocess` does; None: it was killed for being late."""
    import signal

    late = threading.Timer(timeout, os.kill, (child, signal.SIGKILL))
    late.start()
    _, status = os.waitpid(child, 0)
    in_time = late.is_alive()
    late.cancel()
    late.join()
    return os.waitstatus_to_exitcode(status) if in_time else None


def _become(asked: dict[str, Any], given: BinaryIO, out: BinaryIO, err: BinaryIO) -> None:
    """Be the command, to the end of the process."""
    import io
    import random
    import time

    for number, file in enumerate((given, out, err)):
        os.dup2(file.fileno(), number)
    sys.stdin = io.TextIOWrapper(io.FileIO(0, closefd=False))
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(io.FileIO(1, "w", closefd=False)))
    sys.stderr = io.TextIOWrapper(io.BufferedWriter(io.FileIO(2, "w", closefd=False)), line_buffering=True)
    os.environ.clear()
    os.environ.update(asked["env"])
    time.tzset()
    os.chdir(asked["cwd"])
    random.seed()
    sys.argv = ["calsyncctl", *asked["args"]]
    os._exit(_main())


def _main() -> int:
    """Run the entry point and end as an interpreter does; return the exit code."""
    import atexit
    import traceback

    from calsyncctl.__main__ import main

    code: object = 0
    try:
        main()
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    return code if isinstance(code, int) else int(code is not None)


if __name__ == "__main__":
    serve()
