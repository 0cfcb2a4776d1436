"""A rehearsal: the real pass on a copy of the store, with Google on a stage. It returns the plan that it amounts to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from calsyncctl import __version__
from calsyncctl.model.calendar import Calendar
from calsyncctl.store import accounts, events, runs
from calsyncctl.store.db import Store
from calsyncctl.store.titles import title_of
from calsyncctl.sync.passes import Step, both_ways, finish, sync_calendars
from calsyncctl.sync.planning.notebook import Notebook
from calsyncctl.sync.planning.plan import SCHEMA, Plan, Scope, Where, WouldHold
from calsyncctl.sync.planning.stage import Rehearsed, Stage
from calsyncctl.sync.pulling.pull import Means, Pulled
from calsyncctl.sync.pushing.under_way import Pushed
from calsyncctl.sync.report import SyncReport, SyncWork


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a rehearsal brought: the plan, and the report that the real pass would have given."""

    plan: Plan
    report: SyncReport


def rehearse(work: SyncWork, scope: Scope, *, profile: str, step: Step = both_ways) -> Rehearsal:
    """Do a pass on stage; `work.open_store` opens a copy of the store, which is thrown away afterwards."""
    with work.open_store() as store:
        notebook, stage, made = Notebook(runs.last_version(store), events.next_id(store)), Stage(), work.clock.now()
        then = on_stage(finish, notebook, stage) if step is both_ways else None
        report = sync_calendars(work, on_stage(step, notebook, stage), then=then)
        plan = Plan(
            schema=SCHEMA,
            program=__version__,
            profile=profile,
            instance=work.engine.instance,
            made=made,
            scope=scope,
            calendars=tuple(where(store, one) for one in work.calendars),
            decisions=notebook.decisions(store),
            held=tuple(_held(store, report)),
        )
    return Rehearsal(plan, report)


def on_stage(step: Step, notebook: Notebook, stage: Stage) -> Step:
    """Return a pass's step as it is rehearsed."""

    def act(store: Store, calendar: Calendar, means: Means, pulled: Pulled, pushed: Pushed) -> None:
        account_id = calendar.account_id or 0
        provider = Rehearsed(
            means.provider,
            stage,
            lambda where, write, item: notebook.wrote(store, account_id, where, write, item),
        )
        heard = partial(notebook.heard, store, stage=stage)
        step(store, calendar, replace(means, provider=provider, on_decided=heard), pulled, pushed)

    return act


def where(store: Store, calendar: Calendar) -> Where:
    """Name a calendar in a plan."""
    account = accounts.get_account(store, calendar.account_id or 0)
    return Where(calendar.id, calendar.name, calendar.google_id or "", account.email, str(calendar.mode))


def _held(store: Store, report: SyncReport) -> list[WouldHold]:
    return [
        WouldHold(outcome.calendar.id, event.key, title_of(store, event), one.kind, one.reason)
        for outcome in report.calendars
        for one in outcome.held
        for event in [events.get_event(store, one.event_id)]
    ]
