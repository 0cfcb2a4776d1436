"""events.list: pages, filters, full and incremental listings, with Google's rules for what may go together.

The pages of a plain full listing walk the calendar's events in the order of their making; a listing that is sorted or
expanded keeps a snapshot of its rows while it is paged through.
"""

from __future__ import annotations

import gzip
from collections.abc import Hashable, Iterable
from dataclasses import replace

import msgspec

from calsyncctl.sandbox.calls import PRIVATE, Answer, Call, indented
from calsyncctl.sandbox.events import answer_zone
from calsyncctl.sandbox.matching import Filter, expand, expand_change, read_filter
from calsyncctl.sandbox.refusals import Json, refuse
from calsyncctl.sandbox.render import View, render_bytes, view_of
from calsyncctl.sandbox.state import Calendar, Event, digest
from calsyncctl.sandbox.times import stamp, zone
from calsyncctl.sandbox.tokens import (
    PageToken,
    SyncToken,
    bad_page,
    read_page_token,
    read_sync_token,
    restricted,
    write_token,
)

FORBIDDEN_WITH_TOKEN = (
    "iCalUID",
    "privateExtendedProperty",
    "q",
    "sharedExtendedProperty",
    "timeMin",
    "timeMax",
    "updatedMin",
)
NOT_IN_QUERY = ("pageToken", "maxResults", "alt", "prettyPrint", "quotaUser", "key", "oauth_token", "userIp", "fields")
MOST_SNAPSHOTS = 16
WORTH_KEEPING = 20_000
MINUTE = 60_000_000


def list_events(call: Call) -> Answer:
    """Answer one page of a calendar's events, from ready bytes where nothing changed since they were made."""
    calendar = call.world.calendar(call.params["calendarId"], call.account.email)
    key = _cache_key(call, calendar)
    ready = call.world.pages.get(key) if key else None
    if ready is not None:
        return Answer(zipped=ready, headers={"Cache-Control": PRIVATE})
    answer = _build(call, calendar)
    if key and answer.content and len(answer.content) > WORTH_KEEPING:
        answer.zipped = gzip.compress(answer.content, 1, mtime=0)
        call.world.pages.keep(key, answer.zipped)
    return answer


def _cache_key(call: Call, calendar: Calendar) -> Hashable:
    """Return everything that a page depends on; None where the time of day counts, or the client takes no gzip."""
    expanding = (
        call.flag("singleEvents") or call.arg("updatedMin") or "gzip" not in call.headers.get("Accept-Encoding", "")
    )
    if expanding:
        return None
    email, log, entry = call.account.email, calendar.log, call.account.entries.get(calendar.id)
    state = (log.serial, log.page_epoch, calendar.epoch(email), calendar.role(email), calendar.version)
    return (calendar.id, email, state, entry.version if entry else 0, call.world.settings.paging(), tuple(call.query))


def _build(call: Call, calendar: Calendar) -> Answer:
    token = _sync_token(call, calendar)
    wanted = read_filter(call, token.query if token else {})
    view = _view(call, calendar, wanted, incremental=token is not None)
    page = _page_token(call, calendar) or _first_page(call, calendar)
    rows, following = _rows(call, calendar, token, wanted, page)
    envelope = _envelope(call, calendar)
    if following is not None:
        later = msgspec.structs.replace(page, position=following, pages=page.pages + 1)
        envelope["nextPageToken"] = write_token(later)
    elif not wanted.order or call.world.settings.order_by_token:
        envelope["nextSyncToken"] = write_token(_next_token(calendar, call, page.serial, wanted))
    return _encode(call, envelope, [_stale_once(calendar, event) if event.older else event for event in rows], view)


def _rows(
    call: Call, calendar: Calendar, token: SyncToken | None, wanted: Filter, page: PageToken
) -> tuple[list[Event], int | None]:
    """Return a page's events, and where the next one begins (None = this is the last)."""
    limit = call.number("maxResults", 250, 2500)
    limit = min(limit, call.world.settings.page_size or limit)
    if _comes_empty(call, page):
        return [], page.position
    if token is not None:
        return _incremental(call, calendar, token, wanted, page, limit)
    if wanted.expanded or wanted.order:
        return _sorted_page(call, calendar, wanted, page, limit)
    return _plain_page(calendar, wanted, page, limit)


def _sync_token(call: Call, calendar: Calendar) -> SyncToken | None:
    text = call.arg("syncToken")
    if not text:
        return None
    if any(call.args(name) for name in FORBIDDEN_WITH_TOKEN) or call.arg("showDeleted").lower() == "false":
        raise restricted(call.world)
    if call.arg("orderBy"):
        raise restricted(call.world, "syncTokenWithNonDefaultOrdering")
    token = read_sync_token(text, call.world, calendar.id)
    if token.account != call.account.email or token.epoch != calendar.epoch(call.account.email):
        raise refuse("fullSyncRequired")
    return token


def _page_token(call: Call, calendar: Calendar) -> PageToken | None:
    text = call.arg("pageToken")
    if not text:
        return None
    page = read_page_token(text)
    if page.source != calendar.id or page.query != _query_digest(call) or page.epoch != calendar.log.page_epoch:
        raise bad_page()
    return page


