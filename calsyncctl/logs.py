"""Logs: a private file in the state directory, journald's levels under systemd, and no secret in either.

The redaction is a belt over braces: secrets are not logged in the first place.
"""

from __future__ import annotations

import contextlib
import logging
import logging.handlers
import os
import queue
import re
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import TextIO

from calsyncctl.errors import CalsyncError
from calsyncctl.layout import printable
from calsyncctl.paths import Paths, paths_of, private_dir

LOGGER = "calsyncctl"
MAX_BYTES = 5_000_000
BUG_AGAIN = 3600.0
"""Seconds until the same bug is logged again."""
MOST_LINES = 1000
"""Lines that wait to be read from stderr; what is more is lost."""
LAST_WORDS = 0.5
"""Seconds at the end for those that wait."""
_BUGS = 1000
"""Bugs that are remembered; with more of them all are news again."""
_SECRETS = (
    re.compile(r"ya29\.[\w.~+/-]+"),  # Google's access tokens
    re.compile(r"\b1//[\w.~+/-]+"),  # its refresh tokens
    re.compile(r"\bGOCSPX-[\w-]+"),  # its client secrets
    re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]+"),  # signed tokens
    re.compile(r"(?<=Bearer )\S+", re.IGNORECASE),
    re.compile(r"(?<=Basic )[A-Za-z0-9+/=]{8,}", re.IGNORECASE),
    re.compile(
        r"(?<![A-Za-z])((?:access_|refresh_|id_)?token|client_secret|code|code_verifier|assertion|password|passphrase)"
        r"(\"?'?\s*[=:]\s*\"?'?)(?!\d{1,3}(?:[\s&\"',;:.)}\]]|$))[^\s&\"',;)}]+",
        re.IGNORECASE,
    ),
)


class LogFile(logging.handlers.WatchedFileHandler):
    """The log's file. One that cannot be written any more costs its lines, never the work that they tell of."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line, if that is possible."""
        with contextlib.suppress(OSError):  # the library's own handler lets those of reopening through
            super().emit(record)


