"""Which keyring a backend's name means, and what its troubles mean in words. Nothing here chooses by itself at use."""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from calsyncctl.errors import UsageFault, VaultFault
from calsyncctl.machine import cure

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SYSTEM = {
    "service": ("keyring.backends.SecretService", "Keyring"),
    "macos": ("keyring.backends.macOS", "Keyring"),
    "windows": ("keyring.backends.Windows", "WinVaultKeyring"),
}
"""The operating systems' own keyrings, by the name in the configuration."""

NAMES = (*SYSTEM, "file")

TITLES = {
    "service": "Secret Service",
    "macos": "macOS keychain",
    "windows": "Windows credential store",
    "file": "encrypted file",
}
"""The names in words, for messages."""

_FILE_HINT = "or keep secrets in the encrypted file instead: calsyncctl init --vault file"


def load_keyring(
    backend: str, *, directory: Path, key_file: Path, credentials_directory: Path | None
) -> KeyringBackend:
    """Build the keyring that the name means. May talk to D-Bus: call it where a deadline holds.

    Raises:
        UsageFault: for a name that is none of NAMES.
        Exception: whatever the system's keyring raises; `fault_of` puts it into words.
    """
    if backend == "file":
        from calsyncctl.vault.sealed_file import SealedFile  # noqa: PLC0415  (pulls in keyring and cryptography)

        return SealedFile(directory, key_file, credentials_directory)
    if backend not in SYSTEM:
        raise UsageFault(f"There is no vault backend “{backend}”.", f"One of: {', '.join(NAMES)}.")
    if backend == "service":
        find_session_bus(os.environ)
    module, name = SYSTEM[backend]
    keyring_class = getattr(import_module(module), name)
    _ = keyring_class.priority  # raises RuntimeError with the reason where the system has no such keyring
    keyring: KeyringBackend = keyring_class()
    return keyring


def find_session_bus(environ: MutableMapping[str, str], run: Path = Path("/run/user")) -> None:
    """Name the session bus where the variable is missing but the bus is there, as in cron jobs."""
    if environ.get("DBUS_SESSION_BUS_ADDRESS") or not hasattr(os, "getuid"):
        return
    bus = run / str(os.getuid()) / "bus"
    if bus.is_socket():
        environ["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={bus}"


def system_backend(platform: str = sys.platform) -> str:
    """Name the keyring that this operating system would have."""
    return {"darwin": "macos", "win32": "windows"}.get(platform, "service")


def fault_of(backend: str, error: Exception) -> VaultFault:
    """Say what a keyring's exception means, and what to do."""
    from keyring.errors import InitError, KeyringLocked

    title = TITLES.get(backend, backend)
    if isinstance(error, KeyringLocked):
        return VaultFault(
            f"The {title} is locked.",
            f"Unlock it (sign in at the desktop, or open its keyring) and try again, {_FILE_HINT}.",
        )
    if isinstance(error, InitError):
        return VaultFault(
            f"The {title} has no keyring to keep secrets in, or nobody could be asked for its password.",
            f"Create a default keyring with the desktop's password program, {_FILE_HINT}.",
        )
    if isinstance(error, OSError) and backend == "file":
        place = f" {error.filename}" if error.filename else ""  # what fails within a file does not name it
        return VaultFault(
            f"The vault{place} cannot be used: {error.strerror}.",
            cure(error, "Check the owner and the mode of its file and folder."),
        )
    return VaultFault(
        f"The {title} cannot be reached here ({type(error).__name__}).",
        f"Run in the session of the user who ran init, {_FILE_HINT}.",
    )


def fault_of_silence(backend: str, seconds: float) -> VaultFault:
    """Say that a keyring did not answer in time."""
    return VaultFault(
        f"The {TITLES.get(backend, backend)} did not answer within {seconds:.0f} s; it may wait for a password.",
        f"Unlock it and try again, {_FILE_HINT}.",
    )
