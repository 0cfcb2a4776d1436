"""When jobs are begun: soon after a whole second, since that is when calendars come to be due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from calsyncctl.daemon.scheduler import AFTER_SECOND, Every

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_what_is_done_every_second_is_done_just_after_each() -> None:
    every = Every(1.0, at=AFTER_SECOND)
    fired = NOON + timedelta(milliseconds=20)
    for late in (0, 1, 300, 979):
        fired = every.get_next_fire_time(fired, fired + timedelta(milliseconds=late))
        assert fired.microsecond == 20_000
    assert fired == NOON + timedelta(seconds=4, milliseconds=20)


@given(st.floats(1.0, 4000.0), st.floats(0.0, 0.95), st.integers(0, 999_999))
def test_the_next_time_is_always_to_come_and_at_most_a_second_off(every: float, at: float, micro: int) -> None:
    now = NOON.replace(microsecond=micro)
    following = Every(every, at=at).get_next_fire_time(None, now)
    assert now < following
    assert abs((following - now).total_seconds() - every) < 1.001


def test_without_a_place_in_the_second_the_pause_is_kept() -> None:
    now = NOON.replace(microsecond=123_456)
    assert Every(0.25).get_next_fire_time(None, now) == now + timedelta(seconds=0.25)
