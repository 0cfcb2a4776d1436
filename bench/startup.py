"""How long the command line takes to answer, beside a Typer program that does nothing."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

EMPTY = '''
import typer

app = typer.Typer()


@app.command()
def one() -> None:
    """Do nothing."""


@app.command()
def two() -> None:
    """Do nothing."""


app(prog_name="empty")
'''


@dataclass(frozen=True)
class Start:
    """Seconds to answer, medians."""

    what: str
    ours: float
    empty: float


def measure(rounds: int) -> list[Start]:
    """Run both programs in turn, each time a new process, in a folder without a profile."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "empty.py"
        script.write_text(EMPTY)
        home = {**os.environ, "CALSYNCCTL_HOME": folder}
        ours, empty = [sys.executable, "-m", "calsyncctl"], [sys.executable, str(script)]
        return [
            _compare("--help", [*ours, "--help"], [*empty, "--help"], home, rounds),
            _compare("--version", [*ours, "--version"], [*empty, "--help"], home, rounds),
            _compare("TAB", ours, empty, home | _tab("CALSYNCCTL", "calsyncctl") | _tab("EMPTY", "empty"), rounds),
        ]


def _tab(variable: str, program: str) -> dict[str, str]:
    """Return what bash sets when TAB is pressed behind the program's name."""
    return {f"_{variable}_COMPLETE": "complete_bash", "COMP_WORDS": f"{program} ", "COMP_CWORD": "1"}


def _compare(what: str, ours: Sequence[str], empty: Sequence[str], home: dict[str, str], rounds: int) -> Start:
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for kept, command in zip(times, (ours, empty), strict=True):
            began = time.perf_counter()
            subprocess.run(command, env=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
            kept.append(time.perf_counter() - began)
    return Start(what, statistics.median(times[0]), statistics.median(times[1]))
