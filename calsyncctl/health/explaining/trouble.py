"""What keeps a google calendar from being synced at all: its account's state, its own, or its last failure."""

from __future__ import annotations

from dataclasses import dataclass

from calsyncctl.health.explaining.explanation import Asking, Todo, place
from calsyncctl.model.account import Account, AccountState
from calsyncctl.model.calendar import Calendar, CalendarKind, CalendarState


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is in the way. `text` is a sentence without its full stop; `since` is UTC seconds.

    `until`: it is tried again by itself, not before then; `passes`: it should pass by itself.
    """

    code: str
    text: str
    since: int | None
    todo: tuple[Todo, ...]
    until: int | None = None
    passes: bool = False

    def sentences(self, asking: Asking, more: str = "") -> str:
        """Say it whole, with `more` after a semicolon, and when it is tried again."""
        tail = f"; {more}" if more else ""
        if not self.passes:
            return f"{self.text}{tail}."
        if self.until is not None and self.until > asking.now:
            return f"{self.text}{tail}. It is tried again by itself, not before {asking.when(self.until)}."
        return f"{self.text}{tail}. It is tried again {asking.soon}."


def trouble_of(asking: Asking, calendar: Calendar, account: Account | None) -> Trouble | None:
    """Return what keeps a calendar from being synced, None for one that takes part and did well at its last try."""
    if calendar.kind is not CalendarKind.GOOGLE or account is None:
        return None
    return account_trouble(asking, account) or _calendar_trouble(asking, calendar, account)


def account_trouble(asking: Asking, account: Account) -> Trouble | None:
    """Return what keeps every calendar of an account from being synced."""
    email, since = account.email, account.since
    if account.state is AccountState.NEEDS_REAUTH:
        again = Todo(f"calsyncctl connect --account {email}", "repairs the sign-in; what waits goes on by itself")
        reason = (account.reason or "Google no longer accepts its sign-in").replace(f" ({email})", "").rstrip(".")
        text = f"{email} must sign in again{_since(asking, since)}: {reason}"
        return Trouble("needs-reauth", text, since, (again,))
    if account.state is AccountState.PAUSED:
        resume = Todo(f"calsyncctl accounts resume {email}", "lets it sync again")
        return Trouble("account-paused", f"{email} is paused{_since(asking, since)}", since, (resume,))
    if account.state in {AccountState.DISCONNECTED, AccountState.DISCONNECTING}:
        connect = Todo(f"calsyncctl connect --account {email}", "connects it again; what was here re-attaches")
        return Trouble("disconnected", f"{email} is {account.state}{_since(asking, since)}", since, (connect,))
    return None


def _calendar_trouble(asking: Asking, calendar: Calendar, account: Account) -> Trouble | None:
    name, since = place(calendar, account), calendar.since
    if calendar.state is CalendarState.AVAILABLE:
        select = Todo(f"calsyncctl calendars select {calendar.typed}", "lets it take part, and shows its events")
        return Trouble("not-selected", f"{name} is not selected", since, (select,))
    if calendar.state is CalendarState.PAUSED:
        resume = Todo(f"calsyncctl calendars resume {calendar.typed}", "lets it sync again")
        return Trouble("calendar-paused", f"{name} is paused{_since(asking, since)}", since, (resume,))
    reason = (calendar.why or "out of reach").rstrip(".")
    if calendar.state is CalendarState.HOLD:
        ask = Todo(f"calsyncctl calendars refresh {account.email}", "asks whether it is back; its owner may know more")
        return Trouble("calendar-hold", f"{name} is on hold{_since(asking, since)}: {reason}", since, (ask,))
    if calendar.reason is None:
        return None
    text = f"{name} could not be synced{_since(asking, since)}: {reason}"
    text += f". {calendar.cure.rstrip('.')}" if calendar.cure else ""
    try_it = Todo(f"calsyncctl sync --calendar {calendar.typed}", "tries it at once, and says what is wrong")
    if calendar.until is not None:
        quota = Todo("calsyncctl status --quota", "shows what was spent of Google's quota")
        todo = (quota, try_it) if "quota" in reason else (try_it,)
        return Trouble("calendar-later", text, since, todo, until=calendar.until, passes=True)
    return Trouble("calendar-failing", text, since, (try_it,))


def _since(asking: Asking, since: int | None) -> str:
    return f" since {asking.when(since)}" if since is not None else ""
