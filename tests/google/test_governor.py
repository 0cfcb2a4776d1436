"""The governor: what leaves is within the budget, whoever sends it; the budget here is the real one, in a store."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calsyncctl.connections.budget import StoredBudget
from calsyncctl.errors import Later
from calsyncctl.google.governor import Governor
from calsyncctl.model.quota import Cost, Costs, Limits, day_of
from calsyncctl.store import spend
from calsyncctl.store.db import Store, open_store
from tests.support.clocks import StillClock

POLL = {"poll": Cost(1, 1)}
PATCH = {"patch": Cost(1, 3)}
LISTING = {"listing": Cost(1, 1)}
SMALL = Limits(per_minute=100, per_user=40, per_day=100_000)


class Process:
    """One process's governor over a store that others share."""

    def __init__(self, path: Path, clock: StillClock, limits: Limits = SMALL, *, patience: float = 75.0) -> None:
        self.budget = StoredBudget(lambda: open_store(path, any_thread=True), "client", limits)
        self.governor = Governor(self.budget, clock, patience=patience, jitter=lambda: 0.0)
        self.clock = clock

    def take(self, costs: Costs = POLL, user: str = "jane") -> None:
        self.governor.take(user, f"{user}@example.com", costs)

    def end(self) -> None:
        self.governor.close()
        self.budget.close()


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite"


@pytest.fixture
def one(path: Path, clock: StillClock) -> Iterator[Process]:
    process = Process(path, clock, patience=0)
    yield process
    process.end()


@pytest.fixture
def other(path: Path, clock: StillClock) -> Iterator[Process]:
    process = Process(path, clock, patience=0)
    yield process
    process.end()


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with open_store(path) as opened:
        yield opened


def until_refused(process: Process, costs: Costs = POLL, user: str = "jane") -> int:
    for taken in range(1000):
        try:
            process.take(costs, user)
        except Later:
            return taken
    raise AssertionError("never refused")


def test_a_user_gets_no_more_in_a_minute_than_is_due(one: Process) -> None:
    assert until_refused(one, PATCH) == 13  # 39 of 40 units
    assert until_refused(one, PATCH, user="max") == 13


def test_two_processes_together_stay_under_the_limit(one: Process, other: Process) -> None:
    both = [until_refused(process, {"insert": Cost(1, 1)}) for process in (one, other)]

    assert sum(both) <= 40
    assert both[0] >= 38


def test_the_project_is_shared_by_all_users(one: Process) -> None:
    taken = sum(until_refused(one, {"insert": Cost(1, 1)}, user) for user in ("jane", "max", "ann"))

    assert 96 <= taken <= 100


def test_room_comes_back_after_a_minute_and_the_error_says_when(one: Process, clock: StillClock) -> None:
    until_refused(one, PATCH)
    with pytest.raises(Later) as caught:
        one.take(PATCH)

    assert 60 <= (caught.value.retry_after or 0) <= 65
    clock.sleep(caught.value.retry_after or 0)
    one.take(PATCH)


def test_polls_leave_room_for_people_and_listings_for_polls(one: Process) -> None:
    assert until_refused(one, LISTING) == 28  # 70 % of 40
    assert until_refused(one, POLL) == 8  # up to 90 %
    assert until_refused(one, {"insert": Cost(1, 1)}) == 4


def test_whoever_is_patient_waits_for_room(path: Path, clock: StillClock) -> None:
    process, started = Process(path, clock), clock.at
    for _ in range(80):
        process.take({"insert": Cost(1, 1)})

    assert 60 <= clock.at - started <= 70
    process.end()


def test_a_request_larger_than_the_limit_goes_when_nothing_else_does(one: Process, clock: StillClock) -> None:
    one.take({"patch": Cost(50, 150)})
    with pytest.raises(Later):
        one.take(POLL)
    clock.sleep(70)
    one.take(POLL)


