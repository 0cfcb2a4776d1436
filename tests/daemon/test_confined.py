"""The unit as it is installed: how it is rated, and the daemon really running so confined, in a booted container."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from calsyncctl.daemon.unit import HIDDEN, system_unit

ROOT = Path(__file__).parents[2]
LARGEST_EXPOSURE = 1.3
STORY = Path(__file__).with_name("confined_story.py")
_BOOTING = {**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"}


@pytest.mark.feature("E8")
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_the_unit_is_rated_as_safe(tmp_path: Path) -> None:
    unit = tmp_path / "calsyncctl@.service"
    unit.write_text(system_unit("/bin/true"))
    rated = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", str(unit)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    exposure = float(rated.stdout.split("exposure level for")[1].split(":")[1].split()[0])
    assert exposure <= LARGEST_EXPOSURE
    verified = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False, timeout=60
    )
    assert "calsyncctl@" not in verified.stderr, verified.stderr


def test_the_packaged_unit_is_what_install_writes() -> None:
    assert (ROOT / "packaging" / "calsyncctl@.service").read_text() == system_unit("/usr/bin/calsyncctl")


def _hindered() -> str:
    """Return why nothing can be booted here, empty if it can: what is known beforehand, so that no failure hides."""
    if os.geteuid() != 0 or shutil.which("systemd-nspawn") is None or not Path("/sbin/init").exists():
        return "needs root, systemd and systemd-nspawn (Debian: systemd-container)"
    if str(ROOT).startswith(HIDDEN) or sys.prefix == sys.base_prefix:
        return "the program lies in a home, which the unit hides, or in no virtual environment"
    if str(ROOT).startswith(("/tmp/", "/var/tmp/", "/run/")):
        return "the program lies in a folder for passing files, which a booting system covers with its own"
    if not os.access("/sys/fs/cgroup", os.W_OK):
        return "control groups cannot be made here, without which no systemd begins"
    return ""


def _mounted(*args: str) -> bool:
    return subprocess.run(["mount", *args], capture_output=True, check=False, timeout=30).returncode == 0


@pytest.fixture(scope="module")
def booted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Boot an overlay of this machine's own files with the story in it, and return what it found."""
    if why := _hindered():
        pytest.skip(why)
    place, result = tmp_path_factory.mktemp("machine"), tmp_path_factory.mktemp("result")
    unit = result / "story.service"
    service = f"Type=oneshot\nExecStart={sys.executable} {STORY} /result\nStandardOutput=journal\n"
    unit.write_text(f"[Unit]\nFailureAction=poweroff\n[Service]\n{service}")
    with ExitStack() as stack:
        if not _mounted("-t", "tmpfs", "tmpfs", str(place)):
            pytest.skip("mounting is not allowed here")
        stack.callback(subprocess.run, ["umount", "-l", str(place)], check=False, timeout=30)
        upper, work, root = (place / name for name in ("upper", "work", "root"))
        for folder in (upper, work, root):
            folder.mkdir()
        _move_python(upper)
        options = f"lowerdir=/,upperdir={upper},workdir={work}"
        if not _mounted("-t", "overlay", "overlay", "-o", options, str(root)):
            pytest.skip("overlays are not allowed here")
        stack.callback(subprocess.run, ["umount", "-l", str(root)], check=False, timeout=30)
        if not _contained(root):
            pytest.skip("containers are not allowed here")
        ended = _boot(root, result, unit)
    assert (result / "found.json").exists(), f"it did not boot, or the story did not end: {ended[-2000:]}"
    found: dict[str, Any] = json.loads((result / "found.json").read_text())
    return found


def _move_python(upper: Path) -> None:
    """Let the virtual environment stand on /opt/python, where `_boot` shows the interpreter: it may lie in a home."""
    venv = upper / Path(sys.prefix).relative_to("/")
    (venv / "bin").mkdir(parents=True)
    (venv / "pyvenv.cfg").write_text("home = /opt/python/bin\ninclude-system-site-packages = false\n")
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for link in ("python", "python3", name):
        (venv / "bin" / link).symlink_to(f"/opt/python/bin/{name}")
    (upper / "opt" / "python").mkdir(parents=True)
    libraries = upper / "etc" / "ld.so.conf.d" / "python.conf"
    libraries.parent.mkdir(parents=True)
    libraries.write_text("/opt/python/lib\n")


