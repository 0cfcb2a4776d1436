"""Series and their exceptions, in every order that they may come in."""

from __future__ import annotations

from itertools import permutations

import pytest

from calsyncctl.model.copy import RemoteEvent
from calsyncctl.model.history import Action, Counts
from calsyncctl.store import events, runs
from tests.support.memory import timed
from tests.sync.desk import WORK, Desk

ORIGINAL = "20260422T090000Z"
SERIES = timed("weekly", recurrence=("RRULE:FREQ=WEEKLY",))
MOVED = timed(
    "weekly_moved", "Moved", "2026-04-22T15:00:00Z", "2026-04-22T16:00:00Z", master="weekly", original=ORIGINAL
)
CANCELLED = RemoteEvent(
    google_id="weekly_off", etag="", updated="", content=None, master="weekly", original="20260429T090000Z"
)


@pytest.mark.parametrize("order", list(permutations((SERIES, MOVED, CANCELLED))), ids=lambda _: "")
@pytest.mark.parametrize("page_size", [1, 3])
def test_exceptions_are_joined_in_whatever_order_they_come(
    desk: Desk, order: tuple[RemoteEvent, ...], page_size: int
) -> None:
    desk.google.page_size = page_size
    desk.calendar()
    for item in order:
        desk.google.put(WORK, item)

    desk.sync()

    series = desk.event("weekly")
    assert [event.original for event in events.exceptions_of(desk.store, series.id)] == [ORIGINAL, "20260429T090000Z"]


@pytest.mark.parametrize("order", list(permutations((SERIES, MOVED, CANCELLED))), ids=lambda _: "")
def test_exceptions_are_joined_passes_apart(desk: Desk, order: tuple[RemoteEvent, ...]) -> None:
    desk.calendar()
    for item in order:
        desk.google.put(WORK, item)
        desk.sync()

    series = desk.event("weekly")
    assert [event.original for event in events.exceptions_of(desk.store, series.id)] == [ORIGINAL, "20260429T090000Z"]


def test_the_history_of_an_exception_begins_with_what_google_says_of_it_that_its_series_does_not(desk: Desk) -> None:
    desk.calendar()
    desk.google.put(WORK, SERIES)
    desk.sync()
    desk.google.put(WORK, MOVED)
    desk.sync()

    (first,) = runs.versions_of(desk.store, desk.event("weekly_moved").id)

    assert first.action is Action.ADDED
    assert {one.field for one in first.changes} == {"summary", "when"}
    assert [(one.before, one.after) for one in first.changes if one.field == "summary"] == [("Tea", "Moved")]


def test_an_exception_whose_series_never_comes_stands_alone(desk: Desk) -> None:
    desk.calendar()
    desk.google.put(WORK, MOVED)

    assert desk.sync_one().counts == Counts(new=1)

    assert desk.event("weekly_moved").series_id is None
    assert desk.here() == desk.there()


def test_deleting_a_series_deletes_its_exceptions_once(desk: Desk) -> None:
    desk.calendar()
    for item in (SERIES, MOVED, CANCELLED):
        desk.google.put(WORK, item)
    desk.sync()
    desk.google.delete(WORK, "weekly")
    desk.google.delete(WORK, "weekly_moved")

    assert desk.sync_one().counts == Counts(deleted=1, unchanged=1)

    assert [event.deleted for event in map(desk.event, ("weekly", "weekly_moved", "weekly_off"))] == (
        [desk.clock.now()] * 3
    )
    assert [version.action for version in desk.versions("weekly_moved")] == [Action.DELETED]


def test_deleting_a_series_takes_the_exceptions_that_google_does_not_name(desk: Desk) -> None:
    desk.calendar()
    for item in (SERIES, MOVED):
        desk.google.put(WORK, item)
    desk.sync()
    desk.google.delete(WORK, "weekly")

    desk.sync()

    (version,) = desk.versions("weekly_moved")
    assert (version.action, version.why) == (Action.DELETED, "its series was deleted")


def test_a_cancelled_exception_keeps_what_it_said(desk: Desk) -> None:
    desk.calendar()
    for item in (SERIES, MOVED):
        desk.google.put(WORK, item)
    desk.sync()
    desk.google.delete(WORK, "weekly_moved")

    desk.sync()

    event = desk.event("weekly_moved")
    assert (event.status, event.starts, event.deleted) == ("cancelled", None, None)
    assert event.content is not None
    assert event.content.summary == "Moved"


def test_an_exception_takes_the_place_of_a_deleted_one(desk: Desk) -> None:
    desk.calendar()
    for item in (SERIES, MOVED):
        desk.google.put(WORK, item)
    desk.sync()
    desk.google.lose(WORK, "weekly_moved")
    desk.google.expire_cursors()
    desk.sync()
    desk.google.put(WORK, timed("weekly_again", "Again", master="weekly", original=ORIGINAL))

    desk.sync()

    assert desk.event("weekly_again").series_id == desk.event("weekly").id
    assert desk.event("weekly_moved").series_id is None


def test_a_second_exception_at_the_same_place_stands_alone(desk: Desk) -> None:
    desk.calendar()
    for item in (SERIES, MOVED, timed("weekly_twin", "Twin", master="weekly", original=ORIGINAL)):
        desk.google.put(WORK, item)

    desk.sync()

    joined = [desk.event(google_id).series_id is not None for google_id in ("weekly_moved", "weekly_twin")]
    assert joined == [True, False]
    assert desk.here() == desk.there()
