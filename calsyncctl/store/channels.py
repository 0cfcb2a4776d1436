"""The channel table: the push channels that are open, and what Google tells nothing of. See `model/channel.py`.

Writing functions are called inside `store.write()`. Times are UTC seconds.
"""

from __future__ import annotations

from collections.abc import Iterable

from calsyncctl.model.account import AccountState
from calsyncctl.model.calendar import CalendarKind, CalendarState
from calsyncctl.model.channel import Channel
from calsyncctl.store.db import Store
from calsyncctl.store.rows import insert, must_write

Target = tuple[int, int | None]
"""What a channel tells of: an account and one of its calendars, or None for the list of them."""

SILENT = 120
"""Seconds after which a channel's first message, which comes at once, does not come any more."""

_COLUMNS = "id, account_id, calendar_id, token_hash, address, opened, expires, resource_id, heard, reason"

TOLD_OF = """
    EXISTS (SELECT 1 FROM channel WHERE channel.calendar_id = calendar.id AND channel.heard IS NOT NULL
        AND channel.reason IS NULL AND channel.expires > ?)
"""
"""A condition on a calendar: Google tells of its changes now; one parameter, the present."""


def watchable(store: Store) -> set[Target]:
    """Return what channels are wanted for: selected calendars of active accounts, and those accounts' lists."""
    rows = store.connection.execute(
        """
        SELECT calendar.account_id, calendar.id FROM calendar JOIN account ON account.id = calendar.account_id
        WHERE account.state = ? AND calendar.kind = ? AND calendar.state = ?
        """,
        (AccountState.ACTIVE, CalendarKind.GOOGLE, CalendarState.SELECTED),
    )
    found: set[Target] = {(int(account_id), int(calendar_id)) for account_id, calendar_id in rows}
    return found | {(account_id, None) for account_id, _ in found}


def mark(store: Store) -> tuple[int, ...]:
    """Return numbers that are other ones when channels or what they are wanted for changed: cheap, to ask often."""
    wanted = store.connection.execute(
        """
        SELECT count(*), sum(calendar.id), sum(calendar.id * calendar.id)
        FROM calendar JOIN account ON account.id = calendar.account_id
        WHERE account.state = ? AND calendar.kind = ? AND calendar.state = ?
        """,
        (AccountState.ACTIVE, CalendarKind.GOOGLE, CalendarState.SELECTED),
    ).fetchone()
    there = store.connection.execute(
        "SELECT count(*), count(heard), count(reason), count(resource_id), max(opened), min(expires) FROM channel"
    ).fetchone()
    return tuple(number or 0 for number in (*wanted, *there))


def list_channels(store: Store, account_id: int | None = None) -> list[Channel]:
    """Return the channels and notes, of all accounts or of one, the oldest first."""
    rows = store.connection.execute(
        f"SELECT {_COLUMNS} FROM channel WHERE ?1 IS NULL OR account_id = ?1 ORDER BY opened, id", (account_id,)
    )
    return [Channel(*row) for row in rows]


def get_channel(store: Store, channel_id: str) -> Channel | None:
    """Return one channel, or None."""
    row = store.connection.execute(f"SELECT {_COLUMNS} FROM channel WHERE id = ?", (channel_id,)).fetchone()
    return None if row is None else Channel(*row)


def add_channel(store: Store, channel: Channel) -> None:
    """Note a channel that is about to be asked for, or why there is none."""
    names = [name.strip() for name in _COLUMNS.split(",")]
    insert(store, "channel", {name: getattr(channel, name) for name in names})


def channel_opened(store: Store, channel_id: str, resource_id: str, expires: int) -> None:
    """Note Google's answer; its first message may have come before."""
    must_write(store)
    store.connection.execute(
        "UPDATE channel SET resource_id = ?, expires = ? WHERE id = ?", (resource_id, expires, channel_id)
    )


def refuse_channel(store: Store, channel_id: str, reason: str, until: int) -> None:
    """Turn a channel that was asked for into a note of why there is none."""
    must_write(store)
    store.connection.execute("UPDATE channel SET reason = ?, expires = ? WHERE id = ?", (reason, until, channel_id))


def mark_heard(store: Store, channel_ids: Iterable[str], now: int) -> None:
    """Note that first messages came."""
    must_write(store)
    store.connection.executemany(
        "UPDATE channel SET heard = ? WHERE id = ? AND heard IS NULL", [(now, one) for one in channel_ids]
    )


def drop_channels(store: Store, channel_ids: Iterable[str], now: int) -> None:
    """Forget channels; their calendars are asked soon, since nobody tells of them any more."""
    must_write(store)
    for one in channel_ids:
        store.connection.execute(
            "UPDATE calendar SET due = min(due, ?) WHERE due IS NOT NULL AND id = "
            "(SELECT calendar_id FROM channel WHERE id = ? AND reason IS NULL)",
            (now, one),
        )
        store.connection.execute("DELETE FROM channel WHERE id = ?", (one,))


def count_silent(store: Store, now: int) -> int:
    """Count the calendars with a channel by which nothing has come, though its first message comes at once."""
    (count,) = store.connection.execute(
        "SELECT count(DISTINCT calendar_id) FROM channel WHERE resource_id IS NOT NULL AND reason IS NULL "
        f"AND opened < ?1 AND expires > ?2 AND calendar_id NOT IN (SELECT calendar.id FROM calendar WHERE {TOLD_OF})",
        (now - SILENT, now, now),
    ).fetchone()
    return int(count)


def told_of(store: Store, calendar_id: int, now: int) -> bool:
    """Tell whether Google tells of a calendar's changes now."""
    row = store.connection.execute(f"SELECT {TOLD_OF} FROM calendar WHERE id = ?", (now, calendar_id)).fetchone()
    return bool(row and row[0])


def ask_told_of(store: Store, now: int) -> None:
    """Let every calendar that Google tells of be asked at once: what it told while nobody listened is lost."""
    must_write(store)
    store.connection.execute(f"UPDATE calendar SET due = min(due, ?) WHERE due IS NOT NULL AND {TOLD_OF}", (now, now))
