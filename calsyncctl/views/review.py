"""What waits for a person, as rows and as one entry whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from calsyncctl.console import moment
from calsyncctl.layout import Column
from calsyncctl.model.history import Lost
from calsyncctl.model.wording import named, short
from calsyncctl.sync.reviewing.inbox import Detail, Entry, Kind

_TYPED = {
    "release": "calsyncctl review release",
    "reject": "calsyncctl review reject",
    "retry": "calsyncctl review retry",
    "restore": "calsyncctl review restore",
}
_CHOICES = {
    Kind.DELETIONS: ("release", "reject"),
    Kind.CONFLICT: ("release", "restore"),
    Kind.SHADOW: ("reject",),
}
_SENT = ("retry", "reject")


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One thing that waits. `choices`: what may be done with it."""

    id: str
    kind: str
    calendar: str
    calendar_id: int
    event: str | None
    summary: str
    count: int
    reason: str
    since: datetime | None
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReviewEntry:
    """One entry whole."""

    entry: ReviewRow
    events: tuple[ReviewRow, ...]
    lost: tuple[Lost, ...]


@dataclass(frozen=True, slots=True)
class ReviewDone:
    """What became of an entry. `waiting`: changes that go to Google with the next sync; `left`: what stays."""

    id: str
    action: str
    done: int
    waiting: int
    left: tuple[str, ...]


REVIEW = (
    Column("id", "ID"),
    Column("kind", "KIND"),
    Column("calendar", "CALENDAR", flexible=True, drop=1),
    Column("summary", "WHAT", flexible=True),
    Column("reason", "WHY", flexible=True),
    Column("since", "SINCE", drop=2),
)


def review_row(entry: Entry) -> ReviewRow:
    """Turn an entry into a row."""
    return ReviewRow(
        id=entry.id,
        kind=str(entry.kind),
        calendar=entry.calendar,
        calendar_id=entry.calendar_id,
        event=entry.event_key,
        summary=entry.summary,
        count=entry.count,
        reason=entry.reason,
        since=moment(entry.since),
        choices=_CHOICES.get(entry.kind, _SENT),
    )


def review_entry(found: Detail) -> ReviewEntry:
    """Turn an entry with all its details into what is shown."""
    return ReviewEntry(
        review_row(found.entry),
        tuple(review_row(one) for one in found.members),
        found.lost,
    )


def entry_text(shown: ReviewEntry, when: Callable[[datetime | None], str]) -> str:
    """Draw one entry: what and why, then its events or the values, then what may be done."""
    row = shown.entry
    lines = [f"{row.kind}: {row.summary} on “{row.calendar}”", f"{row.reason}, since {when(row.since)}", ""]
    lines += [f"  {one.id}  {one.event and one.event[:8]}  {one.summary or '(no title)'}" for one in shown.events]
    lines += [f"  {_choice(one)}" for one in shown.lost]
    lines += ["", *(f"{_TYPED[choice]} {row.id}  ({_meaning(row.kind, choice)})" for choice in row.choices)]
    return "\n".join(lines)


def _choice(lost: Lost) -> str:
    """Say what a conflict chose, and what not."""
    if lost.field == "deleted":
        return "it was deleted on one side, and lives" if lost.value else "it was changed on one side, and is deleted"
    return f"{named(lost.field)}: {short(lost.chosen)} stands, {short(lost.value)} was not chosen"


_MEANINGS = {
    ("deletions", "release"): "they are deleted here, too",
    ("deletions", "reject"): "they return in Google",
    ("conflict", "release"): "what stands is right",
    ("conflict", "restore"): "the other value is right",
}


def _meaning(kind: str, choice: str) -> str:
    usual = "send it once more" if choice == "retry" else "take it back: Google's value stands"
    return _MEANINGS.get((kind, choice), usual)
