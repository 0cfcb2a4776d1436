"""The ledger of the quota: leases, what comes back, rests, and what is swept away."""

from __future__ import annotations

import pytest

from calsyncctl.model.quota import PROJECT, SLOT, SLOTS, Cost, Limits, Priority, Used, Wish, day_of
from calsyncctl.store import spend
from calsyncctl.store.db import Store
from calsyncctl.store.due import clock_went_back

NOW = 1_795_176_000
TODAY = day_of(NOW).name
LIMITS = Limits(per_minute=100, per_user=40, per_day=1_000)


def wish(least: int = 1, most: int = 0, *, user: str = "jane", priority: Priority = Priority.PEOPLE) -> Wish:
    return Wish(user, least, max(least, most), priority)


def leased(store: Store, asked: Wish, now: int = NOW, limits: Limits = LIMITS) -> int:
    with store.write():
        return spend.lease(store, "client", asked, limits, now).units


def rest(store: Store, user: str = "jane", *, asked: float | None = None, jitter: float = 1.0, now: int = NOW) -> int:
    with store.write():
        return spend.rest(store, "client", user, asked=asked, jitter=jitter, reason="Slow down.", now=now) - now


def test_a_lease_counts_at_once_for_user_project_and_day(store: Store) -> None:
    assert leased(store, wish(3, 10)) == 10

    assert spend.in_minute(store, "client", "jane", NOW) == spend.in_minute(store, "client", PROJECT, NOW) == 10
    assert spend.spent_in_day(store, "client", TODAY) == 10
    assert spend.of_day(store, "client", TODAY) == {}


def test_what_was_not_used_comes_back(store: Store) -> None:
    leased(store, wish(10))
    used = Used("jane", NOW // SLOT, 10, {"poll": Cost(2, 2), "patch": Cost(1, 3)})
    with store.write():
        spend.settle(store, "client", [used])

    assert spend.in_minute(store, "client", "jane", NOW) == 5
    assert spend.spent_in_day(store, "client", TODAY) == 5
    assert spend.of_day(store, "client", TODAY) == {("jane", "patch"): Cost(1, 3), ("jane", "poll"): Cost(2, 2)}


def test_a_block_is_cut_to_what_is_left_and_never_below_what_is_needed(store: Store) -> None:
    assert leased(store, wish(35)) == 35
    assert leased(store, wish(3, 30)) == 5
    assert leased(store, wish(1)) == 0


def test_the_wait_is_until_enough_has_left_the_minute(store: Store) -> None:
    leased(store, wish(10), NOW)
    leased(store, wish(30), NOW + 20)
    with store.write():
        few = spend.lease(store, "client", wish(5), LIMITS, NOW + 30)
        many = spend.lease(store, "client", wish(20), LIMITS, NOW + 30)

    assert (few.why, few.wait, many.wait) == ("user", SLOT * SLOTS - 30, SLOT * SLOTS - 10)
    assert leased(store, wish(5), NOW + 30 + int(few.wait)) == 5


def test_clients_are_counted_apart(store: Store) -> None:
    leased(store, wish(40))
    with store.write():
        assert spend.lease(store, "another", wish(40), LIMITS, NOW).units == 40


@pytest.mark.parametrize(("priority", "most"), [(Priority.PEOPLE, 40), (Priority.POLL, 36), (Priority.BACKFILL, 28)])
def test_each_priority_has_its_reach(store: Store, priority: Priority, most: int) -> None:
    assert leased(store, wish(1, 1_000, priority=priority)) == most


def test_a_spent_day_waits_for_midnight(store: Store) -> None:
    tiny = Limits(100, 100, 10)
    leased(store, wish(10), limits=tiny)
    with store.write():
        refused = spend.lease(store, "client", wish(1), tiny, NOW)

    assert (refused.why, refused.wait) == ("day", day_of(NOW).ends - NOW)
    assert leased(store, wish(1), day_of(NOW).ends, tiny) == 1


def test_after_a_clock_was_set_back_the_last_minute_still_counts_and_older_leases_do_not(store: Store) -> None:
    leased(store, wish(40), NOW)

    assert leased(store, wish(1), NOW - 30) == 0
    assert leased(store, wish(1), NOW - 3_600) == 1


def test_rests_double_with_each_refusal_in_a_row_and_are_forgiven(store: Store) -> None:
    first = rest(store)
    second = rest(store, now=NOW + first)
    assert (first, second) == (2, 4)
    assert rest(store, now=NOW + 5_000) == 2


def test_a_rest_is_what_google_asked_for_and_jitter_on_top(store: Store) -> None:
    assert rest(store, asked=30, jitter=0.0) == 30
    assert rest(store, "max", asked=30, jitter=0.5) == 31
    assert rest(store, "ann", jitter=0.0) == 1


def test_refusals_of_what_was_under_way_only_lengthen_a_rest_that_google_wants_longer(store: Store) -> None:
    assert [rest(store, asked=10, jitter=0.0), rest(store), rest(store, asked=20)] == [10, 10, 20]
    (one,) = spend.rests(store, "client", NOW)
    assert (one.user, one.tries, one.until) == ("jane", 1, NOW + 20)


def test_a_rest_goes_back_with_the_clock(store: Store) -> None:
    rest(store, asked=10, jitter=0.0)
    with store.write():
        clock_went_back(store, 3_600)

    assert [one.until for one in spend.rests(store, "client", NOW - 3_600)] == [NOW + 10 - 3_600]


def test_what_nobody_needs_is_swept_away(store: Store) -> None:
    leased(store, wish(5))
    rest(store, asked=5)
    later = NOW + 36 * 86_400
    leased(store, wish(5), later)
    with store.write():
        spend.sweep(store, later)

    assert store.connection.execute("SELECT count(*) FROM lease").fetchone() == (2,)
    assert store.connection.execute("SELECT count(*) FROM rest").fetchone() == (0,)
    assert spend.spent_in_day(store, "client", TODAY) == 0
    assert spend.spent_in_day(store, "client", day_of(later).name) == 5


def test_nothing_is_counted_outside_of_a_transaction(store: Store) -> None:
    with pytest.raises(RuntimeError):
        spend.lease(store, "client", wish(), LIMITS, NOW)
