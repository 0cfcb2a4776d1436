"""Changed occurrences of a series that moves: carried to where their occurrence is then, as far as there is one.

An occurrence's name is its original start, at Google too. So what was changed of it is said again of the occurrence
under its new name, and the exception under the old one ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec.structs import replace

from calsyncctl.model.event import Content, Event
from calsyncctl.model.fields import value_of, with_fields
from calsyncctl.store import events
from calsyncctl.store.db import Store
from calsyncctl.sync.changes import differences
from calsyncctl.sync.editing import occurrences
from calsyncctl.sync.editing.record import Act, home_of
from calsyncctl.sync.recurrence.recur import occurrence, reshape

WENT_ALONG = "it moved with its series"
"""Why what was changed of an occurrence ends under its old name, and stands under its new one."""


def carry_over(
    store: Store,
    act: Act,
    was: Content,
    series: Event,
    exceptions: Iterable[Event],
    keys: Callable[[int], list[str]],
) -> None:
    """Say again of a moved series' occurrences what was changed of them; inside a write, after the series was kept.

    `was` is what the series said, `series` what it says now: the same event, or the one that goes on from a split. What
    has no place in it, or finds another exception there, is left standing: the caller drops it.
    """
    zone = home_of(store, series).zone
    assert series.content is not None
    changed = {one.original or "": one for one in exceptions if one.content is not None and one.status != "cancelled"}
    moves = reshape(was.when, series.content.when, changed, calendar_zone=zone).originals
    for original, to in moves:
        said = None if to is None else said_there(was, series.content, changed[original], to, zone)
        if to is None or said is None or _is_taken(store, series, to):
            continue
        occurrences.drop_exceptions(store, act, [changed[original]], WENT_ALONG, lost=False)
        occurrences.change(store, act, series.id, to, said, keys(1)[0], why=WENT_ALONG)


def follow_along(store: Store, act: Act, series: Event, before: Content, keys: Callable[[int], list[str]]) -> None:
    """Let exceptions go along with an edit of their series: to their new places, and with what it says; inside a write.

    Those that it has no place for are dropped, and kept in the history.
    """
    assert series.content is not None
    if before.when != series.content.when:
        carry_over(store, act, before, series, occurrences.misfits(store, series, series.content), keys)
    occurrences.follow_series(store, act, series, before)


def carry_cancelled(
    store: Store,
    act: Act,
    was: Content,
    series: Event,
    exceptions: Iterable[Event],
    keys: Callable[[int], list[str]],
) -> None:
    """Cancel a moved series' occurrences again where they are now; else as `carry_over`.

    One that was changed there meanwhile takes place: that it was cancelled waits in `review`.
    """
    assert series.content is not None
    zone = home_of(store, series).zone
    gone = {one.original or "": one for one in exceptions if one.status == "cancelled"}
    for original, to in reshape(was.when, series.content.when, gone, calendar_zone=zone).originals:
        if to is None:
            continue
        taken = _is_taken(store, series, to)
        occurrences.drop_exceptions(store, act, [gone[original]], WENT_ALONG, lost=taken, cancelled_too=taken)
        if not taken:
            occurrences.cancel(store, act, series.id, to, keys(1)[0], why=WENT_ALONG)


def said_there(was: Content, now: Content, exception: Event, to: str, zone: str) -> Content | None:
    """Return what the occurrence at its new start says: as the series, but for what was changed of it."""
    old = occurrence(was.when, exception.original or "", calendar_zone=zone)
    new = occurrence(now.when, to, calendar_zone=zone)
    if old is None or new is None or exception.content is None:
        return None
    changes = differences(replace(was, when=old), exception.content)
    return with_fields(replace(now, when=new), {one.field: value_of(exception.content, one.field) for one in changes})


def _is_taken(store: Store, series: Event, original: str) -> bool:
    event_id = events.exception_at(store, series.id, original)
    return event_id is not None and events.get_event(store, event_id).deleted is None
