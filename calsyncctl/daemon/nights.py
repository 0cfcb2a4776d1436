"""When a calendar is compared as a whole: each at its own minute of the night, so that they never come all at once."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta, tzinfo

NIGHT = timedelta(hours=6)
"""From midnight on, in the zone of the profile."""
OFTEN = timedelta(hours=20)
"""Not again before so long."""
OVERDUE = timedelta(hours=36)
"""After so long it is made up for at any time of the day: the machine may be off at night."""
AGAIN = timedelta(hours=1)
"""One that did not come to its end is not begun again before so long: it may be a full listing each time."""


def minute_of(name: str) -> int:
    """Return the calendar's own minute of the night."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) % int(NIGHT.total_seconds() // 60)


def is_due(name: str, last: int | None, now: int, zone: tzinfo, *, begun: int | None = None) -> bool:
    """Tell whether a calendar is to be compared now; `last`, `begun` (its last try) and `now` are UTC seconds.

    One that never was waits for its night: its first listing has just compared everything.
    """
    if begun is not None and 0 <= now - begun < AGAIN.total_seconds():
        return False
    here = datetime.fromtimestamp(now, zone)
    midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
    own = midnight + timedelta(minutes=minute_of(name))
    at_night = own <= here < midnight + NIGHT
    if last is None:
        return at_night
    since = timedelta(seconds=max(0, now - last))
    return since >= OVERDUE or (at_night and since >= OFTEN)
