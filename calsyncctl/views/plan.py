"""A plan, and what became of one, as rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from calsyncctl.connections.planning import Applied, Rehearsed
from calsyncctl.console import moment
from calsyncctl.layout import Column
from calsyncctl.model.history import FieldChange
from calsyncctl.model.wording import UNTOLD, named, short
from calsyncctl.sync.planning.applying import Told
from calsyncctl.sync.planning.plan import Decision, Plan
from calsyncctl.views.failure import Failure, failure
from calsyncctl.views.synced import LeftOut

_SIDES = {"here": "here", "google": "Google"}


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """One field, before and after, as plain values."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """One decision. `side`: which one changes; `mail`: whom Google is to mail of `guests`."""

    side: str
    step: str
    calendar: str
    event: str
    google_id: str
    title: str
    why: str
    author: str
    changes: tuple[PlannedChange, ...]
    not_chosen: tuple[str, ...]
    """Fields of which a conflict does not choose one side's value."""
    mail: str
    guests: tuple[str, ...]

    @property
    def what(self) -> str:
        """It on one line: fields from → to, or why; then the mails."""
        parts = [f"{named(one.field)}: {_changed(one)}" for one in self.changes if one.field not in UNTOLD]
        parts = parts or [self.why]
        not_chosen = [named(one) for one in self.not_chosen if one not in UNTOLD]
        parts += [f"not chosen: {', '.join(not_chosen)}"] if not_chosen else []
        parts += [f"mails {', '.join(self.guests)}"] if self.guests else []
        return "; ".join(parts)


@dataclass(frozen=True, slots=True)
class HeldRow:
    """One change that would be put on hold."""

    calendar: str
    event: str
    title: str
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class StepCount:
    """How many decisions of one kind."""

    side: str
    step: str
    count: int


@dataclass(frozen=True, slots=True)
class PlannedCalendar:
    """One calendar that was rehearsed, and what would stop it."""

    id: int
    name: str
    account: str
    error: Failure | None


@dataclass(frozen=True, slots=True)
class PlanView:
    """What would happen; as JSON, exactly this."""

    kind: str
    made: datetime | None
    calendars: tuple[PlannedCalendar, ...]
    counts: tuple[StepCount, ...]
    decisions: tuple[PlannedRow, ...]
    held: tuple[HeldRow, ...]
    mailed: tuple[str, ...]
    """Whom Google would mail, each once."""
    skipped: tuple[LeftOut, ...]
    file: str | None
    exit_code: int


@dataclass(frozen=True, slots=True)
class AppliedRow:
    """What became of one decision: `done`, `moved on`, `already so`; and why it was skipped."""

    decision: PlannedRow
    fate: str
    why: str

    @property
    def title(self) -> str:
        """The event's title."""
        return self.decision.title

    @property
    def side(self) -> str:
        """Which side was to change."""
        return _SIDES[self.decision.side]

    @property
    def step(self) -> str:
        """What was to be done."""
        return self.decision.step

    @property
    def calendar(self) -> str:
        """Where."""
        return self.decision.calendar


@dataclass(frozen=True, slots=True)
class AppliedView:
    """What became of a plan; as JSON, exactly this. `refused`: all or nothing was asked for, and nothing was done."""

    refused: bool
    done: int
    already: int
    moved_on: int
    decisions: tuple[AppliedRow, ...]
    errors: tuple[Failure, ...]
    exit_code: int


PLANNED = (
    Column("side", "SIDE", show=lambda side: _SIDES[str(side)]),
    Column("step", "STEP"),
    Column("calendar", "CALENDAR", flexible=True, drop=1),
    Column("title", "EVENT", flexible=True, show=lambda title: str(title) or "(no title)"),
    Column("what", "WHAT", flexible=True),
)
HELD = (
    Column("calendar", "CALENDAR", flexible=True, drop=1),
    Column("title", "WOULD BE HELD", flexible=True),
    Column("reason", "WHY", flexible=True),
)
APPLIED = (
    Column("fate", "RESULT"),
    Column("side", "SIDE"),
    Column("step", "STEP"),
    Column("calendar", "CALENDAR", flexible=True, drop=1),
    Column("title", "EVENT", flexible=True, show=lambda title: str(title) or "(no title)"),
    Column("why", "WHY", flexible=True),
)


