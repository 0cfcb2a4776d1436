"""Reconcile: everything compared by a full listing, differences named, and repaired through the same merge and push.

First an ordinary sync, so that what is merely new is no difference. What the survey then finds is read again by its id
and goes the way of every other item: merge, guard, push. `check` only looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from msgspec.structs import replace as with_

from calsyncctl.model.calendar import Calendar
from calsyncctl.model.event import Event
from calsyncctl.model.history import Counts
from calsyncctl.store import calendars, copies
from calsyncctl.store.db import Store
from calsyncctl.sync.links import plan_copies
from calsyncctl.sync.pulling.apply_items import apply_items
from calsyncctl.sync.pulling.deletions import decide_deletions, set_aside
from calsyncctl.sync.pulling.pull import Means, Pulled, pull, scene_of
from calsyncctl.sync.pushing.push import push
from calsyncctl.sync.pushing.under_way import Pushed
from calsyncctl.sync.repairing.beside import let_go_beside
from calsyncctl.sync.repairing.differences import Drift
from calsyncctl.sync.repairing.survey import CHUNK, Findings, promised, read_items, survey
from calsyncctl.sync.repairing.takeover import take_over


@dataclass(slots=True)
class Reconciling:
    """One reconcile over several calendars, as a step for `sync_calendars`; what it found is in `found`."""

    check: bool = False
    """Look only: nothing is written on either side, no cursor moves."""
    adopt: frozenset[str] = frozenset()
    """Other installations whose events are taken over."""
    found: dict[int, Findings] = field(default_factory=dict)

    def step(self, store: Store, calendar: Calendar, means: Means, pulled: Pulled, pushed: Pushed) -> None:
        """Reconcile one calendar."""
        means = replace(means, engine=with_(means.engine, adopt=self.adopt))
        if self.check:
            self.found[calendar.id] = survey(store, calendar, means)
            return
        pull(store, calendar, means, pulled)
        push(store, calendars.get_calendar(store, calendar.id), means, pushed)
        calendar = calendars.get_calendar(store, calendar.id)
        findings = survey(store, calendar, means)
        self.found[calendar.id] = findings
        if findings.foreign:
            take_over(store, calendar, means, findings.foreign)
        if findings.to_read or findings.counts[Drift.MISSING_THERE]:
            repair(store, calendar, means, findings, pulled)
            push(store, calendars.get_calendar(store, calendar.id), means, pushed)
        with store.write():
            calendars.mark_reconciled(store, calendar.id, means.clock.now())


def repair(store: Store, calendar: Calendar, means: Means, findings: Findings, pulled: Pulled) -> None:
    """Take what differs through the merge, and plan what links promise; what is to be written is then due."""
    for at in range(0, len(findings.to_read), CHUNK):
        _take(store, calendar, means, findings.to_read[at : at + CHUNK], pulled)
    counts, held = decide_deletions(store, scene_of(calendar, means, means.clock.now()))
    _count(means, pulled, counts)
    pulled.held += tuple(held)
    _keep_promises(store, calendar, means)


def _take(store: Store, calendar: Calendar, means: Means, google_ids: Sequence[str], pulled: Pulled) -> None:
    items = read_items(means, calendar, google_ids)
    scene = scene_of(calendar, means, means.clock.now())
    with means.ledger.write(store):
        let_go_beside(store, scene, items)
        applied = apply_items(store, scene, set_aside(store, scene, items, confirmed=True), confirmed=True)
    told = applied.counts
    _count(means, pulled, Counts(new=told.new, changed=told.changed, deleted=told.deleted, odd=told.odd))


def _count(means: Means, pulled: Pulled, counts: Counts) -> None:
    pulled.counts += counts
    means.ledger.counts += counts


def _keep_promises(store: Store, calendar: Calendar, means: Means) -> None:
    """Plan the copies that links promise here and that were never planned; what was planned and rests is woken."""
    with store.write():
        copies.wake_planned(store, calendar.id, means.clock.now())
    lacking = list(promised(store, calendar))
    for at in range(0, len(lacking), CHUNK):
        _plan(store, means, lacking[at : at + CHUNK])


def _plan(store: Store, means: Means, some: Sequence[Event]) -> None:
    with store.write():
        for event in some:
            plan_copies(store, event, means.engine.instance, means.clock.now())
