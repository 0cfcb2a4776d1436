"""Recurrence both ways: what is done to a series on one side takes place on the other, hour by hour.

Google's side is expanded by the local Google itself, this side by the engine: two readings of one rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from _pytest.mark import ParameterSet
from msgspec.structs import replace

from calsyncctl.model.event import Body, Content, Event, When
from calsyncctl.store import events
from calsyncctl.store.events import COLUMNS, read_event
from calsyncctl.sync.editing import edit
from calsyncctl.sync.editing.occurrences import inherited
from calsyncctl.sync.recurrence.expand import expand
from calsyncctl.sync.recurrence.recur import split
from tests.proofs.lab import Lab
from tests.proofs.transitions import ROWS, Row, Step
from tests.support.worlds import ZONE, OverHttp

Took = list[tuple[str, int, int]]
"""Titles, starts and ends of what takes place."""
SPAN = (1_790_000_000, 1_900_000_000)
"""Autumn 2026 to spring 2030."""
Record = Callable[[str, object], None]


@pytest.fixture
def lab(over_http: OverHttp, tmp_path: Path) -> Iterator[Lab]:
    made = Lab(tmp_path, over_http)
    yield made
    made.close()


def test_there_are_forty_transitions_and_more() -> None:
    assert len({row.name for row in ROWS}) * 2 >= 40


def both_ways() -> Iterator[ParameterSet]:
    """Give every row done here and done there; by default one of the two, by turns."""
    for number, row in enumerate(ROWS):
        for side in ("here", "there"):
            later = (side == "here") == (number % 2 == 0)
            marks = (pytest.mark.long,) if later else ()
            yield pytest.param(row, side, id=f"{row.name}-{side}".replace(" ", "-"), marks=marks)


@pytest.mark.parametrize(("row", "side"), [*both_ways()])
def test_what_is_done_to_a_series_takes_place_on_the_other_side(
    lab: Lab, row: Row, side: str, record_property: Record
) -> None:
    series = lab.add(Content("Lunch", "confirmed", row.base, Body()), ref="series")
    lab.sync_one()
    lab.quiet()

    for step in row.steps:
        (_here if side == "here" else _there)(lab, series, step)
    lab.sync_one()
    lab.sync_one()

    here, there = takes_place_here(lab), takes_place_there(lab)
    assert here == there
    assert len(here) == row.count
    assert {title for title, _, _ in here} >= (row.titles if row.count else set())
    lab.quiet()
    record_property("transitions", 1)


def takes_place_here(lab: Lab) -> Took:
    """Return what takes place here: singles, exceptions, and series without the originals of their exceptions."""
    rows = lab.store.connection.execute(
        f"SELECT {COLUMNS} FROM event e WHERE e.deleted IS NULL AND e.status <> 'cancelled'"
    )
    found: Took = []
    for event in map(read_event, rows.fetchall()):
        assert event.content is not None
        assert event.starts is not None
        assert event.ends is not None
        spans: tuple[tuple[int, int], ...] = ((event.starts, event.ends),)
        if event.content.when.recurrence:
            originals = events.originals_of(lab.store, event.id)
            spans = expand(event, originals, calendar_zone=ZONE, from_=SPAN[0], to=SPAN[1]).spans
        found += [(event.content.summary, starts, ends) for starts, ends in spans]
    return sorted(found)


def takes_place_there(lab: Lab) -> Took:
    world = lab.world
    assert isinstance(world, OverHttp)
    window = {"singleEvents": "true", "timeMin": "2026-09-21T00:00:00Z", "timeMax": "2030-03-17T00:00:00Z"}
    items = world.sandbox.listed(world.calendar, **window)
    return sorted((str(item["summary"]), _moment(item["start"]), _moment(item["end"])) for item in items)


def _moment(told: dict[str, str]) -> int:
    if "dateTime" in told:
        return int(datetime.fromisoformat(told["dateTime"]).timestamp())
    day = date.fromisoformat(told["date"])
    return int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(ZONE)).timestamp())


# Steps, done here


def _here(lab: Lab, series: Event, step: Step) -> None:
    word, *rest = step
    now = lab.fresh(series)
    store, means = lab.store, lab.means
    if word == "one":
        edit.change_occurrence(store, means, series.id, rest[0], _said(inherited(store, now, rest[0]), rest[1]))
    elif word == "cancel":
        edit.cancel_occurrence(store, means, series.id, rest[0])
    elif word == "back":
        edit.change_occurrence(store, means, series.id, rest[0], inherited(store, now, rest[0]))
    elif word == "all":
        edit.change_event(store, means, series.id, _said(lab.text(series), rest[0]))
    elif word == "split":
        halves = split(lab.text(series).when, rest[0], calendar_zone=ZONE)
        content = replace(lab.text(series), summary=rest[1], when=halves.after or lab.text(series).when)
        edit.split_series(store, means, series.id, rest[0], content)
    elif word == "end":
        edit.split_series(store, means, series.id, rest[0], None)
    else:
        edit.delete_event(store, means, series.id)


def _said(content: Content, told: dict[str, Any]) -> Content:
    when = told.get("when", content.when)
    if "start" in told:
        zone = None if len(told["start"]) == 10 else (content.when.zone or "UTC")
        when = When(told["start"], told["end"], zone)
    return replace(content, summary=told.get("title", content.summary), when=when)


# Steps, done in Google


def _there(lab: Lab, series: Event, step: Step) -> None:
    word, *rest = step
    world = lab.world
    assert isinstance(world, OverHttp)
    google, calendar, name = world.sandbox, world.calendar, lab.copy(series).google_id
    occurrence = f"{name}_{rest[0]}" if rest and isinstance(rest[0], str) else ""
    if word == "one":
        google.patch(calendar, occurrence, _json(rest[1], lab.text(series).when.zone))
    elif word == "cancel":
        google.delete(calendar, occurrence)
    elif word == "back":
        google.patch(calendar, occurrence, {"status": "confirmed"})
    elif word == "all":
        google.patch(calendar, name, _json(rest[0], None))
    elif word == "split":
        google.edit(calendar, occurrence, "split", {"summary": rest[1]})
    elif word == "end":
        before = split(lab.text(series).when, rest[0], calendar_zone=ZONE).before
        assert before is not None
        google.patch(calendar, name, {"recurrence": list(before.recurrence)})
    else:
        google.delete(calendar, name)


def _json(told: dict[str, Any], zone: str | None) -> dict[str, Any]:
    body: dict[str, Any] = {"summary": told["title"]} if "title" in told else {}
    when = told.get("when")
    if "start" in told:
        body |= {edge: _edge(told[edge], zone or "UTC") for edge in ("start", "end")}
    elif isinstance(when, When):
        body |= {"start": _edge(when.start, when.zone), "end": _edge(when.end, when.zone)}
        body["recurrence"] = list(when.recurrence) or None
    return body


def _edge(text: str, zone: str | None) -> dict[str, str | None]:
    if len(text) == 10:
        return {"date": text, "dateTime": None, "timeZone": None}
    return {"dateTime": text, "date": None, "timeZone": zone}
