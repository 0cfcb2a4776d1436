"""Which items could not be read: kept until a page shows them whole, or a full listing begins."""

from __future__ import annotations

import pytest

from calsyncctl.store import calendars, oddities
from calsyncctl.store.db import Store

ODD = (("one", "it has no start"), ("two", "its times cannot be read"))


@pytest.fixture
def calendar(store: Store) -> int:
    with store.write():
        made = calendars.add_native(store, "Team", zone="UTC").id
        oddities.note(store, made, ODD, seen=())
    return made


def test_what_is_odd_is_kept_with_why(store: Store, calendar: int) -> None:
    assert oddities.of_calendar(store, calendar) == ODD
    assert oddities.of_calendar(store, calendar + 1) == ()


def test_what_a_page_shows_whole_is_odd_no_more(store: Store, calendar: int) -> None:
    with store.write():
        oddities.note(store, calendar, (), seen=["one"])
    assert [google_id for google_id, _ in oddities.of_calendar(store, calendar)] == ["two"]

    with store.write():
        oddities.note(store, calendar, [("two", "still")], seen=["two"])
    assert oddities.of_calendar(store, calendar) == (("two", "still"),)


def test_a_full_listing_and_a_purge_begin_with_none(store: Store, calendar: int) -> None:
    with store.write():
        calendars.begin_listing(store, calendar, "query")

    assert oddities.of_calendar(store, calendar) == ()


def test_of_very_many_the_first_are_kept(store: Store, calendar: int) -> None:
    with store.write():
        oddities.note(store, calendar, [(str(number), "no start") for number in range(200)], seen=())

    assert len(oddities.of_calendar(store, calendar)) == oddities.MOST
