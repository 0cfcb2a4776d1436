"""The ends of the program that a shell may close, fill up or limit to a few letters."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.run import environment

COMMAND = str(Path(sys.executable).with_name("calsyncctl"))


def shell(line: str, home: Path, **extra: str) -> subprocess.CompletedProcess[str]:
    env = {**environment(home), **extra}
    return subprocess.run(["sh", "-c", line, COMMAND], env=env, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_an_output_that_takes_nothing_is_said_in_a_sentence(tmp_path: Path) -> None:
    done = shell('"$0" config path > /dev/full', tmp_path)

    assert (done.returncode, done.stderr.splitlines()[0]) == (
        1,
        "calsyncctl: The output cannot be used: No space left on device.",
    )


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_closed_output_is_no_bug(tmp_path: Path, closed: str) -> None:
    done = shell(f'"$0" config path {closed}', tmp_path)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
@pytest.mark.parametrize("line", ["--help", "config --help", "help exit-codes", "nonsense"])
def test_an_output_of_few_letters_gets_what_it_can_take(tmp_path: Path, line: str, encoding: str) -> None:
    env = {**environment(tmp_path), "PYTHONIOENCODING": encoding}
    done = subprocess.run([COMMAND, *line.split()], env=env, capture_output=True, timeout=60, check=False)

    assert b"bug" not in done.stderr
    assert done.returncode == (2 if line == "nonsense" else 0)


def test_a_home_that_cannot_be_is_said_in_a_sentence(tmp_path: Path) -> None:
    env = {**environment(tmp_path), "CALSYNCCTL_HOME": "/dev/null/home"}
    done = subprocess.run([COMMAND, "init"], env=env, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 1
    assert "bug" not in done.stderr
    assert len(done.stderr.splitlines()) == 2
