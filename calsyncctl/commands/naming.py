"""How commands speak of a calendar: by its name, and by its account too where another has the same name."""

from __future__ import annotations

from calsyncctl.model.calendar import Calendar
from calsyncctl.quoting import calendar_word
from calsyncctl.runtime import Runtime
from calsyncctl.store import accounts, calendars


def spoken(run: Runtime, calendar: Calendar) -> str:
    """Return its name for a sentence: `“Team”`, or `“Team” of work@example.com`."""
    email = _account_needed(run, calendar)
    return f"“{calendar.name}” of {email}" if email else f"“{calendar.name}”"


def typed(run: Runtime, calendar: Calendar) -> str:
    """Return its name for a command line: `Team`, or `work@example.com/Team`."""
    return calendar_word(calendar.name, calendar.id, _account_needed(run, calendar))


def _account_needed(run: Runtime, calendar: Calendar) -> str | None:
    name = calendar.name.strip().casefold()
    if calendar.account_id is None or _named_alike(run, name) < 2:
        return None
    return accounts.get_account(run.store, calendar.account_id).email


def _named_alike(run: Runtime, name: str) -> int:
    return sum(one.name.strip().casefold() == name for one in calendars.list_calendars(run.store))
