"""Every fact that status, lists and (later) page and metrics show, gathered once from the store.

Only the store is asked, so that it works offline, with a dead account, and while a daemon runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from calsyncctl.connections.backups import restored_at
from calsyncctl.model.account import Account, AccountState
from calsyncctl.model.calendar import Calendar, CalendarKind, CalendarState
from calsyncctl.store import accounts, calendars, channels, holds, oddities, people, shades
from calsyncctl.store.db import Store
from calsyncctl.store.deletions import DELETIONS
from calsyncctl.store.events import count_events

PENDING = "pending"
"""Shown for an active account of which no calendar is selected yet."""


@dataclass(frozen=True, slots=True)
class CalendarFacts:
    """One calendar as lists show it."""

    id: int
    name: str
    account: str | None
    kind: str
    primary: bool
    writable: bool
    access: str | None
    state: str
    mode: str | None
    assignees: tuple[str, ...]
    last_success: datetime | None
    events: int
    zone: str
    google_id: str | None
    reason: str | None
    cure: str | None
    """What helps, where only a person can."""
    since: datetime | None
    until: datetime | None
    """Where trouble passes by itself: not to be tried before."""
    listing: bool
    """Whether its first sync is under way: begun, and not complete."""
    unreadable: tuple[str, ...]
    """Google ids of items that could not be read, each with why."""


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """One account as lists show it; `calendars` known, `selected` taking part in sync."""

    id: int
    email: str
    owner: str | None
    state: str
    reason: str | None
    since: datetime | None
    calendars: int
    selected: int
    last_success: datetime | None
    sign_in_ends: datetime | None
    """When the sign-in ends, where Google tells (test-mode apps: seven days)."""
    vault: str
    shadow: bool = False
    """Nothing is written to it until it is trusted."""
    kept_back: int = 0
    """Changes that wait for that."""


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """What waits for a look: deletions as (id, calendar, how many, why), other holds by kind, conflicts."""

    deletions: tuple[tuple[str, str, int, str], ...] = ()
    held: tuple[tuple[str, int], ...] = ()
    conflicts: int = 0


@dataclass(frozen=True)
class Facts:
    """All accounts and calendars of a profile at one moment."""

    now: datetime
    accounts: tuple[AccountFacts, ...]
    calendars: tuple[CalendarFacts, ...]
    review: ReviewFacts = ReviewFacts()
    silent: int = 0
    """Calendars whose push channel is open, and no message of Google's has arrived by it."""
    restored: datetime | None = None
    """When a backup was put back, until somebody looked at a reconcile."""

    @property
    def last_success(self) -> datetime | None:
        """The latest success of any calendar that takes part."""
        hidden = {CalendarState.AVAILABLE, AccountState.DISCONNECTED}
        times = [one.last_success for one in self.calendars if one.state not in hidden]
        return max(filter(None, times), default=None)

    def called(self, calendar: CalendarFacts) -> str:
        """Name a calendar, with its account where another has the same name."""
        alike = self._names[calendar.name.casefold()] > 1
        return f"“{calendar.name}” of {calendar.account}" if alike and calendar.account else f"“{calendar.name}”"

    @cached_property
    def _names(self) -> Counter[str]:
        """How many calendars have each name; counted once, since in an outage all of them are named."""
        return Counter(one.name.casefold() for one in self.calendars)


def moment(seconds: int | None) -> datetime | None:
    """Turn UTC seconds into an aware datetime."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def take(store: Store, now: int) -> Facts:
    """Gather the facts of a profile."""
    known = accounts.list_accounts(store)
    found = calendars.list_calendars(store)
    kept_back = shades.count_kept_back(store)
    by_account: dict[int | None, list[Calendar]] = {}
    for one in found:
        by_account.setdefault(one.account_id, []).append(one)
    return Facts(
        now=datetime.fromtimestamp(now, UTC),
        accounts=tuple(_account(one, by_account.get(one.id, ()), kept_back) for one in known),
        calendars=calendar_facts(store, found),
        review=_review(store, found),
        silent=channels.count_silent(store, now),
        restored=moment(restored_at(store)),
    )


def _review(store: Store, found: Iterable[Calendar]) -> ReviewFacts:
    names = {one.id: one.name for one in found}
    held = holds.count_held(store)
    return ReviewFacts(
        deletions=tuple(
            (f"d{one.calendar_id}", names[one.calendar_id], one.count, one.reason)
            for one in holds.held_deletions(store)
        ),
        held=tuple((kind, count) for kind, count in sorted(held.items()) if kind != DELETIONS),
        conflicts=holds.count_conflicts(store),
    )


def account_facts(store: Store, account: Account) -> AccountFacts:
    """The facts of one account."""
    return _account(account, calendars.list_calendars(store, account_id=account.id), shades.count_kept_back(store))


def calendar_facts(store: Store, found: Iterable[Calendar]) -> tuple[CalendarFacts, ...]:
    """The facts of some calendars."""
    found = list(found)
    owners = {one.id: one for one in accounts.list_accounts(store)}
    counts = count_events(store, [one.id for one in found])
    labels, odd = people.labels_by_calendar(store), oddities.by_calendar(store)
    return tuple(
        _calendar(
            one, owners.get(one.account_id or 0), counts.get(one.id, 0), labels.get(one.id, ()), odd.get(one.id, ())
        )
        for one in found
    )


def _account(account: Account, own: Sequence[Calendar], kept_back: dict[int, int]) -> AccountFacts:
    chosen = [one for one in own if one.state is not CalendarState.AVAILABLE]
    pending = account.state is AccountState.ACTIVE and not chosen
    successes = [one.last_success for one in chosen if one.last_success]
    return AccountFacts(
        id=account.id,
        email=account.email,
        owner=account.owner,
        state=PENDING if pending else str(account.state),
        reason=account.reason,
        since=moment(account.since),
        calendars=len(own),
        selected=len(chosen),
        last_success=moment(max(successes, default=account.last_success)),
        sign_in_ends=moment(account.grant_expires),
        vault=account.vault,
        shadow=account.shadow,
        kept_back=kept_back.get(account.id, 0),
    )


def _state(calendar: Calendar, owner: Account | None) -> str:
    """A calendar takes part only as long as its account does; its choice is kept for the next connect."""
    gone = owner is not None and owner.state in {AccountState.DISCONNECTED, AccountState.DISCONNECTING}
    return str(owner.state) if owner and gone and calendar.state is not CalendarState.AVAILABLE else str(calendar.state)


def _calendar(
    calendar: Calendar, owner: Account | None, events: int, labels: tuple[str, ...], odd: tuple[tuple[str, str], ...]
) -> CalendarFacts:
    return CalendarFacts(
        id=calendar.id,
        name=calendar.name,
        account=owner.email if owner else None,
        kind=str(calendar.kind),
        primary=calendar.is_primary,
        writable=calendar.writable,
        access=calendar.access,
        state=_state(calendar, owner),
        mode=str(calendar.mode) if calendar.mode and calendar.kind is CalendarKind.GOOGLE else None,
        assignees=labels,
        last_success=moment(calendar.last_success),
        events=events,
        zone=calendar.zone,
        google_id=calendar.google_id,
        reason=calendar.why,
        cure=calendar.cure,
        since=moment(calendar.since),
        until=moment(calendar.until),
        listing=calendar.page is not None,
        unreadable=tuple(f"{google_id} ({why})" for google_id, why in odd),
    )
