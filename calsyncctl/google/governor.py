"""The governor: no request leaves before the quota budget has room for it; one for all threads of a process.

Units are leased in blocks from a `Budget` that all processes share, and spent from the block in hand: a request that
finds one costs microseconds. A lease is good within its slot of two seconds, and what is left of it goes back with the
next; a process that dies loses at most its blocks in hand, which stay counted as spent.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, Protocol

from calsyncctl.clock import Clock
from calsyncctl.errors import Later
from calsyncctl.google.costs import priority_of
from calsyncctl.model.quota import PATCH_UNITS, PROJECT, SLOT, Budget, Cost, Costs, Lease, Used, Wish, slot_of, units_of

PATIENCE: Final = 75.0
"""Seconds that a request waits for room: a little more than the minute after which room comes back."""
_BLOCKS_A_MINUTE: Final = 16
"""A block is at most this part of what one user may spend in a minute."""
_REMEMBERED: Final = 4096
"""Users whose last block is remembered; more than these begin anew with small blocks."""


class NoRoom(Later):
    """The budget has no room; whoever may wait has waited already."""


class Gate(Protocol):
    """One account's way through the governor."""

    @property
    def most_parts(self) -> int:
        """How many parts may go into one batch, for it to find room at all."""
        ...

    def take(self, costs: Costs, *, urgent: bool = False) -> None:
        """Take what a request costs, waiting for room if need be; `urgent`: a write waits for it.

        Raises:
            NoRoom: there is none within the patience; `retry_after` says when there will be.
        """
        ...

    def refused(self, error: Later) -> None:
        """Hear that Google refused for its rates: the account, or the whole project by `error.scope`, slows down."""
        ...

    def answered(self, costs: Costs, status: str) -> None:
        """Hear how a request was answered: by its HTTP status, or `none`."""
        ...


class Open:
    """A gate that stands open: for what no budget is kept of."""

    most_parts = 1000

    def take(self, costs: Costs, *, urgent: bool = False) -> None:
        """Let it pass."""

    def refused(self, error: Later) -> None:
        """Hear it, and leave the waiting to the retry policy."""

    def answered(self, costs: Costs, status: str) -> None:
        """Hear it."""


@dataclass(slots=True)
class _Block:
    slot: int
    leased: int
    left: int
    costs: dict[str, Cost] = field(default_factory=dict)

    def spend(self, costs: Costs) -> None:
        self.left -= units_of(costs)
        for kind, cost in costs.items():
            self.costs[kind] = self.costs.get(kind, Cost()) + cost


