"""Identities that are drawn, not counted: the instance's, and every event's key; and Google ids computed from them."""

from __future__ import annotations

import hashlib
import json
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


def random_keys(count: int) -> list[str]:
    """Draw events' keys: 128 random bits each, as 32 hex digits; the first few name the event on the command line."""
    digits = secrets.token_hex(16 * count)
    return [digits[at : at + 32] for at in range(0, len(digits), 32)]


def google_id(instance: str, event_key: str, calendar_google_id: str, generation: int) -> str:
    """Compute the id that an event is inserted under at Google: 40 characters of base32hex, 200 bits of a SHA-256.

    The same four always give the same id, so that an insert whose answer was lost meets itself again (409).
    """
    named = json.dumps([instance, event_key, calendar_google_id, generation])
    digest = hashlib.sha256(named.encode()).digest()[:25]
    return base32hex(int.from_bytes(digest, "big"), 40)
