"""Occurrences of which Google spoke while their series was moved or divided here: they go where their series went.

Google's word names an occurrence by where its series was. What was changed or cancelled is said again of the occurrence
under its new name, as if it had been known before the edit; what has no place any more waits in the review.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace as by
from typing import NamedTuple

from msgspec.structs import replace

from calsyncctl.errors import NotAllowed
from calsyncctl.model.copy import CopyState, Known
from calsyncctl.model.event import Content, Event, When
from calsyncctl.model.history import Lost
from calsyncctl.model.when import local, series_zone, span
from calsyncctl.store import copies, events, runs
from calsyncctl.store.db import Store
from calsyncctl.store.history import content_at
from calsyncctl.sync.editing.carrying import WENT_ALONG, carry_cancelled, carry_over, said_there
from calsyncctl.sync.editing.occurrences import drop_exceptions, has_place
from calsyncctl.sync.editing.permit import check_change
from calsyncctl.sync.editing.record import Act, home_of
from calsyncctl.sync.policy import GOOGLE, WhenGone, comes_back
from calsyncctl.sync.pulling.folding import take_in
from calsyncctl.sync.pulling.incoming import Incoming, Verdict
from calsyncctl.sync.pulling.parts import cut, later_parts
from calsyncctl.sync.pulling.scene import Scene
from calsyncctl.sync.pulling.telling import SELF
from calsyncctl.sync.recurrence.recur import reshape
from calsyncctl.sync.stand import Stand, stand_of, waiting

_SPOKEN = {Verdict.ADD, Verdict.TAKE, Verdict.RESTORE, Verdict.CANCEL}
_ENDED = "its series has no such occurrence any more"
_WHY = "its series was moved or divided here meanwhile"


class _Way(NamedTuple):
    """What a series said in Google, and the one that says it now: itself, or what goes on from it.

    `run` made it so: what is carried counts to it, so that it goes back with it.
    """

    was: Content
    now: Event
    run: int | None


def carry_overtaken(store: Store, scene: Scene, decisions: Iterable[Incoming]) -> None:
    """Let occurrences that Google just spoke of go along with their series' edits that wait; inside a write."""
    names = {
        one.item.google_id for one in decisions if one.verdict in _SPOKEN and one.item.master and one.item.original
    }
    if scene.first or not names:
        return
    known = [one for one in copies.known_copies(store, scene.calendar.id, names).values() if one.event.deleted is None]
    for series_id in {one.event.series_id for one in known if one.event.series_id is not None}:
        series = copies.known_on(store, series_id, scene.calendar.id)
        if series is not None and _is_ahead(series):
            _carry(store, scene, series, [one.event for one in known if one.event.series_id == series_id])


def with_cancelled(store: Store, scene: Scene, decisions: Iterable[Incoming]) -> list[Incoming]:
    """Tell what somebody cancelled in Google of what ended here with its series' times from what both know to be gone.

    What was edited of it beside, and Google was not told, stands all the same.
    """
    decisions = list(decisions)
    read = {one.item.google_id: one.item.content.when for one in decisions if one.item.content is not None}
    return [
        _as_cancelled(one, one.stand) if one.stand is not None and _is_cancelled_there(store, scene, one, read) else one
        for one in decisions
    ]


def _as_cancelled(one: Incoming, stand: Stand) -> Incoming:
    event = None if one.known is None else one.known.event
    edited = event is not None and event.content is not None and bool(waiting(stand, event.content).pending)
    if event is not None and edited and comes_back(event.content, event, stand.rules, series_deleted=False):
        return replace(one, lost=(Lost("deleted", True, False),))
    return replace(one, verdict=Verdict.CANCEL)


def _is_cancelled_there(store: Store, scene: Scene, one: Incoming, read: Mapping[str, When]) -> bool:
    """Tell whether somebody cancelled what ended here: as long as Google's series has it, nothing else ends it there.

    `read`: when the items take place that were read with it.
    """
    known, stand = one.known, one.stand
    if one.verdict is not Verdict.AGREE or known is None or stand is None or stand.plain is None:
        return False
    event, ended = known.event, known.event.deleted is not None and known.copy.state is CopyState.LIVE
    if not ended or not one.item.master or event.series_id is None or stand.rules.when_gone is WhenGone.STALE:
        return False
    series = copies.known_on(store, event.series_id, scene.calendar.id)
    if series is None or series.event.content is None or known.series_deleted:
        return False
    if one.item.master not in read:
        return series.copy.sent_version is None  # else Google may have taken the series' new times
    there = replace(series.event.content, when=read[one.item.master])
    return has_place(store, replace(series.event, content=there), event)


def carry_untold(store: Store, scene: Scene, act: Act, decision: Incoming, before: Content) -> None:
    """Let what was said here of a series' occurrences, and not yet there, go along when Google moves or divides it.

    Inside a write, after the series was kept and before it drops what it has no place for.
    """
    assert decision.known is not None
    series = events.get_event(store, decision.known.event.id)
    if series.content is None or series.content.when == before.when:
        return
    left = [one.id for one in _untold(store, scene, series) if not has_place(store, series, one)]
    if not left:
        return
    _go(store, scene, act, _Way(before, series, act.run), left)
    halves = cut(before.when, series.content.when, before.when, home_of(store, series).zone)
    if halves is None:
        return
    rest = replace(before, when=halves.after)
    for half in _rests(store, scene, decision.item.google_id, rest.when):
        _go(store, scene, act, _Way(rest, half, act.run), left)
    drop_exceptions(store, act, _standing(store, left), _ENDED, cancelled_too=True)


