"""Choose calendars: select, deselect, pause, refresh the list from Google, assign.

Deciding (`mode_for`, `check_free`) is apart from doing; selecting adds and never replaces, deselecting deletes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from calsyncctl.connections.connect import keep_calendars
from calsyncctl.connections.directory import check_colour, check_zone
from calsyncctl.connections.disconnect import links_of
from calsyncctl.connections.keeping import StoredLedger
from calsyncctl.connections.modes import ModeChange, check_not_one_way, convert, weigh_mode
from calsyncctl.connections.ports import Means
from calsyncctl.connections.resting import check_awake, check_connected
from calsyncctl.errors import CalsyncError, NeedsReauth, NotAllowed, NotFound, UsageFault
from calsyncctl.model.account import Account, AccountState, needs_sign_in
from calsyncctl.model.calendar import GONE, Calendar, CalendarKind, CalendarState, Mode, can_read
from calsyncctl.quoting import calendar_word
from calsyncctl.store import accounts, calendars
from calsyncctl.store.db import Store
from calsyncctl.store.events import count_events
from calsyncctl.store.find import find_calendar
from calsyncctl.store.purge import Unsent, purge_calendar, unsent_on
from calsyncctl.sync.taking_part import note_dead

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Choice:
    """One calendar and the mode that it will sync in."""

    calendar: Calendar
    mode: Mode
    change: ModeChange
    """What that means for what is here from an earlier time."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """What deselecting calendars means: events here, changes that Google does not have, and links to them."""

    events: int
    unsent: Unsent
    links: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What reading an account's list again changed: names of new and gone calendars, and how many there are.

    `error`: why it could not be read; the rest then says nothing.
    """

    account: str
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    calendars: int = 0
    error: CalsyncError | None = None


def mode_for(calendar: Calendar, asked: Mode | None) -> Mode:
    """Decide a calendar's mode: as asked, else as it was, else two-way where it can be written, else read-only.

    Raises:
        NotAllowed: without write access it can only be read-only; without read access it cannot be selected at all.
    """
    if not can_read(calendar.access):
        raise NotAllowed(
            f"“{calendar.name}” shows only when somebody is busy (your access role is {calendar.access}).",
            "Ask its owner to share all event details, then: calsyncctl calendars refresh",
        )
    usual = Mode.TWO_WAY if calendar.writable else Mode.READ_ONLY
    mode = asked or _mode_before(calendar) or usual
    if mode is not Mode.READ_ONLY and not calendar.writable:
        raise NotAllowed(
            f"“{calendar.name}” cannot be written to (your access role is {calendar.access}), so it cannot be {mode}.",
            f"Select it read-only: calsyncctl calendars select {_word(calendar)} --mode read-only",
        )
    return mode


def _mode_before(calendar: Calendar) -> Mode | None:
    """Return the mode that choosing again leaves as it is; read-only may have been for want of a right, and ends."""
    if calendar.mode is Mode.READ_ONLY:
        return None if calendar.state is CalendarState.AVAILABLE else calendar.mode
    return calendar.mode if calendar.writable else None


def named_in(store: Store, account: Account, name: str) -> Calendar:
    """Return the calendar of an account that a name means, as `find_calendar` does; “primary” is the main one.

    Raises:
        NotFound: none. UsageFault: more than one.
    """
    offered = calendars.list_calendars(store, account_id=account.id)
    main = [one for one in offered if one.is_primary]
    if name.strip().casefold() == "primary" and main:
        return main[0]
    try:
        return find_calendar(store, name, account_id=account.id)
    except NotFound as error:
        names = ", ".join(f"“{one.name}”" for one in offered)
        raise NotFound(f"{account.email} has no calendar “{name}”.", f"It has {names}.") from error


