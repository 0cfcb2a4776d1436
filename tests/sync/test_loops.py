"""Writes that nobody asked for, over and over: they end after a handful, and say what kept changing."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from calsyncctl.model.copy import Copy
from calsyncctl.model.event import Event
from calsyncctl.model.history import Action, Version
from calsyncctl.sync.pushing.loops import HANDFUL, WINDOW, counted
from calsyncctl.sync.reviewing import inbox, review
from calsyncctl.sync.reviewing.review import Reviewer
from tests.sync.desk import WORK
from tests.sync.house import JANE, House

COPY = Copy(id=1, event_id=1, calendar_id=1, google_id="one")


def by(author: str) -> Version:
    return Version(
        event_id=1, version=2, run_id=None, calendar_id=1, at=0, author=author, action=Action.CHANGED, why=""
    )


def count(copy: Copy, author: str, now: int) -> tuple[int, str | None]:
    result = counted(copy, [by(author)], ["summary"], now)
    return result.copy.writes, result.reason


def test_writes_caused_by_google_are_counted_and_the_one_too_many_is_held() -> None:
    copy = COPY
    for number in range(HANDFUL):
        assert count(copy, "google", number) == (number + 1, None)
        copy = counted(copy, [by("google")], ["summary"], number).copy

    writes, reason = count(copy, "google", HANDFUL)

    assert writes == HANDFUL
    assert reason == f"summary kept changing: {HANDFUL + 1} writes within an hour that nobody here asked for"


def test_a_person_in_between_begins_the_count_anew() -> None:
    busy = replace(COPY, writes=HANDFUL, writes_since=0)

    assert count(busy, "agent:jane", 10) == (0, None)


@pytest.mark.parametrize("author", ["google", "calsyncctl", "reconcile"])
def test_what_the_program_does_by_itself_counts(author: str) -> None:
    assert count(replace(COPY, writes=HANDFUL, writes_since=0), author, 10)[1] is not None


def test_after_an_hour_the_count_begins_anew() -> None:
    busy = replace(COPY, writes=HANDFUL, writes_since=0)

    assert count(busy, "google", WINDOW) == (1, None)


@pytest.fixture
def house(one_way: House) -> House:
    return one_way


@pytest.fixture
def contested(house: House) -> Event:
    """An event that something in Google keeps renaming while it is written back here."""
    event = house.add()
    house.sync_one()
    for number in range(HANDFUL + 3):
        house.edit_there(event, summary=f"Not lunch {number}")
        house.sync()
    return event


def test_a_loop_ends_on_hold_and_says_what_kept_changing(house: House, contested: Event) -> None:
    (entry,) = inbox.entries(house.store)

    assert entry.kind is inbox.Kind.LOOP
    assert "summary kept changing" in entry.reason
    assert house.written() == 1 + HANDFUL
    assert house.text(contested).summary == "Lunch"
    house.settle()


def test_a_released_loop_writes_once_more(house: House, contested: Event) -> None:
    (entry,) = inbox.entries(house.store)
    found = inbox.detail(house.store, entry.id)

    review.release(house.store, Reviewer(JANE, house.clock, house.engine), found)
    house.sync_one()

    assert house.there_is(contested).summary == "Lunch"
    assert inbox.entries(house.store) == []
    house.settle()


def test_a_rejected_loop_leaves_google_its_value(house: House, contested: Event) -> None:
    (entry,) = inbox.entries(house.store)
    found = inbox.detail(house.store, entry.id)

    review.reject(house.store, Reviewer(JANE, house.clock, house.engine), found)
    house.sync_one()

    assert house.text(contested).summary == house.there_is(contested).summary
    assert "Not lunch" in house.text(contested).summary
    house.settle()


def test_other_events_of_the_calendar_flow_on(house: House, contested: Event) -> None:
    other = house.add()

    house.sync_one()

    assert house.there_is(other).summary == "Lunch"


def test_many_edits_by_a_person_are_no_loop(house: House) -> None:
    event = house.add()
    for number in range(HANDFUL + 5):
        house.change(event, summary=f"Lunch {number}")
        house.sync_one()

    assert inbox.entries(house.store) == []
    assert len(house.google.alive(WORK)) == 1
    house.settle()
