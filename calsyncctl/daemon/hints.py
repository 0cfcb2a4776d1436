"""What Google told of and nobody has asked for yet: a hint waits while a command works on its account.

One calendar is asked at once for the first hints, and in a flood of them only with every tick: a flood costs no quota.
A hint whose work fails is given back, and followed again after a pause.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from calsyncctl.daemon.wishes import Kind, Task
from calsyncctl.model.channel import Channel
from calsyncctl.store.channels import Target

if TYPE_CHECKING:
    from calsyncctl.daemon.crew import Crew

BURST = 60
WITHIN = 30.0
"""Of one calendar, so many hints within so many seconds are followed at once: a quarter of one account's minute."""
FIRST_PAUSE = 15.0
LONGEST_PAUSE = 900.0
"""Seconds until a hint is followed again whose work failed: doubled each time."""


@dataclass(slots=True)
class _Failed:
    """What failed lately: the last pause after it, and until when that lasts."""

    pause: float
    until: float


class Hints:
    """The hints that wait. Safe between threads; lost with the process, whose next life asks for everything told."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._guard = threading.Lock()
        self._waiting: dict[Target, None] = {}
        self._followed: dict[Target, deque[float]] = {}
        """When the latest hints were followed, of those that were lately."""
        self._begun: dict[Task, tuple[Target, ...]] = {}
        """Hints that are being followed."""
        self._failed: dict[Target, _Failed] = {}

    def come(self, channel: Channel) -> None:
        """Take one; a second of the same is the same, and one that failed before is followed at once."""
        self._take((channel.account_id, channel.calendar_id))

    def come_list(self, account_id: int) -> None:
        """Take it that an account's list of calendars may have changed: nobody has looked for long."""
        self._take((account_id, None))

    def _take(self, target: Target) -> None:
        with self._guard:
            self._waiting[target] = None
            if target in self._failed:
                self._failed[target].until = 0.0

    def begun(self, task: Task) -> None:
        """Hear that work has really begun: what comes from now on is another hint."""
        targets: tuple[Target, ...] = ()
        if task.kind is Kind.LIST:
            targets = ((task.account_id, None),)
        elif task.kind is Kind.SYNC:
            targets = tuple((task.account_id, one) for one in task.calendar_ids)
        with self._guard:
            followed = tuple(one for one in targets if one in self._waiting)
            for one in followed:
                del self._waiting[one]
                self._followed.setdefault(one, deque(maxlen=BURST)).append(self._monotonic())
            if followed:
                self._begun[task] = followed

    def done(self, task: Task) -> None:
        """Hear that work has ended, and that nothing of it has to be done again."""
        with self._guard:
            for one in self._begun.pop(task, ()):
                self._failed.pop(one, None)

    def failed(self, task: Task) -> None:
        """Hear that work has failed, and that nobody else comes back to it: what was followed with it waits again."""
        with self._guard:
            for one in self._begun.pop(task, ()):
                before = self._failed.get(one)
                pause = min(LONGEST_PAUSE, 2 * before.pause) if before else FIRST_PAUSE
                self._failed[one] = _Failed(pause, self._monotonic() + pause)
                self._waiting[one] = None

    def wish(self, crew: Crew, *, flood: bool = False) -> None:
        """Have done what waits; in a `flood` also of calendars that were asked often just now: once a tick."""
        with self._guard:
            now = self._monotonic()
            self._followed = {one: times for one, times in self._followed.items() if now - times[-1] < WITHIN}
            ripe = [one for one in self._waiting if one not in self._failed or self._failed[one].until <= now]
            waiting = [one for one in ripe if flood or not self._often(one, now)]
        for account_id, calendar_id in waiting:
            if calendar_id is None:
                crew.want(Kind.LIST, account_id)
            else:
                crew.want(Kind.SYNC, account_id, [calendar_id], again=True)

    def _often(self, target: Target, now: float) -> bool:
        times = self._followed.get(target)
        return times is not None and len(times) == BURST and now - times[0] < WITHIN
