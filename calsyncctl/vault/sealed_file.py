"""Our own keyring backend for machines without one: a file of entries, each sealed with AES-256-GCM.

An entry's name is its associated data, so entries swapped or renamed in the file do not open. The file also holds one
sealed known text: it tells a wrong key from an altered entry. Only imported when the `file` backend is used.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

from calsyncctl.errors import VaultFault
from calsyncctl.locks import lock
from calsyncctl.paths import private_dir
from calsyncctl.vault.files import replace_file
from calsyncctl.vault.keys import Key, find_key, make_key

FILE = "secrets.json"
NONCE = 12
LOCK_WAIT = 5.0
"""Seconds to wait for another process; it holds the lock for milliseconds unless it hangs."""

_ANEW = (
    "remove the vault file, give the Google app again (calsyncctl init --client-secrets FILE) and connect the accounts "
    "again (calsyncctl connect)."
)
_CHECK_NAME = "calsyncctl vault check"
_CHECK_TEXT = "this key opens this vault"


class Sealed(msgspec.Struct, frozen=True):
    """The file as it lies on the disk: base64 of nonce and ciphertext by entry name."""

    version: int
    check: str
    entries: dict[str, str]


class SealedFile(KeyringBackend):
    """A keyring in one 0600 file. Every call reads the file: several processes share it."""

    priority = -1.0  # never to be chosen by keyring itself: it needs to be told its files

    def __init__(self, directory: Path, key_file: Path, credentials_directory: Path | None) -> None:
        # The base class's __init__ would let KEYRING_PROPERTY_* variables overwrite attributes: left out on purpose.
        self._path = directory / FILE
        self._key_file = key_file
        self._credentials_directory = credentials_directory
        self._seen = False
        """Whether this process has read it: an empty vault is not believed from then on."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return a secret, or None.

        Raises:
            VaultFault: if the file, or the entry, cannot be opened, or the file was there and is gone.
        """
        if not self._is_there():
            return None
        key, sealed = self._open()
        name = _name(service, username)
        text = sealed.entries.get(name)
        return None if text is None else _unseal_entry(key, name, text, self._path)

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a secret: sealed, durable, and in place of an earlier one."""
        name = _name(service, username)
        with self._changing() as (key, entries):
            entries[name] = _seal(key, name, password)

    def delete_password(self, service: str, username: str) -> None:
        """Forget a secret.

        Raises:
            PasswordDeleteError: if there is none of that name, as keyring's interface wants it.
        """
        name = _name(service, username)
        with self._changing() as (_, entries):
            if entries.pop(name, None) is None:
                raise PasswordDeleteError(name)

    @contextmanager
    def _changing(self) -> Iterator[tuple[Key, dict[str, str]]]:
        """Change the entries under the lock; the file is replaced only if the block went well."""
        private_dir(self._path.parent)
        with lock(self._path.with_suffix(".lock"), holder="the vault", wait=LOCK_WAIT):
            key, entries = self._load()
            yield key, entries
            sealed = Sealed(1, _seal(key, _CHECK_NAME, _CHECK_TEXT), dict(sorted(entries.items())))
            replace_file(self._path, msgspec.json.format(msgspec.json.encode(sealed), indent=1))
            self._seen = True

    def _load(self) -> tuple[Key, dict[str, str]]:
        """Read the entries, or begin an empty vault, with a new key if there is none."""
        if self._is_there():
            key, sealed = self._open()
            return key, dict(sealed.entries)
        return find_key(self._key_file, self._credentials_directory) or make_key(self._key_file), {}

    def _is_there(self) -> bool:
        """Tell whether there is a file; one that has gone is a disk that is not mounted, sooner than a fresh vault."""
        there = self._path.exists()
        if self._seen and not there:
            raise VaultFault(
                f"The vault {self._path} is gone.",
                f"Put it back, from a backup or by mounting its disk; without it, {_ANEW}",
            )
        self._seen = there
        return there

    def _open(self) -> tuple[Key, Sealed]:
        key = find_key(self._key_file, self._credentials_directory)
        if key is None:
            raise VaultFault(
                f"The key of the vault {self._path} is gone: there is no {self._key_file}.",
                f"Restore it from a backup; without it, {_ANEW}",
            )
        return key, _read(self._path, key)


def _name(service: str, username: str) -> str:
    return f"{service}/{username}"


def _read(path: Path, key: Key) -> Sealed:
    try:
        sealed = msgspec.json.decode(path.read_bytes(), type=Sealed)
    except msgspec.MsgspecError as error:
        raise VaultFault(
            f"The vault file {path} is damaged.",
            f"Restore it from a backup, or {_ANEW}",
        ) from error
    if sealed.version != 1:
        raise VaultFault(f"The vault file {path} is of a newer calsyncctl.", "Update calsyncctl on this machine.")
    if _unseal(key, _CHECK_NAME, sealed.check) != _CHECK_TEXT:
        raise VaultFault(
            f"The key {key.source} is not the one that the vault {path} was sealed with.",
            f"Restore the right key; without it, {_ANEW}",
        )
    return sealed


def _unseal_entry(key: Key, name: str, text: str, path: Path) -> str:
    secret = _unseal(key, name, text)
    if secret is None:
        raise VaultFault(
            f"The entry {name} of the vault {path} was altered.",
            "Restore the file from a backup, or connect that account again.",
        )
    return secret


def _seal(key: Key, name: str, secret: str) -> str:
    nonce = os.urandom(NONCE)
    return base64.b64encode(nonce + AESGCM(key.value).encrypt(nonce, secret.encode(), name.encode())).decode()


def _unseal(key: Key, name: str, text: str) -> str | None:
    """Open one entry; None if key, name and content do not belong together."""
    try:
        raw = base64.b64decode(text, validate=True)
        return AESGCM(key.value).decrypt(raw[:NONCE], raw[NONCE:], name.encode()).decode()
    except (InvalidTag, binascii.Error, ValueError):
        return None
