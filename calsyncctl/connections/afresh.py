"""What Google refused, or found invalid, is sent once more after something has changed that may have been its cause.

Events, roles and modes see to that where they change; here are the other two: another sign-in, and another version of
this program, which may say it otherwise.
"""

from __future__ import annotations

from calsyncctl import __version__
from calsyncctl.store import calendars, copies, meta
from calsyncctl.store.db import Store

PROGRAM = "program"
"""The name in the store under which stands which version of the program synced last."""


def after_sign_in(store: Store, account_id: int, now: int) -> None:
    """Send once more what was refused to an account; inside the write that keeps its new grant."""
    for calendar in calendars.list_calendars(store, account_id=account_id):
        copies.retry_refused(store, calendar.id, now)


def after_upgrade(store: Store, now: int, program: str = __version__) -> None:
    """Send once more what was refused to another version of the program; opens its own write, once for each version."""
    if meta.get_meta(store, PROGRAM) == program:
        return
    with store.write():
        for calendar in calendars.list_calendars(store):
            copies.retry_refused(store, calendar.id, now)
        meta.set_meta(store, PROGRAM, program)