def test_the_day_ends_at_midnight_in_california(path: Path, clock: StillClock) -> None:
    process = Process(path, clock, Limits(per_minute=1000, per_user=1000, per_day=50), patience=0)
    assert until_refused(process, {"insert": Cost(1, 1)}) >= 49
    with pytest.raises(Later, match="today") as caught:
        process.take()

    assert clock.now() + (caught.value.retry_after or 0) == day_of(clock.now()).ends
    clock.sleep(caught.value.retry_after or 0)
    process.take()
    process.end()


def test_what_was_spent_stands_in_the_ledger_by_user_and_kind(one: Process, store: Store, clock: StillClock) -> None:
    for _ in range(5):
        one.take(POLL)
        one.take(PATCH, "max")
    one.governor.close()

    day = day_of(clock.now()).name
    assert spend.of_day(store, "client", day) == {("jane", "poll"): Cost(5, 5), ("max", "patch"): Cost(5, 15)}
    assert spend.spent_in_day(store, "client", day) == 20
    assert spend.in_minute(store, "client", "", clock.now()) == 20


def test_a_process_that_dies_loses_a_block_at_most_and_it_counts_as_spent(
    path: Path, one: Process, store: Store, clock: StillClock
) -> None:
    dead = Process(path, clock)
    for _ in range(10):
        dead.take(POLL)
    dead.budget.close()  # killed: nothing was settled

    assert 10 <= spend.spent_in_day(store, "client", day_of(clock.now()).name) <= 10 + 40 // 16
    assert until_refused(one, {"insert": Cost(1, 1)}) >= 28 - 40 // 16


def test_a_refusal_slows_down_every_process_but_only_that_account(one: Process, other: Process) -> None:
    one.take()
    one.governor.refused("jane", Later("Slow down.", retry_after=30.0))

    with pytest.raises(Later, match="asked to slow down for jane") as caught:
        other.take()
    assert caught.value.retry_after == 30
    other.take(user="max")


def test_a_refusal_of_the_project_slows_down_everybody(one: Process, other: Process, clock: StillClock) -> None:
    one.governor.refused("jane", Later("Slow down.", retry_after=10.0, scope="project"))

    for process in (one, other):
        with pytest.raises(Later, match="this installation"):
            process.take(user="max")
    clock.sleep(11)
    other.take(user="max")


def test_whoever_is_asked_to_stop_does_not_go_on_waiting(path: Path) -> None:
    class Stopped(StillClock):
        def sleep(self, seconds: float) -> None:
            pass

    process = Process(path, Stopped())
    assert until_refused(process) <= 40
    process.end()


def test_threads_share_one_governor(path: Path, clock: StillClock, store: Store) -> None:
    process = Process(path, clock, Limits(10_000, 10_000, 100_000))

    def poll() -> None:
        for _ in range(50):
            process.take()

    threads = [threading.Thread(target=poll) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    process.end()
    assert spend.of_day(store, "client", day_of(clock.now()).name) == {("jane", "poll"): Cost(200, 200)}


STEPS = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.sampled_from(["jane", "max", "ann"]),
        st.sampled_from([POLL, PATCH, LISTING, {"insert": Cost(7, 7)}]),
        st.floats(0, 9),
    ),
    max_size=60,
)


@given(steps=STEPS)
@settings(max_examples=30, deadline=None)
def test_in_no_sliding_minute_do_two_processes_spend_more_than_is_granted(
    steps: list[tuple[int, str, Costs, float]],
) -> None:
    with TemporaryDirectory() as folder:
        clock = StillClock()
        both = [Process(Path(folder) / "store.sqlite", clock, Limits(30, 20, 10_000), patience=20) for _ in range(2)]
        sent: list[tuple[float, str, int]] = []
        for number, user, costs, pause in steps:
            try:
                both[number].take(costs, user)
            except Later:
                clock.sleep(pause)
                continue
            sent.append((clock.at, user, sum(cost.units for cost in costs.values())))
            clock.sleep(pause / 4)
        for process in both:
            process.end()
    for start, _, _ in sent:
        minute = [(user, units) for at, user, units in sent if start <= at < start + 60]
        assert sum(units for _, units in minute) <= 30
        assert all(sum(u for who, u in minute if who == user) <= 20 for user in ("jane", "max", "ann"))
