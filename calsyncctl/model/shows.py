"""What an event shows of itself, as bits: facts that say how busy one is, never the verdict.

The verdict is a setting's; were it stored, changing the setting would rewrite every row.
"""

from __future__ import annotations

from typing import Final

from calsyncctl.model.event import Content

TRANSPARENT: Final = 1
TENTATIVE: Final = 2
DECLINED: Final = 4
"""The calendar's own guest declined."""
ALL_DAY: Final = 8
TYPES: Final = {"workingLocation": 16, "outOfOffice": 32, "focusTime": 64, "birthday": 128, "fromGmail": 256}
"""Google's event types other than `default`."""


def shows(content: Content) -> int:
    """Return the bits of an event."""
    body = content.body
    bits = TYPES.get(body.event_type, 0)
    if body.transparency == "transparent":
        bits |= TRANSPARENT
    if content.status == "tentative":
        bits |= TENTATIVE
    if content.when.all_day:
        bits |= ALL_DAY
    if body.attendees and any(guest.self and guest.reply == "declined" for guest in body.attendees):
        bits |= DECLINED
    return bits
