"""What the daemon asks every few seconds: which calendars are due, which copies wait, and whether anybody wrote.

Writing functions are called inside `store.write()`. Times are UTC seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from calsyncctl.model.account import AccountState
from calsyncctl.model.calendar import CalendarKind, CalendarState
from calsyncctl.model.quota import Liveliness
from calsyncctl.store.channels import TOLD_OF
from calsyncctl.store.db import Store
from calsyncctl.store.meta import get_meta, set_meta
from calsyncctl.store.rows import must_write

FARTHEST = 24 * 3600
"""No calendar waits longer than this, in seconds: what is due later was written by a clock that went wrong."""

_MADE_UP_FOR = "clock-ahead-made-up-for"
"""The newest moment that the store knew when it was last asked whether a clock ran ahead."""
_TAKES_PART = f"""
    FROM calendar JOIN account ON account.id = calendar.account_id
    WHERE account.state = '{AccountState.ACTIVE}' AND calendar.kind = '{CalendarKind.GOOGLE}'
        AND calendar.state IN ('{CalendarState.SELECTED}', '{CalendarState.HOLD}')
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Copies of one calendar that wait to be sent now."""

    account_id: int
    calendar_id: int
    count: int
    mark: tuple[int, int, int]
    """Changes whenever another edit comes in: how many, the newest due time, the sum of their events' versions."""


def due_calendars(store: Store, now: int) -> list[tuple[int, int]]:
    """Return the calendars that are to be asked now as (account, calendar), the longest due first.

    One that was never asked is due; one that Google asked to wait with is not, before that time.
    """
    rows = store.connection.execute(
        f"""
        SELECT calendar.account_id, calendar.id {_TAKES_PART}
            AND (calendar.due IS NULL OR calendar.due <= ?1 OR calendar.due > ?2)
            AND (calendar.until IS NULL OR calendar.reason IS NULL OR calendar.until <= ?1 OR calendar.until > ?2)
        ORDER BY calendar.due IS NOT NULL, calendar.due
        """,
        (now, now + FARTHEST),
    )
    return [(int(account_id), int(calendar_id)) for account_id, calendar_id in rows]


def taking_part(store: Store) -> list[tuple[int, int, int | None]]:
    """Return every calendar that takes part now as (account, calendar, when it was last compared as a whole)."""
    rows = store.connection.execute(f"SELECT calendar.account_id, calendar.id, calendar.last_reconcile {_TAKES_PART}")
    return [(int(account_id), int(calendar_id), last) for account_id, calendar_id, last in rows]


def liveliness(store: Store, now: int) -> list[Liveliness]:
    """Return of every calendar that takes part now what its pace depends on."""
    rows = store.connection.execute(f"SELECT calendar.last_change, {TOLD_OF} {_TAKES_PART}", (now,))
    return [Liveliness(last_change, bool(told)) for last_change, told in rows]


def waiting_copies(store: Store, now: int) -> list[Waiting]:
    """Return, for each selected calendar that has some, the copies that wait to be sent now."""
    rows = store.connection.execute(
        """
        SELECT calendar.account_id, calendar.id, count(*), max(copy.due), sum(event.version)
        FROM copy JOIN event ON event.id = copy.event_id
            JOIN calendar ON calendar.id = copy.calendar_id JOIN account ON account.id = calendar.account_id
        WHERE copy.due <= ?1 AND copy.hold IS NULL AND account.state = ?2 AND calendar.state = ?3
            AND (calendar.until IS NULL OR calendar.reason IS NULL OR calendar.until <= ?1)
        GROUP BY calendar.id
        """,
        (now, AccountState.ACTIVE, CalendarState.SELECTED),
    )
    return [Waiting(account, calendar, many, (many, newest, sum_)) for account, calendar, many, newest, sum_ in rows]


def count_unsent(store: Store) -> int:
    """Count the copies that wait to be sent, now or later: not those that are paused or that wait for a person."""
    (unsent,) = store.connection.execute(
        """
        SELECT count(*) FROM copy
            JOIN calendar ON calendar.id = copy.calendar_id JOIN account ON account.id = calendar.account_id
        WHERE copy.due IS NOT NULL AND copy.hold IS NULL AND account.state = ? AND calendar.state = ?
        """,
        (AccountState.ACTIVE, CalendarState.SELECTED),
    ).fetchone()
    return int(unsent)


def set_due(store: Store, due: Mapping[int, int]) -> None:
    """Note when calendars are to be asked next."""
    must_write(store)
    store.connection.executemany(
        "UPDATE calendar SET due = ? WHERE id = ?", [(when, calendar_id) for calendar_id, when in due.items()]
    )


def make_calendars_due(store: Store, calendar_ids: Iterable[int], now: int) -> None:
    """Let calendars be asked at once."""
    set_due(store, dict.fromkeys(calendar_ids, now))


def draw_near(store: Store, now: int, *, polled: int, told: int) -> int:
    """Let no calendar wait longer than so many seconds, `told` where a channel tells of changes; return how many did.

    Each keeps its place within the shorter time, so that they do not come all at once.
    """
    must_write(store)
    span = f"CASE WHEN {TOLD_OF} THEN ? ELSE ? END"
    spans = (now, told, polled)
    return store.connection.execute(
        f"UPDATE calendar SET due = ? + (due - ?) % ({span}) WHERE due > ? + ({span})", (now, now, *spans, now, *spans)
    ).rowcount


def clock_went_back(store: Store, seconds: int) -> None:
    """Take every waiting time along with a clock that was set back by so many seconds: else they would all wait."""
    must_write(store)
    set_meta(store, _MADE_UP_FOR, str(_newest(store)))
    for table, column in (("calendar", "due"), ("calendar", "until"), ("copy", "due"), ("rest", "until")):
        store.connection.execute(
            f"UPDATE {table} SET {column} = {column} - ? WHERE {column} IS NOT NULL", (max(0, seconds),)
        )


def clock_was_ahead(store: Store, now: int) -> int:
    """Take every waiting time along with a clock that ran ahead and was set back since; return by how many seconds.

    For whoever was not there when it was set: the newest moment that the store knows says how far the clock was. That
    moment stays in the history, so it is made up for once.
    """
    must_write(store)
    newest = _newest(store)
    if newest <= int(get_meta(store, _MADE_UP_FOR) or 0):
        return 0
    set_meta(store, _MADE_UP_FOR, str(newest))
    ahead = max(0, newest - now)
    for table, column in (("calendar", "due"), ("calendar", "until"), ("copy", "due"), ("rest", "until")):
        store.connection.execute(
            f"UPDATE {table} SET {column} = max(?1, {column} - ?2) WHERE {column} > ?1", (now, ahead)
        )
    return ahead


def _newest(store: Store) -> int:
    found = store.connection.execute(
        "SELECT max(coalesce((SELECT max(max(started, coalesce(ended, 0))) FROM run), 0), "
        "coalesce((SELECT max(last_success) FROM account), 0))"
    ).fetchone()
    return int(found[0])


def data_version(store: Store) -> int:
    """Return a number that is another one after anybody else's commit: the cheapest way to hear of one.

    https://www.sqlite.org/pragma.html#pragma_data_version
    """
    return int(store.connection.execute("PRAGMA data_version").fetchone()[0])


def schema_version(store: Store) -> int:
    """Return a number that is another one after a change of the schema."""
    return int(store.connection.execute("PRAGMA schema_version").fetchone()[0])
