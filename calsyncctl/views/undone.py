"""What undoing did, or would do: one row for each event, with what stays, what cannot return, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from calsyncctl.layout import Column
from calsyncctl.model.history import FieldChange
from calsyncctl.model.wording import fields_changed, named, short
from calsyncctl.sync.takeback import Kept
from calsyncctl.sync.undoing.undo import Did, Line, Undone

_WORDS = {Did.NOTHING: "stays as it is", Did.REFUSED: "cannot be changed here", Did.RESTORED: "brought back"}


@dataclass(frozen=True, slots=True)
class Stays:
    """A later change that stays: a field, or `deleted`, with what it says now."""

    field: str
    value: Any


@dataclass(frozen=True, slots=True)
class UndoneRow:
    """One event. `did` is what happens to it; `kept` stays as changed since, `gone` cannot return."""

    event: str
    summary: str
    calendar: str
    did: str
    changes: tuple[FieldChange, ...]
    kept: tuple[Stays, ...]
    gone: tuple[str, ...]
    refused: str | None

    @property
    def name(self) -> str:
        """Its title."""
        return self.summary or "(no title)"

    @property
    def what(self) -> str:
        """What is done with it, on one line."""
        word = _WORDS.get(Did(self.did), self.did)
        return "; ".join([word, *fields_changed(self.changes)])

    @property
    def key(self) -> str:
        """Its key, as people type it."""
        return self.event[:8]


@dataclass(frozen=True, slots=True)
class UndoneView:
    """All of it. `undoes`: the run taken back; `run`: the one that did so; `waiting`: events to be told to Google."""

    what: str
    undoes: int | None
    run: int | None
    dry_run: bool
    events: tuple[UndoneRow, ...]
    waiting: int


UNDONE = (
    Column("key", "EVENT"),
    Column("name", "TITLE", flexible=True),
    Column("calendar", "CALENDAR", flexible=True, drop=1),
    Column("what", "WHAT", flexible=True),
)


def undone_view(undone: Undone, calendars: Mapping[int, str], *, dry_run: bool, waiting: int) -> UndoneView:
    """Turn what undoing did into what is shown; `calendars` are names by id."""
    rows = tuple(_row(one, calendars) for one in undone.lines)
    return UndoneView(undone.what, undone.undoes, undone.run, dry_run, rows, waiting)


def _row(line: Line, calendars: Mapping[int, str]) -> UndoneRow:
    event = line.event
    return UndoneRow(
        event=event.key,
        summary=line.title,
        calendar=calendars.get(event.calendar_id, ""),
        did=str(line.did),
        changes=line.changes,
        kept=tuple(Stays(one.field, one.value) for one in line.kept),
        gone=line.gone,
        refused=line.refused,
    )


def stays_text(kept: Stays | Kept) -> str:
    """Say which later change stays."""
    if kept.field == "deleted":
        return "it was deleted since" if kept.value else "it was changed since, so it stays"
    return f"{named(kept.field)}: {short(kept.value)}"
