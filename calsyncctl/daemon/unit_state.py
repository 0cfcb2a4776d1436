"""What systemd knows of a profile's unit, and what that means for whoever asks after the daemon: pure.

The properties are those of org.freedesktop.systemd1(5), as `systemctl show` prints them.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

PROPERTIES = (
    "LoadState",
    "ActiveState",
    "SubState",
    "UnitFileState",
    "NRestarts",
    "Result",
    "ExecMainCode",
    "ExecMainStatus",
    "MainPID",
    "Environment",
    "User",
    "NeedDaemonReload",
)
OF_SYSTEMD = {
    "200": "its folder cannot be entered",
    "203": "the program is not there, or cannot be run",
    "216": "its group does not exist",
    "217": "its user does not exist",
    "226": "it cannot be confined so on this machine",
    "238": "its folder in /var/lib cannot be made",
    "243": "the vault's key cannot be handed over",
}
"""Exit codes of systemd's own, before the program runs (systemd.exec(5))."""
OF_OURS = {
    "1": "it failed",
    "2": "its command line or its configuration is wrong",
    "6": "the profile is not enabled there",
    "75": "another daemon runs, the store is held, or another version was installed",
}
_EXITED = {"1", "exited"}
"""`CLD_EXITED`: the main process ended by itself, with a code; otherwise a signal ended it (waitid(2))."""
_RESULTS = {
    "watchdog": "it hung",
    "timeout": "it did not begin, or end, in time",
    "oom-kill": "the machine ran out of memory",
    "protocol": "it ended before its first pass was done",
}


@dataclass(frozen=True, slots=True)
class UnitState:
    """One unit as its manager sees it."""

    name: str
    user: bool
    """Whether it is a user's manager that has it, or the machine's."""
    load: str
    active: str
    sub: str
    enabled: bool
    """Whether it is started at boot, or at login."""
    restarts: int
    """How often systemd has started it again by itself."""
    pid: int | None
    why: str
    """How it ended last, if not well."""
    changed: bool
    """Whether its files have changed since systemd read them."""
    environment: Mapping[str, str]
    runs_as: str

    @property
    def systemctl(self) -> str:
        """The command that speaks to its manager."""
        return "systemctl --user" if self.user else "systemctl"

    @property
    def journal(self) -> str:
        """The command that shows its log."""
        return f"journalctl {'--user ' if self.user else ''}-u {self.name} -n 50"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is not as it should be between systemd and the daemon, and what to do."""

    what: str
    what_to_do: str


def read_state(name: str, shown: str, *, user: bool) -> UnitState | None:
    """Read what `systemctl show` printed; None if there is no such unit."""
    given = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
    load = given.get("LoadState", "not-found")
    if load == "not-found":
        return None
    return UnitState(
        name=name,
        user=user,
        load=load,
        active=given.get("ActiveState", "unknown"),
        sub=given.get("SubState", ""),
        enabled=given.get("UnitFileState", "").startswith(("enabled", "linked", "alias")),
        restarts=_number(given.get("NRestarts")) or 0,
        pid=_number(given.get("MainPID")) or None,
        why=_why(given),
        changed=given.get("NeedDaemonReload") == "yes",
        environment=_environment(given.get("Environment", "")),
        runs_as=given.get("User", ""),
    )


def _why(given: Mapping[str, str]) -> str:
    """Say how the last one ended, where that was not well."""
    result, status = given.get("Result", "success"), given.get("ExecMainStatus", "0")
    if result in _RESULTS:
        return _RESULTS[result]
    if result == "success" or status == "0":
        return "" if result == "success" else result
    if given.get("ExecMainCode", "1") not in _EXITED:
        return f"signal {status}"
    meaning = OF_SYSTEMD.get(status) or OF_OURS.get(status)
    return f"exit code {status}{f': {meaning}' if meaning else ''}"


def _environment(text: str) -> dict[str, str]:
    try:
        return dict(one.split("=", 1) for one in shlex.split(text) if "=" in one)
    except ValueError:
        return {}


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None


def judge(unit: UnitState, pid: int | None, *, running: bool) -> Finding | None:
    """Say what is not as it should be; None if all is well. `pid`: of the profile's daemon, if that is known."""
    if unit.load == "masked":
        return Finding(f"Its unit {unit.name} is masked.", f"{unit.systemctl} unmask {unit.name}")
    if unit.load != "loaded":
        return Finding(f"systemd cannot read its unit {unit.name}.", f"{unit.systemctl} status {unit.name}")
    if running:
        return _of_running(unit, pid)
    return _STOPPED.get(unit.active, _of_inactive)(unit)


def _of_running(unit: UnitState, pid: int | None) -> Finding | None:
    if pid is not None and unit.pid != pid:
        return Finding(
            f"It runs outside of systemd (pid {pid}), though its unit {unit.name} is installed.",
            f"End it, then: {unit.systemctl} restart {unit.name}",
        )
    if unit.changed:
        cure = f"{unit.systemctl} daemon-reload && {unit.systemctl} restart {unit.name}"
        return Finding("Its unit was changed, and runs as it was before.", cure)
    if not unit.enabled:
        when = "you log in" if unit.user else "the machine starts"
        return Finding(f"It is not started when {when}.", f"{unit.systemctl} enable {unit.name}")
    return None


def _of_failed(unit: UnitState) -> Finding:
    tried = f" after starting it again {unit.restarts} times" if unit.restarts else ""
    because = f" ({unit.why})" if unit.why else ""
    return Finding(
        f"systemd gave up on it{tried}{because}.",
        f"See why: {unit.journal}; then: {unit.systemctl} reset-failed {unit.name}; {unit.systemctl} start {unit.name}",
    )


def _of_activating(unit: UnitState) -> Finding:
    if unit.sub != "auto-restart":
        return Finding("systemd is just starting it.", f"A moment; or see: {unit.journal}")
    because = f", as it ended with {unit.why}" if unit.why else ""
    return Finding(f"systemd is about to start it again{because}.", f"See why: {unit.journal}")


def _of_inactive(unit: UnitState) -> Finding:
    if unit.enabled:
        return Finding(f"Its unit {unit.name} is stopped.", f"{unit.systemctl} start {unit.name}")
    return Finding(
        f"Its unit {unit.name} is installed, and neither enabled nor started.",
        f"{unit.systemctl} enable --now {unit.name}",
    )


def _of_active(unit: UnitState) -> Finding:
    return Finding(
        f"systemd says that {unit.name} runs, but it does not hold this profile.",
        f"See what it does: {unit.systemctl} status {unit.name}",
    )


_STOPPED = {"failed": _of_failed, "activating": _of_activating, "active": _of_active}
"""What it means that no daemon runs, by the unit's `ActiveState`."""
