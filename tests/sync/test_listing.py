"""Full listings after a dead token: merged, and absence counts only when it is confirmed."""

from __future__ import annotations

import pytest

from calsyncctl.errors import Later
from calsyncctl.model.history import Action, Counts
from calsyncctl.store import listings
from calsyncctl.sync.pulling import listing
from tests.support.memory import timed
from tests.sync.desk import WORK, Desk

pytestmark = pytest.mark.feature("E6")


def filled(desk: Desk, count: int = 8) -> None:
    desk.calendar()
    for number in range(count):
        desk.google.put(WORK, timed(f"event{number}", f"Tea {number}"))
    desk.sync()


def test_a_dead_token_with_nothing_changed_writes_nothing(desk: Desk) -> None:
    filled(desk)
    before = desk.snapshot()
    desk.google.expire_cursors()

    outcome = desk.sync_one()

    assert outcome.full
    assert outcome.counts == Counts(unchanged=8)
    assert desk.snapshot() == before


def test_a_dead_token_is_followed_by_changes_as_ever(desk: Desk) -> None:
    filled(desk)
    desk.google.expire_cursors()
    desk.sync()
    desk.google.put(WORK, timed("event3", "Coffee"))

    outcome = desk.sync_one()

    assert not outcome.full
    assert outcome.counts == Counts(changed=1)


def test_changes_missed_over_a_dead_token_are_versions(desk: Desk) -> None:
    filled(desk)
    desk.google.put(WORK, timed("event3", "Coffee"))
    desk.google.lose(WORK, "event4")
    desk.google.expire_cursors()

    assert desk.sync_one().counts == Counts(changed=1, deleted=1, unchanged=6)
    assert desk.versions("event4")[0].action is Action.DELETED
    assert desk.here() == desk.there()


def test_old_events_are_served_while_the_listing_runs(desk: Desk) -> None:
    filled(desk)
    seen: list[int] = []
    desk.google.expire_cursors()
    desk.google.before_next(lambda: None)
    desk.google.before_next(lambda: None)
    desk.google.before_next(lambda: seen.append(len(desk.here())))

    desk.sync()

    assert seen == [8]


def test_a_cut_listing_deletes_nothing(desk: Desk) -> None:
    filled(desk)
    desk.google.cut(WORK, "event1", "event5")
    desk.google.expire_cursors()

    desk.sync()

    assert desk.google.calls["get_events"] == 1
    desk.google.mend(WORK)
    assert desk.here() == desk.there()


def test_an_empty_listing_deletes_nothing(desk: Desk) -> None:
    filled(desk)
    before = desk.here()
    desk.google.cut(WORK, *(f"event{number}" for number in range(8)))
    desk.google.expire_cursors()

    assert desk.sync_one().counts == Counts()
    assert desk.here() == before


def test_what_a_cut_listing_left_out_is_brought_up_to_date(desk: Desk) -> None:
    filled(desk)
    desk.google.put(WORK, timed("event1", "Coffee"))
    desk.google.cut(WORK, "event1")
    desk.google.expire_cursors()

    assert desk.sync_one().counts == Counts(changed=1, unchanged=7)


def test_an_item_that_came_in_during_the_listing_is_not_absent(desk: Desk) -> None:
    filled(desk)
    desk.google.expire_cursors()
    desk.google.before_next(lambda: None)
    desk.google.before_next(lambda: None)
    desk.google.before_next(lambda: desk.edit(timed("meanwhile")))

    desk.sync()
    desk.sync()

    assert desk.here() == desk.there()
    assert desk.google.calls["get_events"] == 0


def test_a_listing_broken_off_decides_nothing_about_absence(desk: Desk) -> None:
    filled(desk)
    desk.google.lose(WORK, "event7")
    desk.google.expire_cursors()
    for _ in range(2):
        desk.google.before_next(lambda: None)
    desk.google.before_next(lambda: desk.google.fail_next(Later("Away.")))

    desk.sync()
    assert len(desk.here()) == 8
    desk.sync()
    assert desk.here() == desk.there()


def test_absences_are_settled_by_the_next_pass_if_this_one_could_not(desk: Desk) -> None:
    filled(desk)
    desk.google.lose(WORK, "event7")
    desk.google.expire_cursors()
    desk.google.fail_next(Later("Away."), method="get_events")

    (outcome,) = desk.sync().calendars
    assert outcome.error is not None
    assert desk.now(desk.calendars[0]).last_success != desk.clock.now()

    assert desk.sync_one().counts == Counts(deleted=1)
    assert desk.here() == desk.there()


def test_absences_are_asked_for_in_chunks(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "ASKED_AT_ONCE", 3)
    filled(desk, 9)
    for number in range(8):
        desk.google.lose(WORK, f"event{number}")
    desk.google.expire_cursors()

    assert desk.sync_one().counts == Counts(deleted=8, unchanged=1)
    assert desk.google.calls["get_events"] == 3


def test_nothing_is_left_of_a_listing_when_it_is_settled(desk: Desk) -> None:
    filled(desk)
    desk.google.expire_cursors()

    desk.sync()

    assert desk.rows("listing") == 0
    calendar = desk.now(desk.calendars[0])
    assert not listings.is_unsettled(desk.store, calendar.id, calendar.listing)


def test_each_listing_has_a_number_of_its_own(desk: Desk) -> None:
    filled(desk)
    desk.google.expire_cursors()
    desk.sync()

    assert desk.now(desk.calendars[0]).listing == 2
