"""Reading a range: series expanded on the way, exceptions in place, hidden calendars left out."""

from __future__ import annotations

from datetime import datetime

import pytest
from msgspec.structs import replace

from calsyncctl.model.account import AccountState
from calsyncctl.model.calendar import CalendarState
from calsyncctl.model.copy import RemoteEvent
from calsyncctl.store import accounts, calendars
from calsyncctl.store.events import count_events
from calsyncctl.sync.reading import Reading, events_between
from tests.support.memory import all_day, timed
from tests.sync.desk import WORK, Desk

WEEKLY = timed("weekly", recurrence=("RRULE:FREQ=WEEKLY",))  # from Wednesday 2026-04-15T09:00Z on


def at(text: str) -> int:
    return int(datetime.fromisoformat(f"{text}+00:00").timestamp())


def read(desk: Desk, from_: str = "2026-04-13", to: str = "2026-05-11") -> Reading:
    return events_between(desk.store, from_=at(from_), to=at(to), now=at("2026-04-13"))


def shown(desk: Desk, from_: str = "2026-04-13", to: str = "2026-05-11") -> list[tuple[str, str]]:
    return [(one.start, one.event.content.summary) for one in read(desk, from_, to).occurrences if one.event.content]


def synced(desk: Desk, *items: RemoteEvent, zone: str = "UTC") -> None:
    desk.calendar(zone=zone)
    for item in items:
        desk.google.put(WORK, item)
    desk.sync()


def test_a_range_shows_what_overlaps_it_in_order(desk: Desk) -> None:
    synced(
        desk,
        timed("before", "Before", "2026-04-12T22:00:00Z", "2026-04-13T00:00:00Z"),
        timed("into", "Into", "2026-04-12T23:00:00Z", "2026-04-13T01:00:00Z"),
        timed("last", "Last", "2026-05-10T23:00:00Z", "2026-05-11T01:00:00Z"),
        timed("after", "After", "2026-05-11T00:00:00Z", "2026-05-11T01:00:00Z"),
        timed("point", "Point", "2026-04-13T00:00:00Z", "2026-04-13T00:00:00Z"),
    )

    assert [summary for _, summary in shown(desk)] == ["Into", "Point", "Last"]


def test_an_event_longer_than_a_week_shows_in_its_middle(desk: Desk) -> None:
    synced(desk, timed("fair", "Fair", "2026-03-01T09:00:00Z", "2026-06-01T09:00:00Z"))

    assert shown(desk) == [("2026-03-01T09:00:00Z", "Fair")]


def test_a_long_occurrence_shows_in_its_middle(desk: Desk) -> None:
    long = timed("season", "Season", "2025-11-01T09:00:00Z", "2026-05-01T09:00:00Z", recurrence=("RRULE:FREQ=YEARLY",))
    synced(desk, long)

    assert shown(desk) == [("2025-11-01T09:00:00Z", "Season")]


def test_a_series_shows_its_occurrences_with_their_original_starts(desk: Desk) -> None:
    synced(desk, WEEKLY)

    found = read(desk).occurrences

    assert [one.original for one in found] == [
        "20260415T090000Z",
        "20260422T090000Z",
        "20260429T090000Z",
        "20260506T090000Z",
    ]


def test_exceptions_stand_in_the_place_of_their_occurrences(desk: Desk) -> None:
    moved = timed(
        "x1", "Moved", "2026-04-23T12:00:00Z", "2026-04-23T13:00:00Z", master="weekly", original="20260422T090000Z"
    )
    synced(desk, WEEKLY, moved)

    assert shown(desk)[:3] == [
        ("2026-04-15T09:00:00Z", "Tea"),
        ("2026-04-23T12:00:00Z", "Moved"),
        ("2026-04-29T09:00:00Z", "Tea"),
    ]


def test_exceptions_move_out_of_a_range_and_into_it(desk: Desk) -> None:
    out = timed(
        "x1", "Out", "2026-06-23T12:00:00Z", "2026-06-23T13:00:00Z", master="weekly", original="20260422T090000Z"
    )
    into = timed(
        "x2", "In", "2026-04-24T12:00:00Z", "2026-04-24T13:00:00Z", master="weekly", original="20260624T090000Z"
    )
    synced(desk, WEEKLY, out, into)

    assert [summary for _, summary in shown(desk)] == ["Tea", "In", "Tea", "Tea"]


def test_a_cancelled_occurrence_is_not_shown_and_comes_back_with_its_series_rule(desk: Desk) -> None:
    synced(desk, WEEKLY, timed("x1", "Here", master="weekly", original="20260422T090000Z"))
    assert len(shown(desk)) == 4
    desk.google.delete(WORK, "x1")
    desk.sync()
    assert len(shown(desk)) == 3

    desk.google.lose(WORK, "x1")
    desk.google.expire_cursors()
    desk.sync()

    assert [summary for _, summary in shown(desk)] == ["Tea"] * 4


def test_a_changed_series_is_expanded_anew(desk: Desk) -> None:
    synced(desk, WEEKLY)
    shown(desk)
    desk.edit(timed("weekly", "Daily", recurrence=("RRULE:FREQ=DAILY;COUNT=3",)))
    desk.sync()

    assert [summary for _, summary in shown(desk)] == ["Daily"] * 3


