"""Locks between processes: they exclude, name their holder, and die with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from calsyncctl.errors import Later
from calsyncctl.locks import NAMES_BYTES, lock, share

HOLD = """
import sys, time
from pathlib import Path
from calsyncctl.locks import lock
with lock(Path(sys.argv[1]), holder="sync", wait=0):
    print("held", flush=True)
    sys.stdin.read()
"""


def holder(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_lock_that_is_held_names_its_holder(tmp_path: Path) -> None:
    path = tmp_path / "locks" / "account-1"
    with holder(path) as process:
        with pytest.raises(Later) as caught, lock(path, holder="other", wait=0.1):
            pass
        process.communicate("")

    assert f"calsyncctl sync is working on it (pid {process.pid}, since " in caught.value.what


def test_a_lock_is_free_when_its_holder_was_killed(tmp_path: Path) -> None:
    path = tmp_path / "account-1"
    with holder(path) as process:
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()

    with lock(path, holder="next", wait=0):
        pass


def test_waiting_ends_when_the_holder_does(tmp_path: Path) -> None:
    path = tmp_path / "account-1"
    with holder(path) as process:
        assert process.stdin is not None
        process.stdin.close()
        with lock(path, holder="next", wait=20):
            assert '"next"' in path.read_text()
        process.wait(20)


def test_two_holders_in_one_process_exclude_each_other(tmp_path: Path) -> None:
    with lock(tmp_path / "x", holder="one", wait=0), pytest.raises(Later), lock(tmp_path / "x", holder="two", wait=0):
        pass

    with lock(tmp_path / "x", holder="two", wait=0):
        pass


def test_a_lock_is_given_back_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError), lock(tmp_path / "x", holder="one", wait=0):
        raise ValueError

    with lock(tmp_path / "x", holder="two", wait=0):
        assert oct((tmp_path / "x").stat().st_mode & 0o777) == "0o600"


def refused(path: Path) -> str:
    """Ask for a lock for oneself and return why it is not to be had."""
    with pytest.raises(Later) as caught, lock(path, holder="restore", wait=0):
        pass
    return caught.value.what


def test_many_share_a_lock_and_keep_out_who_wants_it_alone(tmp_path: Path) -> None:
    path = tmp_path / "profile.lock"
    first, second = (share(path, holder=name, wait=0) for name in ("events list", "daemon run"))

    assert "calsyncctl daemon run is working on it" in refused(path)
    first.close()
    assert "is working on it" in refused(path)
    second.close()
    with lock(path, holder="restore", wait=0):
        pass


def test_who_holds_a_lock_alone_keeps_out_those_who_would_share_it(tmp_path: Path) -> None:
    path = tmp_path / "profile.lock"
    with (
        lock(path, holder="profile restore", wait=0),
        pytest.raises(Later, match="calsyncctl profile restore is working on it"),
    ):
        share(path, holder="sync", wait=0.1)


def test_who_comes_after_one_that_was_alone_is_named(tmp_path: Path) -> None:
    path = tmp_path / "profile.lock"
    with lock(path, holder="profile restore", wait=0):
        pass
    shared = share(path, holder="daemon run", wait=0)

    assert "calsyncctl daemon run is working on it" in refused(path)
    shared.close()


def test_who_looks_does_not_name_itself(tmp_path: Path) -> None:
    path = tmp_path / "profile.lock"
    with holder(path) as process:
        named = path.read_text()
        path.write_text(f'{{"holder": "delete", "pid": {os.getpid()}, "since": "now"}}\n{named}')
        assert "calsyncctl sync is working on it" in refused(path)
        process.communicate("")


def test_the_names_do_not_grow_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "profile.lock"
    for _ in range(200):
        share(path, holder="events list", wait=0).close()

    assert path.stat().st_size < 2 * NAMES_BYTES


def test_those_who_died_are_not_named(tmp_path: Path) -> None:
    path = tmp_path / "profile.lock"
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    shared = share(path, holder="daemon run", wait=0)
    path.write_text(f'{path.read_text()}\n{{"holder": "sync", "pid": {gone.pid}, "since": "then"}}\n')

    assert "calsyncctl daemon run is working on it" in refused(path)
    shared.close()
