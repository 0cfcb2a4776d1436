"""A hand-over sealed with a passphrase: what `accounts export` writes and `accounts import` reads.

Layout, version 1: `calsyncctl-sealed`, one byte version, one byte log2 of scrypt's n, 16 bytes salt, 12 bytes nonce,
then AES-256-GCM with all of these as associated data. The key is scrypt(passphrase, salt, n, r=8, p=1): RFC 7914.
"""

from __future__ import annotations

import os
import struct

from calsyncctl.errors import UsageFault

MAGIC = b"calsyncctl-sealed"
VERSION = 1
LOG_N = 15
"""scrypt's cost: 2**15 takes about 60 ms and 32 MiB."""
SHORTEST = 12
"""Characters of a passphrase: the file travels, and whoever finds it may try for years."""

_MAX_LOG_N = 18  # a file from elsewhere must not make us take gigabytes
_HEADER = struct.Struct(f">{len(MAGIC)}sBB16s12s")


def seal(payload: bytes, passphrase: str) -> bytes:
    """Seal bytes with a passphrase.

    Raises:
        UsageFault: for a passphrase of less than `SHORTEST` characters.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if len(passphrase) < SHORTEST:
        raise UsageFault(
            f"A passphrase of {len(passphrase)} characters protects too little.",
            f"Give one of {SHORTEST} or more, best of several words.",
        )
    salt, nonce = os.urandom(16), os.urandom(12)
    header = _HEADER.pack(MAGIC, VERSION, LOG_N, salt, nonce)
    return header + AESGCM(_key(passphrase, salt, LOG_N)).encrypt(nonce, payload, header)


def unseal(sealed: bytes, passphrase: str) -> bytes:
    """Open what `seal` made.

    Raises:
        UsageFault: for another file, a newer version, a wrong passphrase or an altered file.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    log_n, salt, nonce = _read_header(sealed)
    header, body = sealed[: _HEADER.size], sealed[_HEADER.size :]
    try:
        return AESGCM(_key(passphrase, salt, log_n)).decrypt(nonce, body, header)
    except InvalidTag:
        raise UsageFault(
            "The passphrase is wrong, or the file was altered.", "Try the passphrase again, or export once more."
        ) from None


def _read_header(sealed: bytes) -> tuple[int, bytes, bytes]:
    if len(sealed) < _HEADER.size or not sealed.startswith(MAGIC):
        raise UsageFault("This is not a file that calsyncctl sealed.", "Give the file that accounts export wrote.")
    _, version, log_n, salt, nonce = _HEADER.unpack_from(sealed)
    if version != VERSION or not 10 <= log_n <= _MAX_LOG_N:
        raise UsageFault("The file was sealed by another version of calsyncctl.", "Update calsyncctl on this machine.")
    return log_n, salt, nonce


def _key(passphrase: str, salt: bytes, log_n: int) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    return Scrypt(salt=salt, length=32, n=2**log_n, r=8, p=1).derive(passphrase.encode())
