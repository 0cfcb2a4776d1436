"""Both sides, read without the program: Google from the sandbox's own listing, here from the store's tables.

Nothing of calsyncctl takes part, so that it cannot be wrong in the same way twice.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.soak.books import Books, Item, Kind, Words

Name = tuple[str, str]
"""A title, and the original start of an occurrence that was changed; empty for an event or a series itself."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One event as a side shows it."""

    google_id: str
    title: str
    original: str
    description: str
    location: str
    start: str


Side = Mapping[str, Sequence[Seen]]
"""By Google's id of the calendar."""


def seen_there(items: Sequence[Mapping[str, Any]]) -> list[Seen]:
    """Read a calendar's events as the sandbox lists them."""
    return [
        Seen(
            google_id=one["id"],
            title=one.get("summary", ""),
            original=_instant(one["originalStartTime"]) if "originalStartTime" in one else "",
            description=one.get("description", ""),
            location=one.get("location", ""),
            start=_instant(one["start"]),
        )
        for one in items
        if one["status"] != "cancelled"
    ]


def seen_here(store: Path, calendar: str) -> list[Seen]:
    """Read a calendar's events from the store's file."""
    with closing(sqlite3.connect(f"{store.as_uri()}?mode=ro", uri=True)) as connection:
        rows = connection.execute(
            """
            SELECT copy.google_id, event.summary, event.original, event.body, event.start, event.status
            FROM event JOIN calendar ON calendar.id = event.calendar_id
                       LEFT JOIN copy ON copy.event_id = event.id AND copy.calendar_id = calendar.id
            WHERE calendar.google_id = ? AND event.deleted IS NULL
            """,
            (calendar,),
        ).fetchall()
    return [_row(*row) for row in rows if row[-1] != "cancelled"]


def unsettled(store: Path) -> list[str]:
    """Say what still waits in the store, or is on hold."""
    questions = {
        "copies wait to be sent": "SELECT count(*) FROM copy WHERE due IS NOT NULL",
        "writes have no answer": "SELECT count(*) FROM copy WHERE sent_version IS NOT NULL",
        "copies are on hold": "SELECT count(*) FROM copy WHERE hold IS NOT NULL",
        "calendars are in trouble": "SELECT count(*) FROM calendar WHERE mode IS NOT NULL AND reason IS NOT NULL",
    }
    with closing(sqlite3.connect(f"{store.as_uri()}?mode=ro", uri=True)) as connection:
        counts = {what: connection.execute(sql).fetchone()[0] for what, sql in questions.items()}
        whole = connection.execute("PRAGMA integrity_check").fetchone()[0]
    found = [f"{count} {what}" for what, count in counts.items() if count]
    return found if whole == "ok" else [*found, f"the store is damaged: {whole}"]


def history(store: Path) -> str:
    """Return everything that the history says, in one text to look for values in."""
    with closing(sqlite3.connect(f"{store.as_uri()}?mode=ro", uri=True)) as connection:
        rows = connection.execute("SELECT coalesce(changes, '') || coalesce(lost, '') FROM version")
        return "\n".join(row[0] for row in rows)


def differences(books: Books, here: Side, there: Side, past: str) -> list[str]:
    """Say everything that is lost, doubled or not the same. Pure."""
    found = [line for calendar in there for line in _unlike(here[calendar], there[calendar])]
    for item in books.items:
        found += _against(item, here[item.calendar], "here", past)
        found += _against(item, there[item.calendar], "in Google", past)
    found += [f"{word} was written here and is not in the history" for word in books.written_here if word not in past]
    return found


def _unlike(here: Sequence[Seen], there: Sequence[Seen]) -> list[str]:
    """Compare everything of a calendar, what the driver never touched as well."""
    left, right = {one.google_id: one for one in here}, {one.google_id: one for one in there}
    found = [f"{left[one].title} ({one}) is here and not in Google" for one in left.keys() - right.keys()]
    found += [f"{right[one].title} ({one}) is in Google and not here" for one in right.keys() - left.keys()]
    found += [f"unlike: {left[one]} / {right[one]}" for one in left.keys() & right.keys() if left[one] != right[one]]
    return found


def _against(item: Item, side: Sequence[Seen], where: str, past: str) -> list[str]:
    """Compare a side with what the driver knows of an item: there once, or gone, and as it was written."""
    wanted: dict[Name, Words] = {} if item.deleted else {(item.title, ""): item.words}
    if not item.deleted:
        wanted |= {(item.title, original): words for original, words in item.occurrences.items()}
    named = [one for one in side if one.title == item.title]
    counted = Counter((one.title, one.original) for one in named)
    found = [f"{name} is {where} {counted[name]} times" for name in wanted if counted[name] != 1]
    found += [f"{name} is {where} and should not be" for name in counted if name not in wanted]
    for one in named:
        words = wanted.get((one.title, one.original))
        if words is not None and not _says(one, words, item.kind, past):
            found.append(f"{one} is {where}, and should say {words}")
    return found


def _says(one: Seen, words: Words, kind: Kind, past: str) -> bool:
    if kind is not Kind.CONTESTED:
        return (one.description, one.location) == (words.here, words.there)
    other = words.there if one.description == words.here else words.here
    return one.description in (words.here, words.there) and other in past


def _row(google_id: str | None, title: str, original: str | None, body: str, start: str, status: str) -> Seen:
    more = json.loads(body)
    instant = start if len(start) == len("2026-11-20") else _compact(start)
    place = more.get("location", "")
    return Seen(google_id or "nowhere", title or "", original or "", more.get("description", ""), place, instant)


def _instant(point: Mapping[str, str]) -> str:
    return point["date"] if "date" in point else _compact(point["dateTime"])


def _compact(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
