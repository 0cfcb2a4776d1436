"""Make .venv/gcal-sync, in which the test of gcal-sync runs: that library needs Python 3.12, calsyncctl only 3.11.

Takes the first Python >= 3.12 that really starts: this one, those on the PATH, those that pyenv has. A folder that is
there already and works is left as it is.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / ".venv" / "gcal-sync"
OLDEST = (3, 12)
NAMES = ("python3.12", "python3.13", "python3.14", "python3")
WANTED = "gcal-sync>=8,<9"
SECONDS = 600


@dataclass(frozen=True)
class Python:
    """A command that may start a Python, and the environment that it needs beside the usual one."""

    command: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *words: str, aloud: bool = False) -> bool:
        """Run it and tell whether it went well; `aloud` lets it say why not."""
        environment, output = {**os.environ, **self.environment}, None if aloud else subprocess.DEVNULL
        try:
            done = subprocess.run(
                [*self.command, *words], env=environment, stdout=output, stderr=output, timeout=SECONDS
            )
        except OSError:
            return False
        return done.returncode == 0

    @property
    def fits(self) -> bool:
        """Whether it starts and is new enough."""
        return self.run("-c", f"import sys, venv; sys.exit(sys.version_info < {OLDEST})")


def pythons() -> Iterator[Python]:
    """Yield what may be a new enough Python; a name on the PATH may be a shim that starts nothing."""
    yield Python((sys.executable,))
    yield from (Python((found,)) for found in map(shutil.which, NAMES) if found)
    if not shutil.which("pyenv"):
        return
    listed = subprocess.run(["pyenv", "versions", "--bare"], capture_output=True, text=True, timeout=SECONDS)
    for name in listed.stdout.split():
        numbers = re.fullmatch(r"(\d+)\.(\d+)\.\d+", name)
        if numbers and tuple(map(int, numbers.groups())) >= OLDEST:
            yield Python(("pyenv", "exec", "python"), {"PYENV_VERSION": name})


def made() -> Python:
    """Return the Python of the environment."""
    return Python((str(TARGET / "bin" / "python"),))


def make(python: Python) -> bool:
    """Make the environment and install the library."""
    # --without-pip: works on machines whose Python came without ensurepip.
    if not python.run("-m", "venv", "--clear", "--without-pip", str(TARGET), aloud=True):
        return False
    pip = next((one for one in (Python((sys.executable,)), python) if one.run("-m", "pip", "--version")), python)
    quiet = ("--quiet", "--disable-pip-version-check", "--no-input", "--constraint", str(ROOT / "constraints.txt"))
    return pip.run("-m", "pip", "--python", *made().command, "install", *quiet, WANTED, aloud=True)


def main() -> int:
    """Make what is missing; 1 when no Python is new enough."""
    if made().run("-c", "import gcal_sync, aiohttp"):
        return 0
    python = next((one for one in pythons() if one.fits), None)
    if python is None:
        print("gcal-sync needs Python 3.12 or newer, and none is here: its test cannot run.", file=sys.stderr)
        return 1
    return 0 if make(python) else 1


if __name__ == "__main__":
    sys.exit(main())
