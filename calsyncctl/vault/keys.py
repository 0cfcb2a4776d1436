"""The key of the encrypted file: 32 random bytes, from a systemd credential or from a 0600 file.

A credential (`LoadCredential=` or `LoadCredentialEncrypted=calsyncctl-key:…` in the unit, see systemd.exec(5)) comes
first: it is readable by the service alone, and backups of the disk do not hold it in the clear.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from calsyncctl.errors import VaultFault
from calsyncctl.machine import cure
from calsyncctl.paths import private_dir
from calsyncctl.vault.files import create_file

CREDENTIAL = "calsyncctl-key"
SIZE = 32


@dataclass(frozen=True, slots=True)
class Key:
    """The key's bytes, and where they came from, to name it when they do not fit."""

    value: bytes = field(repr=False)
    source: Path


def find_key(key_file: Path, credentials_directory: Path | None) -> Key | None:
    """Read the key; None if there is none yet.

    Raises:
        VaultFault: if the file may be read by others, has another size, or cannot be read.
    """
    if credentials_directory is not None:
        credential = credentials_directory / CREDENTIAL
        if credential.exists():
            return Key(_read(credential), credential)
    if not key_file.exists():
        return None
    _refuse_open(key_file)
    return Key(_read(key_file), key_file)


def make_key(key_file: Path) -> Key:
    """Create the key file with fresh random bytes; if another process was first, its key is the key.

    Raises:
        VaultFault: if the file cannot be written.
    """
    try:
        private_dir(key_file.parent)
        create_file(key_file, os.urandom(SIZE))
    except OSError as error:
        raise VaultFault(
            f"The key file {key_file} cannot be written: {error.strerror}.",
            cure(error, "Check the folder's owner."),
        ) from error
    key = find_key(key_file, None)
    if key is None:
        raise VaultFault(f"The key file {key_file} was removed while it was made.", "Try again.")
    return key


def _read(path: Path) -> bytes:
    try:
        value = path.read_bytes()
    except OSError as error:
        raise VaultFault(
            f"The vault's key {path} cannot be read: {error.strerror}.", "Run as the user that owns it."
        ) from error
    if len(value) != SIZE:
        raise VaultFault(
            f"The vault's key {path} has {len(value)} bytes instead of {SIZE}.",
            "Restore the right key. For a new, empty vault: head -c 32 /dev/urandom > FILE",
        )
    return value


def _refuse_open(path: Path) -> None:
    mode = path.stat().st_mode & 0o777
    if os.name == "posix" and mode & 0o077:
        raise VaultFault(
            f"The vault's key file {path} can be read by others (mode {mode:04o}).",
            f"chmod 600 {path}, and connect the accounts again if others may have read it.",
        )