def plan_selection(
    store: Store, wanted: Iterable[Calendar], asked: Mode | None, *, switch: bool = False
) -> tuple[Choice, ...]:
    """Decide all choices before any is made: one that cannot be stops them all.

    `switch`: where one-way was on it may be turned off for two-way, as `modes.change_mode` does.

    Raises:
        UsageFault: a native calendar, or an account that is not connected.
        NotAllowed: access does not permit it, another account has the calendar, or what is here stands in the way.
    """
    choices = tuple(_choice(store, calendar, asked) for calendar in dict.fromkeys(wanted))
    for choice in () if switch else choices:
        check_not_one_way(choice.change)
    return choices


def select(means: Means, choices: Iterable[Choice]) -> None:
    """Let calendars take part in sync; what was here under the same Google id is live again.

    Raises:
        NotAllowed: another account has taken one of them since it was planned.
    """
    with means.store.write():
        for choice in choices:
            _check_free(means.store, choice.calendar)  # again: another account may have been quicker
            convert(means.store, choice.calendar, choice.mode, means.clock.now())
            calendars.select_calendar(means.store, choice.calendar.id, choice.mode, means.clock.now())


def plan_deselection(store: Store, wanted: Iterable[Calendar]) -> Leaving:
    """Say what is here of calendars that are to be deselected.

    Raises:
        UsageFault: one of them lives only here.
    """
    wanted = list(wanted)
    for calendar in wanted:
        _google_only(calendar, "deselected")
    ids = [calendar.id for calendar in wanted]
    return Leaving(sum(count_events(store, ids).values()), unsent_on(store, ids), links_of(store, ids))


def deselect(means: Means, calendar: Calendar, *, purge: bool) -> None:
    """Stop a calendar's sync: its events are hidden, or with `purge` removed here; nothing is deleted in Google."""
    _google_only(calendar, "deselected")
    with means.store.write():
        calendars.set_calendar_state(means.store, calendar.id, CalendarState.AVAILABLE, since=means.clock.now())
    if purge:
        with means.hold_account(accounts.get_account(means.store, calendar.account_id or 0), "calendars deselect"):
            purge_calendar(means.store, calendar.id)


def pause(means: Means, calendar: Calendar) -> None:
    """Rest a calendar's sync; its events stay as they are. One on hold is not tried any more, nor told of."""
    if calendar.state is not CalendarState.HOLD:
        _expect(calendar, CalendarState.SELECTED, "paused", f"calsyncctl calendars select {_word(calendar)}")
    with means.store.write():
        _note(means, calendar, CalendarState.PAUSED, None)


def resume(means: Means, calendar: Calendar) -> None:
    """Let a paused calendar go on.

    Raises:
        UsageFault: it is not paused.
        NotAllowed: another account has it meanwhile.
    """
    _expect(calendar, CalendarState.PAUSED, "resumed", "calsyncctl calendars list")
    with means.store.write():
        _check_free(means.store, calendar)
        _note(means, calendar, CalendarState.SELECTED, None)


def refresh_each(means: Means, chosen: Iterable[Account]) -> list[Refreshed]:
    """Read the lists of several accounts again; one that fails does not keep the others from theirs.

    Raises:
        UsageFault: one of them is at rest, or not connected: nothing is asked of Google for it.
    """
    chosen = list(chosen)
    for account in chosen:
        check_awake(account)
    done = [_refresh_apart(means, account) for account in chosen]
    for one in done:
        if one.error is not None:
            _log.warning("%s: %s: %s", one.account, one.error.kind, one.error.what)
    return done


def _refresh_apart(means: Means, account: Account) -> Refreshed:
    if account.state is AccountState.NEEDS_REAUTH:
        return Refreshed(account.email, error=needs_sign_in(account))
    try:
        return refresh(means, account)
    except NeedsReauth as error:
        note_dead(means.store, account, error, means.clock.now())
        return Refreshed(account.email, error=error)
    except CalsyncError as error:
        return Refreshed(account.email, error=error)


