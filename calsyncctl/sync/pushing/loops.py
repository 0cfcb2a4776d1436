"""The loop breaker: writes to one copy, again and again, that nobody here asked for. Pure.

Two installations that each write theirs back, or a rule at Google that undoes what is written, would go on for ever.
After a handful of such writes within an hour the copy is on hold, and says what kept changing.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from calsyncctl.model.copy import Copy
from calsyncctl.model.history import Version
from calsyncctl.sync.policy import GOOGLE
from calsyncctl.sync.pulling.telling import SELF

HANDFUL = 5
"""So many writes in an hour are let through."""
WINDOW = 3600
LOOP = "loop"
"""The kind of hold."""

_NOBODY = {GOOGLE, SELF, "reconcile"}


class Count(Struct, frozen=True):
    """The copy's writes so far, this one included, and why it is held; None: it may go out."""

    copy: Copy
    reason: str | None = None


def counted(copy: Copy, carried: Iterable[Version], fields: Iterable[str], now: int) -> Count:
    """Count one write to a copy; `carried` are the versions that it brings, `fields` what it changes."""
    if any(version.author not in _NOBODY for version in carried):
        return Count(replace(copy, writes=0, writes_since=None))
    begun = copy.writes_since is not None and now - copy.writes_since < WINDOW
    writes = copy.writes + 1 if begun else 1
    if writes > HANDFUL:
        what = ", ".join(sorted(fields)).replace("_", " ") or "it"
        return Count(copy, f"{what} kept changing: {writes} writes within an hour that nobody here asked for")
    return Count(replace(copy, writes=writes, writes_since=copy.writes_since if begun else now))
