"""What the driver did, kept by itself: what each side must say at the end, whatever happened between.

Every value that is written is unlike any other, so that one can be looked for. What decides the end is simple on
purpose: `description` is written here only and `location` in Google only, so that both must be there in the end; in
contested items both sides write `description`, and either may stand, but the same on both sides.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from enum import Enum


class Kind(Enum):
    """Who does what with an item."""

    SHARED = "edited on both sides, each its own field"
    CONTESTED = "edited on both sides, the same field"
    MINE = "made, edited and deleted here"
    THEIRS = "made, edited and deleted in Google"
    SERIES = "a series whose occurrences are edited on both sides"


@dataclass(slots=True)
class Words:
    """What somebody wrote into one event, or into one occurrence of a series; empty: never touched."""

    here: str = ""
    there: str = ""


@dataclass(slots=True)
class Item:
    """One event or series of the driver's."""

    title: str
    kind: Kind
    calendar: str
    """Google's id of its calendar."""
    google_id: str
    key: str = ""
    """Its key here, once it is known."""
    words: Words = field(default_factory=Words)
    occurrences: dict[str, Words] = field(default_factory=dict)
    """Of a series: what was written into an occurrence, by its original start such as `20270301T120000Z`."""
    deleted: bool = False


@dataclass(slots=True)
class Books:
    """Everything that the driver did and that was acknowledged."""

    items: list[Item] = field(default_factory=list)
    written_here: list[str] = field(default_factory=list)
    """Every value that a command said it took: each must stand in the history."""
    acts: dict[str, int] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def word(self, side: str) -> str:
        """Return a value that nobody ever wrote."""
        return f"{side}-{next(self._numbers):05}"

    def count(self, act: str) -> None:
        """Count something that was done."""
        self.acts[act] = self.acts.get(act, 0) + 1

    def living(self, *kinds: Kind) -> list[Item]:
        """Return the items of some kinds that are not deleted."""
        return [one for one in self.items if one.kind in kinds and not one.deleted]
