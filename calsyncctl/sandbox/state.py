"""What the sandbox knows: accounts, calendars, and events with their change logs.

Every change takes a new *serial* of its list (a calendar's events, an account's calendar list). A sync token holds a
serial, and what changed since is what the change log names after it: so a poll without news costs nothing.
Nothing is ever removed: a deleted event stays as a tombstone, and its id stays taken, as at Google.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from calsyncctl.sandbox.clock import Clock
from calsyncctl.sandbox.refusals import Json, refuse
from calsyncctl.sandbox.switches import Settings
from calsyncctl.sandbox.watching import Channels

RULE = ("start", "end", "recurrence")
ROLES = ("none", "freeBusyReader", "reader", "writerWithoutPrivateAccess", "writer", "owner")


@dataclass(slots=True)
class Event:
    """One event as it lies in one calendar; `body` holds the resource's stored fields, defaults left out."""

    id: str
    body: Json
    created: int = 0
    """Microseconds since 1970, like `updated` and `version`."""
    updated: int = 0
    version: int = 0
    """What the etag is made of; a change of reminders moves it and leaves `updated` alone."""
    serial: int = 0
    ordinal: int = 0
    home: str = ""
    """The calendar whose copy is the organiser's; empty when the organiser lives outside the sandbox."""
    older: Json | None = None
    """Fields that the next listing shows instead, with an `updated` of a minute ago: a stale read."""
    thin: bool = False
    """A tombstone that kept nothing but its id."""
    purged: bool = False
    """A tombstone that Google has forgotten (only the id stays taken)."""
    former: list[Json] = field(default_factory=list)
    """Earlier `start`, `end` and `recurrence`: which occurrences there once were."""
    meet_reads: int = 0
    """How often it was read while its Meet was pending."""
    reminders: dict[str, Json] = field(default_factory=dict)
    """By account: reminders are private to the user who is signed in."""
    rendered: dict[Any, bytes] = field(default_factory=dict)

    def remember_rule(self, before: Json) -> None:
        """Keep the former times of an event whose times or rule changed, for those who follow its occurrences."""
        if any(before.get(name) != self.body.get(name) for name in RULE):
            self.former.append({name: before[name] for name in RULE if name in before})

    @property
    def etag(self) -> str:
        """The entity tag, quotes inside."""
        return f'"{2 * self.version}"'

    @property
    def status(self) -> str:
        """`confirmed`, `tentative` or `cancelled`."""
        return str(self.body.get("status", "confirmed"))

    @property
    def cancelled(self) -> bool:
        """Whether this is a tombstone or a cancelled occurrence."""
        return self.body.get("status") == "cancelled"


@dataclass(slots=True)
class ChangeLog:
    """Which ids changed at which serial, oldest first."""

    serial: int = 0
    serials: list[int] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    epoch: int = 0
    """Raised to kill every sync token given out so far; `page_epoch` does so for page tokens."""
    page_epoch: int = 0

    def note(self, key: str) -> int:
        """Record a change and return its serial."""
        self.serial += 1
        self.serials.append(self.serial)
        self.ids.append(key)
        return self.serial

    def since(self, serial: int) -> list[tuple[int, str]]:
        """Return (serial, id) of every change after this serial, oldest first."""
        at = bisect_right(self.serials, serial)
        return list(zip(self.serials[at:], self.ids[at:], strict=True))


@dataclass(slots=True)
class Calendar:
    """One calendar with its events and its sharing."""

    id: str
    summary: str
    zone: str
    owner: str
    """The e-mail of the account that owns the data; empty for holidays and the like."""
    primary: bool = False
    description: str = ""
    location: str = ""
    deleted: bool = False
    push: bool = True
    created_by_app: bool = False
    acl: dict[str, str] = field(default_factory=dict)
    acl_epochs: dict[str, int] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    order: list[Event] = field(default_factory=list)
    uids: dict[str, str] = field(default_factory=dict)
    """iCalUID → id of the first event that had it, tombstones too."""
    exceptions: dict[str, list[str]] = field(default_factory=dict)
    """Series id → ids of its exceptions and cancelled occurrences."""
    log: ChangeLog = field(default_factory=ChangeLog)
    updated: int = 0
    version: int = 0
    labels: list[Json] = field(default_factory=list)
    """What events of this calendar may be labelled with: id, name, backgroundColor."""

    def role(self, email: str) -> str:
        """Return the access role of an account, `none` without access."""
        return self.acl.get(email) or self.acl.get("default") or "none"

    def epoch(self, email: str) -> int:
        """Return the number that a sync token of this account must carry to be alive."""
        return self.log.epoch + self.acl_epochs.get(email, 0)


@dataclass(slots=True)
class Entry:
    """A calendar in one account's list."""

    calendar_id: str
    version: int = 0
    serial: int = 0
    deleted: bool = False
    fields: Json = field(default_factory=dict)
    """colorId, selected, hidden, summaryOverride, defaultReminders … as set by the user."""


@dataclass(slots=True)
class Account:
    """A Google account of the sandbox."""

    email: str
    sub: str
    name: str
    zone: str = "Europe/London"
    consent: str = "ask"
    grant: list[str] | None = None
    calendar_enabled: bool = True
    entries: dict[str, Entry] = field(default_factory=dict)
    log: ChangeLog = field(default_factory=ChangeLog)