def refresh(means: Means, account: Account) -> Refreshed:
    """Read Google's calendar list again: what is new, and what is gone (on hold if it was selected).

    The whole list, never what changed since a token: a changed access role or title does not bring an entry back
    (Google: calendarList, synchronisation).
    """
    store, before = means.store, calendars.list_calendars(means.store, account_id=account.id)
    page = means.provider_for(account, StoredLedger(means.open_store, account.id)).list_calendars(None)
    named = {remote.google_id for remote in page.calendars if not remote.deleted}
    known = {one.id for one in before}
    with store.write():
        # What was chosen while Google was asked counts; what came meanwhile, this list cannot know.
        present = calendars.list_calendars(store, account_id=account.id)
        gone = [one for one in present if one.google_id not in named and one.id in known]
        kept = keep_calendars(store, account.id, page, means.clock.now())
        for calendar in gone:
            _let_go(means, calendar)
        accounts.mark_account_success(store, account.id, means.clock.now())
    old = {calendar.google_id for calendar in before}
    new = tuple(calendar.name for calendar in kept if calendar.google_id not in old)
    return Refreshed(account.email, new, tuple(calendar.name for calendar in gone), len(before) + len(new) - len(gone))


def add_native(store: Store, name: str, *, zone: str, colour: str | None) -> Calendar:
    """Add a calendar that lives only here.

    Raises:
        UsageFault: the name is empty or taken, or the zone or the colour is none.
    """
    check_zone(zone)
    check_colour(colour)
    if not name.strip():
        raise UsageFault("A calendar needs a name.", "Give one: calsyncctl calendars add NAME")
    with store.write():
        return calendars.add_native(store, name.strip(), zone=zone, colour=colour)


def _let_go(means: Means, calendar: Calendar) -> None:
    """A calendar that Google no longer lists.

    Never selected, it is forgotten; taking part, it goes on hold with its events; deselected or paused, it stays
    so, and says that it is gone.
    """
    store = means.store
    if calendar.mode is None:
        calendars.delete_calendar(store, calendar.id)
    elif calendar.state is CalendarState.SELECTED:
        _note(means, calendar, CalendarState.HOLD, GONE)
    elif calendar.reason is None:
        since = calendar.since or means.clock.now()
        calendars.set_calendar_state(store, calendar.id, calendar.state, reason=GONE, since=since)


def _choice(store: Store, calendar: Calendar, asked: Mode | None) -> Choice:
    _google_only(calendar, "selected")
    account = accounts.get_account(store, calendar.account_id or 0)
    check_connected(account)
    _check_free(store, calendar)
    mode = mode_for(calendar, asked)
    return Choice(calendar, mode, weigh_mode(store, calendar, mode))


def _check_free(store: Store, calendar: Calendar) -> None:
    other = calendars.selected_elsewhere(store, calendar.google_id or "", calendar.account_id or 0)
    if other is not None:
        first = accounts.get_account(store, other.account_id or 0)
        raise NotAllowed(
            f"“{calendar.name}” is already selected through {first.email}.",
            f"One account at a time, so first: calsyncctl calendars deselect {_word(other, first.email)}",
        )


def _word(calendar: Calendar, account: str | None = None) -> str:
    return calendar_word(calendar.name, calendar.id, account)


def _google_only(calendar: Calendar, verb: str) -> None:
    if calendar.kind is not CalendarKind.GOOGLE:
        raise UsageFault(f"“{calendar.name}” lives only here and cannot be {verb}.", "See: calsyncctl calendars list")


def _expect(calendar: Calendar, state: CalendarState, verb: str, hint: str) -> None:
    _google_only(calendar, verb)
    if calendar.state is not state:
        raise UsageFault(f"“{calendar.name}” is {calendar.state}, so it cannot be {verb}.", f"See: {hint}")


def _note(means: Means, calendar: Calendar, state: CalendarState, reason: str | None) -> None:
    calendars.set_calendar_state(means.store, calendar.id, state, reason=reason, since=means.clock.now())
