"""The event table: what goes in comes out, in plain rows that other queries can use."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from calsyncctl.errors import NotFound
from calsyncctl.model.account import Account
from calsyncctl.model.event import Attendee, Body, Content, EventKind, Reminder, When
from calsyncctl.store import events, occurrences
from calsyncctl.store.db import Store
from tests.store.build import seen
from tests.store.events_build import NINE, TEA, TEN, WEEKLY, event, keep


@pytest.fixture
def home(store: Store, account: Account) -> int:
    return seen(store, account, "Work").id


FULL = Content(
    "Grüße 🎉",
    "confirmed",
    When("2026-04-15", "2026-04-16", None, ("RRULE:FREQ=WEEKLY", "EXDATE;VALUE=DATE:20260422")),
    Body(
        description="<b>bold</b>\n",
        attendees=(Attendee("guest@example.com", reply="declined", self=True),),
        transparency="transparent",
        event_type="outOfOffice",
        reminders=(Reminder("popup", 10),),
        meet="https://meet.example.com/x",
    ),
)


@pytest.mark.parametrize("content", [TEA, WEEKLY, FULL, None], ids=["plain", "series", "full", "without content"])
def test_an_event_comes_out_as_it_went_in(store: Store, home: int, content: Content | None) -> None:
    kept = event(home, content=content, ical_uid="u@example.com", original="2026-04-15")

    keep(store, kept)

    assert events.get_event(store, 1) == kept


def test_a_cancelled_occurrence_keeps_its_content(store: Store, home: int) -> None:
    keep(store, event(home))
    with store.write():
        events.update_events(store, [event(home, status="cancelled", starts=None, ends=None, version=2)], None)

    found = events.get_event(store, 1)

    assert found.status == "cancelled"
    assert found.content == replace(TEA, status="confirmed")


def test_an_unknown_event_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound):
        events.get_event(store, 7)


def test_what_an_event_shows_is_kept_as_bits(store: Store, home: int) -> None:
    keep(store, event(home, content=FULL))

    (bits,) = store.connection.execute("SELECT shows FROM event").fetchone()
    assert bits == 1 | 4 | 8 | 32  # transparent, declined, all-day, out of office


def test_the_next_id_begins_a_free_block(store: Store, home: int) -> None:
    assert events.next_id(store) == 1
    keep(store, event(home, 41))
    assert events.next_id(store) == 42


def test_events_are_found_by_the_beginning_of_their_key(store: Store, home: int) -> None:
    keep(store, event(home, 1, key="abcd1"), event(home, 2, key="abcd2", deleted=5), event(home, 3, key="abce"))

    assert [one.id for one in events.events_of_key(store, "abcd")] == [1, 2]


def test_exceptions_are_listed_by_original_start_without_deleted_ones(store: Store, home: int) -> None:
    keep(
        store,
        event(home, 1, WEEKLY),
        event(home, 2, series_id=1, original="20260429T090000Z"),
        event(home, 3, series_id=1, original="20260422T090000Z"),
        event(home, 4, series_id=1, original="20260506T090000Z", deleted=5),
    )

    assert [one.id for one in events.exceptions_of(store, 1)] == [3, 2]
    assert len(events.exceptions_of(store, 1, deleted=True)) == 3
    assert events.originals_of(store, 1) == ["20260422T090000Z", "20260429T090000Z"]


def test_an_exception_joins_only_where_none_stands(store: Store, home: int) -> None:
    keep(store, event(home, 1, WEEKLY), event(home, 2, original="o"), event(home, 3, original="o"))

    with store.write():
        events.join_exceptions(store, [(2, 1), (3, 1)])

    assert [events.get_event(store, one).series_id for one in (2, 3)] == [1, None]
    assert events.taken_slots(store, [1]) == {(1, "o")}


def test_a_deleted_exception_gives_its_place_away(store: Store, home: int) -> None:
    keep(store, event(home, 1, WEEKLY), event(home, 2, series_id=1, original="o", deleted=5))

    with store.write():
        events.free_slots(store, [(1, "o")])

    assert events.taken_slots(store, [1]) == set()


def test_only_a_change_of_its_times_expands_a_series_anew(store: Store, home: int) -> None:
    keep(store, event(home, 1, WEEKLY))
    covered = occurrences.Window(0, 2_000_000_000)
    with store.write():
        occurrences.keep_occurrences(store, event(home, 1, WEEKLY), [(NINE, TEN)], covered)
        events.update_events(store, [event(home, 1, replace(WEEKLY, summary="Renamed"), version=2)], None)
    assert occurrences.waiting_series(store, [home], from_=0, to=NINE + 1, limit=9) == []

    daily = replace(WEEKLY, when=replace(WEEKLY.when, recurrence=("RRULE:FREQ=DAILY",)))
    with store.write():
        events.update_events(store, [event(home, 1, daily, version=3)], None)
    assert len(occurrences.waiting_series(store, [home], from_=0, to=NINE + 1, limit=9)) == 1


def test_counting_leaves_out_deleted_and_cancelled_ones(store: Store, home: int) -> None:
    other = event(home, 9, None, series_id=2, original="o")
    keep(store, event(home, 1), event(home, 2, WEEKLY), event(home, 3, deleted=5), other)

    assert events.count_events(store, [home, 77]) == {home: 2, 77: 0}


def test_all_day_events_are_found_to_be_moved(store: Store, home: int) -> None:
    keep(store, event(home, 1), event(home, 2, FULL))

    assert [one.id for one in events.all_day_events(store, home)] == [2]
    with store.write():
        events.set_instants(store, [(2, 5, 6)])
    assert events.get_event(store, 2).starts == 5


def test_a_mode_changes_the_kind_of_what_google_made_and_nothing_else(store: Store, home: int) -> None:
    keep(store, event(home, 1), event(home, 2, origin="here"), event(home, 3, kind=EventKind.APPOINTMENT))

    with store.write():
        events.set_kind(store, home, EventKind.BLOCK)

    kinds = [events.get_event(store, one).kind for one in (1, 2, 3)]
    assert kinds == [EventKind.BLOCK, EventKind.EVENT, EventKind.APPOINTMENT]
