"""An event's history as rows: who changed what, when, and which value a conflict did not choose."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from calsyncctl.console import moment
from calsyncctl.layout import Column
from calsyncctl.model.history import Version

_LONGEST = 60
_ACTING_FOR = {"undo", "restore"}
"""Authors behind whom somebody stands: why says who."""
_NAMES = {"summary": "title", "when": "time", "attendees": "guests", "meet": "video call"}
UNTOLD = {"organizer_self", "attendees_omitted"}
"""What Google notes about people for itself: it stands in the data, and is no news to a reader."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field, before and after, as plain values."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class NotChosen:
    """One value that a conflict did not choose, and the one that stands."""

    field: str
    value: Any
    chosen: Any


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One change of the event."""

    version: int
    at: datetime | None
    author: str
    action: str
    why: str
    run: int | None
    sent_run: int | None
    changes: tuple[Change, ...]
    lost: tuple[NotChosen, ...]

    @property
    def what(self) -> str:
        """The change on one line."""
        told = [one for one in self.changes if one.field not in UNTOLD]
        parts = [f"{named(one.field)}: {short(one.before)} → {short(one.after)}" for one in told]
        parts += [_not_chosen(one) for one in self.lost if one.field not in UNTOLD]
        text = "; ".join(parts) or self.why
        return f"{text} ({self.why})" if parts and self.author in _ACTING_FOR else text


HISTORY = (
    Column("version", "VERSION", right=True),
    Column("run", "RUN", right=True, drop=2),
    Column("at", "WHEN"),
    Column("author", "WHO", drop=1),
    Column("action", "ACTION"),
    Column("what", "WHAT", flexible=True),
)


def history_rows(versions: Iterable[Version]) -> tuple[HistoryRow, ...]:
    """Turn changes into rows."""
    return tuple(
        HistoryRow(
            version=one.version,
            at=moment(one.at),
            author=one.author,
            action=str(one.action),
            why=one.why,
            run=one.run_id,
            sent_run=one.sent_run,
            changes=tuple(Change(change.field, change.before, change.after) for change in one.changes),
            lost=tuple(NotChosen(lost.field, lost.value, lost.chosen) for lost in one.lost),
        )
        for one in versions
    )


def _not_chosen(lost: NotChosen) -> str:
    if lost.field == "deleted":
        return "not chosen: its deletion" if lost.value else "not chosen: that it stays"
    return f"not chosen, {named(lost.field)}: {short(lost.value)}"


def named(field: str) -> str:
    """Return a field's name for people."""
    return _NAMES.get(field, field.replace("_", " "))


def short(value: Any) -> str:
    """Write a value so that a person recognises it."""
    if isinstance(value, dict) and "start" in value:
        return _time(value)
    if isinstance(value, list | tuple):
        names = [str(one.get("email") or one.get("minutes")) if isinstance(one, dict) else str(one) for one in value]
        return ", ".join(names) or "none"
    text = " ".join(str(value).split()) if value not in (None, "") else "–"
    text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return f"“{text}”" if text != "–" else text


def _time(value: dict[str, Any]) -> str:
    start, end = str(value["start"]), str(value.get("end", ""))
    if len(start) == len("2026-11-20"):
        return " ".join([start, *value.get("recurrence", ())])
    rules = " ".join(["", *value.get("recurrence", ())])
    return f"{start[:16].replace('T', ' ')}-{end[11:16]}{rules}"
