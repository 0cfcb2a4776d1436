"""The push channels that are open, and the messages that wait to be sent."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Channel:
    """One watch on a resource."""

    id: str
    resource_id: str
    resource: str
    """A calendar's id, or `list:` + e-mail."""
    resource_uri: str
    address: str
    email: str
    client_id: str
    expires: float
    token: str = ""
    number: int = 0


@dataclass(slots=True)
class Channels:
    """The living channels, and messages waiting to be sent."""

    living: dict[str, Channel] = field(default_factory=dict)
    waiting: list[tuple[Channel, str]] = field(default_factory=list)
    ever: set[str] = field(default_factory=set)
