"""Push channels, level-triggered: which are wanted is compared with which there are, and the difference is done.

A message is a hint, polling is the truth: whatever goes wrong here costs freshness and nothing else. Google renews no
channel, so that a new one is opened before the old one ends, and the old one stopped once the new one was heard.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol, runtime_checkable

from calsyncctl.connections.keeping import StoredLedger
from calsyncctl.connections.ports import Means
from calsyncctl.errors import CalsyncError, Gone, Invalid, Later, MuchLater, NotFound, Refused, Unknown
from calsyncctl.model.account import Account, AccountState
from calsyncctl.model.channel import LIFETIME, Channel, Opened
from calsyncctl.store import accounts, calendars, channels
from calsyncctl.store.channels import Target
from calsyncctl.store.db import Store
from calsyncctl.sync.trouble import named

DAY = 24 * 3600
TOLD_NOTHING = "Google tells nothing of this calendar's changes"
ASKED_AGAIN = {True: 7 * DAY, False: DAY}
"""Seconds until a calendar without a channel is tried again: one that Google tells nothing of, and one it refused."""
SHORTEST = 600
"""Seconds for which a channel is left alone, whatever its end is said to be."""
UNANSWERED = 600
"""Seconds after which a channel whose watch got no answer is forgotten."""
PATIENCE = 2
"""After so many in a row with passing trouble, the account's others wait for the next try."""

_Ask = tuple[Target, Callable[[], None]]


@runtime_checkable
class Telling(Protocol):
    """A provider that can tell of changes."""

    def open_channel(self, calendar: str | None, channel_id: str, token: str, address: str) -> Opened | None:
        """Ask to be told; None: nothing is told of this one."""
        ...

    def stop_channel(self, channel_id: str, resource_id: str) -> None:
        """Ask to be told no longer."""
        ...


@dataclass(frozen=True, slots=True)
class Difference:
    """What is to be done: targets to open a channel for, channels to stop, and rows to forget."""

    open: tuple[Target, ...] = ()
    stop: tuple[Channel, ...] = ()
    forget: tuple[Channel, ...] = ()

    @property
    def accounts(self) -> set[int]:
        """The accounts that it concerns."""
        touched = {account_id for account_id, _ in self.open}
        return touched | {one.account_id for one in (*self.stop, *self.forget)}


@dataclass(slots=True)
class Kept:
    """What was done for one account's channels."""

    opened: int = 0
    stopped: int = 0
    untold: list[str] = field(default_factory=list)
    """Names of calendars that Google tells nothing of."""


def difference(wanted: Collection[Target], known: Iterable[Channel], address: str, now: int) -> Difference:
    """Compare what is wanted with what there is; without an `address` nothing is wanted. Pure."""
    by_target: dict[Target, list[Channel]] = {}
    for one in sorted(known, key=lambda one: (one.opened, one.id)):
        by_target.setdefault((one.account_id, one.calendar_id), []).append(one)
    wanted = set(wanted) if address else set()
    stop: list[Channel] = []
    forget: list[Channel] = []
    opened = []
    for target, rows in by_target.items():
        good = []
        for one in rows:
            if _over(one, now) or (not one.living and (target not in wanted or one.address != address)):
                forget.append(one)
            elif target not in wanted or one.address != address:
                stop.append(one)
            else:
                good.append(one)
        stop += _outlived(good)
        if target in wanted and _lacks(good, now):
            opened.append(target)
    opened += sorted(wanted - by_target.keys(), key=str)
    return Difference(tuple(opened), tuple(stop), tuple(forget))


def _over(one: Channel, now: int) -> bool:
    """Tell whether a channel has ended, a note is to be reconsidered, or a watch was never answered."""
    unanswered = one.reason is None and one.resource_id is None
    return one.expires <= now or (unanswered and not one.opened <= now < one.opened + UNANSWERED)


def _lacks(good: list[Channel], now: int) -> bool:
    """Tell whether a target needs a new channel: it has none, or the newest ends within a day, or half of its life."""
    if not good:
        return True
    newest = good[-1]
    return newest.living and newest.expires - now <= min(DAY, (newest.expires - newest.opened) / 2)


def _outlived(good: list[Channel]) -> list[Channel]:
    """Return the living channels for which a newer one speaks; one that was never heard does not."""
    living = [one for one in good if one.living]
    heard = [number for number, one in enumerate(living) if one.heard is not None]
    return living[: heard[-1]] if heard else []


def to_do(store: Store, address: str, now: int) -> Difference:
    """Compare for the whole profile: cheap where there is nothing to do."""
    known = channels.list_channels(store)
    return difference(channels.watchable(store), known, address, now) if address or known else Difference()


