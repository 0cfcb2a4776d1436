"""The occurrence in the hour that the clocks skip, which Google may list and yet not find by its name."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from calsyncctl.model.event import Event, When
from calsyncctl.sync.editing import edit
from calsyncctl.sync.editing.occurrences import inherited
from calsyncctl.sync.links import instance_id
from calsyncctl.sync.reviewing import inbox
from tests.sync.house import House, said

SKIPPED = "20270328T013000Z"
DAILY = ("RRULE:FREQ=DAILY;COUNT=5",)
NIGHTLY = When("2027-03-26T01:30:00Z", "2027-03-26T02:00:00Z", "Europe/London", DAILY)


@pytest.fixture
def nightly(house: House) -> Event:
    made = house.add(replace(said(), when=NIGHTLY))
    house.settle()
    return made


def act(house: House, series: Event, *, cancels: bool) -> Event:
    if cancels:
        return house.cancel_occurrence(series, SKIPPED)
    other = replace(inherited(house.store, series, SKIPPED), summary="Soup")
    return edit.change_occurrence(house.store, house.means, series.id, SKIPPED, other)


@pytest.mark.parametrize("cancels", [True, False])
def test_it_is_changed_and_cancelled_like_any_other(house: House, nightly: Event, cancels: bool) -> None:
    one = act(house, nightly, cancels=cancels)

    house.settle()

    there = house.remote(one)
    assert there is not None
    assert (there.content.summary if there.content is not None else None) == (None if cancels else "Soup")


@pytest.mark.parametrize("cancels", [True, False])
def test_where_google_does_not_find_it_the_edit_waits_with_the_reason(
    house: House, nightly: Event, cancels: bool
) -> None:
    house.google.habits.nameless.add(instance_id(house.copy(nightly).google_id, SKIPPED))
    one = act(house, nightly, cancels=cancels)

    (held,) = house.sync_one().held
    assert (held.event_id, held.kind) == (one.id, "invalid")
    house.settle()

    assert house.fresh(one).deleted is None
    assert house.fresh(one).status == ("cancelled" if cancels else "confirmed")
    (entry,) = inbox.entries(house.store)
    assert (entry.event_id, entry.kind) == (one.id, "invalid")
    assert "does not find" in entry.reason


def test_an_occurrence_that_its_series_has_not_any_more_in_google_ends_as_before(house: House, nightly: Event) -> None:
    one = act(house, nightly, cancels=False)
    house.google.habits.nameless.add(house.copy(one).google_id)
    house.google.before_next(lambda: None)  # the listing
    shorter = replace(NIGHTLY, recurrence=("RRULE:FREQ=DAILY;COUNT=2",))
    house.google.before_next(lambda: house.edit_there(nightly, when=shorter))

    house.settle()

    assert house.fresh(one).deleted is not None
    assert house.copy(one).hold is None
