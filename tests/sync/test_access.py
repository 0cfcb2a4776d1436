"""What becomes of a calendar whose role, zone or very existence changes."""

from __future__ import annotations

from calsyncctl.errors import Gone, Held
from calsyncctl.model.calendar import CalendarState, Mode
from calsyncctl.model.history import Counts
from tests.support.memory import all_day, timed
from tests.sync.desk import ME, WORK, Desk


def filled(desk: Desk, mode: Mode = Mode.TWO_WAY) -> None:
    desk.calendar(mode=mode)
    for number in range(4):
        desk.google.put(WORK, timed(f"event{number}", f"Tea {number}"))
    desk.sync()


def test_a_calendar_that_shows_busy_times_only_goes_on_hold_with_its_events(desk: Desk) -> None:
    filled(desk)
    before = desk.here()
    desk.google.share(WORK, ME, "freeBusyReader")
    desk.google.put(WORK, timed("event1", "Moved", "2026-04-16T09:00:00Z", "2026-04-16T10:00:00Z"))

    (outcome,) = desk.sync().calendars

    assert isinstance(outcome.error, Held)
    assert outcome.calendar.state is CalendarState.HOLD
    assert "busy times" in (outcome.calendar.reason or "")
    assert desk.here() == before


def test_it_comes_back_by_itself_and_misses_nothing(desk: Desk) -> None:
    filled(desk)
    desk.google.share(WORK, ME, "freeBusyReader")
    desk.google.put(WORK, timed("event1", "Coffee"))
    desk.sync()
    desk.google.share(WORK, ME, "owner")

    outcome = desk.sync_one()

    assert outcome.calendar.state is CalendarState.SELECTED
    assert outcome.calendar.reason is None
    assert desk.here() == desk.there()


def test_a_calendar_that_is_gone_goes_on_hold_with_its_events(desk: Desk) -> None:
    filled(desk)
    desk.google.share(WORK, ME, None)

    (outcome,) = desk.sync().calendars

    assert isinstance(outcome.error, Held)
    assert outcome.calendar.state is CalendarState.HOLD
    assert len(desk.here()) == 4
    assert desk.rows("version") == 0


def test_on_hold_since_stays_when_it_was_found_first(desk: Desk) -> None:
    filled(desk)
    desk.google.share(WORK, ME, None)
    desk.sync()
    since = desk.now(desk.calendars[0]).since

    desk.sync()

    assert desk.now(desk.calendars[0]).since == since != desk.clock.now()


def test_its_events_are_not_taken_for_deleted_when_it_vanishes_while_absences_are_settled(desk: Desk) -> None:
    filled(desk)
    desk.google.cut(WORK, "event1")
    desk.google.expire_cursors()
    desk.google.fail_next(Gone("The calendar is gone."), method="get_events")

    desk.sync()

    assert len(desk.here()) == 4


def test_a_calendar_that_cannot_be_written_to_any_more_turns_read_only_and_says_so(desk: Desk) -> None:
    filled(desk)
    desk.google.share(WORK, ME, "reader")
    desk.google.put(WORK, timed("event1", "Coffee"))

    outcome = desk.sync_one()

    assert outcome.calendar.mode is Mode.READ_ONLY
    assert outcome.counts == Counts(changed=1)
    (warning,) = outcome.warnings
    assert "read-only" in warning


def test_a_read_only_calendar_says_nothing_of_its_role(desk: Desk) -> None:
    filled(desk, Mode.READ_ONLY)
    desk.google.share(WORK, ME, "reader")

    outcome = desk.sync_one()

    assert outcome.warnings == ()
    assert outcome.calendar.access == "reader"


def test_all_day_events_move_with_their_calendars_zone_and_nobody_changed_them(desk: Desk) -> None:
    desk.calendar()
    desk.google.put(WORK, all_day("holiday", start="2026-07-01", end="2026-07-02"))
    desk.google.put(WORK, timed("event0"))
    desk.sync()
    before, timed_before = desk.event("holiday"), desk.event("event0")
    desk.google.rename(WORK, "Work", zone="Europe/Berlin")

    desk.sync()

    after = desk.event("holiday")
    assert before.starts is not None
    assert after.starts == before.starts - 2 * 3600
    assert after.version == before.version
    assert desk.event("event0") == timed_before
