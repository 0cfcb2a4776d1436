"""What Google says of a series' occurrences and a plan does not know: the condition on a series does not speak of them.

A series that is deleted, or gets another rule, takes its changed occurrences with it. So what was changed of them since
the calendar was read last is looked for before: in a listing of what is new, which moves no cursor.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from calsyncctl.errors import CursorExpired, PageExpired
from calsyncctl.model.calendar import Calendar
from calsyncctl.model.copy import Known, RemoteEvent
from calsyncctl.store import copies
from calsyncctl.store.db import Store
from calsyncctl.sync.planning.plan import Decision
from calsyncctl.sync.provider import Provider


def with_news(
    store: Store, calendar: Calendar, provider: Provider, series: Collection[str], decisions: Iterable[Decision]
) -> set[str]:
    """Return those of the series (Google ids) of which an occurrence was changed or cancelled there, unplanned.

    If Google no longer tells what is new since the last reading, everything is read, and compared with what is known.
    """
    if not series or calendar.cursor is None:
        return set()
    try:
        news = _news(calendar, provider, series, calendar.cursor, calendar.page)
    except (CursorExpired, PageExpired):
        news = _news(calendar, provider, series, None, None)
    known = copies.known_copies(store, calendar.id, [item.google_id for item in news])
    planned = {(one.google_id, one.etag) for one in decisions if one.calendar == calendar.id}
    return {
        item.master or ""
        for item in news
        if (item.google_id, item.etag if item.content else "") not in planned
        and _is_news(item, known.get(item.google_id))
    }


def _news(
    calendar: Calendar, provider: Provider, series: Collection[str], cursor: str | None, page: str | None
) -> list[RemoteEvent]:
    """Read what a listing tells of the occurrences of some series, all its pages, and keep none of it."""
    assert calendar.google_id is not None
    found: list[RemoteEvent] = []
    while True:
        answer = provider.list_events(calendar.google_id, cursor=cursor, page=page)
        found += [item for item in answer.items if item.master in series]
        if answer.next_page is None or answer.next_page == page:
            return found
        page = answer.next_page


def _is_news(item: RemoteEvent, known: Known | None) -> bool:
    if known is None:
        return True
    gone = known.event.deleted is not None or known.event.status == "cancelled"
    return not gone if item.content is None else item.etag != known.copy.etag
