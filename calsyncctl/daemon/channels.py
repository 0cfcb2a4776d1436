"""Push channels, as the daemon keeps them: looked at every few seconds, worked on by the crew, stopped at the end."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from calsyncctl.connections.channels import keep_channels, stop_all, to_do
from calsyncctl.daemon.http import PUSH
from calsyncctl.daemon.once import Once
from calsyncctl.daemon.parts import Parts
from calsyncctl.daemon.wishes import Kind
from calsyncctl.errors import CalsyncError, StoreFault
from calsyncctl.model.account import Account
from calsyncctl.store import accounts
from calsyncctl.store.channels import Target, ask_told_of, count_silent, list_channels, mark, mark_heard
from calsyncctl.store.db import Store

if TYPE_CHECKING:
    from calsyncctl.daemon.crew import Crew

_log = logging.getLogger("calsyncctl.daemon")

WHOLE_LOOK = 60
"""Seconds after which everything is compared though nothing seems to have changed: tenths of a second for 10,000."""
AT_ONCE = 20
"""Channels that are opened and stopped before something more urgent may come between."""
FIRST_PAUSE = 15.0
LONGEST_PAUSE = 900.0
"""Seconds between two tries with an account where they fail."""
FOR_STOPPING = 1.5
"""Seconds at the daemon's end for stopping channels; what is left ends by itself."""


@dataclass(slots=True)
class _Trouble:
    pause: float
    until: float
    failed: set[Target]
    """What failed: it comes last at the next try."""


class ChannelKeeper:
    """Knows what is to be done, and who failed lately."""

    def __init__(self, parts: Parts, once: Once) -> None:
        self._parts = parts
        self._once = once
        self._guard = threading.Lock()
        self._greeted: set[str] = set()
        self._trouble: dict[int, _Trouble] = {}
        self._began = False
        self._in_step: tuple[str, tuple[int, ...], int] | None = None
        """When nothing was to be done at once last: for which address, and what marked the store."""
        self.listening = False
        """Whether the port is open: without it no channel is of use."""

    @property
    def address(self) -> str:
        """Where Google sends its messages; empty: nowhere, polls only."""
        base = self._parts.settings.daemon.public_url.rstrip("/")
        return f"{base}{PUSH}" if base and self.listening else ""

    @property
    def public_host(self) -> str:
        """The name in that address."""
        return urlsplit(self._parts.settings.daemon.public_url).hostname or ""

    def look(self, crew: Crew) -> None:
        """Note which channels were heard, and have done what is to be done."""
        if not self._parts.enabled:
            self._began = False  # what is told meanwhile is asked for once it may be
            return
        store, now = self._parts.store(), self._parts.clock.now()
        if not self._began:
            with store.write():
                ask_told_of(store, now)
            self._began = True
        self._note_greeted(store, now)
        if self._is_in_step(store, now):
            return
        address = self.address
        accounts_to_do = to_do(store, address, now).accounts
        for account_id in self._trouble.keys() - accounts_to_do:
            self._trouble.pop(account_id, None)
        ripe = accounts_to_do - self._pausing()
        for account_id in ripe:
            crew.want(Kind.WATCH, account_id)
        self._in_step = (address, mark(store), now) if not ripe else None
        self._say_silence(store, now)

    def _pausing(self) -> set[int]:
        """Return the accounts that failed lately and wait for their next try."""
        now = self._parts.clock.monotonic()
        return {account_id for account_id, one in self._trouble.copy().items() if one.until > now}

    def _note_greeted(self, store: Store, now: int) -> None:
        """Note which channels were heard; while the store cannot be written, they wait: each is greeted once only."""
        with self._guard:
            greeted = set(self._greeted)
        if greeted:
            with store.write():
                mark_heard(store, greeted, now)
            with self._guard:
                self._greeted -= greeted

    def _is_in_step(self, store: Store, now: int) -> bool:
        """Tell whether nothing has changed since nothing was to be done at once, not longer than a minute ago."""
        if self._in_step is None or self._pausing() != self._trouble.keys():
            return False
        address, numbers, at = self._in_step
        return 0 <= now - at < WHOLE_LOOK and address == self.address and numbers == mark(store)

    def greeted(self, channel_id: str) -> None:
        """Hear that a channel's messages arrive; noted at the next look: an answer must not wait for the store."""
        with self._guard:
            self._greeted.add(channel_id)

    def work(self, account: Account) -> None:
        """Do what is to be done for one account, which the caller holds."""
        place = f"push channels of {account.email}"
        before = self._trouble.get(account.id)
        pause = min(LONGEST_PAUSE, 2 * before.pause) if before else FIRST_PAUSE
        failed = before.failed if before else set()
        # unless it goes well
        self._trouble[account.id] = _Trouble(pause, self._parts.clock.monotonic() + pause, failed)
        try:
            kept = keep_channels(self._parts.means(), account.id, self.address, most=AT_ONCE, failed=failed)
        except StoreFault:
            raise  # of the whole daemon
        except CalsyncError as error:
            self._once.wrong(place, error)
            return
        self._trouble.pop(account.id, None)
        self._once.well(place)
        if kept.opened or kept.stopped:
            _log.info("%s: %d opened, %d stopped", place, kept.opened, kept.stopped)
        for name in kept.untold:
            _log.info("“%s” of %s is polled: Google tells nothing of its changes", name, account.email)

    def stop(self, seconds: float) -> bool:
        """Stop every account's channels at once, within so many seconds; return whether all were asked about."""
        store = self._parts.store()
        ids = {one.account_id for one in list_channels(store) if one.living}
        threads = [
            threading.Thread(target=self._stop_one, args=(account,), name=f"stop-{account.id}", daemon=True)
            for account in accounts.list_accounts(store)
            if account.id in ids
        ]
        deadline = self._parts.clock.monotonic() + min(seconds, FOR_STOPPING)
        for one in threads:
            one.start()
        for one in threads:
            one.join(max(0.0, deadline - self._parts.clock.monotonic()))
        return not any(one.is_alive() for one in threads)

    def _stop_one(self, account: Account) -> None:
        try:
            with self._parts.hold_account(account, "stop channels"):
                stopped = stop_all(self._parts.means(), account)
            _log.info("push channels of %s: %d stopped", account.email, stopped)
        except CalsyncError as error:
            _log.debug("the channels of account #%d are left: %s", account.id, error.what)
        finally:
            self._parts.drop_store()

    def _say_silence(self, store: Store, now: int) -> None:
        """Say once that Google's messages do not arrive: then everything is polled as if there were no channels."""
        if count_silent(store, now):
            sentence = f"no message of Google's arrives at {self.address}: calendars are polled. See docs/push.md."
            self._once.say("push", "silent", sentence)
        else:
            self._once.well("push")
