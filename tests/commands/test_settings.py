"""The table of settings is the one source: structs, file, docs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec

from calsyncctl.config import load_config, nested
from calsyncctl.paths import paths_of
from calsyncctl.settings import SETTINGS, Settings, is_loopback

ROOT = Path(__file__).resolve().parents[2]


def test_the_defaults_of_the_table_are_good_settings() -> None:
    defaults = {name: row.default for name, row in SETTINGS.items()}

    assert msgspec.convert(nested(defaults), Settings) == Settings()


def test_every_setting_says_what_it_means_and_has_a_variable_of_its_own() -> None:
    assert all(row.help.endswith((".", ")")) for row in SETTINGS.values())
    assert len({row.env for row in SETTINGS.values()}) == len(SETTINGS)
    assert all(row.env.startswith("CALSYNCCTL_") for row in SETTINGS.values())


def test_settings_are_read_without_a_file(tmp_path: Path) -> None:
    config = load_config(paths_of("default", {"CALSYNCCTL_HOME": str(tmp_path)}), {}, {})

    assert not config.exists
    assert config.settings == Settings()
    assert list(tmp_path.iterdir()) == []


def test_no_setting_holds_a_secret() -> None:
    assert [name for name in SETTINGS if "password" in name or name.endswith("client_secret")] == []


def test_loopback_is_this_machine() -> None:
    for host in ("127.0.0.1", "127.8.8.8", "::1", "localhost", "x.localhost"):
        assert is_loopback(host)
    for host in ("0.0.0.0", "10.0.0.1", "localhost.example.com", "example.com", ""):
        assert not is_loopback(host)


def test_docs_repeat_what_the_program_says() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/docs.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
