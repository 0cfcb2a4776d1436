"""The decision on one item, case by case."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from calsyncctl.model.copy import Copy, Known, RemoteEvent
from calsyncctl.model.event import Attendee, Body, Content, Event, EventKind, When
from calsyncctl.sync.changes import differences
from calsyncctl.sync.pulling.incoming import Verdict, decide

TEA = Content("Tea", "confirmed", When("2026-04-15T09:00:00Z", "2026-04-15T10:00:00Z", "UTC"), Body(location="Kitchen"))
COFFEE = msgspec.structs.replace(TEA, summary="Coffee")
BARE = Content("", "confirmed", TEA.when, Body())
HELD, EARLIER, LATER = "2026-04-01T00:00:00.000Z", "2026-03-01T00:00:00.000Z", "2026-05-01T00:00:00.000Z"


def known(*, there: str | None = None, etag: str = '"1"', updated: str = HELD, **event: Any) -> Known:
    series_deleted = event.pop("series_deleted", False)
    values: dict[str, Any] = {"content": TEA, "status": "confirmed", "version": 1, "starts": 1, "ends": 2} | event
    made = Event(id=1, key="k", calendar_id=1, kind=EventKind.EVENT, origin="google", **values)
    copy = Copy(id=1, event_id=1, calendar_id=1, google_id="g", etag=etag, updated=updated, there=there, base_version=1)
    return Known(copy=copy, event=made, series_deleted=series_deleted)


def item(content: Content | None = TEA, **more: Any) -> RemoteEvent:
    values: dict[str, Any] = {"etag": '"1"', "updated": HELD} | more
    return RemoteEvent(google_id="g", content=content, **values)


GRAVE = item(None, etag="", updated="")
CANCELLED = item(None, etag="", updated="", master="m", original="20260415T090000Z")
EXCEPTION: dict[str, Any] = {"series_id": 9, "original": "20260415T090000Z"}
DEAD: dict[str, Any] = {"deleted": 5}


@pytest.mark.parametrize(
    ("read", "held", "verdict"),
    [
        pytest.param(item(), None, Verdict.ADD, id="never seen"),
        pytest.param(CANCELLED, None, Verdict.CANCEL, id="a cancelled occurrence never seen is kept"),
        pytest.param(GRAVE, None, Verdict.NOTHING, id="a tombstone of what was never seen says nothing"),
        pytest.param(item(), known(), Verdict.NOTHING, id="the same"),
        pytest.param(item(etag='"2"'), known(), Verdict.NOTE, id="only its tag moved"),
        pytest.param(item(extra='{"source":1}'), known(), Verdict.NOTE, id="only its hidden parts moved"),
        pytest.param(item(COFFEE, etag='"1"'), known(), Verdict.TAKE, id="changed, though the tag stayed"),
        pytest.param(item(COFFEE, updated=EARLIER), known(), Verdict.STALE, id="older than what is held"),
        pytest.param(item(COFFEE, updated=""), known(), Verdict.TAKE, id="without its time it is believed"),
        pytest.param(GRAVE, known(), Verdict.DELETE, id="deleted"),
        pytest.param(GRAVE, known(**DEAD), Verdict.NOTHING, id="deleted, as known"),
        pytest.param(CANCELLED, known(**EXCEPTION), Verdict.CANCEL, id="an exception is cancelled"),
        pytest.param(CANCELLED, known(status="cancelled", **EXCEPTION), Verdict.NOTHING, id="cancelled, as known"),
        pytest.param(
            CANCELLED, known(series_deleted=True, **EXCEPTION, **DEAD), Verdict.NOTHING, id="gone with its series"
        ),
        pytest.param(item(), known(status="cancelled", **EXCEPTION), Verdict.RESTORE, id="a cancelled one lives again"),
        pytest.param(item(updated=LATER), known(**DEAD), Verdict.RESTORE, id="comes back"),
        pytest.param(item(), known(**DEAD), Verdict.STALE, id="its last life, read after its deletion, is no news"),
    ],
)
def test_an_item_is_decided(read: RemoteEvent, held: Known | None, verdict: Verdict) -> None:
    assert decide(read, held).verdict is verdict


def test_its_last_life_counts_when_it_was_asked_for_by_its_id() -> None:
    assert decide(item(), known(**DEAD), confirmed=True).verdict is Verdict.RESTORE


def test_an_exception_that_is_not_there_when_asked_for_is_void() -> None:
    assert decide(GRAVE, known(**EXCEPTION)).verdict is Verdict.CANCEL
    assert decide(GRAVE, known(**EXCEPTION), confirmed=True).verdict is Verdict.DELETE


def test_hidden_details_never_overwrite_known_ones() -> None:
    moved = msgspec.structs.replace(BARE, when=When("2026-04-15T11:00:00Z", "2026-04-15T12:00:00Z", "UTC"))

    decision = decide(item(moved, hidden=True, etag='"2"'), known())

    assert decision.content is not None
    assert (decision.content.summary, decision.content.body.location) == ("Tea", "Kitchen")
    assert [change.field for change in decision.changes] == ["when"]


def test_hidden_details_read_again_are_no_change() -> None:
    first = decide(item(BARE, hidden=True), known())

    assert first.verdict is Verdict.NOTE
    assert decide(item(BARE, hidden=True), known(there=first.there)).verdict is Verdict.NOTHING


def test_details_shown_again_are_taken() -> None:
    hidden = decide(item(BARE, hidden=True), known())

    assert decide(item(COFFEE), known(there=hidden.there)).verdict is Verdict.TAKE
    assert decide(item(TEA), known(there=hidden.there)).there is None


def test_google_is_compared_with_its_own_last_answer() -> None:
    there = msgspec.json.encode(COFFEE).decode()

    assert decide(item(COFFEE), known(there=there)).verdict is Verdict.NOTHING


def test_when_is_one_field_and_each_part_of_the_body_its_own() -> None:
    after = Content("Tea", "tentative", When("2026-04-16", "2026-04-17"), Body(attendees=(Attendee("a@example.com"),)))

    assert [change.field for change in differences(TEA, after)] == ["status", "when", "location", "attendees"]


def test_changes_are_plain_values() -> None:
    changes = differences(TEA, msgspec.structs.replace(TEA, when=When("2026-04-16", "2026-04-17")))

    assert changes[0].after == {"start": "2026-04-16", "end": "2026-04-17", "zone": None, "recurrence": ()}
