"""Reading a range of time: single events, exceptions and expanded occurrences that overlap it, hidden ones left out.

A lower bound on `starts` keeps such a query from walking everything before the range: it begins a week earlier, and
what lasts longer than a week is found by its end, in an index of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from calsyncctl.model.event import Event
from calsyncctl.store.db import Store
from calsyncctl.store.events import COLUMNS, read_event

_encode = msgspec.json.Encoder().encode
_OF_CALENDARS = "calendar_id IN (SELECT value FROM json_each(:calendars))"
# What begins within the range belongs to it, even if it lasts no time.
_OVERLAPS = "{t}.starts < :to AND ({t}.ends > :from OR {t}.starts >= :from)"
# What lasts longer than a week is looked up by its end; the partial indexes of step 3 say the same.
_SHORT = "{t}.starts >= :from - 604800 AND {t}.ends - {t}.starts <= 604800"
_LONG = "{t}.ends > :from AND {t}.ends - {t}.starts > 604800"

_SINGLE = f"""
    SELECT e.starts, e.ends, {COLUMNS} FROM event e
    WHERE e.{_OF_CALENDARS} AND {_OVERLAPS} AND {{length}} AND e.recurrence IS NULL AND e.deleted IS NULL
"""
_REPEATED = f"""
    SELECT o.starts, o.ends, {COLUMNS} FROM occurrence o JOIN event e ON e.id = o.event_id
    WHERE o.{_OF_CALENDARS} AND {_OVERLAPS} AND {{length}} AND e.deleted IS NULL
    AND e.recurrence IS NOT NULL AND e.calendar_id = o.calendar_id
"""
# The last line: what was a series, or was one elsewhere, may have left occurrences in the cache.


def visible_calendars(store: Store, calendar_ids: Iterable[int] | None = None) -> list[int]:
    """Return the calendars whose events are to be seen: native ones, and those taking part in sync.

    Those of a deselected calendar, or of an account that is leaving or gone, stay here but are hidden and not busy.
    """
    chosen = "TRUE" if calendar_ids is None else "c.id IN (SELECT value FROM json_each(?))"
    rows = store.connection.execute(
        "SELECT c.id FROM calendar c LEFT JOIN account a ON a.id = c.account_id WHERE c.state <> 'available' "
        f"AND coalesce(a.state, '') NOT IN ('disconnecting', 'disconnected') AND {chosen} ORDER BY c.id",
        () if calendar_ids is None else (_encode(list(calendar_ids)).decode(),),
    )
    return [id_ for (id_,) in rows]


def spans_between(
    store: Store, *, calendar_ids: Iterable[int], from_: int, to: int
) -> Iterator[tuple[int, int, Event]]:
    """Return (starts, ends, event) of what overlaps a range (UTC seconds, `to` exclusive), in no order.

    Occurrences stand in it as far as series are expanded; an exception stands in it as itself, at its own time.
    """
    chosen = {"calendars": _encode(list(calendar_ids)).decode(), "from": from_, "to": to}
    for query, table in ((_SINGLE, "e"), (_REPEATED, "o")):
        for length in (_SHORT, _LONG):
            statement = query.format(t=table, length=length.format(t=table))
            for row in store.connection.execute(statement, chosen):
                yield row[0], row[1], read_event(row[2:])
