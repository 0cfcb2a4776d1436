"""The calendar table: native calendars and those of the accounts, their states, modes and places in a listing.

Writing functions are called inside `store.write()`; a page of events and the token that continues after it belong
into one block.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from calsyncctl.errors import UsageFault
from calsyncctl.model.account import AccountState
from calsyncctl.model.calendar import Calendar, CalendarKind, CalendarState, Mode, RemoteCalendar
from calsyncctl.store import meta, oddities
from calsyncctl.store.db import Store
from calsyncctl.store.rows import among, change, insert, must_write, no_row

_COLUMNS = ", ".join(
    f"calendar.{column}"  # qualified, since two queries join other tables
    for column in (
        *("id", "kind", "name", "zone", "state", "account_id", "google_id", "colour", "access", "is_primary", "mode"),
        *("reason", "since", "until", "cursor", "query", "page", "listing", "due"),
        *("last_success", "last_change", "last_reconcile"),
    )
)
_TAKEN = (CalendarState.SELECTED, CalendarState.PAUSED, CalendarState.HOLD)
_LEAVING = (AccountState.DISCONNECTING, AccountState.DISCONNECTED)


def _calendar(row: tuple[Any, ...]) -> Calendar:
    row_id, kind, name, zone, state, account_id, google_id, colour, access, is_primary, mode, *rest = row
    return Calendar(
        row_id,
        CalendarKind(kind),
        name,
        zone,
        CalendarState(state),
        account_id,
        google_id,
        colour,
        access,
        bool(is_primary),
        None if mode is None else Mode(mode),
        *rest,
    )


def add_native(store: Store, name: str, *, zone: str, colour: str | None = None) -> Calendar:
    """Add a calendar that lives only here.

    Raises:
        UsageFault: a native calendar already has that name, whatever the case.
    """
    natives = list_calendars(store, kinds=(CalendarKind.NATIVE,))
    if any(native.name.casefold() == name.casefold() for native in natives):
        raise UsageFault(f"There is already a native calendar “{name}”.", "Choose another name.")
    values = {
        "kind": CalendarKind.NATIVE,
        "name": name,
        "zone": zone,
        "colour": colour,
        "state": CalendarState.SELECTED,
    }
    return get_calendar(store, insert(store, "calendar", values))


def keep_remote(store: Store, account_id: int, remote: RemoteCalendar) -> Calendar:
    """Add or bring up to date one calendar of an account's list; a new one is `available`.

    Only what Google says of it is touched; state, mode and cursor are ours. Nothing is written if nothing changed.
    The zone of one that was ever selected is left to the next page of its events, which moves all-day ones with it.
    """
    must_write(store)
    store.connection.execute(
        """
        INSERT INTO calendar (account_id, google_id, kind, state, name, zone, access, is_primary, colour)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (account_id, google_id) DO UPDATE SET
            name = excluded.name, access = excluded.access, is_primary = excluded.is_primary,
            colour = excluded.colour, zone = CASE WHEN mode IS NULL THEN excluded.zone ELSE zone END
        WHERE (name, access, is_primary, colour)
            IS NOT (excluded.name, excluded.access, excluded.is_primary, excluded.colour)
            OR (mode IS NULL AND zone IS NOT excluded.zone)
        """,
        (
            account_id,
            remote.google_id,
            CalendarKind.GOOGLE,
            CalendarState.AVAILABLE,
            remote.name,
            remote.zone,
            remote.access,
            remote.is_primary,
            remote.colour,
        ),
    )
    row = store.connection.execute(
        f"SELECT {_COLUMNS} FROM calendar WHERE account_id = ? AND google_id = ?", (account_id, remote.google_id)
    ).fetchone()
    return _calendar(row)


def list_calendars(
    store: Store,
    *,
    account_id: int | None = None,
    states: Iterable[CalendarState] | None = None,
    kinds: Iterable[CalendarKind] | None = None,
    assignee: int | None = None,
    ids: Iterable[int] | None = None,
) -> list[Calendar]:
    """Return calendars, those of the accounts first, primary ones before others, then by name; `ids`: only of these."""
    of_these, wanted_ids = among("id", ids)
    in_states, wanted_states = among("state", states)
    in_kinds, wanted_kinds = among("kind", kinds)
    of_account, wanted_accounts = among("account_id", None if account_id is None else (account_id,))
    assigned = "TRUE" if assignee is None else "id IN (SELECT calendar_id FROM assignment WHERE assignee_id = ?)"
    rows = store.connection.execute(
        f"""
        SELECT {_COLUMNS} FROM calendar WHERE {of_these} AND {in_states} AND {in_kinds} AND {of_account}
            AND {assigned}
        ORDER BY account_id IS NULL, account_id, is_primary DESC, name COLLATE NOCASE, id
        """,
        (*wanted_ids, *wanted_states, *wanted_kinds, *wanted_accounts, *(() if assignee is None else (assignee,))),
    )
    return [_calendar(row) for row in rows]


def get_calendar(store: Store, calendar_id: int) -> Calendar:
    """Return one calendar.

    Raises:
        NotFound: it is not there (any more).
    """
    row = store.connection.execute(f"SELECT {_COLUMNS} FROM calendar WHERE id = ?", (calendar_id,)).fetchone()
    if row is None:
        raise no_row("calendar", calendar_id)
    return _calendar(row)


def selected_elsewhere(store: Store, google_id: str, account_id: int) -> Calendar | None:
    """Return the same google calendar where another account already syncs it, also paused or on hold.

    One Google calendar goes through one account at a time. An account that is disconnected claims nothing.
    """
    in_states, taken = among("calendar.state", _TAKEN)
    leaving, gone = among("account.state", _LEAVING)
    row = store.connection.execute(
        f"""
        SELECT {_COLUMNS} FROM calendar JOIN account ON account.id = calendar.account_id
        WHERE calendar.google_id = ? AND calendar.account_id <> ? AND {in_states} AND NOT {leaving}
        ORDER BY calendar.id LIMIT 1
        """,
        (google_id, account_id, *taken, *gone),
    ).fetchone()
    return None if row is None else _calendar(row)


def set_calendar_state(
    store: Store,
    calendar_id: int,
    state: CalendarState,
    *,
    reason: str | None = None,
    since: int,
    until: int | None = None,
) -> None:
    """Set the state with its reason, since when, and until when it is meant to last."""
    change(store, "calendar", calendar_id, {"state": state, "reason": reason, "since": since, "until": until})


def select_calendar(store: Store, calendar_id: int, mode: Mode, now: int) -> None:
    """Make it take part in sync, in a mode; an earlier pause or hold and its reason end."""
    selected: dict[str, str | int | None] = {"state": CalendarState.SELECTED, "mode": mode, "since": now}
    change(store, "calendar", calendar_id, {**selected, "reason": None, "until": None})
    meta.drop_meta(store, _lost_mode(calendar_id))


def set_mode(store: Store, calendar_id: int, mode: Mode) -> None:
    """Let it sync in another mode; nothing else changes."""
    change(store, "calendar", calendar_id, {"mode": mode})
    meta.drop_meta(store, _lost_mode(calendar_id))


def keep_lost_mode(store: Store, calendar_id: int, mode: Mode) -> None:
    """Remember how it synced before its access role forbade that; whoever chooses a mode lets this be forgotten."""
    meta.set_meta(store, _lost_mode(calendar_id), mode)


def lost_mode(store: Store, calendar_id: int) -> Mode | None:
    """Return the mode that comes back with its access role, None if there is none."""
    kept = meta.get_meta(store, _lost_mode(calendar_id))
    return None if kept is None else Mode(kept)


def _lost_mode(calendar_id: int) -> str:
    return f"lost-mode:{calendar_id}"


def begin_listing(store: Store, calendar_id: int, query: str) -> int:
    """Begin a full listing and return its number, which no earlier one had.

    The old cursor is forgotten: it belongs to another query or is dead, and a cursor is only there when a listing
    was read to its end. `query` is the fingerprint of the request whose pages follow.
    """
    oddities.forget(store, calendar_id)  # it will name them anew
    row = store.connection.execute(
        """
        UPDATE calendar SET listing = listing + 1, page = NULL, cursor = NULL, query = ?
        WHERE id = ? RETURNING listing
        """,
        (query, calendar_id),
    ).fetchone()
    if row is None:
        raise no_row("calendar", calendar_id)
    return int(row[0])


def save_page(store: Store, calendar_id: int, page: str) -> None:
    """Keep the token of the next page: an interrupted listing goes on there."""
    change(store, "calendar", calendar_id, {"page": page})


def save_cursor(store: Store, calendar_id: int, cursor: str, query: str) -> None:
    """Keep the sync token after the last page, with the fingerprint of its query; no listing is under way any more."""
    change(store, "calendar", calendar_id, {"cursor": cursor, "query": query, "page": None})


def drop_cursor(store: Store, calendar_id: int) -> None:
    """Forget sync and page token: the next pull is a full listing."""
    oddities.forget(store, calendar_id)
    change(store, "calendar", calendar_id, {"cursor": None, "query": None, "page": None})


def set_access(store: Store, calendar_id: int, access: str, zone: str) -> None:
    """Note the access role and time zone that a page of events tells."""
    change(store, "calendar", calendar_id, {"access": access, "zone": zone})


def mark_success(store: Store, calendar_id: int, now: int, *, changed: bool) -> None:
    """Note a pass that reached its end at `now`, and whether it brought anything."""
    moved = {"last_change": now} if changed else {}
    change(store, "calendar", calendar_id, {"last_success": now, **moved})


def mark_reconciled(store: Store, calendar_id: int, now: int) -> None:
    """Note that everything was compared."""
    change(store, "calendar", calendar_id, {"last_reconcile": now})


def delete_calendar(store: Store, calendar_id: int) -> None:
    """Remove a calendar and its assignments; its events must have been removed before.

    Raises:
        sqlite3.IntegrityError: events are left.
    """
    oddities.forget(store, calendar_id)
    meta.drop_meta(store, _lost_mode(calendar_id))
    store.connection.execute("DELETE FROM assignment WHERE calendar_id = ?", (calendar_id,))
    store.connection.execute("DELETE FROM calendar WHERE id = ?", (calendar_id,))
