"""Where a profile's files are, and how they are made: directories 0700, files 0600, replaced in one step.

`CALSYNCCTL_HOME` puts everything of a profile under `$CALSYNCCTL_HOME/PROFILE/`; otherwise platformdirs says where.
Nothing depends on XDG_RUNTIME_DIR: cron has none, and cron and daemon must meet at the same locks.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from calsyncctl.errors import ConfigFault, UsageFault
from calsyncctl.machine import cure

_PROFILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Paths:
    """The folders of one profile. Nothing is created by looking."""

    profile: str
    config_dir: Path
    data_dir: Path
    state_dir: Path

    @property
    def config_file(self) -> Path:
        """The TOML file that `init` writes."""
        return self.config_dir / "config.toml"

    @property
    def key_file(self) -> Path:
        """The key of the encrypted secrets file; beside the config, so that a copy of the data alone opens nothing."""
        return self.config_dir / "vault.key"

    @property
    def store_file(self) -> Path:
        """The SQLite file."""
        return self.data_dir / "calsyncctl.db"

    @property
    def vault_dir(self) -> Path:
        """Where the encrypted secrets file is."""
        return self.data_dir / "vault"

    @property
    def backups_dir(self) -> Path:
        """Where the store is copied before a migration."""
        return self.data_dir / "backups"

    @property
    def rehearsal_dir(self) -> Path:
        """Where a rehearsal's copy of the store is while it lasts."""
        return self.data_dir / "rehearsal"

    @property
    def locks_dir(self) -> Path:
        """Where locks are; in the state directory, the same for cron, shell and daemon."""
        return self.state_dir / "locks"

    @property
    def log_file(self) -> Path:
        """The log of the commands."""
        return self.state_dir / "calsyncctl.log"

    def make(self) -> None:
        """Create the folders, private to the user.

        Raises:
            ConfigFault: if one cannot be created.
        """
        for folder in (self.config_dir, self.data_dir, self.state_dir, self.locks_dir, self.backups_dir):
            private_dir(folder)


def paths_of(profile: str, environ: Mapping[str, str]) -> Paths:
    """Find the folders of a profile.

    Raises:
        UsageFault: if the profile's name could not be a folder's name.
    """
    if not _PROFILE.fullmatch(profile):
        raise UsageFault(
            f"“{profile}” cannot be a profile's name.", "Use letters, digits, dot, dash and underscore, at most 64."
        )
    return _paths(profile, *_roots(environ))


def profiles(environ: Mapping[str, str]) -> list[str]:
    """List the names of the profiles that have a configuration, sorted."""
    root = _roots(environ)[0]
    if not root.is_dir():
        return []
    return sorted(
        entry.name for entry in root.iterdir() if _PROFILE.fullmatch(entry.name) and (entry / "config.toml").is_file()
    )


def _roots(environ: Mapping[str, str]) -> tuple[Path, Path, Path]:
    """Return the folders above the profiles: config, data, state (one and the same under CALSYNCCTL_HOME)."""
    home = environ.get("CALSYNCCTL_HOME")
    if home:
        root = Path(home).expanduser().absolute()
        return root, root, root
    from platformdirs import PlatformDirs  # noqa: PLC0415  (15 ms that CALSYNCCTL_HOME saves)

    dirs = PlatformDirs("calsyncctl", appauthor=False)
    return dirs.user_config_path, dirs.user_data_path, dirs.user_state_path


def _paths(profile: str, config: Path, data: Path, state: Path) -> Paths:
    if config == data == state:
        home = config / profile
        return Paths(profile, config_dir=home, data_dir=home, state_dir=home / "state")
    return Paths(profile, config_dir=config / profile, data_dir=data / profile, state_dir=state / profile)


def private_dir(folder: Path) -> None:
    """Create a folder, and those above it, with mode 0700; take group and others out of an existing one.

    Raises:
        ConfigFault: if it cannot be created.
    """
    try:
        if not folder.is_dir():  # as a rule it is there: this is asked for every lock
            for above in reversed([one for one in folder.parents if not one.exists()]):
                above.mkdir(mode=0o700, exist_ok=True)  # `parents=True` would leave these to the umask
            folder.mkdir(mode=0o700, exist_ok=True)
        if folder.stat().st_mode & 0o077:
            folder.chmod(0o700)
    except OSError as error:
        raise ConfigFault(
            f"The folder {folder} cannot be used: {error.strerror}.",
            cure(error, "Check who owns it, or set CALSYNCCTL_HOME."),
        ) from error


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step, mode 0600: a reader sees the old text or the new one, whatever crashes.

    Raises:
        ConfigFault: if it cannot be written.
    """
    private_dir(path.parent)
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # made 0600
        temporary = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            with contextlib.suppress(FileNotFoundError):
                temporary.unlink()
    except OSError as error:
        raise ConfigFault(
            f"{path} cannot be written: {error.strerror}.", cure(error, "Check the folder's owner.")
        ) from error
