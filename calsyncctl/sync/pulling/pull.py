"""Pulling one calendar: pages of what changed, each stored together with the token that continues after it.

Whatever ends a pull between two pages (a signal, the network, the machine) loses nothing: the next one goes on where
the last page stopped. A dead token begins a full listing, which is merged into what is here, never put in its place.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass

from calsyncctl.clock import Clock
from calsyncctl.errors import CursorExpired, Invalid, Later, PageExpired
from calsyncctl.model.calendar import Calendar
from calsyncctl.model.history import Counts
from calsyncctl.store import calendars, listings
from calsyncctl.store.db import Store
from calsyncctl.sync.engine import Engine
from calsyncctl.sync.ledger import Ledger
from calsyncctl.sync.provider import EventsPage, OddItem, Provider
from calsyncctl.sync.pulling.access import Standing, check_readable, is_as_known, note_standing
from calsyncctl.sync.pulling.apply_items import apply_items
from calsyncctl.sync.pulling.deletions import decide_deletions, set_aside
from calsyncctl.sync.pulling.listing import begin_listing, note_odd, reread, settle_absences
from calsyncctl.sync.pulling.scene import Applied, OnDecided, Scene
from calsyncctl.sync.report import Held
from calsyncctl.sync.taking_part import as_it_is

RESTARTS = 3
"""How often one pull begins anew over refused tokens before it gives up until the next pass."""


@dataclass(frozen=True, slots=True)
class Means:
    """What a pull works with."""

    provider: Provider
    ledger: Ledger
    clock: Clock
    keys: Callable[[int], list[str]]
    stop: threading.Event
    on_page: Callable[[int], None]
    """Told, after each page, how many items there were so far."""
    engine: Engine = Engine()  # noqa: RUF009  (frozen)
    on_sent: Callable[[int], None] = lambda _: None
    """Told, after each batch of a push, how many events were sent so far."""
    on_decided: OnDecided = lambda *_: None


@dataclass(slots=True)
class Pulled:
    """What a pull did so far; kept up to date page by page, since a failed pull has counts too."""

    counts: Counts = Counts()  # noqa: RUF009  (frozen)
    full: bool = False
    warnings: tuple[str, ...] = ()
    odd: tuple[OddItem, ...] = ()
    items: int = 0
    held: tuple[Held, ...] = ()
    """Deletions that wait for somebody from this pull on."""


def pull(store: Store, calendar: Calendar, means: Means, pulled: Pulled) -> None:
    """Bring a calendar to what the provider says now; `pulled` tells how far it came, also when this raises.

    Raises:
        Gone, Refused: the calendar is not there, or shows busy times only.
        NotAllowed: somebody paused or deselected it meanwhile.
        Later, NeedsReauth, Installation, Invalid: as the provider says.
    """
    if calendar.cursor is not None and listings.is_unsettled(store, calendar.id, calendar.listing):
        # The pass that read the last page ended before it could ask about absent items.
        _settle(store, calendar, means, pulled)
    calendar, restarts, done = _resume(store, calendar, means), 0, False
    old = calendar.page is not None and calendar.cursor is not None
    """Whether it goes on with changes as they stood when an earlier pass was cut off: a push needs those since, too."""
    asked = set[str | None]()
    while not done:
        try:
            page = _read(calendar, means, asked)
            calendar = _take(store, calendar, means, page, pulled)
        except (CursorExpired, PageExpired, _Overtaken) as error:
            restarts += 1
            if restarts > RESTARTS:
                raise Later(
                    f"Google keeps refusing the tokens it gave for “{calendar.name}”.", scope="calendar"
                ) from error
            calendar = _restart(store, calendar, means, error)
            asked.clear()
            continue
        done = page.next_page is None and not old
        old = old and page.next_page is not None
        if means.stop.is_set() and not done:
            raise Later(f"Syncing “{calendar.name}” was interrupted.", "The next sync goes on where it stopped.")
    if pulled.full:
        _settle(store, calendar, means, pulled)
    _decide(store, calendar, means, pulled)


def _resume(store: Store, calendar: Calendar, means: Means) -> Calendar:
    """Return the calendar at the place to go on from: its cursor and page, or a full listing that this begins."""
    under_way = calendar.cursor is not None or calendar.page is not None
    if under_way and calendar.query == means.provider.query:
        return calendar
    begin_listing(store, calendar.id, means.provider.query)
    return calendars.get_calendar(store, calendar.id)


def _read(calendar: Calendar, means: Means, asked: set[str | None]) -> EventsPage:
    assert calendar.google_id is not None
    asked.add(calendar.page)
    page = means.provider.list_events(calendar.google_id, cursor=calendar.cursor, page=calendar.page)
    check_onward(calendar, page, asked)
    check_readable(calendar, page)
    return page


def check_onward(calendar: Calendar, page: EventsPage, asked: Collection[str | None]) -> None:
    """See that a listing goes on to a page that it has not come from; `asked`: those that were asked for so far.

    Raises:
        Invalid: it does not, and would never end.
    """
    if page.next_page is not None and page.next_page in asked:
        raise Invalid(f"Google's listing of “{calendar.name}” goes round in circles.", "Try later.")


class _Overtaken(Exception):
    """Somebody changed the calendar's mode, or its place in the listing, while a page was read: it says nothing now."""