def _first_page(call: Call, calendar: Calendar) -> PageToken:
    return PageToken(
        calendar.id, call.account.email, _query_digest(call), 0, calendar.log.serial, calendar.log.page_epoch
    )


def _query_digest(call: Call) -> str:
    kept = sorted(pair for pair in call.query if pair[0] not in NOT_IN_QUERY)
    return digest(*kept, call.account.email, length=8)


def _comes_empty(call: Call, page: PageToken) -> bool:
    every = call.world.settings.empty_pages
    return bool(every) and page.pages % every == every - 1


def _view(call: Call, calendar: Calendar, wanted: Filter, *, incremental: bool) -> View:
    mask = call.mask.below("items") if call.mask else None
    return view_of(
        calendar,
        call.account.email,
        zone(answer_zone(call, calendar)),
        mask=mask if mask and mask.children else None,
        max_attendees=call.number("maxAttendees", 0, 10_000),
        keep_details=not call.world.settings.thin_tombstones and (not incremental or wanted.show_deleted),
    )


def _plain_page(calendar: Calendar, wanted: Filter, page: PageToken, limit: int) -> tuple[list[Event], int | None]:
    rows: list[Event] = []
    for at in range(page.position, len(calendar.order)):
        event = calendar.order[at]
        if not wanted.takes(event):
            continue
        if len(rows) == limit:
            return rows, at
        rows.append(event)
    return rows, None


def _stale_once(calendar: Calendar, event: Event) -> Event:
    """Return an event as it was before; the next incremental listing brings it as it is."""
    body = {**event.body, **(event.older or {})}
    event.older = None
    event.serial = calendar.log.note(event.id)
    return replace(event, body=body, updated=event.updated - MINUTE, version=event.version - MINUTE, rendered={})


def _incremental(
    call: Call, calendar: Calendar, token: SyncToken, wanted: Filter, page: PageToken, limit: int
) -> tuple[list[Event], int | None]:
    """Return what changed since the token, up to the serial of the first page; later changes come next time."""
    rows: list[Event] = []
    begin = max(token.serial, page.position)
    following = None
    last = begin
    for serial, event_id in calendar.log.since(begin):
        event = calendar.events[event_id]
        if serial > page.serial:
            break
        if event.serial != serial or event.purged or not wanted.takes_change(event):
            continue
        if len(rows) >= limit:
            following = last
            break
        rows.extend(expand_change(calendar, event, wanted, call.world.clock.now()) if wanted.expanded else [event])
        last = serial
    if call.world.settings.scramble:
        rows.sort(key=lambda event: digest(event.id, page.serial))
    return rows, following


def _sorted_page(
    call: Call, calendar: Calendar, wanted: Filter, page: PageToken, limit: int
) -> tuple[list[Event], int | None]:
    key = digest(calendar.id, call.account.email, page.query, page.serial)
    rows = call.world.snapshots.get(key)
    if rows is None:
        if page.position:
            raise bad_page()
        rows = _sorted_rows(call, calendar, wanted)
        call.world.snapshots[key] = rows
        if len(call.world.snapshots) > MOST_SNAPSHOTS:
            call.world.snapshots.popitem(last=False)
    end = page.position + limit
    return rows[page.position : end], end if end < len(rows) else None


def _sorted_rows(call: Call, calendar: Calendar, wanted: Filter) -> list[Event]:
    taken: Iterable[Event] = (event for event in calendar.order if wanted.takes(event))
    if wanted.expanded:
        taken = expand(calendar, taken, wanted, call.world.clock.now())
    if wanted.order == "startTime":
        return sorted(taken, key=lambda event: (wanted.start_of(event), event.id))
    if wanted.order == "updated":
        return sorted(taken, key=lambda event: (event.updated, event.id))
    return list(taken)


def _next_token(calendar: Calendar, call: Call, serial: int, wanted: Filter) -> SyncToken:
    email = call.account.email
    return SyncToken(calendar.id, email, serial, calendar.epoch(email), call.world.clock.seconds(), wanted.remembered)


def _envelope(call: Call, calendar: Calendar) -> Json:
    email = call.account.email
    entry = call.account.entries.get(calendar.id)
    return {
        "kind": "calendar#events",
        "etag": f'"p3{digest(calendar.id, calendar.log.serial, length=14)}"',
        "summary": calendar.summary,
        **({"description": calendar.description} if calendar.description else {}),
        "updated": stamp(calendar.updated),
        "timeZone": answer_zone(call, calendar),
        "accessRole": calendar.role(email),
        "defaultReminders": entry.fields.get("defaultReminders", []) if entry else [],
    }


def _encode(call: Call, envelope: Json, rows: list[Event], view: View) -> Answer:
    """Join the ready bytes of the rows into one page."""
    mask = call.mask
    if mask and mask.below("items") is None:
        return Answer(body=mask.apply(envelope), headers={"Cache-Control": PRIVATE})
    shown = mask.apply(envelope) if mask else envelope
    head = msgspec.json.encode(shown)[:-1]
    comma = b"," if shown else b""
    items = b",".join([render_bytes(event, view) for event in rows])
    content = indented(head + comma + b'"items":[' + items + b"]}", call.indent)
    return Answer(content=content, headers={"Cache-Control": PRIVATE})
