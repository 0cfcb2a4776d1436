"""Pulling one calendar: what comes in, in which order, and what a quiet pass leaves alone."""

from __future__ import annotations

import msgspec
import pytest

from calsyncctl.errors import Later, PageExpired
from calsyncctl.model.calendar import Mode
from calsyncctl.model.copy import RemoteEvent
from calsyncctl.model.event import Body, EventKind
from calsyncctl.model.history import Action, Counts, FieldChange
from calsyncctl.store import calendars, oddities, runs
from calsyncctl.sync.provider import OddItem
from tests.support.memory import all_day, timed
from tests.sync.desk import WORK, Desk

pytestmark = pytest.mark.feature("A9")


def fill(desk: Desk, count: int = 8) -> None:
    desk.calendar()
    for number in range(count):
        desk.google.put(WORK, timed(f"event{number}", f"Tea {number}"))


def test_a_first_sync_brings_everything_page_by_page(desk: Desk) -> None:
    fill(desk, 8)

    outcome = desk.sync_one()

    assert outcome.counts == Counts(new=8)
    assert outcome.full
    assert desk.here() == desk.there()
    assert desk.google.calls["list_events"] == 3 + 3  # ours, and the three of the comparison


def test_a_first_sync_writes_a_run_but_no_versions(desk: Desk) -> None:
    fill(desk)

    report = desk.sync()

    (run,) = runs.last_runs(desk.store)
    assert (run.id, run.outcome, run.counts) == (report.runs[0], "done", Counts(new=8))
    assert desk.rows("version") == 0


def test_an_unchanged_poll_is_one_request_and_writes_nothing_but_its_success(desk: Desk) -> None:
    fill(desk)
    desk.sync()
    before, calls = desk.snapshot(), desk.google.calls.total()

    outcome = desk.sync_one()

    assert desk.google.calls.total() - calls == 1
    assert desk.snapshot() == before
    assert outcome.counts == Counts()
    assert desk.now(desk.calendars[0]).last_success == desk.clock.now()


def test_only_what_changed_arrives_afterwards(desk: Desk) -> None:
    fill(desk)
    desk.sync()
    desk.google.put(WORK, timed("event1", "Coffee"))
    desk.google.put(WORK, timed("fresh"))
    desk.google.delete(WORK, "event2")

    assert desk.sync_one().counts == Counts(new=1, changed=1, deleted=1)
    assert desk.here() == desk.there()


def test_a_change_is_a_version_with_its_fields_from_and_to(desk: Desk) -> None:
    fill(desk, 1)
    desk.sync()
    desk.google.put(WORK, timed("event0", "Coffee", end="2026-04-15T11:00:00Z", body=Body(location="Kitchen")))

    report = desk.sync()

    (version,) = desk.versions("event0")
    assert (version.run_id, version.author, version.action) == (report.runs[0], "google", Action.CHANGED)
    assert version.changes[0] == FieldChange("summary", "Tea 0", "Coffee")
    assert [change.field for change in version.changes] == ["summary", "when", "location"]


def test_both_sides_agree_on_the_version_that_a_pull_made(desk: Desk) -> None:
    fill(desk, 1)
    desk.sync()
    desk.google.put(WORK, timed("event0", "Coffee"))
    desk.sync()

    (row,) = desk.store.connection.execute(
        "SELECT e.version, c.base_version, c.there FROM event e JOIN copy c ON c.event_id = e.id"
    ).fetchall()
    assert row == (2, 2, None)


def test_a_deleted_event_keeps_its_content(desk: Desk) -> None:
    fill(desk, 3)
    desk.sync()
    desk.google.delete(WORK, "event1")

    desk.sync()

    event = desk.event("event1")
    assert event.deleted == desk.clock.now()
    assert event.content is not None
    assert event.content.summary == "Tea 1"


def test_a_tombstone_read_again_is_no_news(desk: Desk) -> None:
    fill(desk, 3)
    desk.sync()
    desk.google.delete(WORK, "event1")
    desk.sync()
    before = desk.snapshot()
    desk.google.expire_cursors()

    assert desk.sync_one().counts.deleted == 0
    assert desk.snapshot() == before


def test_an_event_that_comes_back_in_google_comes_back_here(desk: Desk) -> None:
    fill(desk, 3)
    desk.sync()
    key = desk.event("event1").key
    desk.google.delete(WORK, "event1")
    desk.sync()
    desk.google.put(WORK, timed("event1", "Tea again"))

    desk.sync()

    assert desk.event("event1").key == key
    assert [version.action for version in desk.versions("event1")] == [Action.DELETED, Action.RESTORED]
    assert desk.here() == desk.there()


def test_a_changed_tag_alone_is_no_version(desk: Desk) -> None:
    fill(desk, 1)
    desk.sync()
    desk.google.put(WORK, timed("event0", "Tea 0"))

    assert desk.sync_one().counts == Counts(unchanged=1)
    assert desk.rows("version") == 0
    assert desk.event("event0").version == 1


def test_an_item_that_cannot_be_read_stops_nothing(desk: Desk) -> None:
    fill(desk, 3)
    desk.google.put(WORK, OddItem("broken", "its start is not a time"))
    desk.google.put(WORK, timed("never", start="0000-99-99T00:00:00Z"))

    outcome = desk.sync_one()

    assert outcome.counts == Counts(new=3, odd=2)
    assert [item.google_id for item in outcome.odd] == ["broken", "never"]
    assert [google_id for google_id, _ in oddities.of_calendar(desk.store, outcome.calendar.id)] == ["broken", "never"]


