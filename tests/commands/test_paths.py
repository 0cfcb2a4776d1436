"""Where files are, and that they are private and never half-written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from calsyncctl.errors import ConfigFault, UsageFault
from calsyncctl.paths import paths_of, private_dir, profiles, write_private


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_home_puts_everything_under_one_directory(tmp_path: Path) -> None:
    paths = paths_of("work", {"CALSYNCCTL_HOME": str(tmp_path)})

    paths.make()

    assert [path.name for path in tmp_path.iterdir()] == ["work"]
    assert all(mode(path) == 0o700 for path in tmp_path.rglob("*"))
    assert paths.locks_dir.is_relative_to(paths.state_dir)


def test_a_home_that_is_made_is_private_too(tmp_path: Path) -> None:
    home = tmp_path / "above" / "home"

    paths_of("work", {"CALSYNCCTL_HOME": str(home)}).make()

    assert (mode(home), mode(home.parent)) == (0o700, 0o700)


def test_without_home_the_xdg_directories_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))

    paths = paths_of("default", {})

    assert paths.config_file == tmp_path / "CONFIG" / "calsyncctl" / "default" / "config.toml"
    assert paths.store_file.is_relative_to(tmp_path / "DATA")
    assert paths.log_file.is_relative_to(tmp_path / "STATE")


def test_cron_without_a_runtime_directory_meets_the_same_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/1")
    with_it = paths_of("default", {}).locks_dir
    monkeypatch.delenv("XDG_RUNTIME_DIR")

    assert paths_of("default", {}).locks_dir == with_it


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "-x", "a b", "x" * 65, "ä", "a\n"])
def test_a_name_that_is_no_folders_name_is_refused(name: str) -> None:
    with pytest.raises(UsageFault):
        paths_of(name, {"CALSYNCCTL_HOME": "/nowhere"})


def test_profiles_are_those_with_a_configuration(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_private(tmp_path / name / "config.toml", "")
    (tmp_path / "empty").mkdir()

    assert profiles({"CALSYNCCTL_HOME": str(tmp_path)}) == ["one", "two"]
    assert profiles({"CALSYNCCTL_HOME": str(tmp_path / "nowhere")}) == []


def test_an_open_folder_is_closed(tmp_path: Path) -> None:
    (folder := tmp_path / "open").mkdir(mode=0o755)

    private_dir(folder)

    assert mode(folder) == 0o700


def test_a_file_is_replaced_whole_and_private(tmp_path: Path) -> None:
    path = tmp_path / "x" / "file"
    write_private(path, "one")
    path.chmod(0o644)

    write_private(path, "two")

    assert (path.read_text(), mode(path)) == ("two", 0o600)
    assert [one.name for one in path.parent.iterdir()] == ["file"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(ConfigFault, match="file/x"):
        private_dir(tmp_path / "file" / "x")


def test_looking_makes_nothing(tmp_path: Path) -> None:
    paths_of("default", {"CALSYNCCTL_HOME": str(tmp_path / "new")})

    assert not os.path.lexists(tmp_path / "new")
