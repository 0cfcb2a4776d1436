"""Starting fast: heavy libraries are imported where they are used, and a common line does not use them."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.commands.conftest import Cli
from tests.support.run import COMMAND, environment

HEAVY = {
    "googleapiclient",
    "google",
    "google_auth_oauthlib",
    "oauthlib",
    "requests",
    "urllib3",
    "apscheduler",
    "keyring",
    "sqlite_utils",
    "cryptography",
    "dateutil",
    "icalendar",
    "tomlkit",
    "aiohttp",
    "asyncio",
}
TAB = {"_CALSYNCCTL_COMPLETE": "complete_bash", "COMP_WORDS": "calsyncctl calendars sel", "COMP_CWORD": "2"}
EMPTY = "import typer; app = typer.Typer(); app.command('one')(lambda: None); app.command('two')(lambda: None); app()"


def imported(*args: str, home: Path, env: dict[str, str] | None = None) -> set[str]:
    """Return the top-level names that a line imports."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "calsyncctl", *args],
        env=environment(home, env),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    lines = [line.split("|")[-1].strip() for line in done.stderr.splitlines() if line.startswith("import time:")]
    assert "calsyncctl" in lines
    return {name.split(".")[0] for name in lines}


@pytest.mark.parametrize("line", ["--help", "config get sync.workers", "profile list", "status", "calendars list"])
def test_a_common_line_imports_no_heavy_library(enabled: Cli, tmp_path: Path, line: str) -> None:
    assert enabled("status").code == 0  # makes the store, which is what takes sqlite-utils

    assert imported(*line.split(), home=tmp_path) & HEAVY == set()


def test_tab_imports_no_heavy_library_and_no_rich(enabled: Cli, tmp_path: Path) -> None:
    assert imported(home=tmp_path, env=TAB) & (HEAVY | {"rich"}) == set()


def test_a_line_without_arguments_does_without_pydantic(enabled: Cli, tmp_path: Path) -> None:
    assert "pydantic" not in imported("profile", "list", "--json", home=tmp_path)


def test_the_version_is_answered_before_typer_is_imported(tmp_path: Path) -> None:
    assert "typer" not in imported("--version", home=tmp_path)


def seconds(command: list[str], env: dict[str, str]) -> float:
    begin = time.perf_counter()
    subprocess.run(command, env=env, capture_output=True, check=False, timeout=60)
    return time.perf_counter() - begin


@pytest.mark.deep
def test_help_takes_at_most_half_as_long_again_as_an_empty_typer_program(tmp_path: Path) -> None:
    env = environment(tmp_path, {"PATH": os.environ["PATH"]})
    ours, empty = [], []
    for _ in range(15):  # in turn, so that what else the machine does meets both
        ours.append(seconds([str(COMMAND), "--help"], env))
        empty.append(seconds([sys.executable, "-c", EMPTY, "--help"], env))

    assert statistics.median(ours) <= 1.5 * statistics.median(empty)