class Governor:
    """Hands out what the budget has; safe between threads."""

    def __init__(
        self,
        budget: Budget,
        clock: Clock,
        *,
        patience: float = PATIENCE,
        jitter: Callable[[], float] = random.random,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        """`beat` is called before and after each request, by the thread that makes it: a sign of life."""
        self.budget = budget
        self._beat = beat
        self._clock = clock
        self.patience = patience
        """Seconds that a request waits for room; whoever reads other settings puts others in its place."""
        self._jitter = jitter
        self._guard = threading.Lock()
        """Held for moments, around the blocks in hand."""
        self._door = threading.Lock()
        """Held around the budget, which asks the store."""
        self._blocks: dict[str, _Block] = {}
        self._slot = 0
        """The slot of the last lease: all blocks in hand are of it."""
        self._done: list[Used] = []
        self.answers: Counter[tuple[str, str]] = Counter()
        """How many requests of which kind were answered with which HTTP status; the parts of a batch with its own."""
        self._last: dict[str, tuple[int, int]] = {}
        """User -> slot of the last block, and what was spent of it: whoever is busy gets larger ones."""

    def gate(self, user: str, email: str) -> Gate:
        """Return the gate of an account; `email` is for the sentence only."""
        return _Gate(self, user, email)

    def take(self, user: str, email: str, costs: Costs, *, urgent: bool = False) -> None:
        """Take what a request costs; see `Gate.take`."""
        self._beat()
        if self._spend(user, costs):
            return
        started = self._clock.monotonic()
        while True:
            lease = self._lease(user, costs, urgent)
            if lease.units:
                return
            waited = self._clock.monotonic() - started
            if waited + lease.wait > self.patience:
                raise _no_room(email, lease)
            asleep = self._clock.monotonic()
            self._clock.sleep(lease.wait + self._jitter() * SLOT)
            if self._clock.monotonic() - asleep < lease.wait / 2:
                raise _no_room(email, lease)  # asked to stop

    def refused(self, user: str, error: Later) -> None:
        """Let an account rest, or the project; what is leased for it already is given up."""
        everybody = error.scope == "project"
        with self._door:
            self._put_aside(list(self._blocks) if everybody else [user])
            self.budget.rest(
                PROJECT if everybody else user,
                asked=error.retry_after,
                jitter=self._jitter(),
                reason=error.what,
                now=self._clock.now(),
            )

    def answered(self, costs: Costs, status: str) -> None:
        """Count how a request was answered."""
        self._beat()
        with self._guard:
            for kind, cost in costs.items():
                self.answers[kind, status] += cost.requests

    def close(self) -> None:
        """Give back what is left of the blocks in hand."""
        with self._door:
            self._put_aside(list(self._blocks))
            settled, self._done = self._done, []
            if settled:
                self.budget.settle(settled, self._clock.now())

    def _spend(self, user: str, costs: Costs) -> bool:
        """Spend from the block in hand, if it is of this slot and has enough."""
        slot, units = slot_of(self._clock.now()), units_of(costs)
        with self._guard:
            block = self._blocks.get(user)
            if block is None or block.slot != slot or block.left < units:
                return False
            block.spend(costs)
            return True

    def _lease(self, user: str, costs: Costs, urgent: bool) -> Lease:
        """Lease a block and spend from it at once; or learn how long to wait for one."""
        with self._door:
            if self._spend(user, costs):  # another thread was here
                return Lease(1, 0)
            now, units = self._clock.now(), units_of(costs)
            self._put_aside([user] if slot_of(now) == self._slot else list(self._blocks))
            self._slot = slot_of(now)
            wish = Wish(user, units, self._block_for(user, units, now), priority_of(costs, urgent=urgent))
            lease = self.budget.lease(wish, self._done, now)
            self._done = []
            if lease.units:
                block = _Block(lease.slot, lease.units, lease.units)
                block.spend(costs)
                with self._guard:
                    self._blocks[user] = block
                if block.left <= 0:
                    self._put_aside([user])
            return lease

    def _block_for(self, user: str, units: int, now: int) -> int:
        """Return how large a block to ask for: twice what was spent lately, for those who are busy."""
        slot, spent = self._last.get(user, (0, 0))
        lately = 2 * spent if slot >= slot_of(now) - 2 else 0
        return max(units, min(lately, self.budget.limits.per_user // _BLOCKS_A_MINUTE))

    def _put_aside(self, users: Iterable[str]) -> None:
        """Take the blocks of users out of hand, to be settled with the next lease."""
        with self._guard:
            for user in users:
                block = self._blocks.pop(user, None)
                if block is not None:
                    self._done.append(Used(user, block.slot, block.leased, block.costs))
                    self._last[user] = (block.slot, block.leased - block.left)
        if len(self._last) > _REMEMBERED:
            self._last.clear()


class _Gate:
    def __init__(self, governor: Governor, user: str, email: str) -> None:
        self._governor = governor
        self._user = user
        self._email = email

    @property
    def most_parts(self) -> int:
        return max(1, self._governor.budget.limits.per_user // PATCH_UNITS)

    def take(self, costs: Costs, *, urgent: bool = False) -> None:
        self._governor.take(self._user, self._email, costs, urgent=urgent)

    def refused(self, error: Later) -> None:
        self._governor.refused(self._user, error)

    def answered(self, costs: Costs, status: str) -> None:
        self._governor.answered(costs, status)


def _no_room(email: str, lease: Lease) -> NoRoom:
    what = {
        "user": f"The quota of {email} is spent for this minute.",
        "project": "The quota of this installation is spent for this minute.",
        "day": "The quota of this installation is spent for today.",
        "user rest": f"Google asked to slow down for {email}, and that time is not over.",
        "project rest": "Google asked this installation to slow down, and that time is not over.",
    }[lease.why]
    scope = "account" if lease.why.startswith("user") else "project"
    return NoRoom(
        what,
        "It goes on by itself; see: calsyncctl status --quota",
        retry_after=lease.wait,
        scope=scope,
        of_ours=not lease.why.endswith("rest"),
    )
