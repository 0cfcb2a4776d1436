"""What applying items shares: the place where it happens, and a decision with its event."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from calsyncctl.model.calendar import Calendar
from calsyncctl.model.event import Event
from calsyncctl.model.history import Counts
from calsyncctl.model.when import span
from calsyncctl.sync.choice import Policy
from calsyncctl.sync.ledger import Ledger
from calsyncctl.sync.provider import OddItem
from calsyncctl.sync.pulling.incoming import Incoming

OnDecided = Callable[[Calendar, Sequence[Incoming]], None]
"""Someone who wants to know what is decided about items of a calendar: a rehearsal, which makes a plan of it."""


def _unheard(_calendar: Calendar, _decisions: Sequence[Incoming]) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Where items are applied: the calendar, which listing named them, and when.

    `listing` is the number of the full listing under way, None in an incremental pull; `first` the calendar's first
    listing, which writes no versions.
    """

    calendar: Calendar
    ledger: Ledger
    keys: Callable[[int], list[str]]
    now: int
    listing: int | None
    first: bool
    policy: Policy = Policy.GOOGLE_WINS
    instance: str = ""
    adopt: frozenset[str] = frozenset()
    """Other installations whose events are ours, too."""

    on_decided: OnDecided = _unheard
    """Told each decision on an item, before it is carried out."""

    instances: frozenset[str] = field(init=False)
    """The installations whose marks count as ours."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "instances", self.adopt | {self.instance})

    @property
    def heard(self) -> int:
        """The number that copies heard of now are to have."""
        return self.listing or self.calendar.listing


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of the items; `stale` are the ids to be read again."""

    counts: Counts
    odd: tuple[OddItem, ...] = ()
    stale: tuple[str, ...] = ()


class Placed(NamedTuple):
    """A decision with the event that it makes."""

    decision: Incoming
    event: Event


def instants_of(decision: Incoming, zone: str, odd: list[OddItem]) -> tuple[int | None, int | None] | None:
    """Return start and end of the event to be, (None, None) for one that takes no time; None: it cannot be placed."""
    if decision.content is None:
        return None, None
    try:
        return span(decision.content.when, zone)
    except (ValueError, OverflowError):
        odd.append(OddItem(decision.item.google_id, "its times cannot be read"))
        return None
