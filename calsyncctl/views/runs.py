"""Runs as rows and as one entry whole: what a pass or an act changed here, what it sent, and what went wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from calsyncctl.console import moment
from calsyncctl.layout import Column
from calsyncctl.model.event import Event
from calsyncctl.model.history import Counts, Run, Version
from calsyncctl.model.titles import called
from calsyncctl.model.wording import COUNTED, what_was_done
from calsyncctl.views.history import HistoryRow, history_rows

SHOWN = 50
"""So many events of a run are shown to people one by one."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run. `undoes`: the run that it took back; `undone_by`: the runs that took it back."""

    id: int
    kind: str
    author: str
    account: str | None
    started: datetime | None
    ended: datetime | None
    outcome: str
    new: int
    changed: int
    deleted: int
    placed: int
    updated: int
    removed: int
    held: int
    odd: int
    mails: int
    error: str | None
    undoes: int | None
    undone_by: tuple[int, ...]

    @property
    def what(self) -> str:
        """The counts on one line."""
        counts = Counts(**{name: getattr(self, name) for name in COUNTED})
        return what_was_done(counts, undoes=self.undoes, undone_by=self.undone_by)


@dataclass(frozen=True, slots=True)
class RunEvent:
    """One change of one event in a run."""

    event: str
    summary: str
    calendar: str
    calendar_id: int
    change: HistoryRow


@dataclass(frozen=True, slots=True)
class RunEntry:
    """One run whole: what it changed here, and what was changed before and it was the first to send."""

    run: RunRow
    changed: tuple[RunEvent, ...]
    sent: tuple[RunEvent, ...]


RUNS = (
    Column("id", "RUN", right=True),
    Column("kind", "KIND"),
    Column("started", "WHEN"),
    Column("author", "WHO", drop=1),
    Column("account", "ACCOUNT", flexible=True, drop=2),
    Column("outcome", "RESULT"),
    Column("what", "WHAT", flexible=True),
)


def run_row(run: Run, emails: dict[int, str], undone_by: Iterable[int]) -> RunRow:
    """Turn a run into a row; `emails` by account id."""
    counts: Counts = run.counts
    return RunRow(
        id=run.id,
        kind=run.kind,
        author=run.author,
        account=emails.get(run.account_id or 0),
        started=moment(run.started),
        ended=moment(run.ended),
        outcome=run.outcome or "under way",
        new=counts.new,
        changed=counts.changed,
        deleted=counts.deleted,
        placed=counts.placed,
        updated=counts.updated,
        removed=counts.removed,
        held=counts.held,
        odd=counts.odd,
        mails=run.mails,
        error=run.error,
        undoes=run.undoes,
        undone_by=tuple(undone_by),
    )


def run_event(event: Event, series: Event | None, calendar: str, version: Version) -> RunEvent:
    """Put one change of one event together; `series` is that of an occurrence of which only its start is known."""
    (row,) = history_rows([version])
    return RunEvent(event.key, called(event, series), calendar, event.calendar_id, row)


def entry_text(entry: RunEntry, when: Callable[[datetime | None], str]) -> str:
    """Draw one run: who and when, the counts, then each event with its fields from → to."""
    row = entry.run
    account = f" of {row.account}" if row.account else ""
    lines = [f"run {row.id}: {row.kind}{account} by {row.author}, {when(row.started)}, {row.outcome}", row.what]
    lines += [f"{row.mails:,} asked Google to mail guests"] if row.mails else []
    lines += [f"! {row.error}"] if row.error else []
    for title, found in (("Changed here", entry.changed), ("Sent to Google", entry.sent)):
        lines += ["", f"{title}:", *map(_event_line, found[:SHOWN])] if found else []
        lines += [f"  … and {len(found) - SHOWN:,} more; --json tells them all"] if len(found) > SHOWN else []
    return "\n".join(line for line in lines)


def _event_line(one: RunEvent) -> str:
    title = one.summary or "(no title)"
    return f"  {one.event[:8]}  {title} ({one.calendar}), {one.change.action}: {one.change.what}"
