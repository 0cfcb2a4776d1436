"""Sync tokens and page tokens: opaque to clients, with a check sum so that garbage is told from an expired one."""

from __future__ import annotations

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode

import msgspec

from calsyncctl.sandbox.refusals import refuse
from calsyncctl.sandbox.state import World


class SyncToken(msgspec.Struct, frozen=True, array_like=True):
    """Where an incremental listing begins, and what the full one asked for."""

    source: str
    """The calendar's id, or `list:` + e-mail of an account's calendar list."""
    account: str
    serial: int
    epoch: int
    issued: float
    query: dict[str, list[str]]
    """The parameters that the token remembers: window, search, event types …"""


class PageToken(msgspec.Struct, frozen=True, array_like=True):
    """Where a listing goes on."""

    source: str
    account: str
    query: str
    """A digest of the other parameters: they must not change while paging."""
    position: int
    serial: int
    """The serial at the listing's beginning: what its sync token will hold."""
    epoch: int
    pages: int = 0
    snapshot: str = ""


def write_token(token: SyncToken | PageToken) -> str:
    """Encode a token."""
    raw = msgspec.json.encode(token)
    return "C" + urlsafe_b64encode(zlib.crc32(raw).to_bytes(4) + raw).decode().rstrip("=")


def read_sync_token(text: str, world: World, source: str) -> SyncToken:
    """Decode a sync token of a list; 400 `invalid` when it is not one of its own, 410 when it is too old."""
    location = "syncToken" if world.settings.sync_error_location else ""
    try:
        token = msgspec.json.decode(_unpack(text), type=SyncToken)
    except (ValueError, msgspec.MsgspecError):
        raise refuse("invalid", "Invalid sync token value.", location=location) from None
    if token.source != source:
        raise refuse("invalid", "Invalid sync token value.", location=location)
    longest = world.settings.sync_token_seconds
    if longest and world.clock.seconds() - token.issued >= longest:
        raise refuse("fullSyncRequired")
    return token


def remembered(text: str) -> dict[str, list[str]] | None:
    """Return the parameters that a sync token remembers, None for garbage."""
    try:
        return msgspec.json.decode(_unpack(text), type=SyncToken).query
    except (ValueError, msgspec.MsgspecError):
        return None


def restricted(world: World, reason: str = "syncTokenWithRequestRestrictions") -> Exception:
    """Refuse what must not accompany a sync token."""
    return refuse(reason, location="syncToken" if world.settings.sync_error_location else "")


def read_page_token(text: str) -> PageToken:
    """Decode a page token; 400 `invalid` when it is not one of ours."""
    try:
        return msgspec.json.decode(_unpack(text), type=PageToken)
    except (ValueError, msgspec.MsgspecError):
        raise bad_page() from None


def bad_page() -> Exception:
    """Refuse a page token: garbage, of another listing, or too old."""
    return refuse("invalid", "Invalid page token value.", location="pageToken")


def _unpack(text: str) -> bytes:
    packed = urlsafe_b64decode(text[1:] + "=" * (-len(text[1:]) % 4))
    if zlib.crc32(packed[4:]).to_bytes(4) != packed[:4] or text[:1] != "C":
        raise ValueError(text)
    return packed[4:]
