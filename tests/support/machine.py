"""A machine of a test's own for one process: its /etc is a copy, so names and the zone can be changed under it."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

_INSIDE = 'mount --bind "$0" /etc && exec "$@"'


@dataclass(frozen=True, slots=True)
class Machine:
    """Its folder in /etc's place; processes started with `prefix` see it."""

    etc: Path

    @property
    def prefix(self) -> tuple[str, ...]:
        """What a command is started by; it keeps its process id."""
        return ("unshare", "--mount", "sh", "-c", _INSIDE, str(self.etc))

    def names(self, *, known: bool, server: str = "127.0.0.1") -> None:
        """Let `localhost` be known or not: then a server of names is asked, and for long."""
        (self.etc / "nsswitch.conf").write_text("hosts: files dns\n")
        (self.etc / "resolv.conf").write_text(f"nameserver {server}\noptions timeout:30 attempts:5\n")
        (self.etc / "hosts").write_text("127.0.0.1 localhost\n" if known else "")

    def zone(self, name: str) -> None:
        """Be somewhere else, as timedatectl(1) sets it."""
        draft = self.etc / "localtime.draft"
        draft.symlink_to(f"/usr/share/zoneinfo/{name}")
        draft.replace(self.etc / "localtime")


def machine(folder: Path) -> Machine:
    """Make one in a folder."""
    shutil.copytree("/etc", folder, symlinks=True, ignore=shutil.ignore_patterns("ssl", "alternatives", "*.d"))
    return Machine(folder)


@functools.cache
def may_have_machines() -> bool:
    """Tell whether mounts of one's own are allowed here."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return False
    tried = ["unshare", "--mount", "sh", "-c", "mount --bind /tmp /mnt"]
    return subprocess.run(tried, capture_output=True, check=False, timeout=30).returncode == 0
