"""Hints wait until work has really begun: none is lost to a command that holds the account."""

from __future__ import annotations

from calsyncctl.daemon.crew import Crew
from calsyncctl.daemon.hints import BURST, FIRST_PAUSE, LONGEST_PAUSE, WITHIN, Hints
from calsyncctl.daemon.wishes import Kind, Task
from calsyncctl.model.channel import Channel

OF_TEAM = Channel("c1", 1, 7, "", "", 0, 0)
OF_LIST = Channel("c2", 1, None, "", "", 0, 0)


class Listening(Crew):
    """A crew without threads, that notes what is wished."""

    def __init__(self) -> None:
        super().__init__(lambda task, stop: None)
        self.wished: list[tuple[Kind, int, tuple[int, ...]]] = []

    def want(self, kind: Kind, account_id: int, calendar_ids: object = (), *, again: bool = False) -> None:
        assert isinstance(calendar_ids, list | tuple)
        self.wished.append((kind, account_id, tuple(calendar_ids)))


def wished(hints: Hints, *, flood: bool = False) -> list[tuple[Kind, int, tuple[int, ...]]]:
    crew = Listening()
    hints.wish(crew, flood=flood)
    return crew.wished


def test_a_hint_is_for_its_calendar_or_for_the_list() -> None:
    hints = Hints(lambda: 0.0)
    for one in (OF_TEAM, OF_LIST, OF_TEAM):
        hints.come(one)
    assert wished(hints) == [(Kind.SYNC, 1, (7,)), (Kind.LIST, 1, ())]


def test_it_waits_until_its_own_work_has_begun() -> None:
    hints = Hints(lambda: 0.0)
    hints.come(OF_TEAM)
    for other in (Task(Kind.SYNC, 1, (8,)), Task(Kind.PUSH, 1, (7,)), Task(Kind.LIST, 1, ()), Task(Kind.SYNC, 2, (7,))):
        hints.begun(other)
        assert wished(hints)
    hints.begun(Task(Kind.SYNC, 1, (8, 7)))
    assert wished(hints) == []


def test_what_comes_while_work_goes_on_is_another_hint() -> None:
    hints = Hints(lambda: 0.0)
    hints.come(OF_TEAM)
    hints.begun(Task(Kind.SYNC, 1, (7,)))
    hints.come(OF_TEAM)
    assert wished(hints) == [(Kind.SYNC, 1, (7,))]


def test_a_flood_of_one_calendar_is_followed_once_a_tick_and_holds_up_no_other() -> None:
    now = [0.0]
    hints = Hints(lambda: now[0])
    for _ in range(BURST):
        hints.come(OF_TEAM)
        assert wished(hints)
        hints.begun(Task(Kind.SYNC, 1, (7,)))
    hints.come(OF_TEAM)
    hints.come(OF_LIST)
    assert wished(hints) == [(Kind.LIST, 1, ())]
    assert (Kind.SYNC, 1, (7,)) in wished(hints, flood=True)
    now[0] = WITHIN
    assert (Kind.SYNC, 1, (7,)) in wished(hints)


OF_TEAM_AND_MORE = Task(Kind.SYNC, 1, (8, 7))


def test_a_hint_whose_work_fails_is_followed_again_after_ever_longer_pauses() -> None:
    now = [0.0]
    hints = Hints(lambda: now[0])
    hints.come(OF_TEAM)
    for pause in (FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE, 8 * FIRST_PAUSE, 240, 480, LONGEST_PAUSE, 900):
        hints.begun(OF_TEAM_AND_MORE)
        hints.failed(OF_TEAM_AND_MORE)
        now[0] += pause - 1
        assert wished(hints, flood=True) == []
        now[0] += 1
        assert wished(hints, flood=True) == [(Kind.SYNC, 1, (7,))]


def test_what_google_tells_again_is_followed_at_once_although_it_failed() -> None:
    hints = Hints(lambda: 0.0)
    hints.come_list(1)
    hints.begun(Task(Kind.LIST, 1, ()))
    hints.failed(Task(Kind.LIST, 1, ()))
    assert wished(hints) == []
    hints.come(OF_LIST)
    assert wished(hints) == [(Kind.LIST, 1, ())]


def test_work_that_was_done_or_was_no_hints_gives_nothing_back() -> None:
    hints = Hints(lambda: 0.0)
    hints.come(OF_TEAM)
    for task in (OF_TEAM_AND_MORE, OF_TEAM_AND_MORE, Task(Kind.PUSH, 1, (7,))):
        hints.begun(task)
        hints.done(task)
        hints.failed(task)
    assert wished(hints, flood=True) == []
