"""The jobs: what is looked at again and again. Each finds out what is due and hands it to the crew, or says how it is.

To add one, append a `Job` to `all`: it is called every so many seconds, by a thread of its own.
"""

from __future__ import annotations

import logging
import math
import os
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from calsyncctl.connections.disconnect import retry_partings
from calsyncctl.connections.refreshing import idle_accounts
from calsyncctl.daemon import nights, presence
from calsyncctl.daemon.outlook import stretch_now
from calsyncctl.daemon.pace import FALLS, longest_wait
from calsyncctl.daemon.pulse import bound_for
from calsyncctl.daemon.rounds import Rounds
from calsyncctl.daemon.same_program import SameProgram
from calsyncctl.daemon.wishes import Kind, Task
from calsyncctl.errors import CalsyncError, NeedsReauth
from calsyncctl.health.needs import Need, needs
from calsyncctl.health.snapshot import take
from calsyncctl.model.account import AccountState
from calsyncctl.store import accounts
from calsyncctl.store.db import Store
from calsyncctl.store.due import count_unsent, draw_near, due_calendars, taking_part
from calsyncctl.store.room import check_room

if TYPE_CHECKING:
    import threading

    from calsyncctl.daemon.channels import ChannelKeeper
    from calsyncctl.daemon.crew import Crew
    from calsyncctl.daemon.hints import Hints
    from calsyncctl.daemon.http import Port
    from calsyncctl.daemon.notify import Notify
    from calsyncctl.daemon.once import Once
    from calsyncctl.daemon.parts import Parts
    from calsyncctl.daemon.scheduler import Job
    from calsyncctl.daemon.stand import Stand
    from calsyncctl.daemon.work import Works

_log = logging.getLogger("calsyncctl.daemon")

TICK = 1.0
HEARTBEAT = 10.0
"""Seconds between two signs of life, at most; a third of systemd's watchdog if that is shorter."""
STUCK = 30.0
"""Seconds without a tick, or a look at the store's version, after which the watchdog is fed no more."""
HANGS = "the daemon hangs"
CURE = "The daemon is to be started again; systemd does it by itself."
ENDS_BY_ITSELF = "The daemon is to be started again; it ends by itself soon."
"""The same where no watchdog of systemd's waits for it."""
FIRST_PASS = 90.0
"""Seconds that systemd is asked for, again and again, until the first pass is done."""
ENDS = "sign-in-ends"
PORT = "the daemon's port"
CONFIGURATION = "the configuration"
PUSH = "push"
OF_SIGN_INS = {ENDS, NeedsReauth.kind}
"""What `status` calls a need, and the log tells as well: once each."""


class Host(Protocol):
    """What the jobs need of the daemon that they belong to (`run.Daemon`)."""

    parts: Parts
    works: Works
    crew: Crew
    channels: ChannelKeeper
    hints: Hints
    port: Port
    notify: Notify
    stand: Stand
    once: Once
    stop: threading.Event

    def end(self, error: CalsyncError) -> None:
        """End the daemon with an error."""

    def hears_of_hanging(self, hangs: str | None) -> None:
        """Hear what hangs, if anything does."""

    def failed_store(self, error: CalsyncError) -> None:
        """Tell that the store cannot be used."""

    def well_store(self) -> None:
        """Tell that it can be used again."""


