"""A real Secret Service (gnome-keyring under a private D-Bus): kept, forgotten, locked, empty, missing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.tools import need

pytestmark = pytest.mark.secretservice

SCRIPT = Path(__file__).with_name("in_session.py")


def in_session(home: Path, mode: str, task: str) -> dict[str, Any]:
    """Do a task in a session of its own; `mode` is the keyring's: unlocked, locked or none."""
    command = [need("dbus-run-session"), "--", sys.executable, "-W", "ignore", str(SCRIPT), mode, task]
    need("gnome-keyring-daemon")
    home.mkdir(exist_ok=True, mode=0o700)
    root = str(Path(__file__).parents[2])
    environ = {"HOME": str(home), "XDG_RUNTIME_DIR": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": root}
    ran = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    answer: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return answer


def test_secrets_are_kept_replaced_and_forgotten(tmp_path: Path) -> None:
    answer = in_session(tmp_path / "home", "unlocked", "keep")

    assert answer == {"found": ["second", "other"], "after": None, "kept": "other"}


def test_it_is_chosen_where_it_works_and_the_probe_leaves_nothing(tmp_path: Path) -> None:
    assert in_session(tmp_path / "home", "unlocked", "choose") == {"backend": "service"}
    assert in_session(tmp_path / "home", "unlocked", "leave") == {"left": []}


def test_a_locked_keyring_says_so_at_once(tmp_path: Path) -> None:
    in_session(tmp_path / "home", "unlocked", "keep")

    answer = in_session(tmp_path / "home", "locked", "fault")

    assert answer["what"] == "The Secret Service is locked."
    assert "Unlock it" in answer["to_do"]
    assert answer["seconds"] < 5


def test_a_locked_keyring_is_not_chosen(tmp_path: Path) -> None:
    in_session(tmp_path / "home", "unlocked", "keep")

    assert in_session(tmp_path / "home", "locked", "choose") == {"backend": "file"}


def test_a_keyring_that_nobody_ever_made_says_so(tmp_path: Path) -> None:
    answer = in_session(tmp_path / "home", "locked", "fault")

    assert answer["what"].startswith("The Secret Service has no keyring to keep secrets in")


def test_the_unlocked_keyring_takes_up_what_was_kept_before(tmp_path: Path) -> None:
    in_session(tmp_path / "home", "unlocked", "keep")

    assert in_session(tmp_path / "home", "unlocked", "keep")["kept"] == "other"