def _untold(store: Store, scene: Scene, series: Event) -> list[Event]:
    """Return the exceptions of a series whose last change this calendar was not told of."""
    known = [copies.known_on(store, one.id, scene.calendar.id) for one in events.exceptions_of(store, series.id)]
    return [one.event for one in known if one is not None and one.copy.base_version != one.event.version]


def _rests(store: Store, scene: Scene, google_id: str, when: When) -> list[Event]:
    """Return what goes on from a series that was divided in Google: its pages name it after series and start."""
    wall = "".join(one for one in when.start if one.isdigit() or one == "T")
    starts = {wall[:8], wall[:15], _in_zone(when)}
    found = copies.known_copies(store, scene.calendar.id, {f"{google_id}_R{start}" for start in starts})
    return [one.event for one in found.values() if one.event.deleted is None]


def _in_zone(when: When) -> str:
    """Write a start as the wall time of its series."""
    if when.all_day:
        return when.start.replace("-", "")
    starts, _ = span(when, when.zone or "UTC")
    return local(starts, series_zone(when, "UTC")).strftime("%Y%m%dT%H%M%S")


def _is_ahead(series: Known) -> bool:
    """Tell whether edits of a series wait to be pushed."""
    copy, event = series.copy, series.event
    alive = event.deleted is None and event.content is not None and copy.state is CopyState.LIVE
    return alive and copy.base_version != event.version


def _carry(store: Store, scene: Scene, series: Known, spoken: list[Event]) -> None:
    stand = stand_of(store, scene.calendar, series, scene.policy)
    left = [one.id for one in spoken if not has_place(store, series.event, one)]
    if not left or stand.base is None or stand.before is None or not stand.rules.held:
        return
    was = replace(stand.base, when=stand.before.when)
    for way in _ways(store, series, was):
        _go(store, scene, Act(SELF, scene.now, scene.instance, way.run), way, left)
    act = Act(SELF, scene.now, scene.instance, scene.ledger.run(store))
    drop_exceptions(store, act, _standing(store, left), _WHY)  # what is cancelled is lost with its day
    events.unexpand(store, {series.event.id})


def _go(store: Store, scene: Scene, act: Act, way: _Way, left: list[int]) -> None:
    """Let go this way what can of the exceptions that are left."""
    if _is_open(store, way):
        _meet(store, scene, act, way, left)
        carry_over(store, act, way.was, way.now, _standing(store, left), scene.keys)
        carry_cancelled(store, act, way.was, way.now, _standing(store, left), scene.keys)


def _meet(store: Store, scene: Scene, act: Act, way: _Way, left: list[int]) -> None:
    """Let occurrences that went this way before say what Google says since of them under their old names."""
    assert way.now.content is not None
    zone, spoken = home_of(store, way.now).zone, {one.original or "": one for one in _standing(store, left)}
    for original, to in reshape(way.was.when, way.now.content.when, spoken, calendar_zone=zone).originals:
        event = spoken[original]
        here = None if to is None else _that_went_along(store, way.now, to)
        if to is None or here is None:
            continue
        before = replace(event, content=content_at(store, event, event.version - 1))
        was, said = (said_there(way.was, way.now.content, one, to, zone) for one in (before, event))
        cancels = event.status == "cancelled"
        if was is None or said is None or (cancels and here.content != was):
            continue
        take_in(store, by(act, author=GOOGLE), here.id, was, said, why=_WHY, policy=scene.policy, cancels=cancels)
        drop_exceptions(store, act, [event], WENT_ALONG, lost=False)


def _that_went_along(store: Store, series: Event, original: str) -> Event | None:
    """Return the exception at an original start, if it was changed under another name and takes place."""
    event_id = events.exception_at(store, series.id, original)
    event = None if event_id is None else events.get_event(store, event_id)
    if event is None or event.deleted is not None or event.status == "cancelled":
        return None
    return event if any(row.why == WENT_ALONG for row in runs.versions_of(store, event.id)) else None


def _is_open(store: Store, way: _Way) -> bool:
    """Tell whether occurrences may be changed there: as far as the series' times may."""
    if way.now.content is None or way.now.content.body.attendees_omitted:
        return False
    try:
        check_change(way.now, home_of(store, way.now), replace(way.now.content, when=way.was.when))
    except NotAllowed:
        return False
    return bool(way.now.content.when.recurrence)


def _standing(store: Store, ids: Iterable[int]) -> list[Event]:
    return [event for one in ids if (event := events.get_event(store, one)).deleted is None]


def _ways(store: Store, series: Known, was: Content) -> Iterator[_Way]:
    """Yield where a series' occurrences can be by now: in itself, and in what was divided from it since."""
    agreed = series.copy.base_version or 0
    rows = runs.versions_after(store, series.event.id, agreed)
    moves = [row.run_id for row in rows if any(change.field == "when" for change in row.changes)]
    yield _Way(was, series.event, moves[-1] if moves else None)
    for part in later_parts(store, series.event, agreed, (was.when,)):
        (when,) = part.whens
        if when is not None:
            yield _Way(replace(was, when=when), part.event, part.row.run_id)
