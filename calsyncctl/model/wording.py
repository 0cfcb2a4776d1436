"""How changes and runs are told to people, each on one line: fields by name, values recognisable."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from calsyncctl.model.history import Counts, FieldChange, Lost

UNTOLD = {"organizer_self", "attendees_omitted"}
"""What Google notes about people for itself: it stands in the data, and is no news to a reader."""
_NAMES = {"summary": "title", "when": "time", "attendees": "guests", "meet": "video call"}
_ACTING_FOR = {"undo", "restore"}
"""Authors behind whom somebody stands: why says who."""
_LONGEST = 60
COUNTED = {
    "new": "new",
    "changed": "changed",
    "deleted": "deleted",
    "placed": "made in Google",
    "updated": "changed in Google",
    "removed": "deleted in Google",
    "held": "held",
    "odd": "could not be read",
}
"""The counts of a run that are told, and in which words."""


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


def fields_changed(changes: Iterable[FieldChange]) -> list[str]:
    """Tell each field, from → to."""
    told = (one for one in changes if one.field not in UNTOLD)
    return [f"{named(one.field)}: {short(one.before)} → {short(one.after)}" for one in told]


def what_changed(changes: Iterable[FieldChange], lost: Iterable[Lost], *, why: str, author: str) -> str:
    """Tell one change of an event: its fields, and what a conflict did not choose; else why it was made."""
    parts = fields_changed(changes) + [_not_chosen(one) for one in lost if one.field not in UNTOLD]
    text = "; ".join(parts) or why
    return f"{text} ({why})" if parts and author in _ACTING_FOR else text


def what_was_done(counts: Counts, *, undoes: int | None, undone_by: Sequence[int]) -> str:
    """Tell a run by its counts, and which run it took back, or which took it back last."""
    parts = [f"{count:,} {word}" for name, word in COUNTED.items() if (count := getattr(counts, name))]
    parts += [f"takes back run {undoes}"] if undoes is not None else []
    parts += [f"taken back by run {undone_by[-1]}"] if undone_by else []
    return ", ".join(parts)


def _not_chosen(lost: Lost) -> str:
    if lost.field == "deleted":
        return "not chosen: its deletion" if lost.value else "not chosen: that it stays"
    return f"not chosen, {named(lost.field)}: {short(lost.value)}"


def _time(value: dict[str, Any]) -> str:
    start, end = str(value["start"]), str(value.get("end", ""))
    if len(start) == len("2026-11-20"):
        return " ".join([start, *value.get("recurrence", ())])
    rules = " ".join(["", *value.get("recurrence", ())])
    return f"{start[:16].replace('T', ' ')}-{end[11:16]}{rules}"
