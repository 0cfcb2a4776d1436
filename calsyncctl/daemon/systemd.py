"""Asking systemd after a profile's unit; where it does not run, or does not answer soon, nothing is known."""

from __future__ import annotations

import getpass
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from calsyncctl.daemon.unit import HOME
from calsyncctl.daemon.unit_state import PROPERTIES, UnitState, read_state

PLACES = ("CALSYNCCTL_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
"""Variables that say where profiles are: a user's unit gets those that are set, so that it finds the same ones."""
PATIENCE = 2.0
"""Seconds that a manager has to answer."""


def places(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that say where profiles are, absolute: a unit is in no folder."""
    given = {name: environ[name] for name in PLACES if environ.get(name)}
    return {name: str(Path(value).expanduser().absolute()) for name, value in given.items()}


def unit_of(profile: str, environ: Mapping[str, str], pid: int | None) -> UnitState | None:
    """Return the state of the unit that keeps this very profile, of either manager; None if there is none.

    A profile of the same name may be another's, elsewhere: the unit's place must be this shell's, or its process the
    daemon's (`pid`).
    """
    here = places(environ)
    of_system = here.get("CALSYNCCTL_HOME") == HOME
    for user in (False, True) if of_system else (True, False):
        unit = _ask(f"calsyncctl@{profile}", environ, user=user)
        if unit is not None and (_is_for(unit, here) or (pid is not None and unit.pid == pid)):
            return unit
    return None


def _is_for(unit: UnitState, here: Mapping[str, str]) -> bool:
    if places(unit.environment) != here:
        return False
    return unit.user or "CALSYNCCTL_HOME" in here or unit.runs_as == _me()


def _me() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a number without a name
        return str(os.geteuid())


def _ask(name: str, environ: Mapping[str, str], *, user: bool) -> UnitState | None:
    command = ["systemctl", *(["--user"] if user else []), "show", name, f"--property={','.join(PROPERTIES)}"]
    try:
        done = subprocess.run(
            command, env={**environ, "LC_ALL": "C"}, capture_output=True, text=True, check=False, timeout=PATIENCE
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return read_state(name, done.stdout, user=user) if done.returncode == 0 else None
