"""Push channels: Google's promise to tell an address that a calendar, or an account's list of calendars, changed."""

from __future__ import annotations

from dataclasses import dataclass

LIFETIME = 7 * 24 * 3600
"""Seconds that a channel is asked for: Google's default, and the longest that anybody has seen it grant."""


@dataclass(frozen=True, slots=True)
class Opened:
    """Google's answer to a watch: what `stop` asks for beside the channel's id, and when the channel ends."""

    resource_id: str
    expires: int
    """UTC seconds."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel, or the note that there can be none. Times are UTC seconds; the token is a hash, never itself."""

    id: str
    account_id: int
    calendar_id: int | None
    """None: it tells of the account's list of calendars."""
    token_hash: str
    address: str
    opened: int
    expires: int
    """When it ends; of a note, when to ask again."""
    resource_id: str | None = None
    """None until Google has answered."""
    heard: int | None = None
    """When its first message came: until then nobody relies on it."""
    reason: str | None = None
    """Why there is none: the calendar is polled."""

    @property
    def living(self) -> bool:
        """Whether Google opened it, however long ago."""
        return self.resource_id is not None and self.reason is None
