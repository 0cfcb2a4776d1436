"""Items of Google's that could not be read, by calendar: which and why, until they can be, or are gone.

They are few or none, so they stand in `meta`, one value for each calendar that has any; of a calendar with very many
the first are kept. Writing functions are called inside `store.write()`, with the page that brought them.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from calsyncctl.store.db import Store
from calsyncctl.store.meta import drop_meta, get_meta, set_meta

MOST = 50
"""How many are kept of one calendar."""

_BEGINS = "odd:"
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, str]).decode


def of_calendar(store: Store, calendar_id: int) -> tuple[tuple[str, str], ...]:
    """Return Google ids with why each cannot be read."""
    text = get_meta(store, _name(calendar_id))
    return tuple(_decode(text).items()) if text else ()


def by_calendar(store: Store) -> dict[int, tuple[tuple[str, str], ...]]:
    """Return the same for every calendar that has any."""
    rows = store.connection.execute("SELECT name, value FROM meta WHERE name GLOB ?", (f"{_BEGINS}*",))
    return {int(name.removeprefix(_BEGINS)): tuple(_decode(text).items()) for name, text in rows}


def note(store: Store, calendar_id: int, odd: Iterable[tuple[str, str]], *, seen: Iterable[str]) -> None:
    """Note odd items, Google id and why; those that a page shows (`seen`) and does not find odd are so no more."""
    before = dict(of_calendar(store, calendar_id))
    found = dict(odd)
    if not before and not found:
        return
    seen = set(seen)
    kept = {google_id: why for google_id, why in before.items() if google_id not in seen} | found
    _keep(store, calendar_id, dict(list(kept.items())[:MOST]))


def forget(store: Store, calendar_id: int) -> None:
    """Forget a calendar's: a full listing begins and names them anew, or the calendar goes."""
    drop_meta(store, _name(calendar_id))


def _keep(store: Store, calendar_id: int, kept: dict[str, str]) -> None:
    if kept:
        set_meta(store, _name(calendar_id), _encode(kept).decode())
    else:
        forget(store, calendar_id)


def _name(calendar_id: int) -> str:
    return f"{_BEGINS}{calendar_id}"
