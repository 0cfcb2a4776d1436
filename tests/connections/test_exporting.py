"""An export: one state of the store, line by line, whole or not at all, and in little memory."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from calsyncctl.connections.exporting import Line, export_lines, export_to
from calsyncctl.errors import CalsyncError
from calsyncctl.store import events
from calsyncctl.store.db import Store, open_store
from tests.store.build import NOW, connected, seen
from tests.store.events_build import WEEKLY, event, keep


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "profile" / "store.sqlite") as opened:
        yield opened


@pytest.fixture
def calendar(store: Store) -> int:
    return seen(store, connected(store, "work@example.com"), "Team").id


def lines(store: Store) -> list[Any]:
    return list(export_lines(store, instance="one", profile="default", now=NOW))


def test_an_empty_profile_has_a_beginning_and_an_end(store: Store) -> None:
    first, last = lines(store)

    assert (first["line"], first["instance"], first["made"]) == ("export", "one", "2026-04-12T13:20:00Z")
    assert last == {"line": "end", "counts": {}}


def test_exceptions_follow_their_series_and_name_it(store: Store, calendar: int) -> None:
    slot = "20260422T090000Z"
    keep(store, event(calendar, 2, WEEKLY))
    keep(store, event(calendar, 1, series_id=2, original=slot), event(calendar, 3, None, series_id=2, original="x"))

    told = [one for one in lines(store) if one["line"] == "event"]
    assert [(one["series"], one["original"]) for one in told] == [(None, None), (f"{2:032x}", slot), (f"{2:032x}", "x")]
    assert told[2]["content"] is None
    assert told[0]["copies"] == [{"calendar": calendar, "google_id": "g2", "state": "live"}]


def test_what_is_written_meanwhile_is_not_in_it(store: Store, calendar: int) -> None:
    keep(store, event(calendar, 1))
    told = export_lines(store, instance="one", profile="default", now=NOW)
    begun = [next(told), next(told)]
    with open_store(store.path) as other:
        keep(other, event(calendar, 2))

    rest = [*begun, *told]
    assert rest[-1]["counts"]["event"] == 1
    assert not store.writing()


def test_a_file_that_could_not_be_finished_is_not_there(tmp_path: Path, store: Store) -> None:
    def broken() -> Iterator[Line]:
        yield {"line": "export"}
        raise RuntimeError("a bug")

    target = tmp_path / "all.jsonl"
    target.write_text("before")
    with pytest.raises(RuntimeError):
        export_to(target, broken())
    assert (target.read_text(), [one.name for one in tmp_path.glob(".*")]) == ("before", [])
    with pytest.raises(CalsyncError, match="cannot be written"):
        export_to(tmp_path / "no" / "such", iter(lines(store)))


def test_a_large_profile_is_exported_in_little_memory(tmp_path: Path, store: Store, calendar: int) -> None:
    with store.write():
        events.insert_events(store, (event(calendar, number) for number in range(1, 4001)), None)
    tracemalloc.start()
    count = export_to(tmp_path / "all.jsonl", export_lines(store, instance="one", profile="default", now=NOW))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == 4001 + 3
    assert json.loads((tmp_path / "all.jsonl").read_text().splitlines()[-1])["counts"]["event"] == 4000
    assert (tmp_path / "all.jsonl").stat().st_size > 1_500_000
    assert peak < 1_000_000
