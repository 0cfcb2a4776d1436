from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calsyncctl.daemon.crew import WAITS, Crew, Stop
from calsyncctl.daemon.wishes import Kind, Task, Wishes

WISH = st.tuples(st.sampled_from(list(Kind)), st.integers(1, 3), st.lists(st.integers(1, 30), min_size=1, max_size=15))


def test_what_people_wrote_comes_first() -> None:
    wishes = Wishes()
    wishes.want(Kind.RECONCILE, 1, [1])
    wishes.want(Kind.SYNC, 2, [2])
    wishes.want(Kind.PUSH, 3, [3])
    assert [task.kind for task in (wishes.take(), wishes.take(), wishes.take()) if task] == [
        Kind.PUSH,
        Kind.SYNC,
        Kind.RECONCILE,
    ]


def test_an_account_is_worked_on_by_one_only() -> None:
    wishes = Wishes()
    wishes.want(Kind.SYNC, 1, [1])
    first = wishes.take()
    wishes.want(Kind.PUSH, 1, [1])
    assert wishes.take() is None
    assert first is not None
    wishes.end(first)
    assert wishes.take() == Task(Kind.PUSH, 1, (1,))


def test_a_kick_during_the_same_work_is_kept_and_a_tick_is_not() -> None:
    wishes = Wishes()
    wishes.want(Kind.SYNC, 1, [1])
    first = wishes.take()
    wishes.want(Kind.SYNC, 1, [1])
    assert first is not None
    wishes.end(first)
    assert wishes.idle

    wishes.want(Kind.SYNC, 1, [1])
    again = wishes.take()
    wishes.want(Kind.SYNC, 1, [1], again=True)
    assert again is not None
    wishes.end(again)
    assert wishes.take() == Task(Kind.SYNC, 1, (1,))


def test_a_large_account_lets_others_come_between() -> None:
    wishes = Wishes()
    wishes.want(Kind.SYNC, 1, range(25))
    wishes.want(Kind.SYNC, 2, [100])
    order = []
    while (task := wishes.take()) is not None:
        order.append(task.account_id)
        wishes.end(task)
    assert order == [1, 2, 1, 1]


@pytest.mark.parametrize("workers", [1, 2, 3, 4])
def test_writes_without_an_end_leave_every_other_kind_of_work_its_turn(workers: int) -> None:
    wishes, doing, done = Wishes(), list[Task](), set[tuple[Kind, int]]()
    others = {(kind, account) for kind in Kind if kind is not Kind.PUSH for account in (1, 2, 3, 4)}
    for kind, account in others:
        wishes.want(kind, account, [account])
    for _ in range(400):
        for account in (1, 2, 3, 4):
            wishes.want(Kind.PUSH, account, [account], again=True)
        while len(doing) < workers and (task := wishes.take()) is not None:
            doing.append(task)
            done.add((task.kind, task.account_id))
        wishes.end(doing.pop(0))
    assert done >= others


@given(st.lists(WISH, max_size=30))
def test_everything_wished_is_done_once_and_never_two_things_of_one_account_at_a_time(
    wished: list[tuple[Kind, int, list[int]]],
) -> None:
    wishes, doing, done = Wishes(), list[Task](), set[tuple[Kind, int, int]]()
    for kind, account, calendars in wished:
        wishes.want(kind, account, calendars)
    while (task := wishes.take()) is not None or doing:
        if task is None:
            wishes.end(doing.pop(0))
            continue
        assert task.account_id not in {one.account_id for one in doing}
        fresh = {(task.kind, task.account_id, one) for one in task.calendar_ids}
        assert not fresh & done
        done |= fresh
        doing.append(task)
    assert done == {(kind, account, one) for kind, account, calendars in wished for one in calendars}
    assert wishes.idle


@pytest.mark.parametrize("bug", [ZeroDivisionError, SystemExit])
def test_a_bug_in_one_piece_of_work_does_not_stop_the_next(bug: type[BaseException]) -> None:
    done: list[int] = []

    def work(task: Task, stop: threading.Event) -> None:
        if task.account_id == 1:
            raise bug
        done.append(task.account_id)

    crew = Crew(work)
    crew.resize(1)
    for account in (1, 2):
        crew.want(Kind.SYNC, account, [account])
    assert crew.wait_idle(10)
    assert done == [2]
    crew.stop()


def test_stopping_asks_what_goes_on_to_end_and_begins_nothing_more() -> None:
    begun, asked = threading.Event(), threading.Event()

    def work(task: Task, stop: threading.Event) -> None:
        begun.set()
        if stop.wait(10):
            asked.set()

    crew = Crew(work)
    crew.resize(1)
    crew.want(Kind.SYNC, 1, [1])
    crew.want(Kind.SYNC, 2, [2])
    assert begun.wait(10)
    crew.stop()
    assert crew.wait_idle(10)
    assert asked.is_set()
    crew.want(Kind.SYNC, 3, [3])
    assert crew.idle


@pytest.mark.parametrize(
    ("kind", "account", "lasts", "makes_way"),
    [
        (Kind.SYNC, 1, WAITS, True),
        (Kind.SYNC, 1, 0.0, False),
        (Kind.SYNC, 2, WAITS, False),
        (Kind.RECONCILE, 1, WAITS, False),  # it could not go on where it stopped
    ],
)
def test_a_sync_that_lasts_makes_way_for_what_people_write_on_its_account(
    kind: Kind, account: int, lasts: float, makes_way: bool
) -> None:
    begun, over, found = threading.Event(), threading.Event(), list[tuple[bool, bool]]()

    def work(task: Task, stop: Stop) -> None:
        if task.kind is kind:
            stop.begun -= lasts
            begun.set()
            over.wait(10)
            found.append((stop.is_set(), stop.makes_way))

    crew = Crew(work)
    crew.resize(1)
    crew.want(kind, account, [1])
    assert begun.wait(10)
    crew.want(Kind.PUSH, 1, [2])
    over.set()
    assert crew.wait_idle(10)
    assert found == [(makes_way, makes_way)]
    crew.stop()


def test_what_is_called_off_makes_way_for_nothing() -> None:
    begun, found = threading.Event(), list[bool]()

    def work(task: Task, stop: Stop) -> None:
        stop.begun -= WAITS
        begun.set()
        stop.wait(10)
        crew.stop()
        found.append(stop.makes_way)

    crew = Crew(work)
    crew.resize(1)
    crew.want(Kind.SYNC, 1, [1])
    assert begun.wait(10)
    crew.want(Kind.PUSH, 1, [2])
    assert crew.wait_idle(10)
    assert found == [False]


def test_a_crew_grows_and_shrinks() -> None:
    together = threading.Barrier(3)

    def meet(task: Task, stop: threading.Event) -> None:
        together.wait(10)

    crew = Crew(meet)
    crew.resize(3)
    for account in (1, 2, 3):
        crew.want(Kind.SYNC, account, [1])
    assert crew.wait_idle(10)
    crew.resize(1)
    crew.want(Kind.REFRESH, 9)
    crew.stop()
    together.abort()
    assert crew.wait_idle(10)
