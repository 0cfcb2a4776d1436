"""The daemon's life: it takes the profile's lock, starts its threads, watches clock and signals, and ends in order.

The main thread does nothing but watch, so that a signal is heard at once; the jobs are in `jobs.py`.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

from calsyncctl import __version__
from calsyncctl.clock import SystemClock
from calsyncctl.daemon import presence
from calsyncctl.daemon.answers import Answers
from calsyncctl.daemon.channels import ChannelKeeper
from calsyncctl.daemon.clockwatch import STEP, ClockWatch, asleep_before
from calsyncctl.daemon.crew import Crew
from calsyncctl.daemon.hints import Hints
from calsyncctl.daemon.http import Application, Port
from calsyncctl.daemon.jobs import CONFIGURATION, Jobs
from calsyncctl.daemon.notify import Notify
from calsyncctl.daemon.once import Once, bug
from calsyncctl.daemon.parts import Parts
from calsyncctl.daemon.same_program import newer_store
from calsyncctl.daemon.signals import CAUGHT, Signals
from calsyncctl.daemon.stand import Stand
from calsyncctl.daemon.waking import Waker
from calsyncctl.daemon.webhook import Webhook
from calsyncctl.daemon.wishes import Task
from calsyncctl.daemon.work import Works
from calsyncctl.errors import CalsyncError, ConfigFault, Later, StoreFault
from calsyncctl.logs import daemon_log
from calsyncctl.model.channel import Channel
from calsyncctl.runtime import Runtime
from calsyncctl.store.db import Store
from calsyncctl.store.due import clock_was_ahead, clock_went_back
from calsyncctl.store.faults import is_damaged, may_pass
from calsyncctl.store.upgrade import NewerStore

if TYPE_CHECKING:
    from calsyncctl.daemon.scheduler import Scheduler

_log = logging.getLogger(__name__)

WATCH = 1.0
"""Seconds between two looks of the main thread at the clock and at the configuration."""
GRACE = 4.0
"""Seconds for what is going on to end after SIGTERM; a request without an answer is then left behind."""
PATIENCE = 0.5
"""Seconds that the main thread waits for the store at most, while it hears no signal."""
AT_LAST = 0.7
"""Seconds after these until the process ends whatever holds it up: a log that nobody reads, a disk that hangs."""
HANGS_FOR = 90.0
"""Seconds that something hangs until the daemon ends by itself, so that whoever watches over it starts it again: as
long as systemd's watchdog waits in the unit, which does the same."""
FOR_QUOTA = 1.0
"""Seconds at the end for giving back what was leased of the quota: else a block or two count as spent."""
FAILED = 1
INTERRUPTED = 130


