"""What page and metrics show: the facts of `status`, with how the daemon itself stands; gathered once for both.

Only the store is asked. No event's title is among them, and no secret.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from calsyncctl.daemon.outlook import Outlook, outlook
from calsyncctl.daemon.parts import Parts
from calsyncctl.daemon.presence import Told
from calsyncctl.errors import CalsyncError
from calsyncctl.health.needs import Need, needs, passing
from calsyncctl.health.quota import QuotaFacts, not_polls, take_quota
from calsyncctl.health.snapshot import PENDING, CalendarFacts, Facts, take
from calsyncctl.model.account import AccountState
from calsyncctl.model.calendar import CalendarState
from calsyncctl.store.channels import list_channels
from calsyncctl.store.db import Store
from calsyncctl.store.due import count_unsent, liveliness

FRESH = 1.0
"""Seconds for which gathered facts are shown again: whoever asks in a hurry costs nothing."""


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    """What Google tells of: ids of calendars, and how many channels are in which state."""

    calendars: frozenset[int] = frozenset()
    heard: int = 0
    silent: int = 0
    """Open, and no message has arrived."""
    none: int = 0
    """Calendars that Google tells nothing of, or refuses."""


@dataclass(frozen=True)
class Shown:
    """Everything at one moment; `quota` is None where no Google app is set."""

    profile: str
    told: Told
    facts: Facts
    needs: tuple[Need, ...]
    passing: tuple[Need, ...]
    waiting: int
    channels: ChannelFacts
    quota: QuotaFacts | None
    ahead: Outlook | None

    @property
    def held(self) -> dict[str, int]:
        """How many changes are on hold, by kind."""
        deletions = sum(count for _, _, count, _ in self.facts.review.deletions)
        return {**dict(self.facts.review.held), **({"deletions": deletions} if deletions else {})}

    @property
    def synced(self) -> int:
        """How many calendars are kept in sync: selected ones whose account takes part."""
        return sum(self.state_of(one) == CalendarState.SELECTED for one in self.facts.calendars if one.account)

    def state_of(self, calendar: CalendarFacts) -> str:
        """Return a calendar's state, or its account's where that keeps it from being synced."""
        owner = self._owners.get(calendar.account or "", AccountState.ACTIVE)
        taking_part = calendar.state == CalendarState.SELECTED and owner in {AccountState.ACTIVE, PENDING}
        return calendar.state if taking_part or calendar.state != CalendarState.SELECTED else owner

    @cached_property
    def _owners(self) -> dict[str, str]:
        return {one.email: one.state for one in self.facts.accounts}


class Gatherer:
    """Gathers, for whichever thread asks; at most once a second."""

    def __init__(self, parts: Parts, told: Callable[[], Told]) -> None:
        self._parts = parts
        self._told = told
        self._guard = threading.Lock()
        self._last: tuple[float, Shown] | None = None

    def __call__(self) -> Shown:
        """Return how everything stands.

        Raises:
            StoreFault, Later: the store cannot be read.
        """
        with self._guard:
            now = self._parts.clock.monotonic()
            if self._last is None or not 0 <= now - self._last[0] < FRESH:
                try:
                    self._last = (now, self._gather())
                except CalsyncError:
                    self._parts.drop_store()
                    raise
            return self._last[1]

    def _gather(self) -> Shown:
        store, now = self._parts.store(), self._parts.clock.now()
        facts = take(store, now)
        quota, ahead = self._quota(store, now)
        return Shown(
            profile=self._parts.paths.profile,
            told=self._told(),
            facts=facts,
            needs=needs(facts),
            passing=passing(facts),
            waiting=count_unsent(store),
            channels=channel_facts(store, now),
            quota=quota,
            ahead=ahead,
        )

    def _quota(self, store: Store, now: int) -> tuple[QuotaFacts, Outlook] | tuple[None, None]:
        run = self._parts.run
        try:
            facts = take_quota(store, run.client_key, run.limits, now)
        except CalsyncError:  # a client file that cannot be read: status says so elsewhere
            return None, None
        ahead = outlook(
            liveliness(store, now),
            spent=facts.today.spent,
            otherwise=not_polls(facts),
            limits=run.limits,
            now=now,
            polling=True,
        )
        return facts, ahead


def channel_facts(store: Store, now: int) -> ChannelFacts:
    """Sum up the push channels."""
    known = [one for one in list_channels(store) if one.expires > now]
    heard = [one for one in known if one.living and one.heard is not None]
    return ChannelFacts(
        calendars=frozenset(one.calendar_id for one in heard if one.calendar_id is not None),
        heard=len(heard),
        silent=sum(one.living and one.heard is None for one in known),
        none=sum(one.reason is not None for one in known),
    )
