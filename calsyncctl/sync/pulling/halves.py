"""What Google says of a whole series that was divided here meanwhile: it is said of the later half, too.

The later half is an event of its own, made by the run that divided the series. Until the earlier half's copy has told
that a calendar, whatever is said of the series there is meant of both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace as by

from calsyncctl.model.event import Content, Event
from calsyncctl.model.history import Action, Lost, Version
from calsyncctl.store import events, runs
from calsyncctl.store.db import Store
from calsyncctl.sync.canonical import alike
from calsyncctl.sync.changes import differences
from calsyncctl.sync.editing.occurrences import follow_series
from calsyncctl.sync.editing.record import DIVIDED, Act, Fact, home_of, keep_changed, placed
from calsyncctl.sync.merge import Sides, merge
from calsyncctl.sync.policy import GOOGLE
from calsyncctl.sync.pulling.incoming import Incoming
from calsyncctl.sync.pulling.telling import REVIVED
from calsyncctl.sync.stand import Stand

_WHY = "its series was changed in Google, where it was not divided yet"


def tell_later_halves(store: Store, act: Act, decision: Incoming) -> None:
    """Merge what Google says of a series into what goes on from it since it was divided here; inside a write."""
    stand, read, known = decision.stand, decision.item.content, decision.known
    if stand is None or read is None or known is None or known.event.content is None or decision.item.hidden:
        return
    if alike("when", known.event.content.when, read.when):
        return  # Google knows that it is divided: the earlier half alone is meant
    for half in _later_halves(store, known.event, stand.base_version or 0):
        _merge_into(store, act, half, stand, read)


def note_revived_halves(store: Store, act: Act, decision: Incoming) -> None:
    """Note of what goes on from a series that comes back to Google that its deletion there was not chosen either."""
    if decision.known is None or decision.stand is None:
        return
    for half in _later_halves(store, decision.known.event, decision.stand.base_version or 0):
        noted = Version(
            event_id=half.id,
            version=half.version,
            run_id=act.run,
            calendar_id=half.calendar_id,
            at=act.now,
            author=GOOGLE,
            action=Action.CHANGED,
            why=REVIVED,
            lost=(Lost("deleted", True, False),),
        )
        runs.add_versions(store, [noted])


def divisions(store: Store, series: Event, agreed: int) -> Iterator[tuple[Version, Event]]:
    """Yield by which changes a series was divided here since a version of it, and what went on from it then: living."""
    for row in runs.versions_after(store, series.id, agreed):
        if row.why != DIVIDED or row.run_id is None:
            continue
        made = [one for one in runs.versions_in(store, row.run_id) if one.action is Action.ADDED and one.id < row.id]
        heads = (events.get_event(store, one.event_id) for one in reversed(made))
        half = next((one for one in heads if one.series_id is None), None)  # made last before the series ended
        if half is not None and half.deleted is None and half.content is not None:
            yield row, half


def _later_halves(store: Store, series: Event, agreed: int) -> Iterator[Event]:
    """Yield what goes on from a series by divisions after a version of it, and from that in turn."""
    for _, half in divisions(store, series, agreed):
        yield half
        yield from _later_halves(store, half, 0)


def _merge_into(store: Store, act: Act, half: Event, stand: Stand, read: Content) -> None:
    assert half.content is not None
    fields = tuple(field for field in stand.rules.fields if field != "when")
    sides = Sides(base=stand.base, here=half.content, before=stand.before, there=read)
    result = merge(sides, fields, stand.rules.policy, home=False)
    changes = differences(half.content, result.content)
    if not changes and not result.lost:
        return
    now = placed(half, result.content, home_of(store, half))
    fact = Fact(Action.CHANGED, _WHY, changes, result.lost)
    kept = keep_changed(store, by(act, author=GOOGLE), now, fact)
    if result.content.when.recurrence:
        follow_series(store, act, kept, half.content)
