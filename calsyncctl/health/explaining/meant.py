"""What somebody means who names an event, a calendar or an account: the surest reading first, and nobody guesses.

Whole names of accounts and calendars, then an event's key, a caller's own id, a Google id, a whole title; then the
beginning of a name, and last a part of a title. `#ID` names a calendar, or an account if no calendar has the number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from calsyncctl.errors import NotFound, UsageFault
from calsyncctl.model.account import Account, AccountState
from calsyncctl.model.calendar import Calendar
from calsyncctl.model.event import Event
from calsyncctl.store import accounts, calendars, events, kin, oddities
from calsyncctl.store.db import Store
from calsyncctl.store.find import SHORTEST_KEY, find_account, find_calendar

Meant = Event | Calendar | Account

_SHOWN = 5


def find_meant(store: Store, text: str) -> Meant:
    """Return what a text names.

    Raises:
        NotFound: nothing of that name.
        UsageFault: it fits several; it names them.
    """
    wanted = text.strip()
    readings: tuple[Callable[[Store, str], Sequence[Meant]], ...] = (
        _whole_name,
        _key,
        _ref,
        kin.of_google_id,
        _unreadable,
        lambda store, text: kin.of_title(store, text, whole=True),
        _beginning,
        lambda store, text: kin.of_title(store, text, whole=False),
    )
    for reading in readings if wanted else ():
        found = reading(store, wanted)
        if found:
            return _only(store, text, found)
    raise NotFound(
        f"There is no event, calendar or account “{text}”.",
        "Name an event by its key, Google id or title, a calendar by its name, an account by its address. "
        "What was deleted longer ago than the setting history.keep_days is forgotten.",
    )


def _whole_name(store: Store, text: str) -> list[Meant]:
    """Find what is named in full; an account before the calendar that has its address for a name."""
    folded = text.casefold()
    owned: list[Meant] = [one for one in accounts.list_accounts(store) if one.email.casefold() == folded]
    known = calendars.list_calendars(store)
    named: list[Meant] = [
        one for one in known if folded in {one.name.strip().casefold(), f"#{one.id}", (one.google_id or "").casefold()}
    ]
    if not owned and not named and text.startswith("#"):
        return [one for one in accounts.list_accounts(store) if f"#{one.id}" == folded]
    return owned or _living(store, named)


def _living(store: Store, found: list[Meant]) -> list[Meant]:
    """Prefer calendars of connected accounts, as the other commands do."""
    gone = {one.id for one in accounts.list_accounts(store) if one.state is AccountState.DISCONNECTED}
    here = [one for one in found if not (isinstance(one, Calendar) and one.account_id in gone)]
    return here or found


def _key(store: Store, text: str) -> list[Event]:
    return events.events_of_key(store, text.lower(), _SHOWN + 1) if len(text) >= SHORTEST_KEY else []


def _ref(store: Store, text: str) -> list[Event]:
    found = events.event_of_ref(store, 0, text)
    return [] if found is None else [found]


def _unreadable(store: Store, text: str) -> list[Calendar]:
    """Find the calendar on which an item of this Google id could not be read: its explanation says why."""
    known = calendars.list_calendars(store)
    return [one for one in known if any(google_id == text for google_id, _ in oddities.of_calendar(store, one.id))]


def _beginning(store: Store, text: str) -> list[Meant]:
    """Find an account or a calendar by the beginning of its name, or as ACCOUNT/NAME."""
    found: list[Meant] = []
    for find in (find_account, find_calendar):
        try:
            found.append(find(store, text))
        except NotFound:
            continue
    return found


def _only(store: Store, text: str, found: Sequence[Meant]) -> Meant:
    """Return the one that fits; of events that fit by title the only one that lives, or the first of several at a time.

    Raises:
        UsageFault: there are several.
    """
    living = [one for one in found if not isinstance(one, Event) or one.deleted is None]
    if len(living) == 1 or len(found) == 1:
        return (living or found)[0]
    chosen = living or found
    if len({_appearance(one) for one in chosen}) == 1:
        return min(chosen, key=lambda one: one.id)  # doubled: whichever is explained names the others
    named = ", ".join(_label(store, one) for one in chosen[:_SHOWN])
    more = " …" if len(chosen) > _SHOWN else ""
    raise UsageFault(f"“{text}” fits several: {named}{more}.", "Give one of these keys, numbers or addresses.")


def _appearance(one: Meant) -> tuple[object, ...]:
    """Return what two events share that look alike."""
    if not isinstance(one, Event) or one.content is None:
        return (type(one), one.id)
    return (one.content.summary.strip().casefold(), one.starts)


def _label(store: Store, one: Meant) -> str:
    if isinstance(one, Event):
        return f"event {one.key[:12]}"  # never its title: errors are logged
    if isinstance(one, Account):
        return f"account {one.email}"
    owner = accounts.get_account(store, one.account_id).email if one.account_id is not None else "only here"
    return f"calendar #{one.id} ({owner})"
