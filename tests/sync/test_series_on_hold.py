"""A series that is moved or divided here, and of which Google does not take it: its occurrences wait with it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from calsyncctl.connections import linking
from calsyncctl.errors import CalsyncError, Invalid, Refused
from calsyncctl.model.event import Event, When
from calsyncctl.store import links
from calsyncctl.sync.provider import Patch
from calsyncctl.sync.reviewing import inbox
from tests.proofs.state import disagreements
from tests.sync.desk import WORK
from tests.sync.house import House, said
from tests.sync.test_series_met import DAILY, EVENING, FIFTH, FOURTH, THIRD, divide, series, there

__all__ = ["series"]

NEW = FOURTH.replace("T12", "T20")
LATER = When("2027-05-06T20:00:00Z", "2027-05-06T21:00:00Z", "UTC", ("RRULE:FREQ=DAILY;COUNT=4",))


def go(house: House, series: Event, how: str) -> Event:
    """Move or divide a series here; return the one that has the fourth occurrence then, at eight in the evening."""
    if how == "moved":
        return house.change(series, when=EVENING)
    return divide(house, series, when=LATER)


@pytest.fixture(params=["moved", "divided"])
def how(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def fourth(house: House, series: Event) -> Event:
    """The fourth occurrence, of which both sides know that it was changed."""
    made = house.change_occurrence(series, FOURTH, summary="Soup")
    house.settle()
    return made


def refuse(house: House, times: int = 1, error: CalsyncError | None = None) -> None:
    house.google.fail_write(error or Invalid("Invalid time zone definition."), kind=Patch, times=times)


@pytest.mark.parametrize("error", [Invalid("Invalid time zone definition."), Refused("Forbidden.")])
def test_changed_occurrences_stay_in_google_as_long_as_their_series_is_not_taken(
    house: House, series: Event, fourth: Event, how: str, error: CalsyncError
) -> None:
    now = go(house, series, how)
    refuse(house, error=error)

    for _ in range(3):
        house.sync()

    assert house.copy(series).hold == error.kind
    assert there(house, series, FOURTH) == "Soup"
    assert [one.kind for one in inbox.entries(house.store)] == [error.kind]
    house.change(series, description="Hot")
    house.settle()
    assert there(house, now, NEW) == "Soup"
    assert inbox.entries(house.store) == []
    assert disagreements(house) == []


def test_an_occurrence_that_both_times_have_does_not_wait_for_its_series(house: House, series: Event) -> None:
    content = house.text(series)
    house.change(series, when=replace(content.when, recurrence=("RRULE:FREQ=DAILY;COUNT=4",)))
    house.change_occurrence(series, THIRD, summary="Stew")
    house.cancel_occurrence(series, FOURTH)
    refuse(house)

    house.sync()

    assert house.copy(series).hold == "invalid"
    assert [there(house, series, one) for one in (THIRD, FOURTH, FIFTH)] == ["Stew", None, "Lunch"]


def test_an_occurrence_that_its_series_had_no_place_for_only_until_the_next_edit_takes_place(
    house: House, series: Event
) -> None:
    house.change_occurrence(series, FOURTH, summary="Soup")
    house.settle()
    when = house.text(series).when
    house.change(series, when=replace(when, recurrence=("RRULE:FREQ=DAILY;COUNT=2",)))
    house.change(series, when=when)

    house.settle()

    assert there(house, series, FOURTH) in {"Soup", "Lunch"}
    assert disagreements(house) == []


def test_what_google_cancels_of_it_meanwhile_is_cancelled(house: House, series: Event) -> None:
    fourth = house.change_occurrence(series, FOURTH, summary="Soup")
    house.settle()
    when = house.text(series).when
    house.change(series, when=replace(when, recurrence=("RRULE:FREQ=DAILY;COUNT=2",)))
    house.change(series, when=when)
    house.delete_there(fourth)

    house.settle()

    assert house.fresh(fourth).status == "cancelled"
    assert disagreements(house) == []


def test_an_occurrence_rests_with_its_series_where_no_link_holds_it_any_more(house: House, how: str) -> None:
    native = house.native()
    house.link(native, house.home())
    series = house.add(said(recurrence=(DAILY,)), native)
    fourth = house.change_occurrence(series, FOURTH, summary="Soup")
    house.settle()
    link = links.find_link(house.store, native.id, house.home().id)
    assert link is not None
    linking.delete_link(house.store, link, remove_copies=False, now=house.clock.now())
    go(house, series, how)

    house.settle()

    assert house.copy(fourth, house.home()).due is None
    found = house.google.find(WORK, house.copy(fourth, house.home()).google_id)
    assert found is not None
    assert found.content is not None
    assert found.content.summary == "Soup"
