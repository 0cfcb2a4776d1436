"""The engine over real HTTP, with Google's client, against a local Google: what the fake in memory cannot show."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from calsyncctl.google.provider import google_provider
from calsyncctl.model.history import Counts
from calsyncctl.sync.reading import events_between
from tests.support.sandbox import WORK as ME
from tests.support.sandbox import Sandbox
from tests.support.worlds import OneToken
from tests.sync.desk import Desk

PRIMARY = ME


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(events=400) as running:
        yield running


@pytest.fixture
def synced(sandbox: Sandbox, tmp_path: Path) -> Iterator[Desk]:
    from bench.local_google import sign_in

    desk = Desk(tmp_path)
    desk.calendar(PRIMARY, email=ME)
    tokens = OneToken(sign_in(sandbox.info, ME))
    desk.wrap[ME] = google_provider(api_root=sandbox.root, tokens=tokens, email=ME, clock=desk.clock, page_size=100)
    desk.sync_one()
    yield desk
    desk.close()


def test_a_first_sync_brings_what_google_has_and_an_idle_poll_is_one_request(sandbox: Sandbox, synced: Desk) -> None:
    living = [item for item in sandbox.listed(PRIMARY) if item["status"] != "cancelled"]
    assert len(synced.here(PRIMARY)) == len(living)
    before = synced.snapshot()
    sandbox.reset_counters()

    assert synced.sync_one().counts == Counts()

    assert sandbox.requests() == {"GET events.list": 1}
    assert synced.snapshot() == before


def test_a_dead_token_is_merged_without_a_single_write(sandbox: Sandbox, synced: Desk) -> None:
    before, events = synced.snapshot(), len(synced.here(PRIMARY))
    sandbox.expire_sync_tokens()

    outcome = synced.sync_one()

    assert outcome.full
    assert (outcome.counts.new, outcome.counts.changed, outcome.counts.deleted) == (0, 0, 0)
    assert synced.snapshot() == before
    assert len(synced.here(PRIMARY)) == events


def test_edits_made_in_google_arrive_and_only_they(sandbox: Sandbox, synced: Desk) -> None:
    made = sandbox.insert(PRIMARY, _hour("New"))
    other = sandbox.insert(PRIMARY, _hour("Other"))
    assert synced.sync_one().counts == Counts(new=2)
    sandbox.patch(PRIMARY, made["id"], {"summary": "Renamed"})
    sandbox.delete(PRIMARY, other["id"])

    assert synced.sync_one().counts == Counts(changed=1, deleted=1)
    assert [change.field for change in synced.versions_on(PRIMARY, made["id"])[-1].changes] == ["summary"]


def test_one_cancelled_occurrence_leaves_the_series(sandbox: Sandbox, synced: Desk) -> None:
    series = sandbox.insert(PRIMARY, {**_hour("Daily"), "recurrence": ["RRULE:FREQ=DAILY;COUNT=3"]})
    synced.sync()
    sandbox.delete(PRIMARY, f"{series['id']}_20310402T090000Z")

    synced.sync()

    found = events_between(synced.store, from_=1_932_681_600, to=1_933_286_400, now=synced.clock.now())
    starts = [one.start for one in found.occurrences if one.event.content and one.event.content.summary == "Daily"]
    assert starts == ["2031-04-01T09:00:00Z", "2031-04-03T09:00:00Z"]


def _hour(summary: str) -> dict[str, object]:
    times = {"start": "2031-04-01T09:00:00Z", "end": "2031-04-01T10:00:00Z"}
    return {"summary": summary, **{edge: {"dateTime": time, "timeZone": "UTC"} for edge, time in times.items()}}
