"""Occurrences of our series changed in Google where ours stands, and exceptions that come without their series."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from calsyncctl.model.calendar import Calendar, Mode
from calsyncctl.model.event import Event
from calsyncctl.store import events, links
from tests.sync.desk import WORK
from tests.sync.house import House, said

DAILY = "RRULE:FREQ=DAILY;COUNT=6"
THIRD = "20270506T120000Z"
MODES = [Mode.ONE_WAY, Mode.PUSH_ONLY]


def placed(house: House, mode: Mode) -> tuple[Calendar, Event]:
    """A calendar of a mode with a series of ours on it."""
    chosen = house.calendar(f"calendar-{mode}", mode=mode)
    house.sync()
    series = house.add(said(recurrence=(DAILY,)), chosen)
    house.settle()
    return chosen, series


def third_of(house: House, series: Event) -> Event:
    event_id = events.exception_at(house.store, series.id, THIRD)
    assert event_id is not None
    return events.get_event(house.store, event_id)


@pytest.mark.parametrize("mode", MODES)
def test_an_occurrence_of_ours_changed_in_google_is_written_back_and_theirs_kept(house: House, mode: Mode) -> None:
    chosen, series = placed(house, mode)
    house.edit_occurrence_there(series, THIRD, chosen, summary="Hijacked")

    house.settle()

    third = third_of(house, series)
    assert (house.there_is(third, chosen).summary, house.text(third).summary) == ("Lunch", "Lunch")
    said_there = [
        change.after
        for row in house.versions_on(chosen.google_id or "", house.copy(third, chosen).google_id)
        for change in row.changes
    ]
    assert said_there == ["Hijacked", "Lunch"]


@pytest.mark.parametrize("mode", MODES)
def test_an_occurrence_of_ours_moved_in_google_is_moved_back(house: House, mode: Mode) -> None:
    chosen, series = placed(house, mode)
    when = replace(said().when, start="2027-05-06T18:00:00Z", end="2027-05-06T19:00:00Z")
    house.edit_occurrence_there(series, THIRD, chosen, when=when)

    house.settle()

    assert house.there_is(third_of(house, series), chosen).when.start == "2027-05-06T12:00:00Z"


@pytest.mark.parametrize("mode", MODES)
def test_an_occurrence_of_ours_cancelled_in_google_takes_place_here_and_comes_back_with_its_next_change(
    house: House, mode: Mode
) -> None:
    chosen, series = placed(house, mode)
    house.cancel_occurrence_there(series, THIRD, chosen)
    house.settle()
    third = third_of(house, series)
    assert (third.status, third.deleted) == ("confirmed", None)

    house.change(third, summary="Soup")
    house.settle()

    assert house.there_is(third, chosen).summary == "Soup"


def test_a_one_way_link_writes_its_occurrences_back(house: House) -> None:
    native, target = house.native(), house.calendar("calendar-one-way", mode=Mode.ONE_WAY)
    house.link(native, target)
    series = house.add(said(recurrence=(DAILY,)), native)
    house.settle()
    house.edit_occurrence_there(series, THIRD, target, location="Elsewhere")

    house.settle()

    third = third_of(house, series)
    assert third.calendar_id == native.id
    assert house.there_is(third, target).body.location == ""


def test_an_exception_on_a_one_way_calendar_follows_its_series(house: House) -> None:
    chosen, series = placed(house, Mode.ONE_WAY)
    third = house.change_occurrence(series, THIRD, summary="Soup")
    house.settle()

    house.change(series, location="Canteen")
    house.settle()

    assert (house.there_is(third, chosen).summary, house.there_is(third, chosen).body.location) == ("Soup", "Canteen")


def test_what_google_words_differently_is_not_written_back(house: House) -> None:
    chosen, series = placed(house, Mode.ONE_WAY)
    house.edit_occurrence_there(series, THIRD, chosen, summary=" Lunch ")
    sent = house.written()

    house.settle()

    assert house.written() == sent


@pytest.mark.parametrize("page_size", [1, 2, 50])
def test_a_deleted_series_tells_of_its_exceptions_first(house: House, page_size: int) -> None:
    series = house.add(said(recurrence=(DAILY,)))
    house.settle()
    house.edit_occurrence_there(series, THIRD, house.home(), summary="Soup")
    name = house.occurrence_there(series, THIRD, house.home()).google_id
    house.settle()
    house.google.page_size = page_size
    house.google.delete(WORK, name)
    house.google.delete(WORK, house.copy(series).google_id)

    house.settle()

    third = third_of(house, series)
    assert (third.status, third.deleted is not None) == ("confirmed", True)


def test_many_deletions_with_a_series_at_their_end_cancel_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("calsyncctl.sync.pulling.deletions.CHUNK", 1)
    house.google.page_size = 1
    test_a_deleted_series_tells_of_its_exceptions_first(house, 1)


def test_an_exception_of_a_copy_that_no_link_holds_says_nothing(house: House) -> None:
    native = house.native()
    house.link(native, house.home())
    series = house.add(said(recurrence=(DAILY,)), native)
    house.settle()
    with house.store.write():
        links.delete_link(house.store, native.id, house.home().id)
    house.edit_occurrence_there(series, THIRD, house.home(), summary="Hijacked")

    house.settle()

    assert events.exception_at(house.store, series.id, THIRD) is None
    assert house.text(series).summary == "Lunch"


def test_an_exception_is_taken_once_its_series_is_linked_again_and_reconciled(house: House) -> None:
    native = house.native()
    house.link(native, house.home())
    series = house.add(said(recurrence=(DAILY,)), native)
    house.settle()
    with house.store.write():
        links.delete_link(house.store, native.id, house.home().id)
    house.edit_occurrence_there(series, THIRD, house.home(), summary="Soup")
    name = house.occurrence_there(series, THIRD, house.home()).google_id
    house.settle()

    house.link(native, house.home())
    house.google.put(WORK, house.google.alive(WORK)[name])
    house.settle()

    assert house.text(third_of(house, series)).summary == "Soup"