def test_a_renamed_series_keeps_its_occurrences(desk: Desk) -> None:
    synced(desk, WEEKLY)
    shown(desk)
    desk.edit(timed("weekly", "Coffee", recurrence=("RRULE:FREQ=WEEKLY",)))
    desk.sync()
    (expanded,) = desk.store.connection.execute("SELECT expanded_to FROM event").fetchone()

    assert expanded is not None
    assert [summary for _, summary in shown(desk)] == ["Coffee"] * 4


def test_a_deleted_series_shows_nothing(desk: Desk) -> None:
    synced(desk, WEEKLY)
    shown(desk)
    desk.google.delete(WORK, "weekly")
    desk.sync()

    assert shown(desk) == []


def test_a_pull_expands_nothing(desk: Desk) -> None:
    synced(desk, WEEKLY)

    assert desk.rows("occurrence") == 0


def test_reading_twice_expands_once(desk: Desk) -> None:
    synced(desk, WEEKLY)
    shown(desk)
    changes = desk.store.connection.total_changes

    shown(desk)

    assert desk.store.connection.total_changes == changes


@pytest.mark.parametrize("ranges", [("2026-04-13", "2031-01-01"), ("2031-01-01", "2026-04-13")])
def test_ranges_far_apart_are_both_expanded(desk: Desk, ranges: tuple[str, str]) -> None:
    synced(desk, WEEKLY)
    found = {begin: len(read(desk, begin, f"{begin[:4]}-{begin[5:7]}-28").occurrences) for begin in (*ranges, *ranges)}

    assert found == {"2026-04-13": 2, "2031-01-01": 4}


def test_occurrences_follow_the_wall_clock_of_their_zone(desk: Desk) -> None:
    synced(
        desk,
        timed(
            "berlin",
            start="2026-03-25T09:00:00+01:00",
            end="2026-03-25T10:00:00+01:00",
            zone="Europe/Berlin",
            recurrence=("RRULE:FREQ=WEEKLY;COUNT=2",),
        ),
    )

    assert [start for start, _ in shown(desk, "2026-03-01", "2026-05-01")] == [
        "2026-03-25T09:00:00+01:00",
        "2026-04-01T09:00:00+02:00",
    ]


def test_all_day_occurrences_are_dates(desk: Desk) -> None:
    series = all_day("away")
    synced(desk, _repeating(series), zone="Pacific/Auckland")

    found = read(desk, "2026-04-13", "2026-04-30").occurrences

    assert [(one.start, one.end, one.original) for one in found] == [
        ("2026-04-15", "2026-04-16", "2026-04-15"),
        ("2026-04-22", "2026-04-23", "2026-04-22"),
        ("2026-04-29", "2026-04-30", "2026-04-29"),
    ]


def test_a_rule_nobody_understands_is_noted_and_its_first_occurrence_shown(desk: Desk) -> None:
    synced(desk, timed("odd", recurrence=("RRULE:FREQ=SOMETIMES",)))

    reading = read(desk)

    assert len(reading.occurrences) == 1
    assert desk.event("odd").key[:8] in reading.notes[0]


def test_a_deselected_calendar_is_hidden_and_nothing_is_deleted(desk: Desk) -> None:
    synced(desk, WEEKLY, timed("single"))
    with desk.store.write():
        calendars.set_calendar_state(desk.store, desk.calendars[0].id, CalendarState.AVAILABLE, since=1)

    assert shown(desk) == []
    assert desk.event("weekly").deleted is None


@pytest.mark.parametrize("state", [AccountState.DISCONNECTED, AccountState.DISCONNECTING])
def test_a_disconnected_accounts_calendars_are_hidden(desk: Desk, state: AccountState) -> None:
    synced(desk, WEEKLY)
    account = desk.account()
    with desk.store.write():
        accounts.set_account_state(desk.store, account.id, state, since=1)

    assert shown(desk) == []


def test_a_calendar_on_hold_and_an_account_that_must_sign_in_still_show(desk: Desk) -> None:
    synced(desk, WEEKLY)
    account = desk.account()
    with desk.store.write():
        accounts.set_account_state(desk.store, account.id, AccountState.NEEDS_REAUTH, since=1)
        calendars.set_calendar_state(desk.store, desk.calendars[0].id, CalendarState.HOLD, since=1)

    assert len(shown(desk)) == 4


def test_events_are_counted_without_cancelled_and_deleted_ones(desk: Desk) -> None:
    synced(desk, WEEKLY, timed("single"), timed("gone"), timed("x1", master="weekly", original="20260422T090000Z"))
    desk.google.delete(WORK, "gone")
    desk.google.delete(WORK, "x1")
    desk.sync()

    home = desk.calendars[0].id
    assert count_events(desk.store, [home]) == {home: 2}


def _repeating(item: RemoteEvent) -> RemoteEvent:
    assert item.content is not None
    when = replace(item.content.when, recurrence=("RRULE:FREQ=WEEKLY",))
    return replace(item, content=replace(item.content, when=when))


def test_a_series_that_becomes_a_single_event_leaves_no_ghosts(desk: Desk) -> None:
    synced(desk, timed("weekly", recurrence=("RRULE:FREQ=WEEKLY;COUNT=4",)))
    assert len(read(desk, "2026-04-01", "2026-06-01").occurrences) == 4

    desk.google.put(WORK, timed("weekly"))
    desk.sync()

    assert len(read(desk, "2026-04-01", "2026-06-01").occurrences) == 1