def plan_view(rehearsed: Rehearsed, file: str | None) -> PlanView:
    """Turn a rehearsal into what is shown."""
    plan, outcome = rehearsed.plan, rehearsed.outcome
    errors = {one.calendar.id: one.error for one in outcome.report.calendars if one.error is not None}
    names = _calendars(plan)
    return PlanView(
        kind=plan.scope.kind,
        made=moment(plan.made),
        calendars=tuple(
            PlannedCalendar(one.id, one.name, one.account, failure(errors[one.id]) if one.id in errors else None)
            for one in plan.calendars
        ),
        counts=tuple(_counts(plan.decisions)),
        decisions=tuple(_row(one, names) for one in plan.decisions),
        held=tuple(HeldRow(names[one.calendar], one.event, one.title, one.kind, one.reason) for one in plan.held),
        mailed=plan.mailed,
        skipped=tuple(LeftOut(one.account.email, failure(one.error)) for one in outcome.skipped),
        file=file,
        exit_code=rehearsed.exit_code,
    )


def applied_view(plan: Plan, applied: Applied) -> AppliedView:
    """Turn what became of a plan into what is shown."""
    fates = Counter(str(one.fate) for one in applied.told)
    names = _calendars(plan)
    return AppliedView(
        refused=applied.refused,
        done=fates["done"],
        already=fates["already so"],
        moved_on=fates["moved on"],
        decisions=tuple(_told(one, names) for one in applied.told),
        errors=tuple(dict.fromkeys(failure(one) for one in applied.report.errors)),
        exit_code=applied.exit_code,
    )


def counted(counts: Iterable[StepCount]) -> str:
    """Say how many decisions there are of each kind, side by side."""
    sides = {
        side: ", ".join(f"{one.count:,} {one.step}" for one in counts if one.side == side)
        for side in ("here", "google")
    }
    parts = [
        f"Here: {sides['here']}." if sides["here"] else "",
        f"In Google: {sides['google']}." if sides["google"] else "",
    ]
    return " ".join(filter(None, parts)) or "Nothing would change."


def _counts(decisions: Iterable[Decision]) -> Iterable[StepCount]:
    found = Counter((str(one.side), one.step) for one in decisions)
    return (StepCount(side, step, count) for (side, step), count in sorted(found.items()))


def _calendars(plan: Plan) -> dict[int, str]:
    names = {one.id: one.name for one in plan.calendars}
    others = {one.calendar for one in plan.decisions} | {one.calendar for one in plan.held}
    return {number: names.get(number, f"#{number}") for number in {*names, *others}}


def _row(one: Decision, names: dict[int, str]) -> PlannedRow:
    return PlannedRow(
        side=str(one.side),
        step=one.step,
        calendar=names[one.calendar],
        event=one.event,
        google_id=one.google_id,
        title=one.title,
        why=one.why,
        author=one.author,
        changes=tuple(_change(change) for change in one.changes),
        not_chosen=tuple(lost.field for lost in one.lost),
        mail=one.mail,
        guests=one.guests,
    )


def _told(one: Told, names: dict[int, str]) -> AppliedRow:
    return AppliedRow(_row(one.decision, names), str(one.fate), one.why)


def _change(change: FieldChange) -> PlannedChange:
    return PlannedChange(change.field, change.before, change.after)


def _changed(one: PlannedChange) -> str:
    if one.before is None and one.field == "when":
        return short(one.after)
    return f"{short(one.before)} → {short(one.after)}"