def _nspawn(root: Path) -> list[str]:
    nspawn = ["systemd-nspawn", f"--directory={root}", f"--machine=calsyncctl-{os.getpid()}"]
    return [*nspawn, "--register=no", "--keep-unit", "--private-network"]


def _contained(root: Path) -> bool:
    """Tell whether a container may run anything at all, without booting."""
    tried = subprocess.run([*_nspawn(root), "/bin/true"], env=_BOOTING, capture_output=True, check=False, timeout=30)
    return tried.returncode == 0


def _boot(root: Path, result: Path, unit: Path) -> str:
    nspawn = [*_nspawn(root), f"--bind={result}:/result"]
    nspawn += [f"--bind-ro={sys.base_prefix}:/opt/python"]
    nspawn += [f"--bind-ro={unit}:/etc/systemd/system/story.service", "--boot", "systemd.unit=multi-user.target"]
    nspawn += ["systemd.wants=story.service"]
    try:
        done = subprocess.run(
            nspawn, env=_BOOTING, capture_output=True, text=True, errors="replace", check=False, timeout=110
        )
    except subprocess.TimeoutExpired as late:
        return f"it did not end: {late.stdout!r}"
    return done.stdout + done.stderr


@pytest.mark.feature("E8")
@pytest.mark.long
def test_the_daemon_runs_confined_and_does_its_work(booted: dict[str, Any]) -> None:
    assert "failed" not in booted, booted["failed"] + booted["journal"]
    assert booted["ready"] == "active"
    assert booted["seconds"] < 3
    assert booted["daemon"]["running"] is True
    assert "CapBnd:\t0000000000000000" in booted["capabilities"]
    assert "Seccomp:\t2" in booted["capabilities"]


@pytest.mark.feature("E7", "E8")
@pytest.mark.long
def test_confined_it_still_has_its_port_and_is_told_of_changes(booted: dict[str, Any]) -> None:
    assert "failed" not in booted, booted["failed"] + booted["journal"]
    assert 'calsyncctl_channels{state="heard"} 2.0' in booted["metrics"]
    assert "process_open_fds" in booted["metrics"]


@pytest.mark.feature("E8", "A16")
@pytest.mark.long
def test_it_finds_its_secrets_with_a_key_that_systemd_hands_over_and_an_empty_environment(
    booted: dict[str, Any],
) -> None:
    assert booted["with credential"] == "active"
    assert booted["after reload"] == "active"


@pytest.mark.feature("E8")
def test_its_status_knows_what_a_real_systemd_says(booted: dict[str, Any]) -> None:
    assert "failed" not in booted, booted["failed"] + booted["journal"]
    unit = booted["unit"]
    assert (unit["manager"], unit["state"], unit["enabled"]) == ("system", "active (running)", True)
    assert (unit["wrong"], booted["daemon"]["pid"]) == (None, unit["pid"])
    assert booted["stopped"]["wrong"] == "Its unit calsyncctl@default is stopped."
    assert "systemd gave up on it (exit code 6: the profile is not enabled" in booted["failed unit"]["wrong"]


@pytest.mark.feature("E8")
@pytest.mark.long
def test_it_ends_when_systemd_asks_and_its_journal_has_levels_and_no_titles(booted: dict[str, Any]) -> None:
    assert booted["result"] == ["success", "0"]
    assert booted["stopped in"] < 5
    lines = [json.loads(line) for line in booted["journal"].splitlines()]
    said = [(line.get("PRIORITY"), str(line.get("MESSAGE"))) for line in lines]
    assert any(priority == "6" and "1 new in Google" in text for priority, text in said), said
    assert not any("Lunch" in text or "ya29." in text for _, text in said)
