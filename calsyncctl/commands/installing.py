"""Installing the daemon under systemd: what is planned in `daemon/unit.py`, told, written and run."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from calsyncctl.daemon.systemd import PLACES, places
from calsyncctl.daemon.unit import HIDDEN, HOME, USER, Plan, for_system, for_user, words
from calsyncctl.errors import CalsyncError, NotAllowed, UsageFault
from calsyncctl.runtime import Runtime

SYSTEMD = Path("/run/systemd/system")
"""There where systemd runs the machine (sd_booted(3))."""
OF_THE_SHELL = {"CALSYNCCTL_PROFILE", "CALSYNCCTL_NO_INPUT", "CALSYNCCTL_AS", *PLACES}
OF_THE_WAY = {"HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "TZ"}


@dataclass(frozen=True, slots=True)
class Installed:
    """What an installation consists of."""

    files: dict[str, str]
    """Path → content."""
    commands: tuple[str, ...]
    removal: tuple[str, ...]
    done: bool
    """Whether it was done, or only shown."""


def install(run: Runtime, *, system: bool, key: Path | None, dry_run: bool) -> None:
    """Install the profile's daemon, saying each step.

    Raises:
        NotAllowed: the system's needs root.
        UsageFault: the program lies where a confined service cannot see it, or --key is for the system's only.
        CalsyncError: a step failed.
    """
    plan, changed = _planned(run, system=system, key=key), False
    if not dry_run:
        if system and os.geteuid() != 0:
            raise NotAllowed("Installing for the whole machine needs root.", "sudo calsyncctl daemon install --system")
        if key is not None and not key.is_file():
            raise UsageFault(f"There is no key file {key}.", "Name the one that is: calsyncctl profile secrets")
        changed = _write(plan)
    able = not dry_run and SYSTEMD.is_dir() and shutil.which("systemctl") is not None
    for path, text in plan.files.items():
        run.console.say(f"{'Would write' if dry_run else 'Wrote'} {path}")
        if dry_run and not run.console.json:
            run.console.result(None, text, schema="")
    for command in plan.commands:
        run.console.say(f"{'Runs' if able else 'To run'}: {shlex.join(command)}")
        if able:
            _execute(command)
    if run.console.json:
        lines = tuple(shlex.join(command) for command in plan.commands)
        run.console.result(Installed(plan.files, lines, plan.removal, able), "", schema="daemon-install")
    _say_rest(run, plan, system=system, able=able, dry_run=dry_run)
    if changed:
        restart = f"systemctl {'' if system else '--user '}try-restart 'calsyncctl@*'"
        run.console.warn(f"The unit says something else than before; daemons that run take it with: {restart}")


def _planned(run: Runtime, *, system: bool, key: Path | None) -> Plan:
    command, profile = _program(), run.paths.profile
    if not system:
        if key is not None:
            raise UsageFault("--key is for --system only.", "A user's daemon reads the key file itself.")
        units = Path(run.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "systemd" / "user"
        return for_user(words(*command), profile, units=PurePosixPath(units), places=places(run.environ))
    hidden = next((one for one in (command[0], str(Path(sys.executable).resolve())) if one.startswith(HIDDEN)), None)
    if hidden is not None:
        raise UsageFault(
            f"{hidden} lies in a home, where a service of the machine does not look.",
            "Put the program outside of homes (/opt, /usr/local), or for yourself: calsyncctl daemon install --user",
        )
    given = None if key is None else str(key.absolute())
    return for_system(words(*command), profile, key=given, begin=_is_there(profile))


def _unseen(environ: Mapping[str, str]) -> list[str]:
    """Name the variables of this shell that change what calsyncctl does and that a unit does not see.

    They are named, not copied: a proxy's address may hold a password, and a unit is for everybody to read.
    """
    ours = {one for one in environ if one.startswith("CALSYNCCTL_")} - OF_THE_SHELL
    return sorted(one for one in environ if environ[one] and (one in ours or one.upper() in OF_THE_WAY))


def _is_there(profile: str) -> bool:
    return (Path(HOME) / profile / "config.toml").exists()


def _program() -> tuple[str, ...]:
    """Return how a unit starts this program."""
    typed = Path(sys.argv[0])
    if typed.name == "calsyncctl" and typed.exists():
        return (str(typed.absolute()),)
    return (sys.executable, "-m", "calsyncctl")


def _write(plan: Plan) -> bool:
    """Write the files; tell whether one that was there says something else now."""
    changed = False
    for path, text in plan.files.items():
        try:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            changed = changed or (Path(path).exists() and Path(path).read_text(encoding="utf-8") != text)
            Path(path).write_text(text, encoding="utf-8")
            Path(path).chmod(0o644)
        except OSError as error:
            raise CalsyncError(
                f"{path} cannot be written: {error.strerror}.",
                "Nothing was started. See: calsyncctl daemon install --dry-run",
            ) from error
    return changed


def _execute(command: tuple[str, ...]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=180)
    if done.returncode != 0:
        said = " ".join(done.stderr.split())
        raise CalsyncError(f"{shlex.join(command)} failed: {said or done.returncode}", "See: journalctl -xe")


def _say_rest(run: Runtime, plan: Plan, *, system: bool, able: bool, dry_run: bool) -> None:
    """Say what is left for a person to do, and how to take it away."""
    profile = run.paths.profile
    if system and not _is_there(profile):
        run.console.warn(f"The service keeps its profiles in {HOME}: “{profile}” is not enabled there yet.")
        run.console.hint(f"sudo --user={USER} env CALSYNCCTL_HOME={HOME} calsyncctl --profile {profile} init")
        run.console.hint(f"then: systemctl start calsyncctl@{profile}")
    if not system:
        run.console.hint("To let it run while you are logged out: loginctl enable-linger")
    if not able and not dry_run:
        run.console.warn("systemd does not run here: nothing was started.")
    unseen = _unseen(run.environ)
    if unseen:
        edit = f"systemctl {'' if system else '--user '}edit calsyncctl@{profile}"
        run.console.warn(f"The daemon does not see this shell's {', '.join(unseen)}: if it needs them, {edit}")
    for line in plan.removal:
        (run.console.say if dry_run else run.console.detail)(f"To take it away: {line}")
    if able:
        run.console.done(f"Installed: calsyncctl@{profile}.", hint="calsyncctl daemon status")