@dataclass(slots=True)
class Pages:
    """Zipped pages ready to be sent again, the least used dropped beyond a number of bytes."""

    most: int = 64 * 1024 * 1024
    total: int = 0
    ready: OrderedDict[Hashable, bytes] = field(default_factory=OrderedDict)

    def get(self, key: Hashable) -> bytes | None:
        """Return a page, None when it is not kept."""
        found = self.ready.get(key)
        if found is not None:
            self.ready.move_to_end(key)
        return found

    def keep(self, key: Hashable, page: bytes) -> None:
        """Keep a page."""
        self.ready[key] = page
        self.total += len(page)
        while self.total > self.most:
            self.total -= len(self.ready.popitem(last=False)[1])


@dataclass(slots=True)
class World:
    """Everything of one running sandbox that Calendar answers come from."""

    clock: Clock = field(default_factory=Clock)
    settings: Settings = field(default_factory=Settings)
    accounts: dict[str, Account] = field(default_factory=dict)
    calendars: dict[str, Calendar] = field(default_factory=dict)
    channels: Channels = field(default_factory=Channels)
    groups: dict[str, list[str]] = field(default_factory=dict)
    """Groups of addresses, for free/busy queries."""
    mails: list[Json] = field(default_factory=list)
    """Mails that would have gone out, for the tests to count."""
    touched: list[str] = field(default_factory=list)
    """Ids of resources that changed since the channels were last told: a calendar id, or `list:` + e-mail."""

    pages: Pages = field(default_factory=Pages)
    snapshots: OrderedDict[str, list[Event]] = field(default_factory=OrderedDict)
    """Rows of sorted or expanded listings that are being paged through."""

    def writable(self, calendar_id: str, email: str) -> Calendar:
        """Find a calendar whose events an account may write; 403 for mere readers."""
        calendar = self.calendar(calendar_id, email)
        if ROLES.index(calendar.role(email)) < ROLES.index("writerWithoutPrivateAccess"):
            raise refuse("requiredAccessLevel")
        return calendar

    def calendar(self, calendar_id: str, email: str, role: str = "freeBusyReader") -> Calendar:
        """Find a calendar for an account; 404 without access, 403 below the role asked for."""
        calendar = self.calendars.get(email if calendar_id == "primary" else calendar_id)
        if calendar is None or calendar.deleted or calendar.role(email) == "none":
            raise refuse("notFound")
        if ROLES.index(calendar.role(email)) < ROLES.index(role):
            raise refuse("requiredAccessLevel", f"You need to have {role} access to this calendar.")
        return calendar

    def touch(self, calendar: Calendar, event: Event, *, quiet: bool = False) -> None:
        """Record that an event changed. `quiet` leaves `updated` alone (reminders only)."""
        now = self.clock.next_micros()
        event.version = now
        if not quiet:
            event.updated = now
        event.serial = calendar.log.note(event.id)
        event.rendered.clear()
        calendar.updated = now
        self.touched.append(calendar.id)

    def add(self, calendar: Calendar, event: Event) -> Event:
        """Put a new event into a calendar."""
        event.created = event.created or self.clock.next_micros()
        event.ordinal = len(calendar.order)
        calendar.events[event.id] = event
        calendar.order.append(event)
        master = event.body.get("recurringEventId")
        if master:
            calendar.exceptions.setdefault(master, []).append(event.id)
        else:
            calendar.uids.setdefault(str(event.body.get("iCalUID", "")), event.id)
        self.touch(calendar, event)
        return event

    def keep(self, calendar: Calendar, event: Event, *, quiet: bool = False) -> None:
        """Store a changed event; an occurrence that was made up becomes an exception."""
        if event.id in calendar.events:
            self.touch(calendar, event, quiet=quiet)
        else:
            event.rendered = {}
            self.add(calendar, event)

    def list_changed(self, account: Account, entry: Entry) -> None:
        """Record that an entry of an account's calendar list changed."""
        entry.version = self.clock.next_micros()
        entry.serial = account.log.note(entry.calendar_id)
        self.touched.append(f"list:{account.email}")

    def share(self, calendar: Calendar, email: str, role: str | None) -> None:
        """Give, change or withdraw an account's role. Its sync tokens of this calendar die.

        The entry of the account's list does not come back in its incremental syncs: Google tells nobody of a lowered
        role. Access taken away altogether removes the entry.
        """
        calendar.acl_epochs[email] = calendar.acl_epochs.get(email, 0) + 1
        self.touched.append(f"acl:{calendar.id}")
        account = self.accounts.get(email)
        if role in (None, "none"):
            calendar.acl.pop(email, None)
            if account and calendar.id in account.entries:
                account.entries[calendar.id].deleted = True
                self.list_changed(account, account.entries[calendar.id])
            return
        calendar.acl[email] = str(role)

    def subscribe(self, account: Account, calendar: Calendar, **values: Any) -> Entry:
        """Put a calendar into an account's list, or bring a removed entry back."""
        entry = account.entries.setdefault(calendar.id, Entry(calendar.id))
        entry.deleted = False
        entry.fields.update(values)
        self.list_changed(account, entry)
        return entry


@lru_cache(maxsize=4096, typed=True)
def digest(*parts: object, length: int = 26) -> str:
    """Make a deterministic id of base32hex characters from any parts."""
    number = int.from_bytes(hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest())
    letters = "0123456789abcdefghijklmnopqrstuv"
    return "".join(letters[(number >> (5 * i)) & 31] for i in range(length))
