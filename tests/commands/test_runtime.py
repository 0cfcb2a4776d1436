"""Putting the parts together: what two installations of one user do not share, and a log that cannot be written."""

from __future__ import annotations

from pathlib import Path

from calsyncctl.flags import Flags
from calsyncctl.runtime import Runtime


def installation(home: Path, instance: str) -> Runtime:
    """Make a configured installation of its own."""
    runtime = Runtime.from_flags(Flags(), environ={"CALSYNCCTL_HOME": str(home), "HOME": str(home)})
    runtime.paths.make()
    runtime.paths.config_file.write_text(f'instance = "{instance}"\n')
    return runtime


def test_two_installations_of_a_user_have_entries_of_their_own_in_the_users_keyring(tmp_path: Path) -> None:
    one, other = installation(tmp_path / "one", "first"), installation(tmp_path / "two", "second")

    assert repr(one.open_vault("service")) != repr(other.open_vault("service"))
    assert repr(one.open_vault("file")) == repr(other.open_vault("file"))


def test_an_installation_that_is_being_enabled_keeps_its_secrets_where_it_will_look_for_them(tmp_path: Path) -> None:
    unborn, born = installation(tmp_path / "one", ""), installation(tmp_path / "two", "first")

    assert repr(unborn.open_vault("service", "first")) == repr(born.open_vault("service"))


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    runtime = installation(tmp_path, "first")
    runtime.paths.log_file.mkdir()

    assert runtime.means.store is runtime.store
    runtime.store.close()
