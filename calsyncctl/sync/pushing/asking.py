"""What a push asks Google: what became of a write, what an event says before it is written, whether a right holds.

What is read goes the way of every item that is pulled, in a transaction of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from calsyncctl.errors import CursorExpired, Gone, Later
from calsyncctl.model.calendar import can_write
from calsyncctl.model.copy import Copy, CopyState, Known, RemoteEvent
from calsyncctl.model.history import Counts
from calsyncctl.store import copies, events
from calsyncctl.sync.editing.occurrences import has_place
from calsyncctl.sync.links import next_generation
from calsyncctl.sync.pulling.access import note_standing
from calsyncctl.sync.pulling.apply_items import apply_items
from calsyncctl.sync.pulling.deletions import set_aside
from calsyncctl.sync.pulling.pull import scene_of
from calsyncctl.sync.pushing import place
from calsyncctl.sync.pushing.under_way import Push, count
from calsyncctl.sync.report import Held

_NAMELESS = (
    "Google does not find this occurrence by its name, though its series has it (the hour that the clocks skip?)"
)


def read_unanswered(run: Push, copy_ids: list[int]) -> list[int]:
    """Ask for what a write without an answer left open; return the copies that can be planned now."""
    known = copies.known_by_id(run.store, copy_ids)
    unanswered = [one.copy.id for one in known if one.copy.sent_version is not None]
    if unanswered:
        read(run, unanswered)
    return [one.copy.id for one in known]


def read(run: Push, copy_ids: Sequence[int], *, taken: frozenset[int] = frozenset()) -> None:
    """Ask for copies by their ids and apply what Google says; `taken`: inserts whose id was taken already."""
    known = copies.known_by_id(run.store, copy_ids)
    answers = run.means.provider.get_events(run.google_id, tuple(one.copy.google_id for one in known))
    nameless = _nameless(run, known, answers)
    found: list[RemoteEvent] = []
    fresh: list[int] = []
    for one in known:
        item = answers.get(one.copy.google_id)
        if one.copy.id in taken and (item is None or item.content is None):
            fresh.append(one.copy.id)  # a deleted event holds the id
        elif item is not None or not (is_unplaced(one.copy) or one in nameless):
            found.append(item or RemoteEvent(google_id=one.copy.google_id, etag="", updated="", content=None))
    now = run.means.clock.now()
    with run.means.ledger.write(run.store):
        for copy_id in fresh:
            next_generation(run.store, run.calendar, copy_id, run.means.engine.instance, now)
        for one in nameless:
            place.hold(run.store, one.copy.id, "invalid", _NAMELESS, now)
        scene = scene_of(run.calendar, run.means, now)
        place.absorb_unheard(run.store, run.calendar, known, answers)
        there = set_aside(run.store, scene, found, confirmed=True)
        applied = apply_items(run.store, scene, there, confirmed=True)
        # A deletion that waits is still of what was sent: without that, it never was there.
        waiting = {item.google_id for item in found} - {item.google_id for item in there}
        copies.clear_sent(run.store, [one.copy.id for one in known if one.copy.google_id not in waiting])
        place.keep_graves(run.store, [one.copy.id for one in known], answers)
    run.pushed.held += [Held(one.event.id, "invalid", _NAMELESS) for one in nameless]
    count(run, Counts(held=len(nameless)))
    run.pushed.counts += Counts(new=applied.counts.new, changed=applied.counts.changed, deleted=applied.counts.deleted)


def _nameless(run: Push, known: Sequence[Known], answers: Mapping[str, RemoteEvent | None]) -> list[Known]:
    """Return occurrences, never heard of, that Google does not find although their series is there and has them.

    Nobody deleted those: their series is asked for to tell.
    """
    unheard = [
        one
        for one in known
        if one.copy.state is CopyState.PLANNED and one.copy.etag is None and answers.get(one.copy.google_id) is None
    ]
    masters = tuple(dict.fromkeys(one.copy.master_google_id for one in unheard if one.copy.master_google_id))
    series = run.means.provider.get_events(run.google_id, masters) if masters else {}
    return [one for one in unheard if _has_it(run, one, series.get(one.copy.master_google_id or ""))]


def _has_it(run: Push, one: Known, item: RemoteEvent | None) -> bool:
    """Tell whether a series, as Google has it, has an occurrence that lives or was cancelled here."""
    if item is None or item.content is None or one.event.series_id is None or one.event.deleted is not None:
        return False
    series = replace(events.get_event(run.store, one.event.series_id), content=item.content)
    return has_place(run.store, series, one.event)


def look(run: Push, copy_ids: Sequence[int]) -> None:
    """Ask whether the Meets that were being made are there."""
    if not copy_ids:
        return
    with run.store.write():
        for copy_id in copy_ids:
            place.looked(run.store, copy_id, run.means.clock.now())
    read(run, copy_ids)


def see_calendar(run: Push) -> None:
    """An event is not there: before that counts, the calendar itself is asked for."""
    if not run.means.provider.has_calendar(run.google_id):
        raise Gone(f"“{run.calendar.name}” is not there any more.", "Its events stay here; it is tried again.")


def may_write(run: Push) -> bool:
    """Ask for the role that the account has on the calendar now, and note one that is too low.

    Raises:
        Later, Gone: as the provider says.
    """
    try:
        page = run.means.provider.list_events(run.google_id, cursor=run.calendar.cursor, page=None)
    except CursorExpired as error:
        raise Later(f"Google begins “{run.calendar.name}” anew.", scope="calendar") from error
    if can_write(page.access):
        return True
    with run.store.write():
        run.pushed.warnings += note_standing(run.store, run.calendar, page, run.means.clock.now()).warnings
    return False


def is_unplaced(copy: Copy) -> bool:
    """Tell whether there is nothing to be read under the copy's id: it was never inserted under it."""
    return copy.state is CopyState.PLANNED and copy.master_google_id is None