def test_an_item_that_could_not_be_read_is_remembered_until_it_can(desk: Desk) -> None:
    fill(desk, 1)
    desk.google.put(WORK, OddItem("broken", "its start is not a time"))
    calendar = desk.sync_one().calendar
    desk.sync_one()
    assert oddities.of_calendar(desk.store, calendar.id) == (("broken", "its start is not a time"),)

    desk.google.put(WORK, timed("broken"))
    desk.sync_one()
    assert oddities.of_calendar(desk.store, calendar.id) == ()


def test_an_odd_change_of_a_known_event_leaves_it_as_it_was(desk: Desk) -> None:
    fill(desk, 3)
    desk.sync()
    desk.google.put(WORK, timed("event1", "Broken", start="0000-99-99T00:00:00Z"))
    desk.google.expire_cursors()

    desk.sync()

    assert desk.event("event1").deleted is None
    assert desk.event("event1").version == 1


def test_an_interrupted_first_sync_goes_on_where_it_stopped(desk: Desk) -> None:
    fill(desk, 9)
    desk.google.before_next(lambda: None)
    desk.google.before_next(lambda: desk.google.fail_next(Later("The network is away.")))

    (outcome,) = desk.sync().calendars
    assert outcome.counts == Counts(new=3)
    assert outcome.error is not None
    assert desk.sync_one().counts == Counts(new=6)
    assert desk.google.calls["list_events"] == 4
    assert desk.here() == desk.there()


def test_a_refused_page_begins_a_new_listing_and_doubles_nothing(desk: Desk) -> None:
    fill(desk, 9)
    desk.google.before_next(lambda: None)
    desk.google.before_next(desk.google.expire_pages)

    outcome = desk.sync_one()

    assert outcome.counts == Counts(new=9, unchanged=3)
    assert desk.here() == desk.there()
    assert desk.rows("version") == 0


def test_a_refused_page_of_changes_begins_the_changes_again(desk: Desk) -> None:
    fill(desk, 9)
    desk.sync()
    for number in range(9):
        desk.google.put(WORK, timed(f"event{number}", "Coffee"))
    desk.google.before_next(lambda: None)
    desk.google.before_next(desk.google.expire_pages)

    outcome = desk.sync_one()

    assert not outcome.full
    assert desk.here() == desk.there()


def test_page_tokens_that_are_always_refused_end_the_pull(desk: Desk) -> None:
    fill(desk, 9)
    desk.google.fail_next(PageExpired("No."), times=50)

    (outcome,) = desk.sync().calendars

    assert isinstance(outcome.error, Later)
    assert desk.google.calls["list_events"] == 4


def test_empty_pages_in_between_are_walked_through(desk: Desk) -> None:
    fill(desk, 7)
    desk.google.empty_pages = True

    assert desk.sync_one().counts == Counts(new=7)


def test_another_query_begins_a_full_listing_that_is_merged(desk: Desk) -> None:
    fill(desk, 5)
    desk.sync()
    before = desk.snapshot()
    with desk.store.write():
        calendars.save_cursor(desk.store, desk.calendars[0].id, "a cursor of another query", "another query")

    outcome = desk.sync_one()

    assert outcome.full
    assert outcome.counts == Counts(unchanged=5)
    assert desk.snapshot() == before


def test_a_stale_read_is_not_taken_and_read_again(desk: Desk) -> None:
    fill(desk, 1)
    desk.sync()
    old = timed("event0", "Yesterday's tea")
    desk.google.put(WORK, timed("event0", "Coffee"))
    desk.sync()
    desk.google.put_as_is(WORK, _updated(old, "2020-01-01T00:00:00.000Z"))

    outcome = desk.sync_one()

    assert outcome.counts == Counts(stale=1)
    assert desk.google.calls["get_events"] == 1
    assert (content := desk.event("event0").content) is not None
    assert content.summary == "Coffee"


def test_one_way_keeps_events_from_google_as_blocks(desk: Desk) -> None:
    desk.calendar(mode=Mode.ONE_WAY)
    desk.google.put(WORK, timed("event0"))

    desk.sync()

    assert desk.event("event0").kind is EventKind.BLOCK


def test_push_only_takes_nothing_from_google(desk: Desk) -> None:
    desk.calendar(mode=Mode.PUSH_ONLY)
    desk.google.put(WORK, timed("event0"))

    assert desk.sync_one().counts == Counts()
    assert desk.rows("event") == 0


def test_an_item_named_twice_in_an_answer_counts_with_its_latest_state(desk: Desk) -> None:
    fill(desk, 8)
    # Edited while the listing runs: it is listed again by the next pull, and once more here.
    desk.google.before_next(lambda: None)
    desk.google.before_next(lambda: desk.edit(timed("event0", "Edited meanwhile")))

    desk.sync()
    desk.sync()

    assert desk.here() == desk.there()
    assert desk.rows("event") == 8


def test_an_all_day_event_lasts_from_midnight_to_midnight_of_its_calendar(desk: Desk) -> None:
    desk.calendar(zone="America/New_York")
    desk.google.put(WORK, all_day("holiday", start="2026-03-08", end="2026-03-09"))

    desk.sync()

    event = desk.event("holiday")
    assert event.starts is not None
    assert event.ends is not None
    assert event.ends - event.starts == 23 * 3600  # clocks go forward that day


def _updated(item: RemoteEvent, updated: str) -> RemoteEvent:
    return msgspec.structs.replace(item, updated=updated, etag='"old"')