class Aside(logging.StreamHandler[TextIO]):
    """Says its lines in a thread of its own: where nobody reads them they are lost, and nobody is held up."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._lines: queue.Queue[str] = queue.Queue(MOST_LINES)
        threading.Thread(target=self._say, name="log", daemon=True).start()

    def emit(self, record: logging.LogRecord) -> None:
        """Have a line said, if there is room for it."""
        with contextlib.suppress(queue.Full):
            self._lines.put_nowait(self.format(record) + self.terminator)

    def flush(self) -> None:
        """Wait until everything is said, for a moment at most."""
        with self._lines.all_tasks_done:
            self._lines.all_tasks_done.wait_for(lambda: not self._lines.unfinished_tasks, LAST_WORDS)

    def _say(self) -> None:
        while True:
            line = self._lines.get()
            with contextlib.suppress(OSError, ValueError):  # closed
                self.stream.write(line)
                self.stream.flush()
            self._lines.task_done()


class BugsOnce(logging.Filter):
    """Lets the traceback of one and the same bug through once an hour, however often the work meets it."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._monotonic = monotonic
        self._logged: dict[tuple[object, ...], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a record is to be logged."""
        if not record.exc_info or record.exc_info[0] is None:
            return True
        bug, now = (record.pathname, record.lineno, record.exc_info[0], _place(record.exc_info[2])), self._monotonic()
        if now - self._logged.get(bug, -BUG_AGAIN) < BUG_AGAIN:
            return False
        if len(self._logged) >= _BUGS:
            self._logged.clear()
        self._logged[bug] = now
        return True


def _place(trace: TracebackType | None) -> tuple[str, int]:
    """Return where an error was raised: the file and its line."""
    if trace is None:
        return "", 0
    while trace.tb_next is not None:
        trace = trace.tb_next
    return trace.tb_frame.f_code.co_filename, trace.tb_lineno


def redacted(text: str) -> str:
    """Return a text with everything that looks like a token, secret or code replaced by `[secret]`."""
    for pattern in _SECRETS[:-1]:
        text = pattern.sub("[secret]", text)
    return _SECRETS[-1].sub(r"\1\2[secret]", text)


class RedactingFormatter(logging.Formatter):
    """Formats a record, traceback included, and then takes secrets out."""

    def __init__(self, form: str, *, journal: bool = False) -> None:
        super().__init__(form, datefmt="%Y-%m-%dT%H:%M:%S%z")
        self._journal = journal

    def format(self, record: logging.LogRecord) -> str:
        """Return a record's lines; under journald each with its priority (sd-daemon(3): `<3>` error … `<7>` debug).

        Every line after the first is indented: a name that somebody gave to a calendar cannot pass for another record.
        """
        first, *rest = redacted(super().format(record)).split("\n")
        before = f"<{_priority(record.levelno)}>" if self._journal else ""
        return "\n".join(before + printable(line) for line in (first, *(f"  {line}" for line in rest)))


def _priority(level: int) -> int:
    for limit, priority in ((logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6)):
        if level >= limit:
            return priority
    return 7


def begin_logging(paths: Paths, *, verbose: bool = False, environ: Mapping[str, str] | None = None) -> logging.Logger:
    """Send the program's log to its file, mode 0600, and under journald to stderr; return the logger.

    Raises:
        ConfigFault: if the state directory cannot be made.
    """
    logger = logging.getLogger(LOGGER)
    ours = [handler for handler in logger.handlers if isinstance(handler.formatter, RedactingFormatter)]
    if any(getattr(handler, "baseFilename", "") == str(paths.log_file.absolute()) for handler in ours):
        return logger
    for handler in ours:  # of another profile
        logger.removeHandler(handler)
        handler.close()
    logging.raiseExceptions = False  # a full disk is told once, by what was asked for, not by the log as well
    logger.setLevel(logging.DEBUG if verbose else logging.INFO)
    logger.propagate = False
    private_dir(paths.state_dir)
    turn_over(paths)
    file = LogFile(paths.log_file, delay=True, encoding="utf-8")
    file.setFormatter(RedactingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    file.addFilter(BugsOnce())
    logger.addHandler(file)
    if "JOURNAL_STREAM" in (os.environ if environ is None else environ):
        _to_stderr(logger, RedactingFormatter("%(name)s: %(message)s", journal=True))
    return logger


def show_bugs(logger: logging.Logger) -> None:
    """Show the tracebacks of bugs that a pass survives on stderr, too; one that ends the program `cli` shows itself."""
    if any(type(handler) is logging.StreamHandler for handler in logger.handlers):
        return
    handler = _to_stderr(logger, RedactingFormatter("%(message)s"))
    handler.addFilter(lambda record: record.exc_info is not None and record.name != LOGGER)


@contextlib.contextmanager
def daemon_log(paths: Paths, *, verbose: bool, environ: Mapping[str, str]) -> Iterator[None]:
    """Send the log to its file and, while the block runs, to stderr: in journald's form where that is the journal."""
    logger = begin_logging(paths, verbose=verbose, environ={})
    journal = is_journal(environ)
    form = "%(message)s" if journal else "%(asctime)s %(levelname)s %(message)s"
    shown = Aside(_stderr())
    shown.setFormatter(RedactingFormatter(form, journal=journal))
    logger.addHandler(shown)
    shown.addFilter(BugsOnce())
    scheduler = logging.getLogger("apscheduler")  # what it says of a failed job passes the same redaction
    scheduler.setLevel(logging.ERROR)
    scheduler.handlers, scheduler.propagate = list(logger.handlers), False
    try:
        yield
    finally:
        shown.flush()
        logger.removeHandler(shown)
        scheduler.removeHandler(shown)


def is_journal(environ: Mapping[str, str]) -> bool:
    """Tell whether stderr itself goes to the journal: a terminal inside a service inherits the variable, too."""
    try:
        stat = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError):
        return False
    return environ.get("JOURNAL_STREAM") == f"{stat.st_dev}:{stat.st_ino}"


def _stderr() -> TextIO:
    """Return stderr without Python's buffer around it: that has a lock, on which an end would wait for ever."""
    try:
        return open(sys.stderr.fileno(), "w", encoding="utf-8", errors="backslashreplace", closefd=False)
    except (OSError, ValueError):
        return sys.stderr


def _to_stderr(logger: logging.Logger, formatter: RedactingFormatter) -> logging.Handler:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logger.addHandler(handler)
    return handler


def turn_over(paths: Paths) -> None:
    """Put a log that has grown too large aside, and see that the file is private before anything is in it.

    Whoever is writing to it notices, and goes on in the new one.
    """
    path = paths.log_file
    if path.exists() and path.stat().st_size > MAX_BYTES:
        path.replace(path.with_suffix(".log.1"))
    os.close(os.open(path, os.O_CREAT | os.O_APPEND, 0o600))
    path.chmod(0o600)


def shown_traceback(error: BaseException) -> str:
    """Return an exception's traceback without secrets."""
    return redacted("".join(traceback.format_exception(error)))


def keep_error(error: CalsyncError, profile: str, environ: Mapping[str, str]) -> None:
    """Note in the log what a user was told, where the profile is in use and its log can be written."""
    try:
        paths = paths_of(profile, environ)
        if paths.config_file.exists():
            begin_logging(paths).warning("%s: %s", error.kind, error.what)
    except (CalsyncError, OSError):
        return


def keep_traceback(error: BaseException, profile: str, environ: Mapping[str, str]) -> Path | None:
    """Write a bug's traceback to the log; return the log's path, None if it cannot be written."""
    try:
        paths = paths_of(profile, environ)
        begin_logging(paths).error("bug", exc_info=error)
    except (CalsyncError, OSError):
        return None
    return paths.log_file
