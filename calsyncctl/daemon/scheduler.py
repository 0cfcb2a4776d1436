"""APScheduler, with what its defaults get wrong put right.

Late jobs are never dropped, a step of the clock is told to it (`realign`), and intervals are counted from now on, so
that a jump over months does not make it work out every run that it missed.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from calsyncctl.daemon.pulse import Pulse

_log = logging.getLogger(__name__)

AFTER_SECOND = 0.02
"""Seconds after each whole second at which jobs begin: due times are whole seconds, and so none waits for its tick."""


@dataclass(frozen=True, slots=True)
class Job:
    """One thing done again and again: its name, every how many seconds, and what; `first`: seconds until its first run.

    It hands long work to the crew and returns soon.
    """

    name: str
    every: float
    act: Callable[[], None]
    first: float = 0.0


class Every(BaseTrigger):  # type: ignore[misc]  # apscheduler has no types
    """Fires so many seconds after now, however long ago the last time was.

    `at`: always so far into a second; then the pause is up to a second shorter, or that much longer.
    """

    def __init__(self, seconds: float, *, at: float | None = None) -> None:
        self._pause = timedelta(seconds=seconds)
        self._at = None if at is None else round(1e6 * at)

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """Return the next time; called by the scheduler."""
        following = now + self._pause
        return following if self._at is None else following.replace(microsecond=self._at)


class Scheduler:
    """Runs the jobs, each at most once at a time; one that fails never stops the next."""

    def __init__(
        self,
        jobs: Sequence[Job],
        stop: threading.Event,
        *,
        failed: Callable[[str, Exception], None],
        done: Callable[[str], None] = lambda name: None,
        pulse: Pulse | None = None,
    ) -> None:
        self._pulse = pulse or Pulse()
        self._failed, self._done = failed, done
        self._stop = stop
        self._change = threading.Condition()
        self._running: set[str] = set()
        self._advanced = {job.name: time.monotonic() for job in jobs}
        self._scheduler: Any = BackgroundScheduler(
            timezone="UTC",
            executors={"default": ThreadPoolExecutor(max(1, len(jobs)))},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        now = datetime.now(UTC)
        for job in jobs:
            first = now + timedelta(seconds=job.first)
            at = AFTER_SECOND + job.first % 0.9 if job.every >= 1 else None
            self._scheduler.add_job(self._run, Every(job.every, at=at), (job,), id=job.name, next_run_time=first)

    def start(self) -> None:
        """Begin."""
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._scheduler.start()

    def stop(self) -> None:
        """Begin no job any more; those that are running see the stop event."""
        self._scheduler.shutdown(wait=False)

    def realign(self) -> None:
        """Let every job run now: the clock was set, and what was planned by it means nothing any more."""
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=datetime.now(UTC))
        self._scheduler.wakeup()

    def wakeup(self) -> None:
        """Let the scheduler look at the clock, in case that it waits for a time that will not come."""
        self._scheduler.wakeup()

    def silent_for(self, name: str) -> float:
        """Return how many seconds ago a job ended last."""
        return time.monotonic() - self._advanced[name]

    def wait_idle(self, seconds: float) -> bool:
        """Wait until no job runs, at most so long; return whether that is so."""
        with self._change:
            return self._change.wait_for(lambda: not self._running, max(0.0, seconds))

    def _run(self, job: Job) -> None:
        with self._change:
            if self._stop.is_set():
                return
            self._running.add(job.name)
        try:
            with self._pulse.working(f"job {job.name}"):
                job.act()
        except Exception as error:
            self._failed(job.name, error)
        else:
            self._done(job.name)
        finally:
            self._advanced[job.name] = time.monotonic()
            with self._change:
                self._running.discard(job.name)
                self._change.notify_all()