def _restart(
    store: Store, calendar: Calendar, means: Means, error: CursorExpired | PageExpired | _Overtaken
) -> Calendar:
    """A refused page of changes begins the changes again; anything else begins a full listing."""
    if isinstance(error, _Overtaken):
        return _resume(store, calendars.get_calendar(store, calendar.id), means)
    if isinstance(error, PageExpired) and calendar.cursor is not None and calendar.page is not None:
        with store.write():
            calendars.save_cursor(store, calendar.id, calendar.cursor, means.provider.query)
    else:
        begin_listing(store, calendar.id, means.provider.query)
    return calendars.get_calendar(store, calendar.id)


def _take(store: Store, calendar: Calendar, means: Means, page: EventsPage, pulled: Pulled) -> Calendar:
    """Store one page, all of it or nothing, and return the calendar as it is then."""
    now = means.clock.now()
    with means.ledger.write(store):
        calendar = _unmoved(store, calendar)
        pulled.full = pulled.full or calendar.cursor is None
        standing = Standing(calendar) if is_as_known(calendar, page) else note_standing(store, calendar, page, now)
        scene = scene_of(standing.calendar, means, now)
        applied = apply_items(store, scene, set_aside(store, scene, page.items, last=_is_last(page, scene)))
        if scene.listing is not None and page.odd:
            listings.name_items(store, calendar.id, scene.listing, [item.google_id for item in page.odd])
        note_odd(store, calendar.id, page, applied)
        _continue_after(store, scene, page, changed=(pulled.counts + applied.counts).writes > 0)
    counts = applied.counts + Counts(odd=len(page.odd))
    _note(pulled, means, counts, (*page.odd, *applied.odd), standing.warnings)
    pulled.items += len(page.items) + len(page.odd)
    means.on_page(pulled.items)
    if applied.stale:
        _note(pulled, means, _reread(store, means, scene, applied), (), ())
    return calendars.get_calendar(store, calendar.id)


def _unmoved(store: Store, calendar: Calendar) -> Calendar:
    """Return the calendar as it is now, if a page that was read for it still counts; inside the page's write."""
    now = as_it_is(store, calendar)
    if (now.mode, now.cursor, now.page, now.listing) != (
        calendar.mode,
        calendar.cursor,
        calendar.page,
        calendar.listing,
    ):
        raise _Overtaken
    return now


def _reread(store: Store, means: Means, scene: Scene, applied: Applied) -> Counts:
    again = reread(store, means.provider, scene, applied.stale)
    # They were counted as stale once already; what is unchanged now is no news either.
    return Counts(new=again.new, changed=again.changed, deleted=again.deleted)


def _continue_after(store: Store, scene: Scene, page: EventsPage, *, changed: bool) -> None:
    """Keep the token that continues after a page, in the page's own transaction."""
    calendar = scene.calendar
    if page.next_page is not None:
        calendars.save_page(store, calendar.id, page.next_page)
        return
    if page.cursor is None:
        raise Later(f"Google ended the listing of “{calendar.name}” without a sync token.", scope="calendar")
    calendars.save_cursor(store, calendar.id, page.cursor, calendar.query or "")
    if scene.listing is None:
        # A full listing succeeds only when its absences are settled.
        calendars.mark_success(store, calendar.id, scene.now, changed=changed)


def _settle(store: Store, calendar: Calendar, means: Means, pulled: Pulled) -> None:
    now = means.clock.now()
    scene = scene_of(calendar, means, now, listing=calendar.listing)
    _note(pulled, means, settle_absences(store, means.provider, scene), (), ())
    with store.write():
        listings.close_listings(store, calendar.id)
        calendars.mark_success(store, calendar.id, now, changed=pulled.counts.writes > 0)


def _is_last(page: EventsPage, scene: Scene) -> bool:
    """Tell whether no deletion can follow: a full listing's absences still do."""
    return page.next_page is None and scene.listing is None


def _decide(store: Store, calendar: Calendar, means: Means, pulled: Pulled) -> None:
    counts, held = decide_deletions(store, scene_of(calendar, means, means.clock.now()))
    _note(pulled, means, counts, (), ())
    pulled.held += tuple(held)


def scene_of(calendar: Calendar, means: Means, now: int, *, listing: int | None = None) -> Scene:
    """Return where items of a calendar are applied; `listing` only while that listing's absences are settled."""
    return Scene(
        calendar=calendar,
        ledger=means.ledger,
        keys=means.keys,
        now=now,
        listing=calendar.listing if calendar.cursor is None else listing,
        first=calendar.last_success is None,
        policy=means.engine.policy,
        instance=means.engine.instance,
        adopt=means.engine.adopt,
        on_decided=means.on_decided,
    )


def _note(pulled: Pulled, means: Means, counts: Counts, odd: tuple[OddItem, ...], warnings: tuple[str, ...]) -> None:
    pulled.counts += counts
    pulled.odd += odd
    pulled.warnings += warnings
    means.ledger.counts += counts