def keep_channels(means: Means, account_id: int, address: str, *, most: int, failed: set[Target] | None = None) -> Kept:
    """Open, renew and stop up to `most` channels of an account, which the caller holds.

    `failed`: what failed at the last try; it comes last, and what fails now is noted there.

    Raises:
        ConfigFault: Google does not take the address. Later, NeedsReauth …: Google could not be asked, or has trouble
            with one of them; the others have had their turn.
    """
    store, kept = means.store, Kept()
    failed = set() if failed is None else failed
    account = accounts.get_account(store, account_id)
    known = channels.list_channels(store, account_id)
    wanted = {one for one in channels.watchable(store) if one[0] == account_id}
    todo = difference(wanted, known, address, means.clock.now())
    _drop(means, todo.forget)
    teller = _teller(means, account)
    if teller is None:
        _drop(means, todo.stop)
        return kept
    asks: list[_Ask] = [((account_id, one.calendar_id), partial(_stop, means, teller, one, kept)) for one in todo.stop]
    asks += [(target, partial(_open, means, teller, target, address, kept)) for target in todo.open]
    _ask_all(sorted(asks, key=lambda ask: ask[0] in failed)[:most], failed)
    return kept


def _ask_all(asks: Iterable[_Ask], failed: set[Target]) -> None:
    """Ask for one after the other: passing trouble with one keeps no other from its turn, unless two in a row have it.

    Raises:
        CalsyncError: the first trouble.
    """
    first: Later | None = None
    in_a_row = 0
    for target, ask in asks:
        try:
            ask()
        except MuchLater:
            raise
        except Later as error:
            failed.add(target)
            first, in_a_row = first or error, in_a_row + 1
            if in_a_row == PATIENCE:
                break
        else:
            failed.discard(target)
            in_a_row = 0
    if first is not None:
        raise first


def stop_all(means: Means, account: Account) -> int:
    """Stop an account's channels as far as that goes at once, and return how many; what is left ends by itself."""
    kept = Kept()
    with suppress(CalsyncError):
        living = [one for one in channels.list_channels(means.store, account.id) if one.living]
        teller = _teller(means, account) if living else None
        if teller is None:
            return 0
        for one in living:
            _stop(means, teller, one, kept)
    return kept.stopped


def heard_by(store: Store, channel_id: str, token: str) -> Channel | None:
    """Return the channel that a message belongs to; None for a stray one, or a wrong token, told by no difference."""
    found = channels.get_channel(store, channel_id)
    good = hmac.compare_digest(found.token_hash if found is not None else _hash(""), _hash(token))
    return found if found is not None and good and found.reason is None else None


def _open(means: Means, teller: Telling, target: Target, address: str, kept: Kept) -> None:
    """Open one channel: noted first, since its first message may come before the answer."""
    account_id, calendar_id = target
    try:
        calendar = None if calendar_id is None else calendars.get_calendar(means.store, calendar_id)
    except NotFound:
        return
    now, token = means.clock.now(), secrets.token_urlsafe(32)
    noted = Channel(str(uuid.uuid4()), account_id, calendar_id, _hash(token), address, now, now + LIFETIME)
    with means.store.write():
        channels.add_channel(means.store, noted)
    try:
        opened = teller.open_channel(calendar.google_id if calendar else None, noted.id, token, address)
    except (Refused, Gone, Invalid) as error:
        _note(means, noted, error.what, until=now + ASKED_AGAIN[False])
    except BaseException as error:
        _drop(means, [noted])
        if calendar is not None and isinstance(error, CalsyncError):
            error.what = named(calendar, error)
        raise
    else:
        if opened is None:
            _note(means, noted, TOLD_NOTHING, until=now + ASKED_AGAIN[True])
            kept.untold.append(calendar.name if calendar else "the list of calendars")
            return
        # An end that is over, or none, is somebody's wrong clock: opened again and again it would cost the quota.
        expires = max(opened.expires, means.clock.now() + SHORTEST)
        with means.store.write():
            channels.channel_opened(means.store, noted.id, opened.resource_id, expires)
        kept.opened += 1


def _stop(means: Means, teller: Telling, one: Channel, kept: Kept) -> None:
    """Stop one channel, forgotten first: one that was stopped without an answer must not count as telling anything."""
    _drop(means, [one])
    try:
        teller.stop_channel(one.id, one.resource_id or "")
    except Unknown:
        raise  # if it lives, its messages are strays until it ends
    except CalsyncError:
        with means.store.write():
            channels.add_channel(means.store, one)
        raise
    kept.stopped += 1


def _note(means: Means, noted: Channel, reason: str, *, until: int) -> None:
    """Keep in the channel's place why there is none."""
    with means.store.write():
        channels.refuse_channel(means.store, noted.id, reason, until)


def _drop(means: Means, some: Iterable[Channel]) -> None:
    ids = [one.id for one in some]
    if ids:
        with means.store.write():
            channels.drop_channels(means.store, ids, means.clock.now())


def _teller(means: Means, account: Account) -> Telling | None:
    """Return who opens and stops an account's channels; None where its sign-in is gone, or nobody can."""
    if account.state in {AccountState.NEEDS_REAUTH, AccountState.DISCONNECTED}:
        return None
    provider = means.provider_for(account, StoredLedger(means.open_store, account.id))
    return provider if isinstance(provider, Telling) else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
