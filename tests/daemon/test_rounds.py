"""Lists of calendars are read daily, each at its own time, also where nobody tells of changes."""

from __future__ import annotations

from itertools import pairwise
from random import Random

from calsyncctl.daemon.rounds import AT_FIRST, DAILY, Rounds

NOW = 1_795_176_000
HOUR = 3600


def test_every_list_is_read_within_an_hour_of_the_start_and_never_all_at_once() -> None:
    rounds = Rounds(Random(1).random)
    minutes = [rounds.due(range(600), NOW + 60 * minute) for minute in range(AT_FIRST // 60 + 1)]
    assert sorted(one for some in minutes for one in some) == list(range(600))
    assert max(map(len, minutes)) < 30


def test_then_each_is_read_at_least_once_a_day() -> None:
    rounds = Rounds(Random(1).random)
    read: dict[int, list[int]] = {one: [NOW] for one in range(20)}
    for now in range(NOW, NOW + 5 * DAILY, 60):
        for one in rounds.due(range(20), now):
            read[one].append(now)
    pauses = [later - earlier for times in read.values() for earlier, later in pairwise(times)]
    assert max(pauses) <= DAILY + 60
    assert len(pauses) <= 20 * 8


def test_a_clock_that_was_set_back_keeps_no_list_waiting() -> None:
    rounds = Rounds(lambda: 0.5)
    rounds.due([1], NOW)
    assert rounds.due([1], NOW - 10 * DAILY) == [1]


def test_an_account_that_comes_back_has_its_turn_anew() -> None:
    rounds = Rounds(lambda: 0.0)
    rounds.due([1], NOW)
    rounds.due([], NOW + 1)
    assert rounds.due([1], NOW + 2) == []
    assert rounds.due([1], NOW + 3) == [1]
