"""Identities that are drawn, not counted: the instance's, and every event's key."""

from __future__ import annotations

import secrets

_ALPHABET = "0123456789abcdefghijklmnopqrstuv"
"""base32hex in lower case: what Google accepts in an event's id (events.insert, field `id`)."""


def base32hex(number: int, length: int) -> str:
    """Write a number in base32hex, with leading zeros up to `length`."""
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 32)
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))


def new_instance() -> str:
    """Draw an installation's id: 60 random bits, 12 characters."""
    return base32hex(secrets.randbits(60), 12)


def new_key() -> str:
    """Draw an event's key: 128 random bits, 26 characters; its first few name the event on the command line."""
    return base32hex(secrets.randbits(128), 26)
