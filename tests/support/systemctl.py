"""A small program in systemctl's place, for machines without systemd: it shows of a unit what a test wrote down."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

SCRIPT = """#!/bin/sh
manager=system
[ "$1" = --user ] && manager=user && shift
echo "$manager $*" >> "{folder}/asked"
[ -e "{folder}/slow" ] && exec sleep 30
[ -e "{folder}/$manager" ] || {{ echo 'System has not been booted with systemd' >&2; exit 1; }}
cat "{folder}/$manager"
"""
RUNNING = {
    "LoadState": "loaded",
    "ActiveState": "active",
    "SubState": "running",
    "UnitFileState": "enabled",
    "NRestarts": "0",
    "Result": "success",
    "ExecMainCode": "0",
    "ExecMainStatus": "0",
    "MainPID": "0",
    "Environment": "",
    "User": "",
    "NeedDaemonReload": "no",
}
"""What `systemctl show` says of a unit that runs."""


@dataclass(frozen=True, slots=True)
class Systemctl:
    """The program, in a folder of its own, and what it is to show."""

    folder: Path

    @property
    def env(self) -> dict[str, str]:
        """The environment in which it is found."""
        return {"PATH": f"{self.folder}:{os.environ['PATH']}"}

    def show(self, manager: str = "user", **properties: str) -> None:
        """Let a manager have the unit, with these properties beside those of one that runs."""
        lines = [f"{name}={value}\n" for name, value in {**RUNNING, **properties}.items()]
        (self.folder / manager).write_text("".join(lines))

    def be_slow(self) -> None:
        """Let it never answer."""
        (self.folder / "slow").touch()

    def asked(self) -> list[str]:
        """Return what it was asked, each with its manager in front."""
        asked = self.folder / "asked"
        return asked.read_text().splitlines() if asked.exists() else []


def systemctl(folder: Path) -> Systemctl:
    """Put the program into a folder."""
    folder.mkdir(exist_ok=True)
    program = folder / "systemctl"
    program.write_text(SCRIPT.format(folder=folder))
    program.chmod(0o755)
    return Systemctl(folder)