class Daemon:
    """One profile's daemon, for one run."""

    def __init__(self, run: Runtime) -> None:
        self.stop = threading.Event()
        self.clock = SystemClock(self.stop)
        self.parts = Parts(run, self.clock)
        self.notify = Notify(run.environ)
        self.signals = Signals()
        self.once = Once(logging.getLogger("calsyncctl.daemon"))
        self.stand = Stand(since=self.clock.now())
        self.hints = Hints(self.clock.monotonic)
        self.channels = ChannelKeeper(self.parts, self.once)
        self.works = Works(
            self.parts,
            self.once,
            self.channels,
            self.hints,
            tried=self._tried,
            ended=self._ended,
            fatal=self.failed_store,
        )
        self.crew = Crew(self.works, self.parts.pulse)
        self.jobs = Jobs(self)
        self.webhook = Webhook(self.parts.store, self._hinted, self.channels.greeted, self.parts.drop_store)
        answers = Answers(self.parts, self.stand, self.once, self.jobs, self.webhook)
        self.port = Port(Application(answers.routes(), lambda: self.channels.public_host))
        self._waker = Waker(self.parts.open_store, self.jobs.push, self._waking_failed, self.stop)
        self._looked = time.monotonic()
        """When the main thread looked last."""
        self._behind = 0
        """Seconds that the clock was set back by and that the store has not been told of yet."""
        self._asked_before = False
        """Whether the store has been asked if the clock was set back before this daemon began."""
        self._hangs_since: float | None = None
        self._ending: CalsyncError | None = None
        self._code = 0

    def run(self) -> int:
        """Work until a signal comes or it cannot go on; return the exit code.

        Raises:
            Later: another daemon holds the profile, or the program was replaced by another version.
            StoreFault: the store is damaged, or gone.
        """
        run = self.parts.run
        log = daemon_log(run.paths, verbose=run.flags.verbose, environ=run.environ)
        with self.signals.caught(), presence.hold(run.paths), log:
            with self.notify.patient():
                self._look_at_the_store()
            from calsyncctl.daemon.scheduler import Scheduler  # noqa: PLC0415  (apscheduler)

            scheduler = Scheduler(
                self.jobs.all(), self.stop, failed=self._job_failed, done=self.once.well, pulse=self.parts.pulse
            )
            self.jobs.silent_for = scheduler.silent_for
            self.jobs.waker_silent_for = lambda: self._waker.silent_for
            self.jobs.watch_silent_for = lambda: time.monotonic() - self._looked
            _log.info("calsyncctl %s begins (pid %d, profile %s)", __version__, os.getpid(), self.parts.paths.profile)
            self.crew.resize(self.parts.settings.sync.workers)
            scheduler.start()
            self._waker.start()
            try:
                self._watch(scheduler)
            except Exception:
                _log.exception("bug in the main thread: the daemon ends")
                self._code = FAILED  # whatever started it starts it again
            finally:
                self._end(scheduler)
        if self._ending is not None:
            raise self._ending
        return self._code

    def end(self, error: CalsyncError) -> None:
        """End with an error; from any thread."""
        self._ending = self._ending or error
        self.signals.ring()

    def hears_of_hanging(self, hangs: str | None) -> None:
        """Hear what hangs, if anything does; end what hangs for long, unless systemd's watchdog sees to that.

        Told by the heartbeat and by the main thread, as each may be what hangs.
        """
        if hangs is None or self.notify.watchdog is not None:
            self._hangs_since = None
            return
        self._hangs_since = self._hangs_since or time.monotonic()
        if time.monotonic() - self._hangs_since >= HANGS_FOR and self._ending is None:
            _end_at_last(2 * GRACE, self._exit_code)
            self.end(Later(hangs, "It ended by itself: start the daemon again."))

    def failed_store(self, error: CalsyncError) -> None:
        """Tell that the store cannot be used: a damaged or newer one ends the daemon, everything else may pass."""
        if isinstance(error, NewerStore):  # a thread may open its own before the tick has looked
            self.end(newer_store())
            return
        self.stand.note(trouble=error.what)
        self.once.wrong("store", error)
        if is_damaged(error):
            self.end(error)

    def well_store(self) -> None:
        """Tell that the store can be used again."""
        self.stand.note(trouble=None)
        self.once.well("store")

    # The main thread

    def _watch(self, scheduler: Scheduler) -> None:
        watch, asleep = ClockWatch(time.time(), time.monotonic()), asleep_before()
        while self._ending is None:
            self._looked = time.monotonic()
            self.hears_of_hanging(self.jobs.hangs())
            for number in self.signals.wait(WATCH):
                if number == signal.SIGHUP:
                    self._reload()
                else:
                    self._code = INTERRUPTED if number == signal.SIGINT else 0
                    return
            if (other := self.parts.same_store.fault()) is not None:
                self.end(other)
                return
            step = watch.step(time.time(), time.monotonic())
            if step:
                slept, asleep = asleep_before() - asleep, asleep_before()
                self._clock_set(step, slept=slept)
            self._catch_up()
            if step:
                scheduler.realign()
            scheduler.wakeup()
            if self.parts.config_changed():
                self._reread()

    def _catch_up(self) -> None:
        """Take waiting times along with a clock that was set back; while somebody else writes, at the next look."""
        if self._asked_before and not self._behind:
            return
        try:
            store = self.parts.store()
            if not self._asked_before:
                self._ask_of_before(store)
            if self._behind:
                store.wait_at_most(PATIENCE)
                with store.write():
                    clock_went_back(store, self._behind)
                self._behind = 0
        except CalsyncError as error:
            self.once.wrong("store", error)

    def _look_at_the_store(self) -> None:
        """Open the store: what is wrong with it for good is told before anything begins, a full disk is waited for."""
        try:
            self._ask_of_before(self.parts.store())
        except StoreFault as error:
            if not may_pass(error):
                raise
            self.failed_store(error)

    def _ask_of_before(self, store: Store) -> None:
        """Let nothing wait for a clock that was set back before this daemon began."""
        store.wait_at_most(PATIENCE)
        try:
            with store.write():
                ahead = clock_was_ahead(store, self.clock.now())
        except Later:  # somebody is writing
            return
        self._asked_before = True
        if ahead > STEP:
            _log.warning("the clock went back by %d seconds while no daemon ran", ahead)

    def _clock_set(self, step: float, *, slept: float = 0.0) -> None:
        if slept > STEP:
            _log.info("the machine slept for %d seconds", slept)
        if abs(step - max(0.0, slept)) > STEP:
            _log.warning("the clock went %s by %d seconds", "forward" if step > 0 else "back", abs(step))
        if step > 0:  # it may have slept: whoever was connected has forgotten it, and would be waited for in silence
            self.parts.run.drop_connections()
        else:
            self._behind -= round(step)

    def _reload(self) -> None:
        ready = self.stand.told.ready  # before, nothing was ready that could be so again
        if ready:
            self.notify.reloading()
        self.parts.config_changed()
        self.once.forget(CONFIGURATION)  # somebody asks, and is answered
        self._reread()
        if ready:
            self.notify.ready()

    def _reread(self) -> None:
        """Take a new configuration; a broken one leaves the old in force."""
        was_enabled = self.parts.enabled
        try:
            self.parts.reread()
        except ConfigFault as error:
            sentence = f"{error.what} The one from before stays in force. {error.what_to_do}"
            self.once.say(CONFIGURATION, error.what, sentence)
            self.jobs.heartbeat()
            return
        self.once.well(CONFIGURATION)
        _log.info("the configuration was read again")
        if was_enabled and not self.parts.enabled:
            _log.warning("%s: nothing is done until that is mended", self.parts.why_off)
            self.crew.call_off()
        elif self.parts.enabled and not was_enabled:
            _log.info("sync.enabled is true again: the work goes on")
        self.crew.resize(self.parts.settings.sync.workers)
        self.jobs.heartbeat()

    def _end(self, scheduler: Scheduler) -> None:
        """End what is going on, and, where an answer does not come in time, the process under it.

        Nothing is half-said: what was sent without an answer is noted in the store before it leaves, and is read
        before it is written again.
        """
        deadline = time.monotonic() + GRACE
        at_last = _end_at_last(GRACE + AT_LAST, self._exit_code)
        self.notify.stopping()
        self.stop.set()
        self.crew.stop()
        scheduler.stop()
        idle = self.crew.wait_idle(deadline - time.monotonic()) and scheduler.wait_idle(deadline - time.monotonic())
        idle = idle and self._stop_channels(deadline - time.monotonic())
        self.port.close()
        _log.info("ends%s", "" if idle else ", leaving behind what got no answer")
        if idle:
            self.parts.close(within=min(FOR_QUOTA, deadline - time.monotonic()))
        self.parts.drop_store()
        if not idle:
            self._leave()
        at_last.cancel()

    def _leave(self) -> NoReturn:
        """End the process under what still goes on: threads of a pool would be waited for, a minute or longer."""
        if self._ending is not None:
            _log.error("%s %s", self._ending.what, self._ending.what_to_do)
        presence.forget(self.parts.paths)
        logging.shutdown()
        os._exit(self._exit_code())

    def _exit_code(self) -> int:
        return self._code if self._ending is None else self._ending.exit_code

    def _stop_channels(self, seconds: float) -> bool:
        try:
            return self.channels.stop(seconds)
        except CalsyncError as error:
            _log.debug("no channel is stopped: %s", error.what)
            return True

    # Told by other threads

    def _hinted(self, channel: Channel) -> None:
        self.hints.come(channel)
        self.jobs.hints()

    def _tried(self, task: Task) -> None:
        self.jobs.tried(task)

    def _ended(self) -> None:
        self.stand.passed(self.clock.now())
        if self.once.wrongs.get("store"):
            self.well_store()
            self.jobs.heartbeat()

    def _waking_failed(self, error: CalsyncError | Exception) -> None:
        if isinstance(error, StoreFault | Later):
            self.failed_store(error)
        else:
            _log.error("bug in the waker", exc_info=error)

    def _job_failed(self, name: str, error: Exception) -> None:
        self.parts.drop_store()
        if isinstance(error, StoreFault):
            self.failed_store(error)
        elif isinstance(error, CalsyncError):
            self.once.wrong(name, error)
        else:
            _log.error("bug in the job %s", name, exc_info=error)
            self.once.wrong(name, bug(error))


def run_daemon(run: Runtime) -> int:
    """Run a profile's daemon in the foreground, and return the exit code; see `Daemon.run` for what it raises."""
    os.umask(0o077)
    _keep_memory_off_the_disk()
    code = FAILED
    try:
        code = Daemon(run).run()
    except CalsyncError as error:
        code = error.exit_code
        raise
    finally:
        for number in CAUGHT:
            signal.signal(number, signal.SIG_IGN)  # it ends already: who asks twice does not cut that off
        _end_at_last(GRACE, lambda: code)
    return code


def _end_at_last(seconds: float, code: Callable[[], int]) -> threading.Timer:
    """End the process after so many seconds, without a word: what would say it may be what holds it up."""
    timer = threading.Timer(seconds, lambda: os._exit(code()))
    timer.daemon = True
    timer.start()
    return timer


def _keep_memory_off_the_disk() -> None:
    """Let no core be dumped: it holds secrets and events in clear, and the watchdog ends a daemon that hangs so."""
    with contextlib.suppress(ImportError, OSError, ValueError):  # not on Windows; perhaps not allowed
        import resource  # noqa: PLC0415

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
