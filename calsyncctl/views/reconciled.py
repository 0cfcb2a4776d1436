"""What a reconcile found and repaired, as rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from calsyncctl.connections.sync_now import Outcome
from calsyncctl.errors import NotFound
from calsyncctl.layout import Column
from calsyncctl.sync.repairing.differences import LEFT, NEEDS_A_PERSON, Difference, Drift
from calsyncctl.sync.repairing.survey import Findings
from calsyncctl.sync.report import CalendarOutcome
from calsyncctl.views.failure import Failure, failure
from calsyncctl.views.synced import LeftOut

HELD = 5
"""Exit code: held, or drift found."""

WORDS = {
    Drift.MISSING_HERE: "missing here",
    Drift.MISSING_THERE: "missing in Google",
    Drift.DIFFERING: "differing",
    Drift.DOUBLED: "there twice",
    Drift.STALE: "stale",
    Drift.ORPHAN: "ours, unknown here",
    Drift.HELD: "held",
}


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """One difference. `repaired`: both sides are equal in this now; `event` is None for what is not known here."""

    kind: str
    calendar: str
    event: str | None
    google_id: str
    summary: str
    fields: tuple[str, ...]
    repaired: bool

    @property
    def what(self) -> str:
        """The kind in words, with the fields that differ."""
        words = WORDS[Drift(self.kind)]
        return f"{words}: {', '.join(self.fields)}" if self.fields else words


@dataclass(frozen=True, slots=True)
class DriftCount:
    """How many differences of one kind."""

    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class OtherInstallation:
    """How many living events bear the mark of another installation."""

    instance: str
    count: int


@dataclass(frozen=True, slots=True)
class ReconciledRow:
    """One calendar: how many events were compared, how many differ in which way, and what was done."""

    id: int
    name: str
    account: str | None
    compared: int
    counts: tuple[DriftCount, ...]
    differences: tuple[DifferenceRow, ...]
    """The first thousand."""
    repaired: int
    left: int
    new: int
    changed: int
    deleted: int
    placed: int
    updated: int
    removed: int
    held: tuple[str, ...]
    others: tuple[OtherInstallation, ...]
    error: Failure | None

    @property
    def result(self) -> str:
        """In a few words."""
        if self.error is not None:
            return f"failed: {self.error.kind}"
        found = [f"{one.count:,} {WORDS[Drift(one.kind)]}" for one in self.counts]
        return ", ".join(found) or "equal"


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a reconcile did; as JSON, exactly this. `checked`: it only looked."""

    checked: bool
    calendars: tuple[ReconciledRow, ...]
    skipped: tuple[LeftOut, ...]
    exit_code: int

    @property
    def repairable(self) -> bool:
        """Whether a reconcile would repair something."""
        return self.checked and any(Drift(one.kind) not in LEFT for row in self.calendars for one in row.counts)


RECONCILED = (
    Column("name", "CALENDAR", flexible=True),
    Column("account", "ACCOUNT", flexible=True, drop=3),
    Column("compared", "COMPARED", right=True, drop=2),
    Column("repaired", "REPAIRED", right=True, drop=1),
    Column("result", "FOUND", flexible=True),
)
DIFFERENCES = (
    Column("calendar", "CALENDAR", flexible=True, drop=1),
    Column("event", "EVENT", show=lambda key: str(key)[:8] if key else "–", drop=2),
    Column("summary", "WHAT", flexible=True),
    Column("what", "DIFFERENCE", flexible=True),
)


def reconciled(
    outcome: Outcome,
    found: Mapping[int, Findings],
    emails: Mapping[int, str],
    *,
    check: bool,
    strict: bool,
    adopt: str | None = None,
) -> Reconciled:
    """Turn an outcome into what is shown. `strict`: drift that was only looked at is exit code 5.

    `adopt`: the other installation whose events were asked for; that there are none is exit code 3.
    """
    rows = tuple(_row(one, found.get(one.calendar.id, Findings()), emails, check) for one in outcome.report.calendars)
    needed = any(row.held or _needs(row, strict) for row in rows)
    code = HELD if needed and outcome.exit_code in {0, 75} else outcome.exit_code
    nobody = adopt is not None and not any(other.instance == adopt for row in rows for other in row.others)
    return Reconciled(
        checked=check,
        calendars=rows,
        skipped=tuple(LeftOut(one.account.email, failure(one.error)) for one in outcome.skipped),
        exit_code=NotFound.exit_code if nobody and code == 0 else code,
    )


def _needs(row: ReconciledRow, strict: bool) -> bool:
    kinds = {Drift(one.kind) for one in row.counts}
    return bool(kinds & NEEDS_A_PERSON) or (strict and bool(kinds - LEFT))


def _row(outcome: CalendarOutcome, findings: Findings, emails: Mapping[int, str], check: bool) -> ReconciledRow:
    calendar, counts = outcome.calendar, outcome.counts
    done = not check and outcome.error is None and not outcome.held
    mendable = sum(count for kind, count in findings.counts.items() if kind not in LEFT)
    return ReconciledRow(
        id=calendar.id,
        name=calendar.name,
        account=emails.get(calendar.account_id or 0),
        compared=findings.items,
        counts=tuple(DriftCount(str(kind), count) for kind, count in sorted(findings.counts.items())),
        differences=tuple(_differences(calendar.name, findings.differences, done=done)),
        repaired=mendable if done else 0,
        left=sum(findings.counts.values()) - (mendable if done else 0),
        new=counts.new,
        changed=counts.changed,
        deleted=counts.deleted,
        placed=counts.placed,
        updated=counts.updated,
        removed=counts.removed,
        held=tuple(one.reason for one in outcome.held),
        others=tuple(OtherInstallation(*one) for one in sorted(findings.others.items())),
        error=failure(outcome.error) if outcome.error else None,
    )


def _differences(calendar: str, found: Iterable[Difference], *, done: bool) -> Iterator[DifferenceRow]:
    for one in found:
        repaired = done and one.kind not in LEFT
        yield DifferenceRow(str(one.kind), calendar, one.event_key, one.google_id, one.summary, one.fields, repaired)
