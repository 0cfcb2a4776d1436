"""The copy table: what was heard of an item, and what a listing did not name."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from calsyncctl.model.account import Account
from calsyncctl.model.copy import CopyState
from calsyncctl.store import copies, listings
from calsyncctl.store.db import Store
from tests.store.build import seen
from tests.store.events_build import WEEKLY, copy, event, keep


@pytest.fixture
def home(store: Store, account: Account) -> int:
    return seen(store, account, "Work").id


def test_known_items_come_with_their_event(store: Store, home: int) -> None:
    keep(store, event(home, 1), event(home, 2))

    known = copies.known_copies(store, home, ["g1", "g7"])

    assert list(known) == ["g1"]
    assert known["g1"].event == event(home, 1)
    assert known["g1"].copy == copy(event(home, 1), id=1)


def test_an_item_is_known_on_its_own_calendar_only(store: Store, home: int, account: Account) -> None:
    other = seen(store, account, "Other").id
    keep(store, event(home, 1))

    assert copies.known_copies(store, other, ["g1"]) == {}


def test_a_deleted_series_is_told_with_its_exceptions(store: Store, home: int) -> None:
    keep(store, event(home, 1, WEEKLY, deleted=5), event(home, 2, series_id=1, original="o"))

    known = copies.known_copies(store, home, ["g1", "g2"])

    assert [known[one].series_deleted for one in ("g1", "g2")] == [False, True]


def test_what_is_heard_of_a_copy_replaces_what_was(store: Store, home: int) -> None:
    keep(store, event(home, 1))
    (held,) = copies.copies_of(store, 1)
    said = {"etag": '"2"', "updated": "2026", "there": "{}", "extra": "{}", "heard": 4}
    heard = replace(held, **said, state=CopyState.DELETED, base_version=3)

    with store.write():
        copies.update_copies(store, [heard])

    assert copies.copies_of(store, 1) == [heard]


def test_copies_of_deleted_events_are_deleted_and_agreed_on(store: Store, home: int) -> None:
    keep(store, event(home, 1))

    with store.write():
        copies.mark_deleted(store, [event(home, 1, version=4)], home)

    (found,) = copies.copies_of(store, 1)
    assert (found.state, found.base_version) == ("deleted", 4)


def test_orphans_are_found_by_the_series_they_wait_for(store: Store, home: int) -> None:
    keep(store, event(home, 1, WEEKLY))
    waiting = event(home, 2, original="o")
    joined = event(home, 3, series_id=1, original="p")
    keep(store, waiting, joined)
    with store.write():
        for one in ("g2", "g3"):
            known = copies.known_copies(store, home, [one])[one].copy
            copies.update_copies(store, [replace(known, master_google_id="g1")])

    assert copies.orphans(store, home, ["g1"]) == [(2, "g1", "o")]
    assert copies.orphans(store, home, ["g9"]) == []
    assert copies.event_ids(store, home, ["g1", "g9"]) == {"g1": 1}


def test_absent_is_what_was_heard_of_before_and_not_named(store: Store, home: int) -> None:
    keep(store, *(event(home, number) for number in range(1, 6)))
    with store.write():
        listings.open_listing(store, home, 2)
        listings.name_items(store, home, 2, ["g1", "g1"])
        known = copies.known_copies(store, home, ["g2", "g3"])
        copies.update_copies(store, [replace(known["g2"].copy, heard=2), replace(known["g3"].copy, state="deleted")])

    absent = copies.absent_copies(store, home, 2, after=0, limit=9)

    assert [google_id for _, google_id in absent] == ["g4", "g5"]
    assert copies.absent_copies(store, home, 2, after=absent[0][0], limit=9) == absent[1:]
    assert copies.absent_copies(store, home, 2, after=0, limit=1) == absent[:1]


def test_a_listing_is_unsettled_until_it_is_closed(store: Store, home: int) -> None:
    with store.write():
        listings.open_listing(store, home, 2)
    assert listings.is_unsettled(store, home, 2)
    assert not listings.is_unsettled(store, home, 1)

    with store.write():
        listings.close_listings(store, home)

    assert not listings.is_unsettled(store, home, 2)


def test_a_new_listing_forgets_what_the_one_before_named(store: Store, home: int) -> None:
    with store.write():
        listings.open_listing(store, home, 1)
        listings.name_items(store, home, 1, ["g1"])
        listings.open_listing(store, home, 2)

    assert store.connection.execute("SELECT listing, google_id FROM listing").fetchall() == [(2, "")]