class Jobs:
    """The jobs of one daemon, and what they remember."""

    def __init__(self, daemon: Host) -> None:
        self._daemon = daemon
        self._parts = daemon.parts
        self._same_program = SameProgram()
        self._untried: set[int] | None = None
        """Calendars that were due at the start and have not been tried yet; None: nobody has looked."""
        self._begun: dict[int, int] = {}
        """When the comparison of calendars was begun last."""
        self._rounds = Rounds(random.random)
        self._stretch = 1.0
        self._planned: float | None = None
        """The largest stretch with which polls were planned that may still be to come; None: of an earlier life."""
        self._ending: set[str] = set()
        """Places of sign-ins that end and were warned about."""
        self._names: tuple[str, ...] = ()
        """Those of the jobs, under which their trouble is told."""
        self.silent_for: Callable[[str], float] = lambda name: 0.0
        self.waker_silent_for: Callable[[], float] = lambda: 0.0
        self.watch_silent_for: Callable[[], float] = lambda: 0.0
        self._beat = self._parts.clock.monotonic()
        self._woke = -math.inf
        """When the process as a whole, which had stood still, went on."""

    def all(self) -> list[Job]:
        """Return them all."""
        from calsyncctl.daemon.housekeeping import housekeeping  # noqa: PLC0415
        from calsyncctl.daemon.scheduler import Job  # noqa: PLC0415

        watchdog = self._daemon.notify.watchdog
        beat = min(HEARTBEAT, watchdog / 3) if watchdog else HEARTBEAT
        jobs = [
            Job("tick", TICK, self.tick),
            Job("heartbeat", min(beat, TICK) if watchdog and watchdog < 3 * TICK else beat, self.heartbeat, 0.5),
            Job("port", TICK, self.port),
            Job("channels", TICK, self.channels, 1.0),
            Job("pace", 60.0, self.pace, 1.0),
            Job("partings", 60.0, self.partings, 5.0),
            Job("reconcile", 60.0, self.reconcile, 5.0),
            Job("sign-ins", 900.0, self.sign_ins, 1.0),
            Job("lists", 60.0, self.lists, 5.0),
            Job("housekeeping", 3600.0, lambda: housekeeping(self._parts, self._daemon.stop), 120.0),
        ]
        self._names = tuple(job.name for job in jobs)
        return jobs

    def tick(self) -> None:
        """Have every calendar that is due synced, and sent what still waits."""
        if self._parts.enabled and not self._daemon.works.resting:
            store, now = self._parts.store(), self._parts.clock.now()
            if (other := self._same_program.fault(store)) is not None:
                self._daemon.end(other)
            by_account: dict[int, list[int]] = {}
            due = due_calendars(store, now)
            if self._untried is None:
                self._untried = {calendar_id for _, calendar_id in due}
            for account_id, calendar_id in due:
                by_account.setdefault(account_id, []).append(calendar_id)
            for account_id, calendar_ids in by_account.items():
                self._daemon.crew.want(Kind.SYNC, account_id, calendar_ids)
            self.push(store)
        self._say_ready()

    def tried(self, task: Task) -> None:
        """Note that calendars have had their turn, however it went."""
        if self._untried and task.kind is Kind.SYNC:
            self._untried -= set(task.calendar_ids)
            self._say_ready()

    def push(self, store: Store) -> None:
        """Have sent what was written here: called soon after every commit."""
        if not self._parts.enabled or self._daemon.works.resting:
            return
        for account_id, calendar_ids in self._daemon.works.unsent(store, self._parts.clock.now()):
            self._daemon.crew.want(Kind.PUSH, account_id, calendar_ids, again=True)

    def pace(self) -> None:
        """Stretch the intervals between polls where the quota day would not last; say it when that begins and ends."""
        run, now = self._parts.run, self._parts.clock.now()
        factor = stretch_now(self._parts.store(), run.client_key, run.limits, now)
        if factor > 1 >= self._stretch:
            _log.info("polls are stretched (%.1f times), so that the day's quota lasts", factor)
        elif self._stretch > 1 >= factor:
            _log.info("polls are not stretched any more")
        self._stretch = factor
        self._daemon.works.stretch = lambda: factor
        self._draw_near(factor, now)

    def _draw_near(self, factor: float, now: int) -> None:
        """Let nothing wait as if the day were still short: a new one began, or this daemon did."""
        if self._planned is not None and factor >= FALLS * self._planned:
            self._planned = max(self._planned, factor)
            return
        store = self._parts.store()
        with store.write():
            draw_near(store, now, polled=longest_wait(factor, channel=False), told=longest_wait(factor, channel=True))
        self._planned = factor

    def port(self) -> None:
        """Have the daemon's port open, if one is set; without it everything else goes on."""
        wanted, port = self._parts.settings.daemon.port, self._daemon.port
        before = self._daemon.once.sentences(PORT)
        try:
            port.keep(wanted)
        except ModuleNotFoundError as error:
            self._daemon.once.say(PORT, "missing", f"{error.name} is missing: pip install 'calsyncctl[daemon]'")
        except OSError as error:
            why = os.strerror(error.errno) if error.errno else error
            trouble = f"127.0.0.1:{wanted} cannot be opened ({why}): no page, no push; it is tried again"
            self._daemon.once.say(PORT, "taken", trouble)
        else:
            self._say_port(wanted)
        self._daemon.channels.listening = port.number > 0
        if self._daemon.once.sentences(PORT) != before:
            self.heartbeat()

    def _say_port(self, number: int) -> None:
        """Say that a public address is of no use without a port behind it."""
        if self._parts.settings.daemon.public_url and not number:
            sentence = "daemon.public_url is set, and no port: no push. Type: calsyncctl config set daemon.port 8750"
            self._daemon.once.say(PORT, "none", sentence)
        else:
            self._daemon.once.well(PORT)

    def channels(self) -> None:
        """Have push channels opened, renewed and stopped, and pulled what was told and is not here yet."""
        self._daemon.channels.look(self._daemon.crew)
        self.hints(flood=True)

    def hints(self, *, flood: bool = False) -> None:
        """Have pulled what Google told of; while nothing may be begun, it waits."""
        if self._parts.enabled and not self._daemon.works.resting:
            self._daemon.hints.wish(self._daemon.crew, flood=flood)

    def heartbeat(self) -> None:
        """Tell systemd and `daemon status` how it stands, and feed the watchdog if the others live."""
        stand, notify = self._daemon.stand, self._daemon.notify
        self._notice_a_pause()
        self._notice_well_again()
        hangs = self._hangs()
        self._daemon.hears_of_hanging(hangs)
        now = self._parts.clock.now()
        notes = self._daemon.once.sentences(PORT, CONFIGURATION, PUSH, *self._names)
        told = stand.note(at=now, enabled=self._parts.enabled, hangs=hangs, notes=notes, **self._counts())
        presence.tell(self._parts.paths, told)
        notify.status(_status(told, self._parts.why_off))
        if hangs is None:
            notify.alive()
            if not told.ready:
                notify.starting(FIRST_PASS)
        if told.ready:
            notify.ready(again=True)
        self._say_ready()

    def hangs(self) -> str | None:
        """Say what does not advance any more, if anything: then the daemon is to be started again."""
        awake = self._parts.clock.monotonic() - self._woke
        silence = min(awake, max(self.silent_for("tick"), self.waker_silent_for(), self.watch_silent_for()))
        if silence >= STUCK:
            return f"Nothing has moved for {silence:.0f} seconds. {self._cure}"
        longest = self._parts.pulse.longest()
        seconds = min(awake, longest.seconds) if longest else 0.0
        if longest is None or seconds < bound_for(self._daemon.notify.watchdog):
            return None
        return f"The {longest.what} gives no sign of life for {seconds:.0f} seconds. {self._cure}"

    @property
    def _cure(self) -> str:
        return ENDS_BY_ITSELF if self._daemon.notify.watchdog is None else CURE

    def _notice_a_pause(self) -> None:
        """Notice that the whole process stood still (a signal, a paused machine): then nothing hangs for that."""
        before, self._beat = self._beat, self._parts.clock.monotonic()
        if self._beat - before >= STUCK:
            self._woke = self._beat
            _log.info("the daemon stood still for %d seconds", self._beat - before)

    def _notice_well_again(self) -> None:
        """Try a store that was in trouble: a pass, which would notice, may not come for an hour."""
        if self._daemon.stand.told.trouble is None or self._daemon.works.resting:
            return
        with suppress(CalsyncError), self._parts.open_store() as store:
            check_room(store, self._parts.clock.now())
            self._daemon.well_store()

    def _hangs(self) -> str | None:
        """Say the same, and to the log once, with where in the program it is."""
        hangs = self.hangs()
        if hangs is None:
            self._daemon.once.well(HANGS)
        elif HANGS not in self._daemon.once.wrongs:
            self._daemon.once.say(HANGS, "hangs", hangs)
            _log.error("what works the longest is here:\n%s", self._parts.pulse.where())
        return hangs

    def _counts(self) -> dict[str, int]:
        """Count what the store can tell; while it cannot be read, what was known stays, and the daemon lives."""
        try:
            store = self._parts.store()
            return {"calendars": len(taking_part(store)), "waiting": count_unsent(store)}
        except CalsyncError as error:
            self._parts.drop_store()
            self._daemon.failed_store(error)
            return {}

    def partings(self) -> None:
        """Finish disconnects that Google has not confirmed yet."""
        if not self._parts.enabled or self._daemon.works.resting:
            return
        for parted in retry_partings(self._parts.holding_means()):
            place = f"disconnecting {parted.account.email}"
            if parted.done:
                self._daemon.once.well(place)
                _log.info("%s: done", place)
            else:
                self._daemon.once.say(place, "waiting", parted.why)

    def reconcile(self) -> None:
        """Have the calendars compared whose hour of the night has come."""
        if not self._parts.enabled:
            return
        now, zone = self._parts.clock.now(), self._parts.run.zone()
        instance = self._parts.settings.instance
        for account_id, calendar_id, last in taking_part(self._parts.store()):
            name, begun = f"{instance}:{calendar_id}", self._begun.get(calendar_id)
            if nights.is_due(name, last, now, zone, begun=begun):
                self._begun[calendar_id] = now
                self._daemon.crew.want(Kind.RECONCILE, account_id, [calendar_id])

    def lists(self) -> None:
        """Have the lists of calendars read whose daily turn it is."""
        if self._parts.enabled:
            active = accounts.list_accounts(self._parts.store(), states=[AccountState.ACTIVE])
            for account_id in self._rounds.due([one.id for one in active], self._parts.clock.now()):
                self._daemon.hints.come_list(account_id)

    def sign_ins(self) -> None:
        """Refresh the accounts that nobody uses, and warn once of sign-ins that end."""
        if not self._parts.enabled:
            return
        store, now = self._parts.store(), self._parts.clock.now()
        for account in idle_accounts(store, now):
            self._daemon.crew.want(Kind.REFRESH, account.id)
        facts = take(store, now)
        ids = {one.email: one.id for one in accounts.list_accounts(store)}
        found = [one for one in needs(facts) if one.kind in OF_SIGN_INS and one.account in ids]
        for one in found:
            self._daemon.once.say(_place_of(one, ids), one.kind, f"{one.what} {one.what_to_do}")
        ending = {_place_of(one, ids) for one in found if one.kind == ENDS}
        for place in self._ending - ending:
            self._daemon.once.forget(place)
        self._ending = ending

    def _say_ready(self) -> None:
        """Be ready once what was due at the start has been tried."""
        waiting = self._parts.enabled and (self._untried is None or len(self._untried) > 0)
        if waiting or not self._daemon.stand.become_ready():
            return
        presence.tell(self._parts.paths, self._daemon.stand.told)
        self._daemon.notify.ready()
        _log.info("ready: the first pass is done")


def _place_of(need: Need, ids: Mapping[str, int]) -> str:
    """Name the place as work on the account does, so that a dead sign-in is told once, whoever notices it first."""
    place = f"account #{ids[need.account or '']}"
    return f"{place}, its sign-in" if need.kind == ENDS else place


def _status(told: presence.Told, off: str | None) -> str:
    if off is not None:
        return f"off: {off}"
    if told.wrong:
        return told.wrong
    last = datetime.fromtimestamp(told.last_pass, UTC).strftime("%H:%M:%S UTC") if told.last_pass else "none yet"
    return f"{told.calendars} calendars, {told.waiting} changes waiting, last pass {last}"
