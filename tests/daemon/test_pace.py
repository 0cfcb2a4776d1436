"""When calendars are asked: lively ones often, quiet ones seldom, and all so that the day lasts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calsyncctl.daemon.outlook import outlook
from calsyncctl.daemon.pace import LARGEST_STRETCH, demand, interval, longest_wait, next_due, stretch, within_minutes
from calsyncctl.model.quota import Limits, Liveliness, day_of
from calsyncctl.store.due import FARTHEST

NOW = 1_795_176_000
LIMITS = Limits(8_000, 480, 800_000)
QUIET = Liveliness(None)


@pytest.mark.parametrize(
    ("quiet_for", "seconds"), [(0, 15), (60, 15), (120, 15), (800, 100), (2400, 300), (86400, 300)]
)
def test_a_calendar_cools_down_from_fifteen_seconds_to_five_minutes(quiet_for: int, seconds: float) -> None:
    assert interval(NOW, last_change=NOW - quiet_for, channel=False) == seconds


def test_without_a_known_change_it_is_quiet_and_under_a_channel_an_hour_will_do() -> None:
    assert interval(NOW, last_change=None, channel=False) == 300
    assert interval(NOW, last_change=NOW, channel=True) == 3600


def test_a_change_that_is_in_the_future_by_a_wrong_clock_is_one_of_now() -> None:
    assert interval(NOW, last_change=NOW + 9999, channel=False) == 15


def due(random: float = 0.5, factor: float = 1.0, channel: bool = False, **more: int | None) -> int:
    return next_due(NOW, last_change=None, channel=channel, stretch=factor, random=random, **more) - NOW


def test_intervals_vary_by_a_quarter_either_way() -> None:
    assert [due(0.0), due(0.5), due(0.999999)] == [225, 300, 375]


def test_everything_is_stretched_by_the_same_factor_and_nothing_is_shortened() -> None:
    assert due(factor=3.0) == 900
    assert due(factor=0.1) == 300


def test_trouble_is_tried_at_half_the_time_that_it_lasts_up_to_a_quarter_of_an_hour() -> None:
    assert due(troubled_since=NOW - 10) == 300
    assert due(troubled_since=NOW - 1000) == 500
    assert due(troubled_since=NOW - 86400) == 900


def test_jitter_makes_no_trouble_wait_longer_than_a_quarter_of_an_hour() -> None:
    waits = [due(random=one, troubled_since=0) for one in (0.0, 0.99)]
    assert waits == [675, 900]


def test_a_pull_that_fails_is_tried_again_soon_although_a_channel_tells_of_news() -> None:
    assert due(channel=True) == 3600
    assert due(channel=True, troubled_since=NOW - 10) == 300
    assert due(channel=True, troubled_since=NOW - 86400) == 900


def test_trouble_waits_no_longer_where_polls_are_stretched() -> None:
    assert due(factor=LARGEST_STRETCH, troubled_since=NOW - 10) == 900
    assert due(random=0.99, factor=LARGEST_STRETCH, troubled_since=NOW - 86400) == 900


@given(
    factor=st.floats(0, 1e6),
    random=st.floats(0, 1, exclude_max=True),
    channel=st.booleans(),
    troubled_since=st.none() | st.integers(0, NOW + 9999),
    until=st.none() | st.integers(0, 2 * NOW),
)
def test_no_calendar_is_due_so_late_that_it_would_be_taken_for_a_wrong_clocks(
    factor: float, random: float, channel: bool, troubled_since: int | None, until: int | None
) -> None:
    assert 1 <= due(random, factor, channel, troubled_since=troubled_since, until=until) <= FARTHEST


@given(factor=st.floats(0, 1e6), random=st.floats(0, 1, exclude_max=True), channel=st.booleans())
def test_nothing_in_no_trouble_is_planned_beyond_the_longest_wait(factor: float, random: float, channel: bool) -> None:
    assert due(random, factor, channel) <= longest_wait(factor, channel=channel) <= FARTHEST


def test_what_google_asked_to_wait_for_is_waited_for() -> None:
    assert due(until=NOW + 7200) == 7200
    assert due(until=NOW - 5) == 300


def test_a_day_that_lasts_is_not_stretched() -> None:
    starts = day_of(NOW).starts
    assert stretch(0, 800_000, starts, demand(NOW, [QUIET] * 2_300)) == 1.0
    assert stretch(0, 800_000, starts, demand(NOW, [QUIET] * 2_350)) > 1.0


def test_a_day_that_is_spent_is_stretched_as_far_as_it_goes() -> None:
    assert stretch(800_000, 800_000, NOW, 1.0) == LARGEST_STRETCH
    assert stretch(900_000, 800_000, NOW, 1.0) == LARGEST_STRETCH


@given(spent=st.integers(0, 800_000), at=st.integers(0, 86_000), calendars=st.integers(0, 20_000))
def test_stretched_polls_always_fit_into_the_rest_of_the_day(spent: int, at: int, calendars: int) -> None:
    now = day_of(NOW).starts + at
    wanted = demand(now, [QUIET]) * calendars
    factor = stretch(spent, 800_000, now, wanted)

    assert factor >= 1.0
    polls = wanted / factor * (day_of(now).ends - now)
    assert factor == LARGEST_STRETCH or polls <= max(0, 0.9 * 800_000 - spent) + 1


def test_the_minutes_limit_stretches_only_where_very_many_are_lively() -> None:
    assert within_minutes(LIMITS, demand(NOW, [QUIET] * 10_000)) == 1.0
    assert within_minutes(LIMITS, 8_000 / 60) == pytest.approx(1 / (0.93 * 0.9))


def test_the_outlook_says_why_and_what_the_day_will_have_cost() -> None:
    now = day_of(NOW).starts + 12 * 3600
    some = outlook([QUIET] * 100, spent=20_000, otherwise=5_000, limits=LIMITS, now=now, polling=True)
    assert (some.stretch, some.why, some.forecast) == (1.0, "", 20_000 + 5_000 + 14_400)

    many = outlook([QUIET] * 10_000, spent=400_000, otherwise=0, limits=LIMITS, now=now, polling=True)
    assert many.why == "day"
    assert many.stretch == pytest.approx(1_440_000 / (0.93 * 320_000))
    assert many.forecast <= 0.9 * 800_000


def test_without_a_daemon_the_day_goes_on_as_it_went() -> None:
    now = day_of(NOW).starts + 6 * 3600
    cron = outlook([QUIET] * 100, spent=1_000, otherwise=0, limits=LIMITS, now=now, polling=False)
    assert cron.forecast == 4_000
