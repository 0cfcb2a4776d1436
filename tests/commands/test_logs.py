"""Logs: private, without secrets, with journald's levels under systemd."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from calsyncctl.logs import (
    LAST_WORDS,
    LOGGER,
    MAX_BYTES,
    MOST_LINES,
    Aside,
    BugsOnce,
    RedactingFormatter,
    begin_logging,
    redacted,
)
from calsyncctl.paths import Paths, paths_of


@pytest.fixture
def paths(tmp_path: Path) -> Iterator[Paths]:
    yield paths_of("default", {"CALSYNCCTL_HOME": str(tmp_path)})
    logger = logging.getLogger(LOGGER)
    for handler in list(logger.handlers):
        if isinstance(handler.formatter, RedactingFormatter):
            logger.removeHandler(handler)
            handler.close()


def test_a_log_that_cannot_be_written_any_more_costs_its_lines_and_no_more(paths: Paths) -> None:
    logger = begin_logging(paths)
    logger.info("before")
    paths.log_file.rename(paths.log_file.with_name("aside"))
    paths.log_file.mkdir()
    logger.info("lost")
    paths.log_file.rmdir()
    logger.info("after")
    assert "after" in paths.log_file.read_text()


def test_lines_that_nobody_reads_hold_nobody_up_and_are_there_once_somebody_does() -> None:
    read, write = os.pipe()
    with os.fdopen(read, encoding="utf-8") as heard, os.fdopen(write, "w", encoding="utf-8") as pipe:
        aside = Aside(pipe)
        begun = time.monotonic()
        for number in range(10 * MOST_LINES):  # more than there is room for, in the pipe and before it
            aside.emit(logging.makeLogRecord({"msg": f"line {number} {'x' * 100}"}))
        aside.flush()
        assert time.monotonic() - begun < 20 * LAST_WORDS
        assert heard.readline().startswith("line 0 ")
        assert heard.readline().startswith("line 1 ")
        threading.Thread(target=heard.read, daemon=True).start()
        aside.flush()


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer ya29.a0ARrdaM-CANARY_x",
        "Authorization: bearer CANARY",
        "Authorization: Basic Q0FOQVJZOkNBTkFSWQ==CANARY",
        "refresh 1//0gCANARY-x_y",
        '{"client_secret": "GOCSPX-CANARY"}',
        "client_secret=CANARY&x=1",
        "http://127.0.0.1:1/?state=x&code=4/0CANARY-x&scope=y",
        "{'access_token': 'CANARY', 'expires_in': 1}",
        '{"refresh_token":"CANARY"}',
        "token=CANARY",
        "id_token: eyJhbGci.eyJCANARY.sigCANARY",
        "code_verifier=CANARY",
        "passphrase: CANARY",
    ],
)
def test_what_looks_like_a_secret_is_taken_out(text: str) -> None:
    assert "CANARY" not in redacted(text)
    assert "[secret]" in redacted(text)


@pytest.mark.parametrize(
    "text", ["status code: 403", "exit code=75", "sync token is dead", "page 1 of calendar “Token ring”", "1/2 done"]
)
def test_what_only_sounds_like_one_stays(text: str) -> None:
    assert redacted(text) == text


def test_the_log_is_a_private_file(paths: Paths) -> None:
    begin_logging(paths).info("account %s: token=%s", 1, "CANARY")

    assert oct(paths.log_file.stat().st_mode & 0o777) == "0o600"
    assert paths.log_file.read_text().endswith("INFO calsyncctl: account 1: token=[secret]\n")


def test_a_traceback_in_the_log_has_no_secret(paths: Paths) -> None:
    logger = begin_logging(paths)
    try:
        raise ValueError("ya29.CANARY")
    except ValueError:
        logger.exception("bug")

    assert "Traceback" in paths.log_file.read_text()
    assert "CANARY" not in paths.log_file.read_text()


def test_details_are_logged_only_when_asked_for(paths: Paths) -> None:
    begin_logging(paths).debug("detail")

    assert paths.log_file.read_text() == ""


def test_a_log_that_grew_too_large_is_put_aside_once(paths: Paths) -> None:
    paths.make()
    paths.log_file.write_bytes(b"x" * (MAX_BYTES + 1))

    begin_logging(paths).info("anew")

    assert paths.log_file.stat().st_size < 100
    assert paths.log_file.with_suffix(".log.1").stat().st_size == MAX_BYTES + 1


@pytest.mark.parametrize(("level", "priority"), [(10, 7), (20, 6), (30, 4), (40, 3), (50, 3)])
def test_under_journald_a_line_begins_with_its_priority(level: int, priority: int) -> None:
    record = logging.LogRecord("calsyncctl.sync", level, "", 0, "done", None, None)

    assert (
        RedactingFormatter("%(name)s: %(message)s", journal=True).format(record) == f"<{priority}>calsyncctl.sync: done"
    )


def test_every_line_of_a_traceback_has_its_priority() -> None:
    try:
        raise ValueError("of\ntwo lines")
    except ValueError as error:
        record = logging.LogRecord("calsyncctl.sync", 40, "", 0, "bug", None, (ValueError, error, error.__traceback__))
    lines = RedactingFormatter("%(message)s", journal=True).format(record).split("\n")

    assert lines[0] == "<3>bug"
    assert len(lines) > 4
    assert all(line.startswith("<3>  ") for line in lines[1:])


@pytest.mark.parametrize("journal", [True, False])
def test_a_name_can_neither_begin_a_record_of_its_own_nor_steer_a_terminal(journal: bool) -> None:
    record = logging.LogRecord("x", 30, "", 0, "“%s” waits", ("Team\r\n<0>forged\u2028\x1b[2J\u202e",), None)
    first, second = RedactingFormatter("%(message)s", journal=journal).format(record).split("\n")
    prefix = "<4>" if journal else ""

    assert first == f"{prefix}“Team "
    assert second == f"{prefix}  <0>forged\ufffd\ufffd[2J\ufffd” waits"


def bug(text: str, name: str = "calsyncctl.sync") -> logging.LogRecord:
    try:
        raise ValueError(text)
    except ValueError as error:
        return logging.LogRecord(name, 40, __file__, 1, text, None, (ValueError, error, error.__traceback__))


def test_one_bug_that_strikes_every_calendar_is_logged_once_an_hour() -> None:
    clock = [0.0]
    once = BugsOnce(lambda: clock[0])
    assert [once.filter(bug(f"in calendar {number}")) for number in range(3)] == [True, False, False]
    clock[0] = 3599.0
    assert not once.filter(bug("in calendar 1"))
    clock[0] = 3600.0
    assert once.filter(bug("in calendar 1"))


def test_another_bug_and_a_line_without_one_are_always_logged() -> None:
    once, other = BugsOnce(), bug("b")
    other.exc_info = (KeyError, KeyError("x"), None)
    plain = logging.LogRecord("calsyncctl.sync", 40, "", 0, "done", None, None)
    assert all(once.filter(one) for one in (bug("a"), other, plain, plain))


def test_a_bug_in_every_pass_does_not_fill_the_log(paths: Paths) -> None:
    logger = begin_logging(paths)
    for number in range(50):
        try:
            raise ZeroDivisionError
        except ZeroDivisionError as error:
            logger.error("bug in the sync of calendar #%d", number, exc_info=error)
    assert paths.log_file.read_text().count("Traceback") == 1


def test_journald_hears_it_too(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    begin_logging(paths, environ={"JOURNAL_STREAM": "8:1"}).warning("careful")

    assert capsys.readouterr().err == "<4>calsyncctl: careful\n"
