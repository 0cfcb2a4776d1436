"""A shadow account's calendars: what would be pushed is kept back, and says so."""

from __future__ import annotations

from calsyncctl.model.account import shadow_sentence
from calsyncctl.model.calendar import Calendar
from calsyncctl.store import accounts, shades
from calsyncctl.store.db import Store


def keep_back(store: Store, calendar: Calendar, now: int) -> str | None:
    """Put what waits for a calendar on hold; return what is to be said of it, None if nothing new waits."""
    assert calendar.account_id is not None
    due, idle = shades.waits_for(store, calendar.id)
    if not due and not idle:
        return None
    reason = shadow_sentence(accounts.get_account(store, calendar.account_id))
    with store.write():
        if not shades.is_shadow(store, calendar.id):
            return None  # trusted since the pass began: nobody would let go what is held now
        shades.keep_back(store, calendar.id, reason, now)
    many = "1 change waits" if due == 1 else f"{due:,} changes wait"
    return f"{many} for “{calendar.name}”: {reason}." if due else None
