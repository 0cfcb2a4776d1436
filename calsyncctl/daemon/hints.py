"""What Google told of and nobody has asked for yet: a hint waits while a command works on its account."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from calsyncctl.daemon.wishes import Kind, Task
from calsyncctl.model.channel import Channel
from calsyncctl.store.channels import Target

if TYPE_CHECKING:
    from calsyncctl.daemon.crew import Crew


class Hints:
    """The hints that wait. Safe between threads; lost with the process, whose next life asks for everything told."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: dict[Target, None] = {}

    def come(self, channel: Channel) -> None:
        """Take one; a second of the same is the same."""
        with self._guard:
            self._waiting[channel.account_id, channel.calendar_id] = None

    def begun(self, task: Task) -> None:
        """Hear that work has really begun: what comes from now on is another hint."""
        targets: tuple[Target, ...] = ()
        if task.kind is Kind.LIST:
            targets = ((task.account_id, None),)
        elif task.kind is Kind.SYNC:
            targets = tuple((task.account_id, one) for one in task.calendar_ids)
        with self._guard:
            for one in targets:
                self._waiting.pop(one, None)

    def wish(self, crew: Crew) -> None:
        """Have done what waits, and nothing else."""
        with self._guard:
            waiting = list(self._waiting)
        for account_id, calendar_id in waiting:
            if calendar_id is None:
                crew.want(Kind.LIST, account_id)
            else:
                crew.want(Kind.SYNC, account_id, [calendar_id], again=True)
